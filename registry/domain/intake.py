"""Reads a firm from plain data (contract §1): every value checked against the dictionary of facts, every fault named.

Takes what JSON or a sheet gives; decides nothing about tiers.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from registry.domain import uscc
from registry.domain.errors import Fault, Refused
from registry.domain.facts import (
    ENTRY_FACTS,
    FIRM_FACTS,
    FIRST_YEAR,
    LAST_YEAR,
    MONEY_BOUND_YUAN,
    PLACES,
    YEAR_FACTS,
    Fact,
    Kind,
)
from registry.domain.firms import Entry, Firm, Value
from registry.domain.periods import NEVER

LONGEST_TEXT = 200
_MOST_ENTRIES = 1000
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEAR = re.compile(r"[0-9]{4}")

Faults = list[Fault]


def firm_from(document: Any, path: str = "") -> Firm:
    """Return the firm that a parsed JSON document describes.

    Args:
        document: `{"uscc", "name", "facts", "years"}` as `read_json` gives it; numbers as int or Decimal.
        path: where the document stands in a larger one; goes before every fault's path.

    Raises:
        Refused: with every fault found, in the order of the document.
    """
    faults: Faults = []
    if not isinstance(document, dict):
        raise Refused.at(path, f"应为一个对象，现为{_named(document)} (an object expected)")
    at = f"{path}." if path else ""
    _refuse_unknown(document, ("uscc", "name", "facts", "years"), at, faults)
    code = _read_uscc(document.get("uscc"), f"{at}uscc", faults)
    name = _read_name(document.get("name"), f"{at}name", faults)
    facts = _read_group(document.get("facts"), FIRM_FACTS, f"{at}facts", faults)
    years: dict[int, Mapping[str, int]] = {}
    stated = document.get("years")
    if stated is not None and not isinstance(stated, dict):
        faults.append(Fault(f"{at}years", f"应为一个对象，现为{_named(stated)} (an object expected)"))
    for year, figures in (stated or {}).items() if isinstance(stated, dict) else ():
        here = f"{at}years.{_shown(year)}"
        if not _YEAR.fullmatch(year) or not FIRST_YEAR <= int(year) <= LAST_YEAR:
            faults.append(Fault(here, f"应为 {FIRST_YEAR}–{LAST_YEAR} 间的四位年份 (a four-digit year expected)"))
            continue
        years[int(year)] = _read_group(figures, YEAR_FACTS, here, faults)  # type: ignore[assignment]
    if faults:
        raise Refused(faults)
    return Firm(code, name, facts, years)


def read_value(fact: Fact, raw: Any, path: str, faults: Faults) -> Value | None:
    """Return a raw value in the fact's base unit, or None when it is unknown or faulty.

    Args:
        raw: None for unknown; money in yuan, a share from 0 to 1, as int or Decimal; a date as `YYYY-MM-DD`.
        faults: takes a fault for a value that cannot be the fact's.
    """
    if raw is None:
        return None
    try:
        return _READERS[fact.kind](fact, raw)
    except _Wrong as wrong:
        faults.append(Fault(path, str(wrong)))
    except _WrongEntries as wrong_entries:
        faults.extend(Fault(path + fault.path, fault.message) for fault in wrong_entries.faults)
    return None


class _Wrong(Exception):
    """A value that the fact cannot take; its text goes into the fault."""


class _WrongEntries(Exception):
    def __init__(self, faults: Faults) -> None:
        self.faults = faults


def _named(raw: Any) -> str:
    """Name a raw value's type and show its beginning, for a fault."""
    kinds = {bool: "真假值", int: "数", Decimal: "数", float: "数", str: "文字", list: "列表", dict: "对象"}
    return f"{kinds.get(type(raw), '空值')} {_shown(raw)}"


def _shown(raw: Any) -> str:
    text = str(raw)
    cleaned = "".join(character if character.isprintable() else "�" for character in text[:40])
    return cleaned + ("…" if len(text) > 40 else "")


def _refuse_unknown(
    given: Mapping[str, Any], known: tuple[str, ...] | Mapping[str, Fact], at: str, faults: Faults
) -> None:
    for key in given:
        if key not in known:
            faults.append(Fault(f"{at}{_shown(key)}", "未知的键；键名见数据字典 (unknown key)"))


def _read_uscc(raw: Any, path: str, faults: Faults) -> str:
    if not isinstance(raw, str):
        faults.append(Fault(path, "必填：统一社会信用代码，18 位文字 (required: an 18-character code)"))
        return ""
    code = uscc.canonical(raw)
    wrong = uscc.fault_of(code)
    if wrong:
        faults.append(Fault(path, wrong))
    return code


def _read_name(raw: Any, path: str, faults: Faults) -> str:
    if raw is None:
        faults.append(Fault(path, "必填：企业名称 (required: the firm's name)"))
        return ""
    try:
        return _text(None, raw)
    except _Wrong as wrong:
        faults.append(Fault(path, str(wrong)))
        return ""


def _read_group(given: Any, known: Mapping[str, Fact], path: str, faults: Faults) -> dict[str, Value]:
    """Read the members of `facts`, of one year, or of one entry; unknown ones are left out."""
    if given is None:
        return {}
    if not isinstance(given, dict):
        faults.append(Fault(path, f"应为一个对象，现为{_named(given)} (an object expected)"))
        return {}
    _refuse_unknown(given, known, f"{path}.", faults)
    found: dict[str, Value] = {}
    for key, raw in given.items():
        if key in known:
            value = read_value(known[key], raw, f"{path}.{key}", faults)
            if value is not None:
                found[key] = value
    return found


