"""Lays the cases of a desk out as a workbook, in the words of staff. Chooses no cases."""

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from typing import BinaryIO

from registry.domain.codes import DISTRICTS, KIND_WORDS, TIER_WORDS
from registry.domain.told import state_words
from registry.sheets.layout import CoverLine, ListColumn, Style, Written
from registry.sheets.writing import write_table
from registry.store.desk_lists import CaseLine
from registry.work.case_bars import procedure_of, state_of
from registry.work.lay_out_counts import Made
from registry.work.watch_words import VERDICT_WORDS

_COLUMNS = (
    ListColumn("reference", "申报编号", width=18),
    ListColumn("uscc", "统一社会信用代码", width=22),
    ListColumn("firm", "企业名称", width=36),
    ListColumn("tier", "梯度", width=20),
    ListColumn("kind", "类型", width=8),
    ListColumn("district", "区市", width=14),
    ListColumn("state", "环节", width=22),
    ListColumn("since", "进入本环节", Style.DATE, 14),
    ListColumn("submitted_on", "提交日期", Style.DATE, 14),
    ListColumn("due_on", "办理期限", Style.DATE, 14),
    ListColumn("verdict", "系统核对", width=12),
    ListColumn("score_low", "得分（最低）", Style.INTEGER, 14),
    ListColumn("score_high", "得分（最高）", Style.INTEGER, 14),
    ListColumn("handler", "承办人", width=12),
)


def write_cases(
    target: BinaryIO, title: str, lines: Iterable[CaseLine], asked: Iterable[tuple[str, str]], made: Made
) -> None:
    """Write cases as .xlsx.

    Args:
        title: which tab of the desk it is.
        asked: what the list was narrowed to, as label and value, for the cover.
        made: when and by whom; days are those of its zone.
    """
    cover = [
        CoverLine("list", "清单", title),
        *(CoverLine(label, label, value) for label, value in asked),
        CoverLine("made_at", "制表时间", made.at.isoformat(timespec="seconds")),
        CoverLine("author", "制表人", made.author or ""),
    ]
    write_table(target, "xlsx", title, _COLUMNS, _rows(lines, made.at.tzinfo), cover)


def _rows(lines: Iterable[CaseLine], zone: tzinfo | None) -> Iterator[list[Written]]:
    for line in lines:
        case = line.case
        yield [
            case.reference,
            case.uscc,
            case.firm_name,
            TIER_WORDS[case.tier],
            KIND_WORDS[case.kind],
            DISTRICTS.get(case.district, case.district),
            state_words(procedure_of(case), state_of(case))[0],
            case.entered_at.astimezone(zone).date(),
            case.submitted_on,
            case.due_on,
            VERDICT_WORDS[case.verdict][0] if case.verdict else None,
            case.score_low,
            case.score_high,
            line.handler,
        ]
