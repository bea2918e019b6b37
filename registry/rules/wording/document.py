"""A judgement as the JSON document of contract §2, with its finding tree."""

from collections.abc import Sequence
from typing import Any

from registry.domain.errors import Fault
from registry.rules import tree
from registry.rules.explain import Finding, Judgement, missing_of
from registry.rules.explain.missing import missing_under
from registry.rules.ruleset import Criterion
from registry.rules.wording.quantities import Lang
from registry.rules.wording.sentences import Writer

VERDICTS = {True: "met", False: "not_met", None: "undetermined"}


def document_of(
    judgement: Judgement, *, why: str = "", warnings: Sequence[Fault] = (), lang: Lang = "zh", with_tree: bool = False
) -> dict[str, Any]:
    """Return an assessment as plain data (contract §2).

    Args:
        why: why this rule set judges the case.
        warnings: contradictions among the facts.
        lang: of values, needs and shortfalls; labels come in both.
        with_tree: adds `tree` to every criterion: its findings nested, for pages.
    """
    rule_set, sheet = judgement.rule_set, judgement.sheet
    writer = Writer(rule_set, sheet.fiscal_year, lang, sheet.facts)
    return {
        "tier": rule_set.tier,
        "kind": rule_set.kind,
        "on": sheet.on.isoformat(),
        "rule_set": {
            "id": rule_set.id,
            "document": rule_set.document,
            "digest": rule_set.digest,
            "title": rule_set.title if lang == "zh" else rule_set.title_en,
            "why": why,
        },
        "verdict": VERDICTS[judgement.truth],
        "score": _score(judgement),
        "criteria": [_criterion(judgement, one, writer, with_tree) for one in rule_set.criteria],
        "warnings": [str(fault) for fault in warnings],
    }


def _score(judgement: Judgement) -> dict[str, Any] | None:
    rule_set = judgement.rule_set
    if not rule_set.parts:
        return None
    parts = [
        {
            "key": part.key,
            "label": part.label,
            "label_en": part.label_en,
            "low": judgement.scores[part.key][0],
            "high": judgement.scores[part.key][1],
            "max": part.max,
        }
        for part in rule_set.parts
    ]
    low, high = judgement.scores[None]
    return {"low": low, "high": high, "max": rule_set.max, "parts": parts}


def verdict_of(finding: Finding) -> bool | None:
    """Return the truth of a finding; points are met when some are certain, open while they are a range."""
    if finding.points is not None and not isinstance(finding.node, tree.Reaches):
        low, high = finding.points
        return None if low != high else low > 0
    return finding.truth


def _criterion(judgement: Judgement, one: Criterion, writer: Writer, with_tree: bool) -> dict[str, Any]:
    finding = judgement.findings[one.key]
    document: dict[str, Any] = {
        "key": one.key,
        "label": one.label,
        "label_en": one.label_en,
        "article": one.article,
        "source": one.source,
        "required": one.required,
        "verdict": VERDICTS[verdict_of(finding)],
        "value": writer.value(finding),
        "needs": writer.text(one.rule),
        "shortfall": writer.shortfall(finding),
        "missing": missing_of(judgement, one),
    }
    if one.note:
        document["note"] = one.note
    if one.part and finding.points:
        document["part"] = one.part
        document["points"] = {"low": finding.points[0], "high": finding.points[1], "max": one.max}
    if with_tree:
        document["tree"] = _branch(judgement, finding, writer)
    return document


def _branch(judgement: Judgement, finding: Finding, writer: Writer) -> dict[str, Any]:
    """Return a finding and those under it; an entry of a list is told by its own words."""
    node = finding.node
    if isinstance(node, tree.Some) and finding.entry is not None:
        return {
            "text": writer.one_entry(node.key, judgement.sheet.facts[node.key][finding.entry]),
            "verdict": VERDICTS[finding.truth],
            "value": "",
            "needs": "",
            "shortfall": "",
            "missing": [],
            "children": [],
        }
    verdict = verdict_of(finding)
    return {
        "text": writer.text(node),
        "verdict": VERDICTS[verdict],
        "value": writer.value(finding),
        "needs": writer.text(node) if not finding.children else "",
        "shortfall": writer.shortfall(finding),
        "missing": missing_under(judgement, finding) if verdict is None else [],
        "children": [_branch(judgement, child, writer) for child in finding.children],
    }
