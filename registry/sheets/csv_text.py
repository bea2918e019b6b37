"""CSV both ways: strict reading of UTF-8, and writing that no spreadsheet takes for a formula."""

import csv
import re
from collections.abc import Iterator
from io import BytesIO, TextIOWrapper

from registry.domain.errors import Refused
from registry.sheets import limits

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# What spreadsheets may run, also after blanks and in the full width that Chinese input gives.
_LIVE = re.compile(r"[\s\x00\ufeff\u200b]*[=+\-@＝＋－＠]|[\t\r\n]")
_PREFIXED_LIVE = re.compile(r"'+(?:[\s\x00\ufeff\u200b]*[=+\-@＝＋－＠]|[\t\r\n])")
_NEEDS_QUOTES = re.compile(r"[\",\r\n]|^\s|\s$")


def guarded(text: str) -> str:
    """Return a text with an apostrophe before it if a spreadsheet could take it for a formula.

    A text that already looks guarded gets another one, so that `unguarded` gives every text back.
    """
    return f"'{text}" if _LIVE.match(text) or _PREFIXED_LIVE.match(text) else text


def unguarded(text: str) -> str:
    """Return a text without the apostrophe that `guarded` set before it."""
    return text[1:] if text.startswith("'") and _PREFIXED_LIVE.match(text) else text


def is_live(text: str) -> bool:
    """Say whether a spreadsheet could take a text for a formula."""
    return _LIVE.match(text) is not None


def quoted(text: str) -> str:
    """Return one field of a line, in quotes where a reader could split or trim it."""
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text


def check_text(name: str, content: bytes) -> None:
    """Check that a file is text in UTF-8.

    Raises:
        Refused: another encoding, or bytes that no text holds; says how to save it.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused.at(name, "编码是 UTF-16 (UTF-16)：请另存为“CSV UTF-8（逗号分隔）”或 .xlsx")
    zero = content.find(b"\0")
    if zero >= 0:
        raise Refused.at(name, f"第 {zero + 1} 字节为 NUL，不是文本 (NUL byte)：请另存为“CSV UTF-8”或 .xlsx")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Refused.at(
            name,
            f"第 {line} 行不是 UTF-8 编码（多半是 GBK）(not UTF-8)：请在 Excel 中另存为“CSV UTF-8（逗号分隔）”或 .xlsx",
        ) from None


def read_lines(name: str, content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with its number, from 1, as a spreadsheet would number it; empty lines count.

    Raises:
        Refused: quotes that do not match, a cell too long, too many rows or columns.
    """
    csv.field_size_limit(limits.CSV_CELL_CHARACTERS)
    with TextIOWrapper(BytesIO(content), encoding="utf-8-sig", newline="") as text:
        reader = csv.reader(text, strict=True)
        number = 0
        try:
            for number, row in enumerate(reader, start=1):
                while row and not row[-1]:
                    row.pop()
                if len(row) > limits.COLUMNS:
                    raise Refused.at(name, f"第 {number} 行多于 {limits.COLUMNS} 列 (too many columns)")
                if number > limits.ROWS:
                    raise Refused.at(name, f"多于 {limits.ROWS:,} 行 (too many rows)：请拆成几份")
                yield number, row
        except csv.Error as error:
            raise Refused.at(
                name, f"第 {number + 1} 行的引号不配对或单元格过长（{error}）(malformed CSV)：请检查该行的双引号"
            ) from None
