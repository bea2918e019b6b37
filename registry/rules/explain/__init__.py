"""Reading 1, and the meaning of the language: one firm, exact and three-valued, keeping every finding.

A rule set is compiled once into closures; judging a firm then only runs them. Nothing is rounded and no
float appears. Words are made of findings later, by `wording`.
"""

from functools import lru_cache
from typing import Any

from registry.rules import tree
from registry.rules.case import FactSheet
from registry.rules.explain.conditions import condition_of
from registry.rules.explain.findings import Finding, Judgement, Truth
from registry.rules.explain.missing import missing_of
from registry.rules.explain.points import points_of
from registry.rules.ruleset import Criterion, RuleSet

__all__ = ["Finding", "Judgement", "explain", "in_order", "missing_of"]


def explain(rule_set: RuleSet, sheet: FactSheet) -> Judgement:
    """Judge one firm by a rule set and keep every finding."""
    judgement = Judgement(rule_set, sheet)
    findings = judgement.findings
    scored, conditions = _compiled(rule_set)
    low = high = 0
    for part, indicators in scored:
        part_low = part_high = 0
        for key, ask in indicators:
            found = findings[key] = ask(judgement)
            points = found.points
            if points is not None:
                part_low += points[0]
                part_high += points[1]
        judgement.scores[part] = (part_low, part_high)
        low += part_low
        high += part_high
    judgement.scores[None] = (low, high)
    truth: Truth = True
    for key, required, ask in conditions:
        found = findings[key] = ask(judgement)
        if required and truth is not False and found.truth is not True:
            truth = found.truth
    judgement.truth = truth
    return judgement


@lru_cache(maxsize=64)
def _compiled(rule_set: RuleSet) -> tuple[Any, Any]:
    """Return the closures of a rule set: indicators by part, then conditions in an order that meets `Met` first."""
    scored = tuple(
        (part.key, tuple((one.key, points_of(one.rule)) for one in rule_set.indicators(part.key)))
        for part in rule_set.parts
    )
    conditions = tuple((one.key, one.required, condition_of(one.rule)) for one in in_order(rule_set))
    return scored, conditions


def in_order(rule_set: RuleSet) -> list[Criterion]:
    """Return the conditions of a rule set so that each comes after those it names by `met()`.

    A circle is refused by the check, so the walk ends.
    """
    by_key = {one.key: one for one in rule_set.criteria if not one.part}
    placed: dict[str, Criterion] = {}

    def place(one: Criterion) -> None:
        if one.key in placed:
            return
        for node in tree.walk(one.rule):
            if isinstance(node, tree.Met) and node.key in by_key:
                place(by_key[node.key])
        placed[one.key] = one

    for one in by_key.values():
        place(one)
    return list(placed.values())
