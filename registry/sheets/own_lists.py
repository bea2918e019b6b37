"""Lays out firms, titles and stays as lists that the importer takes back unchanged. Selects and writes nothing."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from registry.domain.codes import ENTRY_WORDS, EXIT_REASONS, KIND_WORDS, TIER_WORDS
from registry.domain.facts import FIRM_FACTS, PLACES, YEAR_FACTS, Fact, Kind
from registry.domain.firms import Firm, ScaleRow, TitleRow, Value
from registry.domain.periods import NEVER
from registry.sheets.headings import FIRM_HEADINGS, SCALE_HEADINGS, TITLE_HEADINGS
from registry.sheets.layout import ListColumn, Style, Written

_STYLES: Mapping[Kind, Style] = {
    Kind.COUNT: Style.INTEGER,
    Kind.MONEY: Style.MONEY,
    Kind.SHARE: Style.SHARE,
    Kind.SCORE: Style.NUMBER,
    Kind.DATE: Style.DATE,
}
_DATES = frozenset(("recognised_on", "valid_until", "entered_on", "exited_on"))
_WORDS: Mapping[str, Mapping[str, str]] = {
    "tier": TIER_WORDS,
    "kind": KIND_WORDS,
    "entry": ENTRY_WORDS,
    "exit_reason": EXIT_REASONS,
}


def firm_list(firms: Sequence[Firm]) -> tuple[list[ListColumn], Iterator[list[Written]]]:
    """Return the columns and rows of `import firms`; facts and years that no firm has get no column.

    District and industry are always there. Amounts are in yuan.
    """
    used = {key for firm in firms for key in firm.facts} | {"district", "industry"}
    years = sorted({year for firm in firms for year, figures in firm.years.items() if figures})
    facts = [fact for key, fact in FIRM_FACTS.items() if key in used]
    figures = [
        (year, fact)
        for year in years
        for key, fact in YEAR_FACTS.items()
        if any(key in firm.years.get(year, {}) for firm in firms)
    ]
    columns = [
        ListColumn("uscc", FIRM_HEADINGS["uscc"], width=22),
        ListColumn("name", FIRM_HEADINGS["name"], width=36),
        *(ListColumn(fact.key, fact.label, _style(fact)) for fact in facts),
        *(ListColumn(f"{fact.key}@{year}", _figure_heading(fact, year), _style(fact)) for year, fact in figures),
    ]

    def rows() -> Iterator[list[Written]]:
        for firm in firms:
            yield [
                firm.uscc,
                firm.name,
                *(written(fact, firm.facts.get(fact.key)) for fact in facts),
                *(written(fact, firm.years.get(year, {}).get(fact.key)) for year, fact in figures),
            ]

    return columns, rows()


def title_list(titles: Iterable[TitleRow]) -> tuple[list[ListColumn], Iterator[list[Written]]]:
    """Return the columns and rows of `import titles`."""
    return _book(TITLE_HEADINGS, titles)


def scale_list(stays: Iterable[ScaleRow]) -> tuple[list[ListColumn], Iterator[list[Written]]]:
    """Return the columns and rows of `import scale`."""
    return _book(SCALE_HEADINGS, stays)


def _book(
    headings: Mapping[str, str], entries: Iterable[TitleRow | ScaleRow]
) -> tuple[list[ListColumn], Iterator[list[Written]]]:
    columns = [
        ListColumn(key, heading, Style.DATE if key in _DATES else Style.TEXT, 12 if key in _DATES else 22)
        for key, heading in headings.items()
    ]

    def cell(entry: TitleRow | ScaleRow, key: str) -> Written:
        value: Written = getattr(entry, key)
        return _WORDS[key][value] if key in _WORDS and isinstance(value, str) else value

    return columns, ([cell(entry, key) for key in headings] for entry in entries)


def written(fact: Fact, value: Value | None) -> Written:
    """Return a value as a list shows it: exact, in the unit people write, choices by their Chinese word."""
    if value is None:
        return None
    if fact.kind in PLACES and isinstance(value, int):
        return Decimal(value).scaleb(-PLACES[fact.kind])
    if fact.choices and isinstance(value, str):
        return fact.choices[value]
    if isinstance(value, tuple):
        return json.dumps([dict(entry) for entry in value], ensure_ascii=False, default=date.isoformat)
    return "无" if value == NEVER else value


def _style(fact: Fact) -> Style:
    return _STYLES.get(fact.kind, Style.TEXT)


def _figure_heading(fact: Fact, year: int) -> str:
    unit = "(元)" if fact.kind is Kind.MONEY else ""
    return f"{year}年{fact.label}{unit}"
