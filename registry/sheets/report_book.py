"""The workbook of a report: panes, filters, widths, print set-up, properties, and the rows poured into it."""

from collections.abc import Iterator, Sequence
from datetime import UTC
from decimal import Decimal
from typing import Any, BinaryIO

from registry.sheets.cell_xml import printable
from registry.sheets.layout import ListColumn, Style, Written
from registry.sheets.looks import Looks, formats, look_of
from registry.sheets.poured import Body, Frame, pour
from registry.sheets.report_charts import add_chart
from registry.sheets.report_parts import Report, ReportSheet
from registry.sheets.report_rows import Laid, cover_rows, lay, sheet_rows
from registry.sheets.workbook import sheet_name, width_of

COVER = "封面"
_A4 = 9
# In points; Chinese characters touch the lines in Excel's own 15.
_ROW_HEIGHT = 18
_MEASURED_ROWS = 200
# A header holds 255 characters of all its places together.
_HEADER_TEXT = 80


def write_book(out: BinaryIO, report: Report) -> None:
    """Write a report as .xlsx."""
    names = _names(report)
    plans = [lay(sheet) for sheet in report.sheets]
    with Frame(printable(report.title), printable(report.author), report.created.astimezone(UTC)) as made:
        text = formats(made.book, [look_of(Style.TEXT)])[look_of(Style.TEXT)]
        front = made.book.add_worksheet(COVER)
        front.set_column(0, 0, 24)
        front.set_column(1, 1, 90)
        _set_print(front, report.title, COVER)
        for name, sheet, laid in zip(names, report.sheets, plans, strict=True):
            _surround(made.book, made.book.add_worksheet(name), report, sheet, laid, text)
    bodies: list[Body] = [lambda looks: cover_rows(report, names, looks)]
    bodies += [_body(sheet, laid) for sheet, laid in zip(report.sheets, plans, strict=True)]
    pour(out, lambda: made.parts, bodies)


def _names(report: Report) -> list[str]:
    """Return the legal name of each sheet, each unlike the others and the cover's."""
    names = [COVER]
    for sheet in report.sheets:
        names.append(sheet_name(sheet.name, names))
    return names[1:]


def _body(sheet: ReportSheet, laid: Laid) -> Body:
    def body(looks: Looks) -> Iterator[str]:
        return sheet_rows(sheet, laid, looks)

    return body


def _surround(book: Any, worksheet: Any, report: Report, sheet: ReportSheet, laid: Laid, text: Any) -> None:
    widths = [_width(sheet, place, column) for place, column in enumerate(sheet.columns)]
    for place, (column, width) in enumerate(zip(sheet.columns, widths, strict=True)):
        worksheet.set_column(place, place, width, text if column.style is Style.TEXT else None)
    worksheet.set_default_row(_ROW_HEIGHT)
    worksheet.freeze_panes(1, 0)
    worksheet.repeat_rows(0)
    if sheet.columns:
        worksheet.autofilter(0, 0, laid.last - 1, len(sheet.columns) - 1)
    if sheet.subtotal_by and sheet.rows:
        # Tells Excel how deep the outline is; the rows say it again for themselves.
        worksheet.set_row(1, None, None, {"level": 1})
    _set_print(worksheet, report.title, worksheet.name)
    add_chart(book, worksheet, sheet, laid, widths)


def _set_print(worksheet: Any, title: str, name: str) -> None:
    worksheet.set_landscape()
    worksheet.set_paper(_A4)
    worksheet.fit_to_pages(1, 0)
    worksheet.set_header(f"&L{_in_header(title)}&R{_in_header(name)}")
    worksheet.set_footer("&C第 &P 页，共 &N 页")


def _in_header(text: str) -> str:
    """Return a text for a header, where an ampersand begins a command even for XlsxWriter when it is doubled."""
    return printable(text, _HEADER_TEXT).replace("&", "＆")


def _width(sheet: ReportSheet, place: int, column: ListColumn) -> int:
    if column.width:
        return column.width
    shown: Sequence[str] = [_shown(row[place]) for row in sheet.rows[:_MEASURED_ROWS]]
    return width_of([column.heading, *shown])


def _shown(value: Written) -> str:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return f"{value:,.2f}" if isinstance(value, Decimal) else str(value)
    return value if isinstance(value, str) else "0000-00-00" if value is not None else ""
