"""Reads the whole register back as lists state it: firms with facts and figures, titles, stays. Judges nothing."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, Table, select
from sqlalchemy.orm import Session

from registry.domain.facts import YEAR_FACTS
from registry.domain.firms import Entry, ScaleRow, TitleRow, Value
from registry.domain.firms import Firm as StatedFirm
from registry.store.firms import (
    ENTRY_COLUMNS,
    ENTRY_TABLES,
    FACTS_OF_THE_FIRM,
    LIST_FACTS,
    SCALAR_FACTS,
    Firm,
    FirmFacts,
    YearlyFigures,
)
from registry.store.statements import ScaleStay, Title, scale_row, title_row

# Firms that are read at once.
BATCH = 2000
_FACTS: Table = FirmFacts.__table__
_FIGURES: Table = YearlyFigures.__table__


def stated_firms(session: Session, district: str | None = None) -> Iterator[StatedFirm]:
    """Yield every firm as a list of firms would state it, in the order of their codes.

    The titles of the books are not among its facts: they have a list of their own.

    Args:
        district: only the firms that stand there today.
    """
    after = ""
    while True:
        query = select(Firm).where(Firm.uscc > after).order_by(Firm.uscc).limit(BATCH)
        if district is not None:
            query = query.where(Firm.district == district)
        firms = session.scalars(query).all()
        if not firms:
            return
        yield from _whole(session, firms)
        after = firms[-1].uscc
        session.expunge_all()


def _whole(session: Session, firms: Sequence[Firm]) -> Iterator[StatedFirm]:
    ids = [firm.id for firm in firms]
    facts = {row["firm_id"]: row for row in session.execute(select(_FACTS).where(_FACTS.c.firm_id.in_(ids))).mappings()}
    years: defaultdict[int, dict[int, dict[str, int]]] = defaultdict(dict)
    figures = select(_FIGURES).where(_FIGURES.c.firm_id.in_(ids)).order_by(_FIGURES.c.firm_id, _FIGURES.c.year)
    for row in session.execute(figures).mappings():
        years[row["firm_id"]][row["year"]] = {key: row[key] for key in YEAR_FACTS if row[key] is not None}
    entries = {key: _entries(session, key, ids) for key in LIST_FACTS}
    for firm in firms:
        known: Any = facts.get(firm.id, {})
        told: dict[str, Value] = {key: value for key in FACTS_OF_THE_FIRM if (value := getattr(firm, key)) is not None}
        told |= {key: known[key] for key in SCALAR_FACTS if known.get(key) is not None}
        told |= {key: tuple(entries[key][firm.id]) for key in LIST_FACTS if known.get(f"{key}_known")}
        yield StatedFirm(firm.uscc, firm.name, told, years[firm.id])


def _entries(session: Session, key: str, ids: Sequence[int]) -> defaultdict[int, list[Entry]]:
    table, named = ENTRY_TABLES[key], ENTRY_COLUMNS[key]
    found: defaultdict[int, list[Entry]] = defaultdict(list)
    for row in session.execute(select(table).where(table.c.firm_id.in_(ids)).order_by(table.c.id)).mappings():
        found[row["firm_id"]].append({part: row[column] for part, column in named.items() if row[column] is not None})
    return found


def stated_titles(session: Session) -> Iterator[TitleRow]:
    """Yield the titles that hold in the books, by day, tier and code."""
    order = (Title.recognised_on, Title.tier, Firm.uscc)
    for title, code in session.execute(_holding(Title).order_by(*order).execution_options(yield_per=BATCH)):
        yield title_row(code, title)


def stated_stays(session: Session) -> Iterator[ScaleRow]:
    """Yield the stays that hold in the books, by day of entry and code."""
    order = (ScaleStay.entered_on, Firm.uscc)
    for stay, code in session.execute(_holding(ScaleStay).order_by(*order).execution_options(yield_per=BATCH)):
        yield scale_row(code, stay)


def _holding(book: type[Title] | type[ScaleStay]) -> Select[Any]:
    query: Any = select(book, Firm.uscc).join(Firm, Firm.id == book.firm_id)
    holding: Select[Any] = query.where(book.superseded_at.is_(None))
    return holding
