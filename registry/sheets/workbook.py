"""Writes .xlsx row by row in little memory: no formula, no link, the same bytes for the same rows."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from typing import BinaryIO

from xlsxwriter.utility import xl_col_to_name  # type: ignore[import-untyped]

from registry.domain.errors import Refused
from registry.sheets import limits
from registry.sheets.cell_xml import printable, row_of_cells
from registry.sheets.cells import Cell
from registry.sheets.layout import CoverLine, ListColumn, Style, Written
from registry.sheets.looks import LABEL, PLAIN, TITLE, Looks, formats, heading_look_of, look_of
from registry.sheets.poured import Body, Frame, Parts, pour
from registry.sheets.streamed import StreamedRows, yes_or_no

COVER_SHEET = "说明"
_NARROWEST, _WIDEST = 8, 40
_LONGEST_SHEET_NAME = 31
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f\ufffe\uffff]")


def write_list(
    out: BinaryIO,
    title: str,
    columns: Sequence[ListColumn],
    rows: Iterable[Sequence[Written]],
    cover: Sequence[CoverLine],
) -> None:
    """Write a list with a fixed header row, a filter, and a cover sheet in front if there is anything on it."""
    streamed = StreamedRows([column.style for column in columns], rows)

    @cache
    def frame(last: int) -> Parts:
        with Frame() as made:
            if cover:
                sheet = made.book.add_worksheet(COVER_SHEET)
                sheet.set_column(0, 0, 24)
                sheet.set_column(1, 1, 80)
            sheet = made.book.add_worksheet(sheet_name(title))
            sheet.activate()
            sheet.freeze_panes(1, 0)
            as_text = formats(made.book, [look_of(Style.TEXT)])[look_of(Style.TEXT)]
            for place, column in enumerate(columns):
                whole = as_text if column.style is Style.TEXT else None
                sheet.set_column(place, place, column.width or width_of([column.heading]), whole)
            if columns:
                sheet.autofilter(0, 0, last - 1, len(columns) - 1)
        return made.parts

    def body(looks: Looks) -> Iterator[str]:
        yield heading_row(columns, looks)
        yield from streamed.xml(looks)

    bodies: list[Body] = [lambda looks: _cover_rows(title, cover, looks)] if cover else []
    pour(out, lambda: frame(streamed.last), [*bodies, body])


def write_copy(out: BinaryIO, name: str, rows: Iterable[tuple[int, Sequence[Cell]]]) -> None:
    """Write cells as they were read, each row at its number, from 1."""
    with Frame() as made:
        made.book.add_worksheet(sheet_name(name)).freeze_panes(1, 0)

    def body(looks: Looks) -> Iterator[str]:
        for number, cells in rows:
            if number > limits.ROWS:
                raise Refused.at("", f"多于 {limits.ROWS:,} 行，.xlsx 放不下，请导出 CSV (too many rows for .xlsx)")
            yield row_of_cells(number, ((xl_col_to_name(place), one, PLAIN) for place, one in enumerate(cells)), looks)

    pour(out, lambda: made.parts, [body])


def heading_row(columns: Sequence[ListColumn], looks: Looks) -> str:
    """Return the row of headings, the first of its sheet."""
    cells = (
        (xl_col_to_name(place), column.heading, heading_look_of(column.style)) for place, column in enumerate(columns)
    )
    return row_of_cells(1, cells, looks)


def _cover_rows(title: str, cover: Sequence[CoverLine], looks: Looks) -> Iterator[str]:
    yield row_of_cells(1, [("A", title, TITLE)], looks)
    for number, line in enumerate(cover, start=3):
        yield row_of_cells(number, [("A", line.label, LABEL), ("B", yes_or_no(line.value), PLAIN)], looks)


def sheet_name(title: str, taken: Collection[str] = (COVER_SHEET,)) -> str:
    """Return a title as Excel takes it for the name of a sheet: of 31 characters, and like no other's.

    Args:
        taken: the names of the other sheets.
    """
    wanted = _NOT_IN_NAMES.sub(" ", printable(title).replace("?", "\ufffd") if title else "").strip(" '")
    used = {name.casefold() for name in taken} | {"history"}
    name = _cut(wanted, _LONGEST_SHEET_NAME)
    if not name or name.casefold() in used:
        name = _cut(f"{name}表", _LONGEST_SHEET_NAME)
    number = 1
    while name.casefold() in used:
        number += 1
        name = f"{_cut(wanted or '表', _LONGEST_SHEET_NAME - len(str(number)) - 3)} ({number})"
    return name


def _cut(text: str, most: int) -> str:
    """Cut a name as Excel counts it, where a character beyond the first plane counts twice."""
    while len(text.encode("utf-16-le")) > 2 * most:
        text = text[:-1]
    return text.strip(" '")


def width_of(texts: Iterable[str]) -> int:
    """Return how wide a column is to be for these texts, in characters."""
    return min(_WIDEST, max(_NARROWEST, max(map(_display_width, texts), default=0) + 4))


def _display_width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
