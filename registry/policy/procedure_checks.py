"""Whether the course of a procedure holds together, checked before its first use: every stage is reached and left.

Says the file, the line and the stage of the first fault. Reads no file (see `procedures`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from registry.domain.case_states import Action
from registry.domain.errors import RuleError
from registry.domain.procedure import (
    DECIDED_ENDINGS,
    RETURNED,
    Ending,
    Level,
    Outcome,
    Procedure,
    Stage,
    StageKind,
)
from registry.domain.roles import ADMINISTRATORS, SEATED_IN, OfficeKind, Role

_HEADER = "[[stages]]"
# Where the work of a kind of stage is done; a bureau leads what others do.
LEVELS_OF_KIND = {
    StageKind.REVIEW: (Level.DISTRICT, Level.CITY),
    StageKind.INQUIRY: (Level.DEPARTMENTS,),
    StageKind.INSPECTION: (Level.DISTRICT, Level.CITY),
    StageKind.AUDIT: (Level.AUDITOR,),
    StageKind.PUBLICITY: (Level.DISTRICT, Level.CITY),
    StageKind.DECISION: (Level.DISTRICT, Level.CITY),
    StageKind.OUTSIDE: (Level.OUTSIDE,),
}
# What a kind of stage must state of its own; no other kind may.
PARTS_OF_KIND = {
    StageKind.REVIEW: ("limit",),
    StageKind.INQUIRY: ("limit", "led_by", "departments"),
    StageKind.INSPECTION: ("limit", "sample"),
    StageKind.AUDIT: ("limit", "led_by", "sample"),
    StageKind.PUBLICITY: ("publicity",),
    StageKind.DECISION: ("limit",),
    StageKind.OUTSIDE: (),
}
# Where those sit who work at a level; of an outside decision the city records what was decided.
SEATS_OF_LEVEL = {
    Level.DISTRICT: OfficeKind.DISTRICT,
    Level.CITY: OfficeKind.CITY,
    Level.DEPARTMENTS: OfficeKind.DEPARTMENT,
    Level.AUDITOR: OfficeKind.AUDITOR,
    Level.OUTSIDE: OfficeKind.CITY,
}
_LAST_WORD = (StageKind.DECISION, StageKind.OUTSIDE)


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a procedure, to say on which line a fault stands."""

    file: str
    text: str

    def fault(self, message: str, stage: int | None = None, part: str = "", key: str = "") -> RuleError:
        """Return the error for a fault.

        Args:
            stage: which stage, counted from 0; None for the head of the file.
            part: the entry at fault, or the key of the outcome.
            key: what the stage is called, where it is known.
        """
        line = self._line(stage, part)
        place = f"{self.file}:{line}" if line else self.file
        return RuleError(message if stage is None else f"stage {key or stage + 1}: {message}", file=place)

    def _line(self, stage: int | None, part: str) -> int | None:
        lines = self.text.splitlines()
        headers = [number for number, line in enumerate(lines, 1) if line.strip() == _HEADER]
        if stage is None:
            first, last = 1, headers[0] - 1 if headers else len(lines)
        elif stage < len(headers):
            first, last = headers[stage], [*headers, len(lines) + 1][stage + 1] - 1
        else:
            return None
        # The entry itself, or the outcome of that key, or at least where the stage is named.
        entry, outcome = rf"\s*\[?{re.escape(part)}\s*[]=]", rf".*\bkey = \"{re.escape(part)}\""
        patterns = [*([entry, outcome] if part else []), *([] if stage is None else [r"\s*key\s*="])]
        for pattern in patterns:
            for number in range(first, last + 1):
                if re.match(pattern, lines[number - 1]):
                    return number
        return None if stage is None else first


def check(procedure: Procedure, source: Source) -> None:
    """Refuse a procedure whose course does not hold together.

    Raises:
        RuleError: with the file, the line and the stage of the first fault.
    """
    if not procedure.stages:
        raise source.fault("no stages")
    keys = [one.key for one in procedure.stages]
    for number, stage in enumerate(procedure.stages):
        for part, message in (*_of_itself(stage), *_outcomes(procedure, stage, number), *_place(procedure, number)):
            raise source.fault(message, number, part, stage.key)
        if keys.index(stage.key) != number:
            raise source.fault("the key stands twice", number, "key", stage.key)
    for number, part, message in _course(procedure):
        raise source.fault(message, number, part, keys[number])


