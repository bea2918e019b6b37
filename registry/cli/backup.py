"""`registry backup` and `registry restore`: one file that holds the whole register, and back, on either database."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from registry.cli.progress import progress
from registry.config import Settings, files_folder, load_settings

if TYPE_CHECKING:
    from registry.evidence.vault import Vault


@click.group("backup")
def backup_group() -> None:
    """备份、核对备份 · Make a backup, or hold one to its digests.

    A backup holds every table and every file of evidence as they stood at one moment; people may go on working
    meanwhile. The keys of confidential fields are not in it: keep them apart (registry keys).
    """


@backup_group.command("make")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--verify", "verifies", is_flag=True, help="写完后再读一遍核对 · Read it again and hold it to its digests."
)
def make(file: Path, verifies: bool) -> None:
    """备份到 FILE（不会覆盖已有文件）· Write a backup to FILE, which must not be there yet.

    FILE 是文件夹时，在其中按时刻取名 · In a folder it is named by the moment.
    """
    from sqlalchemy.orm import Session

    from registry.domain.trail import Doer, Tag
    from registry.store.engine import open_ready, shown, writing
    from registry.store.tables import METADATA
    from registry.work.back_up import back_up, row_counts
    from registry.work.trace import record

    settings = load_settings()
    engine = open_ready(settings.database_url)
    now = datetime.now(settings.zone)
    if file.is_dir():
        file = file / f"registry-{now:%Y-%m-%d-%H%M%S}.zip"
    with Session(engine) as session:
        total = sum(row_counts(session.connection()).values())
    with progress("备份 backing up", total) as advance:
        made = back_up(engine, _vault(settings), file, now=now, key_ids=_key_ids(settings), progress=advance)
    rows = sum(part.rows for part in made.tables.values())
    with writing(engine) as session:
        told = {"rows": rows, "files": len(made.files), "head": made.heads["trail"][0]}
        record(session, Tag.BACKUP_MADE, Doer.program("backup make"), now=now, subject=file.name, after=told)
    click.echo(
        f"{shown(engine)} → {file}：{len(METADATA.tables)} 张表 {rows:,} 行，{len(made.files):,} 份文件 (rows, files)"
    )
    if verifies:
        _verify(file)


@backup_group.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
def verify(file: Path) -> None:
    """核对备份是否完整（不需要数据库）· Hold a backup to its digests; needs no database."""
    _verify(file)


def _verify(file: Path) -> None:
    from registry.work.backup_file import opened, verify_parts

    with opened(file) as (archive, manifest):
        verify_parts(archive, manifest)
    rows = sum(part.rows for part in manifest.tables.values())
    click.echo(
        f"{file}：完整 (whole)，{manifest.made_at}，迁移 {manifest.migration}，"
        f"{rows:,} 行，{len(manifest.files):,} 份文件 (rows, files)"
    )
    if manifest.key_ids:
        click.echo(f"保密字段所用密钥 (sealed under): {', '.join(manifest.key_ids)}")


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
def restore(file: Path) -> None:
    """把备份恢复到 REGISTRY_DATABASE_URL 的空库 · Restore a backup into the empty database of REGISTRY_DATABASE_URL.

    Also of the other kind: a backup of SQLite goes into PostgreSQL, and back. REGISTRY_FILES takes the evidence.
    """
    from registry.domain.trail import Doer, Tag
    from registry.store.engine import open_engine, shown, writing
    from registry.work.backup_file import opened
    from registry.work.restore import ensure_empty_folder
    from registry.work.restore import restore as put_back
    from registry.work.trace import record

    settings = load_settings()
    engine, vault = open_engine(settings.database_url), _vault(settings)
    with opened(file) as (_archive, manifest):
        rows = sum(part.rows for part in manifest.tables.values())
    if vault is not None and manifest.files:
        ensure_empty_folder(vault)
    with progress("恢复 restoring", rows) as advance:
        made = put_back(engine, vault, file, progress=advance)
    with writing(engine) as session:
        told = {"made_at": made.made_at, "rows": rows, "files": len(made.files)}
        doer = Doer.program("restore")
        record(session, Tag.BACKUP_RESTORED, doer, now=datetime.now(settings.zone), subject=file.name, after=told)
    click.echo(f"{file} → {shown(engine)}：{rows:,} 行，{len(made.files):,} 份文件，已核对一致 (restored and verified)")


def _vault(settings: Settings) -> "Vault | None":
    from registry.evidence.vault import Vault

    folder = files_folder(settings)
    return Vault(folder) if folder else None


def _key_ids(settings: Settings) -> tuple[str, ...]:
    from registry.work.seal_keys import field_keys

    return (field_keys(settings.field_keys, settings.database_url).current_id,)
