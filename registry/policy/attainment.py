"""Judges a value by its goal: met or not, how far off, and where the year is heading. Pure and exact; reads nothing.

An unknown value is neither met nor missed: every answer about it is None.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil

from registry.policy.target_rows import UNITS, WHOLE_UNITS, Target

Exact = int | Decimal | Fraction
# Decimal places in which a value is shown, and the most that are taken so as not to print it onto a line it misses.
PLACES, _MOST_PLACES = 4, 40

METHODS = {
    "linear": (
        "按日线性推算：当年累计 × 全年天数 ÷ 已过天数（含截至当日），舍去小数",
        "linear by days: value × days of the year ÷ days elapsed (the as-of day included), rounded down",
    ),
    "held": ("存量：按截至日现数不变", "a stock: the number held on the day, unchanged"),
}


@dataclass(frozen=True, slots=True)
class Projection:
    """Where a counted row would stand at the end of the year.

    Attributes:
        method: `linear` or `held`; METHODS says it in words.
        met: whether the goal would be met by it.
    """

    value: int
    method: str
    met: bool | None


def judge_target(target: Target, value: Exact | None) -> bool | None:
    """Say whether a value meets its goal; None when it is unknown or the row has no goal.

    `>=` includes the line, `>` does not, `about` is met within ±`target.within` percentage points, both ends included.
    """
    if value is None or target.goal is None:
        return None
    exact, goal = Fraction(value), Fraction(target.goal)
    if target.comparator == ">=":
        return exact >= goal
    if target.comparator == ">":
        return exact > goal
    return abs(exact - goal) <= Fraction(target.within)


def side_of(target: Target, value: Exact | None) -> str | None:
    """Say on which side of its goal a value lies that does not meet it: `below` or `above`; None when it is met."""
    if value is None or target.goal is None or judge_target(target, value):
        return None
    return "above" if Fraction(value) > Fraction(target.goal) else "below"


def gap_of(target: Target, value: Exact | None) -> Fraction | None:
    """Return how far a value is from meeting its goal, in the unit of the row: 0 once it is met, never negative.

    Of an `about`, the distance to the nearer edge of its range. Of a `>` that is counted, up to the first whole
    number past the line; of a `>` of a rate up to the line, so that exactly on it the gap is 0 and the goal not met.
    """
    if value is None or target.goal is None:
        return None
    if judge_target(target, value):
        return Fraction(0)
    exact, goal = Fraction(value), Fraction(target.goal)
    if target.comparator == "about":
        return abs(exact - goal) - Fraction(target.within)
    return goal - exact + (1 if target.comparator == ">" and target.unit in WHOLE_UNITS else 0)


def project(value: Exact, as_of: date, year: int) -> int:
    """Return a count since 1 January carried on to 31 December, linear by days elapsed, rounded down.

    Args:
        value: counted up to the close of `as_of`, a day of the year; the day itself has elapsed.

    Raises:
        ValueError: the day is not one of the year.
    """
    if as_of.year != year:
        raise ValueError(f"{as_of} is no day of {year}")
    first = date(year, 1, 1)
    days = (date(year, 12, 31) - first).days + 1
    elapsed = (as_of - first).days + 1
    return Fraction(value) * days // elapsed


def year_end(target: Target, value: Exact | None, as_of: date | None, year: int) -> Projection | None:
    """Return where a row would stand at the end of the year; None for rates and for what is unknown."""
    if value is None or as_of is None or as_of.year != year or target.year_end not in METHODS:
        return None
    found = project(value, as_of, year) if target.year_end == "linear" else int(value)
    return Projection(found, target.year_end, judge_target(target, found))


def shown(target: Target, value: Exact) -> Decimal:
    """Return a value to be printed: rounded to four places, or to as many more as keep it on its side of every line."""
    exact = Fraction(value)
    lines = [Fraction(0)]
    if target.goal is not None:
        goal, within = Fraction(target.goal), Fraction(target.within)
        lines += [goal, goal - within, goal + within] if target.comparator == "about" else [goal]
    for places in range(PLACES, _MOST_PLACES):
        rounded = round(exact * 10**places)
        if all(_sign(Fraction(rounded, 10**places) - line) == _sign(exact - line) for line in lines):
            break
    return plain(Decimal(rounded).scaleb(-places))


def shown_gap(gap: Fraction) -> Decimal:
    """Return a gap to be printed: rounded up to four places, so that it is never understated."""
    return plain(Decimal(ceil(gap * 10**PLACES)).scaleb(-PLACES))


def plain(number: Decimal) -> Decimal:
    """Return a number without trailing zeros and without an exponent."""
    return Decimal(format(number, "f").rstrip("0").rstrip(".")) if "." in format(number, "f") else number


def goal_in_words(target: Target, lang: str = "zh") -> str:
    """Return what a row asks for: `≥ 300 家`, `6.5% 左右（6%–7%，含）`; a dash where it asks for nothing."""
    if target.goal is None:
        return "—"
    word = UNITS[target.unit][lang == "en"]
    unit = word if word == "%" else f" {word}"
    if target.comparator != "about":
        return f"{'≥' if target.comparator == '>=' else '>'} {plain(target.goal)}{unit}"
    low, high = plain(target.goal - target.within), plain(target.goal + target.within)
    if lang == "en":
        return f"about {plain(target.goal)}{unit} ({low}{unit} to {high}{unit}, both included)"
    return f"{plain(target.goal)}{unit} 左右（{low}{unit}–{high}{unit}，含）"


def _sign(number: Fraction) -> int:
    return (number > 0) - (number < 0)
