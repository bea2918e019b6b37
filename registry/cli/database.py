"""`registry upgrade` and `registry settings`: the database's version, and what the environment may say."""

import click

from registry.config import listed, load_settings


@click.command()
def upgrade() -> None:
    """把数据库升级到最新版本 · Bring the database to the newest migration.

    The database is that of REGISTRY_DATABASE_URL; back it up first. Run again it changes nothing.
    """
    from registry.store.engine import bring_to_newest, open_engine, shown

    engine = open_engine(load_settings().database_url)
    stood_at, stands_at = bring_to_newest(engine)
    if stood_at == stands_at:
        click.echo(f"{shown(engine)}：已是最新版本 {stands_at} (already at the newest version)")
    else:
        click.echo(f"{shown(engine)}：{stood_at or '空'} → {stands_at} (upgraded)")


@click.command()
def settings() -> None:
    """列出全部设置：名称、现值、默认值、含义 · List every setting of the environment; secrets are masked."""
    for name, value, default, meaning in listed(load_settings()):
        click.echo(f"{name}={value}\n    默认 (default): {default or '—'}\n    {meaning}")
