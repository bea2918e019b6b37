"""The way back from a firm's facts to what is typed in the boxes of the form (`registry.web.check_form`).

What the form cannot take is left blank: a code it does not offer, entries of a list beyond its rows. Judges nothing.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from registry.domain.codes import DISTRICTS
from registry.domain.facts import ENTRY_FACTS, FIRM_FACTS, YEAR_FACTS, Fact, Kind
from registry.domain.firms import Firm
from registry.domain.periods import NEVER
from registry.web.check_form import ROWS

TICKED = "1"
# From base units to what stands in a box: 万元, per cent, points.
_SHIFT = {Kind.MONEY: -6, Kind.SHARE: -10, Kind.SCORE: -2}


def typed_of(firm: Firm) -> dict[str, str]:
    """Return what would have to be typed for the form to read these facts and figures; unknown ones are absent."""
    return dict(_boxes(firm))


def _boxes(firm: Firm) -> Iterator[tuple[str, str]]:
    for key, value in firm.facts.items():
        fact = FIRM_FACTS[key]
        if fact.kind is Kind.LIST:
            yield from _rows(key, value)
        elif value == NEVER and fact.kind is Kind.DATE_OR_NONE:
            yield f"facts.{key}.none", TICKED
        elif key != "district" or value in DISTRICTS:
            yield f"facts.{key}", text_of(fact, value)
    for year, figures in firm.years.items():
        for key, value in figures.items():
            yield f"years.{year}.{key}", text_of(YEAR_FACTS[key], value)


def _rows(key: str, entries: Any) -> Iterator[tuple[str, str]]:
    if not entries:
        yield f"facts.{key}.none", TICKED
    for row, entry in enumerate(_fitting(entries, ROWS[key])):
        for part, value in entry.items():
            yield f"facts.{key}-{row}.{part}", text_of(ENTRY_FACTS[key][part], value)


def _fitting(entries: Any, rows: int) -> list[Mapping[str, Any]]:
    """Return the entries that stand in so many rows: all as they are, or where there are more the newest."""
    given = list(entries)
    if len(given) <= rows:
        return given
    return sorted(given, key=lambda entry: entry.get("from") or entry.get("on") or NEVER, reverse=True)[:rows]


def text_of(fact: Fact, value: Any) -> str:
    """Return a value in base units as it is typed, exactly."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if fact.kind in _SHIFT:
        text = f"{Decimal(value).scaleb(_SHIFT[fact.kind]):f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)
