"""What an audit finds, and reading that survives rows which somebody has made unreadable. Judges nothing."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, and_, literal, true
from sqlalchemy.exc import DBAPIError

# How many findings are told one by one; the rest is counted, so that a book spoilt throughout fits in memory.
MOST = 100
# What reading a row may raise when a value is not of its column's kind.
UNREADABLE = (ValueError, TypeError, OverflowError, DBAPIError)
_DAY = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
_MOMENT = f"{_DAY} [0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]"


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
                unreadable(part[0], _reason(failure))
    return rows


def _reason(failure: Exception) -> str:
    return str(getattr(failure, "orig", None) or failure).partition("\n")[0]


def well_written(connection: Connection, *, days: tuple[Any, ...] = (), moments: tuple[Any, ...] = ()) -> Any:
    """Return the condition that days and moments stand in the one form in which they can be compared.

    SQLite keeps them as text, and other texts can be read as the same day; PostgreSQL has types for them.
    """
    if connection.dialect.name != "sqlite":
        return true()
    globs = [column.bool_op("GLOB")(literal(_DAY)) for column in days]
    return and_(*globs, *(column.bool_op("GLOB")(literal(_MOMENT)) for column in moments))
