"""Lays a screening out as a table with the words that staff use, and in .xlsx a cover that says what judged."""

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Literal

from registry.domain.codes import DISTRICTS, KIND_WORDS, TIER_WORDS
from registry.sheets.layout import CoverLine, ListColumn, Style
from registry.sheets.writing import write_table
from registry.work.screen import Screened, Screening

VERDICT_WORDS = {"met": "满足", "not_met": "不满足", "undetermined": "待定"}


def write_screening(
    screening: Screening, rows: Iterable[Screened], form: Literal["csv", "xlsx"], target: Path | BinaryIO
) -> None:
    """Write a screening as a table.

    Args:
        rows: those of the screening, perhaps counted on their way.
    """
    rule_set = screening.chosen.rule_set
    labels = {one.key: one.label for one in rule_set.criteria}
    columns = [
        ListColumn("uscc", "统一社会信用代码", width=22),
        ListColumn("name", "企业名称", width=36),
        ListColumn("district", "区市", width=18),
        ListColumn("verdict", "结论", width=10),
        ListColumn("score_low", "得分下限", Style.INTEGER, width=10),
        ListColumn("score_high", "得分上限", Style.INTEGER, width=10),
        ListColumn("fails", "不满足的条款", width=80),
        ListColumn("undetermined", "待定的条款", width=60),
    ]
    cover = [
        CoverLine("tier", "梯度", TIER_WORDS[rule_set.tier]),
        CoverLine("kind", "类型", KIND_WORDS[rule_set.kind]),
        CoverLine("on", "提交日期", screening.on),
        CoverLine("district", "区市", DISTRICTS.get(screening.district or "", screening.district or "全市")),
        CoverLine("rule_set", "认定标准", rule_set.id),
        CoverLine("document", "依据文件", rule_set.document),
        CoverLine("digest", "标准摘要", rule_set.digest),
        CoverLine("why", "适用理由", screening.chosen.why),
        *(CoverLine(word, VERDICT_WORDS[word], count) for word, count in screening.counts().items()),
    ]
    told = (
        (
            row.uscc,
            row.name,
            DISTRICTS.get(row.district or "", row.district or ""),
            VERDICT_WORDS[row.verdict],
            row.low,
            row.high,
            "；".join(labels[key] for key in row.fails),
            "；".join(labels[key] for key in row.undetermined),
        )
        for row in rows
    )
    write_table(target, form, "筛查结果", columns, told, cover)
