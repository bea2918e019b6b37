"""Writes .xlsx row by row in little memory: no formula, no link, the same bytes for the same rows."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO, Self

import xlsxwriter  # type: ignore[import-untyped]

from registry.domain.errors import Refused
from registry.sheets import limits
from registry.sheets.cells import Cell, Unusable
from registry.sheets.csv_text import guarded, is_live
from registry.sheets.layout import CoverLine, ListColumn, Style, Written

COVER_SHEET = "说明"
# No clock: the same rows give the same file.
_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - the times inside a workbook have no zone
_EXACT_DIGITS = 15
# Excel's calendar has a day too many in February 1900; earlier days go as text.
_FIRST_DAY = date(1900, 3, 1)
_NARROWEST, _WIDEST = 8, 40
_LONGEST_SHEET_NAME = 31
_MOMENT = "yyyy-mm-dd hh:mm:ss"


class _Writer:
    """A workbook under way, with one format object for each look that is used."""

    def __init__(self, out: BinaryIO) -> None:
        self.book = xlsxwriter.Workbook(
            out,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "nan_inf_to_errors": False,
            },
        )
        self.book.set_properties({"created": _CREATED})
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        # Also after a failure: closing is what removes the rows' temporary files.
        self.book.close()

    def look(self, **properties: Any) -> Any:
        """Return the format with these properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(properties)
        return self._formats[key]

    def put(self, sheet: Any, row: int, column: int, value: Cell | Written, style: Style | None = None) -> None:
        """Write one cell, counted from 0."""
        if value is None or value == "":
            return
        if isinstance(value, bool):
            result = sheet.write_boolean(row, column, value)
        elif isinstance(value, int | Decimal):
            result = self._put_number(sheet, row, column, value, style)
        elif isinstance(value, datetime) and value.tzinfo is None and value.date() >= _FIRST_DAY:
            result = sheet.write_datetime(row, column, value, self.look(num_format=_MOMENT))
        elif isinstance(value, date) and not isinstance(value, datetime) and value >= _FIRST_DAY:
            result = sheet.write_datetime(row, column, value, self.look(num_format=str(Style.DATE)))
        elif isinstance(value, str | date | Unusable):
            text = (
                value if isinstance(value, str) else value.shown if isinstance(value, Unusable) else value.isoformat()
            )
            result = self._put_text(sheet, row, column, text, style)
        else:
            raise TypeError(f"a list holds no {type(value).__name__}: money and shares are Decimal")
        if result:
            raise Refused.at("", f"多于 {limits.ROWS:,} 行，.xlsx 放不下，请导出 CSV (too many rows for .xlsx)")

    def _put_number(self, sheet: Any, row: int, column: int, value: int | Decimal, style: Style | None) -> Any:
        number = Decimal(value)
        if len(number.as_tuple().digits) > _EXACT_DIGITS < len(number.normalize().as_tuple().digits):
            # Excel keeps 15 digits and would change the others in silence.
            return self._put_text(sheet, row, column, format(number, "f"), style)
        is_number_style = style not in (None, Style.TEXT)
        return sheet.write_number(
            row, column, float(number), self.look(num_format=str(style)) if is_number_style else None
        )

    def _put_text(self, sheet: Any, row: int, column: int, text: str, style: Style | None) -> Any:
        if len(text) > limits.CELL_CHARACTERS:
            raise Refused.at(
                "",
                f"第 {row + 1} 行有单元格超过 {limits.CELL_CHARACTERS:,} 字，.xlsx 放不下，请导出 CSV (cell too long)",
            )
        properties: dict[str, Any] = {"num_format": str(style)} if style is Style.TEXT else {}
        if is_live(text):
            # Keeps the text a text when someone edits the cell.
            properties["quote_prefix"] = True
        else:
            # A text that only looks guarded is guarded, because reading takes one apostrophe off.
            text = guarded(text)
        # Halves of a character pair cannot be written as UTF-8.
        clean = text.encode("utf-8", "replace").decode("utf-8")
        return sheet.write_string(row, column, clean, self.look(**properties) if properties else None)


def write_list(
    out: BinaryIO,
    title: str,
    columns: Sequence[ListColumn],
    rows: Iterable[Sequence[Written]],
    cover: Sequence[CoverLine],
) -> None:
    """Write a list with a fixed header row, a filter, and a cover sheet in front if there is anything on it."""
    with _Writer(out) as writer:
        if cover:
            _write_cover(writer, title, cover)
        sheet = writer.book.add_worksheet(_sheet_name(title))
        sheet.activate()
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            width = column.width or min(_WIDEST, max(_NARROWEST, _display_width(column.heading) + 4))
            whole = writer.look(num_format=str(Style.TEXT)) if column.style is Style.TEXT else None
            sheet.set_column(place, place, width, whole)
            sheet.write_string(0, place, column.heading, writer.look(bold=True, bg_color="#EEF2F6", bottom=1))
        last = 0
        for last, row in enumerate(rows, start=1):
            for place, (column, value) in enumerate(zip(columns, row, strict=True)):
                writer.put(sheet, last, place, _yes_or_no(value), column.style)
        if columns:
            sheet.autofilter(0, 0, last, len(columns) - 1)


def write_copy(out: BinaryIO, sheet_name: str, rows: Iterable[tuple[int, Sequence[Cell]]]) -> None:
    """Write cells as they were read, each row at its number, from 1."""
    with _Writer(out) as writer:
        sheet = writer.book.add_worksheet(_sheet_name(sheet_name))
        sheet.freeze_panes(1, 0)
        for number, cells in rows:
            for place, cell in enumerate(cells):
                writer.put(sheet, number - 1, place, cell)


def _write_cover(writer: _Writer, title: str, cover: Sequence[CoverLine]) -> None:
    sheet = writer.book.add_worksheet(COVER_SHEET)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 80)
    sheet.write_string(0, 0, title, writer.look(bold=True, font_size=14))
    for place, line in enumerate(cover, start=2):
        sheet.write_string(place, 0, line.label, writer.look(bold=True))
        writer.put(sheet, place, 1, _yes_or_no(line.value))


def _yes_or_no(value: Written) -> Written:
    return ("是" if value else "否") if isinstance(value, bool) else value


def _sheet_name(title: str) -> str:
    name = re.sub(r"[\[\]:*?/\\]", " ", title).strip(" '")[:_LONGEST_SHEET_NAME].strip(" '")
    return name if name and name.casefold() not in (COVER_SHEET, "history") else f"{name}表"


def _display_width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
