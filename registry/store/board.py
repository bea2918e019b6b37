"""The questions of the front page and of the list: how far the city has come on a day, by year and by district.

Counts mean what they mean in `queries`; here they are asked for many years or districts in one pass.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, exists, extract, func, select
from sqlalchemy.orm import Session, aliased

from registry.domain.codes import DISTRICTS, LADDER
from registry.store.firms import Firm
from registry.store.queries import (
    FirmLine,
    FirmsPage,
    above_scale_count,
    firms_page,
    ladder_counts,
    ladder_counts_by_district,
    stay_in_force,
    title_in_force,
)
from registry.store.statements import ScaleStay, Title

# The two headline targets of 青办发〔2024〕3号: so many new ones in the year; strictly more than so many in all.
NEW_SPECIALIZED_AT_LEAST = 300
ABOVE_SCALE_MORE_THAN = 5000
# Besides the tiers: whoever holds a title of the ladder, whichever.
ANY_TITLE = "any"
_YEARS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Progress:
    """A value beside its goal.

    Attributes:
        gap: how many more are needed; 0 once it is met.
    """

    value: int
    goal: int
    is_met: bool
    gap: int

    @property
    def surplus(self) -> int:
        """Return by how much the goal is passed."""
        return max(0, self.value - self.goal)


@dataclass(frozen=True, slots=True)
class DistrictLine:
    """A district's firms on a day; `district` is None where it is unknown, and in the city's total."""

    district: str | None
    counts: Mapping[str, int]
    holders: int
    new_specialized: int
    above_scale: int


@dataclass(frozen=True, slots=True)
class YearLine:
    """A year so far as the day reaches, its stock as at its last day (or the day, in the running year)."""

    year: int
    as_at: date
    new_specialized: Progress
    above_scale: Progress
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Board:
    """The front page on a day."""

    on: date
    total: DistrictLine
    districts: tuple[DistrictLine, ...]
    years: tuple[YearLine, ...]

    @property
    def year(self) -> YearLine:
        """Return the year of the day."""
        return self.years[-1]


def board(session: Session, on: date) -> Board:
    """Return the city on a day: by district, and by year up to it. Asks as many questions of any size of books."""
    by_tier = ladder_counts_by_district(session, on)
    holders = _by_district(session, select(Firm.district, func.count(Title.firm_id.distinct())), title_in_force(on))
    above = _stays_by_district(session, on)
    new = _new_by_district(session, on)
    # Every district has its row, also one with nothing in it; firms without one come last.
    codes: list[str | None] = [
        *DISTRICTS,
        *sorted(code for code in {*by_tier, *above} if code and code not in DISTRICTS),
    ]
    if None in by_tier or None in above:
        codes.append(None)
    nothing = dict.fromkeys(LADDER, 0)
    lines = tuple(
        DistrictLine(code, by_tier.get(code, nothing), holders.get(code, 0), new.get(code, 0), above.get(code, 0))
        for code in codes
    )
    # A firm stands in one district, so districts add up to the city.
    total = DistrictLine(
        None,
        {tier: sum(line.counts[tier] for line in lines) for tier in LADDER},
        sum(holders.values()),
        sum(new.values()),
        sum(above.values()),
    )
    return Board(on, total, lines, _years(session, on))


def latest_day(session: Session, today: date) -> date:
    """Return the day to look at unless asked otherwise: today, or the end of the last year that the books speak of.

    Books that end with a year say nothing of the next one: its titles would seem to expire and nothing to follow.
    """
    spoken = [
        session.scalar(select(func.max(column)))
        for column in (Title.recognised_on, ScaleStay.entered_on, ScaleStay.exited_on)
    ]
    years = [day.year for day in spoken if day is not None and day <= today]
    return today if not years or max(years) >= today.year else date(max(years), 12, 31)


def firms_listed(
    session: Session,
    *,
    on: date,
    tier: str | None = None,
    year: int | None = None,
    district: str | None = None,
    query: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> FirmsPage:
    """Return a page of a list behind a number of the board; for the rest see `firms_page`.

    Args:
        tier: a tier as at the day, or ANY_TITLE for the firms that `distinct_title_holders` counts.
        year: with a tier of the ladder, the firms that `new_recognitions` counts in it up to the day.
    """
    only: ColumnElement[bool] | None = None
    if tier == ANY_TITLE:
        only = exists().where(Title.firm_id == Firm.id, title_in_force(on))
    elif tier and year:
        last = min(on, date(year, 12, 31))
        only = exists().where(
            Title.firm_id == Firm.id, _is_first(tier), Title.recognised_on.between(date(year, 1, 1), last)
        )
    return firms_page(
        session,
        after=after,
        district=district,
        tier=tier if only is None else None,
        query=query,
        on=on,
        only=only,
        limit=limit,
    )


def standings(session: Session, firms: Sequence[FirmLine], on: date) -> dict[int, tuple[str, ...]]:
    """Return the tiers that firms of a page are in on a day, in the order of the ladder, then above scale."""
    ids = [firm.id for firm in firms]
    titles = select(Title.firm_id, Title.tier).where(Title.firm_id.in_(ids), title_in_force(on)).distinct()
    stays = select(ScaleStay.firm_id).where(ScaleStay.firm_id.in_(ids), stay_in_force(on)).distinct()
    held: dict[int, set[str]] = {}
    for firm_id, tier in session.execute(titles.order_by(Title.firm_id, Title.tier)):
        held.setdefault(firm_id, set()).add(tier)
    for firm_id in session.scalars(stays.order_by(ScaleStay.firm_id)):
        held.setdefault(firm_id, set()).add("above_scale")
    order = (*LADDER, "above_scale")
    return {firm_id: tuple(tier for tier in order if tier in tiers) for firm_id, tiers in held.items()}


def _is_first(tier: str) -> ColumnElement[bool]:
    """Return the condition that a title is its firm's first recognition in a tier (see `new_recognitions`)."""
    earlier = aliased(Title)
    return and_(
        Title.superseded_at.is_(None),
        Title.tier == tier,
        Title.kind == "new",
        ~exists().where(
            earlier.firm_id == Title.firm_id,
            earlier.tier == Title.tier,
            earlier.recognised_on < Title.recognised_on,
            earlier.superseded_at.is_(None),
        ),
    )


