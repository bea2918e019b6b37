"""What the books say otherwise of the same days at two moments: the firms behind a difference, and what was filed.

Only firms of which anything became known between the moments are looked at; the database takes the one reading from the
other, so that what both say never leaves it. Costs are for a register of a million firms: a few passes over the spans
and changes, and a look-up for each firm that was touched.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    func,
    literal,
    literal_column,
    or_,
    select,
    union,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from registry.store.books import AREA, INDUSTRY, SIZE, Key, Known, Question, as_known, column_of, joined, stands
from registry.store.firms import Firm, FirmSize, FirmTrade
from registry.store.ledger import Filing, LedgerEntry
from registry.store.standing import StandingChange, StandingSpan

STOCK_START, STOCK_END = "stock_start", "stock_end"


@dataclass(frozen=True, slots=True)
class Between:
    """Two readings of the same question.

    Attributes:
        question: the days and what it is broken down by; its own moment is not read.
        then, now: the moments at which it is asked; either may be the earlier.
    """

    question: Question
    then: datetime
    now: datetime

    @property
    def since(self) -> datetime:
        """Return the earlier moment: what was known by then was known to both readings."""
        return min(self.then, self.now)

    @property
    def until(self) -> datetime:
        """Return the later moment."""
        return max(self.then, self.now)


@dataclass(frozen=True, slots=True)
class Net:
    """How often a firm is counted in a cell now, less how often it was then; never 0.

    Attributes:
        measure: stock_start, stock_end, or a kind of change.
        keys: in the order of the question.
    """

    uscc: str
    name: str
    firm_id: int
    measure: str
    tier: str
    keys: tuple[Key, ...]
    times: int


@dataclass(frozen=True, slots=True)
class Entered:
    """An entry of the ledger that became known between the moments, with the deed that brought it.

    Attributes:
        tag, on, tier, district: of the event; for one that was taken back, as it had been.
        is_taken_back: whether the entry takes the event back.
    """

    uscc: str
    seq: int
    filing: int
    on: date
    tag: str
    tier: str | None
    district: str | None
    is_taken_back: bool


@dataclass(frozen=True, slots=True)
class Deed:
    """A filing, as a reason names it."""

    id: int
    filed_at: datetime
    deed: str
    source: str
    actor: str


def all_differences(session: Session, between: Between) -> list[Net]:
    """Return who is counted otherwise in the stock at the start or at the end, or among the changes between them.

    In the order of codes, tiers and measures.
    """
    asked = between.question
    within = and_(StandingChange.day > asked.start, StandingChange.day <= asked.as_of)
    parts = [
        _stock(STOCK_START, asked.start),
        (StandingChange, StandingChange.kind, within),
        _stock(STOCK_END, asked.as_of),
    ]
    return _net(session, parts, between)


def stock_differences(session: Session, between: Between) -> list[Net]:
    """Return who is counted otherwise in the stock at the end, in the order of codes and tiers."""
    return _net(session, [_stock(STOCK_END, between.question.as_of)], between)


# A table of the books, the measure that a row of it counts for, and which rows do.
_Part = tuple[type[StandingSpan] | type[StandingChange], Any, ColumnElement[bool]]


def _stock(measure: str, day: date) -> _Part:
    return StandingSpan, literal(measure), stands(day)


def _net(session: Session, parts: Sequence[_Part], between: Between) -> list[Net]:
    # Found once for all readings.
    touched = _touched(between).cte("touched")
    signs = ((between.now, 1), (between.then, -1))
    readings = [_reading(part, between, moment, sign, touched) for part in parts for moment, sign in signs]
    both = union_all(*readings).subquery("both_readings")
    *what, signed = both.c
    times = func.sum(signed)
    netted = select(*what, times.label("times")).group_by(*what).having(times != 0).subquery("netted")
    firm_id, of_measure, tier, *keys = list(netted.c)[:-1]
    query = (
        select(Firm.uscc, Firm.name, Firm.id, of_measure, tier, netted.c.times, *keys)
        .join(netted, firm_id == Firm.id)
        .order_by(Firm.uscc, tier, of_measure, *keys)
    )
    return [
        Net(uscc, name, number, found, of_tier, tuple(of_keys), int(count))
        for uscc, name, number, found, of_tier, count, *of_keys in session.execute(query)
    ]


def _reading(part: _Part, between: Between, moment: datetime, sign: int, touched: CTE) -> Select[Any]:
    """Return what one reading counts, a row a time, of the firms that were touched."""
    table, measure, condition = part
    asked = replace(between.question, known_at=moment)
    keys = [column_of(table, name, moment).label(f"key_{name}") for name in asked.by]
    # A sign spelt out: PostgreSQL would not know the type of a bound one in a union.
    columns = [table.firm_id, measure.label("measure"), table.tier, *keys, literal_column(str(sign)).label("sign")]
    query = joined(select(*columns).select_from(table), table, asked)
    return query.where(condition, as_known(table, moment), table.firm_id.in_(select(touched.c.firm_id)))


def _touched(between: Between) -> CompoundSelect[Any]:
    """Return the numbers of the firms of which anything that is counted by became known between the moments."""
    by = set(between.question.by)
    tables: list[Known] = [StandingSpan, StandingChange]
    tables += [FirmTrade] if {INDUSTRY, AREA} & by else []
    tables += [FirmSize] if SIZE in by else []
    return union(*(select(table.firm_id).where(_became(table, between)) for table in tables))


def _became(table: Known, between: Between) -> ColumnElement[bool]:
    """Return the condition that a row began or ceased to hold between the moments."""
    since, until = between.since, between.until
    return or_(
        and_(table.known_at > since, table.known_at <= until),
        and_(table.superseded_at > since, table.superseded_at <= until),
    )


def entries_between(session: Session, codes: Collection[str], between: Between) -> dict[str, list[Entered]]:
    """Return what the ledger was told of firms between the moments, in its order, by code."""
    voided = aliased(LedgerEntry)
    query = (
        select(LedgerEntry, voided.tag, voided.district)
        .outerjoin(voided, voided.seq == LedgerEntry.voids)
        .where(
            LedgerEntry.uscc.in_(sorted(codes)),
            LedgerEntry.known_at > between.since,
            LedgerEntry.known_at <= between.until,
        )
        .order_by(LedgerEntry.seq)
    )
    found: defaultdict[str, list[Entered]] = defaultdict(list)
    for entry, tag, district in session.execute(query):
        is_back = entry.voids is not None
        found[entry.uscc].append(
            Entered(
                entry.uscc,
                entry.seq,
                entry.filing_id,
                entry.takes_effect_on,
                tag if is_back else entry.tag,
                entry.tier,
                district if is_back else entry.district,
                is_back,
            )
        )
    return found


def classed_between(session: Session, firms: Collection[int], between: Between) -> dict[int, set[datetime]]:
    """Return when the trade, the area or the size of firms was told anew between the moments, by number."""
    found: defaultdict[int, set[datetime]] = defaultdict(set)
    tables: list[tuple[Known, ColumnElement[bool] | None]] = [
        (FirmTrade, None),
        (FirmSize, FirmSize.year == between.question.size_year),
    ]
    for table, only in tables:
        query = select(table.firm_id, table.known_at, table.superseded_at).where(
            table.firm_id.in_(sorted(firms)), _became(table, between)
        )
        for number, *moments in session.execute(query if only is None else query.where(only)):
            within = (one for one in moments if one is not None and between.since < one <= between.until)
            found[number].update(within)
    return found


def deeds_between(session: Session, between: Between) -> Sequence[Deed]:
    """Return every filing between the moments, in its order."""
    query = select(Filing).where(Filing.filed_at > between.since, Filing.filed_at <= between.until)
    return [
        Deed(one.id, one.filed_at, one.deed, one.source, one.actor)
        for one in session.scalars(query.order_by(Filing.filed_at))
    ]
