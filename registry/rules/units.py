"""What a number of the rule language measures."""

from registry.domain.facts import ENTRY_FACTS, FIRM_FACTS, YEAR_FACTS, Fact, Kind
from registry.rules import tree
from registry.rules.tree import Number, Unit

UNIT_OF_KIND = {
    Kind.MONEY: Unit.MONEY,
    Kind.SHARE: Unit.SHARE,
    Kind.SCORE: Unit.SCORE,
    Kind.COUNT: Unit.COUNT,
}


def unit_of(node: Number) -> Unit:
    """Return what a number measures."""
    match node:
        case tree.Figure(key):
            return UNIT_OF_KIND[YEAR_FACTS[key].kind]
        case tree.Amount(key):
            return UNIT_OF_KIND[_fact_anywhere(key).kind]
        case tree.YearsIn():
            return Unit.YEARS
        case tree.Sum(parts) | tree.Mean(parts):
            return unit_of(parts[0])
        case _:
            return Unit.SHARE


def _fact_anywhere(key: str) -> Fact:
    found = FIRM_FACTS.get(key)
    return found or next(entry[key] for entry in ENTRY_FACTS.values() if key in entry)


def is_linear(node: Number) -> bool:
    """Say whether a number is an amount or a sum of amounts, so that it may stand in a share."""
    return isinstance(node, tree.Figure | tree.Amount | tree.Sum)
