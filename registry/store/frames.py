"""Reads the register into Polars frames, a row a firm, for rules that judge all firms at once. Judges nothing.

Rows come from the driver as they are: turning a million firms into objects first would take most of the time.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Table, and_, null, select, union_all
from sqlalchemy.orm import Session

from registry.domain.facts import ENTRY_FACTS, FIRM_FACTS, YEAR_FACTS
from registry.rules.columns.frames import SUFFIXES, type_of
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
from registry.store.records import revoked_within
from registry.store.statements import Title

# Rows taken from the driver at once: enough to be fast, few enough to keep a million firms within memory.
CHUNK = 50_000
_FACTS: Table = FirmFacts.__table__
_FIGURES: Table = YearlyFigures.__table__


def firms_frame(
    session: Session,
    fiscal_year: int,
    *,
    district: str | None = None,
    facts: Collection[str] | None = None,
    uscc: Sequence[str] | None = None,
) -> pl.DataFrame:
    """Return every firm with its facts and the figures of three years, in the order of their codes.

    Args:
        fiscal_year: the last one; its figures are named by their key, those before with `_1y_ago` and `_2y_ago`.
        district: only the firms that stand there today.
        facts: the columns of facts and figures that are wanted, to read no others; None for all.
        uscc: only the firms with these codes.

    Returns:
        `firm_id`, `uscc`, `name`, a column a scalar fact, `titles_known` and its like, a column a figure and year.
        Amounts and counts are Int64 in base units, dates pl.Date, truths pl.Boolean, choices and codes pl.String;
        null is unknown.
    """
    columns: list[tuple[str, Any, Any]] = [
        ("firm_id", Firm.id, pl.Int64),
        ("uscc", Firm.uscc, pl.String),
        ("name", Firm.name, pl.String),
    ]
    wanted = [
        *((key, getattr(Firm, key), type_of(FIRM_FACTS[key])) for key in FACTS_OF_THE_FIRM),
        *((key, _FACTS.c[key], type_of(FIRM_FACTS[key])) for key in SCALAR_FACTS),
        *((f"{key}_known", _FACTS.c[f"{key}_known"], pl.Boolean) for key in LIST_FACTS),
    ]
    years = {ago: _FIGURES.alias(f"figures{suffix}") for ago, suffix in enumerate(SUFFIXES)}
    for ago, table in years.items():
        wanted += [(key + SUFFIXES[ago], table.c[key], type_of(fact)) for key, fact in YEAR_FACTS.items()]
    columns += [column for column in wanted if facts is None or column[0] in facts]
    types = {name: kind for name, _, kind in columns}
    if uscc is not None and not uscc:
        return pl.DataFrame(schema=types)
    source: Any = Firm.__table__
    read = {column.table for _, column, _ in columns[3:] if isinstance(column, ColumnElement)}
    if _FACTS in read:
        source = source.outerjoin(_FACTS, _FACTS.c.firm_id == Firm.id)
    for ago, table in years.items():
        if table in read:
            source = source.outerjoin(table, and_(table.c.firm_id == Firm.id, table.c.year == fiscal_year - ago))
    query = select(*(column.label(name) for name, column, _ in columns)).select_from(source)
    if district is not None:
        query = query.where(Firm.district == district)
    if uscc is not None:
        query = query.where(Firm.uscc.in_(uscc))
    # Read in the order in which all tables lie on the disk, put in the order of the codes here.
    frame = _frame(session, query.order_by(Firm.id), types).sort("uscc")
    # A firm of which no list ever stated facts has no row of them: nothing was stated.
    unstated = [f"{key}_known" for key in LIST_FACTS if f"{key}_known" in frame.columns]
    return frame.with_columns(pl.col(unstated).fill_null(False)) if unstated else frame


def titles_frame(session: Session) -> pl.DataFrame:
    """Return the titles that firms state and those of the books, each once: `firm_id`, `kind`, `from`, `until`.

    A revocation within the term of a title of the books ends it the day before.
    """
    stated = ENTRY_TABLES["titles"]
    query: Any = union_all(
        select(*(stated.c[name] for name in ("firm_id", "kind", "valid_from", "valid_until")), null()),
        select(Title.firm_id, Title.tier, Title.recognised_on, Title.valid_until, revoked_within()).where(
            Title.superseded_at.is_(None)
        ),
    )
    days = dict.fromkeys(("from", "until", "revoked_on"), pl.Date)
    titles = _frame(session, query, {"firm_id": pl.Int64, "kind": pl.String} | days)
    last = pl.coalesce(pl.col("revoked_on").dt.offset_by("-1d"), "until")
    held = titles.with_columns(until=last).filter(pl.col("revoked_on").is_null() | (pl.col("until") >= pl.col("from")))
    return held.drop("revoked_on").unique().sort("firm_id", "kind", "from", "until")


def awards_frame(session: Session) -> pl.DataFrame:
    """Return the awards of all firms: `firm_id`, `level`, `rank`, `on`."""
    return _entries_frame(session, "awards")


def contests_frame(session: Session) -> pl.DataFrame:
    """Return the contest places of all firms: `firm_id`, `contest`, `top`, `on`."""
    return _entries_frame(session, "contests")


def _entries_frame(session: Session, key: str) -> pl.DataFrame:
    table, named = ENTRY_TABLES[key], ENTRY_COLUMNS[key]
    query = select(table.c.firm_id, *(table.c[column] for column in named.values())).order_by(table.c.id)
    types = {"firm_id": pl.Int64} | {part: type_of(ENTRY_FACTS[key][part]) for part in named}
    return _frame(session, query, types)


def _frame(session: Session, query: Any, types: Mapping[str, Any]) -> pl.DataFrame:
    """Run a query and return its rows as a frame with these columns."""
    parts = [_columns(rows, types) for rows in _raw(session, query)]
    return pl.concat(parts, rechunk=True) if parts else pl.DataFrame(schema=types)


def _raw(session: Session, query: Any) -> Iterator[list[Any]]:
    """Yield rows as the driver gives them, in chunks."""
    result = session.connection().execute(query)
    cursor: Any = result.cursor
    while rows := cursor.fetchmany(CHUNK):
        yield rows
    result.close()


def _columns(rows: Sequence[Any], types: Mapping[str, Any]) -> pl.DataFrame:
    """Turn rows into columns; SQLite gives a truth as 0 or 1 and a day as text."""
    columns = []
    for (name, kind), values in zip(types.items(), zip(*rows, strict=True), strict=True):
        if kind == pl.Boolean:
            column = pl.Series(name, values, dtype=pl.Int8 if _is_number(values) else pl.Boolean).cast(pl.Boolean)
        elif kind == pl.Date and _is_text(values):
            column = pl.Series(name, values, dtype=pl.String).str.to_date("%Y-%m-%d")
        else:
            column = pl.Series(name, values, dtype=kind)
        columns.append(column)
    return pl.DataFrame(columns)


def _first(values: Sequence[Any]) -> Any:
    return next((value for value in values if value is not None), None)


def _is_number(values: Sequence[Any]) -> bool:
    return not isinstance(_first(values), bool | None)


def _is_text(values: Sequence[Any]) -> bool:
    return isinstance(_first(values), str)
