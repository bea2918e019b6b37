"""Writes tables as .xlsx, .csv and JSON: the same bytes for the same rows, and nothing a spreadsheet would run."""

import json
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Literal, TypeVar

from registry.domain.errors import Refused
from registry.sheets.cells import Cell
from registry.sheets.csv_text import BYTE_ORDER_MARK, guarded, quoted
from registry.sheets.layout import CoverLine, ListColumn, Written
from registry.sheets.workbook import write_copy, write_list

Form = Literal["csv", "xlsx", "json"]
_Value = TypeVar("_Value")
_SIGNED_NUMBER = re.compile(r"[+-][0-9][0-9,]*(?:\.[0-9]+)?%?")


def write_table(
    target: Path | str | BinaryIO,
    form: Form,
    title: str,
    columns: Sequence[ListColumn],
    rows: Iterable[Sequence[Written]],
    cover: Sequence[CoverLine] = (),
) -> None:
    """Write a list.

    Args:
        target: a path, replaced as a whole once all rows are written, or a binary file.
        title: the name of the sheet, and the first line of the cover.
        rows: values in the order of the columns; None leaves a cell empty.
        cover: on a sheet of its own in .xlsx, beside `rows` in JSON; CSV has no place for it.

    Raises:
        Refused: more than a workbook can hold, which says to take CSV; or a path that cannot be written.
    """

    def write(out: BinaryIO) -> None:
        if form == "xlsx":
            write_list(out, title, columns, rows, cover)
        elif form == "csv":
            _write_csv(out, chain([[column.heading for column in columns]], rows), _field)
        else:
            _write_json(out, [column.key for column in columns], rows, cover)

    deliver_or_refuse(target, write)


def deliver_or_refuse(target: Path | str | BinaryIO, write: Callable[[BinaryIO], None]) -> None:
    """Have a file written and put in its place, whole or not at all.

    Raises:
        Refused: a path that cannot be written.
    """
    try:
        _deliver(target, write)
    except OSError as error:
        if not isinstance(target, Path | str):
            raise
        raise Refused.at(str(target), f"无法写入：{error.strerror} (cannot write)") from None


def write_cells(
    target: Path | str | BinaryIO,
    form: Literal["csv", "xlsx"],
    sheet_name: str,
    rows: Iterable[tuple[int, Sequence[Cell]]],
) -> None:
    """Write cells as they were read, each row at its number, from 1.

    Raises:
        OSError: the target cannot be written.
    """
    if form == "xlsx":
        _deliver(target, lambda out: write_copy(out, sheet_name, rows))
    else:
        _deliver(target, lambda out: _write_csv(out, _with_gaps(rows), _copied_field))


def _deliver(target: Path | str | BinaryIO, write: Callable[[BinaryIO], None]) -> None:
    """Write to a file beside the target and put it in its place, so that no half list is ever seen."""
    if not isinstance(target, Path | str):
        # A workbook is written with seeks, which a pipe cannot do.
        buffer = BytesIO()
        write(buffer)
        target.write(buffer.getbuffer())
        return
    path = Path(target)
    if path.exists() and not path.is_file():
        with path.open("wb") as out:
            _deliver(out, write)
        return
    path = path.resolve()
    unfinished = path.with_name(f".{secrets.token_hex(8)}{path.suffix}")
    try:
        with unfinished.open("xb") as out:
            write(out)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _with_gaps(rows: Iterable[tuple[int, Sequence[Cell]]]) -> Iterator[Sequence[Cell]]:
    next_number = 1
    for number, cells in rows:
        while next_number < number:
            yield []
            next_number += 1
        yield cells
        next_number += 1


def _write_csv(out: BinaryIO, rows: Iterable[Sequence[_Value]], field: Callable[[_Value], str]) -> None:
    out.write(BYTE_ORDER_MARK)
    for row in rows:
        out.write((",".join(map(field, row)) + "\r\n").encode("utf-8", "replace"))


def _field(value: Written) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    return quoted(guarded(value)) if isinstance(value, str) else _as_text(value)


def _copied_field(cell: Cell) -> str:
    """Return a cell of a CSV file as it was; a signed number stays one, though it begins as a formula may."""
    text = str(cell)
    return quoted(text if _SIGNED_NUMBER.fullmatch(text) else guarded(text))


def _as_text(value: int | Decimal | date) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a list holds no {type(value).__name__}: money and shares are Decimal")


def _write_json(
    out: BinaryIO, keys: Sequence[str], rows: Iterable[Sequence[Written]], cover: Sequence[CoverLine]
) -> None:
    members = [f"  {_json(line.key)}: {_json(line.value)}" for line in cover]
    out.write(("{\n" + "".join(f"{member},\n" for member in members) + '  "rows": [').encode("utf-8", "replace"))
    names = [_json(key) for key in keys]
    separator = "\n"
    for row in rows:
        entry = ", ".join(f"{name}: {_json(value)}" for name, value in zip(names, row, strict=True))
        out.write(f"{separator}    {{{entry}}}".encode("utf-8", "replace"))
        separator = ",\n"
    out.write(b"\n  ]\n}\n")


def _json(value: Written) -> str:
    if value is None or isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    text = _as_text(value)
    return text if isinstance(value, int | Decimal) else f'"{text}"'
