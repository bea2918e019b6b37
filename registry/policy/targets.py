"""The targets of the city's yearly documents as data: a file a year, every row with its definition card (policy §12).

Loads and checks; a file that is wrong is never used in part. Judges nothing (see `attainment`) and knows no value.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from registry.domain.errors import Refused, RuleError
from registry.policy.files import file_names, read_file
from registry.policy.target_rows import (
    COMPARATORS,
    HOWS,
    INPUTS_OF,
    MEASURES,
    UNITS,
    WHOLE_UNITS,
    YEAR_ENDS,
    Card,
    Input,
    Target,
    TargetYear,
)

FOLDER = "targets"
_ROW = frozenset(("key", "actions", "action_en", "indicator", "indicator_en", "goal", "comparator", "unit", "how"))
_ROW |= {"measure", "year_end", "card"}
_CARD = (
    "meaning",
    "meaning_en",
    "denominator",
    "denominator_en",
    "frequency",
    "frequency_en",
    "department",
    "department_en",
)
_INPUT = frozenset(("key", "label", "label_en", "unit", "least"))
_HEAD = frozenset(("year", "about_within", "decided", "document", "targets", "inputs"))
_CARRIED = frozenset(("year", "continues", "note", "note_en"))


def target_years() -> list[int]:
    """Return the years that have a file, the earliest first."""
    return sorted(int(name) for name in file_names(FOLDER))


@cache
def targets_of(year: int) -> TargetYear:
    """Return the targets of a year, checked.

    Raises:
        Refused: at `year`: there is no file for it.
        RuleError: something in its file is wrong.
    """
    if year not in target_years():
        known = "、".join(str(one) for one in target_years())
        raise Refused.at("year", f"没有 {year} 年的目标；现有 {known} (no targets for this year)")
    content, file = read_file(f"{FOLDER}/{year}"), f"{FOLDER}/{year}.toml"
    found = carried(content, file) if "continues" in content else build_year(content, file)
    if found.year != year:
        raise RuleError(f"speaks of {found.year}", file=file)
    return found


def carried(content: Mapping[str, Any], file: str) -> TargetYear:
    """Return a year that carries on the goals of an earlier one: its file says so in a note, and nothing besides.

    Raises:
        RuleError: it continues no earlier year, does not say so, or sets goals of its own beside.
    """
    _only(content, _CARRIED, file, "")
    year, before = _whole(content, "year", file), _whole(content, "continues", file)
    if before >= year or before not in target_years():
        raise RuleError(f"continues {before}, which is no earlier year with a file", file=file)
    base = targets_of(before)
    return TargetYear(
        year,
        base.document,
        base.title,
        base.title_en,
        base.decided,
        base.targets,
        base.inputs,
        carried_from=base.carried_from or base.year,
        note=_text(content, "note", file, ""),
        note_en=_text(content, "note_en", file, ""),
    )


def build_year(content: Mapping[str, Any], file: str) -> TargetYear:
    """Return the checked targets of a file with goals of its own.

    Raises:
        RuleError: with the file and the row; the first fault ends it.
    """
    _only(content, _HEAD, file, "")
    document = content.get("document", {})
    number = _text(document, "number", file, "document")
    within = _number(content, "about_within", file, "")
    if within is None or within < 0:
        raise RuleError("about_within: a number of percentage points, zero or more, is expected", file=file)
    inputs = tuple(_input(row, file) for row in content.get("inputs", ()))
    targets = tuple(_target(row, number, within, file) for row in content.get("targets", ()))
    if not targets:
        raise RuleError("no targets", file=file)
    keys = [*(one.key for one in targets), *(one.key for one in inputs)]
    for key in keys:
        if keys.count(key) > 1:
            raise RuleError("the key stands twice", file=file, criterion=key)
    for one in targets:
        lacking = [key for key in INPUTS_OF.get(one.measure or "", ()) if key not in {row.key for row in inputs}]
        if lacking:
            raise RuleError(f"{one.measure} needs the inputs {', '.join(lacking)}", file=file, criterion=one.key)
    return TargetYear(
        _whole(content, "year", file),
        number,
        _text(document, "title", file, "document"),
        _text(document, "title_en", file, "document"),
        _texts(content.get("decided", ()), file, "", "decided"),
        targets,
        inputs,
    )


def _target(row: Mapping[str, Any], number: str, within: Decimal, file: str) -> Target:
    key = _text(row, "key", file, "?")
    _only(row, _ROW, file, key)
    actions = _texts(row.get("actions", ()), file, key, "actions")
    if not actions:
        raise RuleError("actions is missing", file=file, criterion=key)
    goal, comparator = _number(row, "goal", file, key), row.get("comparator")
    unit, how = _one_of(row, "unit", UNITS, file, key), _one_of(row, "how", HOWS, file, key)
    measure, year_end = row.get("measure"), _one_of(row, "year_end", YEAR_ENDS, file, key)
    if comparator is not None:
        _one_of(row, "comparator", COMPARATORS, file, key)
    faults = {
        "goal and comparator come together or not at all": (goal is None) != (comparator is None),
        "`about` is for a rate, in percent": comparator == "about" and unit != "percent",
        f"a goal in {unit} is a whole number": goal is not None and unit in WHOLE_UNITS and goal % 1 != 0,
        "what is projected is counted": year_end != "none" and unit not in WHOLE_UNITS,
        "what staff enter has no measure": how == "S" and measure is not None,
        f"measure is one of {', '.join(MEASURES)}": how != "S" and measure not in MEASURES,
    }
    for fault, is_there in faults.items():
        if is_there:
            raise RuleError(fault, file=file, criterion=key)
    return Target(
        key=key,
        actions=actions,
        action_en=_text(row, "action_en", file, key),
        indicator=_text(row, "indicator", file, key),
        indicator_en=_text(row, "indicator_en", file, key),
        goal=goal,
        comparator=comparator,
        within=within,
        unit=unit,
        how=how,
        measure=measure,
        year_end=year_end,
        source=f"{number} {'、'.join(f'{action}行动' for action in actions)}",
        card=_card(row.get("card"), file, key),
    )


def _card(card: Any, file: str, key: str) -> Card:
    if not isinstance(card, Mapping):
        raise RuleError("card is missing", file=file, criterion=key)
    _only(card, frozenset((*_CARD, "decided")), file, key)
    parts = {part: _text(card, part, file, key) for part in _CARD}
    return Card(**parts, decided=_texts(card.get("decided", ()), file, key, "decided"))


def _input(row: Mapping[str, Any], file: str) -> Input:
    key = _text(row, "key", file, "?")
    _only(row, _INPUT, file, key)
    unit = _one_of(row, "unit", WHOLE_UNITS, file, key)
    label, label_en = _text(row, "label", file, key), _text(row, "label_en", file, key)
    return Input(key, label, label_en, unit, _whole(row, "least", file, key))


def _only(given: Mapping[str, Any], known: frozenset[str], file: str, key: str) -> None:
    unknown = sorted(set(given) - known)
    if unknown:
        raise RuleError(f"unknown: {', '.join(unknown)}", file=file, criterion=key)


def _text(given: Mapping[str, Any], name: str, file: str, key: str) -> str:
    found = given.get(name)
    if not isinstance(found, str) or not found.strip():
        raise RuleError(f"{name} is missing", file=file, criterion=key)
    return found


def _texts(given: Any, file: str, key: str, name: str) -> tuple[str, ...]:
    if isinstance(given, str) or not isinstance(given, Sequence) or not all(isinstance(one, str) for one in given):
        raise RuleError(f"{name} is a list of texts", file=file, criterion=key)
    return tuple(given)


def _one_of(row: Mapping[str, Any], name: str, known: Any, file: str, key: str) -> str:
    found = row.get(name)
    if not isinstance(found, str) or found not in known:
        raise RuleError(f"{name} is one of {', '.join(sorted(known))}, not {found!r}", file=file, criterion=key)
    return found


def _whole(row: Mapping[str, Any], name: str, file: str, key: str = "") -> int:
    found = row.get(name)
    if not isinstance(found, int) or isinstance(found, bool):
        raise RuleError(f"{name} is a whole number, not {found!r}", file=file, criterion=key)
    return found


def _number(row: Mapping[str, Any], name: str, file: str, key: str) -> Decimal | None:
    found = row.get(name)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | Decimal) or not Decimal(found).is_finite():
        raise RuleError(f"{name} is a number, not {found!r}", file=file, criterion=key)
    return Decimal(found)
