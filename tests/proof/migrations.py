"""Takes a populated register down migration by migration and up again: what both versions hold stays as it was.

A demo city of 10,000 firms with people and cases is built on SQLite and moved to PostgreSQL by its backup. On each,
every migration is taken back, done again over the rows that the ones before it hold, and taken back, the newest first:
counts and digests of all those rows stay the same. From nothing the database is then brought to the newest
version; it is what the tables in code say, and takes the backup again, with the counts and digests of the beginning.
"""

import hashlib
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from postgres import CARELESS, cluster
from sqlalchemy import Engine, func, inspect, select

from registry.domain.trail import Doer
from registry.evidence.vault import Vault
from registry.policy import Options
from registry.store.dump import lines_of
from registry.store.engine import bring_to_newest, open_engine, writing
from registry.store.migrate import downgrade, newest_version, upgrade, version_of
from registry.store.tables import METADATA
from registry.web.typed import typed_of
from registry.work.back_up import back_up
from registry.work.found_casework import found_casework
from registry.work.found_city import found_city
from registry.work.found_people import found_people
from registry.work.keep_calendar import ensure_calendar
from registry.work.restore import BORN_WITH, restore
from registry.work.seal import Keys, new_key_text

NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
OPTIONS = Options("shandong-2022", False)
# Of a table: how many rows, and the SHA-256 of all of them in order.
State = dict[str, tuple[int, str]]


@dataclass
class Stepped:
    """What was stepped through on one database."""

    home: str
    rows: int
    tables: int
    migrations: int
    seconds: float

    def told(self) -> str:
        """Say how it went, in a line."""
        return (
            f"{self.home}: {self.migrations} migrations down, up and down with {self.rows:,} rows in {self.tables} "
            f"tables, then up and filled again, all the same, {self.seconds:.0f} s"
        )


def populate(engine: Engine, firms: int) -> None:
    """Fill an empty database: firms with all that lists state of them, people, cases at every stage."""
    bring_to_newest(engine)
    keys = Keys.parse(new_key_text("proof"))
    with writing(engine) as session:
        found_city(session, seed=1, firms=firms, now=NOW)
        ensure_calendar(session, NOW, Doer.program("proof"))
        found_people(session, now=NOW)
        found_casework(session, keys, OPTIONS, typed_of, now=NOW)


def state_of(engine: Engine) -> State:
    """Return the count and digest of every table that is there."""
    found: State = {}
    with engine.connect() as connection:
        present = set(inspect(connection).get_table_names())
        for table in METADATA.sorted_tables:
            if table.name in present:
                digest, rows = hashlib.sha256(), 0
                for line in lines_of(connection, table):
                    digest.update(line)
                    rows += 1
                found[table.name] = rows, digest.hexdigest()
    return found


def counts_of(engine: Engine) -> dict[str, int]:
    """Return how many rows every table that is there has."""
    with engine.connect() as connection:
        present = set(inspect(connection).get_table_names())
        tables = [table for table in METADATA.sorted_tables if table.name in present]
        return {table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def changed(before: State, after: State) -> list[str]:
    """Return the tables that both hold and that differ."""
    return [name for name, told in after.items() if name in before and before[name] != told]


def step_through(
    engine: Engine, backup: Path, vault: Vault | None = None, again: Collection[int] | None = None
) -> Stepped:
    """Take a populated database down and up, step by step, and fill it again.

    Args:
        backup: where to keep what it holds; nothing is there yet.
        again: the numbers of those that are done again on the way down; all of them unless given.

    Raises:
        AssertionError: a row was lost or changed, or the database is not what the tables say.
    """
    started = time.monotonic()
    first = state_of(engine)
    back_up(engine, vault, backup, now=NOW)
    steps = int(newest_version())
    held = first
    for number in range(steps, 0, -1):
        downgrade(engine, "-1")
        lower = counts_of(engine)
        if again is None or number in again:
            # Over the rows that the ones before it hold.
            upgrade(engine, f"{number:04}")
            held = _hold(f"{number:04} down and up", held, state_of(engine), lower)
            downgrade(engine, "-1")
        held = {name: told for name, told in held.items() if name in lower}
        assert counts_of(engine) == {name: count for name, (count, _digest) in held.items()}, f"{number:04} down"
    assert not held, f"left behind: {sorted(held)}"
    upgrade(engine)
    with engine.connect() as connection:
        assert version_of(connection) == newest_version()
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert (differs := compare_metadata(context, METADATA)) == [], differs
    restore(engine, vault, backup)
    assert not (lost := changed(first, state_of(engine))) and set(first) == set(METADATA.tables), lost
    rows = sum(count for count, _digest in first.values())
    return Stepped(engine.dialect.name, rows, len(first), steps, time.monotonic() - started)


def _hold(what: str, before: State, after: State, lower: dict[str, int]) -> State:
    """Hold a state to the one before: the tables of the lower version are the same, the others there and empty."""
    assert set(after) == set(before), f"{what}: {set(after) ^ set(before)}"
    kept = {name: told for name, told in after.items() if name in lower}
    assert not (lost := changed(before, kept)), f"{what}: {lost}"
    made = [name for name in after if name not in lower and name not in BORN_WITH]
    assert not [name for name in made if after[name][0]], f"{what}: makes rows"
    return after


@contextmanager
def moved(backup: Path) -> Iterator[Engine]:
    """Give a PostgreSQL database with what a backup holds."""
    with cluster(CARELESS) as server:
        engine = open_engine(server.start().create())
        restore(engine, None, backup)
        yield engine
        engine.dispose()


def prove(folder: Path, small: bool) -> str:
    """Run it at the size of the goal: 10,000 firms, on both databases."""
    engine = open_engine(f"sqlite:///{folder / 'registry.sqlite'}")
    populate(engine, 200 if small else 10_000)
    told = []
    first, backup = state_of(engine), folder / "sqlite.backup"
    told.append(step_through(engine, backup))
    assert small or first["firm"][0] >= 10_000, first["firm"]
    engine.dispose()
    with moved(backup) as other:
        assert state_of(other) == first, changed(first, state_of(other))
        told.append(step_through(other, folder / "postgresql.backup"))
    counts = f"{first['firm'][0]:,} firms, {first['ledger'][0]:,} events, {first['application'][0]} cases"
    return f"{counts}; {'; '.join(one.told() for one in told)}"
