"""What a cell is, and its text as people meant it. Knows no column and no kind of value."""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Unusable:
    """A cell whose content is lost or no value: an error, a formula never computed, a part of a merged cell."""

    shown: str
    why: str


Cell = str | int | Decimal | bool | date | datetime | Unusable


class Wrong(Exception):
    """A cell that cannot be what its column asks for; its text says what is expected."""


_PLACEHOLDERS = frozenset(("-", "--", "—", "——", "–", "―", "/", "//", "\\", "n/a", "#n/a", "null"))
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
# Free text keeps its Chinese punctuation, for a firm's registered name has （ ）; letters and digits are narrowed.
_NARROW_LETTERS = {
    wide: wide - 0xFEE0 for first, last in ("０９", "ＡＺ", "ａｚ") for wide in range(ord(first), ord(last) + 1)
}
_FREE_TEXT = {**_NARROW_LETTERS, 0x3000: " ", 0xA0: " ", **_INVISIBLE}


def visible(text: str) -> str:
    """Return a text without the characters of no width that copying from web pages leaves."""
    return text if text.isascii() else text.translate(_INVISIBLE)


def is_blank(cell: Cell) -> bool:
    """Say whether a cell is empty, hence unknown: blanks alone are nothing."""
    return isinstance(cell, str) and (not cell or not visible(cell).strip())


def shown(cell: Cell) -> str:
    """Return a cell as a fault may print it: short, in one line, without control characters."""
    text = cell.shown if isinstance(cell, Unusable) else str(cell)
    cleaned = "".join(character if character.isprintable() else "�" for character in text[:40])
    return cleaned + ("…" if len(text) > 40 else "")


def narrowed(cell: Cell) -> str:
    """Return the text of a cell in half width and trimmed; a number as its digits.

    Raises:
        Wrong: the cell holds a date, a truth value or nothing usable.
    """
    if isinstance(cell, str):
        if cell.isascii():
            return cell.strip()
        return unicodedata.normalize("NFKC", visible(cell)).strip()
    if isinstance(cell, bool):
        raise Wrong("应为文字，现为真假值：请把该单元格设为文本格式 (text expected)")
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, Decimal):
        return format(cell, "f")
    raise Wrong("应为文字，现为日期：请把该单元格设为文本格式 (text expected, not a date)")


def check_usable(cell: Cell) -> None:
    """Refuse what is no value whatever the column: errors, merged parts, a dash for “unknown”.

    Raises:
        Wrong: with the reason.
    """
    if isinstance(cell, Unusable):
        raise Wrong(cell.why)
    if isinstance(cell, str) and len(cell) < 8 and narrowed(cell).casefold() in _PLACEHOLDERS:
        raise Wrong("不知道的值请留空，不要填符号 (leave unknown cells empty)")


def free_text(cell: Cell) -> str:
    """Return the text of a cell as it is written, trimmed, with full-width letters and digits narrowed."""
    return cell.translate(_FREE_TEXT).strip() if isinstance(cell, str) else narrowed(cell)
