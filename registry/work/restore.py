"""Restores a backup into an empty database and an empty folder, also of the other kind: SQLite to PostgreSQL and back.

The backup is held to its digests before anything is written; all rows go in as one transaction; then the counts, the
digests of the tables and the chains of trail and ledger are held to the manifest, or nothing stays.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.orm import Session

from registry.domain.errors import Refused
from registry.evidence.kinds import MOST_BYTES
from registry.evidence.vault import Vault
from registry.store.dump import BATCH, TYPES, lines_of, rows_of, table_of
from registry.store.engine import to_write
from registry.store.migrate import newest_version, upgrade, version_of
from registry.store.tables import METADATA
from registry.store.trail import trail_head
from registry.work.audit import verify as verify_books
from registry.work.backup_file import Manifest, opened, refused, verify_parts
from registry.work.filing import last_head
from registry.work.keep_trail import verify_trail

Progress = Callable[[int], None]


def restore(engine: Engine, vault: Vault | None, source: Path, *, progress: Progress = lambda count: None) -> Manifest:
    """Restore a backup; the database must hold nothing but perhaps its empty tables.

    Args:
        progress: is told how many more rows are written.

    Raises:
        Refused: the backup is damaged or newer than this program, the database is not empty, files are to be restored
            and there is no folder, or what was restored does not hold.
    """
    with opened(source) as (archive, manifest):
        verify_parts(archive, manifest)
        _check_known(manifest)
        if manifest.files and vault is None:
            raise refused("备份里有文件，但没有设置存放文件的文件夹 (it holds files, and no folder is set)")
        _make_tables(engine, manifest.migration)
        for digest in manifest.files:
            if vault is not None:
                with archive.open(f"files/{digest}") as file, vault.draft(file, MOST_BYTES) as draft:
                    vault.keep(draft)
        with to_write(engine).begin() as connection, _rules_off(connection):
            for table in _in_order(manifest):
                part = manifest.tables[table]
                with archive.open(f"tables/{table}.jsonl") as lines:
                    _insert(connection, table, part.columns, lines)
                progress(part.rows)
            _number_on(connection, manifest)
            if manifest.migration == newest_version():
                verify_restored(connection, manifest)
        # A backup of an older program becomes one of this program; its own chains are held to by `registry audit`.
        upgrade(engine)
    return manifest


def verify_restored(connection: Connection, manifest: Manifest) -> None:
    """Hold a database to a manifest: every table's rows by digest, and the chains of trail and ledger.

    Raises:
        Refused: says what differs.
    """
    for table in METADATA.sorted_tables:
        digest = hashlib.sha256()
        for line in lines_of(connection, table):
            digest.update(line)
        if digest.hexdigest() != manifest.tables[table.name].sha256:
            raise refused(f"表 {table.name} 恢复后与备份不符 (the table differs from the backup)")
    for name, head in (("trail", trail_head(connection)), ("ledger", last_head(connection))):
        if (head.seq, head.hash) != manifest.heads[name]:
            raise refused(f"{name} 的链头与备份不符 (the head of the chain differs)")
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        trail, books = verify_trail(session), verify_books(session)
        if not trail.holds or not books.holds:
            raise refused("留痕或台账的链不成立 (the chain of the trail or the books does not hold)")


def _check_known(manifest: Manifest) -> None:
    if manifest.migration > newest_version():
        raise refused(
            f"备份来自更新的版本（迁移 {manifest.migration}，本程序 {newest_version()}），请先升级程序 "
            "(made by a newer program)"
        )
    strange = {kind for part in manifest.tables.values() for _name, kind in part.columns} - set(TYPES)
    if strange:
        raise refused(f"备份里有不认识的列类型：{sorted(strange)} (unknown kinds of columns)")


def _make_tables(engine: Engine, migration: str) -> None:
    """Bring an empty database to the migration of the backup.

    Raises:
        Refused: it holds rows, or stands at another migration.
    """
    with engine.connect() as connection:
        stands_at = version_of(connection)
        tables = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
        if stands_at is None and tables:
            raise refused("数据库里已有别的表 (the database holds other tables)")
        if stands_at not in (None, migration):
            raise refused(
                f"数据库在迁移 {stands_at}，备份在 {migration}：请恢复到空库 (restore into an empty database)"
            )
        quote = connection.dialect.identifier_preparer.quote
        for name in tables:
            # What every new database is born with is replaced by what the backup holds.
            if name not in BORN_WITH and connection.scalar(text(f"SELECT 1 FROM {quote(name)} LIMIT 1")):  # noqa: S608
                raise refused(f"数据库不是空的（{name} 有数据），只能恢复到空库 (the database is not empty)")
    if stands_at is None:
        upgrade(engine, migration)


# Tables that a migration fills: the offices of the city.
BORN_WITH = ("office",)


def _in_order(manifest: Manifest) -> list[str]:
    """Return the tables of a backup so that each comes after those it points to."""
    known = [table.name for table in METADATA.sorted_tables]
    return sorted(manifest.tables, key=lambda name: known.index(name) if name in known else len(known))


def _insert(connection: Connection, name: str, columns: tuple[tuple[str, str], ...], lines: Any) -> None:
    table = table_of(name, columns)
    try:
        if name in BORN_WITH:
            connection.execute(table.delete())
        rows = rows_of(lines, columns)
        while batch := list(islice(rows, BATCH)):
            connection.execute(table.insert(), batch)
    except (DBAPIError, StatementError, ValueError, TypeError) as failure:
        raise refused(f"表 {name} 的内容不能写入：{failure} (rows that the table does not take)") from failure


@contextmanager
def _rules_off(connection: Connection) -> Iterator[None]:
    """Take the rules that keep rows as they were written out of the way, and put them back in the same transaction."""
    if connection.dialect.name == "postgresql":
        quote = connection.dialect.identifier_preparer.quote
        names = [quote(name) for name in inspect(connection).get_table_names() if name != "alembic_version"]
        for name in names:
            connection.exec_driver_sql(f"ALTER TABLE {name} DISABLE TRIGGER USER")
        yield
        # What is checked only at the end otherwise, as the rows of a publication, would still wait to be.
        connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
        for name in names:
            connection.exec_driver_sql(f"ALTER TABLE {name} ENABLE TRIGGER USER")
        return
    rules = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    for name, _sql in rules:
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    yield
    for _name, sql in rules:
        connection.exec_driver_sql(sql)


def _number_on(connection: Connection, manifest: Manifest) -> None:
    """Let PostgreSQL number new rows after those restored; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    quote = connection.dialect.identifier_preparer.quote
    for name, part in manifest.tables.items():
        if "id" not in dict(part.columns):
            continue
        sequence = connection.scalar(text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": quote(name)})
        if sequence:
            connection.exec_driver_sql(
                f"SELECT setval('{sequence}', (SELECT coalesce(max(id), 0) + 1 FROM {quote(name)}), false)"  # noqa: S608
            )


def ensure_empty_folder(vault: Vault) -> None:
    """Refuse to restore over files that are there.

    Raises:
        Refused: the folder holds files.
    """
    if next(iter(vault.digests()), None) is not None:
        raise Refused.at("files", f"文件夹 {vault.folder} 不是空的 (the folder of files is not empty)")
