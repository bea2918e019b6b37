"""`registry counts`: stock and flow of a year, by tier, broken down as asked, as known now or then (contract §3)."""

from datetime import UTC, date, datetime
from pathlib import Path

import click

from registry.cli.options import FORM, MOMENT, ON, OUT, deliver, parts_of
from registry.config import load_settings


@click.command()
@click.option("--year", type=int, required=True, help="统计年度 the year counted, YYYY")
@click.option("--as-of", "as_of", type=ON, help="截至日期，默认年末或今天 the last day counted")
@click.option(
    "--known-at", "known_at", type=MOMENT, help="按该时刻已知的账计算，ISO 8601 as the books were known at a moment"
)
@click.option(
    "--by",
    default="",
    help="分组：district,industry,size,functional_area 中的若干项，或 all（年报，仅 xlsx） broken down by",
)
@click.option("--format", "form", type=FORM, default="json")
@click.option("--out", type=OUT, help="写入文件，默认标准输出 to a file")
@click.option("--steps", is_flag=True, help="年内级别变化：年初与期末所持最高一级的矩阵 the steps on the ladder")
@click.option("--author", default="", help="制表人，写在封面 who makes it, for the cover")
def counts(
    year: int,
    as_of: date | None,
    known_at: datetime | None,
    by: str,
    form: str,
    out: Path | None,
    steps: bool,
    author: str,
) -> None:
    """年度统计：期初、新增、复核、恢复、到期、撤销、退出、迁入、迁出、期末，逐行平衡。Annual counts that balance."""
    from sqlalchemy.orm import Session

    from registry.store.books import last_moment, transitions
    from registry.store.engine import open_ready
    from registry.work.count import count, question_of
    from registry.work.lay_out_counts import ANNUAL, Made, write_annual, write_counts
    from registry.work.lay_out_steps import write_steps

    is_annual = by.strip() == "all"
    if steps and by:
        raise click.UsageError("--steps 不分组 (--steps is not broken down)")
    if is_annual and form != "xlsx":
        raise click.UsageError("--by all 是整本年报，只有 xlsx 一种格式 (a whole workbook: give --format xlsx)")
    settings = load_settings()
    now = datetime.now(settings.zone)
    parts = ANNUAL if is_annual else parts_of(by)
    question = question_of(year, today=now.date(), as_of=as_of, by=parts, known_at=known_at)
    with Session(open_ready(settings.database_url)) as session:
        found = transitions(session, question.start, question.as_of, known_at) if is_annual or steps else {}
        if steps:
            moment = known_at or last_moment(session) or now
            deliver(form, out, lambda target: write_steps(target, form, found, question, moment, now))
            return
        counted = count(session, question, now=now.astimezone(UTC))
    made = Made(now, author)
    if is_annual:
        deliver(form, out, lambda target: write_annual(target, counted, found, made))
    else:
        deliver(form, out, lambda target: write_counts(target, form, counted, made))
