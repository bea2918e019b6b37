"""Finds the firms that a list speaks of, creates those not seen before, and keeps every name they were given."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Boolean, Connection, Select, Table, bindparam, select

from registry.store.bulk import copy_rows
from registry.store.firms import Firm, FirmName

FIRM: Table = Firm.__table__  # type: ignore[assignment]
NAME: Table = FirmName.__table__  # type: ignore[assignment]
# Rows that are looked up at once; well under the parameters that either database takes.
BATCH = 2000

Row = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Filed:
    """What a list changed: how many of its rows were new, told something else, or were known already."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: "Filed") -> "Filed":
        return Filed(self.added + other.added, self.changed + other.changed, self.unchanged + other.unchanged)


def batches(items: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """Yield the items in lists of at most `size`."""
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch


def read_rows(connection: Connection, query: Select[Any]) -> list[Row]:
    """Return what a query finds, a dictionary a row."""
    result = connection.execute(query)
    names = tuple(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result.all()]


def find(connection: Connection, codes: Iterable[str]) -> dict[str, Row]:
    """Return the rows of the firms known by these codes."""
    found: dict[str, Row] = {}
    for batch in batches(sorted(set(codes))):
        found |= {row["uscc"]: row for row in read_rows(connection, select(FIRM).where(FIRM.c.uscc.in_(batch)))}
    return found


def create(connection: Connection, firms: Sequence[Row], *, now: datetime) -> dict[str, Row]:
    """Create firms not seen before and return their rows.

    Args:
        firms: `uscc`, `name`, `on`, and where known `district`, `functional_area`, `industry`.
    """
    if not firms:
        return {}
    rows = [
        {
            "uscc": firm["uscc"],
            "name": firm["name"],
            "name_on": firm["on"],
            "district": firm.get("district"),
            "district_on": firm["on"] if firm.get("district") else None,
            "functional_area": firm.get("functional_area"),
            "industry": firm.get("industry"),
            "created_at": now,
        }
        for firm in firms
    ]
    insert_rows(connection, FIRM, rows)
    return find(connection, (row["uscc"] for row in rows))


def keep_names(
    connection: Connection,
    named: Iterable[tuple[str, str, date]],
    known: Mapping[str, Row],
    *,
    now: datetime,
    source: str,
) -> None:
    """Keep every name a list gives a firm, with the earliest day it is known to have borne it.

    Args:
        named: code, name and day of a statement.
        known: the row of every firm they speak of.
    """
    said: dict[tuple[int, str], date] = {}
    for code, name, day in named:
        key = (known[code]["id"], name)
        said[key] = min(day, said.get(key, day))
    since: dict[tuple[int, str], date] = {}
    for batch in batches(sorted({firm_id for firm_id, _ in said})):
        query = select(NAME.c.firm_id, NAME.c.name, NAME.c.since).where(NAME.c.firm_id.in_(batch))
        since |= {(firm_id, name): day for firm_id, name, day in connection.execute(query)}
    rows: list[Row] = [{"firm_id": key[0], "name": key[1], "since": day} for key, day in said.items()]
    new = [row | {"source": source, "known_at": now} for row in rows if (row["firm_id"], row["name"]) not in since]
    insert_rows(connection, NAME, new)
    earlier = [row for row in rows if row["since"] < since.get((row["firm_id"], row["name"]), date.min)]
    update_rows(connection, NAME, ("firm_id", "name"), ("since",), earlier)


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows; each holds every column, apart from a number that the database gives by itself.

    SQLAlchemy takes each row apart again by name, which costs more than SQLite's own insert; where the driver
    takes values by place they are handed to it directly. PostgreSQL copies them.
    """
    if not rows:
        return
    dialect = connection.dialect
    if dialect.name == "postgresql":
        copy_rows(connection, table, rows)
        return
    columns = [column for column in table.columns if column.name in rows[0]]
    # SQLite keeps truth as 0 and 1, and so does Python.
    turned = [
        (place, turn)
        for place, column in enumerate(columns)
        if not isinstance(column.type, Boolean)
        and (turn := column.type.dialect_impl(dialect).bind_processor(dialect)) is not None
    ]
    names = [column.name for column in columns]
    values = []
    for row in rows:
        line = [row[name] for name in names]
        for place, turn in turned:
            line[place] = turn(line[place])
        values.append(tuple(line))
    statement = str(table.insert().compile(dialect=dialect, column_keys=names))
    connection.exec_driver_sql(statement, values)


def update_rows(
    connection: Connection, table: Table, key: Sequence[str], columns: Sequence[str], rows: Iterable[Row]
) -> None:
    """Set the columns of every row to what it holds now, found by its key."""
    changes = [
        {f"key_{name}": row[name] for name in key} | {f"new_{name}": row[name] for name in columns} for row in rows
    ]
    if not changes:
        return
    where = [table.c[name] == bindparam(f"key_{name}") for name in key]
    values: Row = {name: bindparam(f"new_{name}") for name in columns}
    connection.execute(table.update().where(*where).values(values), changes)
