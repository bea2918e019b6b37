"""Turns one cell into a value: the many ways people and Excel write a day, an amount or a choice.

Bounds and places are not decided here: the last step is registry.domain.intake, as for JSON.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from registry.domain import uscc
from registry.domain.codes import DISTRICTS
from registry.domain.errors import Fault, Refused
from registry.domain.facts import Fact, Kind
from registry.domain.firms import Value
from registry.domain.intake import read_value
from registry.domain.json_text import read_json
from registry.sheets.cells import Cell, Unusable, Wrong, check_usable, free_text, is_blank, narrowed, visible

# As read_value takes it.
Raw = Any

NAME = Fact("name", Kind.TEXT, "企业名称", "Name")
DISTRICT = Fact("district", Kind.CODE, "区市", "District", digits=6)

_BOOLS: Mapping[str, bool] = {
    **dict.fromkeys(("true", "1", "是", "有", "yes"), True),
    **dict.fromkeys(("false", "0", "否", "无", "no"), False),
}
# Written out once: a million cells are asked.
_NUMBERS, _NO_NUMBERS = (int, Decimal), (bool, date, Unusable)
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?")
_SCIENTIFIC = re.compile(r"[+-]?[0-9](?:\.[0-9]+)?[eE][+-]?[0-9]{1,3}")
# Longer ones would be rounded by the arithmetic below, and no fact is that large.
_LONGEST_NUMBER = 25
_DAY = re.compile(
    r"(?:([0-9]{4})\s*年\s*([0-9]{1,2})\s*月\s*([0-9]{1,2})\s*日|([0-9]{4})([-/.])([0-9]{1,2})\5([0-9]{1,2}))"
    r"(?:[ T]0{1,2}:00(?::00)?)?"
)


def read_cell(fact: Fact, cell: Cell, power: int = 0) -> Value | None:
    """Return a cell's value in the fact's base unit; None when it is empty.

    Args:
        power: money is written in 10 to this power yuan.

    Raises:
        Wrong: the cell cannot be read as the fact, or lies outside its bounds.
    """
    if not isinstance(cell, _NUMBERS):
        if is_blank(cell):
            return None
        check_usable(cell)
    raw = _scaled(_number(cell), power) if fact.kind is Kind.MONEY else _RAW[fact.kind](fact, cell)
    faults: list[Fault] = []
    value = read_value(fact, raw, "", faults)
    if faults:
        raise Wrong("；".join(str(fault) for fault in faults[:5]))
    return value


def read_uscc(cell: Cell) -> str:
    """Return the canonical credit code of a cell.

    Raises:
        Wrong: empty, turned into a number by Excel, or a code that does not hold.
    """
    if is_blank(cell):
        raise Wrong("必填：统一社会信用代码 (required)")
    check_usable(cell)
    if not isinstance(cell, str) or _SCIENTIFIC.fullmatch(cell.strip()):
        raise Wrong(
            "代码已被 Excel 变成数字，位数可能丢失：请把整列设为文本格式后重填 18 位代码 (turned into a number)"
        )
    code = uscc.canonical(visible(cell))
    wrong = uscc.fault_of(code)
    if wrong:
        raise Wrong(wrong)
    return code


def _number(cell: Cell) -> int | Decimal:
    if isinstance(cell, _NO_NUMBERS):
        raise Wrong("应为数，现为日期或真假值：请把该单元格设为常规或数值格式 (number expected)")
    if isinstance(cell, _NUMBERS):
        return cell
    text = narrowed(cell)
    if _SCIENTIFIC.fullmatch(text):
        raise Wrong("是科学计数法，位数可能丢失：请写出全部数字 (scientific notation: write all digits)")
    if not _NUMBER.fullmatch(text):
        raise Wrong("应为数，只含数字、小数点和负号，单位写在表头 (number expected)")
    if len(text) > _LONGEST_NUMBER:
        raise Wrong("数字过长 (number too long)")
    text = text.replace(",", "")
    return Decimal(text) if "." in text else int(text)


def _scaled(number: int | Decimal, power: int) -> int | Decimal:
    # Moving the exponent keeps the places as they were written; multiplying would add some.
    return Decimal(number).scaleb(power) if power else number


def _count(fact: Fact, cell: Cell) -> Raw:
    return _number(cell)


def _share(fact: Fact, cell: Cell) -> Raw:
    text = narrowed(cell) if isinstance(cell, str) else ""
    return _scaled(_number(text[:-1].rstrip()), -2) if text.endswith("%") else _number(cell)


def _bool(fact: Fact, cell: Cell) -> Raw:
    if isinstance(cell, bool):
        return cell
    value = None if isinstance(cell, date) else _BOOLS.get(narrowed(cell).casefold())
    if value is None:
        raise Wrong("应为 是/否、有/无、true/false、yes/no 或 1/0 (yes or no expected)")
    return value


def read_day(cell: Cell) -> date:
    """Return the day of a cell: a real date of Excel, or written in one of the usual ways.

    Raises:
        Wrong: not a day of the calendar, or one with a time.
    """
    if isinstance(cell, datetime):
        if cell.hour or cell.minute or cell.second or cell.microsecond:
            raise Wrong("应为日期，不带时刻 (a date without a time expected)")
        return cell.date()
    if isinstance(cell, date):
        return cell
    match = _DAY.fullmatch(narrowed(cell)) if isinstance(cell, str) else None
    if match is None:
        raise Wrong("应为日期，如 2024-05-10、2024/5/10、2024年5月10日 (a date expected)")
    year, month, day = match.group(1, 2, 3) if match.group(1) else match.group(4, 6, 7)
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise Wrong("日历上没有这一天 (no such day)") from None


def _day(fact: Fact, cell: Cell) -> Raw:
    return read_day(cell).isoformat()


def _day_or_none(fact: Fact, cell: Cell) -> Raw:
    if isinstance(cell, str) and narrowed(cell).casefold() in ("none", "无"):
        return "none"
    return _day(fact, cell)


def _choice(fact: Fact, cell: Cell) -> Raw:
    return read_word(fact.choices or {}, cell)


def compared(text: str) -> str:
    """Return a word as it is compared: half width, lower case, without blanks and quotation marks."""
    return re.sub(r"[\s“”\"'「」『』]", "", unicodedata.normalize("NFKC", text)).casefold()


def read_word(words: Mapping[str, str], cell: Cell, also: Mapping[str, str] | None = None) -> str:
    """Return the key of a choice that a cell names by key, by its Chinese word, or by another word for it.

    Args:
        words: key to Chinese word.
        also: other word to key.

    Raises:
        Wrong: none of them.
    """
    wanted = "" if isinstance(cell, date) else compared(narrowed(cell))
    for key, word in words.items():
        if wanted in (key, compared(word)):
            return key
    if also and wanted in also:
        return also[wanted]
    raise Wrong(f"应为 {'、'.join(f'{word}({key})' for key, word in words.items())} 之一 (one of these expected)")


def _text(fact: Fact, cell: Cell) -> Raw:
    return free_text(cell)


def _district_words() -> dict[str, str]:
    words: dict[str, str] = {}
    for code, name in DISTRICTS.items():
        for part in re.split(r"[（）]", name):
            for word in (part, re.sub(r"(?:新区|区|市|县)$", "", part)):
                if len(word) > 1:
                    words[word] = code
    return words


_DISTRICT_WORDS = _district_words()


def _code(fact: Fact, cell: Cell) -> Raw:
    text = narrowed(cell)
    if fact.key == "district":
        word = re.sub(r"^(?:山东省)?青岛市?(?=.)", "", "".join(text.split()))
        code = _DISTRICT_WORDS.get(word) or _DISTRICT_WORDS.get(word.split("(")[0])
        if code is None and not (text.isascii() and text.isdigit()):
            raise Wrong(f"应为六位行政区划代码或区市名：{'、'.join(DISTRICTS.values())} (unknown district)")
        return code or text
    # Excel drops the zero before 0610; only one can be lost, for no class begins with two.
    return text.zfill(fact.digits) if text.isdigit() and len(text) == fact.digits - 1 else text


def _entries(fact: Fact, cell: Cell) -> Raw:
    if not isinstance(cell, str):
        raise Wrong("应为 JSON 列表文字，如 [] (a JSON list expected)")
    try:
        return read_json(cell.strip())
    except Refused as refused:
        raise Wrong(f"应为 JSON 列表文字：{refused} (a JSON list expected)") from None


_RAW: Mapping[Kind, Callable[[Fact, Cell], Raw]] = {
    Kind.BOOL: _bool,
    Kind.COUNT: _count,
    Kind.SHARE: _share,
    Kind.SCORE: _count,
    Kind.DATE: _day,
    Kind.DATE_OR_NONE: _day_or_none,
    Kind.CHOICE: _choice,
    Kind.TEXT: _text,
    Kind.CODE: _code,
    Kind.LIST: _entries,
}
