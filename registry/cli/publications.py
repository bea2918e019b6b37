"""`registry publications`: freeze what is published, show it, count it again, and reconcile two of them."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from registry.cli.options import FORM, MOMENT, ON, OUT, deliver, parts_of
from registry.config import load_settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from registry.sheets.report import Report, ReportSheet

# As many firms are printed to a terminal; files and pipes get all of them.
_ON_A_SCREEN = 50
_FORM = click.option("--format", "form", type=FORM, default="json")
_OUT = click.option("--out", type=OUT, help="写入文件，默认标准输出 to a file")
_MAKER = click.option("--author", default="", help="制表人，写在封面 who makes it, for the cover")
_SHEET = click.option(
    "--sheet",
    type=click.Choice(["numbers", "firms"]),
    default="numbers",
    help="csv 写哪一张表：差异或企业 which sheet as csv",
)
_LIMIT = click.option("--limit", type=click.IntRange(min=0), help="最多列出多少行企业 as many firms at most")


@click.group("publications")
def publications_group() -> None:
    """冻结公布数，重计差异，两次公布对账 · Freeze what is published, recount it, reconcile two publications.

    What was frozen never changes; what becomes known later is shown beside it, with the firms and the filings behind.
    """


@publications_group.command("freeze")
@click.option("--year", type=int, required=True, help="统计年度 the year counted, YYYY")
@click.option("--as-of", "as_of", type=ON, help="截至日期，默认年末或今天 the last day counted")
@click.option("--title", required=True, help="公布名称 the name of the publication")
@click.option("--source", required=True, help="公布文件或公报 the document in which it is published")
@click.option("--by", "author", required=True, help="冻结人 who freezes it")
@click.option(
    "--breakdown",
    "breakdowns",
    multiple=True,
    help="合计之外的分组，如 district,industry，可多次给出；默认各单项和区市与行业 beside the total",
)
def freeze(year: int, as_of: date | None, title: str, source: str, author: str, breakdowns: tuple[str, ...]) -> None:
    """按现在已知的账冻结一年的统计 · Count a year as the books are known now and keep every row for ever."""
    from registry.store.engine import open_ready, writing
    from registry.work.publish import DEFAULT_BY
    from registry.work.publish import freeze as freeze_year

    settings = load_settings()
    now = datetime.now(settings.zone)
    engine = open_ready(settings.database_url)
    with writing(engine) as session:
        head = freeze_year(
            session,
            year,
            as_of,
            title=title,
            source=source,
            author=author,
            by=[",".join(parts_of(one)) for one in breakdowns] or DEFAULT_BY,
            now=now.astimezone(UTC),
            today=now.date(),
        )
        told = f"已冻结，编号 {head.id}，《{head.title}》截至 {head.as_of}，摘要 {head.digest}"
    engine.dispose()
    click.echo(f"{told} (frozen)")


@publications_group.command("list")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def list_publications(form: str) -> None:
    """列出全部公布 · List every publication in the order in which they were frozen."""
    from registry.work.lay_out_counts import Made
    from registry.work.lay_out_publications import as_json
    from registry.work.publish import frozen

    made = Made(datetime.now(load_settings().zone))
    with _reading() as session:
        told = [as_json(head, made) for head in frozen(session)]
    if form == "json":
        click.echo(json.dumps({"publications": told}, ensure_ascii=False, indent=2))
        return
    for one in told:
        click.echo(f"{one['id']}  {one['year']}  截至 {one['as_of']}  《{one['title']}》  {one['source']}")
        click.echo(f"    冻结 {one['frozen_at']}  {one['author']}  按 {one['known_at']} 已知的账")
    if not told:
        click.echo("尚未冻结任何公布 (nothing is frozen yet)")


@publications_group.command("show")
@click.argument("number", metavar="ID", type=int)
@_FORM
@_OUT
@_MAKER
def show(number: int, form: str, out: Path | None, author: str) -> None:
    """按冻结时的原样给出 · Give a publication back exactly as it was frozen."""
    from registry.work.lay_out_counts import Made
    from registry.work.lay_out_publications import frozen_as_json, frozen_report, frozen_sheet
    from registry.work.publish import frozen_count

    made = Made(datetime.now(load_settings().zone), author)
    with _reading() as session:
        found = frozen_count(session, number)
    _deliver(
        form, out, lambda: frozen_as_json(found, made), lambda: frozen_report(found, made), lambda: frozen_sheet(found)
    )


@publications_group.command("recount")
@click.argument("number", metavar="ID", type=int)
@click.option("--known-at", "known_at", type=MOMENT, help="按该时刻已知的账重计，默认现在 as known at a moment")
@_FORM
@_SHEET
@_LIMIT
@_OUT
@_MAKER
def recount(
    number: int,
    known_at: datetime | None,
    form: str,
    sheet: str,
    limit: int | None,
    out: Path | None,
    author: str,
) -> None:
    """按现在已知的账重计：哪些数不同，背后是哪些企业、因何 · Count again: what differs, which firms, and why."""
    from registry.work.lay_out_counts import Made
    from registry.work.lay_out_differences import recount_as_json, recount_report, recount_sheets
    from registry.work.recount import recount as count_again

    made = Made(datetime.now(load_settings().zone), author)
    with _reading() as session:
        found = count_again(session, number, now=made.at, known_at=known_at, limit=_limit(limit, out))
    _deliver(
        form,
        out,
        lambda: recount_as_json(found, made),
        lambda: recount_report(found, made),
        lambda: recount_sheets(found, made)[sheet],
    )
    _tell(len(found.numbers), len(found.firms), found.firms_total)


@publications_group.command("reconcile")
@click.argument("one", metavar="ID", type=int)
@click.argument("other", metavar="ID2", type=int)
@_FORM
@_SHEET
@_LIMIT
@_OUT
@_MAKER
def reconcile(one: int, other: int, form: str, sheet: str, limit: int | None, out: Path | None, author: str) -> None:
    """两次公布对账：补计、剔除、更正，加上两日之间的实际变动 · Explain one published stock by another, exactly."""
    from registry.work.lay_out_counts import Made
    from registry.work.lay_out_differences import (
        reconciliation_as_json,
        reconciliation_report,
        reconciliation_sheets,
    )
    from registry.work.reconcile import reconcile as reconcile_two

    made = Made(datetime.now(load_settings().zone), author)
    with _reading() as session:
        found = reconcile_two(session, one, other, limit=_limit(limit, out))
    _deliver(
        form,
        out,
        lambda: reconciliation_as_json(found, made),
        lambda: reconciliation_report(found, made),
        lambda: reconciliation_sheets(found, made)[sheet],
    )
    _tell(len(found.bridges), len(found.firms), found.firms_total)


@contextmanager
def _reading() -> "Iterator[Session]":
    from sqlalchemy.orm import Session

    from registry.store.engine import open_ready, refusing

    engine = open_ready(load_settings().database_url)
    with refusing(engine), Session(engine, expire_on_commit=False) as session:
        yield session
    engine.dispose()


def _limit(limit: int | None, out: Path | None) -> int | None:
    """Return how many firms to list: all of them, unless somebody reads along or asked for fewer."""
    if limit is None and out is None and sys.stdout.isatty():
        return _ON_A_SCREEN
    return limit


def _deliver(
    form: str,
    out: Path | None,
    told: Callable[[], dict[str, Any]],
    report: "Callable[[], Report]",
    sheet: "Callable[[], ReportSheet]",
) -> None:
    """Write the one of three forms that is asked for."""
    from registry.sheets.report import write_report, write_sheet
    from registry.sheets.writing import deliver_or_refuse

    def write(target: Path | BinaryIO) -> None:
        if form == "xlsx":
            write_report(target, report())
        elif form == "csv":
            write_sheet(target, "csv", sheet())
        else:
            text = json.dumps(told(), ensure_ascii=False, indent=2) + "\n"
            deliver_or_refuse(target, lambda stream: _put(stream, text))

    deliver(form, out, write)


def _put(stream: BinaryIO, text: str) -> None:
    stream.write(text.encode("utf-8"))


def _tell(numbers: int, listed: int, total: int) -> None:
    rest = f"，列出 {listed:,} (listed)" if listed != total else ""
    click.echo(f"{numbers:,} 行数字，背后企业 {total:,} 行 (numbers, firms behind them){rest}", err=True)
