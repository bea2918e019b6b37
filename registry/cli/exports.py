"""`registry export`: the register as the lists that `registry import` takes, unchanged when they come back."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from registry.cli.handed_out import handing_out
from registry.cli.options import ON, OUT, deliver
from registry.cli.progress import progress
from registry.config import load_settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from registry.sheets.layout import ListColumn

# Reads the register, and gives the columns and the rows of the list.
Lay = Callable[["Session"], tuple["list[ListColumn]", Any]]


@click.group("export")
def export_group() -> None:
    """导出企业、称号或规上名单，可原样再导入 · Lists of the register; importing one again changes nothing."""


def _options(command: Callable[..., None]) -> Callable[..., None]:
    command = click.option("--out", type=OUT, help="写入文件，默认标准输出 to a file")(command)
    return click.option("--format", "form", type=click.Choice(["csv", "xlsx"]), default="xlsx")(command)


@export_group.command("firms")
@click.option("--district", help="区市代码，六位 only the firms that stand in a district today")
@_options
def firms(form: str, out: Path | None, district: str | None) -> None:
    """企业及其全部指标 · Firms with every fact and figure, as `import firms` takes them."""

    def lay(session: "Session") -> tuple["list[ListColumn]", Any]:
        from registry.sheets.own_lists import firm_list
        from registry.store.register import stated_firms

        return firm_list(list(stated_firms(session, district)))

    _export("firms", "企业名单", lay, form, out, district=district)


@export_group.command("titles")
@_options
def titles(form: str, out: Path | None) -> None:
    """梯度称号 · Titles of the ladder, as `import titles` takes them."""

    def lay(session: "Session") -> tuple["list[ListColumn]", Any]:
        from registry.sheets.own_lists import title_list
        from registry.store.register import stated_titles

        return title_list(stated_titles(session))

    _export("titles", "梯度称号", lay, form, out)


@export_group.command("scale")
@_options
def scale(form: str, out: Path | None) -> None:
    """规上企业入退库 · Stays among the above-scale firms, as `import scale` takes them."""

    def lay(session: "Session") -> tuple["list[ListColumn]", Any]:
        from registry.sheets.own_lists import scale_list
        from registry.store.register import stated_stays

        return scale_list(stated_stays(session))

    _export("scale", "规上企业入退库", lay, form, out)


@export_group.command("snapshot")
@click.option(
    "--on", type=ON, required=True, help="提交日期，年度指标按其上一年度 the day to be screened for, YYYY-MM-DD"
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="新文件夹，不会覆盖 a folder not there yet")
def snapshot(on: date, out: Path) -> None:
    """全库快照（Parquet 与清单），供 registry screen --input 筛查 · The register in Parquet, with a manifest.

    快照含企业申报的全部事实与指标，请按数据库同等保管。It holds all that firms stated: keep it like the register.
    """
    from registry.store.engine import open_ready
    from registry.store.still import reading_long
    from registry.work.take_snapshot import take_snapshot

    settings = load_settings()
    now = datetime.now(settings.zone)
    engine = open_ready(settings.database_url)
    with handing_out(engine, "export snapshot", "snapshot", "parquet", on=on) as told:
        with reading_long(engine) as session, progress("导出 exporting") as advance:
            made = take_snapshot(session, on, out, now=now, progress=advance).manifest
        told.rows = made.rows("firms")
    rows = "、".join(f"{table} {made.rows(table):,}" for table in made.parts)
    click.echo(f"{out}：{on}，{rows} 行 (rows)", err=True)


def _export(name: str, title: str, lay: Lay, form: str, out: Path | None, **asked: object) -> None:
    from registry.sheets.layout import CoverLine
    from registry.sheets.writing import write_table
    from registry.store.books import last_moment
    from registry.store.engine import open_ready
    from registry.store.still import reading_long

    settings = load_settings()
    now = datetime.now(settings.zone)
    engine = open_ready(settings.database_url)
    with handing_out(engine, f"export {name}", name, form, **asked) as told, reading_long(engine) as session:
        known_at = last_moment(session)
        columns, rows = lay(session)
        cover = [
            CoverLine("made_at", "制表时间", now.isoformat(timespec="seconds")),
            CoverLine("known_at", "按此刻已知的账", known_at.astimezone(settings.zone).isoformat() if known_at else ""),
        ]
        form_: Any = form
        deliver(form, out, lambda target: write_table(target, form_, title, columns, told.count(rows), cover))
