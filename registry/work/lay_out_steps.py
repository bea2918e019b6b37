"""Lays out the steps on the ladder: firms by their highest rung as a year begins and ends. Counts nothing."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from registry.domain.codes import LADDER
from registry.sheets.layout import CoverLine, ListColumn, Style, Written
from registry.sheets.report import Report, ReportSheet, TotalRow, write_report
from registry.sheets.writing import deliver_or_refuse, write_table
from registry.store.books import Question

RUNGS = (None, *LADDER)
_WORDS = {None: "无称号", "innovative": "创新型", "specialized": "专精特新", "little_giant": "小巨人"}
Steps = Mapping[tuple[str | None, str | None], int]


def step_sheet(steps: Steps) -> ReportSheet:
    """Return the matrix as a sheet; firms with no title at the start and at the end are not counted."""
    columns = [ListColumn("from", "年初 \\ 期末", width=20)]
    columns += [ListColumn(f"to_{rung or 'none'}", _WORDS[rung], Style.INTEGER, 14) for rung in RUNGS]
    rows: list[list[Written]] = [
        [_WORDS[before], *(steps.get((before, after), 0) for after in RUNGS)] for before in RUNGS
    ]
    return ReportSheet("级别变化", columns, rows, total=TotalRow("合计", [column.key for column in columns[1:]]))


def write_steps(
    target: Path | BinaryIO, form: str, steps: Steps, question: Question, known_at: datetime, made_at: datetime
) -> None:
    """Write the matrix as json (a row a step), csv or xlsx.

    Args:
        known_at: the moment up to which the books were read.
        made_at: now, in the zone of the office.
    """
    told = known_at.astimezone(made_at.tzinfo).isoformat()
    sheet = step_sheet(steps)
    if form == "csv":
        write_table(target, "csv", sheet.name, sheet.columns, sheet.rows)
        return
    if form == "xlsx":
        cover = [
            CoverLine("year", "统计年度", question.as_of.year),
            CoverLine("as_of", "截至日期", question.as_of),
            CoverLine("known_at", "按此刻已知的账", told),
            CoverLine("made_at", "制表时间", made_at.isoformat(timespec="seconds")),
        ]
        meaning = "企业在上年12月31日终了与截至日期终了所持最高一级；两日都无称号的不计"
        write_report(target, Report(f"{question.as_of.year}年度级别变化", cover, [("级别", meaning)], [sheet], made_at))
        return
    found: dict[str, Any] = {
        "year": question.as_of.year,
        "as_of": question.as_of.isoformat(),
        "known_at": told,
        "rows": [
            {"from": before, "to": after, "firms": steps.get((before, after), 0)}
            for before in RUNGS
            for after in RUNGS
            if before or after
        ],
    }
    text = json.dumps(found, ensure_ascii=False, indent=2) + "\n"

    def write(out: BinaryIO) -> None:
        out.write(text.encode("utf-8"))

    deliver_or_refuse(target, write)
