"""Conditions and points as columns: null is unknown, and Kleene's and/or are the engine's own."""

from collections.abc import Mapping
from functools import reduce
from typing import Any

from registry.domain.periods import add_years
from registry.rules import tree
from registry.rules.columns.dialect import Expr
from registry.rules.columns.numbers import Numbers
from registry.rules.explain.points import common_measure
from registry.rules.tree import Condition, Node, Number


class Emitter:
    """Emits the conditions and points of one rule set for one day.

    Args:
        somes: the column in which each `Some` of the rule set was answered beforehand.
    """

    def __init__(self, numbers: Numbers, somes: Mapping[tree.Some, str]) -> None:
        self.numbers, self.somes, self.on = numbers, somes, numbers.on
        self.dialect, self.ns = numbers.dialect, numbers.ns

    def condition(self, node: Node) -> Expr:  # noqa: C901 - one arm a node of the language
        """Return a condition as a column of true, false and null."""
        match node:
            case tree.Compare(left, op, right):
                if isinstance(left, tree.Compound):
                    holds, guard = self.numbers.compound(left, op, right)
                    return self.ns.when(guard).then(holds)
                if isinstance(left, tree.YearsIn):
                    return self.numbers.years_beyond(left, op, right)
                number = self.numbers.number(left)
                holds = self.numbers.beyond(number, op, right)
                return holds if number.guard is None else self.ns.when(number.guard).then(holds)
            case tree.All(parts):
                return reduce(lambda left, right: left & right, (self.condition(part) for part in parts))
            case tree.Any(parts):
                return reduce(lambda left, right: left | right, (self.condition(part) for part in parts))
            case tree.Not(part):
                return ~self.condition(part)
            case tree.AtLeast(k, parts):
                sure, possible = self.count(parts)
                undecided = self.ns.when(possible >= k).then(self.ns.lit(None, dtype=self.ns.Boolean))
                return (
                    self.ns.when(sure >= k).then(self.ns.lit(True)).otherwise(undecided.otherwise(self.ns.lit(False)))
                )
            case tree.Is(key, back):
                return self.numbers.figure(key, back).expr if back is not None else self.ns.col(key)
            case tree.OneOf(key, choices):
                column = self.ns.col(key)
                return reduce(lambda left, right: left | right, (column == choice for choice in choices))
            case tree.InCodes(key, ranges):
                return self.in_ranges(key, ranges)
            case tree.Within(key, years):
                column = self.ns.col(key)
                return (column >= self.day(add_years(self.on, -years))) & (column <= self.day(self.on))
            case tree.Ahead(key):
                return self.ns.col(key) > self.day(self.on)
            case tree.InForce():
                return (self.ns.col("from") <= self.day(self.on)) & (self.ns.col("until") >= self.day(self.on))
            case tree.Some():
                return self.dialect.col(self.somes[node])
            case tree.Choose(key, branches, otherwise):
                return self.choose(key, branches, otherwise)
            case tree.Met(key):
                return self.dialect.col(key)
            case tree.Reaches(part, points):
                low, high = (self.dialect.col(f"{part}.{end}" if part else end) for end in ("low", "high"))
                undecided = self.ns.when(high >= points).then(self.ns.lit(None, dtype=self.ns.Boolean))
                return (
                    self.ns.when(low >= points)
                    .then(self.ns.lit(True))
                    .otherwise(undecided.otherwise(self.ns.lit(False)))
                )
        raise TypeError(f"no condition: {node!r}")

    def code(self, key: str) -> Expr:
        """Return the column that holds a code as a whole number."""
        return self.dialect.col(f"{key}.code")

    def day(self, day: Any) -> Expr:
        """Return a day as a constant."""
        return self.ns.lit(day)

    def in_ranges(self, key: str, ranges: tuple[tuple[int, int], ...]) -> Expr:
        """Say whether a code, held as a whole number, lies in one of the ranges."""
        code = self.code(key)
        return reduce(lambda left, right: left | right, ((code >= low) & (code <= high) for low, high in ranges))

    def choose(self, key: str, branches: Any, otherwise: Condition) -> Expr:
        """Return the condition of the branch that a code falls in; null without a code."""
        chosen = self.condition(otherwise)
        for ranges, condition in reversed(branches):
            chosen = self.ns.when(self.in_ranges(key, ranges)).then(self.condition(condition)).otherwise(chosen)
        return self.ns.when(~self.code(key).is_null()).then(chosen)

    def count(self, parts: tuple[Condition, ...]) -> tuple[Expr, Expr]:
        """Return how many parts hold for certain, and how many may."""
        columns = [self.condition(part) for part in parts]
        sure = reduce(lambda left, right: left + right, (one.fill_null(False).cast(self.ns.Int16) for one in columns))
        possible = reduce(
            lambda left, right: left + right, (one.fill_null(True).cast(self.ns.Int16) for one in columns)
        )
        return sure, possible

    def points(self, node: Node) -> tuple[Expr, Expr]:
        """Return points as two columns, the lowest and the highest possible."""
        match node:
            case tree.Bands():
                measure = common_measure(node)
                if measure is not None and not isinstance(measure, tree.Compound):
                    return self.bands_on_measure(node, measure)
                conditions = [(points, self.condition(when)) for points, when in node.bands]
                low = self.cascade([(points, when) for points, when in conditions], node.otherwise)
                return low, self.cascade(
                    [(points, when.fill_null(True)) for points, when in conditions], node.otherwise
                )
            case tree.Better(parts):
                ranges = [self.points(part) for part in parts]
                return self.ns.max_horizontal(*(low for low, _ in ranges)), self.ns.max_horizontal(
                    *(high for _, high in ranges)
                )
            case tree.PerItem(each, cap, items):
                sure, possible = self.count(items)
                return (sure * each).clip(upper_bound=cap), (possible * each).clip(upper_bound=cap)
        raise TypeError(f"no points: {node!r}")

    def cascade(self, bands: list[tuple[int, Expr]], otherwise: int) -> Expr:
        """Return the points of the first band that holds; a null one does not."""
        chosen = self.whole(otherwise)
        for points, when in reversed(bands):
            chosen = self.ns.when(when).then(self.whole(points)).otherwise(chosen)
        return chosen

    def bands_on_measure(self, node: tree.Bands, measure: Number) -> tuple[Expr, Expr]:
        """Read a cascade on one number: known, it gives one band; unknown, anything from the last to the first."""
        lines = [(points, when) for points, when in node.bands if isinstance(when, tree.Compare)]
        if isinstance(measure, tree.YearsIn):
            bands = [(points, self.numbers.years_beyond(measure, when.op, when.right)) for points, when in lines]
            known = ~self.ns.col(measure.key).is_null()
        else:
            number = self.numbers.number(measure)
            bands = [(points, self.numbers.beyond(number, when.op, when.right)) for points, when in lines]
            known = ~number.top.expr.is_null()
            if number.guard is not None:
                known = known & number.guard
        reached = self.cascade(bands, node.otherwise)
        low = self.ns.when(known).then(reached).otherwise(self.whole(node.otherwise))
        return low, self.ns.when(known).then(reached).otherwise(self.whole(node.bands[0][0]))

    def whole(self, points: int) -> Expr:
        """Return points as a constant."""
        return self.ns.lit(points, dtype=self.ns.Int16)
