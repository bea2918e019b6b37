"""The yearly update as data: by which day of a year it is due, and how many missed ones have what consequence.

Loads `updates.toml` (policy §8); knows no firm.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from registry.domain.errors import RuleError
from registry.domain.facts import FIRST_YEAR, LAST_YEAR
from registry.policy.files import read_file

FILE = "updates"


@dataclass(frozen=True, slots=True)
class Duty:
    """The duty of one year.

    Attributes:
        due_on: last day on which the update is in time.
        barred_after: so many missed under this rule bar from re-review.
        cancelled_after: so many missed within one validity cancel the title; None: none do.
        rule: from when on the rule is in force, which tells one from another.
    """

    due_on: date
    barred_after: int
    cancelled_after: int | None
    source: str
    source_en: str
    rule: date


@cache
def duty_of(year: int) -> Duty | None:
    """Return the duty of a year; None before any rule asked for an update.

    Raises:
        RuleError: the file is ill-formed.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        # A rule that comes into force during a year holds in it if its own last day is still to come.
        held = [row for row in read_file(FILE)["duty"] if row["from"] <= date(year, row["month"], row["day"])]
        return _duty(max(held, key=lambda row: row["from"]), year) if held else None
    except (KeyError, TypeError, ValueError) as error:
        raise RuleError(f"ill-formed: {error!r}", file=f"{FILE}.toml") from None


def first_asked() -> int:
    """Return the first year whose update is filed here."""
    return int(read_file(FILE)["here"]["first_asked"])


def reminder_days() -> tuple[int, ...]:
    """Return how many days before the last one a firm is reminded, the longest first."""
    return tuple(sorted(read_file(FILE)["here"]["reminders"], reverse=True))


def _duty(row: Mapping[str, Any], year: int) -> Duty:
    return Duty(
        due_on=date(year, row["month"], row["day"]),
        barred_after=row["barred_after"],
        cancelled_after=row.get("cancelled_after"),
        source=row["source"],
        source_en=row["source_en"],
        rule=row["from"],
    )
