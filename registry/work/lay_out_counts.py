"""Lays counts out as staff and programs take them: JSON (contract §3), CSV, and a workbook with its definitions.

Counts nothing; says what each number means.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from registry.domain.codes import DISTRICTS, SIZE_WORDS, TIER_WORDS, TIERS
from registry.domain.standing import ANY_TITLE
from registry.domain.trades import DIVISIONS
from registry.policy.cases import size_rules
from registry.sheets.layout import CoverLine, ListColumn, Style, Written
from registry.sheets.report import ChartSpec, Report, ReportSheet, TotalRow, write_report
from registry.sheets.writing import deliver_or_refuse, write_table
from registry.work.count import COUNTS, Count, CountRow, rolled_up
from registry.work.lay_out_steps import Steps, step_sheet

COUNT_WORDS: Mapping[str, str] = {
    "stock_start": "期初",
    "new": "新增",
    "renewed": "复核延续",
    "reinstated": "恢复",
    "expired": "到期",
    "revoked": "撤销",
    "exited": "退出",
    "moved_in": "迁入",
    "moved_out": "迁出",
    "stock_end": "期末",
}
KEY_WORDS: Mapping[str, str] = {
    "district": "区市",
    "industry": "行业大类",
    "size": "规模",
    "functional_area": "功能区",
}
KEY_NAMES: Mapping[str, Mapping[str, str]] = {"district": DISTRICTS, "industry": DIVISIONS, "size": SIZE_WORDS}
_SHORT = {"innovative": "创新型", "specialized": "专精特新", "little_giant": "小巨人", "above_scale": "规上"}
_SHORT[ANY_TITLE] = "任一称号"
_CODED = ("district", "industry")
HOLDERS = "持有任一梯度称号的企业"
UNKNOWN = "未登记"
DEFINITIONS: Mapping[str, str] = {
    "期初": "上年12月31日终了时在册数 (stock at the close of 31 December of the year before)",
    "新增": "首次认定，或首次入库；账上首行为复核的不计 (first recognitions or entries)",
    "复核延续": "有效期满前或满后次日接续，不改变在册数 (continued without a gap)",
    "恢复": "中断后再次认定或入库；账上首行为复核的也列此 (again after a gap)",
    "到期": "有效期最后一日的次日计入 (counted on the day after the last valid day)",
    "撤销": "被撤销称号 (cancelled)",
    "退出": "规上企业退库，退库当日终了时已不在册 (left the above-scale list)",
    "迁入、迁出": "区市之间的迁移，成对出现，全市合计为零 (moves between districts)",
    "期末": "期初＋新增＋恢复－到期－撤销－退出＋迁入－迁出 (stock at the end)",
    HOLDERS: "同时持有几级称号的只计一家，不含规上 (distinct firms with any title)",
}


ANNUAL = ("district", "industry", "size", "functional_area")


@dataclass(frozen=True, slots=True)
class Made:
    """When and by whom a report is made.

    Attributes:
        at: in the zone of the office.
    """

    at: datetime
    author: str = ""


def write_counts(target: Path | BinaryIO, form: str, count: Count, made: Made) -> None:
    """Write a count as json, csv or xlsx; the workbook has a sheet a tier, with its sums and a chart."""
    if form == "json":
        text = json.dumps(as_json(count, made), ensure_ascii=False, indent=2) + "\n"

        def write(out: BinaryIO) -> None:
            out.write(text.encode("utf-8"))

        deliver_or_refuse(target, write)
    elif form == "csv":
        title = f"{count.year}年度统计"
        write_table(target, "csv", title, columns_of(count), lines_of(count, (*count.rows, *count.holders)))
    else:
        write_report(target, report_of(count, made, [count] if count.by else []))


def write_annual(target: Path | BinaryIO, count: Count, steps: Steps, made: Made) -> None:
    """Write the year's whole report: by every single breakdown, by district and trade, and the steps on the ladder.

    Args:
        count: by everything at once; the other breakdowns are added up from it.
    """
    pairs = rolled_up(count, ("district", "industry"))
    report = report_of(count, made, [rolled_up(count, (name,)) for name in ANNUAL])
    extra = (_data_sheet(pairs, "区市与行业"), _data_sheet(count, "全部分组"), step_sheet(steps))
    write_report(target, replace(report, sheets=(*report.sheets, *extra)))


def as_json(count: Count, made: Made) -> dict[str, Any]:
    """Return a count as contract §3 has it; `titles` and `holders` stand beside what it names."""
    return {
        "year": count.year,
        "as_of": count.as_of.isoformat(),
        "known_at": _moment(count, made),
        "by": list(count.by),
        "rows": [{"tier": row.tier, **row.keys, **row.counts} for row in count.rows],
        "firms": count.firms,
        "titles": count.titles,
        "holders": [{**row.keys, **row.counts} for row in count.holders],
    }


def report_of(count: Count, made: Made, broken_down: Sequence[Count]) -> Report:
    """Return the workbook of a count: the whole city, then a sheet a tier for each breakdown."""
    whole = rolled_up(count, ())
    sheets = [_whole_sheet(whole)]
    for part in broken_down:
        sheets += [_tier_sheet(part, tier) for tier in (*TIERS, ANY_TITLE)]
    return Report(
        f"{count.year}年度优质中小企业梯度培育统计",
        cover_of(count, made),
        list(DEFINITIONS.items()),
        sheets,
        made.at,
        made.author,
    )


def _moment(count: Count, made: Made) -> str:
    """Return the moment up to which the books were read, in the zone of the office."""
    return count.known_at.astimezone(made.at.tzinfo).isoformat()


def _whole_sheet(whole: Count) -> ReportSheet:
    title = f"{whole.as_of} 各梯度期初与期末"
    return ReportSheet(
        "全市",
        columns_of(whole),
        list(lines_of(whole, (*whole.rows, *whole.holders))),
        chart=ChartSpec("column", title, "tier", ("stock_start", "stock_end"), title),
        note=f"三级称号合计 {whole.titles} 个，持有任一梯度称号的企业 {whole.firms} 家：同一企业可持有多级称号。",
    )


def _tier_sheet(count: Count, tier: str) -> ReportSheet:
    """Return a tier of a count: its sums as formulas below it, its stock at the end as a chart where that is short."""
    rows = [row for row in (*count.rows, *count.holders) if row.tier == tier]
    words = "与".join(KEY_WORDS[name] for name in count.by)
    title = f"{_SHORT[tier]}：{count.as_of} 按{words}"
    is_short = len(count.by) == 1 and 1 < len(rows) <= 60
    return ReportSheet(
        f"{_SHORT[tier]}·{words}",
        columns_of(count),
        list(lines_of(count, rows)),
        total=TotalRow("合计", COUNTS),
        chart=ChartSpec("bar", title, count.by[0], ("stock_end",), title) if is_short else None,
    )


def _data_sheet(count: Count, name: str) -> ReportSheet:
    return ReportSheet(name, columns_of(count), list(lines_of(count, (*count.rows, *count.holders))))


def columns_of(count: Count) -> list[ListColumn]:
    """Return the columns: the tier, each key with its code where it has one, then the counts."""
    columns = [ListColumn("tier", "梯度", width=26)]
    for name in count.by:
        if name in _CODED:
            columns.append(ListColumn(f"{name}_code", f"{KEY_WORDS[name]}代码", width=12))
        columns.append(ListColumn(name, KEY_WORDS[name], width=20))
    return columns + [ListColumn(name, COUNT_WORDS[name], Style.INTEGER, 10) for name in COUNTS]


def lines_of(count: Count, rows: Iterable[CountRow]) -> Iterator[list[Written]]:
    """Yield rows in the order of the columns."""
    for row in rows:
        line: list[Written] = [HOLDERS if row.tier == ANY_TITLE else TIER_WORDS[row.tier]]
        for name in count.by:
            key = row.keys[name]
            if name in _CODED:
                line.append(key)
            line.append(KEY_NAMES.get(name, {}).get(key or "", key or UNKNOWN))
        yield line + [row.counts[name] for name in COUNTS]


def cover_of(count: Count, made: Made) -> list[CoverLine]:
    """Return what a cover says: the day, the moment, who and when, the distinct firms, the standard of the sizes."""
    sizes = size_rules()
    return [
        CoverLine("year", "统计年度", count.year),
        CoverLine("as_of", "截至日期", count.as_of),
        CoverLine("known_at", "按此刻已知的账", _moment(count, made)),
        CoverLine("made_at", "制表时间", made.at.isoformat(timespec="seconds")),
        CoverLine("author", "制表人", made.author or "（未注明）"),
        CoverLine("firms", HOLDERS, count.firms),
        CoverLine("titles", "三级称号合计", count.titles),
        CoverLine("size_rules", "规模划分标准", f"{sizes.document} {sizes.digest}"),
    ]
