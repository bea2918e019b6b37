"""The cases of the rules: for each line of the law what is below, at and above it, and what is not known.

They stand in `cases/*.toml`, written from the documents and not from the rule files, so that each is a second
source for the other. The handbook prints them; the tests run them through both readings.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from registry.domain.codes import KIND_WORDS
from registry.domain.errors import Refused, RuleError
from registry.domain.facts import YEAR_FACTS, Kind
from registry.domain.firms import Firm
from registry.domain.intake import firm_from
from registry.policy.assembly import build
from registry.policy.files import file_names, read_file
from registry.rules.ruleset import RuleSet

VERDICT = "verdict"
SCORE = "score"
_KEYS = {"criterion", "name", "kind", "on", "base", "facts", "years", "unset", "expect", "points", "missing", "because"}
_EXPECTED = ("met", "not_met", "undetermined")
# Names nobody: every case is about the same firm that is none.
_USCC, _NAME = "91370200264574251E", "算例企业"
_YUAN_IN_WAN = 10_000


@dataclass(frozen=True, slots=True)
class Case:
    """One firm on one day, and what a criterion must come to.

    Attributes:
        file, place: the case file without its ending, and which case of it this is, from 1.
        criterion: a key of the rule set, or `verdict`, `score` for all points, `score.PART` for those of a part.
        kinds: the kinds of case in which it holds.
        expect: `met`, `not_met` or `undetermined`, for a condition and for the verdict.
        points: the lowest and highest points, for an indicator, a part or the score.
        missing: the exact paths of what is missing; None where the case does not say.
        because: for a verdict, the required criteria that come to the same, each of them and no other.
        on_base: whether the firm is the base firm of the file with some things changed.
        given: the facts and figures as the file states them, amounts in 万元.
        unset: the paths taken away from the base firm.
    """

    file: str
    place: int
    criterion: str
    name: str
    kinds: tuple[str, ...]
    on: date
    firm: Firm
    expect: str | None
    points: tuple[int, int] | None
    missing: tuple[str, ...] | None
    because: tuple[str, ...] | None
    on_base: bool
    given: Mapping[str, Any]
    unset: tuple[str, ...]


def cases_of(rule_set: RuleSet) -> tuple[Case, ...]:
    """Return the cases of a rule set for its kind: its own, those of the general conditions, of the local table."""
    found = [*_of_file(rule_set.id)]
    if any(one.key.startswith("general.") for one in rule_set.criteria):
        found += _of_file("general-2022")
    for name in file_names("local"):
        number = read_file(f"local/{name}")["document"]["number"]
        if any(one.part and one.source.startswith(number) for one in rule_set.criteria):
            found += _of_file(name)
    return tuple(case for case in found if rule_set.kind in case.kinds)


@cache
def size_cases() -> tuple[Case, ...]:
    """Return the cases of the size table: each says whether a firm is at least of a size."""
    return tuple(_of_file("size-2011"))


@cache
def size_rules() -> RuleSet:
    """Return the size table as a rule set of its own, so that both readings can judge its cases."""
    table = read_file("size-2011")
    criteria = [
        {
            "key": f"size.{size}",
            "article": "第四条",
            "label": size,
            "label_en": size,
            "rule": f"size.{size}",
            "file": table["id"],
        }
        for size in ("large", "medium", "small")
    ]
    content = {"id": table["id"], "tier": "size", "document": table["document"], "size": table}
    return build({**content, "criteria": criteria, "indicators": []}, "new")


@cache
def _of_file(name: str) -> tuple[Case, ...]:
    """Return the cases of a file, and those it takes over from another."""
    if name not in file_names("cases"):
        return ()
    content = read_file(f"cases/{name}")
    taken = content.get("takes_over")
    cases = [_case(name, content, place, row) for place, row in enumerate(content["case"], start=1)]
    if taken:
        left = {VERDICT, SCORE, *taken["except"]}
        cases += [case for case in _of_file(taken["file"]) if case.criterion not in left and not case.on_base]
    return tuple(cases)


def _case(file: str, content: Mapping[str, Any], place: int, row: Mapping[str, Any]) -> Case:
    criterion = str(row.get("criterion", ""))
    wrong = _wrong(row)
    if wrong:
        raise RuleError(f"case {place}: {wrong}", file=f"cases/{file}.toml", criterion=criterion)
    on_base = bool(row.get("base", criterion == VERDICT))
    facts, years = _merged(content.get("base", {}) if on_base else {}, row)
    try:
        firm = firm_from({"uscc": _USCC, "name": _NAME, "facts": _plain(facts), "years": dict(_in_yuan(years))})
    except Refused as refused:
        raise RuleError(f"case {place}: {refused}", file=f"cases/{file}.toml", criterion=criterion) from None
    points, missing, because = row.get("points"), row.get("missing"), row.get("because")
    return Case(
        file=file,
        place=place,
        criterion=criterion,
        name=row["name"],
        kinds=(row["kind"],) if "kind" in row else tuple(KIND_WORDS),
        on=row.get("on", content["on"]),
        firm=firm,
        expect=row.get("expect"),
        points=None if points is None else (points[0], points[1]),
        missing=None if missing is None else tuple(missing),
        because=None if because is None else tuple(because),
        on_base=on_base,
        given={"facts": row.get("facts", {}), "years": row.get("years", {})},
        unset=tuple(row.get("unset", ())),
    )


def _wrong(row: Mapping[str, Any]) -> str:
    """Say what is wrong with a case as written; empty when nothing is."""
    if set(row) - _KEYS:
        return f"unknown key {', '.join(sorted(set(row) - _KEYS))}"
    if not row.get("criterion") or not row.get("name"):
        return "a case needs its criterion and a name"
    if ("expect" in row) == ("points" in row):
        return "a case expects either a verdict or points"
    if "expect" in row and row["expect"] not in _EXPECTED:
        return f"expects {row['expect']!r}, which is none of {', '.join(_EXPECTED)}"
    return ""


def _merged(base: Mapping[str, Any], row: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return facts and years of the base firm with a case's own over them, and what it unsets left out."""
    facts = {**base.get("facts", {}), **row.get("facts", {})}
    years = {year: dict(figures) for year, figures in base.get("years", {}).items()}
    for year, figures in row.get("years", {}).items():
        years.setdefault(year, {}).update(figures)
    for path in row.get("unset", ()):
        group, _, rest = path.partition(".")
        year, _, key = rest.rpartition(".")
        (facts if group == "facts" else years[year]).pop(key)
    return facts, years


def _plain(value: Any) -> Any:
    """Return a TOML value as JSON would have it: dates as text."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value


def _in_yuan(years: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the figures of each year with amounts turned from 万元 to yuan, exactly."""
    for year, figures in years.items():
        yield (
            year,
            {
                key: (Decimal(value) * _YUAN_IN_WAN).normalize() if _is_money(key) else value
                for key, value in figures.items()
            },
        )


def _is_money(key: str) -> bool:
    return key in YEAR_FACTS and YEAR_FACTS[key].kind is Kind.MONEY
