"""Reads the header row: which column holds what, in which unit. Looks at no other row."""

import difflib
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from registry.domain.facts import FIRM_FACTS, FIRST_YEAR, LAST_YEAR, YEAR_FACTS, Fact, Kind

# The column that write_faulted_copy adds; a corrected copy may be read again with it.
FAULT_HEADING = "校验结果"

TITLE_HEADINGS: Mapping[str, str] = {
    "uscc": "统一社会信用代码",
    "name": "企业名称",
    "district": "区市",
    "tier": "梯度",
    "kind": "类型",
    "recognised_on": "公告日期",
    "valid_until": "有效期至",
    "batch": "批次",
    "source": "依据文件",
}
SCALE_HEADINGS: Mapping[str, str] = {
    "uscc": "统一社会信用代码",
    "name": "企业名称",
    "district": "区市",
    "entered_on": "入库日期",
    "entry": "入库方式",
    "exited_on": "退库日期",
    "exit_reason": "退库原因",
    "source": "依据",
}
FIRM_HEADINGS: Mapping[str, str] = {
    "uscc": "统一社会信用代码",
    "name": "企业名称",
    **{key: fact.label for key, fact in FIRM_FACTS.items()},
}
USCC_HEADINGS = frozenset(("uscc", "统一社会信用代码"))

MONEY_UNITS: Mapping[str, int] = {"元": 0, "万元": 4, "亿元": 8}
_PEOPLE, _POINTS = ("", "人"), ("", "分")
_UNITS: Mapping[str, Sequence[str]] = {"employees": _PEOPLE, "rd_staff": _PEOPLE, "development_score": _POINTS}
_FIGURE_BY_KEY = re.compile(r"(?P<key>[a-z0-9_]+)@(?P<year>[0-9]{4})")
_FIGURE_BY_WORD = re.compile(r"(?P<year>[0-9]{4})年度?(?P<word>[^()]+)(?:\((?P<unit>[^()]*)\))?")
_WITH_UNIT = re.compile(r"(?P<word>[^()]+)\((?P<unit>[^()]*)\)")


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds.

    Attributes:
        key: the contract's name of it, as `uscc`, `district` or `tier`.
        year: the fiscal year of a yearly figure.
        power: money is written in 10 to this power yuan.
    """

    key: str
    fact: Fact | None = None
    year: int | None = None
    power: int = 0


class UnknownHeading(Exception):
    """A header that names no column; its text says which would."""


Recognise = Callable[[str], Column]


def plain(text: str) -> str:
    """Return a header as it is compared: half width, lower case, without blanks or line ends."""
    narrow = unicodedata.normalize("NFKC", text).casefold()
    return "".join(narrow.split()).replace("\u200b", "").replace("\ufeff", "")


def _by_word(words: Mapping[str, str]) -> dict[str, str]:
    return {plain(word): key for key, label in words.items() for word in (key, label)}


_FIRM_KEYS = _by_word(FIRM_HEADINGS)
_YEAR_KEYS = _by_word({key: fact.label for key, fact in YEAR_FACTS.items()})


def firm_column(heading: str) -> Column:
    """Recognise a header of `import firms`: a key, a Chinese label, or a yearly figure with year and unit.

    Raises:
        UnknownHeading: with the closest known header, or what the header lacks.
    """
    text = plain(heading)
    if text in _FIRM_KEYS:
        key = _FIRM_KEYS[text]
        return Column(key, FIRM_FACTS.get(key))
    by_key = _FIGURE_BY_KEY.fullmatch(text)
    if by_key and by_key["key"] in YEAR_FACTS:
        return Column(by_key["key"], YEAR_FACTS[by_key["key"]], _year(by_key["year"]))
    by_word = _FIGURE_BY_WORD.fullmatch(text)
    if by_word and by_word["word"] in _YEAR_KEYS:
        fact = YEAR_FACTS[_YEAR_KEYS[by_word["word"]]]
        return Column(fact.key, fact, _year(by_word["year"]), _power(fact, by_word["unit"] or "", by_word["year"]))
    raise UnknownHeading(_advice(text))


def _year(digits: str) -> int:
    if not FIRST_YEAR <= int(digits) <= LAST_YEAR:
        raise UnknownHeading(f"年份应在 {FIRST_YEAR}–{LAST_YEAR} 之间 (year out of range)")
    return int(digits)


def _power(fact: Fact, unit: str, year: str) -> int:
    if fact.kind is Kind.MONEY:
        if unit not in MONEY_UNITS:
            lacking = "缺少金额单位" if not unit else f"金额单位“{unit}”不可用"
            raise UnknownHeading(f"{lacking}，应为“{year}年{fact.label}(万元)”，或用(元)、(亿元) (unit of money)")
        return MONEY_UNITS[unit]
    allowed = _UNITS.get(fact.key, ("",))
    if unit not in allowed:
        raise UnknownHeading(f"单位“{unit}”不可用，应为“{year}年{fact.label}”{_or_unit(allowed)} (wrong unit)")
    return 0


def _or_unit(allowed: Sequence[str]) -> str:
    return f"，单位只可写({allowed[1]})" if len(allowed) > 1 else "，不写单位"


def _advice(text: str) -> str:
    """Say what a header lacks, or which known one is closest."""
    if text in _YEAR_KEYS:
        fact = YEAR_FACTS[_YEAR_KEYS[text]]
        unit = "(万元)" if fact.kind is Kind.MONEY else ""
        return f"是年度数据，缺少年份，应为“2023年{fact.label}{unit}”或“{fact.key}@2023” (year missing)"
    with_unit = _WITH_UNIT.fullmatch(text)
    if with_unit and with_unit["word"] in _FIRM_KEYS:
        return f"不带单位，应为“{FIRM_HEADINGS[_FIRM_KEYS[with_unit['word']]]}” (no unit expected)"
    if with_unit and with_unit["word"] in _YEAR_KEYS:
        return _advice(with_unit["word"])
    figure = _FIGURE_BY_WORD.fullmatch(text)
    if figure:
        if figure["word"] in _FIRM_KEYS:
            return f"不分年度，应为“{FIRM_HEADINGS[_FIRM_KEYS[figure['word']]]}” (not a yearly figure)"
        near = _closest(figure["word"], {key: fact.label for key, fact in YEAR_FACTS.items()})
        unit = f"({figure['unit']})" if figure["unit"] else ""
        return _unknown(f"{figure['year']}年{near}{unit}" if near else None)
    key_and_year = _FIGURE_BY_KEY.fullmatch(text)
    if key_and_year:
        near = _closest(key_and_year["key"], {key: key for key in YEAR_FACTS})
        return _unknown(f"{near}@{key_and_year['year']}" if near else None)
    return _unknown(_closest(text, FIRM_HEADINGS))


def _closest(text: str, words: Mapping[str, str]) -> str | None:
    shown = {plain(word): word for pair in words.items() for word in pair}
    near = difflib.get_close_matches(text[:60], shown, n=1, cutoff=0.6)
    return shown[near[0]] if near else None


def _unknown(near: str | None) -> str:
    advice = f"最接近的是“{near}”" if near else "可用的表头见导入说明"
    return f"未知的表头；{advice} (unknown header)"


def list_column(words: Mapping[str, str]) -> Recognise:
    """Return what recognises the headers of a list with fixed columns, as TITLE_HEADINGS."""
    keys = _by_word(words)

    def recognise(heading: str) -> Column:
        text = plain(heading)
        if text not in keys:
            raise UnknownHeading(_unknown(_closest(text, words)))
        return Column(keys[text])

    return recognise
