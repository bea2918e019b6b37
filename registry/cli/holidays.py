"""`registry holidays …`: the working calendar, how it is brought up to date, and when a period ends by it."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from registry.cli.options import ON
from registry.config import load_settings
from registry.domain.trail import Doer
from registry.domain.workdays import LONGEST_PERIOD, Period, Unit, closes_by_itself, end_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from registry.store.calendars import CalendarDay, CalendarYear
    from registry.store.publicities import Publicity

_WEEKDAYS = "一二三四五六日"


@click.group("holidays")
def holidays_group() -> None:
    """工作日历：节假日与调休，算出期限 · The working calendar: holidays, make-up days, when a period ends.

    A year without its notice of the State Council is provisional 暂定: weekends alone decide, nothing closes by itself.
    """


@holidays_group.command("list")
@click.option("--year", type=int, help="年度，默认列出各年 · The year; without it, which years there are.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def listed(year: int | None, form: str) -> None:
    """列出放假和调休上班的日子 · List what is off although a weekday, and worked although a weekend."""
    from sqlalchemy.orm import Session

    from registry.store.calendars import days_stated, gazetted_years
    from registry.store.engine import open_ready
    from registry.work.keep_calendar import KIND_WORDS

    engine = open_ready(load_settings().database_url)
    with Session(engine) as session:
        years = [one for one in gazetted_years(session) if year in (None, one.year)]
        days = {one.year: days_stated(session, one.year) for one in years}
    engine.dispose()
    if form == "json":
        click.echo(json.dumps({"years": [_as_json(one, days[one.year]) for one in years]}, ensure_ascii=False))
        return
    for one in years:
        click.echo(f"{one.year}  {one.source}  {one.gazetted_on or '—'}  {len(days[one.year])} 天 (days)")
        for day in days[one.year] if year is not None else ():
            kind = _kind(day)
            click.echo(f"  {day.day} 星期{_WEEKDAYS[day.day.weekday()]}  {KIND_WORDS[kind]} {kind}  {day.name}")
    if not years:
        which = f"{year} 年" if year is not None else "任何一年"
        click.echo(f"没有{which}的放假安排，期限一律暂定；请导入通知，或运行 registry upgrade (nothing known)")


@holidays_group.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--year", type=int, required=True, help="年度 · The year of the notice.")
@click.option("--source", required=True, help="通知文号 · The notice, as 国办发明电〔2025〕7号.")
@click.option("--gazetted-on", type=ON, help="发文日期 · The day of the notice, YYYY-MM-DD.")
def import_holidays(file: Path, year: int, source: str, gazetted_on: date | None) -> None:
    """导入一年的安排，整年替换 · File the notice of a year, .xlsx or .csv; it takes the place of what was there.

    One row a day: day 日期, kind 类别 (off 放假, a weekday; worked 上班, a weekend), name 节日. Checked whole first.
    """
    from registry.store.engine import open_ready, writing
    from registry.work.keep_calendar import import_year, read_days
    from registry.work.publicise import refresh_provisional
    from registry.work.settle_days import settle_days

    rows = read_days(file, year)
    settings = load_settings()
    engine = open_ready(settings.database_url)
    with writing(engine) as session:
        doer, now = Doer.program("holidays import"), datetime.now(settings.zone)
        filed = import_year(session, rows, year, source, doer, now, gazetted_on=gazetted_on)
        settled = [_settled(one) for one in refresh_provisional(session, now, doer)]
        count = settle_days(session, now)
    engine.dispose()
    counted = f"{year}：放假 {filed.off} 天，周末上班 {filed.worked} 天"
    if not filed.is_news:
        click.echo(f"{counted}，与库中相同，未作改动 (already known, nothing changed)")
    elif filed.replaced is not None:
        click.echo(f"{counted}，已替换原来的“{filed.replaced}” (replaced)")
    else:
        click.echo(f"{counted}，已写入 (filed)")
    for line in settled:
        click.echo(line)
    if count:
        click.echo(f"{count} 个办理期限重新计算 ({count} last days of cases worked out again)")


@holidays_group.command("end")
@click.option("--from", "first_day", type=ON, required=True, help="起始日，如公示首日 · The day it begins.")
@click.option("--days", type=click.IntRange(1, LONGEST_PERIOD), required=True, help="天数 · How many days.")
@click.option("--unit", type=click.Choice([one.value for one in Unit]), default="working", show_default=True)
def end(first_day: date, days: int, unit: str) -> None:
    """算出期限的最后一日 · Tell the last day of a period: JSON, with whether it is provisional.

    The first day counts when it is a working day, else the next working day is the first.
    """
    from sqlalchemy.orm import Session

    from registry.store.engine import open_ready
    from registry.work.keep_calendar import calendar_of

    engine = open_ready(load_settings().database_url)
    with Session(engine) as session:
        last = end_of(first_day, Period(days, Unit(unit)), calendar_of(session))
    engine.dispose()
    told = {
        "from": first_day.isoformat(),
        "days": days,
        "unit": unit,
        "last_day": last.last_day.isoformat(),
        "provisional": last.is_provisional,
        "closes_by_itself": closes_by_itself(last),
    }
    click.echo(json.dumps(told, ensure_ascii=False))


def _as_json(year: "CalendarYear", days: "Sequence[CalendarDay]") -> dict[str, Any]:
    return {
        "year": year.year,
        "source": year.source,
        "gazetted_on": year.gazetted_on and year.gazetted_on.isoformat(),
        "days": [{"day": one.day.isoformat(), "kind": _kind(one), "name": one.name} for one in days],
    }


def _settled(listed: "Publicity") -> str:
    hint = "，仍为暂定" if listed.is_provisional else ""
    return f"公示 {listed.id} 的截止日重新计算为 {listed.last_day}{hint} (the last day of a publicity worked out again)"


def _kind(day: "CalendarDay") -> str:
    return "worked" if day.is_workday else "off"
