"""`registry watch`: the watch-lists of a day, each firm with the reason why it stands there."""

from datetime import date, datetime
from pathlib import Path

import click

from registry.cli.handed_out import handing_out
from registry.cli.options import FORM, ON, OUT, deliver, policy_options
from registry.config import load_settings
from registry.domain.codes import LADDER


@click.command()
@click.argument("key", metavar="[LIST]", required=False)
@click.option("--list", "names", is_flag=True, help="列出全部清单及其定义和依据 name the lists")
@click.option("--on", type=ON, help="截至日期 the day, YYYY-MM-DD")
@click.option("--district", help="区市代码，六位：当日在该区市的企业 only the firms of a district, six digits")
@click.option("--days", type=int, help="expiring：此后多少天内到期，默认 90 how many days ahead")
@click.option("--tier", type=click.Choice(LADDER), help="只看一个梯度 one tier of the ladder")
@click.option("--format", "form", type=FORM, default="json")
@click.option("--out", type=OUT, help="写入文件，默认标准输出 to a file")
@click.option("--author", default="", help="制表人，写在封面 who makes it, for the cover")
def watch(
    key: str | None,
    names: bool,
    on: date | None,
    district: str | None,
    days: int | None,
    tier: str | None,
    form: str,
    out: Path | None,
    author: str,
) -> None:
    """关注清单：小升规培育库、称号到期、更新逾期等，逐家写明原因。Watch-lists of a day, each firm with its reason."""
    if names:
        _name_the_lists()
        return
    if key is None or on is None:
        raise click.UsageError("请给出清单和 --on；清单见 registry watch --list (give a list and --on)")
    if district is not None and not (len(district) == 6 and district.isascii() and district.isdigit()):
        raise click.BadParameter("应为六位区市代码 (six digits expected)", param_hint="--district")
    from registry.store.books import last_moment
    from registry.store.engine import open_ready
    from registry.store.still import reading_long
    from registry.work.lay_out_counts import Made
    from registry.work.lay_out_watch import write_watch
    from registry.work.watch import watch_all

    settings = load_settings()
    made = Made(datetime.now(settings.zone), author)
    engine = open_ready(settings.database_url)
    asked = {"on": on, "district": district, "days": days, "tier": tier, "author": author or None}
    with handing_out(engine, "watch", f"watch/{key}", form, **asked) as told, reading_long(engine) as session:
        whole = watch_all(session, key, on, district, tier=tier, days=days, options=policy_options())
        known_at = last_moment(session)
        told.rows = whole.total
        deliver(form, out, lambda target: write_watch(target, form, whole, made, known_at))
    click.echo(f"{whole.of.name} {whole.total:,} 行，无法判断 {whole.unknown:,} (lines, cannot be told)", err=True)


def _name_the_lists() -> None:
    from registry.policy.watch_lists import watch_lists

    for one in watch_lists().values():
        click.echo(f"{one.key}\t{one.name} ({one.name_en})")
        click.echo(f"\t{one.definition} ({one.definition_en})")
        click.echo(f"\t依据 {one.source}")
