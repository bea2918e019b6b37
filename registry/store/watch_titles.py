"""Questions behind the watch-lists of titles: which are about to end, whose holder owes the figures of a year.

As in `registry.store.watch`: as at a day, of what is known now, ordered along the codes, paged by the last line of the
page before. Judges nothing. Costs are for a register of a million firms.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from registry.domain.codes import LADDER
from registry.domain.facts import YEAR_FACTS
from registry.domain.standing import ANY_TITLE, ENDING
from registry.store.books import as_known, stands, tiers_of
from registry.store.firms import Firm, YearlyFigures
from registry.store.remembered import until_the_books_change
from registry.store.standing import StandingChange, StandingSpan
from registry.store.watch import placed

_FIGURES = YearlyFigures.__table__
_RANK = {tier: place for place, tier in enumerate(LADDER)}
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TitleLine:
    """A title about to expire."""

    uscc: str
    name: str
    tier: str
    valid_until: date
    district: str | None


@dataclass(frozen=True, slots=True)
class HolderLine:
    """A holder of titles, from the lowest rung up."""

    uscc: str
    name: str
    tiers: tuple[str, ...]
    district: str | None


def expiring_lines(
    session: Session,
    on: date,
    days: int,
    tiers: Collection[str],
    district: str | None,
    after: tuple[str, str] | None,
    limit: int,
) -> list[TitleLine]:
    """Return a page of the titles that end within some days, along the codes and then up the ladder.

    The expiries of the days are read from their index and put in order, a look-up a title.

    Args:
        after: code and tier of the last line of the page before.
    """
    columns: Any = (Firm.uscc, Firm.name, StandingChange.tier, StandingChange.day)
    found = placed(_expiring(select(*columns), on, days, tiers), on, district, shown=True)
    rank = _rank(StandingChange.tier)
    if after is not None:
        code, tier = after
        same_firm = and_(Firm.uscc == code, rank > _RANK.get(tier, len(LADDER)))
        found = found.where(or_(Firm.uscc > code, same_firm))
    rows = session.execute(found.order_by(Firm.uscc, rank).limit(limit))
    return [TitleLine(code, name, tier, day - ONE_DAY, place) for code, name, tier, day, place in rows]


@until_the_books_change
def expiring_count(session: Session, on: date, days: int, tiers: tuple[str, ...], district: str | None) -> int:
    """Count the titles that end within some days. One pass over the expiries of these days."""
    found = _expiring(select(func.count()), on, days, tiers)
    return session.scalar(placed(found, on, district, shown=False)) or 0


def _expiring(found: Select[Any], on: date, days: int, tiers: Collection[str]) -> Select[Any]:
    """Ask for titles held on the day whose next end is an expiry of these days; a renewed one ends later."""
    held, earlier = aliased(StandingSpan), aliased(StandingChange)
    # A title has expired the day after its last valid one; the calendar ends, too.
    last = date.fromordinal(min(on.toordinal() + days + 1, date.max.toordinal()))
    of_same = (held.firm_id == StandingChange.firm_id, held.tier == StandingChange.tier)
    ended_before = exists().where(
        earlier.firm_id == StandingChange.firm_id,
        earlier.tier == StandingChange.tier,
        earlier.kind.in_([kind for kind in ENDING if kind != "moved_out"]),
        earlier.day > on,
        earlier.day < StandingChange.day,
        earlier.superseded_at.is_(None),
    )
    return (
        found.select_from(StandingChange)
        .join(Firm, Firm.id == StandingChange.firm_id)
        .where(
            StandingChange.tier.in_(tuple(tiers)),
            StandingChange.kind == "expired",
            StandingChange.day > on,
            StandingChange.day <= last,
            as_known(StandingChange, None),
            exists().where(*of_same, held.starts_on <= on, held.ends_on > on, held.superseded_at.is_(None)),
            ~ended_before,
        )
    )


def overdue_lines(
    session: Session,
    on: date,
    due_on: date,
    tier: str | None,
    district: str | None,
    after: str | None,
    limit: int,
) -> list[HolderLine]:
    """Return a page of the holders without any figure of the fiscal year before the day. Two queries a page."""
    columns: Any = (Firm.id, Firm.uscc, Firm.name)
    found = placed(_overdue(select(*columns), on, due_on, tier), on, district, shown=True)
    if after:
        found = found.where(Firm.uscc > after)
    rows = session.execute(found.order_by(Firm.uscc).limit(limit)).all()
    held = tiers_of(session, [row[0] for row in rows], on)
    return [
        HolderLine(code, name, tuple(tier for tier in LADDER if tier in held.get(number, ())), place)
        for number, code, name, place in rows
    ]


@until_the_books_change
def overdue_count(session: Session, on: date, due_on: date, tier: str | None, district: str | None) -> int:
    """Count the holders without any figure of the fiscal year before the day. One pass over the holders."""
    found = _overdue(select(func.count()), on, due_on, tier)
    return session.scalar(placed(found, on, district, shown=False)) or 0


def _overdue(found: Select[Any], on: date, due_on: date, tier: str | None) -> Select[Any]:
    then = aliased(StandingSpan)
    wanted = tier or ANY_TITLE
    stated = or_(*(_FIGURES.c[key].is_not(None) for key in YEAR_FACTS))
    return (
        found.select_from(StandingSpan)
        .join(Firm, Firm.id == StandingSpan.firm_id)
        .where(
            StandingSpan.tier == wanted,
            stands(on),
            as_known(StandingSpan, None),
            exists().where(
                then.firm_id == StandingSpan.firm_id,
                then.tier == wanted,
                then.starts_on <= due_on,
                then.ends_on > due_on,
                then.superseded_at.is_(None),
            ),
            ~exists().where(_FIGURES.c.firm_id == StandingSpan.firm_id, _FIGURES.c.year == due_on.year - 1, stated),
        )
    )


def titles_on(session: Session, on: date) -> list[tuple[str, str]]:
    """Return code and tier of every title held on a day, up the ladder a firm. One pass over the spans.

    In the order in which the firms lie, so that those looked up together lie together.
    """
    query = (
        select(Firm.uscc, StandingSpan.tier)
        .join(Firm, Firm.id == StandingSpan.firm_id)
        .where(StandingSpan.tier.in_(LADDER), stands(on), as_known(StandingSpan, None))
        .order_by(Firm.id, _rank(StandingSpan.tier))
    )
    return [(code, tier) for code, tier in session.execute(query)]


def _rank(tier: Any) -> ColumnElement[int]:
    return case(_RANK, value=tier)
