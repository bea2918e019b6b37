"""Which rule set judges a case: by tier, kind and day of submission, and why (policy §2)."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from registry.domain.codes import KIND_WORDS, TIER_WORDS
from registry.domain.errors import Refused
from registry.policy.assembly import DEFAULTS, Options, load
from registry.policy.files import read_file
from registry.rules.ruleset import RuleSet

_AS_ASKED = ("按指定的标准判断，仅供比较，不是审核时适用的", "As asked for, to compare; not what a case is judged by")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A rule set and the reason why it judges the case, in both languages."""

    rule_set: RuleSet
    why: str
    why_en: str


@dataclass(frozen=True, slots=True)
class Span:
    """A row of the table of choice: both days are included, no last day means until further notice."""

    tier: str
    kinds: tuple[str, ...]
    first: date
    last: date | None
    rule_set: str
    why: str
    why_en: str


@cache
def spans() -> tuple[Span, ...]:
    """Return the table of choice in the order of its file."""
    return tuple(
        Span(
            row["tier"],
            tuple(row["kinds"]),
            row["from"],
            row.get("until"),
            row["rule_set"],
            row["why"],
            row["why_en"],
        )
        for row in read_file("choice")["choice"]
    )


def rule_sets_of(tier: str, kind: str) -> list[str]:
    """Return the rule sets that ever judged such cases, the newest first."""
    rows = sorted((row for row in spans() if row.tier == tier and kind in row.kinds), key=lambda row: row.first)
    return list(dict.fromkeys(row.rule_set for row in reversed(rows)))


def choose(tier: str, kind: str, on: date, options: Options = DEFAULTS, *, rule_set: str | None = None) -> Chosen:
    """Return the rule set that judges a case submitted on a day.

    Args:
        rule_set: judge by this one, whatever the day: to compare, as when a new text is about to apply.

    Raises:
        Refused: at `tier` or `kind` for an unknown one; at `on` for a day on which no rule set applies; at `rule_set`
            for one that is not of this tier and kind.
    """
    if tier not in TIER_WORDS:
        raise Refused.at("tier", f"应为 {'、'.join(TIER_WORDS)} 之一，现为 {tier!r} (unknown tier)")
    if kind not in KIND_WORDS:
        raise Refused.at("kind", f"应为 {'、'.join(KIND_WORDS)} 之一，现为 {kind!r} (unknown kind)")
    if rule_set is not None:
        known = rule_sets_of(tier, kind)
        if rule_set not in known:
            raise Refused.at(
                "rule_set", f"应为 {'、'.join(known)} 之一，现为 {rule_set[:40]!r} (choose one of the list)"
            )
        return Chosen(load(rule_set, kind, options), *_AS_ASKED)
    rows = [row for row in spans() if row.tier == tier and kind in row.kinds]
    for row in rows:
        if row.first <= on and (row.last is None or on <= row.last):
            return Chosen(load(row.rule_set, kind, options), row.why, row.why_en)
    first = min(row.first for row in rows)
    raise Refused.at(
        "on", f"{on} 尚无适用于{TIER_WORDS[tier]}的认定标准，最早自 {first} 起 (no rule set applies on this day)"
    )
