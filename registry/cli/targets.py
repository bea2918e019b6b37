"""`registry targets`: the target board, the values that staff enter for it, their history, the definition cards."""

import json
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from registry import __version__
from registry.cli.options import ON
from registry.config import load_settings
from registry.domain.errors import Refused
from registry.domain.trail import Doer
from registry.policy.attainment import goal_in_words
from registry.policy.target_rows import HOWS, UNITS, Input, Target
from registry.policy.targets import target_years, targets_of

if TYPE_CHECKING:
    from registry.store.targets import TargetValue

_YEAR = click.option("--year", type=int, required=True, help="目标年度 the year of the board")
_LONGEST_NUMBER = 60


class _Number(click.ParamType[Any]):
    name = "NUMBER"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        try:
            number = Decimal(value) if len(str(value)) <= _LONGEST_NUMBER and "_" not in str(value) else None
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite():
            raise Refused.at("value", f"应为数字，单位与目标相同，现为 {str(value)[:40]!r} (a number expected)")
        return number


@click.group(invoke_without_command=True)
@click.option("--year", type=int, help="目标年度 the year of the board")
@click.option("--as-of", type=ON, help="截至日，默认当年为今天、往年为 12 月 31 日 a day of the year")
@click.option("--format", "form", type=click.Choice(["json", "csv", "xlsx"]), default="json")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="写入文件，默认标准输出 to a file")
@click.pass_context
def targets(context: click.Context, year: int | None, as_of: date | None, form: str, out: Path | None) -> None:
    """年度目标：目标值、现值、来源、是否达到、年末推算 · The target board of a year."""
    if context.invoked_subcommand:
        if year is not None or as_of is not None or out is not None:
            raise click.UsageError("选项请写在子命令之后 (give the options after the subcommand)")
        return
    if year is None:
        raise click.UsageError("请给出 --year (give --year)")
    if out is None and form == "xlsx" and sys.stdout.isatty():
        raise click.UsageError("xlsx 请用 --out 写入文件 (give --out)")
    from sqlalchemy.orm import Session

    from registry.sheets.writing import write_table
    from registry.store.engine import open_ready
    from registry.work.lay_out_targets import columns_of_board, cover_of_board, rows_of_board
    from registry.work.targets import day_of_board, target_board

    settings = load_settings()
    now = datetime.now(UTC)
    targets_of(year)
    day = day_of_board(year, today=now.astimezone(settings.zone).date(), as_of=as_of)
    with Session(open_ready(settings.database_url)) as session:
        board = target_board(session, year, day, now=now)
    is_list = form != "json"
    cover = cover_of_board(board, zone=settings.zone, made_with=f"registry {__version__}", with_cards=is_list)
    rows = rows_of_board(board, zone=settings.zone, in_words=is_list)
    written: Any = form
    write_table(out or sys.stdout.buffer, written, "年度目标", columns_of_board(), rows, cover)


@targets.command()
@click.argument("key")
@_YEAR
@click.option("--value", type=_Number(), required=True, help="数值，单位与目标相同 in the unit of the row: 6.5 is 6.5%")
@click.option("--as-of", type=ON, required=True, help="数值所属日期 the day of which it speaks")
@click.option("--source", required=True, help="依据：文件、公报或报表 the document that states it")
@click.option("--author", required=True, help="录入人 who enters it")
@click.option("--note", default="", help="备注 anything to be said of it")
def enter(key: str, year: int, value: Decimal, as_of: date, source: str, author: str, note: str) -> None:
    """录入一个数值；以前录入的全部保留 · Enter a value; all entered before are kept."""
    from registry.store.engine import open_ready, writing
    from registry.work.enter_target import enter_value

    targets_of(year).entered(key)
    settings = load_settings()
    now = datetime.now(UTC)
    with writing(open_ready(settings.database_url)) as session:
        entered = enter_value(
            session,
            year,
            key,
            value,
            as_of,
            source=source,
            # Whoever is named, also where it is nobody: that is refused below.
            doer=Doer(None, author, seat="program"),
            note=note,
            now=now,
            today=now.astimezone(settings.zone).date(),
        )
        if entered.speaks_of_an_earlier_day and entered.replaced:
            day = entered.replaced.as_of
            click.echo(f"注意：原值截至 {day}，晚于新值 (the value it replaces spoke of a later day)", err=True)
        click.echo(f"已录入 {_told(entered.value, _unit(targets_of(year).entered(key)))} (entered)")


