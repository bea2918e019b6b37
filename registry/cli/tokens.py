"""`registry token …`: tokens by which partner systems read the API, made, listed and revoked."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import click

from registry.cli.options import ON
from registry.config import load_settings
from registry.domain.trail import Doer

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_SCOPES = ("read:books", "read:firms")
_USUAL_LIFE = timedelta(days=365)


@click.group("token")
def token_group() -> None:
    """接口令牌：开立、列出、撤销 · Tokens of partner systems for the API."""


@token_group.command("make")
@click.option("--name", required=True, help="由哪个系统使用 · Which system uses it.")
@click.option(
    "--scope", "scopes", type=click.Choice(_SCOPES), multiple=True, required=True, help="可读取什么 · What it may read."
)
@click.option("--expires", type=ON, help="最后有效日，默认一年后 · Last day, a year from now unless given.")
def make(name: str, scopes: tuple[str, ...], expires: date | None) -> None:
    """开立令牌，只显示这一次 · Make a token; it is printed now and never again."""
    from registry.work.keep_tokens import make_token

    with _writing() as (session, now):
        today = now.date()
        row, token = make_token(
            session,
            name=name,
            scopes=scopes,
            expires_on=expires or today + _USUAL_LIFE,
            doer=Doer.program("token make"),
            now=now,
            today=today,
        )
        told = f"{row.id}\t{row.name}\t{row.scopes}\t{row.expires_on}"
    click.echo(told, err=True)
    click.echo("请立即妥善保存，不会再次显示 (keep it: it is not shown again)", err=True)
    click.echo(token)


@token_group.command("list")
def list_() -> None:
    """列出令牌，不含令牌本身 · List the tokens, without the tokens themselves."""
    from sqlalchemy.orm import Session

    from registry.store.engine import open_ready
    from registry.store.tokens import tokens_page

    settings = load_settings()
    today, before = datetime.now(settings.zone).date(), None
    engine = open_ready(settings.database_url)
    with Session(engine) as session:
        while True:
            rows, before = tokens_page(session, before=before, limit=200)
            for row in rows:
                state = "已撤销 revoked" if row.revoked_at else "有效 valid" if row.holds(today) else "已过期 expired"
                used = (
                    row.last_used_at.astimezone(settings.zone).isoformat(timespec="minutes")
                    if row.last_used_at
                    else "—"
                )
                click.echo(f"{row.id}\t{row.name}\t{row.scopes}\t{row.expires_on}\t{state}\t{used}")
            if before is None:
                break
    engine.dispose()


@token_group.command("revoke")
@click.argument("number", type=click.IntRange(1, 999_999_999))
def revoke(number: int) -> None:
    """撤销令牌，立即失效 · Revoke a token, at once."""
    from registry.work.keep_tokens import revoke_token

    with _writing() as (session, now):
        name = revoke_token(session, number, doer=Doer.program("token revoke"), now=now).name
    click.echo(f"{name}：已撤销 (revoked)")


@contextmanager
def _writing() -> "Iterator[tuple[Session, datetime]]":
    from registry.store.engine import open_ready, writing

    settings = load_settings()
    engine = open_ready(settings.database_url)
    with writing(engine) as session:
        yield session, datetime.now(settings.zone)
    engine.dispose()
