"""Assesses one firm for a tier on a day: chooses the rule set, judges, and puts it in words. Stores nothing."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from registry.domain.contradictions import contradictions
from registry.domain.errors import Fault, Refused
from registry.domain.firms import Firm
from registry.domain.intake import firm_from, read_day
from registry.policy import DEFAULTS, Options, choose
from registry.rules.case import sheet_of
from registry.rules.explain import explain
from registry.rules.wording import document_of

_CASE_KEYS = ("tier", "kind", "on", "firm")


def assess_firm(
    firm: Firm,
    tier: str,
    kind: str,
    on: date,
    *,
    lang: str = "zh",
    options: Options = DEFAULTS,
    incomplete: frozenset[str] = frozenset(),
    with_tree: bool = False,
) -> dict[str, Any]:
    """Return the assessment of a firm (contract §2).

    Args:
        incomplete: list facts that may have more entries than those stated.

    Raises:
        Refused: no rule set applies to such a case on that day.
    """
    chosen = choose(tier, kind, on, options)
    judgement = explain(chosen.rule_set, sheet_of(firm, on, incomplete))
    why = chosen.why_en if lang == "en" else chosen.why
    return document_of(judgement, why=why, warnings=contradictions(firm), lang=lang, with_tree=with_tree)


def assess_case(case: Any, options: Options = DEFAULTS, *, lang: str = "zh") -> dict[str, Any]:
    """Return the assessment of one parsed line `{"tier", "kind", "on", "firm"}` (contract §2).

    Raises:
        Refused: with every fault of the line; paths within the firm have no leading `firm.`.
    """
    if not isinstance(case, Mapping):
        raise Refused.at("", "每行应为一个对象 {tier, kind, on, firm} (an object expected)")
    faults = [
        Fault(str(key)[:40], "未知的键，应为 tier、kind、on、firm (unknown key)")
        for key in case
        if key not in _CASE_KEYS
    ]
    tier, kind, on = case.get("tier"), case.get("kind"), read_day(case.get("on"))
    if not isinstance(tier, str):
        faults.append(Fault("tier", "必填：梯度 (required: the tier)"))
    if not isinstance(kind, str):
        faults.append(Fault("kind", "必填：new 或 re_review (required)"))
    if on is None:
        faults.append(Fault("on", "必填：日历上的日期 YYYY-MM-DD (required: a date)"))
    if isinstance(tier, str) and isinstance(kind, str) and on is not None:
        try:
            choose(tier, kind, on, options)
        except Refused as refused:
            faults.extend(refused.faults)
    try:
        firm = firm_from(case.get("firm"))
    except Refused as refused:
        raise Refused([*faults, *refused.faults]) from None
    if faults or on is None:
        raise Refused(faults)
    return assess_firm(firm, str(tier), str(kind), on, lang=lang, options=options)