def _of_itself(stage: Stage) -> Iterator[tuple[str, str]]:
    if stage.key in (RETURNED, *Ending):
        yield "key", "this word is kept for the end of a case or its return"
    if stage.level not in LEVELS_OF_KIND[stage.kind]:
        yield "level", f"{stage.kind} is done at {' or '.join(LEVELS_OF_KIND[stage.kind])}, not at {stage.level}"
    yield from _roles(stage)
    wanted = PARTS_OF_KIND[stage.kind]
    for part in ("limit", "led_by", "publicity", "sample", "departments"):
        given = bool(getattr(stage, part))
        if part in wanted and not given:
            yield part, f"{part} is missing"
        if given and part not in wanted:
            yield part, f"{part} does not belong to a stage of kind {stage.kind}"
    if stage.inspects and stage.kind is not StageKind.REVIEW:
        yield "inspects", "only a review inspects of its own accord"
    if stage.led_by not in (None, Level.DISTRICT, Level.CITY):
        yield "led_by", f"a bureau leads: district or city, not {stage.led_by}"


def _roles(stage: Stage) -> Iterator[tuple[str, str]]:
    if not stage.roles:
        yield "roles", "roles is missing"
    for role in stage.roles:
        if role in ADMINISTRATORS or SEATED_IN[role] is not SEATS_OF_LEVEL.get(stage.level):
            yield "roles", f"{role} does not work at {stage.level}"


def _outcomes(procedure: Procedure, stage: Stage, number: int) -> Iterator[tuple[str, str]]:
    later = [one.key for one in procedure.stages[number + 1 :]]
    earlier = [one.key for one in procedure.stages[: number + 1]]
    if not any(one.to != RETURNED for one in stage.outcomes):
        yield "outcomes", "dead end: no outcome leads on or ends the case"
    keys = [one.key for one in stage.outcomes]
    for one in stage.outcomes:
        if keys.count(one.key) > 1:
            yield one.key, f"the outcome {one.key} stands twice"
        if one.key in list(Action):
            yield one.key, f"the outcome {one.key} is called like an action that every case has"
        if one.to in earlier:
            yield one.key, f"the outcome {one.key} leads back to {one.to}: stages stand in order"
        elif one.to not in (*later, RETURNED, *DECIDED_ENDINGS):
            yield one.key, f"the outcome {one.key} leads nowhere: there is no {one.to!r}"
        yield from _ending(stage, one)


def _ending(stage: Stage, outcome: Outcome) -> Iterator[tuple[str, str]]:
    if outcome.to == RETURNED and stage.kind is not StageKind.REVIEW:
        yield outcome.key, "only a review returns a case to the firm"
    if outcome.to == Ending.RECOGNISED and stage.kind not in _LAST_WORD:
        yield outcome.key, "only a decision recognises"
    if outcome.to == Ending.ENTERED and stage.kind is not StageKind.OUTSIDE:
        yield outcome.key, "no bureau admits a firm by itself: only an outside decision enters it"


def _place(procedure: Procedure, number: int) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the sample of a stage, seen from the stages before."""
    sample = procedure.stages[number].sample
    if sample is None:
        return
    before = procedure.stages[:number]
    sampling = {one.desk for one in before if one.inspects or one.sample}
    for level in sample.never_after:
        if level not in sampling:
            yield "sample", f"never_after names {level}, which samples at no earlier stage"


def _course(procedure: Procedure) -> Iterator[tuple[int, str, str]]:
    stages = procedure.stages
    reached = {stages[0].key}
    for number, stage in enumerate(stages):
        if stage.key not in reached:
            yield number, "key", "unreachable: no outcome leads here"
        reached |= {one.to for one in stage.outcomes}
    desks = [one.desk for one in stages]
    for number, stage in enumerate(stages):
        before = desks[:number]
        if stage.desk in before and before[-1] is not stage.desk:
            yield number, "level", f"{stage.desk} decides twice: the case had left its hands"
        if stage.kind is StageKind.REVIEW and any(
            one.desk is stage.desk and one.kind is StageKind.REVIEW for one in stages[:number]
        ):
            yield number, "kind", f"{stage.desk} decides twice: it has reviewed the case before"
        if stage.kind in _LAST_WORD and number != len(stages) - 1:
            yield number, "kind", f"{stage.kind} has the last word: no stage follows it"
    if stages[-1].kind not in _LAST_WORD:
        yield len(stages) - 1, "kind", "nobody has the last word: the last stage is a decision or an outside decision"


def known_role(name: object) -> Role | None:
    """Return the role of a name; None: there is none."""
    return Role(name) if isinstance(name, str) and name in list(Role) else None
