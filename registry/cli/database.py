"""`registry upgrade` and `registry settings`: the database's version, and what the environment may say."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from registry.cli.progress import progress
from registry.config import listed, load_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine


@click.command()
def upgrade() -> None:
    """把数据库升级到最新版本 · Bring the database to the newest migration.

    The database is that of REGISTRY_DATABASE_URL; back it up first. Run again it changes nothing.
    """
    from registry.store.engine import bring_to_newest, open_engine, shown

    engine = open_engine(load_settings().database_url)
    stood_at, stands_at = bring_to_newest(engine)
    _catch_up(engine)
    _fill_search(engine)
    _fill_calendar(engine)
    if stood_at == stands_at:
        click.echo(f"{shown(engine)}：已是最新版本 {stands_at} (already at the newest version)")
    else:
        click.echo(f"{shown(engine)}：{stood_at or '空'} → {stands_at} (upgraded)")


def _catch_up(engine: "Engine") -> None:
    """Derive the books of a register that an older version kept without them."""
    from sqlalchemy.orm import Session

    from registry.store.engine import writing
    from registry.store.queries import firm_count
    from registry.work.catch_up import catch_up, is_behind

    with Session(engine) as session:
        if not is_behind(session):
            return
        firms = firm_count(session)
    with progress("建账 keeping the books", firms) as advance, writing(engine) as session:
        catch_up(session, now=datetime.now(UTC), progress=advance)


def _fill_search(engine: "Engine") -> None:
    """Index the names of a register that an older version kept without that."""
    from sqlalchemy.orm import Session

    from registry.store.engine import writing
    from registry.store.queries import firm_count
    from registry.work.keep_search import fill_search, is_search_behind

    with Session(engine) as session:
        if not is_search_behind(session):
            return
        firms = firm_count(session)
    with progress("名称索引 indexing names", firms) as advance, writing(engine) as session:
        fill_search(session, advance)


def _fill_calendar(engine: "Engine") -> None:
    """File the years of the working calendar that came with the program and are not known yet."""
    from registry.store.engine import writing
    from registry.work.keep_calendar import ensure_calendar

    with writing(engine) as session:
        years = ensure_calendar(session, datetime.now(UTC))
    if years:
        click.echo(f"工作日历：已写入 {'、'.join(map(str, years))} (the working calendar: years filed)")


@click.command()
def settings() -> None:
    """列出全部设置：名称、现值、默认值、含义 · List every setting of the environment; secrets are masked."""
    for name, value, default, meaning in listed(load_settings()):
        click.echo(f"{name}={value}\n    默认 (default): {default or '—'}\n    {meaning}")
