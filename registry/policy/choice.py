"""Which rule set judges a case: by tier, kind and day of submission, and why (policy §2)."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from registry.domain.codes import KIND_WORDS, TIER_WORDS
from registry.domain.errors import Refused
from registry.policy.assembly import DEFAULTS, Options, load
from registry.policy.files import read_file
from registry.rules.ruleset import RuleSet


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


def choose(tier: str, kind: str, on: date, options: Options = DEFAULTS) -> Chosen:
    """Return the rule set that judges a case submitted on a day.

    Raises:
        Refused: at `tier` or `kind` for an unknown one; at `on` for a day on which no rule set applies.
    """
    if tier not in TIER_WORDS:
        raise Refused.at("tier", f"应为 {'、'.join(TIER_WORDS)} 之一，现为 {tier!r} (unknown tier)")
    if kind not in KIND_WORDS:
        raise Refused.at("kind", f"应为 {'、'.join(KIND_WORDS)} 之一，现为 {kind!r} (unknown kind)")
    rows = [row for row in spans() if row.tier == tier and kind in row.kinds]
    for row in rows:
        if row.first <= on and (row.last is None or on <= row.last):
            return Chosen(load(row.rule_set, kind, options), row.why, row.why_en)
    first = min(row.first for row in rows)
    raise Refused.at(
        "on", f"{on} 尚无适用于{TIER_WORDS[tier]}的认定标准，最早自 {first} 起 (no rule set applies on this day)"
    )