def _bool(fact: Fact, raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise _Wrong(f"应为 true 或 false，现为{_named(raw)} (true or false expected)")
    return raw


def _count(fact: Fact, raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise _Wrong(f"应为整数，现为{_named(raw)} (an integer expected)")
    if fact.allowed and raw not in fact.allowed:
        raise _Wrong(f"应为 {' 或 '.join(map(str, fact.allowed))}，现为 {raw} (one of these expected)")
    if not fact.low <= raw <= fact.high:
        raise _Wrong(f"应在 {fact.low}–{fact.high} 之间，现为 {raw} (out of range)")
    return raw


def _number(fact: Fact, raw: Any, *, low: int | None, below: int | None, up_to: int | None) -> int:
    """Return an exact number in base units; the bounds are in the unit it is written in."""
    if (
        isinstance(raw, bool)
        or not isinstance(raw, int | Decimal)
        or (isinstance(raw, Decimal) and not raw.is_finite())
    ):
        raise _Wrong(f"应为数，现为{_named(raw)} (a number expected)")
    number = Decimal(raw)
    # Compared before anything is multiplied out: 1e999999999 must cost nothing.
    if low is not None and number < low:
        raise _Wrong(f"不得小于 {low}，现为 {_shown(raw)} (too small)")
    if (below is not None and number.copy_abs() >= below) or (up_to is not None and number > up_to):
        bound = f"小于 {below:,}" if below is not None else f"不大于 {up_to}"
        raise _Wrong(f"应{bound}，现为 {_shown(raw)} (too large)")
    places = PLACES[fact.kind]
    if -int(number.as_tuple().exponent) > places:
        raise _Wrong(f"小数至多 {places} 位，现为 {_shown(raw)} (too many decimal places)")
    return int(number.scaleb(places))


def _money(fact: Fact, raw: Any) -> int:
    return _number(fact, raw, low=None if fact.signed else 0, below=MONEY_BOUND_YUAN, up_to=None)


def _share(fact: Fact, raw: Any) -> int:
    return _number(fact, raw, low=0, below=None, up_to=1)


def _score(fact: Fact, raw: Any) -> int:
    return _number(fact, raw, low=0, below=None, up_to=100)


def read_day(raw: Any) -> date | None:
    """Return the day written as `YYYY-MM-DD`, or None when it is not one."""
    if not isinstance(raw, str) or not _DAY.fullmatch(raw):
        return None
    try:
        return date.fromisoformat(raw)
    except ValueError:
        return None


def _date(fact: Fact, raw: Any) -> date:
    day = read_day(raw)
    if day is None or day == NEVER:
        raise _Wrong(f"应为日历上的日期 YYYY-MM-DD，现为{_named(raw)} (a date expected)")
    return day


def _date_or_none(fact: Fact, raw: Any) -> date:
    return NEVER if raw == "none" else _date(fact, raw)


def _choice(fact: Fact, raw: Any) -> str:
    choices = fact.choices or {}
    if not isinstance(raw, str) or raw not in choices:
        raise _Wrong(f"应为 {'、'.join(choices)} 之一，现为{_named(raw)} (one of these expected)")
    return raw


def _text(fact: Fact | None, raw: Any) -> str:
    if not isinstance(raw, str):
        raise _Wrong(f"应为文字，现为{_named(raw)} (text expected)")
    text = raw.strip()
    if not 1 <= len(text) <= LONGEST_TEXT or not text.isprintable():
        raise _Wrong(f"应为 1–{LONGEST_TEXT} 个可见字符 (1 to {LONGEST_TEXT} printable characters expected)")
    return text


def _code(fact: Fact, raw: Any) -> str:
    if not isinstance(raw, str) or len(raw) != fact.digits or not (raw.isascii() and raw.isdigit()):
        raise _Wrong(f"应为 {fact.digits} 位数字的文字，现为{_named(raw)} (text of {fact.digits} digits expected)")
    return raw


def _entries(fact: Fact, raw: Any) -> tuple[Entry, ...]:
    if not isinstance(raw, list):
        raise _Wrong(f"应为列表，现为{_named(raw)} (a list expected)")
    if len(raw) > _MOST_ENTRIES:
        raise _Wrong(f"至多 {_MOST_ENTRIES} 项，现为 {len(raw)} 项 (too many entries)")
    faults: Faults = []
    entries: list[Entry] = []
    for place, given in enumerate(raw):
        if not isinstance(given, dict):
            faults.append(Fault(f"[{place}]", f"应为一个对象，现为{_named(given)} (an object expected)"))
            continue
        entries.append(_read_group(given, ENTRY_FACTS[fact.key], f"[{place}]", faults))  # type: ignore[arg-type]
    if faults:
        raise _WrongEntries(faults)
    return tuple(entries)


_READERS: Mapping[Kind, Callable[[Fact, Any], Value]] = {
    Kind.BOOL: _bool,
    Kind.COUNT: _count,
    Kind.MONEY: _money,
    Kind.SHARE: _share,
    Kind.SCORE: _score,
    Kind.DATE: _date,
    Kind.DATE_OR_NONE: _date_or_none,
    Kind.CHOICE: _choice,
    Kind.TEXT: _text,
    Kind.CODE: _code,
    Kind.LIST: _entries,
}
