"""`registry doctor`: looks an installation over and says what to do."""

import sys
from datetime import datetime

import click

from registry.config import files_folder, load_settings

_MARKS = {"good": "✓", "doubtful": "!", "wrong": "✗"}


@click.command()
@click.option("--deep", is_flag=True, help="逐份核对文件，验证两条链 · Read every file and prove both chains.")
def doctor(deep: bool) -> None:
    """体检：数据库、文件、密钥、日历、邮件、任务、设置 · Look the installation over; exit 1 when something is wrong."""
    from registry.evidence.vault import Vault
    from registry.store.engine import open_engine, refusing
    from registry.work.examine import examine
    from registry.work.seal_keys import field_keys

    settings = load_settings()
    engine, folder = open_engine(settings.database_url), files_folder(settings)
    vault = Vault(folder) if folder else None
    keys = field_keys(settings.field_keys, settings.database_url)
    worst = "good"
    with refusing(engine):
        for found in examine(engine, settings, vault, keys, now=datetime.now(settings.zone), deep=deep):
            click.echo(f"{_MARKS[found.state]} {found.what}: {found.told}")
            worst = max(worst, found.state, key=list(_MARKS).index)
    engine.dispose()
    sys.exit(1 if worst == "wrong" else 0)
