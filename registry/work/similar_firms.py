"""Puts a firm of a case beside the firms of its segment: its rank and the spread of a few measures. Reads only.

The segment are the firms of the same trade that hold the tier's title or applied for it, by the register's figures.
At most three look-ups, each bounded; never a scan of the register.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from registry.domain.facts import Kind
from registry.domain.firms import Firm as StatedFirm
from registry.store.books import as_known, stands
from registry.store.cases import Application
from registry.store.firms import Firm, FirmFacts, YearlyFigures
from registry.store.standing import StandingSpan

# How many firms of a trade are looked at, and how many of them are compared with.
MOST_OF_A_TRADE = 2_000
MOST_COMPARED = 300
# A class with fewer comparable firms says little: its division is asked.
ENOUGH = 5
_NAMED = 8

_FACTS, _FIGURES = FirmFacts.__table__.c, YearlyFigures.__table__.c
_READ = ("revenue", "main_revenue", "rd_expense", "ip_class1", "market_share")


@dataclass(frozen=True, slots=True)
class Peer:
    """A firm of the segment that the reader may see, by the figures of the year."""

    uscc: str
    name: str
    measures: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Measure:
    """Where the firm stands by one measure, the most first.

    Attributes:
        kind: how the numbers are shown, in the base units of `registry.domain.facts`.
        own: None where the firm does not state it.
        rank: 1 for the most, among the peers that have it and itself; None without an own number.
        count: how many are compared, itself included.
        low, middle, high: of the peers alone, quarters of the way from the least to the most; None of none.
    """

    key: str
    kind: Kind
    own: int | None
    rank: int | None
    count: int
    low: int | None
    middle: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Segment:
    """The firms that a firm is compared with.

    Attributes:
        trade: the class of four digits, or its division of two.
        count: how many firms were found.
        is_cut: as many were found as are compared at most; there may be more.
        peers: those nearest by revenue that the reader may see.
    """

    trade: str
    year: int
    count: int
    is_cut: bool
    measures: tuple[Measure, ...]
    peers: tuple[Peer, ...]


def _share(part: int | None, whole: int | None) -> int | None:
    return None if part is None or whole is None or whole <= 0 else part * 10**12 // whole


_MEASURES: Mapping[str, tuple[Kind, Callable[[Mapping[str, int | None]], int | None]]] = {
    "revenue": (Kind.MONEY, lambda one: one["revenue"]),
    "rd_share": (Kind.SHARE, lambda one: _share(one["rd_expense"], one["revenue"])),
    "main_share": (Kind.SHARE, lambda one: _share(one["main_revenue"], one["revenue"])),
    "market_share": (Kind.SHARE, lambda one: one["market_share"]),
    "ip_class1": (Kind.COUNT, lambda one: one["ip_class1"]),
}


def similar_firms(
    session: Session, case: Application, firm: StatedFirm, year: int, on: date, *, visible: ColumnElement[bool]
) -> Segment | None:
    """Return the segment of a case's firm by the figures of a year; None where its trade is unknown.

    Args:
        firm: as the case states it.
        on: the day on which titles are asked.
        visible: which firms the reader may see by name.
    """
    industry = firm.facts.get("industry")
    if not isinstance(industry, str):
        return None
    trade, rows = industry, _rows(session, case, Firm.industry == industry, year, on, visible)
    if len(rows) < ENOUGH and len(industry) == 4:
        division = industry[:2]
        wider = and_(Firm.industry >= f"{division}00", Firm.industry <= f"{division}99")
        trade, rows = division, _rows(session, case, wider, year, on, visible)
    own = _read_of(firm, year)
    peers = [(row, {key: getattr(row, key) for key in _READ}) for row in rows]
    return Segment(
        trade,
        year,
        len(rows),
        len(rows) == MOST_COMPARED,
        tuple(_measure(key, own, [read for _row, read in peers]) for key in _MEASURES),
        _nearest(own["revenue"], peers),
    )


def _rows(
    session: Session, case: Application, trade: ColumnElement[bool], year: int, on: date, visible: ColumnElement[bool]
) -> Sequence[Row[Any]]:
    # The trade is cut before anything is asked of its firms: a division may hold a tenth of the register.
    some = (
        select(Firm.id, Firm.uscc, Firm.name, visible.label("is_seen"))
        .where(trade, Firm.id != case.firm_id)
        .order_by(Firm.industry, Firm.uscc)
        .limit(MOST_OF_A_TRADE)
        .subquery()
    )
    holds = exists().where(
        StandingSpan.firm_id == some.c.id,
        StandingSpan.tier == case.tier,
        stands(on),
        as_known(StandingSpan, None),
    )
    applied = exists().where(
        Application.firm_id == some.c.id, Application.tier == case.tier, Application.submitted_on.is_not(None)
    )
    query: Select[Any] = (
        select(
            some.c.uscc,
            some.c.name,
            some.c.is_seen,
            *(_FIGURES[key] for key in ("revenue", "main_revenue", "rd_expense")),
            *(_FACTS[key] for key in ("ip_class1", "market_share")),
        )
        .join(YearlyFigures.__table__, and_(_FIGURES.firm_id == some.c.id, _FIGURES.year == year), isouter=True)
        .join(FirmFacts.__table__, _FACTS.firm_id == some.c.id, isouter=True)
        .where(or_(holds, applied))
        .order_by(some.c.uscc)
        .limit(MOST_COMPARED)
    )
    return session.execute(query).all()


def _read_of(firm: StatedFirm, year: int) -> dict[str, int | None]:
    known: Mapping[str, Any] = {**firm.facts, **firm.years.get(year, {})}
    return {key: known.get(key) for key in _READ}


def _measure(key: str, own: Mapping[str, int | None], peers: Sequence[Mapping[str, int | None]]) -> Measure:
    kind, of = _MEASURES[key]
    mine = of(own)
    others = sorted(value for one in peers if (value := of(one)) is not None)
    rank = None if mine is None else 1 + sum(value > mine for value in others)
    quarters = [others[(len(others) - 1) * part // 4] if others else None for part in (1, 2, 3)]
    return Measure(key, kind, mine, rank, len(others) + (mine is not None), *quarters)


def _nearest(revenue: int | None, peers: Sequence[tuple[Row[Any], dict[str, int | None]]]) -> tuple[Peer, ...]:
    seen = [(row, read) for row, read in peers if row.is_seen and read["revenue"] is not None]
    seen.sort(key=lambda one: abs((one[1]["revenue"] or 0) - (revenue or 0)))
    return tuple(
        Peer(row.uscc, row.name, {key: of(read) for key, (_kind, of) in _MEASURES.items()})
        for row, read in seen[:_NAMED]
    )
