"""Questions behind the watch-lists: who stands on which side of a threshold, and where a firm stood on a day.

Each is a question about a day, answered from what is known now, ordered along the codes and paged by the last code of
the page before. Conditions are three-valued as SQL is: true is in the list, null is told apart as unknown. Words and
lines come from above; judges nothing. Costs are for a register of a million firms on SQLite.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, exists, func, literal_column, select
from sqlalchemy.orm import Session, aliased

from registry.domain.events import ABOVE_SCALE
from registry.store.books import as_known, stands
from registry.store.firms import Firm, FirmFacts, YearlyFigures
from registry.store.ledger import LedgerEntry
from registry.store.remembered import until_the_books_change
from registry.store.standing import StandingSpan

_FIGURES = YearlyFigures.__table__
_FACTS = FirmFacts.__table__
# The details of a move are `{"from":"370202"}`, in canonical JSON: the old district is six digits after this.
_BEFORE_DISTRICT = len('{"from":"')


@dataclass(frozen=True, slots=True)
class FigureQuestion:
    """Which firms a threshold on the main-business revenue asks for.

    Attributes:
        year: the fiscal year of the figure.
        low, below: from this many fen, to under this many; None for no bound.
        industry: the first and last class asked for; None for every trade.
        above_scale: whether they are above scale at the close of the day.
        entities_only: leaves out those known to be no independent legal entity.
        district: where they stand on the day; None for the whole city.
    """

    on: date
    year: int
    low: int | None = None
    below: int | None = None
    industry: tuple[str, str] | None = None
    above_scale: bool = False
    entities_only: bool = False
    district: str | None = None


@dataclass(frozen=True, slots=True)
class FigureLine:
    """A firm with the figure asked about, in whole fen."""

    uscc: str
    name: str
    industry: str | None
    main_revenue: int
    legal_entity: bool | None
    district: str | None


def moves_after(on: date) -> Subquery:
    """Return where firms stood at the close of a day that moved after it: `uscc` and `district`, a row a firm.

    Read from the index of the moves.
    """
    taken_back = aliased(LedgerEntry)
    moves = (
        select(
            LedgerEntry.uscc,
            func.substr(LedgerEntry.details, _BEFORE_DISTRICT + 1, 6).label("district"),
            func.row_number()
            .over(partition_by=LedgerEntry.uscc, order_by=(LedgerEntry.takes_effect_on, LedgerEntry.seq))
            .label("number"),
        )
        .where(
            # Spelt out, not bound: else SQLite does not see that the index of the moves answers it.
            LedgerEntry.tag == literal_column("'moved'"),
            LedgerEntry.takes_effect_on > on,
            ~exists().where(taken_back.voids == LedgerEntry.seq),
        )
        .subquery()
    )
    return select(moves.c.uscc, moves.c.district).where(moves.c.number == 1).subquery("left_later")


def placed(found: Select[Any], on: date, district: str | None, *, shown: bool) -> Select[Any]:
    """Add to a query of firms where each stood at the close of the day, and ask for one district.

    What the first later move left, else the newest district: one first stated after the day holds before it too.
    """
    if district is None and not shown:
        return found
    moves = moves_after(on)
    place = func.coalesce(moves.c.district, Firm.district)
    found = found.outerjoin(moves, moves.c.uscc == Firm.uscc)
    if shown:
        found = found.add_columns(place)
    return found if district is None else found.where(place == district)


def figure_lines(session: Session, asked: FigureQuestion, after: str | None, limit: int) -> list[FigureLine]:
    """Return a page of the firms a threshold asks for.

    The figures of the year are read from their index, those within the bounds looked up and put in order: 0.5 s.
    """
    columns = (
        Firm.uscc,
        Firm.name,
        Firm.industry,
        _FIGURES.c.main_revenue,
        _FACTS.c.independent_legal_entity,
    )
    found = select(*columns).select_from(Firm).join(_FIGURES, _of_year(asked))
    found = found.outerjoin(_FACTS, _FACTS.c.firm_id == Firm.id).where(*_certain(asked), _open(asked))
    found = placed(found, asked.on, asked.district, shown=True)
    if after:
        found = found.where(Firm.uscc > after)
    return [FigureLine(*row) for row in session.execute(found.order_by(Firm.uscc).limit(limit))]


@until_the_books_change
def figure_counts(session: Session, asked: FigureQuestion) -> tuple[int, int]:
    """Count the firms a threshold asks for, and those of which it cannot be told.

    One pass over the firms, a look-up each: 1.5 s.
    """
    # Counting names walks the firms as they lie, and so do their figures; an index would leap about in both.
    is_in = _open(asked)
    counts: Any = [func.count(case((condition, Firm.name))) for condition in (is_in, is_in.is_(None))]
    found: Any = select(*counts).select_from(Firm).outerjoin(_FIGURES, _of_year(asked)).where(*_certain(asked))
    count, unknown = session.execute(placed(found, asked.on, asked.district, shown=False)).one()
    return count, unknown


def _of_year(asked: FigureQuestion) -> ColumnElement[bool]:
    return and_(_FIGURES.c.firm_id == Firm.id, _FIGURES.c.year == asked.year)


def _open(asked: FigureQuestion) -> ColumnElement[bool]:
    """Return what industry and revenue must be: true, false, or null where they leave it open."""
    revenue = _FIGURES.c.main_revenue
    parts: list[ColumnElement[bool]] = []
    if asked.low is not None:
        parts.append(revenue >= asked.low)
    if asked.below is not None:
        parts.append(revenue < asked.below)
    if asked.industry is not None:
        parts.append(Firm.industry.between(*asked.industry))
    return and_(*parts)


def _certain(asked: FigureQuestion) -> list[ColumnElement[bool]]:
    """Return what is true or false of every firm: its standing, and that it is not known to be no legal entity."""
    listed = exists().where(
        StandingSpan.firm_id == Firm.id,
        StandingSpan.tier == ABOVE_SCALE,
        stands(asked.on),
        as_known(StandingSpan, None),
    )
    parts: list[ColumnElement[bool]] = [listed if asked.above_scale else ~listed]
    if asked.entities_only:
        facts = aliased(FirmFacts)
        is_none = facts.independent_legal_entity.is_(False)  # type: ignore[attr-defined]
        parts.append(~exists().where(facts.firm_id == Firm.id, is_none))  # type: ignore[attr-defined]
    return parts


def places_before_moves(session: Session, on: date) -> dict[str, str]:
    """Return where those firms stood at the close of a day that moved after it, by code."""
    moves = moves_after(on)
    return {code: district for code, district in session.execute(select(moves.c.uscc, moves.c.district))}
