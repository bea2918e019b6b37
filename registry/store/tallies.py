"""Counts from the sums kept by day: as many rows for any number of firms. Only of what is known now.

What they mean is told in `books`; a test holds them to the spans and changes they are sums of.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import extract, func, select
from sqlalchemy.orm import Session

from registry.domain.standing import EFFECTS
from registry.store.books import DISTRICT, Key, Question
from registry.store.standing import STANDS, Tally

# What tells of an act; an expiry comes by itself, and a move with a row that also tells of something else.
_ACTS = ("new", "renewed", "reinstated", "exited", "revoked")


@dataclass(frozen=True, slots=True)
class Sum:
    """How many changes of a kind a year brought a tier in a district; the district is None where it is unknown."""

    tier: str
    kind: str
    district: Key
    year: int
    count: int

    @property
    def effect(self) -> int:
        """Return what they did to the stock."""
        return EFFECTS[self.kind] * self.count


def sums_by_year(session: Session, until: date) -> list[Sum]:
    """Return what every year brought up to a day. One pass over the tallies."""
    year = extract("year", Tally.day)
    query = (
        select(Tally.tier, Tally.kind, Tally.district, year, func.sum(Tally.count))
        .where(Tally.day <= until)
        .group_by(Tally.tier, Tally.kind, Tally.district, year)
        .order_by(year, Tally.tier, Tally.kind, Tally.district)
    )
    return [
        Sum(tier, kind, district or None, int(when), int(count))
        for tier, kind, district, when, count in session.execute(query)
    ]


def changed(
    session: Session, tier: str, kinds: Iterable[str], first: date, last: date, district: str | None = None
) -> int:
    """Count the changes of some kinds in a tier from one day to another, both included."""
    query = select(func.sum(Tally.count)).where(
        Tally.tier == tier, Tally.kind.in_(tuple(kinds)), Tally.day.between(first, last)
    )
    if district is not None:
        query = query.where(Tally.district == district)
    return int(session.scalar(query) or 0)


def changed_by_month(
    session: Session, tier: str, kind: str, first: date, last: date, district: str | None = None
) -> dict[tuple[int, int], int]:
    """Count the changes of a kind in a tier by year and month, from one day to another, both included."""
    year, month = extract("year", Tally.day), extract("month", Tally.day)
    query = (
        select(year, month, func.sum(Tally.count))
        .where(Tally.tier == tier, Tally.kind == kind, Tally.day.between(first, last))
        .group_by(year, month)
        .order_by(year, month)
    )
    if district is not None:
        query = query.where(Tally.district == district)
    return {(int(of_year), int(of_month)): int(count) for of_year, of_month, count in session.execute(query)}


def tallied(
    session: Session, question: Question
) -> tuple[dict[tuple[str, tuple[Key, ...]], int], dict[tuple[str, tuple[Key, ...]], dict[str, int]]]:
    """Return the stock at the start and the changes after it, broken down by district or by nothing."""
    is_before = Tally.day <= question.start
    by = [Tally.district] if DISTRICT in question.by else []
    query = (
        select(Tally.tier, *by, Tally.kind, is_before, func.sum(Tally.count))
        .where(Tally.day <= question.as_of)
        .group_by(Tally.tier, *by, Tally.kind, is_before)
    )
    start: dict[tuple[str, tuple[Key, ...]], int] = {}
    during: dict[tuple[str, tuple[Key, ...]], dict[str, int]] = {}
    for tier, *keys, kind, before, count in session.execute(query):
        cell = tier, tuple(key or None for key in keys)
        if before:
            start[cell] = start.get(cell, 0) + EFFECTS[kind] * int(count)
        else:
            during.setdefault(cell, {})[kind] = int(count)
    return start, during


def latest_day(session: Session, today: date) -> date:
    """Return the day to look at unless asked otherwise: today, or the end of the last year that the books speak of.

    Books that end with a year say nothing of the next one: its titles would seem to expire and nothing to follow.
    """
    spoken = session.scalar(select(func.max(Tally.day)).where(Tally.kind.in_(_ACTS), Tally.day <= today))
    return today if spoken is None or spoken.year >= today.year else date(spoken.year, 12, 31)


def totals_of(sums: Iterable[Sum]) -> Mapping[str, int]:
    """Return the stock that sums of changes make, by tier."""
    found = dict.fromkeys(STANDS, 0)
    for one in sums:
        found[one.tier] += one.effect
    return found
