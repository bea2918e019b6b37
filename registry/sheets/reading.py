"""What reading a list gives: its good rows, its faults at their cells, and a copy that shows them.

Knows no column by name; see firm_rows and book_rows.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from registry.domain.errors import Fault, Refused
from registry.sheets import limits
from registry.sheets.cells import Cell, Unusable, is_blank, shown
from registry.sheets.headings import FAULT_HEADING, USCC_HEADINGS, Column, Recognise, UnknownHeading, plain
from registry.sheets.table import Table, column_letter
from registry.sheets.writing import write_cells

Row = TypeVar("Row")
_ROWS_SEARCHED_FOR_HEADER = 20


@dataclass(frozen=True, slots=True)
class SheetFault:
    """One thing wrong in a list.

    Attributes:
        sheet: empty for CSV.
        row: as the spreadsheet numbers it; 1 is the header row.
        column: its letter; empty when a whole column is missing.
        value: the beginning of what the cell holds.
        message: what is wrong and what is expected.
    """

    sheet: str
    row: int
    column: str
    header: str
    value: str
    message: str

    @property
    def address(self) -> str:
        """Where it stands, as `工作表1!C5` or `C5`."""
        return f"{self.sheet}!{self.column}{self.row}" if self.sheet else f"{self.column}{self.row}"

    def as_fault(self) -> Fault:
        """Return it as the fault of an input, at its address."""
        stated = f"“{self.value}”" if self.value else ""
        about = f"[{self.header}] " if self.header else ""
        return Fault(self.address, f"{about}{stated}{self.message}")

    def __str__(self) -> str:
        return str(self.as_fault())


@dataclass(frozen=True, slots=True)
class Reading(Generic[Row]):
    """A list, read and checked.

    Attributes:
        table: the list as it was sent.
        rows: row number and value of every row without a fault; none at all if the header row has one.
        faults: in the order of the sheet.
        row_count: rows that hold anything, good or not, without the header row.
    """

    table: Table
    rows: list[tuple[int, Row]]
    faults: list[SheetFault]
    row_count: int

    @property
    def header_is_good(self) -> bool:
        """Whether every column was understood; if not, no row may be stored."""
        return not any(fault.row == 1 for fault in self.faults)


class ListReader:
    """Goes through a list once: understands its header row, gives its rows, gathers its faults."""

    def __init__(self, table: Table, recognise: Recognise, required: Mapping[str, str]) -> None:
        """Read the header row.

        Args:
            required: key to Chinese header of the columns that must be there.

        Raises:
            Refused: the table holds nothing.
        """
        self._table = table
        self._headers: list[str] = []
        self._columns_named: set[int] = set()
        self._without_header: set[int] = set()
        self.faults: list[SheetFault] = []
        self.row_count = 0
        self.columns: dict[int, Column] = {}
        first = next(table.rows(), None)
        if first is None:
            raise Refused.at(table.name, "表中没有内容 (nothing in the table)")
        if first[0] == 1:
            self._read_header(first[1], recognise)
        self.places = {(column.key, column.year): index for index, column in self.columns.items()}
        for key, heading in required.items():
            if (key, None) not in self.places:
                hint = self._where_header_is() if key == "uscc" else ""
                self._add(1, "", "", "", f"缺少必填的列“{heading}”({key}){hint} (required column missing)")

    @property
    def has_uscc(self) -> bool:
        """Whether rows can be read at all."""
        return ("uscc", None) in self.places

    def _read_header(self, cells: Sequence[Cell], recognise: Recognise) -> None:
        self._headers = [shown(cell).strip() for cell in cells]
        taken: dict[tuple[str, int | None], int] = {}
        for index, cell in enumerate(cells):
            text = self._headers[index]
            if isinstance(cell, Unusable):
                self.add(1, index, cell, cell.why)
                self._columns_named.add(index)
                continue
            if is_blank(cell):
                continue
            self._columns_named.add(index)
            if plain(text).startswith(FAULT_HEADING):
                continue
            try:
                column = recognise(str(cell))
            except UnknownHeading as unknown:
                self.add(1, index, cell, str(unknown))
                continue
            before = taken.setdefault((column.key, column.year), index)
            if before != index:
                self.add(1, index, cell, f"与 {column_letter(before)} 列重复，只保留一列 (duplicate column)")
                continue
            self.columns[index] = column

    def _where_header_is(self) -> str:
        for number, cells in self._table.rows():
            if number > _ROWS_SEARCHED_FOR_HEADER:
                break
            if number > 1 and any(isinstance(cell, str) and plain(cell) in USCC_HEADINGS for cell in cells):
                return f"；表头似在第 {number} 行，请删除它上面的行，表头应在第 1 行"
        return "；表头应在第 1 行"

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Yield each row that holds anything, as wide as the header at least."""
        width = len(self._headers)
        for number, cells in self._table.rows():
            if number == 1 or all(map(_is_empty, cells)):
                continue
            self.row_count += 1
            if len(cells) < width:
                cells.extend([""] * (width - len(cells)))
            self._note_cells_without_header(number, cells)
            yield number, cells

    def _note_cells_without_header(self, number: int, cells: Sequence[Cell]) -> None:
        if len(cells) <= len(self._headers) and len(self._columns_named) == len(self._headers):
            return
        for index, cell in enumerate(cells):
            if index not in self._columns_named and index not in self._without_header and not _is_empty(cell):
                self._without_header.add(index)
                self._add(
                    1,
                    column_letter(index),
                    "",
                    "",
                    f"该列没有表头，第 {number} 行却有内容“{shown(cell)}”：请补上表头或清空该列 (no header)",
                )

    def add(self, row: int, index: int, cell: Cell, message: str) -> None:
        """Add a fault at a cell.

        Raises:
            Refused: there are so many faults that the file must be another one than was meant.
        """
        header = self._headers[index] if index < len(self._headers) else ""
        self._add(row, column_letter(index), header, shown(cell), message)

    def _add(self, row: int, column: str, header: str, value: str, message: str) -> None:
        self.faults.append(SheetFault(self._table.sheet, row, column, header, value, message))
        if len(self.faults) > limits.FAULTS:
            some = [fault.as_fault() for fault in self.faults[:20]]
            end = Fault(
                self._table.name, f"错误超过 {limits.FAULTS:,} 处，已停止检查 (too many faults)：请先改正以上各处"
            )
            raise Refused([*some, end])

    def place_of(self, key: str) -> int:
        """Return the column, from 0, that holds a key."""
        return self.places[(key, None)]

    def reading(self, rows: list[tuple[int, Row]]) -> Reading[Row]:
        """Return what was read, without the rows that have a fault, faults in the order of the sheet."""
        faults = sorted(self.faults, key=lambda fault: (fault.row, len(fault.column), fault.column))
        faulty = {fault.row for fault in faults}
        good = [] if 1 in faulty else [(number, value) for number, value in rows if number not in faulty]
        return Reading(self._table, good, faults, self.row_count)


