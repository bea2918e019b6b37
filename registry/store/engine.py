"""Opens the database and says whether it can be used: an engine with its manners, readiness, and sessions to write.

Knows SQLite's and PostgreSQL's ways; decides nothing about what is kept.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import Session

from registry.domain.errors import Refused
from registry.store.failures import Unconfirmed, is_spent, is_unusable, may_be_kept
from registry.store.migrate import WRITES, newest_version, upgrade, version_of
from registry.store.writers import queue_writers

SETTING = "REGISTRY_DATABASE_URL"
# Seconds that a connection waits for another writer before it gives up, and for a server to answer at all.
PATIENCE = 30
# The lock of PostgreSQL that a writer of the registry holds to the end of its transaction; any number nobody else uses.
WRITERS = 370_200


def open_engine(url: str) -> Engine:
    """Return an engine for a database, with the manners that the registry relies on. Does not connect yet.

    Args:
        url: as SQLAlchemy writes it. The folder of an SQLite file is made when only it is missing.

    Raises:
        Refused: no such URL, or no driver for it.
    """
    try:
        place = make_url(url)
        if place.get_backend_name() == "sqlite":
            return _open_sqlite(place)
        if place.get_backend_name() == "postgresql":
            return _open_postgresql(place)
        engine = create_engine(place)
    except (NoSuchModuleError, ModuleNotFoundError) as missing:
        raise Refused.at(SETTING, f"没有所需的数据库驱动：{missing} (the driver is not installed)") from None
    except (ArgumentError, ValueError) as broken:
        said = str(broken).partition("\n")[0]
        raise Refused.at(SETTING, f"不是有效的数据库地址：{said} (an SQLAlchemy URL expected)") from None
    raise Refused.at(SETTING, f"只支持 SQLite 与 PostgreSQL，现为 {engine.dialect.name} (SQLite or PostgreSQL)")


def _open_postgresql(place: URL) -> Engine:
    """Return an engine whose transactions see the database as it stood when they began, as SQLite's do.

    What a page or a screening reads in several questions then fits together whatever is imported meanwhile.
    """
    # libpq's own default is to wait for ever; an address that says how long is taken at its word.
    patience = {} if "connect_timeout" in place.query else {"connect_timeout": PATIENCE}
    engine = create_engine(place, pool_pre_ping=True, isolation_level="REPEATABLE READ", connect_args=patience)
    event.listen(engine, "begin", _queue_if_it_writes)
    return engine


def _queue_if_it_writes(connection: Connection) -> None:
    """Let one writer at a time go on: a list is compared with what is known, and nobody may add to that meanwhile.

    A writer sees what the one before it committed, which the isolation of readers would hide from it.
    """
    if not _writes(connection):
        return
    for statement in (
        "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
        f"SET LOCAL lock_timeout = '{PATIENCE}s'",
        f"SELECT pg_advisory_xact_lock({WRITERS})",
    ):
        connection.exec_driver_sql(statement)


def _open_sqlite(place: URL) -> Engine:
    file = file_of(place)
    if file is not None and not file.parent.exists():
        try:
            file.parent.mkdir()
        except OSError as refused:
            raise Refused.at(SETTING, f"无法建立文件夹 {file.parent}：{refused.strerror} (cannot make it)") from None
    # The connection that was used last has its pages at hand; in turn, each would come to hold all of them.
    pool = {} if file is None else {"pool_use_lifo": True}
    # Half of it in the queue, and half for the lock where its turn did not come.
    patience = PATIENCE / 2 if file is not None else PATIENCE
    engine = create_engine(place, connect_args={"timeout": patience}, **pool)
    event.listen(engine, "connect", _be_careful)
    if file is not None:
        queue_writers(engine, file, _writes, patience)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "handle_error", _give_up)
    return engine


def _give_up(failed: ExceptionContext) -> None:
    """Let go of a connection that a failure spoilt, and of those opened with it: the next one is new."""
    if not is_spent(failed.original_exception):
        return
    failed.is_disconnect = True
    raw = failed.connection.connection.dbapi_connection if failed.connection is not None else None
    if raw is not None:
        # Closed, it would keep its lock, and everybody waiting, as long as anything remembers a statement of it.
        with suppress(sqlite3.Error):
            raw.rollback()


def file_of(place: URL | str) -> Path | None:
    """Return the file of an SQLite URL, or None when the database is not a file."""
    place = make_url(place)
    if place.get_backend_name() != "sqlite" or place.database in (None, "", ":memory:"):
        return None
    return None if str(place.database).startswith("file:") else Path(str(place.database))


def _be_careful(raw: Any, _record: object) -> None:
    """Set up a new SQLite connection.

    Not WAL: SQLite before 3.51.3 may corrupt a WAL database that two processes write. Not mmap, for the same reports.
    EXTRA, not FULL: that would not make sure that the journal's end is on the disk, and a power cut could bring it back
    and undo what was acknowledged. Without recursive triggers INSERT OR REPLACE would slip past the rules that refuse a
    deletion.
    """
    # The driver would open transactions late, and savepoints would leak; `_begin` opens them in time.
    raw.isolation_level = None
    cursor = raw.cursor()
    for pragma in ("journal_mode=DELETE", "synchronous=EXTRA", "foreign_keys=ON", "recursive_triggers=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.execute("PRAGMA mmap_size=0")
    cursor.execute("PRAGMA cache_size=-65536")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writes(connection) else "BEGIN")


def _writes(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get(WRITES))


def to_write(engine: Engine) -> Engine:
    """Return the engine for transactions that write: they take the writers' lock at once.

    A transaction that reads first and takes the lock later may be refused it half-way; this one waits its turn.
    """
    return engine.execution_options(**{WRITES: True})


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """Give a session that is committed at the end, or undone when anything fails.

    Raises:
        Refused: the database is locked by another writer, read-only, full, damaged or gone; nothing is kept.
        Unconfirmed: it failed while it kept what was written.
    """
    keeps = False
    try:
        with Session(to_write(engine)) as session, session.begin():
            yield session
            keeps = True
    except DBAPIError as failure:
        if not is_unusable(failure):
            raise
        if keeps and may_be_kept(failure):
            said = "写入时数据库中断，请先核对是否已写入 (it failed while writing: look first whether it was kept)"
            raise Unconfirmed.at(shown(engine), said) from failure
        raise _unusable(engine, failure) from failure


def ensure_ready(engine: Engine) -> None:
    """Make sure that the database stands at the newest migration; an empty SQLite file is brought there by itself.

    Raises:
        Refused: it cannot be reached, is not a registry's, or stands at another version; says what to do.
    """
    with refusing(engine), engine.connect() as connection:
        stands_at = version_of(connection)
        is_empty = stands_at is None and not _tables(connection)
    if is_empty and engine.dialect.name == "sqlite":
        upgrade(engine)
        return
    _judge(stands_at, is_empty, shown(engine))


def open_ready(url: str) -> Engine:
    """Return an engine whose database is ready to be used (see `open_engine`, `ensure_ready`)."""
    engine = open_engine(url)
    ensure_ready(engine)
    return engine


def bring_to_newest(engine: Engine) -> tuple[str | None, str]:
    """Bring a database to the newest migration; return the versions it stood and stands at.

    Raises:
        Refused: it cannot be reached, holds something else, or is newer than this program.
    """
    with refusing(engine), engine.connect() as connection:
        stands_at = version_of(connection)
        if stands_at is None and _tables(connection):
            _judge(None, False, shown(engine))
        if stands_at is not None and stands_at > newest_version():
            _judge(stands_at, False, shown(engine))
    if stands_at != newest_version():
        with refusing(engine):
            upgrade(engine)
    return stands_at, newest_version()


def _tables(connection: Connection) -> set[str]:
    """Return the tables of a database, apart from the one that a downgrade to nothing leaves behind."""
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


def _judge(stands_at: str | None, is_empty: bool, place: str) -> None:
    newest = newest_version()
    if stands_at == newest:
        return
    if is_empty:
        text = "数据库是空的，请先运行 registry upgrade (the database is empty: run `registry upgrade`)"
    elif stands_at is None:
        text = "这个数据库不是本系统的，未作改动 (it holds tables of something else; nothing was changed)"
    elif stands_at < newest:
        text = (
            f"数据库版本 {stands_at} 早于程序所需的 {newest}，请先备份再运行 registry upgrade "
            "(older than this program: back it up and run `registry upgrade`)"
        )
    else:
        text = (
            f"数据库版本 {stands_at} 比程序所知的 {newest} 新，请更新程序 (newer than this program: update the program)"
        )
    raise Refused.at(place, text)


def shown(engine: Engine) -> str:
    """Return the address of a database without its password."""
    return engine.url.render_as_string(hide_password=True)


@contextmanager
def refusing(engine: Engine) -> Iterator[None]:
    """Turn a database that cannot be used into a refusal that says why."""
    try:
        yield
    except (DBAPIError, sqlite3.Error, OSError) as failure:
        raise _unusable(engine, failure) from failure


def _unusable(engine: Engine, failure: Exception) -> Refused:
    reason = getattr(failure, "orig", None) or failure
    first_line = str(reason).strip().partition("\n")[0]
    return Refused.at(shown(engine), f"无法使用这个数据库：{first_line} (cannot be used)")
