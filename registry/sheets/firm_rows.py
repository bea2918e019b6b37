"""Reads the list of `import firms`: who the firms are, their facts, their yearly figures. Stores nothing."""

from datetime import date
from pathlib import Path

from registry.domain.firms import Firm, Value
from registry.sheets.cells import Cell, Wrong
from registry.sheets.headings import Column, firm_column
from registry.sheets.reading import ListReader, Reading, add_repeats
from registry.sheets.table import read_table
from registry.sheets.values import NAME, read_cell, read_uscc

_REQUIRED = {"uscc": "统一社会信用代码", "name": "企业名称"}
# Columns repeat themselves (yes and no, districts, counts), so a cell seen before is not read again.
_Seen = tuple[int, Column, dict[Cell, Value | None]]
# By exact type, for True equals 1 and 1.00 equals 1 while they do not read alike.
_REMEMBERED = frozenset((str, int, date))
_MOST_REMEMBERED = 5_000


def read_firms(path: Path | str) -> Reading[Firm]:
    """Read a list of firms, .xlsx or .csv, one row a firm.

    Raises:
        Refused: the file as a whole cannot be read; faults of single cells are in the reading.
    """
    reader = ListReader(read_table(path), firm_column, _REQUIRED)
    rows: list[tuple[int, Firm]] = []
    named: list[tuple[int, str, object]] = []
    columns: list[_Seen] = [(index, column, {}) for index, column in reader.columns.items()]
    if reader.has_uscc:
        for number, cells in reader.rows():
            firm = _firm(reader, columns, number, cells)
            if firm.uscc:
                rows.append((number, firm))
                # The row number makes every content differ: a firm has one row, even if two were equal.
                named.append((number, firm.uscc, number))
        add_repeats(
            reader,
            named,
            reader.place_of("uscc"),
            lambda numbers: f"同一企业在第 {numbers} 行重复，只能有一行 (the same firm twice)",
        )
    return reader.reading(rows)


def _firm(reader: ListReader, columns: list[_Seen], number: int, cells: list[Cell]) -> Firm:
    """Return the firm of a row, as far as it can be read; what cannot is a fault of the reader."""
    code = name = ""
    facts: dict[str, Value] = {}
    years: dict[int, dict[str, int]] = {}
    for index, column, seen in columns:
        cell = cells[index]
        if cell == "" and column.key not in _REQUIRED:
            continue
        may_be_seen = type(cell) in _REMEMBERED
        if may_be_seen and cell in seen:
            value = seen[cell]
        else:
            try:
                value = _value(column, cell)
            except Wrong as wrong:
                reader.add(number, index, cell, str(wrong))
                continue
            if may_be_seen and len(seen) < _MOST_REMEMBERED:
                seen[cell] = value
        if value is None:
            continue
        if column.year is not None:
            years.setdefault(column.year, {})[column.key] = value  # type: ignore[assignment]
        elif column.key == "uscc":
            code = str(value)
        elif column.key == "name":
            name = str(value)
        else:
            facts[column.key] = value
    return Firm(code, name, facts, years)


def _value(column: Column, cell: Cell) -> Value | None:
    if column.key == "uscc":
        return read_uscc(cell)
    value = read_cell(column.fact or NAME, cell, column.power)
    if value is None and column.key == "name":
        raise Wrong("必填：企业名称 (required)")
    return value
