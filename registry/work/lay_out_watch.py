"""Lays a watch-list out as staff and programs take it: JSON with bare codes, CSV and .xlsx in the words of staff.

Draws no list; says what it is, what it rests on, and of how many firms it cannot be told.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, Literal

from registry.domain.codes import DISTRICTS, TIER_WORDS
from registry.policy.watch_lists import WatchColumn
from registry.sheets.layout import CoverLine, ListColumn, Style, Written
from registry.sheets.writing import write_table
from registry.work.lay_out_counts import Made
from registry.work.watch import WatchWhole
from registry.work.watch_entries import Figure
from registry.work.watch_words import VERDICT_WORDS

_STYLES = {"money": Style.MONEY, "count": Style.INTEGER, "date": Style.DATE}
_WIDTHS = {"tier": 22, "tiers": 40, "text": 18, "date": 14, "money": 22}
FEN = Decimal(100)


def write_watch(
    target: Path | BinaryIO, form: str, whole: WatchWhole, made: Made, known_at: datetime | None = None
) -> None:
    """Write a watch-list.

    Args:
        form: json, csv or xlsx.
        made: when and by whom, for the cover.
        known_at: the moment at which the books last changed.
    """
    form_: Literal["csv", "xlsx", "json"] = "xlsx" if form == "xlsx" else "csv" if form == "csv" else "json"
    rows = _rows(whole, bare=form == "json")
    write_table(target, form_, whole.of.name, _columns(whole, bare=form == "json"), rows, _cover(whole, made, known_at))


def _columns(whole: WatchWhole, *, bare: bool) -> list[ListColumn]:
    district = [] if bare else [ListColumn("district_code", "区市代码", width=10)]
    return [
        ListColumn("uscc", "统一社会信用代码", width=22),
        ListColumn("name", "企业名称", width=36),
        *district,
        ListColumn("district", "区市", width=18),
        *(
            ListColumn(one.key, one.label, _STYLES.get(one.kind, Style.TEXT), _WIDTHS.get(one.kind))
            for one in whole.of.columns
        ),
        ListColumn("reason", "原因", width=80),
        ListColumn("reason_en", "Reason", width=80),
    ]


def _rows(whole: WatchWhole, *, bare: bool) -> Iterator[list[Written]]:
    for entry in whole:
        place: list[Written] = [entry.district]
        if not bare:
            place.append(DISTRICTS.get(entry.district or "", entry.district or "未登记"))
        told = [_told(one, entry.figures[one.key], bare=bare) for one in whole.of.columns]
        yield [entry.uscc, entry.name, *place, *told, entry.reason, entry.reason_en]


def _told(column: WatchColumn, value: Figure, *, bare: bool) -> Written:
    """Return a figure as it is written: money in yuan, a code as a word unless it is to stay bare."""
    if isinstance(value, tuple):
        return ",".join(value) if bare else "、".join(TIER_WORDS[tier] for tier in value)
    if column.kind == "money" and isinstance(value, int):
        return (Decimal(value) / FEN).quantize(Decimal("0.01"))
    if isinstance(value, str) and not bare:
        if column.kind == "tier":
            return TIER_WORDS[value]
        if column.kind == "verdict":
            return VERDICT_WORDS[value][0]
    return value


def _cover(whole: WatchWhole, made: Made, known_at: datetime | None) -> list[CoverLine]:
    of = whole.of
    at = (known_at or made.at).astimezone(made.at.tzinfo)
    lines = [
        CoverLine("list", "清单", of.key),
        CoverLine("name", "名称", f"{of.name} ({of.name_en})"),
        CoverLine("definition", "定义", f"{of.definition} ({of.definition_en})"),
        CoverLine("source", "依据", of.source),
        CoverLine("on", "日期", whole.on),
        CoverLine("district", "区市", whole.district or "全市"),
        CoverLine("tier", "梯度", whole.tier or "全部") if "tier" in of.takes else None,
        CoverLine("days", "天数", whole.days) if whole.days is not None else None,
        CoverLine("known_at", "按此刻已知的账", at.isoformat()),
        CoverLine("made_at", "制表时间", made.at.isoformat(timespec="seconds")),
        CoverLine("author", "制表人", made.author) if made.author else None,
        CoverLine("total", "行数", whole.total),
        CoverLine("unknown", "无法判断", whole.unknown),
        CoverLine("unknown_means", "无法判断的是", f"{of.unknown} ({of.unknown_en})") if of.unknown else None,
        *(CoverLine(f"rule_set.{one.id}", f"标准摘要 {one.id}", one.digest) for one in whole.rule_sets),
    ]
    return [line for line in lines if line is not None]