def _is_empty(cell: Cell) -> bool:
    return is_blank(cell) or (isinstance(cell, Unusable) and not cell.shown)


def add_repeats(
    reader: ListReader, entries: Iterable[tuple[int, str, object]], place: int, message: Callable[[str], str]
) -> None:
    """Add a fault at every row of those that share a key but not their content.

    Args:
        entries: row number, key as a person reads it, and content; equal contents may repeat.
        place: the column, from 0, at which the fault stands.
        message: from the numbers of the rows that share the key.
    """
    by_key: dict[str, list[tuple[int, object]]] = {}
    for number, key, content in entries:
        by_key.setdefault(key, []).append((number, content))
    for key, same in by_key.items():
        if len(same) > 1 and any(content != same[0][1] for _, content in same):
            numbers = "、".join(str(number) for number, _ in same[:10]) + ("…" if len(same) > 10 else "")
            for number, _ in same:
                reader.add(number, place, key, message(numbers))


def write_faulted_copy(reading: Reading[Row], path: Path | str) -> None:
    """Write the list again, as it was and in its own form, with a column that tells each row's faults.

    Raises:
        OSError: the path cannot be written.
    """
    told: dict[int, list[str]] = {}
    for fault in reading.faults:
        told.setdefault(fault.row, []).append(f"{fault.column} {fault.message}".strip())
    header: list[Cell] = next((cells for number, cells in reading.table.rows() if number == 1), [])
    old = {index for index, cell in enumerate(header) if plain(shown(cell)).startswith(FAULT_HEADING)}
    width = len(header)
    for _, cells in reading.table.rows():
        width = max(width, len(cells))

    def rows() -> Iterator[tuple[int, list[Cell]]]:
        header_told = "；".join(told.pop(1, []))
        title = f"{FAULT_HEADING}：{header_told}" if header_told else FAULT_HEADING
        if not header:
            yield 1, [*[""] * width, title]
        for number, cells in reading.table.rows():
            kept = [cell for index, cell in enumerate(cells) if index not in old]
            kept.extend([""] * (width - len(old) - len(kept)))
            text = title if number == 1 else "；".join(told.get(number, ()))
            yield number, [*kept, text[: limits.CELL_CHARACTERS]]

    write_cells(Path(path), reading.table.form, reading.table.sheet, rows())