@targets.command()
@click.argument("key")
@_YEAR
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def history(key: str, year: int, form: str) -> None:
    """列出录入过的全部数值，最新在前 · List everything entered for a key, the newest first."""
    from sqlalchemy.orm import Session

    from registry.store.engine import open_ready
    from registry.store.targets import values_of

    wanted = targets_of(year).entered(key)
    with Session(open_ready(load_settings().database_url)) as session:
        rows = values_of(session, year, key)
        if form == "json":
            click.echo(_history_json(year, key, rows), nl=False)
            return
        click.echo(f"{year} {key} {_label(wanted)}")
        for row in rows:
            click.echo(f"  {_told(row, _unit(wanted))}")
        if not rows:
            click.echo("  尚未录入 (nothing entered yet)")


@targets.command()
@click.argument("key")
@click.option("--year", type=int, help="目标年度，默认最近一年 the newest year if not given")
def card(key: str, year: int | None) -> None:
    """显示一项目标的定义卡 · Show what a row means: denominator, frequency, department, source."""
    targets_year = targets_of(year if year is not None else target_years()[-1])
    one = targets_year.target(key)
    lines = [
        ("指标 Indicator", f"{one.indicator} · {one.indicator_en}"),
        ("行动 Action", f"{one.action} · {one.action_en}"),
        ("目标 Goal", f"{goal_in_words(one)} · {goal_in_words(one, 'en')}"),
        ("取数 How", f"{one.how} {' · '.join(HOWS[one.how])}"),
        ("含义 Meaning", f"{one.card.meaning} · {one.card.meaning_en}"),
        ("分母 Denominator", one.card.denominator),
        ("频率 Frequency", one.card.frequency),
        ("责任部门 Department", f"{one.card.department} · {one.card.department_en}"),
        ("依据 Source", f"{one.source}《{targets_year.title}》"),
        *(("说明 Decided", text) for text in (*one.card.decided, *targets_year.decided)),
    ]
    if targets_year.carried_from:
        lines.append(("年度 Year", f"{targets_year.year}：{targets_year.note} · {targets_year.note_en}"))
    for name, text in lines:
        click.echo(f"{name}: {text}")


def _label(wanted: Target | Input) -> str:
    return wanted.indicator if isinstance(wanted, Target) else wanted.label


def _unit(wanted: Target | Input) -> str:
    return UNITS[wanted.unit][0]


def _told(row: "TargetValue", unit: str) -> str:
    from registry.work.lay_out_targets import stored_number

    moment = row.entered_at.astimezone(load_settings().zone).isoformat(sep=" ", timespec="seconds")
    note = f" · {row.note}" if row.note else ""
    return f"{stored_number(row):f}{unit} · 截至 {row.as_of} · {row.source} · {row.author} · {moment}{note}"


def _history_json(year: int, key: str, rows: "Sequence[TargetValue]") -> str:
    """Return the history with every number as it is; json would write a Decimal as a float."""
    from registry.work.lay_out_targets import stored_number

    told = []
    for row in rows:
        texts = {
            "as_of": row.as_of.isoformat(),
            "source": row.source,
            "author": row.author,
            "note": row.note,
            "entered_at": row.entered_at.isoformat(),
        }
        told.append(f'{{"value": {stored_number(row):f}, {json.dumps(texts, ensure_ascii=False)[1:]}')
    head = json.dumps({"year": year, "key": key}, ensure_ascii=False)[:-1]
    return f'{head}, "values": [{", ".join(told)}]}}\n'
