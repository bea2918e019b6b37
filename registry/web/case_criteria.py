"""The criteria of a case as its page shows them: verdict beside the facts it rests on, the files, the judgements.

Only lays out what was read and judged below.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.domain.facts import FIRM_FACTS, YEAR_FACTS, Fact
from registry.domain.firms import Firm as StatedFirm
from registry.rules.ruleset import Criterion, RuleSet
from registry.store.examinations import Judgement
from registry.web.labels import path_label, shown
from registry.web.language import say as _
from registry.work.compare_rounds import value_at
from registry.work.judge_case import JUDGED
from registry.work.return_case import EVIDENCE, facts_read, parts_for

# A word of one character stands in too many labels to say which criterion a file is for.
_SHORTEST_WORD = 2


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file that was on record when a round was submitted.

    Attributes:
        state: as it is now, `removed` when the firm took it back since; empty when the reader may not open it.
        is_new: it was not there in the round before.
    """

    number: int
    name: str
    about: str
    year: int | None
    state: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class FactLine:
    """A fact that a criterion reads; no text where it is unknown."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class JudgedLine:
    """A fact that a reviewer judges: what the firm says of it, and how it was judged last, by whom."""

    fact: Fact
    claim: bool | None
    row: Judgement | None
    by: str


@dataclass(frozen=True, slots=True)
class Examined:
    """A criterion with what it rests on.

    Attributes:
        found: what came of it (contract §2, one of `criteria`).
        to_judge: those of `judged` that no criterion above has; each is judged in one place.
        parts: what the firm can correct to change its verdict.
    """

    found: Mapping[str, Any]
    facts: tuple[FactLine, ...]
    files: tuple[FileLine, ...]
    judged: tuple[JudgedLine, ...]
    to_judge: tuple[JudgedLine, ...]
    parts: tuple[str, ...]


def examined(
    rule_set: RuleSet,
    document: Mapping[str, Any],
    firm: StatedFirm,
    on: date,
    *,
    files: Sequence[FileLine],
    claimed: Mapping[str, bool],
    judgements: Mapping[str, tuple[Judgement, str]],
) -> list[Examined]:
    """Return the criteria of a case in the order of its rules."""
    lines: list[Examined] = []
    above: set[str] = set()
    for criterion, found in zip(rule_set.criteria, document["criteria"], strict=True):
        read = facts_read(rule_set, criterion, on)
        judged = tuple(
            JudgedLine(FIRM_FACTS[key], claimed.get(key), *judgements.get(key, (None, "")))
            for key in (path.removeprefix("facts.") for path in read)
            if key in JUDGED
        )
        stated = [path for path in read if path.removeprefix("facts.") not in JUDGED]
        lines.append(
            Examined(
                found,
                tuple(FactLine(path, text_at(firm, path)) for path in stated),
                tuple(one for one in files if _proves(one, criterion, read)),
                judged,
                tuple(one for one in judged if one.fact.key not in above),
                tuple(parts_for(rule_set, criterion, on)),
            )
        )
        above |= {one.fact.key for one in judged}
    return lines


def unassigned(files: Sequence[FileLine], lines: Sequence[Examined]) -> list[FileLine]:
    """Return the files that were found to prove no criterion."""
    placed = {file.number for one in lines for file in one.files}
    return [file for file in files if file.number not in placed]


def text_at(firm: StatedFirm, path: str) -> str:
    """Return what a statement holds at a path, as a person writes it; nothing for unknown."""
    return shown(value_at(firm, path), fact_at(path))


def fact_at(path: str) -> Fact:
    """Return the fact that a path speaks of."""
    key = path.rpartition(".")[2]
    return FIRM_FACTS[key] if path.startswith("facts.") else YEAR_FACTS[key]


def part_label(part: str) -> str:
    """Return what is to be corrected, in words."""
    return _("证明材料") if part == EVIDENCE else path_label(part)


def _proves(file: FileLine, criterion: Criterion, read: Sequence[str]) -> bool:
    """Say whether a file is for a criterion: the firm said so in its own words, or named one of the facts."""
    told = file.about.casefold().strip()
    if len(told) < _SHORTEST_WORD:
        return False
    return any(told in word or word in told for word in _words_of(criterion, read))


def _words_of(criterion: Criterion, read: Sequence[str]) -> Iterator[str]:
    for word in (criterion.key, criterion.label, criterion.label_en, criterion.short, criterion.short_en):
        if len(word) >= _SHORTEST_WORD:
            yield word.casefold()
    for path in read:
        fact = fact_at(path)
        yield from (fact.key, fact.label.casefold(), fact.label_en.casefold())
