"""Conditions as explained, three-valued: each compiled once into a closure that leaves a finding."""

from collections.abc import Callable
from datetime import date
from typing import Any

from registry.rules import tree
from registry.rules.explain.entries import OnEntry, entry_condition, kleene_all, kleene_any, test_of
from registry.rules.explain.findings import COMPARE, Finding, Findings, Judgement, Values
from registry.rules.explain.numbers import number_of
from registry.rules.tree import Condition, Node, Op


def condition_of(node: Node) -> Findings:  # noqa: C901 - one arm a node of the language
    match node:
        case tree.Compare(tree.Compound() as left, op, right):
            return _compare_compound(node, left, op, right)
        case tree.Compare(left, op, right):
            return _compare(node, number_of(left), op, right)
        case tree.All(parts):
            return _all(node, [condition_of(part) for part in parts])
        case tree.Any(parts):
            return _any(node, [condition_of(part) for part in parts])
        case tree.AtLeast(k, parts):
            return _at_least(node, k, [condition_of(part) for part in parts])
        case tree.Not(part):
            return _not(node, condition_of(part))
        case tree.Some(key, when):
            return _some(node, key, entry_condition(when))
        case tree.Choose(key, branches, otherwise):
            return _choose(
                node, key, [(ranges, condition_of(part)) for ranges, part in branches], condition_of(otherwise)
            )
        case tree.Met(key):
            return lambda case: Finding(node, case.findings[key].truth)
        case tree.Reaches(part, points):
            return _reaches(node, part, points)
        case tree.Is(key, int(back)):
            return lambda case: Finding(node, case.sheet.figures[back].get(key))
        case tree.Is(key):
            return lambda case: Finding(node, case.sheet.facts.get(key))
        case Condition():
            return _on_fact(node, test_of(node))
    raise TypeError(f"no condition: {node!r}")


def _compare(node: Node, left: Values, op: Op, right: tree.Const) -> Findings:
    top, base, holds = right.value.numerator, right.value.denominator, COMPARE[op]

    def ask(case: Judgement) -> Finding:
        value = left(case)
        if value is None:
            return Finding(node)
        return Finding(node, holds(value[0] * base, top * value[1]), value)

    return ask


def _compare_compound(node: Node, left: tree.Compound, op: Op, right: tree.Const) -> Findings:
    """Compare a compound growth without a root: last against first * (1 + rate) ** years."""
    factor = (1 + right.value) ** left.years
    top, base, holds = factor.numerator, factor.denominator, COMPARE[op]

    def ask(case: Judgement) -> Finding:
        last = case.sheet.figures[left.back].get(left.key)
        first = case.sheet.figures[left.back + left.years].get(left.key)
        if last is None or first is None or first <= 0:
            return Finding(node)
        # The value is the whole growth over all years; wording takes its root.
        return Finding(node, holds(last * base, first * top), (last, first))

    return ask


def _all(node: Node, parts: list[Findings]) -> Findings:
    def ask(case: Judgement) -> Finding:
        found = tuple([part(case) for part in parts])
        return Finding(node, kleene_all([one.truth for one in found]), None, found)

    return ask


def _any(node: Node, parts: list[Findings]) -> Findings:
    def ask(case: Judgement) -> Finding:
        found = tuple([part(case) for part in parts])
        return Finding(node, kleene_any([one.truth for one in found]), None, found)

    return ask


def _at_least(node: Node, k: int, parts: list[Findings]) -> Findings:
    def ask(case: Judgement) -> Finding:
        found = tuple([part(case) for part in parts])
        yes = sum(one.truth is True for one in found)
        unknown = sum(one.truth is None for one in found)
        return Finding(node, True if yes >= k else None if yes + unknown >= k else False, None, found)

    return ask


def _not(node: Node, part: Findings) -> Findings:
    def ask(case: Judgement) -> Finding:
        found = part(case)
        return Finding(node, None if found.truth is None else not found.truth, None, (found,))

    return ask


def _some(node: Node, key: str, when: OnEntry) -> Findings:
    def ask(case: Judgement) -> Finding:
        entries = case.sheet.facts.get(key)
        if entries is None:
            return Finding(node)
        found = tuple([Finding(node, when(entry, case.sheet.on), entry=at) for at, entry in enumerate(entries)])
        truth = kleene_any([one.truth for one in found])
        if truth is False and key in case.sheet.incomplete:
            truth = None
        return Finding(node, truth, None, found)

    return ask


def _choose(node: Node, key: str, branches: list[tuple[Any, Findings]], otherwise: Findings) -> Findings:
    def ask(case: Judgement) -> Finding:
        code = case.sheet.facts.get(key)
        if code is None:
            return Finding(node)
        number = int(code)
        for ranges, branch in branches:
            if any(low <= number <= high for low, high in ranges):
                found = branch(case)
                return Finding(node, found.truth, None, (found,))
        found = otherwise(case)
        return Finding(node, found.truth, None, (found,))

    return ask


def _reaches(node: Node, part: str | None, points: int) -> Findings:
    def ask(case: Judgement) -> Finding:
        low, high = case.scores[part]
        return Finding(node, True if low >= points else False if high < points else None, points=(low, high))

    return ask


def _on_fact(node: Node, test: Callable[[Any, date], bool]) -> Findings:
    key: str = node.key  # type: ignore[attr-defined]

    def ask(case: Judgement) -> Finding:
        value = case.sheet.facts.get(key)
        return Finding(node) if value is None else Finding(node, test(value, case.sheet.on))

    return ask
