"""The procedures of the city as data: a file a tier and version under `procedures/`, checked before use (policy §9).

Loads into the plain value of `registry.domain.procedure`; decides of no case and counts no days.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, TypeVar

from registry.domain.codes import KIND_WORDS, TIER_WORDS
from registry.domain.errors import Refused, RuleError
from registry.domain.procedure import (
    Filing,
    Level,
    Opens,
    Outcome,
    Procedure,
    Publicity,
    Sample,
    Stage,
    StageKind,
    Unit,
    Words,
)
from registry.domain.roles import DEPARTMENT_WORDS, Role
from registry.policy.files import file_names, parse_file
from registry.policy.procedure_checks import Source, check, known_role

FOLDER = "procedures"
_HEAD = frozenset(("tier", "version", "in_force_from", "in_force_until", "filed_by", "correction_limit", "source"))
_HEAD |= {"decided", "document", "filing", "ban", "stages"}
_STAGE = frozenset(("key", "label", "label_en", "kind", "level", "roles", "led_by", "limit", "departments", "source"))
_STAGE |= {"publicity", "sample", "inspects", "decided", "outcomes"}
# Who may fill in a case: the firm, and where the tier says so its district.
_FILERS = (Role.APPLICANT, Role.DISTRICT_REVIEWER)
Choice = TypeVar("Choice", bound=StrEnum)


@cache
def procedures() -> tuple[Procedure, ...]:
    """Return every procedure, by tier and then by the day from which it is in force.

    Raises:
        RuleError: something in a file is wrong, or two versions of a tier are in force on one day.
    """
    place = files(__package__).joinpath(FOLDER)
    names = [f"{name}.toml" for name in file_names(FOLDER)]
    return ordered(build(place.joinpath(name).read_text("utf-8"), f"{FOLDER}/{name}") for name in names)


def ordered(found: Iterable[Procedure]) -> tuple[Procedure, ...]:
    """Return procedures in order; refuse two of a tier that are in force on one day."""
    tiers = list(TIER_WORDS)
    told = sorted(found, key=lambda one: (tiers.index(one.tier), one.in_force_from))
    for one, after in pairwise(told):
        if one.tier == after.tier and one.is_in_force(after.in_force_from):
            raise RuleError(f"{one.id} and {after.id} are both in force on {after.in_force_from}", file=f"{FOLDER}/")
    return tuple(told)


def procedure(tier: str, on: date) -> Procedure:
    """Return the procedure of a case submitted on a day.

    Raises:
        Refused: at `tier` for an unknown one; at `on` for a day on which none is in force.
    """
    if tier not in TIER_WORDS:
        raise Refused.at("tier", f"应为 {'、'.join(TIER_WORDS)} 之一，现为 {tier!r} (unknown tier)")
    versions = [one for one in procedures() if one.tier == tier]
    for one in versions:
        if one.is_in_force(on):
            return one
    first = min(one.in_force_from for one in versions)
    words = f"{on} 尚无{TIER_WORDS[tier]}的办理程序，最早自 {first} 起 (no procedure is in force on this day)"
    raise Refused.at("on", words)


def build(text: str, file: str) -> Procedure:
    """Return the checked procedure of a text.

    Raises:
        RuleError: with the file, the line and the stage; the first fault ends it.
    """
    content, source = parse_file(text, file), Source(file, text)
    head = _Table(content, source)
    head.only(_HEAD)
    document, tier, version = head.table("document"), head.text("tier"), head.text("version")
    if tier not in TIER_WORDS:
        raise head.fault("tier", f"tier is one of {', '.join(TIER_WORDS)}, not {tier!r}")
    rows = content.get("stages", [])
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise head.fault("stages", "stages is a list of tables")
    found = Procedure(
        id=f"{tier}-{version}",
        tier=tier,
        version=version,
        document=document.text("number"),
        title=(document.text("title"), document.text("title_en")),
        in_force_from=head.day("in_force_from"),
        in_force_until=head.day("in_force_until") if "in_force_until" in content else None,
        filings=_filings(head.table("filing")),
        filed_by=head.roles("filed_by"),
        correction_limit=head.whole("correction_limit"),
        ban_years=_ban(head) if "ban" in content else None,
        stages=tuple(_stage(_Table(row, source, number)) for number, row in enumerate(rows)),
        source=head.text("source"),
        decided=head.decided(),
        digest=digest_of(content),
    )
    if found.in_force_until and found.in_force_until < found.in_force_from:
        raise head.fault("in_force_until", "in_force_until lies before in_force_from")
    if not found.filed_by or not set(found.filed_by) <= set(_FILERS):
        raise head.fault("filed_by", f"filed_by is of {', '.join(_FILERS)}")
    check(found, source)
    return found


def digest_of(content: Mapping[str, Any]) -> str:
    """Return `sha256:` of the canonical JSON of a procedure."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


