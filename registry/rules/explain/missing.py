"""Which unknown facts an undetermined criterion asked for, as paths."""

from registry.domain.facts import ENTRY_FACTS
from registry.rules import tree
from registry.rules.case import FactSheet
from registry.rules.explain.findings import Finding, Judgement
from registry.rules.leaves import facts_of
from registry.rules.ruleset import Criterion
from registry.rules.tree import Condition, Node


def missing_of(judgement: Judgement, criterion: Criterion) -> list[str]:
    """Return the paths of every unknown fact that an undetermined criterion asked for, each once, in order."""
    finding = judgement.findings[criterion.key]
    if criterion.part:
        low, high = finding.points or (0, 0)
        if low == high:
            return []
    elif finding.truth is not None:
        return []
    if criterion.key not in judgement.missing:
        judgement.missing[criterion.key] = missing_under(judgement, finding)
    return judgement.missing[criterion.key]


def missing_under(judgement: Judgement, finding: Finding) -> list[str]:
    """Return the paths of every unknown fact that a finding asked for, each once, in order."""
    return list(dict.fromkeys(_missing(judgement, finding)))


def _missing(judgement: Judgement, finding: Finding) -> list[str]:
    node, sheet = finding.node, judgement.sheet
    match node:
        case tree.Met(key):
            one = next(one for one in judgement.rule_set.criteria if one.key == key)
            return missing_of(judgement, one)
        case tree.Reaches(part):
            return [path for one in judgement.rule_set.indicators(part) for path in missing_of(judgement, one)]
        case tree.Some(key, when):
            return _missing_of_list(sheet, key, when, finding)
        case tree.Choose(key) if not finding.children:
            return [sheet.path(key)]
        case tree.Bands() if not finding.children:
            # Every band compares the one measure, so the first has all the facts.
            node = node.bands[0][1]
    if finding.children:
        return [path for child in finding.children for path in _missing(judgement, child)]
    return [path for one in tree.walk(node) for path in _unknown_leaf(sheet, one)]


def _missing_of_list(sheet: FactSheet, key: str, when: Condition, finding: Finding) -> list[str]:
    if sheet.facts.get(key) is None:
        return [sheet.path(key)]
    asked = {name for node in tree.walk(when) for name in _entry_keys(node)}
    missing = [
        f"{sheet.path(key)}[{child.entry}].{name}"
        for child in finding.children
        if child.truth is None and child.entry is not None
        for name in ENTRY_FACTS[key]
        if name in asked and sheet.facts[key][child.entry].get(name) is None
    ]
    return [*missing, sheet.path(key)] if key in sheet.incomplete else missing


def _entry_keys(node: Node) -> tuple[str, ...]:
    return ("from", "until") if isinstance(node, tree.InForce) else (getattr(node, "key", ""),)


def _unknown_leaf(sheet: FactSheet, node: Node) -> list[str]:
    """Return the path of the fact a leaf asks for when it is unknown; two for a growth."""
    asked = [(key, back, sheet.facts if back is None else sheet.figures[back]) for key, back in facts_of(node)]
    return [sheet.path(key, back) for key, back, known in asked if known.get(key) is None]
