"""Where a firm stands on the ladder, and what each tier still lacks by its own information. Reads only.

The firm's own words count as they will when it applies: joined with the titles of the books and any ban. What a
reviewer judges (`JUDGED`) is taken here as the firm claims it, and told as such.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from registry.domain.codes import LADDER
from registry.domain.errors import Fault, Refused
from registry.domain.firms import Firm as StatedFirm
from registry.policy import DEFAULTS, Options, choose
from registry.rules.case import sheet_of
from registry.rules.explain import explain
from registry.rules.wording import document_of
from registry.store.records import FirmRecord
from registry.work.assess import assess_firm
from registry.work.judge_case import JUDGED


@dataclass(frozen=True, slots=True)
class Joined:
    """The facts of a firm as they count.

    Attributes:
        incomplete: list facts that may have more entries than those known.
    """

    firm: StatedFirm
    incomplete: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Lack:
    """One criterion that a tier lacks.

    Attributes:
        criterion: as the assessment has it (contract §2).
        paths: the facts that could change it; of an unknown one those that are missing.
    """

    criterion: Mapping[str, Any]
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rung:
    """A tier of the ladder, for one firm on one day.

    Attributes:
        held_until: last valid day of the title, where it is held.
        document: the assessment (contract §2): for a re-review where the title is held; None where no rules apply.
        failing: what the firm does not meet by what is known, in the order of the rules.
        missing: paths of the facts without which it cannot be told, in the order in which the rules ask.
        judged: paths of the facts that a reviewer will judge.
    """

    tier: str
    kind: str
    held_until: date | None
    days_left: int | None
    document: Mapping[str, Any] | None
    faults: tuple[Fault, ...] = ()
    failing: tuple[Lack, ...] = ()
    missing: tuple[str, ...] = ()
    judged: tuple[str, ...] = ()


def ladder_of(
    record: FirmRecord, joined: Joined, held: set[str], on: date, *, lang: str = "zh", options: Options = DEFAULTS
) -> tuple[Rung, ...]:
    """Return the three tiers of the ladder, from the lowest rung up.

    Args:
        record: what the register knows; its titles say until when each is held.
        held: the tiers in which the firm stands on the day by the books.
    """
    until = titles_until(record, on)
    return tuple(_rung(joined, tier, until.get(tier) if tier in held else None, on, lang, options) for tier in LADDER)


def titles_until(record: FirmRecord, on: date) -> dict[str, date]:
    """Return the last valid day of each title of the ladder that runs on a day."""
    titles: Any = record.firm.facts.get("titles", ())
    found: dict[str, date] = {}
    for title in titles:
        tier, first, last = title.get("kind"), title.get("from"), title.get("until")
        if tier in LADDER and first is not None and last is not None and first <= on <= last:
            found[tier] = max(last, found.get(tier, last))
    return found


def _rung(joined: Joined, tier: str, held_until: date | None, on: date, lang: str, options: Options) -> Rung:
    kind = "re_review" if held_until else "new"
    days_left = (held_until - on).days if held_until else None
    try:
        document = assess_firm(
            joined.firm, tier, kind, on, lang=lang, options=options, incomplete=joined.incomplete, with_tree=False
        )
        asked = fields_by_criterion(tier, kind, on, joined.firm.facts.get("industry"), options)
    except Refused as refused:
        return Rung(tier, kind, held_until, days_left, None, refused.faults)
    return Rung(
        tier,
        kind,
        held_until,
        days_left,
        document,
        failing=tuple(
            Lack(one, asked.get(one["key"], ()))
            for one in document["criteria"]
            if one["required"] and one["verdict"] == "not_met" and "points" not in one
        ),
        missing=_missing(document),
        judged=tuple(
            path for path in _each(asked) if path.startswith("facts.") and path.removeprefix("facts.") in JUDGED
        ),
    )


def _missing(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what is unknown of the criteria on which the verdict rests; nothing where it is met all the same."""
    if document["verdict"] == "met":
        return ()
    criteria = [one for one in document["criteria"] if one["required"] or "points" in one]
    return tuple(dict.fromkeys(path for one in criteria for path in one["missing"]))


def _each(asked: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(path for paths in asked.values() for path in paths))


@lru_cache(maxsize=256)
def fields_by_criterion(
    tier: str, kind: str, on: date, industry: Any = None, options: Options = DEFAULTS
) -> Mapping[str, tuple[str, ...]]:
    """Return which facts each criterion asks for: all that it misses of a firm of which only the trade is known.

    Raises:
        Refused: no rule set applies to such a case on that day.
    """
    rule_set = choose(tier, kind, on, options).rule_set
    found: dict[str, tuple[str, ...]] = {}
    # A rule by trades asks for the trade first, and for its figures once that is known.
    for facts in ({}, {"industry": industry} if industry else {}):
        blank = document_of(explain(rule_set, sheet_of(StatedFirm("", "", facts), on)))
        for one in blank["criteria"]:
            found[one["key"]] = tuple(dict.fromkeys((*found.get(one["key"], ()), *one["missing"])))
    return found
