"""What an audit finds, and reading that survives rows which somebody has made unreadable. Judges nothing."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Date, Dialect, Select, type_coerce
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import UserDefinedType

from registry.store.base import UtcMoment

# How many findings are told one by one; the rest is counted, so that a book spoilt throughout fits in memory.
MOST = 100
# The moment of an entry that cannot be read.
EPOCH = datetime(1, 1, 1, tzinfo=UTC)
# Rows that are read at once.
_PAGE = 10_000
# What reading a row may raise when a value is not of its column's kind.
UNREADABLE = (ValueError, TypeError, OverflowError, DBAPIError)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hold.

    Attributes:
        part: what was being proved: `chain`, `moments`, `standing` or `tally`.
        where: the table with the number of the row, or the code of the firm.
    """

    part: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(slots=True)
class Findings:
    """The findings of an audit under way.

    Attributes:
        listed: the first ones.
        counts: how many there were of each part, listed or not.
    """

    listed: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, part: str, where: str, what: str) -> None:
        """Note a finding; one of a part that has none listed yet is always listed."""
        if len(self.listed) < MOST or not self.counts[part]:
            self.listed.append(Finding(part, where, what))
        self.counts[part] += 1


def read_each(
    connection: Connection, query: Select[Any], key: Any, unreadable: Callable[[Any, str], None]
) -> list[Any]:
    """Return the rows of a query; one that cannot be read is told of and left out.

    Args:
        key: the column that names a row.
        unreadable: takes the key of a row that cannot be read, and why.
    """
    try:
        return list(connection.execute(query).all())
    except UNREADABLE:
        keys = list(connection.scalars(query.with_only_columns(key)))
    rows: list[Any] = []
    # Halved until a part can be read or is a single row.
    parts = [keys]
    while parts:
        part = parts.pop()
        try:
            rows += connection.execute(query.where(key.in_(part))).all()
        except UNREADABLE as failure:
            if len(part) > 1:
                half = len(part) // 2
                parts += [part[half:], part[:half]]
            else:
                unreadable(part[0], reason_of(failure))
    return rows


def read_through(
    connection: Connection, query: Select[Any], number: Any, progress: Callable[[int], None]
) -> Iterator[tuple[int, Any, str]]:
    """Yield every row of a query in the order of its numbers, some thousands at a time.

    Args:
        number: the column of the number, the first of those asked for.
        progress: is told how many more rows are done.

    Yields:
        The number, the row or None where it cannot be read, and then why.
    """
    ordered = query.order_by(number).limit(_PAGE)
    page = ordered
    while True:
        unreadable: dict[int, str] = {}
        rows = {row[0]: row for row in read_each(connection, page, number, unreadable.__setitem__)}
        numbers = sorted(rows.keys() | unreadable.keys())
        for one in numbers:
            yield one, rows.get(one), unreadable.get(one, "")
        progress(len(numbers))
        if len(numbers) < _PAGE:
            return
        page = ordered.where(number > numbers[-1])


def reason_of(failure: Exception) -> str:
    """Return what a failure says, in one line."""
    return str(getattr(failure, "orig", None) or failure).partition("\n")[0]


class _AsWritten(UserDefinedType[Any]):
    """A column of SQLite read by a function of ours; PostgreSQL has types of its own."""

    cache_ok = True

    def __init__(self, read: Callable[[str], Any]) -> None:
        self.read = read

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str], Any] | None:
        """Return what turns a text of SQLite into a value."""
        return self.read if dialect.name == "sqlite" else None


# Few days and moments stand in many rows.
@lru_cache(maxsize=100_000)
def _day(text: str) -> date:
    day = date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError(f"not written as a day: {text}")
    return day


@lru_cache(maxsize=10_000)
def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None or moment.isoformat(sep=" ", timespec="microseconds") != text:
        raise ValueError(f"not written as a moment: {text}")
    return moment.replace(tzinfo=UTC)


_KINDS = {Date: _AsWritten(_day), UtcMoment: _AsWritten(_moment)}


def strict(column: Any) -> Any:
    """Return a column to be read in the one form in which its values can be compared.

    SQLite keeps days and moments as text, of which several can be read as the same day; only one is a row of ours.
    """
    kind = _KINDS.get(type(column.type))
    return column if kind is None else type_coerce(column, kind).label(column.name)
