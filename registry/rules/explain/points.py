"""Points as explained: the lowest and highest a firm may score, by policy §7's reading of cascades."""

from registry.rules import tree
from registry.rules.explain.conditions import condition_of
from registry.rules.explain.findings import COMPARE, Finding, Findings, Judgement, Values
from registry.rules.explain.numbers import number_of
from registry.rules.tree import Node, Number


def points_of(node: Node) -> Findings:
    match node:
        case tree.Bands(bands, otherwise):
            measure = common_measure(node)
            if measure is not None and not isinstance(measure, tree.Compound):
                return _bands_on_measure(node, number_of(measure), otherwise)
            return _bands(node, [(points, condition_of(condition)) for points, condition in bands], otherwise)
        case tree.Better(parts):
            return _better(node, [points_of(part) for part in parts])
        case tree.PerItem(each, cap, items):
            return _per_item(node, each, cap, [condition_of(item) for item in items])
    raise TypeError(f"no points: {node!r}")


def common_measure(node: tree.Bands) -> Number | None:
    """Return the number that every band of a cascade compares, or None when they ask different things."""
    lefts = {condition.left if isinstance(condition, tree.Compare) else None for _, condition in node.bands}
    return lefts.pop() if len(lefts) == 1 else None


def _bands_on_measure(node: tree.Bands, measure: Values, otherwise: int) -> Findings:
    """Read a cascade whose bands compare one number: it is asked once, and unknown opens every band."""
    steps = [
        (points, COMPARE[band.op], band.right.value.numerator, band.right.value.denominator)
        for points, band in node.bands
        if isinstance(band, tree.Compare)
    ]
    every = [points for points, *_ in steps] + [otherwise]
    unknown = (min(every), max(every))

    def ask(case: Judgement) -> Finding:
        value = measure(case)
        if value is None:
            return Finding(node, points=unknown)
        number, scale = value
        for points, holds, top, base in steps:
            if holds(number * base, top * scale):
                return Finding(node, value=value, points=(points, points))
        return Finding(node, value=value, points=(otherwise, otherwise))

    return ask


def _bands(node: Node, bands: list[tuple[int, Findings]], otherwise: int) -> Findings:
    def ask(case: Judgement) -> Finding:
        asked, possible = [], []
        for points, band in bands:
            found = band(case)
            asked.append(found)
            if found.truth is not False:
                possible.append(points)
            if found.truth is True:
                break
        else:
            possible.append(otherwise)
        return Finding(node, children=tuple(asked), points=(min(possible), max(possible)))

    return ask


def _better(node: Node, parts: list[Findings]) -> Findings:
    def ask(case: Judgement) -> Finding:
        found = tuple([part(case) for part in parts])
        ranges = [one.points for one in found if one.points is not None]
        return Finding(node, children=found, points=(max(low for low, _ in ranges), max(high for _, high in ranges)))

    return ask


def _per_item(node: Node, each: int, cap: int, items: list[Findings]) -> Findings:
    def ask(case: Judgement) -> Finding:
        found = tuple([item(case) for item in items])
        certain = sum(one.truth is True for one in found)
        possible = certain + sum(one.truth is None for one in found)
        return Finding(node, children=found, points=(min(cap, certain * each), min(cap, possible * each)))

    return ask
