"""Reads the yearly figures of one firm from a filled-in template: a row an indicator, a column a year. Stores nothing.

The template itself is laid out by `figures_layout`; a blank cell says nothing.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal

from registry.domain.facts import FIRST_YEAR, LAST_YEAR, PLACES, YEAR_FACTS, Fact, Kind
from registry.domain.firms import Value
from registry.sheets.cells import Cell, Wrong, check_usable, is_blank, narrowed, shown
from registry.sheets.headings import MONEY_UNITS, USCC_HEADINGS, Column, UnknownHeading, plain
from registry.sheets.layout import ListColumn, Style, Written
from registry.sheets.reading import ListReader, Reading
from registry.sheets.table import Table
from registry.sheets.values import read_cell, read_uscc

# The columns of the template in Chinese and English; either is read.
HEADINGS: Mapping[str, tuple[str, str]] = {
    "indicator": ("指标", "Indicator"),
    "unit": ("单位", "Unit"),
    "uscc": ("统一社会信用代码", "USCC"),
}
UNITS: Mapping[Kind, tuple[str, str]] = {
    Kind.MONEY: ("万元", "10,000 yuan"),
    Kind.COUNT: ("人", "people"),
    Kind.SCORE: ("分", "points"),
    Kind.BOOL: ("是/否", "yes/no"),
}
# From fen to 万元.
_FEN_OF_WAN = PLACES[Kind.MONEY] + 4
_POWERS = {**MONEY_UNITS, "yuan": 0, "10,000yuan": 4}
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_YEAR = re.compile(r"([0-9]{4})(?:年|年度)?")
_INDICATORS = {plain(word): key for key, fact in YEAR_FACTS.items() for word in (key, fact.label, fact.label_en)}
_REQUIRED = {key: chinese for key, (chinese, _english) in HEADINGS.items()}

# Figures of one indicator by year, in base units.
Line = tuple[str, dict[int, int]]


def figures_layout(
    uscc: str, years: Sequence[int], known: Mapping[int, Mapping[str, int]], english: bool = False
) -> tuple[list[ListColumn], Iterator[list[Written]]]:
    """Return the columns and rows of the template, filled in with what is known."""
    said = 1 if english else 0
    heads = {key: words[said] for key, words in HEADINGS.items()}
    columns = [
        ListColumn("indicator", heads["indicator"], width=28),
        ListColumn("unit", heads["unit"], width=14),
        *(ListColumn(str(year), str(year) if english else f"{year}年", Style.NUMBER, 18) for year in years),
        ListColumn("uscc", heads["uscc"], width=24),
    ]

    def rows() -> Iterator[list[Written]]:
        for key, fact in YEAR_FACTS.items():
            figures = [_written(fact, known.get(year, {}).get(key), english) for year in years]
            yield [fact.label_en if english else fact.label, UNITS[fact.kind][said], *figures, uscc]

    return columns, rows()


def read_figures(table: Table, uscc: str, years: Collection[int]) -> Reading[Line]:
    """Read a filled-in template of one firm.

    Args:
        uscc: the firm's; a sheet of another firm is a fault.
        years: the fiscal years that may be filled in.

    Raises:
        Refused: the table holds nothing.
    """
    reader = ListReader(table, lambda heading: _column(heading, years), _REQUIRED)
    rows: list[tuple[int, Line]] = []
    seen: dict[str, int] = {}
    if not any(column.year is not None for column in reader.columns.values()):
        reader.add(1, 0, "", f"缺少年份列，应为 {_listed(years)} (a column a year expected)")
    if all((key, None) in reader.places for key in HEADINGS):
        for number, cells in reader.rows():
            line = _line(reader, number, cells, uscc, seen)
            if line is not None:
                rows.append((number, line))
    return reader.reading(rows)


def _column(heading: str, years: Collection[int]) -> Column:
    text = plain(heading)
    if text in USCC_HEADINGS:
        return Column("uscc")
    for key, words in HEADINGS.items():
        if text in (key, *map(plain, words)):
            return Column(key)
    found = _YEAR.fullmatch(text)
    if found and int(found[1]) in years and FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return Column("figure", None, int(found[1]))
    lacking = "不在可填年份内" if found else "不是模板的表头"
    raise UnknownHeading(f"{lacking}，应为 指标、单位、{_listed(years)}、统一社会信用代码 (unknown header)")


def _listed(years: Collection[int]) -> str:
    return "、".join(f"{year}年" for year in sorted(years, reverse=True))


def _line(reader: ListReader, number: int, cells: list[Cell], uscc: str, seen: dict[str, int]) -> Line | None:
    """Return a row, as far as it can be read; what cannot is a fault of the reader."""
    at = {key: reader.place_of(key) for key in HEADINGS}
    key = _INDICATORS.get(plain(shown(cells[at["indicator"]])))
    if key is None:
        words = "、".join(fact.label for fact in YEAR_FACTS.values())
        reader.add(number, at["indicator"], cells[at["indicator"]], f"不是模板中的指标，应为 {words} 之一 (unknown)")
        return None
    if key in seen:
        told = f"与第 {seen[key]} 行是同一指标，只能有一行 (the same indicator twice)"
        reader.add(number, at["indicator"], cells[at["indicator"]], told)
        return None
    seen[key] = number
    fact = YEAR_FACTS[key]
    power = 0
    try:
        _check_code(cells[at["uscc"]], uscc)
    except Wrong as wrong:
        reader.add(number, at["uscc"], cells[at["uscc"]], str(wrong))
    try:
        power = _power(fact, cells[at["unit"]])
    except Wrong as wrong:
        reader.add(number, at["unit"], cells[at["unit"]], str(wrong))
    figures: dict[int, int] = {}
    for index, column in reader.columns.items():
        if column.year is None:
            continue
        try:
            value = _figure(fact, cells[index], power)
        except Wrong as wrong:
            reader.add(number, index, cells[index], str(wrong))
            continue
        if isinstance(value, int):
            figures[column.year] = value
    return key, figures


def _figure(fact: Fact, cell: Cell, power: int) -> Value | None:
    """Return a figure; what is no number, or below zero, is told as it stands in its cell."""
    if fact.kind is not Kind.BOOL and isinstance(cell, str) and not is_blank(cell):
        text = narrowed(cell).replace(",", "")
        if not _NUMBER.fullmatch(text):
            check_usable(cell)
            raise Wrong("应为数，如 1234.5，单位写在“单位”一列 (a number expected, its unit in the column of units)")
    is_number = isinstance(cell, int | Decimal) and not isinstance(cell, bool)
    if is_number and not fact.signed and cell < 0:  # type: ignore[operator]
        raise Wrong("不得小于 0 (below zero)")
    return read_cell(fact, cell, power)


def _check_code(cell: Cell, uscc: str) -> None:
    stated = read_uscc(cell)
    if stated != uscc:
        raise Wrong(f"是另一家企业的表，本企业为 {uscc} (this sheet is of another firm)")


def _power(fact: Fact, cell: Cell) -> int:
    unit = "" if is_blank(cell) else plain(shown(cell))
    if fact.kind is Kind.MONEY:
        if unit not in _POWERS:
            raise Wrong("应为金额单位 万元、元 或 亿元 (a unit of money expected)")
        return _POWERS[unit]
    if unit not in ("", *map(plain, UNITS[fact.kind])):
        raise Wrong(f"单位应为 {UNITS[fact.kind][0]} (wrong unit)")
    return 0


def _written(fact: Fact, value: int | None, english: bool) -> Written:
    if value is None:
        return None
    match fact.kind:
        case Kind.MONEY:
            return Decimal(value).scaleb(-_FEN_OF_WAN)
        case Kind.SCORE:
            return Decimal(value).scaleb(-PLACES[Kind.SCORE])
        case Kind.BOOL:
            return ("yes" if value else "no") if english else ("是" if value else "否")
    return value
