"""`registry demo`: makes the demo city in an empty database, and serves it when asked."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from registry.cli.progress import progress
from registry.config import Settings, load_settings
from registry.domain.roles import ROLE_WORDS, Role

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from registry.work.found_people import Invited

DEFAULT_FIRMS = 20_000


@click.command()
@click.option(
    "--seed", type=click.IntRange(0, 2**31), default=1, help="随机种子 the seed; the same one gives the same city"
)
@click.option("--firms", type=click.IntRange(10, 2_000_000), default=DEFAULT_FIRMS, help="企业数 how many firms")
@click.option("--serve", "serves", is_flag=True, help="随后启动服务 then serve it on REGISTRY_HOST:REGISTRY_PORT")
@click.pass_context
def demo(context: click.Context, seed: int, firms: int, serves: bool) -> None:
    """生成示例城市（两万家示例企业）。Make the demo city; --serve serves it, an existing one as it is."""
    from registry.store.engine import open_ready, shown, writing
    from registry.store.queries import firm_count
    from registry.work.found_city import found_city
    from registry.work.found_people import DOER, found_people, has_real_people, is_demo_city
    from registry.work.keep_calendar import ensure_calendar

    engine = open_ready(load_settings().database_url)
    with writing(engine) as session:
        present = firm_count(session)
        if present and not serves:
            click.echo(f"{shown(engine)}：已有 {present:,} 家企业，未作改动 (already there, nothing changed)")
        elif not present:
            click.echo(f"正在生成示例城市：{firms:,} 家企业（约需半分钟） … (making the demo city)", err=True)
            with progress("企业 firms", firms) as advance:
                made = found_city(session, seed=seed, firms=firms, now=datetime.now(UTC), progress=advance)
            ensure_calendar(session, datetime.now(UTC), DOER)
            click.echo(f"{shown(engine)}：{made:,} 家示例企业 (made)")
    settings = load_settings()
    with writing(engine) as session:
        # Invented administrators have no place beside real people, nor over real firms that came before any account.
        is_open = is_demo_city(session) and not has_real_people(session)
        invited = found_people(session, now=datetime.now(settings.zone)) if is_open else []
        if is_open:
            _casework(session, settings)
    _tell(invited, settings.public_url)
    engine.dispose()
    if serves:
        from registry.cli.serving import serve

        context.invoke(serve)


def _casework(session: "Session", settings: Settings) -> None:
    """Invent cases at every stage, unless there are some."""
    from registry.policy import Options
    from registry.web.typed import typed_of
    from registry.work.found_casework import found_casework
    from registry.work.seal_keys import field_keys

    keys = field_keys(settings.field_keys, settings.database_url)
    options = Options(settings.local_table, settings.higher_title_counts)
    count = found_casework(session, keys, options, typed_of, now=datetime.now(settings.zone))
    if count:
        click.echo(f"示例申报 {count} 件，各环节都有 (cases at every stage)")


def _tell(invited: "list[Invited]", public_url: str) -> None:
    """Print a link for each of the demo people; each works once, for a day."""
    if not invited:
        return
    click.echo("示例人员（虚构）的一次性登录链接，一天内有效；再次运行 registry demo 会换新 (one-time links):")
    for one in invited:
        word, english = ROLE_WORDS[Role(one.role)]
        click.echo(f"  {word} {english} · {one.name} · {one.place}\n    {public_url}/link/{one.token}")
