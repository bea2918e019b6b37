"""Makes the two registers that the books are measured on: a demo city of 20,000 firms, and a million copied from it.

The city is founded through the deeds of the program. The million is the city fifty times over, copied by the database
itself: every table that speaks of a firm, with other numbers and other, valid codes; sums by day are multiplied. The
ledger is not copied: nothing that is measured reads it, except an import, which is given firms that are in no ledger.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, literal, select
from sqlalchemy.orm import Session

from registry.domain.uscc import ALPHABET
from registry.store.base import Base
from registry.store.engine import bring_to_newest, open_engine, writing
from registry.store.standing import Tally
from registry.work.count import Count, count, question_of
from registry.work.found_city import found_city
from tests import postgres

FIRMS, COPIES = 20_000, 50
LARGE = FIRMS * COPIES
SEED = 1
# After the city closed its books; a clock that stands there makes every run the same.
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
COPIED_AT = NOW.replace(hour=10)
# What an operator gives a server that keeps a million firms; the tests' own settings are those of a tiny one.
GENEROUS = {"shared_buffers": "1GB", "work_mem": "64MB", "maintenance_work_mem": "512MB", "max_wal_size": "8GB"}
# The first two characters and the ninth of a code tell the copies apart; every code of the city has 91 and Y there.
_LETTERS = [letter for letter in ALPHABET if letter != "Y"]
MARKS = [(first, letter) for first in ("91", "93") for letter in _LETTERS]
Say = Callable[[str], object]


class CopyIsWrong(Exception):
    """The copied register does not hold what it was copied from as often as it should."""


@dataclass(frozen=True, slots=True)
class Register:
    """A register to measure.

    Attributes:
        engine: its name as the table prints it.
        firms: how many it holds.
        made: seconds that making it took.
        size: bytes on the disk.
    """

    engine: str
    firms: int
    url: str
    made: float
    size: int


@contextmanager
def registers(folder: Path, say: Say, engines: Sequence[str] = ("SQLite", "PostgreSQL")) -> Iterator[list[Register]]:
    """Give both registers on both databases; a database without a server is told of and left out."""
    found: list[Register] = []
    if "SQLite" in engines:
        small, large = folder / "small.sqlite", folder / "large.sqlite"
        found += _both("SQLite", f"sqlite:///{small}", lambda: _cloned(small, large), say)
    if "PostgreSQL" not in engines:
        yield found
    elif postgres.programs() is None:
        say("PostgreSQL: skipped, no server is installed (`make test` installs it)\n")
        yield found
    else:
        with postgres.server({**postgres.CARELESS, **GENEROUS}) as server:
            small_url = server.create()
            name = small_url.partition("?")[0].rpartition("/")[2]
            found += _both("PostgreSQL", small_url, lambda: server.create(name), say)
            yield found


def _cloned(source: Path, target: Path) -> str:
    target.write_bytes(source.read_bytes())
    return f"sqlite:///{target}"


def _both(engine: str, url: str, clone: Callable[[], str], say: Say) -> list[Register]:
    """Found the city, clone its database and make the clone a million."""
    start = time.perf_counter()
    _found(url)
    small = Register(engine, FIRMS, url, time.perf_counter() - start, 0)
    say(f"{engine}: a city of {FIRMS:,} firms founded by its deeds in {small.made:,.0f} s\n")
    start = time.perf_counter()
    large_url = clone()
    multiply(large_url)
    took = time.perf_counter() - start
    say(f"{engine}: {LARGE:,} firms, {COPIES} copies of the city without the ledger, in {took:,.0f} s")
    check_copy(url, large_url)
    say(f"; stock and flow are {COPIES} times those of the city in every row\n")
    return [
        Register(engine, FIRMS, url, small.made, size_of(url)),
        Register(engine, LARGE, large_url, took, size_of(large_url)),
    ]


def _found(url: str) -> None:
    engine = open_engine(url)
    bring_to_newest(engine)
    with writing(engine) as session:
        found_city(session, seed=SEED, firms=FIRMS, now=NOW)
    _tidy(engine)
    engine.dispose()


def multiply(url: str) -> None:
    """Copy a register of one city until it holds as many as asked, and tidy it as an operator does."""
    engine = open_engine(url)
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if is_sqlite:
            # Nothing is to survive a power cut here; the connection is closed afterwards.
            connection.rollback()
            raw = connection.connection.dbapi_connection
            for pragma in ("foreign_keys=OFF", "synchronous=OFF", "journal_mode=OFF", "cache_size=-1048576"):
                raw.execute(f"PRAGMA {pragma}")
        else:
            # Foreign keys are not checked again row by row: the copies point where the city points.
            connection.exec_driver_sql("SET session_replication_role = replica")
            connection.commit()
        copied = [one for one in Base.metadata.sorted_tables if one.name == "firm" or "firm_id" in one.columns]
        # Those that no constraint rests on are made anew when all rows are there, which is far quicker.
        indexes = [index for table in copied for index in table.indexes]
        for index in indexes:
            index.drop(connection)
        for table in copied:
            _copy(connection, table)
        connection.execute(Tally.__table__.update().values(count=Tally.__table__.c["count"] * COPIES))
        # The books have changed, as whoever remembers answers must see.
        told = {"filed_at": COPIED_AT, "deed": "copied for a measurement", "source": "", "actor": ""}
        connection.execute(Base.metadata.tables["filing"].insert(), told)
        for index in indexes:
            index.create(connection)
        connection.commit()
    engine.dispose()
    engine = open_engine(url)
    _tidy(engine)
    engine.dispose()


def _copy(connection: Connection, table: Table) -> None:
    """Append the rows of the city under other numbers, once for each copy."""
    own = "id" if "id" in table.columns else None
    step = {"firm_id": FIRMS}
    if own:
        step[own] = int(connection.scalar(select(func.max(table.c.id))) or 0)
    key = own or "firm_id"
    source = table.alias("city")
    for copy in range(1, COPIES):
        values: dict[str, Any] = {column.name: source.c[column.name] for column in table.columns}
        values |= {name: values[name] + by * copy for name, by in step.items() if name in values}
        if table.name == "firm":
            values["uscc"] = _code(values["uscc"], copy, connection.dialect.name)
        if table.name in ("firm", "firm_name"):
            values["name"] = values["name"].concat(f"·{copy}")
        rows = select(*values.values()).where(source.c[key] <= step[key]).order_by(source.c[key])
        connection.execute(table.insert().from_select(list(values), rows))
    if own and connection.dialect.name == "postgresql":
        largest = select(func.coalesce(func.max(table.c.id), 1)).scalar_subquery()
        connection.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), largest)))


def _code(uscc: Any, copy: int, dialect: str) -> Any:
    """Return the code of a copy of a firm: other marks, and the check character that they call for."""
    first, letter = MARKS[copy - 1]
    turned = (int(first[1]) - 1) * 3 + (ALPHABET.index(letter) - ALPHABET.index("Y")) * 3**8
    found = func.instr if dialect == "sqlite" else func.strpos
    check = (found(ALPHABET, func.substr(uscc, 18, 1)) - 1 + -turned % 31) % 31 + 1
    parts = (func.substr(uscc, 3, 6), letter, func.substr(uscc, 10, 8), func.substr(ALPHABET, check, 1))
    code: Any = literal(first)
    for part in parts:
        code = code.concat(part)
    return code


def _tidy(engine: Engine) -> None:
    """Do what an operator does after a large import."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


