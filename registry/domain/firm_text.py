"""Writes a firm as the text of contract §1 and reads it back: how a case keeps the facts it was submitted with.

`firm_of(firm_text(firm)) == firm` for every firm; numbers are written exactly, never as binary floats.
"""

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from registry.domain.facts import ENTRY_FACTS, FIRM_FACTS, PLACES, YEAR_FACTS, Fact, Kind
from registry.domain.firms import Firm
from registry.domain.intake import firm_from
from registry.domain.json_text import read_json
from registry.domain.periods import NEVER

# A character of private use marks an exact number within a text of JSON: no text that was read holds one.
_MARK = "\ue000"
_MARKED = re.compile(f'"{_MARK}(-?[0-9.]+)"')


def firm_text(firm: Firm) -> str:
    """Return a firm as canonical JSON of contract §1: sorted keys, no blanks; what is unknown is absent."""
    text = json.dumps(firm_document(firm, _marked), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return _MARKED.sub(r"\1", text)


def firm_of(text: str) -> Firm:
    """Return the firm that `firm_text` wrote."""
    return firm_from(read_json(text))


def firm_document(firm: Firm, number: Any = lambda exact: exact) -> dict[str, Any]:
    """Return a firm as plain data of contract §1.

    Args:
        number: how money, shares and scores are given, from an exact Decimal.
    """
    return {
        "uscc": firm.uscc,
        "name": firm.name,
        "facts": _group(firm.facts, FIRM_FACTS, number),
        "years": {str(year): _group(figures, YEAR_FACTS, number) for year, figures in firm.years.items()},
    }


def _group(known: Mapping[str, Any], facts: Mapping[str, Fact], number: Any) -> dict[str, Any]:
    return {key: _plain(facts[key], value, number) for key, value in known.items()}


def _plain(fact: Fact, value: Any, number: Any) -> Any:
    if fact.kind is Kind.LIST:
        return [_group(entry, ENTRY_FACTS[fact.key], number) for entry in value]
    if fact.kind in PLACES:
        return number(Decimal(value).scaleb(-PLACES[fact.kind]))
    if isinstance(value, date):
        return "none" if value == NEVER and fact.kind is Kind.DATE_OR_NONE else value.isoformat()
    return value


def _marked(exact: Decimal) -> str:
    # Written without an exponent, and without zeros that say nothing.
    text = f"{exact:f}"
    return _MARK + (text.rstrip("0").rstrip(".") if "." in text else text)
