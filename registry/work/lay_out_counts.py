"""Lays counts out as staff and programs take them: JSON (contract §3), CSV, and a workbook with its definitions.

Counts nothing; says what each number means.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal

from registry.domain.codes import DISTRICTS, DIVISIONS, SIZE_WORDS, TIER_WORDS
from registry.domain.standing import ANY_TITLE
from registry.sheets.layout import CoverLine, ListColumn, Style, Written
from registry.sheets.writing import write_table
from registry.work.count import COUNTS, Count, CountRow

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


def moment_text(count: Count, made_at: datetime) -> str:
    """Return the moment the books were read at, in the zone of the office."""
    return count.known_at.astimezone(made_at.tzinfo).isoformat()


def write_counts(target: Path | BinaryIO, form: str, count: Count, *, made_at: datetime) -> None:
    """Write a count.

    Args:
        form: json, csv or xlsx.
        made_at: now, in the zone of the office.
    """
    if form == "json":
        text = json.dumps(as_json(count, made_at), ensure_ascii=False, indent=2) + "\n"
        if isinstance(target, Path):
            target.write_text(text, encoding="utf-8")
        else:
            target.write(text.encode("utf-8"))
        return
    form_: Literal["csv", "xlsx"] = "xlsx" if form == "xlsx" else "csv"
    rows = (*count.rows, *count.holders)
    write_table(
        target, form_, f"{count.year}年度统计", columns_of(count), lines_of(count, rows), cover_of(count, made_at)
    )


def as_json(count: Count, made_at: datetime) -> dict[str, Any]:
    """Return a count as contract §3 has it; `titles` and `holders` stand beside what it names."""
    return {
        "year": count.year,
        "as_of": count.as_of.isoformat(),
        "known_at": moment_text(count, made_at),
        "by": list(count.by),
        "rows": [{"tier": row.tier, **row.keys, **row.counts} for row in count.rows],
        "firms": count.firms,
        "titles": count.titles,
        "holders": [{**row.keys, **row.counts} for row in count.holders],
    }


def columns_of(count: Count) -> list[ListColumn]:
    """Return the columns: the tier, each key with its code where it has one, then the counts."""
    columns = [ListColumn("tier", "梯度", width=26)]
    for name in count.by:
        if name in ("district", "industry"):
            columns.append(ListColumn(f"{name}_code", f"{KEY_WORDS[name]}代码", width=12))
        columns.append(ListColumn(name, KEY_WORDS[name], width=20))
    return columns + [ListColumn(name, COUNT_WORDS[name], Style.INTEGER, 10) for name in COUNTS]


def lines_of(count: Count, rows: Iterable[CountRow]) -> Iterator[list[Written]]:
    """Yield rows in the order of the columns."""
    for row in rows:
        line: list[Written] = [HOLDERS if row.tier == ANY_TITLE else TIER_WORDS[row.tier]]
        for name in count.by:
            key = row.keys[name]
            if name in ("district", "industry"):
                line.append(key)
            line.append(KEY_NAMES.get(name, {}).get(key or "", key or UNKNOWN))
        yield line + [row.counts[name] for name in COUNTS]


def cover_of(count: Count, made_at: datetime) -> list[CoverLine]:
    """Return what a cover says: the day, the moment, the distinct firms, and what each word means."""
    return [
        CoverLine("year", "统计年度", count.year),
        CoverLine("as_of", "截至日期", count.as_of),
        CoverLine("known_at", "按此刻已知的账", moment_text(count, made_at)),
        CoverLine("made_at", "制表时间", made_at.isoformat(timespec="seconds")),
        CoverLine("firms", HOLDERS, count.firms),
        CoverLine("titles", "三级称号合计", count.titles),
        *(CoverLine(f"definition.{word}", word, meaning) for word, meaning in DEFINITIONS.items()),
    ]
