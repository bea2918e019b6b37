"""Tables as lines of text and back, the same for either database: how a backup holds rows. Knows no file.

A line is the JSON list of a row's values in the order of its columns; days and moments are ISO 8601 in UTC, bytes are
base64. What SQLite and PostgreSQL tell of the same rows is the same text.
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Connection, Table, select

from registry.store.base import UtcMoment

BATCH = 5_000
# What a column holds, as a backup names it, and the type with which it is written back.
TYPES: Mapping[str, Callable[[], Any]] = {
    "moment": UtcMoment,
    "day": sa.Date,
    "yes_no": sa.Boolean,
    "bytes": sa.LargeBinary,
    "number": sa.BigInteger,
    "text": sa.Text,
}
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def type_of(column: "Column[Any]") -> str:
    """Return what a column holds, as a backup names it; TypeError for a type that no backup knows."""
    kind = column.type
    if isinstance(kind, UtcMoment):
        return "moment"
    for name, known in (
        ("yes_no", sa.Boolean),
        ("day", sa.Date),
        ("bytes", sa.LargeBinary),
        ("number", sa.Integer),
        ("text", sa.Text),
    ):
        if isinstance(kind, known):
            return name
    raise TypeError(f"no backup knows {column} of {kind!r}")


def lines_of(connection: Connection, table: Table) -> Iterator[bytes]:
    """Yield the rows of a table in the order of its primary key, a line each."""
    encode = [_encoder(type_of(column)) for column in table.columns]
    query = select(table).order_by(*(_by_bytes(connection, column) for column in table.primary_key.columns))
    for row in connection.execute(query.execution_options(yield_per=BATCH)):
        values = [None if value is None else turn(value) for turn, value in zip(encode, row, strict=True)]
        yield _ENCODER.encode(values).encode() + b"\n"


def rows_of(lines: Iterable[bytes], columns: Sequence[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    """Yield the rows that lines hold.

    Args:
        columns: name and kind of each, in order.

    Raises:
        ValueError: a line is no row of these columns.
    """
    names = [name for name, _kind in columns]
    decode = [_decoder(kind) for _name, kind in columns]
    for line in lines:
        values = json.loads(line)
        if not isinstance(values, list) or len(values) != len(names):
            raise ValueError(f"a row of {len(names)} values expected")
        yield {
            name: None if value is None else turn(value)
            for name, turn, value in zip(names, decode, values, strict=True)
        }


def table_of(name: str, columns: Sequence[tuple[str, str]]) -> Any:
    """Return a table to insert into, by the columns that a backup names."""
    return sa.table(name, *(sa.column(column, TYPES[kind]()) for column, kind in columns))


def _by_bytes(connection: Connection, column: "Column[Any]") -> Any:
    """Return a column to order by, texts by their bytes: the order of a language differs from place to place."""
    if connection.dialect.name == "postgresql" and type_of(column) == "text":
        return sa.collate(column, "C")
    return column


def _encoder(kind: str) -> Callable[[Any], Any]:
    if kind == "moment":
        return lambda value: value.astimezone(UTC).isoformat()
    if kind == "day":
        return lambda value: value.isoformat()
    if kind == "bytes":
        return lambda value: base64.b64encode(value).decode("ascii")
    if kind == "yes_no":
        return bool
    return lambda value: value


def _decoder(kind: str) -> Callable[[Any], Any]:
    if kind == "moment":
        return datetime.fromisoformat
    if kind == "day":
        return date.fromisoformat
    if kind == "bytes":
        return base64.b64decode
    return lambda value: value
