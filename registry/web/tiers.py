"""Pages for everyone: what the tiers are, what each asks for and by which document, what changed, how one applies.

All of it is told from the rule data and the procedures; nothing here says what they say again.
"""

import re
from datetime import date
from typing import Any

from flask import Blueprint, current_app, render_template

from registry.domain.codes import KIND_WORDS, TIERS
from registry.domain.errors import NotFound, Refused
from registry.domain.procedure import (
    KIND_OF_STAGE_WORDS,
    LEVEL_WORDS,
    OPENS_WORDS,
    UNIT_WORDS,
    Filing,
    Procedure,
    Stage,
)
from registry.policy import Options, choose, load
from registry.policy.choice import spans
from registry.policy.compare import differences
from registry.policy.procedures import procedure
from registry.policy.rule_data import laid_out
from registry.rules.ruleset import Criterion, RuleSet
from registry.rules.wording import rule_text
from registry.web import db
from registry.web.access import may
from registry.web.asking import day_asked, kind_asked, today
from registry.web.language import current
from registry.web.language import say as _
from registry.work.keep_windows import windows_ahead, windows_open

blueprint = Blueprint("tiers", __name__)
# Rules speak of fiscal years counted from the last one before the application: 0, -1, -2.
_YEARS_ZH = ((r"(?<![\d.])-2年", "再前一年"), (r"(?<![\d.])-1年", "前年"), (r"(?<![\d.\-])0年", "上年"))
_ENDS = r"(?=:| ≥| ≤| >| <| and| or|\)|$)"
_YEARS_EN = (
    (r"(?<=[a-z]) -2" + _ENDS, " (two years before the last)"),
    (r"(?<=[a-z]) -1" + _ENDS, " (the year before the last)"),
    (r"(?<=[a-z]) 0" + _ENDS, " (last year)"),
)


@blueprint.get("/tiers")
@may("public")
def tiers() -> str:
    """List the tiers, each with the rules that hold today and where it stands on the ladder."""
    day = day_asked(today())
    told = {tier: laid_out(found) for tier in TIERS if (found := _rules(tier, "new", day)) is not None}
    return render_template(
        "tiers/list.html",
        here="tiers.tiers",
        told=told,
        day=day,
        open_now=_by_tier(windows_open(db.session(), today())),
        ahead=_by_tier(windows_ahead(db.session(), today())),
    )


@blueprint.get("/tiers/<tier>")
@may("public")
def tier(tier: str) -> str:
    """Show what a tier asks for on a day, what changed with its rules, and how one applies."""
    if tier not in TIERS:
        raise NotFound(_("没有这个梯度：%(tier)s", tier=tier[:40]))
    day, kind = day_asked(today()), kind_asked()
    rules = _rules(tier, kind, day)
    if rules is None:
        raise NotFound(_("%(day)s尚无适用的认定标准", day=day))
    told = laid_out(rules)
    for one in told["criteria"]:
        one["text"] = years_in_words(one["rule_en"] if current() == "en" else one["rule"])
    return render_template(
        "tiers/tier.html",
        here="tiers.tiers",
        tier=tier,
        kind=kind,
        day=day,
        told=told,
        groups=_groups(told["criteria"]),
        why=_why(rules, kind, day),
        versions=[row for row in spans() if row.tier == tier and kind in row.kinds],
        changed=_changed(rules, kind, day),
        steps=_steps(tier, day),
        open_now=_by_tier(windows_open(db.session(), today())).get(tier, []),
        ahead=_by_tier(windows_ahead(db.session(), today())).get(tier, []),
    )


def _options() -> Options:
    options: Options = current_app.config["POLICY_OPTIONS"]
    return options


def _rules(tier: str, kind: str, day: date) -> RuleSet | None:
    try:
        return choose(tier, kind, day, _options()).rule_set
    except Refused:
        return None


def _why(rules: RuleSet, kind: str, day: date) -> str:
    chosen = choose(rules.tier, kind, day, _options())
    return chosen.why_en if current() == "en" else chosen.why


def _groups(criteria: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return the criteria as a reader looks for them: the tier's own, the general ones, what others build upon."""
    plain = [one for one in criteria if not one["part"]]
    return {
        "own": [one for one in plain if one["required"] and not one["key"].startswith("general.")],
        "helping": [one for one in plain if not one["required"]],
        "general": [one for one in plain if one["required"] and one["key"].startswith("general.")],
    }


def years_in_words(text: str) -> str:
    """Return a rule with its fiscal years in words."""
    for pattern, words in _YEARS_EN if current() == "en" else _YEARS_ZH:
        text = re.sub(pattern, words, text)
    return text


def _changed(rules: RuleSet, kind: str, day: date) -> dict[str, Any] | None:
    """Return what changed from the rules before to these; None where there were none before."""
    rows = [row for row in spans() if row.tier == rules.tier and kind in row.kinds and row.first <= day]
    before = [row.rule_set for row in sorted(rows, key=lambda row: row.first) if row.rule_set != rules.id]
    if not before:
        return None
    old = load(before[-1], kind, _options())
    found = [
        {
            "sign": "gone" if one.after is None else "new" if one.before is None else "changed",
            "label": _label(one.after or one.before),
            "before": one.before and _side(old, one.before),
            "after": one.after and _side(rules, one.after),
        }
        for one in differences(old, rules)
    ]
    order = ("changed", "new", "gone")
    return {"document": old.document, "rows": sorted(found, key=lambda row: order.index(str(row["sign"])))}


def _label(one: Criterion | None) -> str:
    return "" if one is None else one.label_en if current() == "en" else one.label


def _side(rules: RuleSet, one: Criterion) -> dict[str, Any]:
    text = rule_text(rules, one.rule, "en") if current() == "en" else rule_text(rules, one.rule)
    return {"text": years_in_words(text), "source": one.source, "points": one.max if one.part else None}


def _steps(tier: str, day: date) -> dict[str, Any] | None:
    """Return the procedure in words; None on a day without one."""
    try:
        found: Procedure = procedure(tier, day)
    except Refused:
        return None
    place = 1 if current() == "en" else 0
    return {
        "title": found.title[place],
        "document": found.document,
        "ban_years": found.ban_years,
        "correction_limit": found.correction_limit,
        "filings": [(one.kind, _opening(one, place)) for one in found.filings if one.kind in KIND_WORDS],
        "stages": [
            {
                "title": one.words[place],
                "kind": KIND_OF_STAGE_WORDS[one.kind][place],
                "level": LEVEL_WORDS[one.level][place],
                "length": _length(one, place),
            }
            for one in found.stages
        ],
    }


def _opening(filing: Filing, place: int) -> str:
    words = OPENS_WORDS[filing.opens][place]
    if filing.days_before_expiry is None:
        return words
    return _("%(words)s %(days)s 天内", words=words, days=filing.days_before_expiry)


def _length(stage: Stage, place: int) -> str:
    if stage.publicity is not None:
        unit = UNIT_WORDS[stage.publicity.unit][place]
        return f"{stage.publicity.days} {unit}"
    if stage.limit is not None:
        return _("%(days)s 个工作日内", days=stage.limit)
    return ""


def _by_tier(rows: list[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.tier, []).append(row)
    return found
