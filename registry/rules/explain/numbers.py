"""Numbers as explained: pairs of whole numbers, or None for unknown."""

from registry.domain.facts import FIRM_FACTS, PLACES, YEAR_FACTS
from registry.domain.periods import full_years
from registry.rules import tree
from registry.rules.explain.findings import Exact, Judgement, Values
from registry.rules.tree import Number


def scale_of(node: tree.Figure | tree.Amount) -> int:
    """Return how many base units make one of a fact's own: 1 for money (held in fen), 10^12 for a share."""
    fact = YEAR_FACTS.get(node.key) if isinstance(node, tree.Figure) else FIRM_FACTS.get(node.key)
    if fact is None or fact.kind == "money":
        return 1
    return int(10 ** PLACES.get(fact.kind, 0))


def number_of(node: Number) -> Values:
    match node:
        case tree.Figure(key, back):
            return _figure(key, back, scale_of(node))
        case tree.Amount(key):
            return _amount(key, scale_of(node))
        case tree.YearsIn(key):
            return _years_in(key)
        case tree.Ratio(top, base):
            return _ratio(number_of(top), number_of(base))
        case tree.Sum(parts):
            return _sum([number_of(part) for part in parts], 1)
        case tree.Mean(parts):
            return _sum([number_of(part) for part in parts], len(parts))
        case tree.Growth(key, back):
            return _growth(key, back)
    raise TypeError(f"no number: {node!r}")


def _figure(key: str, back: int, scale: int) -> Values:
    def ask(case: Judgement) -> Exact | None:
        value = case.sheet.figures[back].get(key)
        return None if value is None else (value, scale)

    return ask


def _amount(key: str, scale: int) -> Values:
    def ask(case: Judgement) -> Exact | None:
        value = case.sheet.facts.get(key)
        return None if value is None else (value, scale)

    return ask


def _years_in(key: str) -> Values:
    def ask(case: Judgement) -> Exact | None:
        since = case.sheet.facts.get(key)
        return None if since is None else (full_years(since, case.sheet.fiscal_year), 1)

    return ask


def _ratio(top: Values, base: Values) -> Values:
    def ask(case: Judgement) -> Exact | None:
        part, whole = top(case), base(case)
        if part is None or whole is None or whole[0] <= 0:
            return None
        return part[0] * whole[1], part[1] * whole[0]

    return ask


def _growth(key: str, back: int) -> Values:
    def ask(case: Judgement) -> Exact | None:
        figures = case.sheet.figures
        last, base = figures[back].get(key), figures[back + 1].get(key)
        if last is None or base is None or base <= 0:
            return None
        return last - base, base

    return ask


def _sum(parts: list[Values], divided_by: int) -> Values:
    def ask(case: Judgement) -> Exact | None:
        top, base = 0, 1
        for part in parts:
            value = part(case)
            if value is None:
                return None
            top, base = top * value[1] + value[0] * base, base * value[1]
        return top, base * divided_by

    return ask
