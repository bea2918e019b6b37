"""Opens a table file, .xlsx or .csv, and gives its rows as cells. Knows no column."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, Literal

from registry.domain.errors import Refused
from registry.sheets import limits
from registry.sheets.cells import Cell, Unusable
from registry.sheets.csv_text import check_text, read_lines, unguarded
from registry.sheets.jail import JailedLines

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_COLUMN_LETTERS = 26


def column_letter(index: int) -> str:
    """Return the letters of a column, counted from 0: A, B, … Z, AA."""
    letters = ""
    index += 1
    while index:
        index, place = divmod(index - 1, _COLUMN_LETTERS)
        letters = chr(ord("A") + place) + letters
    return letters


@dataclass(frozen=True, slots=True)
class Table:
    """One table as it was sent; its rows can be gone through again.

    Attributes:
        name: the file's name, for messages.
        sheet: the sheet's name; empty for CSV.
        unread_sheets: visible sheets of the workbook that were left alone.
        content: the child's answer for .xlsx, or the file itself for .csv.
    """

    name: str
    form: Literal["xlsx", "csv"]
    sheet: str
    unread_sheets: tuple[str, ...]
    content: JailedLines | bytes

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Yield each row with its number, from 1; empty rows may be left out.

        Raises:
            Refused: a row from which on the file cannot be read.
        """
        if isinstance(self.content, bytes):
            for number, texts in read_lines(self.name, self.content):
                yield number, [unguarded(text) for text in texts]
            return
        for line in self.content.rows():
            number, cells = _DECODER.decode(line.decode())
            yield number, [unguarded(cell) if type(cell) is str else cell for cell in cells]


def read_table(path: Path | str) -> Table:
    """Read a table file whole, within limits.

    Raises:
        Refused: what the file is not, or holds too much of, and how to save it.
    """
    path = Path(path)
    form = path.suffix.lower().removeprefix(".")
    if form not in ("xlsx", "csv"):
        raise Refused.at(
            path.name, f"只接受 .xlsx 或 .csv，现为“{path.suffix}”(.xlsx or .csv expected)：请另存为 .xlsx"
        )
    try:
        with path.open("rb") as file:
            return table_of(path.name, form, file)
    except OSError as error:
        raise Refused.at(path.name, f"无法读取文件：{error.strerror} (cannot read)") from None


def table_of(name: str, form: str, file: BinaryIO) -> Table:
    """Read a table from an open file of the disk, which may be closed afterwards.

    Args:
        name: for messages.
        form: xlsx or csv.

    Raises:
        Refused: what the file is not, or holds too much of, and how to save it.
    """
    content = _read_within_limits(name, file)
    _check_beginning(name, content, form)
    if form == "csv":
        check_text(name, content)
        return Table(name, "csv", "", (), content)
    file.seek(0)
    answer = JailedLines(name, file)
    about = answer.about()
    return Table(name, "xlsx", about["sheet"], tuple(about["others"]), answer)


def _read_within_limits(name: str, file: BinaryIO) -> bytes:
    content = file.read(limits.FILE_BYTES + 1)
    if not content:
        raise Refused.at(name, "文件为空 (empty file)")
    if len(content) > limits.FILE_BYTES:
        raise Refused.at(name, f"文件超过 {limits.FILE_BYTES // limits.MEBIBYTE} MiB (file too large)：请拆成几份")
    return content


def _check_beginning(name: str, content: bytes, form: str) -> None:
    if content.startswith(_OLD_OFFICE):
        raise Refused.at(
            name, "是加密的工作簿或旧式 .xls (encrypted, or an old .xls)：请在 Excel 中取消密码并另存为 .xlsx"
        )
    is_package = content.startswith(b"PK\x03\x04")
    if form == "csv" and is_package:
        raise Refused.at(
            name, "扩展名是 .csv，内容却是压缩包或工作簿 (not CSV)：请把扩展名改为 .xlsx 或另存为 CSV UTF-8"
        )
    if form == "xlsx" and not is_package:
        raise Refused.at(name, "内容不是 .xlsx 工作簿 (not a workbook)：请在 Excel 中另存为 .xlsx，不要只改扩展名")


def _untagged(tagged: dict[str, Any]) -> Cell:
    if "day" in tagged:
        return date.fromisoformat(tagged["day"])
    if "moment" in tagged:
        return datetime.fromisoformat(tagged["moment"])
    return Unusable(str(tagged["bad"]), str(tagged["why"]))


_DECODER = json.JSONDecoder(parse_float=Decimal, object_hook=_untagged)
