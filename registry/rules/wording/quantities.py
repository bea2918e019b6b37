"""Numbers in words: a value that misses its line is never printed as if it stood on it."""

from fractions import Fraction
from math import ceil, isqrt

from registry.domain.facts import ENTRY_FACTS, FIRM_FACTS, YEAR_FACTS, Fact
from registry.rules import tree
from registry.rules.tree import Number, Unit

Lang = str
# A numerator and a positive denominator.
Exact = tuple[int, int]

# What the trade calls a share, where it has a word of its own.
_RATIOS = {
    ("total_liabilities", "total_assets"): ("资产负债率", "debt ratio"),
    ("net_profit", "revenue"): ("净利润率", "net margin"),
    ("rd_staff", "employees"): ("研发人员占比", "R&D staff share"),
    ("main_revenue", "revenue"): ("主营业务收入占比", "main-business share"),
    ("rd_expense", "revenue"): ("研发费用占营业收入比重", "R&D share of revenue"),
}
_UNIT_EN = {Unit.MONEY: "万元", Unit.SHARE: "%", Unit.YEARS: "years", Unit.SCORE: "points", Unit.COUNT: ""}
# How much of the base (fen, one) the unit shown is.
_BASE = {Unit.MONEY: Fraction(1_000_000), Unit.SHARE: Fraction(1, 100)}
_MOST_PLACES = 12


def say(lang: Lang, chinese: str, english: str) -> str:
    """Return the text of a language; Chinese unless English is asked for."""
    return english if lang == "en" else chinese


def label_of(fact: Fact, lang: Lang) -> str:
    """Return a fact's word."""
    return say(lang, fact.label, fact.label_en)


def _inside(label: str) -> str:
    """Return an English label as it stands inside a sentence: R&D keeps its capitals."""
    return label if label[1:2].isupper() or label[1:2] == "&" else label[:1].lower() + label[1:]


def fact_called(key: str, entry: str | None = None) -> Fact:
    """Return the fact of a key: of an entry of a list when one is named, else of the firm or a year."""
    if entry:
        return ENTRY_FACTS[entry][key]
    return FIRM_FACTS.get(key) or YEAR_FACTS[key]


def name_of(node: Number, lang: Lang, fiscal_year: int) -> str:
    """Return what a number is called, with its year where that is not the last one."""
    match node:
        case tree.Figure(key, back):
            label = label_of(YEAR_FACTS[key], lang)
            return label if back == 0 else say(lang, f"{fiscal_year - back}年{label}", f"{label} {fiscal_year - back}")
        case tree.Amount(key):
            return label_of(fact_called(key), lang) if key in FIRM_FACTS else key
        case tree.YearsIn():
            return say(lang, "从事细分市场年限", "years in the segment")
        case tree.Ratio(tree.Figure(top, back), tree.Figure(base)):
            known = _RATIOS.get((top, base))
            tops, bases = label_of(YEAR_FACTS[top], lang), label_of(YEAR_FACTS[base], lang)
            name = say(lang, *known) if known else say(lang, f"{tops}占{bases}比重", f"{tops} / {bases}")
            return name if back == 0 else say(lang, f"{fiscal_year - back}年{name}", f"{name} {fiscal_year - back}")
        case tree.Growth(key, back):
            label = label_of(YEAR_FACTS[key], lang)
            return say(lang, f"{fiscal_year - back}年{label}增长率", f"growth of {_inside(label)} {fiscal_year - back}")
        case tree.Compound(key, years):
            label = label_of(YEAR_FACTS[key], lang)
            return say(lang, f"近{years}年{label}复合增长率", f"compound growth of {_inside(label)}, {years} years")
        case tree.Sum(parts) | tree.Mean(parts):
            return _name_of_several(node, parts, lang)
    return say(lang, "数值", "value")


def _name_of_several(node: Number, parts: tuple[Number, ...], lang: Lang) -> str:
    first, years = parts[0], len(parts)
    label = label_of(YEAR_FACTS[first.key], lang) if isinstance(first, tree.Figure | tree.Growth) else ""
    if isinstance(first, tree.Growth):
        return say(lang, f"近{years}年{label}平均增长率", f"average growth of {_inside(label)}, {years} years")
    if isinstance(node, tree.Mean):
        return say(lang, f"近{years}年{label}均值", f"mean {_inside(label)}, {years} years")
    return say(lang, f"近{years}年{label}合计", f"{label}, {years} years together")


def shown(value: Exact, unit: Unit, lang: Lang, line: Fraction | None = None) -> str:
    """Return a number with its unit, rounded for reading but never onto a line it does not stand on.

    Args:
        value: in base units: money in fen, a share as a fraction of one.
        line: the constant it is compared with, in the same base.
    """
    top, base = value
    if unit in (Unit.COUNT, Unit.YEARS) and top % base == 0:
        return _with_unit(f"{top // base:,}", unit, lang)
    per = _BASE.get(unit)
    if per is not None:
        top, base = top * per.denominator, base * per.numerator
    places = 2
    if line is not None:
        mark = line if per is None else line / per
        if top * mark.denominator != mark.numerator * base:
            while places < _MOST_PLACES and _rounded(top, base, places) == _rounded(
                mark.numerator, mark.denominator, places
            ):
                places += 1
    whole = _rounded(top, base, places)
    sign, whole = ("-", -whole) if whole < 0 else ("", whole)
    return _with_unit(f"{sign}{whole // 10**places:,}.{whole % 10**places:0{places}d}", unit, lang)


def _with_unit(text: str, unit: Unit, lang: Lang) -> str:
    if unit is Unit.SHARE:
        return f"{text}%"
    word = say(lang, unit.value, _UNIT_EN[unit])
    return f"{text} {word}" if word else text


def _rounded(top: int, base: int, places: int) -> int:
    """Return a fraction in units of its last place, halves rounded up."""
    return (2 * top * int(10**places) + base) // (2 * base)


def gap(value: Exact, line: Fraction, unit: Unit, lang: Lang) -> str:
    """Return how far a value is from a line it misses, rounded up so that it is never nothing."""
    found = Fraction(*value)
    distance = abs(line - found)
    if distance == 0:
        return say(lang, "须超过该值，恰好等于不算", "must be beyond it, not on it")
    below = found < line
    if unit in (Unit.COUNT, Unit.YEARS) and distance.denominator == 1:
        amount = f"{distance.numerator:,} {say(lang, unit.value or '项', _UNIT_EN[unit])}".rstrip()
    else:
        per = _BASE.get(unit, Fraction(1))
        hundredths = ceil(distance / per * 100)
        word = (
            say(lang, "个百分点", "percentage points") if unit is Unit.SHARE else say(lang, unit.value, _UNIT_EN[unit])
        )
        amount = f"{hundredths // 100:,}.{hundredths % 100:02d} {word}".rstrip()
    return say(lang, f"还差 {amount}", f"{amount} short") if below else say(lang, f"超出 {amount}", f"{amount} over")


def compound_rate(last: int, first: int, years: int) -> Fraction:
    """Return compound yearly growth rounded down to 10^-8, for reading only; never compared."""
    scale = 10**8
    if years == 2:
        return Fraction(isqrt(last * scale * scale // first), scale) - 1
    low, high = 0, scale * max(2, last // first + 2)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**years * first <= last * scale**years else (low, middle)
    return Fraction(low, scale) - 1


def as_shown(node: Number, value: Exact) -> Exact:
    """Return an explained value as it is told: the yearly growth itself for a compound one."""
    if isinstance(node, tree.Compound):
        return compound_rate(value[0], value[1], node.years).as_integer_ratio()
    return value
