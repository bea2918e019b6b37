"""Looks a rule set over before it is used: what the parser cannot see in one text alone.

Bands without gap, overlap or unreachable step; points within their maximum; every criterion cited; nothing
that is always true or always false; no circle of `met()`.
"""

import itertools
from collections.abc import Iterable

from registry.domain.errors import RuleError
from registry.domain.facts import FIRM_FACTS, YEAR_FACTS
from registry.rules import tree
from registry.rules.case import YEARS_BACK
from registry.rules.explain.points import common_measure
from registry.rules.ruleset import Criterion, RuleSet
from registry.rules.tree import Compare, Node, Op


def check(rule_set: RuleSet, file: str = "") -> None:
    """Raise for the first thing wrong with a rule set.

    Raises:
        RuleError: with file and criterion.
    """
    keys: set[str] = set()
    for one in rule_set.criteria:
        try:
            if one.key in keys:
                raise RuleError("two criteria have this key")
            keys.add(one.key)
            if not one.source.strip() or not one.article.strip():
                raise RuleError("a criterion needs its citation")
            _check_points(rule_set, one)
            for node in tree.walk(one.rule):
                _check_node(node)
        except RuleError as error:
            raise RuleError(error.message, file=file, criterion=one.key, column=error.column) from None
    _check_parts(rule_set, file)
    _check_circles(rule_set, file)
    if not any(one.required for one in rule_set.criteria):
        raise RuleError("no criterion is required, so that every firm would pass", file=file)


def _check_parts(rule_set: RuleSet, file: str) -> None:
    for part in rule_set.parts:
        held = sum(one.max for one in rule_set.indicators(part.key))
        if held != part.max:
            raise RuleError(f"part {part.key} has {part.max} points, its indicators come to {held}", file=file)
    for one in rule_set.criteria:
        for node in tree.walk(one.rule):
            if isinstance(node, tree.Reaches):
                most = next((part.max for part in rule_set.parts if part.key == node.part), rule_set.max)
                if not 0 < node.points <= most:
                    raise RuleError(
                        f"{node.points} of {most} points is always {'true' if node.points <= 0 else 'false'}",
                        file=file,
                        criterion=one.key,
                    )


def _check_circles(rule_set: RuleSet, file: str) -> None:
    by_key = {one.key: one for one in rule_set.criteria}

    def visit(key: str, above: tuple[str, ...]) -> None:
        if key in above:
            raise RuleError(f"asks for itself: {' → '.join((*above, key))}", file=file, criterion=key)
        for node in tree.walk(by_key[key].rule):
            if isinstance(node, tree.Met):
                visit(node.key, (*above, key))

    for key in by_key:
        visit(key, ())


def _check_points(rule_set: RuleSet, one: Criterion) -> None:
    if isinstance(one.rule, tree.Points) != (one.part is not None):
        raise RuleError("an indicator gives points and names its part; a condition does neither")
    if isinstance(one.rule, tree.Points):
        if one.part not in {part.key for part in rule_set.parts}:
            raise RuleError(f"no part is called {one.part!r}")
        most = most_points(one.rule)
        if most != one.max:
            raise RuleError(f"its maximum is {one.max}, its bands reach {most}")


def most_points(node: Node) -> int:
    """Return the most points a node can give."""
    match node:
        case tree.Bands(bands, otherwise):
            return max(otherwise, *(points for points, _ in bands))
        case tree.Better(parts):
            return max(most_points(part) for part in parts)
        case tree.PerItem(each, cap, items):
            return min(cap, each * len(items))
    raise TypeError(f"no points: {node!r}")


def reach_of(node: Node) -> int:
    """Return how many fiscal years before the last a node itself looks back."""
    match node:
        case tree.Figure(_, back) | tree.Is(_, int(back)):
            return back
        case tree.Growth(_, back):
            return back + 1
        case tree.Compound(_, years, back):
            return back + years
    return 0


def _check_node(node: Node) -> None:
    if reach_of(node) >= YEARS_BACK:
        raise RuleError(f"looks back further than the last {YEARS_BACK} fiscal years")
    match node:
        case tree.Bands():
            _check_bands(node)
        case tree.All(parts) | tree.Any(parts) | tree.AtLeast(_, parts):
            if len(set(parts)) < len(parts):
                raise RuleError("says the same thing twice")
            _check_together(node, [part for part in parts if isinstance(part, Compare)])
        case Compare():
            _check_line(node)
        case tree.OneOf(key, choices):
            fact = FIRM_FACTS.get(key)
            if len(set(choices)) < len(choices) or (fact and set(choices) == set(fact.choices or ())):
                raise RuleError(f"{key}: a choice stands twice, or every choice is listed: always true")
        case tree.PerItem(each, cap, items):
            if not 0 < each <= cap or cap > each * len(items) or len(set(items)) < len(items):
                raise RuleError("points for each item, the cap and the items do not fit together")
        case tree.Choose(_, branches):
            _check_ranges(code for ranges, _ in branches for code in ranges)
        case tree.InCodes(_, ranges):
            _check_ranges(ranges)


