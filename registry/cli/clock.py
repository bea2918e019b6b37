"""`registry clock tick`: reminds of what falls due. The server does so by itself; this is for whoever runs none."""

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import click

from registry.config import files_folder, load_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from registry.evidence.vault import Vault
    from registry.work.remind_by_clock import Ticked
    from registry.work.seal import Keys


class Kept(NamedTuple):
    """What a look of the clock came to; None where there was nothing to do.

    Attributes:
        swept: how many files of the vault went.
    """

    ticked: "Ticked | None"
    swept: int


@click.group("clock")
def clock_group() -> None:
    """到期提醒 · Reminders by the clock."""


@clock_group.command("tick")
def tick() -> None:
    """发出到期提醒，更新暂定公示，清理无用文件；可随时重复 · Remind of what is due; may be repeated at any time.

    Nothing is told twice, nothing is decided or closed.
    """
    from registry.evidence.vault import Vault
    from registry.store.engine import open_ready
    from registry.work.seal_keys import field_keys

    settings = load_settings()
    folder = files_folder(settings)
    engine = open_ready(settings.database_url)
    keys = field_keys(settings.field_keys, settings.database_url)
    vault = Vault(folder) if folder else None
    kept = keep_time(engine, keys, settings.public_url, vault, datetime.now(settings.zone))
    engine.dispose()
    notices = kept.ticked.notices if kept.ticked else {}
    for template, count in sorted(notices.items()):
        click.echo(f"{template}: {count}")
    refreshed = kept.ticked.refreshed + kept.ticked.settled if kept.ticked else 0
    click.echo(
        f"通知 {sum(notices.values())} 条，更新暂定期限 {refreshed} 个，清理文件 {kept.swept} 份 "
        f"(notices, provisional days brought up to date, files swept)"
    )


# Things told in one transaction.
MOST_AT_ONCE = 20


def keep_time(engine: "Engine", keys: "Keys", public_url: str, vault: "Vault | None", now: datetime) -> Kept:
    """Tell what is due, some of it in each transaction, and sweep the vault if one is given.

    The writers' lock is taken only when there is something to tell, and never for long.
    """
    from sqlalchemy.orm import Session

    from registry.store.engine import writing
    from registry.work.keep_evidence import files_needed
    from registry.work.post import Post
    from registry.work.remind_by_clock import is_anything_due
    from registry.work.remind_by_clock import tick as tick_once

    with Session(engine) as reading:
        is_due = is_anything_due(reading, now)
    ticked = None
    while is_due:
        with writing(engine) as session:
            told = tick_once(session, now=now, post=Post(keys, public_url.rstrip("/")), most=MOST_AT_ONCE)
        ticked = told if ticked is None else ticked + told
        is_due = bool(told.left and told.total)
    if vault is None or not vault.folder.is_dir():
        return Kept(ticked, 0)
    with Session(engine) as reading:
        needed = files_needed(reading, now)
    # Without the database: whoever reads SQLite keeps a writer waiting, and this looks at every file.
    swept = vault.sweep(needed, now)
    return Kept(ticked, swept.orphans)
