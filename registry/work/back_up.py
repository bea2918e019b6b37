"""Makes a backup: every table as it stood at one moment, and every file that a row speaks of. Writes no row.

Writers do not wait for it (see `registry.store.still`).
"""

import hashlib
import os
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.orm import Session

from registry import __version__
from registry.domain.errors import Refused
from registry.evidence.vault import Vault
from registry.store.dump import lines_of, type_of
from registry.store.evidence import digests_kept
from registry.store.migrate import version_of
from registry.store.still import still
from registry.store.tables import METADATA
from registry.store.trail import trail_head
from registry.work.backup_file import Manifest, TablePart, copy_into, refused, write_seal
from registry.work.filing import last_head

Progress = Callable[[int], None]


def back_up(
    engine: Engine,
    vault: Vault | None,
    target: Path,
    *,
    now: datetime,
    key_ids: tuple[str, ...] = (),
    progress: Progress = lambda count: None,
) -> Manifest:
    """Write a backup to a file that is not there yet; when this returns it is whole on the disk.

    Args:
        key_ids: the keys under which confidential fields are sealed, to be named in it.
        progress: is told how many more rows are written.

    Raises:
        Refused: the target is there already or cannot be written, or a file of evidence is missing or damaged.
    """
    if target.exists():
        raise refused(f"{target.name} 已存在，不会覆盖 (it is there already and is not replaced)")
    draft = target.with_name(f".{target.name}.part")
    try:
        with (
            still(engine, target.parent) as connection,
            zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            manifest = _write(connection, vault, archive, now, key_ids, progress)
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        os.replace(draft, target)
    except OSError as failure:
        raise refused(f"备份写不出：{failure.strerror} (cannot be written)") from failure
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def _write(
    connection: Connection,
    vault: Vault | None,
    archive: zipfile.ZipFile,
    now: datetime,
    key_ids: tuple[str, ...],
    progress: Progress,
) -> Manifest:
    tables: dict[str, TablePart] = {}
    for table in METADATA.sorted_tables:
        digest, rows = hashlib.sha256(), 0
        with archive.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as part:
            for line in lines_of(connection, table):
                part.write(line)
                digest.update(line)
                rows += 1
        progress(rows)
        columns = tuple((column.name, type_of(column)) for column in table.columns)
        tables[table.name] = TablePart(columns, rows, digest.hexdigest())
    with Session(connection) as session:
        needed = sorted(digests_kept(session))
    trail, ledger = trail_head(connection), last_head(connection)
    manifest = Manifest(
        made_at=now.isoformat(),
        version=__version__,
        migration=version_of(connection) or "",
        tables=tables,
        files=_files(vault, archive, needed),
        heads={"trail": (trail.seq, trail.hash), "ledger": (ledger.seq, ledger.hash)},
        key_ids=key_ids,
    )
    write_seal(archive, manifest)
    return manifest


def _files(vault: Vault | None, archive: zipfile.ZipFile, needed: list[str]) -> dict[str, int]:
    """Lay every file that a row speaks of into the backup; damaged ones are told, not kept."""
    if not needed:
        return {}
    if vault is None:
        raise refused("没有存放文件的文件夹 (no folder of files is set)")
    broken = [digest for digest in needed if not vault.verify(digest)]
    if broken:
        raise Refused.at(
            "files", f"{len(broken)} 份文件缺失或已损坏，如 {broken[0]} (files are missing or damaged): registry doctor"
        )
    sizes = {}
    for digest in needed:
        with vault.open(digest) as source:
            copy_into(archive, f"files/{digest}", source)
            sizes[digest] = source.tell()
    return sizes


def row_counts(connection: Connection) -> dict[str, int]:
    """Return how many rows every table has."""
    return {
        table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in METADATA.sorted_tables
    }
