"""Finds the firms that a list speaks of, creates those not seen before, and settles their names and districts.

A name and a district are statements of a day: the newest day holds, in whatever order the lists come in.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Boolean, Connection, Select, Table, bindparam, select

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


@dataclass(frozen=True, slots=True)
class Statement:
    """A list says that on a day a firm bore a name and stood in a district; None says nothing of the district."""

    uscc: str
    on: date
    name: str
    district: str | None


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


def settle(
    connection: Connection,
    statements: Iterable[Statement],
    known: Mapping[str, Row],
    *,
    now: datetime,
    source: str,
) -> None:
    """Take dated statements into account: the newest name and district hold, every name is kept.

    Args:
        statements: in the order of their list; of two of the same day the later one holds.
        known: the row of every firm they speak of; brought up to date here.
    """
    moved: dict[int, Row] = {}
    named: dict[tuple[int, str], date] = {}
    for said in statements:
        firm = known[said.uscc]
        key = (firm["id"], said.name)
        named[key] = min(said.on, named.get(key, said.on))
        if said.on >= firm["name_on"] and (said.name, said.on) != (firm["name"], firm["name_on"]):
            firm |= {"name": said.name, "name_on": said.on}
            moved[firm["id"]] = firm
        if said.district is None or (firm["district_on"] is not None and said.on < firm["district_on"]):
            continue
        if (said.district, said.on) != (firm["district"], firm["district_on"]):
            firm |= {"district": said.district, "district_on": said.on}
            moved[firm["id"]] = firm
    update_rows(connection, FIRM, ("id",), ("name", "name_on", "district", "district_on"), moved.values())
    _keep_names(connection, named, now=now, source=source)


def _keep_names(connection: Connection, named: Mapping[tuple[int, str], date], *, now: datetime, source: str) -> None:
    since: dict[tuple[int, str], date] = {}
    for batch in batches(sorted({firm_id for firm_id, _ in named})):
        query = select(NAME.c.firm_id, NAME.c.name, NAME.c.since).where(NAME.c.firm_id.in_(batch))
        since |= {(firm_id, name): day for firm_id, name, day in connection.execute(query)}
    rows: list[Row] = [{"firm_id": key[0], "name": key[1], "since": day} for key, day in named.items()]
    new = [row | {"source": source, "known_at": now} for row in rows if (row["firm_id"], row["name"]) not in since]
    insert_rows(connection, NAME, new)
    earlier = [row for row in rows if row["since"] < since.get((row["firm_id"], row["name"]), date.min)]
    update_rows(connection, NAME, ("firm_id", "name"), ("since",), earlier)


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows; each holds every column, apart from a number that the database gives by itself.

    SQLAlchemy takes each row apart again by name, which costs more than SQLite's own insert; where the driver
    takes values by place they are handed to it directly. PostgreSQL gets its rows from SQLAlchemy.
    """
    if not rows:
        return
    dialect = connection.dialect
    if dialect.paramstyle != "qmark":
        connection.execute(table.insert(), rows)
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
