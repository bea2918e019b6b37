"""What explaining leaves behind: a finding a node, a judgement a firm."""

import operator
from collections.abc import Callable

from registry.rules.case import FactSheet
from registry.rules.ruleset import RuleSet
from registry.rules.tree import Node, Op

# A numerator and a positive denominator: exact, never reduced.
Exact = tuple[int, int]
Truth = bool | None
Range = tuple[int, int]

COMPARE: dict[Op, Callable[[int, int], bool]] = {
    Op.AT_LEAST: operator.ge,
    Op.OVER: operator.gt,
    Op.AT_MOST: operator.le,
    Op.UNDER: operator.lt,
}


class Finding:
    """What one node came to.

    Attributes:
        truth: of a condition: True, False or None for unknown.
        value: of a comparison or a cascade on a measure: the exact number, None when unknown.
        points: of points: the lowest and highest possible.
        children: the findings under it, as far as they were asked.
        entry: of a condition on an entry of a list: the entry's place.
    """

    __slots__ = ("children", "entry", "node", "points", "truth", "value")

    def __init__(
        self,
        node: Node,
        truth: Truth = None,
        value: Exact | None = None,
        children: "tuple[Finding, ...]" = (),
        points: Range | None = None,
        entry: int | None = None,
    ) -> None:
        self.node, self.truth, self.value = node, truth, value
        self.children, self.points, self.entry = children, points, entry


class Judgement:
    """What a rule set came to for one firm.

    Attributes:
        findings: one a criterion, by key, in the order of the rule set.
        scores: the points of each part by key, and of all under None.
        truth: the verdict: every required criterion, by Kleene's `and`.
        missing: what was missing of each criterion asked about so far; several criteria ask of the same ones.
    """

    __slots__ = ("findings", "missing", "rule_set", "scores", "sheet", "truth")

    def __init__(self, rule_set: RuleSet, sheet: FactSheet) -> None:
        self.rule_set, self.sheet = rule_set, sheet
        self.findings: dict[str, Finding] = {}
        self.scores: dict[str | None, Range] = {}
        self.truth: Truth = None
        self.missing: dict[str, list[str]] = {}


Values = Callable[[Judgement], Exact | None]
Findings = Callable[[Judgement], Finding]
