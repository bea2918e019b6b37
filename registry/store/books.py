"""Questions to the books: how many stand in a tier at the close of a day, what a year brought, who is behind a number.

Every question names its day, and may name the moment as known at which it is asked; the answer to such a question never
changes. Stocks come from spans, changes from the entries of the books: that both agree is checked wherever they meet.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from registry.domain.codes import LADDER
from registry.store.firms import Firm, FirmSize, FirmTrade
from registry.store.ledger import Filing
from registry.store.standing import StandingChange, StandingSpan

# What a count can be broken down by, in the order of the columns.
DISTRICT, INDUSTRY, SIZE, AREA = "district", "industry", "size", "functional_area"
BREAKDOWNS = (DISTRICT, INDUSTRY, SIZE, AREA)
# A key that no statement gives: an unknown trade, an open size, no functional area.
Key = str | None
# The firm of a row of the books; not the firm of a list, whose rows may be asked about at the same time.
_FIRM_OF_ROW = aliased(Firm, name="firm_of_row")


@dataclass(frozen=True, slots=True)
class Question:
    """A count of what stood at the close of one day, and of what changed from then to the close of another.

    Attributes:
        start: 31 December of the year before; its changes are not counted, those of the days after it are.
        as_of: the last day that is counted.
        size_year: the fiscal year whose figures give the size.
        by: what it is broken down by, some of BREAKDOWNS.
        known_at: None for what is known now.
    """

    start: date
    as_of: date
    size_year: int
    by: tuple[str, ...] = ()
    known_at: datetime | None = None


Known = type[StandingSpan] | type[StandingChange] | type[FirmSize] | type[FirmTrade]


def as_known(table: Known, known_at: datetime | None) -> ColumnElement[bool]:
    """Return the condition that a row is what is known now, or was at a moment."""
    if known_at is None:
        return table.superseded_at.is_(None)
    return and_(table.known_at <= known_at, or_(table.superseded_at.is_(None), table.superseded_at > known_at))


def stands(on: date | BindParameter[date]) -> ColumnElement[bool]:
    """Return the condition that a span is in the stock at the close of a day."""
    return and_(StandingSpan.starts_on <= on, StandingSpan.ends_on > on)


def last_moment(session: Session) -> datetime | None:
    """Return the moment at which the books last changed, or None of empty ones. One look-up."""
    return session.scalar(select(Filing.filed_at).order_by(Filing.filed_at.desc()).limit(1))


def tiers_of(session: Session, firm_ids: Collection[int], on: date) -> dict[int, set[str]]:
    """Return the tiers, the sum of all included, in which some firms are on a day; nothing of one that is in none."""
    held: dict[int, set[str]] = {}
    for firm_id, tier, _district in session.execute(places_query(), {"firms": list(firm_ids), "on": on}):
        held.setdefault(firm_id, set()).add(tier)
    return held


# The question is made once: to make it takes longer than the database does to answer it.
@cache
def places_query() -> Select[int, str, str | None]:
    """Ask in which tier, and in which district, some `firms` are at the close of a day, `on`."""
    # Not asked by the tier as well: SQLite would walk everybody in it instead of looking these firms up.
    return select(StandingSpan.firm_id, StandingSpan.tier, StandingSpan.district).where(
        StandingSpan.firm_id.in_(bindparam("firms", expanding=True)),
        stands(bindparam("on", type_=Date)),
        as_known(StandingSpan, None),
    )


def stock(session: Session, on: date, question: Question) -> dict[tuple[str, tuple[Key, ...]], int]:
    """Count who stands in each tier at the close of a day, by tier and keys."""
    counted = func.count()
    query = _broken_down(StandingSpan, question, counted).where(stands(on), as_known(StandingSpan, question.known_at))
    return {(tier, tuple(keys)): count for tier, *keys, count in session.execute(query)}


def changes(session: Session, question: Question) -> dict[tuple[str, tuple[Key, ...]], dict[str, int]]:
    """Count what came, went and was renewed after `start` up to `as_of`, by tier and keys, then by kind."""
    query = (
        _broken_down(StandingChange, question, StandingChange.kind, func.count())
        .where(
            StandingChange.day > question.start,
            StandingChange.day <= question.as_of,
            as_known(StandingChange, question.known_at),
        )
        .group_by(StandingChange.kind)
    )
    found: dict[tuple[str, tuple[Key, ...]], dict[str, int]] = {}
    for tier, *keys, kind, count in session.execute(query):
        found.setdefault((tier, tuple(keys)), {})[kind] = count
    return found


def _broken_down(table: type[StandingSpan] | type[StandingChange], question: Question, *counted: Any) -> Select[Any]:
    """Return a query that counts rows of the books by tier and what the question breaks them down by."""
    columns = {name: column_of(table, name, question.known_at) for name in question.by}
    keys = list(columns.values())
    query = joined(select(table.tier, *keys, *counted).select_from(table), table, question)
    return query.group_by(table.tier, *keys)


def column_of(table: type[StandingSpan] | type[StandingChange], name: str, known_at: datetime | None) -> Any:
    """Return the column by which rows of the books are broken down; see `joined` for where it comes from."""
    trade: Any = _FIRM_OF_ROW if known_at is None else FirmTrade
    if name == DISTRICT:
        return table.district
    if name == INDUSTRY:
        return func.substr(trade.industry, 1, 2)
    return FirmSize.size if name == SIZE else trade.functional_area


def joined(query: Select[Any], table: type[StandingSpan] | type[StandingChange], question: Question) -> Select[Any]:
    """Join what the question breaks down by: trade and area as known, the size of the fiscal year."""
    if {INDUSTRY, AREA} & set(question.by):
        if question.known_at is None:
            query = query.join(_FIRM_OF_ROW, _FIRM_OF_ROW.id == table.firm_id)
        else:
            trade = and_(FirmTrade.firm_id == table.firm_id, as_known(FirmTrade, question.known_at))
            query = query.outerjoin(FirmTrade, trade)
    if SIZE in question.by:
        size = and_(
            FirmSize.firm_id == table.firm_id,
            FirmSize.year == question.size_year,
            as_known(FirmSize, question.known_at),
        )
        query = query.outerjoin(FirmSize, size)
    return query


def transitions(
    session: Session, start: date, end: date, known_at: datetime | None = None
) -> dict[tuple[str | None, str | None], int]:
    """Count firms by the highest rung they held at the close of one day and of another; None is no title."""
    rungs = _rungs(start, end, known_at).subquery()
    query = select(rungs.c.before, rungs.c.after, func.count()).group_by(rungs.c.before, rungs.c.after)
    named = (None, *LADDER)
    return {(named[before], named[after]): count for before, after, count in session.execute(query)}


def _rungs(start: date, end: date, known_at: datetime | None) -> Select[Any]:
    """Return each firm with its highest rung on two days, 0 for none."""
    rank = case({tier: place for place, tier in enumerate(LADDER, start=1)}, value=StandingSpan.tier)

    def highest(day: date) -> Any:
        return func.max(case((stands(day), rank), else_=literal(0)))

    return (
        select(StandingSpan.firm_id, highest(start).label("before"), highest(end).label("after"))
        .where(StandingSpan.tier.in_(LADDER), or_(stands(start), stands(end)), as_known(StandingSpan, known_at))
        .group_by(StandingSpan.firm_id)
    )


@dataclass(frozen=True, slots=True)
class Behind:
    """The rows that a cell of a count is the number of.

    Attributes:
        numbers: the firm of every row; a firm that came twice stands there twice.
    """

    numbers: Select[Any]

    @property
    def condition(self) -> ColumnElement[bool]:
        """Return the condition that a firm is among them."""
        (firm_id,) = self.numbers.selected_columns
        return exists(self.numbers.where(firm_id == Firm.id).correlate(Firm))


def behind_stock(on: date, tier: str, question: Question, keys: Mapping[str, Key]) -> Behind:
    """Return who `stock` counts in a cell."""
    return _behind(StandingSpan, tier, question, keys, stands(on))


def behind_changes(tier: str, kinds: Collection[str], question: Question, keys: Mapping[str, Key]) -> Behind:
    """Return whom `changes` counts in a cell under these kinds."""
    of_kind = and_(
        StandingChange.kind.in_(tuple(kinds)),
        StandingChange.day > question.start,
        StandingChange.day <= question.as_of,
    )
    return _behind(StandingChange, tier, question, keys, of_kind)


def made_the_step(
    start: date, end: date, before: str | None, after: str | None, known_at: datetime | None = None
) -> Behind:
    """Return whose highest rung was one at the close of a day and another at that of another (see `transitions`)."""
    named = (None, *LADDER)
    rungs = _rungs(start, end, known_at).subquery()
    wanted = and_(rungs.c.before == named.index(before), rungs.c.after == named.index(after))
    return Behind(select(rungs.c.firm_id).where(wanted))


def _behind(
    table: type[StandingSpan] | type[StandingChange],
    tier: str,
    question: Question,
    keys: Mapping[str, Key],
    condition: ColumnElement[bool],
) -> Behind:
    asked = replace(question, by=tuple(keys))
    found = joined(select(table.firm_id), table, asked).where(
        table.tier == tier, condition, as_known(table, question.known_at)
    )
    for name, key in keys.items():
        column = column_of(table, name, question.known_at)
        found = found.where(column.is_(None) if key is None else column == key)
    return Behind(found)
