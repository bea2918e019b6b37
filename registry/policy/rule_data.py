"""A rule set as plain data, for programs: what it is, when it applies, and every criterion with its text and source."""

from typing import Any

from registry.policy.choice import spans
from registry.rules.ruleset import RuleSet
from registry.rules.wording import rule_text


def told_of(rule_set: RuleSet) -> dict[str, Any]:
    """Return what a rule set is, and when it judges which kinds of cases."""
    return {
        "id": rule_set.id,
        "tier": rule_set.tier,
        "document": rule_set.document,
        "title": rule_set.title,
        "title_en": rule_set.title_en,
        "issued_on": rule_set.issued_on.isoformat() if rule_set.issued_on else None,
        "digest": rule_set.digest,
        "applies": [
            {
                "kinds": list(row.kinds),
                "first_day": row.first.isoformat(),
                "last_day": row.last.isoformat() if row.last else None,
                "why": row.why,
                "why_en": row.why_en,
            }
            for row in spans()
            if row.rule_set == rule_set.id
        ],
    }


def laid_out(rule_set: RuleSet) -> dict[str, Any]:
    """Return a rule set with its parts and criteria, for the kind of case it was loaded for."""
    return {
        **told_of(rule_set),
        "kind": rule_set.kind,
        "parts": [
            {"key": part.key, "label": part.label, "label_en": part.label_en, "max": part.max}
            for part in rule_set.parts
        ],
        "criteria": [
            {
                "key": one.key,
                "article": one.article,
                "source": one.source,
                "label": one.label,
                "label_en": one.label_en,
                "required": one.required,
                "part": one.part,
                "max": one.max,
                "rule": rule_text(rule_set, one.rule),
                "rule_en": rule_text(rule_set, one.rule, "en"),
                "note": one.note,
            }
            for one in rule_set.criteria
        ],
    }
