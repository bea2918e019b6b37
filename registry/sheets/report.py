"""Writes a report of several sheets: as a workbook with sums and charts, or sheet by sheet as CSV and JSON.

It must not reckon anything but the sums that a sheet asks for: what is counted comes ready, as plain data.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Literal

from registry.sheets.layout import CoverLine
from registry.sheets.report_book import write_book
from registry.sheets.report_parts import ChartKind, ChartSpec, Report, ReportSheet, TotalRow
from registry.sheets.writing import deliver_or_refuse, write_table

__all__ = ["ChartKind", "ChartSpec", "Report", "ReportSheet", "TotalRow", "write_report", "write_sheet"]


def write_report(target: Path | str | BinaryIO, report: Report) -> None:
    """Write a report as .xlsx: a cover, then its sheets with filters, sums that reckon, and charts.

    Args:
        target: a path, replaced as a whole once everything is written, or a binary file.

    Raises:
        Refused: more than a workbook can hold, which says to take CSV; or a path that cannot be written.
    """
    deliver_or_refuse(target, lambda out: write_book(out, report))


def write_sheet(
    target: Path | str | BinaryIO, form: Literal["csv", "json"], sheet: ReportSheet, cover: Sequence[CoverLine] = ()
) -> None:
    """Write the rows of one sheet, without its sums: programs that read them add for themselves.

    Args:
        cover: beside `rows` in JSON; CSV has no place for it.

    Raises:
        Refused: a path that cannot be written.
    """
    write_table(target, form, sheet.name, sheet.columns, sheet.rows, cover)
