"""The rows of a report's sheets as XML: headings, values, sums and notes, each at its number. Draws nothing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal

from xlsxwriter.utility import xl_col_to_name  # type: ignore[import-untyped]

from registry.domain.errors import Refused
from registry.sheets import limits
from registry.sheets.cell_xml import EXACT_DIGITS, as_number, cell, row_of_cells, sum_cell
from registry.sheets.layout import Style, Written
from registry.sheets.looks import LABEL, NOTE, PROSE, TITLE, Looks, sum_look_of
from registry.sheets.report_parts import Report, ReportSheet
from registry.sheets.streamed import StreamedRows, yes_or_no
from registry.sheets.workbook import heading_row

DEFINITIONS, CONTENTS = "口径说明", "各表"
_NOBODY = "（空）"
_FIRST = 2
_KEPT = Context(prec=EXACT_DIGITS)


@dataclass(frozen=True, slots=True)
class Laid:
    """Where the rows of a sheet stand, counted from 1.

    Attributes:
        groups: of each group, the bounds of its rows in the sheet and the number of its first row there.
        last: the last row of values and subtotals; 1 if there are none.
        total: the row of the sums; 0 if there is none.
        note: the row of the note; 0 if there is none.
    """

    groups: Sequence[tuple[int, int, int]]
    last: int
    total: int
    note: int

    @property
    def end(self) -> int:
        """Return the last row that holds anything."""
        return max(self.last, self.total, self.note)


def lay(sheet: ReportSheet) -> Laid:
    """Return where the rows of a sheet will stand.

    Raises:
        Refused: more rows than a workbook holds.
    """
    groups, number = [], _FIRST
    for start, end in sheet.groups():
        groups.append((start, end, number))
        number += end - start + bool(sheet.subtotal_by)
    last = number - 1
    total = number if sheet.total else 0
    laid = Laid(groups, last, total, max(last, total) + 2 if sheet.note else 0)
    if laid.end > limits.ROWS:
        raise Refused.at("", f"多于 {limits.ROWS:,} 行，.xlsx 放不下，请导出 CSV (too many rows for .xlsx)")
    return laid


def sheet_rows(sheet: ReportSheet, laid: Laid, looks: Looks) -> Iterator[str]:
    """Yield the rows of a sheet."""
    yield heading_row(sheet.columns, looks)
    styles = [column.style for column in sheet.columns]
    of_details = ' outlineLevel="1"' if sheet.subtotal_by else ""
    for start, end, number in laid.groups:
        rows = sheet.rows if end - start == len(sheet.rows) else sheet.rows[start:end]
        yield from StreamedRows(styles, _with_kept_shares(rows, styles), number - 1).xml(looks, of_details)
        if sheet.subtotal_by:
            place = sheet.place_of(sheet.subtotal_by)
            yield _sums(
                sheet, (start, end), (number, number + end - start - 1), _subtotal(rows[0][place], place), looks
            )
    if sheet.total:
        yield _sums(sheet, (0, len(sheet.rows)), (_FIRST, laid.last), (sheet.total.label, None), looks)
    if sheet.note:
        yield row_of_cells(laid.note, [("A", sheet.note, NOTE)], looks)


def _with_kept_shares(rows: Sequence[Sequence[Written]], styles: Sequence[Style]) -> Iterable[Sequence[Written]]:
    """Return rows whose shares have the digits that Excel keeps: a share comes of a division and may have no end."""
    places = [place for place, style in enumerate(styles) if style is Style.SHARE]
    return (_with_kept_digits(row, places) for row in rows) if places else rows


def _with_kept_digits(row: Sequence[Written], places: Sequence[int]) -> Sequence[Written]:
    kept = list(row)
    for place in places:
        value = kept[place] if place < len(kept) else None
        if isinstance(value, Decimal):
            kept[place] = _KEPT.plus(value)
    return kept


def _subtotal(value: Written, place: int) -> tuple[str, int | None]:
    shown = yes_or_no(value)
    return f"{_NOBODY if shown is None or shown == '' else shown} 小计", place


def _sums(
    sheet: ReportSheet,
    bounds: tuple[int, int],
    above: tuple[int, int],
    label: tuple[str, int | None],
    looks: Looks,
) -> str:
    """Return the row that adds some of the rows; they stand right above it, subtotals among them."""
    summed = {sheet.place_of(key) for key in sheet.total.sums} if sheet.total else set()
    text, place = label
    if place is None or place in summed:
        place = next((place for place in range(len(sheet.columns)) if place not in summed), None)
    number = above[1] + 1
    cells = []
    for at, column in enumerate(sheet.columns):
        letters, look = xl_col_to_name(at), sum_look_of(column.style)
        if at not in summed:
            cells.append(
                cell(letters, number, text if at == place else None, look, looks) or blank(letters, number, look, looks)
            )
            continue
        total, is_reckoned = _added(sheet, at, *bounds)
        if is_reckoned and above[0] <= above[1]:
            cells.append(sum_cell(letters, number, *above, total, look, looks))
        else:
            cells.append(cell(letters, number, total if is_reckoned else format(Decimal(total), "f"), look, looks))
    return f'<row r="{number}">{"".join(cells)}</row>'


def blank(letters: str, number: int, look: str, looks: Looks) -> str:
    """Return a cell that holds nothing but its look."""
    return f'<c r="{letters}{number}"{looks.of_value(look)}/>'


def _added(sheet: ReportSheet, place: int, start: int, end: int) -> tuple[int | Decimal, bool]:
    """Return the exact sum of a column, and whether a formula over its cells would come to it too.

    Raises:
        ValueError: a value that cannot be added.
    """
    total: int | Decimal = 0
    are_numbers = True
    for at in range(start, end):
        value = sheet.rows[at][place]
        if value is None:
            continue
        if not isinstance(value, int | Decimal) or isinstance(value, bool):
            raise ValueError(f"column {sheet.columns[place].key!r} of sheet {sheet.name!r} cannot be summed")
        total += value
        # Excel would leave out an amount that it keeps as a text.
        are_numbers = are_numbers and as_number(value) is not None
    return total, are_numbers


def cover_rows(report: Report, names: Sequence[str], looks: Looks) -> Iterator[str]:
    """Yield the rows of the cover: title, what the report tells of itself, definitions, and its sheets."""
    lines: list[tuple[tuple[str, Written, str], ...]] = [(("A", report.title, TITLE),), ()]
    lines += [_told(line.label, yes_or_no(line.value)) for line in report.cover]
    if report.definitions:
        lines += [(), (("A", DEFINITIONS, TITLE),), *(_told(term, text) for term, text in report.definitions)]
    if report.sheets:
        lines += [(), (("A", CONTENTS, TITLE),)]
        for name, sheet in zip(names, report.sheets, strict=True):
            lines.append(_told(name, f"{len(sheet.rows):,} 行" + (f"；{sheet.note}" if sheet.note else "")))
    for number, cells in enumerate(lines, start=1):
        if cells:
            yield row_of_cells(number, cells, looks)


def _told(label: str, value: Written) -> tuple[tuple[str, Written, str], ...]:
    return ("A", label, LABEL), ("B", value, PROSE)
