"""Conditions on one entry of a list fact: a truth is enough, the entry itself is the finding."""

from collections.abc import Callable
from datetime import date
from typing import Any

from registry.domain.periods import add_years
from registry.rules import tree
from registry.rules.explain.findings import COMPARE, Truth
from registry.rules.tree import Condition, Node


def kleene_all(truths: list[Truth]) -> Truth:
    """Return Kleene's `and`: false when one is false, else unknown when one is unknown."""
    return False if False in truths else None if None in truths else True


def kleene_any(truths: list[Truth]) -> Truth:
    """Return Kleene's `or`: true when one is true, else unknown when one is unknown."""
    return True if True in truths else None if None in truths else False


def test_of(node: Node) -> Callable[[Any, date], bool]:
    """Return the test of a known value that is not a number; the day of submission is its second argument."""
    match node:
        case tree.OneOf(_, choices):
            return lambda value, on: value in choices
        case tree.InCodes(_, ranges):
            return lambda value, on: any(low <= int(value) <= high for low, high in ranges)
        case tree.Within(_, years):
            return lambda value, on: add_years(on, -years) <= value <= on
        case tree.Ahead():
            return lambda value, on: value > on
    raise TypeError(f"no test of a fact: {node!r}")


OnEntry = Callable[[Any, date], Truth]


def entry_condition(node: Node) -> OnEntry:
    match node:
        case tree.All(parts):
            asks = [entry_condition(part) for part in parts]
            return lambda entry, on: kleene_all([ask(entry, on) for ask in asks])
        case tree.Any(parts):
            asks = [entry_condition(part) for part in parts]
            return lambda entry, on: kleene_any([ask(entry, on) for ask in asks])
        case tree.Not(part):
            return _opposite_on_entry(entry_condition(part))
        case tree.InForce():
            return _in_force
        case tree.Compare(tree.Amount(key), op, right):
            holds, top, base = COMPARE[op], right.value.numerator, right.value.denominator
            return _known(key, lambda value, on: holds(value * base, top))
        case Condition():
            return _known(node.key, test_of(node))  # type: ignore[attr-defined]
    raise TypeError(f"no condition on an entry: {node!r}")


def _known(key: str, test: Callable[[Any, date], bool]) -> OnEntry:
    def ask(entry: Any, on: date) -> Truth:
        value = entry.get(key)
        return None if value is None else test(value, on)

    return ask


def _opposite_on_entry(ask: OnEntry) -> OnEntry:
    def opposite(entry: Any, on: date) -> Truth:
        truth = ask(entry, on)
        return None if truth is None else not truth

    return opposite


def _in_force(entry: Any, on: date) -> Truth:
    first, last = entry.get("from"), entry.get("until")
    if (first is not None and on < first) or (last is not None and last < on):
        return False
    return None if first is None or last is None else True
