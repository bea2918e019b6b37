"""Days and years as the rules count them. No clock: the day is always an argument."""

import calendar
from datetime import date, timedelta

# Stands for the word "none" of a date fact: a thing that never happened is dated before everything else.
NEVER = date.min


def add_years(day: date, years: int) -> date:
    """Return the same calendar day some years away; 29 February becomes 28 February.

    Raises:
        ValueError: the year leaves 1–9999.
    """
    year = day.year + years
    last = calendar.monthrange(year, day.month)[1] if 1 <= year <= 9999 else 0
    if not last:
        raise ValueError(f"year {year} is out of range")
    return day.replace(year=year, day=min(day.day, last))


def add_months(day: date, months: int) -> date:
    """Return the same calendar day some months away; where the month has no such day, its last one.

    Raises:
        ValueError: the year leaves 1–9999.
    """
    years, month = divmod(day.month - 1 + months, 12)
    first = add_years(day.replace(day=1), years).replace(month=month + 1)
    return first.replace(day=min(day.day, calendar.monthrange(first.year, first.month)[1]))


def last_fiscal_year(on: date) -> int:
    """Return the last full fiscal year before a day (近1年)."""
    return on.year - 1


def full_years(since: date, fiscal_year: int) -> int:
    """Count the full years from a day to the end of a fiscal year, whose last day counts.

    From 2021-01-01 to 2023-12-31 are three years. A day after the fiscal year gives 0.
    """
    started_late = (since.month, since.day) != (1, 1)
    return max(0, fiscal_year + 1 - since.year - started_late)


def last_valid_day(recognised_on: date, years: int = 3) -> date:
    """Return the last day of a title: the same calendar day `years` later, minus one.

    A title of 29 February runs to 27 February (28 February of the third year, minus one).
    """
    return add_years(recognised_on, years) - timedelta(days=1)