def check_copy(small: str, large: str) -> None:
    """Hold the counts of the million to those of the city.

    Raises:
        CopyIsWrong: a row does not count fifty times as many.
    """
    for year, by in ((2023, ()), (2025, ("district",)), (2024, ("industry", "size"))):
        one, many = (_counted(url, year, by) for url in (small, large))
        for few, all_of_them in zip((*one.rows, *one.holders), (*many.rows, *many.holders), strict=True):
            wanted = {name: number * COPIES for name, number in few.counts.items()}
            if (few.tier, few.keys, wanted) != (all_of_them.tier, all_of_them.keys, dict(all_of_them.counts)):
                raise CopyIsWrong(f"{year} {few.tier} {dict(few.keys)}: {wanted} ≠ {dict(all_of_them.counts)}")


def _counted(url: str, year: int, by: Sequence[str]) -> Count:
    engine = open_engine(url)
    with Session(engine) as session:
        counted = count(session, question_of(year, today=NOW.date(), by=by), now=NOW)
    engine.dispose()
    return counted


def size_of(url: str) -> int:
    """Return the bytes that a register takes on the disk."""
    engine = open_engine(url)
    if engine.dialect.name == "sqlite":
        return os.path.getsize(str(engine.url.database))
    with engine.connect() as connection:
        found = int(connection.scalar(select(func.pg_database_size(func.current_database()))) or 0)
    engine.dispose()
    return found