class _Table:
    """A table of the file, read entry by entry; what is missing or of another kind is refused where it stands."""

    def __init__(
        self, given: Mapping[str, Any], source: Source, stage: int | None = None, inside: str = "", key: str = ""
    ) -> None:
        self.given, self._source, self._stage, self._inside = given, source, stage, inside
        self._key = key or str(given.get("key", ""))

    def fault(self, part: str, message: str) -> RuleError:
        where = f"{self._inside}: " if self._inside else ""
        return self._source.fault(where + message, self._stage, self._inside or part, self._key)

    def only(self, known: frozenset[str]) -> None:
        for name in sorted(set(self.given) - known):
            raise self.fault(name, f"unknown: {name}")

    def text(self, name: str) -> str:
        found = self.given.get(name)
        if not isinstance(found, str) or not found.strip():
            raise self.fault(name, f"{name} is missing")
        return found

    def words(self) -> Words:
        return self.text("label"), self.text("label_en")

    def texts(self, name: str) -> tuple[str, ...]:
        found = self.given.get(name, ())
        if isinstance(found, str) or not isinstance(found, Sequence) or not all(isinstance(one, str) for one in found):
            raise self.fault(name, f"{name} is a list of texts")
        return tuple(found)

    def decided(self) -> tuple[str, ...]:
        for text in self.texts("decided"):
            if "[D]" not in text:
                raise self.fault("decided", f"what was decided is marked [D]: {text}")
        return self.texts("decided")

    def whole(self, name: str) -> int:
        found = self.given.get(name)
        if not isinstance(found, int) or isinstance(found, bool) or found < 1:
            raise self.fault(name, f"{name} is a whole number above zero" + ("" if name in self.given else ": missing"))
        return found

    def flag(self, name: str) -> bool:
        found = self.given.get(name)
        if not isinstance(found, bool):
            raise self.fault(name, f"{name} is true or false" + ("" if name in self.given else ": missing"))
        return found

    def day(self, name: str) -> date:
        found = self.given.get(name)
        if type(found) is not date:
            raise self.fault(name, f"{name} is a day, as 2022-08-01")
        return found

    def choice(self, name: str, known: type[Choice]) -> Choice:
        found = self.given.get(name)
        if not isinstance(found, str) or found not in list(known):
            raise self.fault(name, f"{name} is one of {', '.join(known)}, not {found!r}")
        return known(found)

    def roles(self, name: str) -> tuple[Role, ...]:
        found = []
        for one in self.texts(name):
            role = known_role(one)
            if role is None:
                raise self.fault(name, f"unknown role {one!r}: there are {', '.join(Role)}")
            found.append(role)
        return tuple(found)

    def table(self, name: str) -> "_Table":
        found = self.given.get(name)
        if not isinstance(found, Mapping):
            raise self.fault(name, f"{name} is missing")
        return self.inner(found, name)

    def inner(self, given: Mapping[str, Any], name: str) -> "_Table":
        return _Table(given, self._source, self._stage, name, self._key)


def _filings(table: _Table) -> tuple[Filing, ...]:
    table.only(frozenset(KIND_WORDS))
    found = []
    for kind in [one for one in KIND_WORDS if one in table.given]:
        row = table.table(kind)
        row.only(frozenset(("opens", "days_before_expiry")))
        opens = row.choice("opens", Opens)
        before = row.whole("days_before_expiry") if opens is Opens.BEFORE_EXPIRY else None
        if opens is not Opens.BEFORE_EXPIRY and "days_before_expiry" in row.given:
            raise row.fault(kind, f"days_before_expiry does not go with {opens}")
        if opens is Opens.BEFORE_EXPIRY and kind == "new":
            raise row.fault(kind, "a new application has no title that could expire")
        found.append(Filing(kind, opens, before))
    if not found or found[0].kind != "new":
        raise table.fault("new", "new is missing")
    return tuple(found)


def _ban(head: _Table) -> int:
    ban = head.table("ban")
    ban.only(frozenset(("years", "source")))
    ban.text("source")
    return ban.whole("years")


def _stage(row: _Table) -> Stage:
    row.only(_STAGE)
    key, given = row.text("key"), row.given
    departments = row.texts("departments")
    for one in departments:
        if one not in DEPARTMENT_WORDS:
            raise row.fault("departments", f"unknown department {one!r}: there are {', '.join(DEPARTMENT_WORDS)}")
    if len(set(departments)) != len(departments):
        raise row.fault("departments", "a department is asked once")
    return Stage(
        key=key,
        words=row.words(),
        kind=row.choice("kind", StageKind),
        level=row.choice("level", Level),
        roles=row.roles("roles"),
        outcomes=_outcomes(row),
        source=row.text("source"),
        led_by=row.choice("led_by", Level) if "led_by" in given else None,
        limit=row.whole("limit") if "limit" in given else None,
        publicity=_publicity(row.table("publicity")) if "publicity" in given else None,
        sample=_sample(row.table("sample")) if "sample" in given else None,
        departments=departments,
        inspects=row.flag("inspects") if "inspects" in given else False,
        decided=row.decided(),
    )


def _outcomes(row: _Table) -> tuple[Outcome, ...]:
    found = []
    for one in row.given.get("outcomes", ()):
        if not isinstance(one, Mapping) or not isinstance(one.get("key"), str):
            raise row.fault("outcomes", "an outcome has a key, a label in both languages, and where it leads")
        outcome = row.inner(one, one["key"])
        outcome.only(frozenset(("key", "label", "label_en", "to")))
        found.append(Outcome(one["key"], outcome.words(), outcome.text("to")))
    return tuple(found)


def _publicity(table: _Table) -> Publicity:
    table.only(frozenset(("days", "unit", "objections_answered_first")))
    return Publicity(table.whole("days"), table.choice("unit", Unit), table.flag("objections_answered_first"))


def _sample(table: _Table) -> Sample:
    table.only(frozenset(("share_percent", "never_after")))
    share = table.whole("share_percent")
    if share > 100:
        raise table.fault("share_percent", f"share_percent is at most 100, not {share}")
    levels = table.texts("never_after")
    for one in levels:
        if one not in list(Level):
            raise table.fault("never_after", f"unknown level {one!r}")
    return Sample(share, tuple(Level(one) for one in levels))
