"""Days and years as policy §7 counts them, against loops so naive that they cannot be wrong."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.domain.periods import add_months, add_years, full_years, last_fiscal_year, last_valid_day

DAYS = st.dates(date(1990, 1, 1), date(2040, 12, 31))
QUIET = settings(derandomize=True, deadline=None, database=None, max_examples=400)
ONE = timedelta(1)


def same_day(day: date, years: int) -> date:
    """Go back from the end of the month until the day exists."""
    for number in range(day.day, 0, -1):
        try:
            return date(day.year + years, day.month, number)
        except ValueError:
            continue
    raise AssertionError


@QUIET
@given(DAYS, st.integers(-20, 20))
def test_years_are_added_on_the_calendar(day: date, years: int) -> None:
    assert add_years(day, years) == same_day(day, years)


@pytest.mark.parametrize(
    ("day", "years", "expected"),
    [
        (date(2024, 2, 29), -3, date(2021, 2, 28)),
        (date(2024, 2, 29), -4, date(2020, 2, 29)),
        (date(2024, 2, 29), 0, date(2024, 2, 29)),
        (date(2021, 2, 28), 3, date(2024, 2, 28)),
        (date(2024, 12, 31), -3, date(2021, 12, 31)),
    ],
)
def test_three_years_before_29_february_is_28_february(day: date, years: int, expected: date) -> None:
    assert add_years(day, years) == expected


@pytest.mark.parametrize("years", [-2024, 7976, -(10**9), 10**9, -(10**12), 10**12])
def test_years_beyond_the_calendar_are_an_error(years: int) -> None:
    with pytest.raises(ValueError, match="out of range"):
        add_years(date(2024, 2, 29), years)


def test_the_first_and_the_last_year_of_the_calendar_are_reached() -> None:
    assert add_years(date(2024, 12, 31), -2023) == date(1, 12, 31)
    assert add_years(date(2024, 2, 29), 7975) == date(9999, 2, 28)


@QUIET
@given(DAYS, st.integers(-60, 60))
def test_months_are_added_on_the_calendar(day: date, months: int) -> None:
    year, month = day.year, day.month
    for _ in range(abs(months)):
        month += 1 if months > 0 else -1
        if month in (0, 13):
            year, month = (year - 1, 12) if month == 0 else (year + 1, 1)
    last = (date(year + month // 12, month % 12 + 1, 1) - ONE).day

    assert add_months(day, months) == date(year, month, min(day.day, last))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2025, 11, 30), 3, date(2026, 2, 28)),
        (date(2023, 11, 29), 3, date(2024, 2, 29)),
        (date(2025, 10, 31), 2, date(2025, 12, 31)),
        (date(2025, 10, 31), 3, date(2026, 1, 31)),
        (date(2025, 1, 31), -1, date(2024, 12, 31)),
        (date(2024, 5, 31), 0, date(2024, 5, 31)),
    ],
)
def test_a_month_without_such_a_day_gives_its_last(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@QUIET
@given(DAYS, st.integers(1990, 2040))
def test_full_years_count_the_last_day_of_the_fiscal_year(since: date, fiscal_year: int) -> None:
    count, after = 0, date(fiscal_year + 1, 1, 1)
    while True:
        anniversary = (
            date(since.year + count + 1, since.month, 28) if is_leap_day(since) else same_day(since, count + 1)
        )
        if anniversary > after:
            break
        count += 1

    assert full_years(since, fiscal_year) == count


def is_leap_day(day: date) -> bool:
    return (day.month, day.day) == (2, 29)


@pytest.mark.parametrize(
    ("since", "fiscal_year", "expected"),
    [
        (date(2021, 1, 1), 2023, 3),
        (date(2021, 1, 2), 2023, 2),
        (date(2020, 12, 31), 2023, 3),
        (date(2023, 1, 1), 2023, 1),
        (date(2024, 1, 1), 2023, 0),
        (date(2030, 5, 1), 2023, 0),
        (date.min, 2023, 2023),
    ],
)
def test_the_example_of_the_policy_is_three_years(since: date, fiscal_year: int, expected: int) -> None:
    assert full_years(since, fiscal_year) == expected


@pytest.mark.parametrize(
    ("recognised", "last"),
    [
        (date(2023, 3, 20), date(2026, 3, 19)),
        (date(2023, 1, 1), date(2025, 12, 31)),
        (date(2024, 2, 29), date(2027, 2, 27)),
        (date(2021, 3, 1), date(2024, 2, 29)),
    ],
)
def test_a_title_lasts_three_years_less_a_day(recognised: date, last: date) -> None:
    assert last_valid_day(recognised) == last


def test_the_last_fiscal_year_is_the_one_before_the_day() -> None:
    assert last_fiscal_year(date(2024, 1, 1)) == 2023
    assert last_fiscal_year(date(2024, 12, 31)) == 2023