def _check_ranges(ranges: Iterable[tuple[int, int]]) -> None:
    ordered = sorted(ranges)
    for (_, high), (low, _) in itertools.pairwise(ordered):
        if low <= high:
            raise RuleError(f"code ranges overlap at {low:04d}")


def _check_bands(node: tree.Bands) -> None:
    points = [band for band, _ in node.bands] + [node.otherwise]
    if any(later >= earlier for earlier, later in itertools.pairwise(points)) or node.otherwise < 0:
        raise RuleError("bands go from the best down: their points must fall, and none be negative")
    conditions = [condition for _, condition in node.bands]
    if len(set(conditions)) < len(conditions):
        raise RuleError("a band can never be reached: an earlier one asks the same")
    if common_measure(node) is None:
        return
    lines = [condition for condition in conditions if isinstance(condition, Compare)]
    rising = lines[0].op in (Op.AT_MOST, Op.UNDER)
    if len({(line.op in (Op.AT_MOST, Op.UNDER)) for line in lines}) > 1:
        raise RuleError("bands of one measure must look one way: gaps or overlaps otherwise")
    for earlier, later in itertools.pairwise(lines):
        reached = earlier.right.value < later.right.value if rising else earlier.right.value > later.right.value
        if not reached:
            raise RuleError(
                f"the band {later.op.sign} {later.right.text} can never be reached: the one before takes it all"
            )


def _check_line(node: Compare) -> None:
    """Refuse a line that every value, or none, is beyond."""
    low, high = _bounds(node.left)
    line = node.right.value
    over = node.op in (Op.AT_LEAST, Op.OVER)
    strict = node.op in (Op.OVER, Op.UNDER)
    passes_low = (
        low is not None and (low > line or (low == line and not strict))
        if over
        else (high is not None and (high < line or (high == line and not strict)))
    )
    fails_high = (
        high is not None and (high < line or (high == line and strict))
        if over
        else (low is not None and (low > line or (low == line and strict)))
    )
    if passes_low or fails_high:
        raise RuleError(f"{node.op.sign} {node.right.text} is always {'true' if passes_low else 'false'}")


def _bounds(node: Node) -> tuple[int | None, int | None]:
    """Return the least and greatest value a number can take, in the unit of its constants; None for no bound."""
    match node:
        case tree.Figure(key) | tree.Amount(key):
            fact = YEAR_FACTS.get(key) if isinstance(node, tree.Figure) else FIRM_FACTS.get(key)
            if fact is None:
                return 1, None
            if fact.kind == "count":
                return fact.low, fact.high
            return (None if fact.signed else 0), {"share": 1, "score": 100}.get(fact.kind)
        case tree.Ratio(top):
            return _bounds(top)[0], None
        case tree.YearsIn():
            return 0, None
        case tree.Growth() | tree.Compound():
            return -1, None
        case tree.Sum(parts) | tree.Mean(parts):
            return _bounds(parts[0])[0], None
    return None, None


def _check_together(node: Node, lines: list[Compare]) -> None:
    """Refuse two lines on one number that exclude each other under `and`, or leave nothing out under `or`."""
    for place, one in enumerate(lines):
        for other in lines[place + 1 :]:
            if one.left != other.left:
                continue
            over = [line for line in (one, other) if line.op in (Op.AT_LEAST, Op.OVER)]
            if len(over) != 1:
                continue
            floor = over[0]
            ceiling = other if floor is one else one
            closed = floor.op is Op.AT_LEAST and ceiling.op is Op.AT_MOST
            apart = floor.right.value > ceiling.right.value or (floor.right.value == ceiling.right.value and not closed)
            touching = floor.op is Op.AT_LEAST or ceiling.op is Op.AT_MOST
            covering = floor.right.value < ceiling.right.value or (
                floor.right.value == ceiling.right.value and touching
            )
            if isinstance(node, tree.All) and apart:
                raise RuleError(
                    f"{floor.op.sign} {floor.right.text} and {ceiling.op.sign} {ceiling.right.text} is always false"
                )
            if isinstance(node, tree.Any) and covering:
                raise RuleError(
                    f"{floor.op.sign} {floor.right.text} or {ceiling.op.sign} {ceiling.right.text} is always true"
                )