def _new_by_district(session: Session, on: date) -> dict[str | None, int]:
    first_day = date(on.year, 1, 1)
    return _by_district(
        session,
        select(Firm.district, func.count()),
        and_(_is_first("specialized"), Title.recognised_on.between(first_day, on)),
    )


def _by_district(
    session: Session, counted: Select[str | None, int], condition: ColumnElement[bool]
) -> dict[str | None, int]:
    query = counted.select_from(Title).join(Firm, Firm.id == Title.firm_id).where(condition).group_by(Firm.district)
    return {district: count for district, count in session.execute(query.order_by(Firm.district))}


def _stays_by_district(session: Session, on: date) -> dict[str | None, int]:
    query = (
        select(Firm.district, func.count(ScaleStay.firm_id.distinct()))
        .join(Firm, Firm.id == ScaleStay.firm_id)
        .where(stay_in_force(on))
        .group_by(Firm.district)
        .order_by(Firm.district)
    )
    return {district: count for district, count in session.execute(query)}


def _years(session: Session, on: date) -> tuple[YearLine, ...]:
    """Return the years that the books speak of, the latest few up to a day."""
    year_of = extract("year", Title.recognised_on)
    new = {
        int(year): count
        for year, count in session.execute(
            select(year_of, func.count())
            .where(_is_first("specialized"), Title.recognised_on <= on)
            .group_by(year_of)
            .order_by(year_of)
        )
    }
    first = max(min([on.year, *new]), on.year - _YEARS_SHOWN + 1)
    days = [date(year, 12, 31) for year in range(first, on.year)] + [on]
    # A question a day: each reads only the titles that end after it, and so all together less than one pass would.
    return tuple(
        YearLine(
            day.year,
            day,
            progress_to(new.get(day.year, 0), NEW_SPECIALIZED_AT_LEAST),
            progress_to(above_scale_count(session, day), ABOVE_SCALE_MORE_THAN, strictly=True),
            ladder_counts(session, day),
        )
        for day in days
    )


def progress_to(value: int, goal: int, strictly: bool = False) -> Progress:
    """Return a value beside a goal that it must reach, or strictly pass."""
    least = goal + 1 if strictly else goal
    return Progress(value, goal, value >= least, max(0, least - value))
