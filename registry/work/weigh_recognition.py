"""Weighs who can be recognised: of every case that waits to be announced, what stands against it. Changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.case_states import Phase, State
from registry.domain.codes import LADDER
from registry.domain.procedure import Ending, Procedure, StageKind
from registry.policy.procedures import procedures
from registry.store.cases import Application
from registry.store.recognition_lists import last_days_made_public, recognised_already, with_upheld_objections
from registry.work.case_bars import procedure_of, state_of
from registry.work.case_guards import Given
from registry.work.issue_certificate import PREFIXES
from registry.work.try_move import possible

# What the document itself will bring.
_WORDED = Given(opinion="…", source="…")


@dataclass(frozen=True, slots=True)
class Line:
    """A case that waits to be announced.

    Attributes:
        public_until: the last day on which it was made public.
        against: why it cannot be recognised, in both languages; empty when it can.
    """

    case: Application
    public_until: date | None
    against: str


def waiting_states(tier: str) -> set[str]:
    """Return the states in which a case of a tier waits to be announced; none where others decide."""
    found = set()
    for one in procedures():
        if one.tier == tier and tier in PREFIXES:
            found |= {str(State(Phase.STAGE, stage.key)) for stage in one.stages if outcome_at(one, stage.key)}
    return found


def announced_tiers() -> tuple[str, ...]:
    """Return the tiers that the city itself recognises, from the lowest up."""
    return tuple(tier for tier in LADDER if waiting_states(tier))


def outcome_at(procedure: Procedure, stage: str) -> str | None:
    """Return the outcome of a stage by which a firm is recognised by decision; None where it has none."""
    found = next((one for one in procedure.stages if one.key == stage), None)
    if found is None or found.kind is not StageKind.DECISION:
        return None
    return next((one.key for one in found.outcomes if one.to == Ending.RECOGNISED), None)


def weigh(
    session: Session, actor: Actor, seats: Sequence[Seat], cases: Sequence[Application], on: date | None, now: datetime
) -> list[Line]:
    """Say of each case whether it can be recognised, by a document of a day or of whichever; changes nothing."""
    against = standing_against(session, cases, on)
    public = last_days_made_public(session, [case.id for case in cases])
    return [
        Line(case, public.get(case.id), against.get(case.id) or _lacking(session, actor, seats, case, now))
        for case in cases
    ]


def standing_against(session: Session, cases: Sequence[Application], on: date | None) -> dict[int, str]:
    """Return what stands against recognising cases by a document of a day, by case; asked of all at once."""
    ids = [case.id for case in cases]
    public, upheld = last_days_made_public(session, ids), with_upheld_objections(session, ids)
    held = recognised_already(session, [case.firm_id for case in cases], cases[0].tier, on) if cases and on else set()
    against: dict[int, str] = {}
    for case in cases:
        until = public.get(case.id)
        if outcome_at(procedure_of(case), state_of(case).at) is None:
            against[case.id] = "案件已不在公告环节 (it is no longer at the announcement)"
        elif case.id in upheld:
            against[case.id] = "有异议成立，应不予认定 (an objection was upheld: it is to be refused)"
        elif on and until and on <= until:
            against[case.id] = f"公示至 {until}，公告日期应在其后 (the publicity lasted to {until}: announce after it)"
        elif case.firm_id in held:
            against[case.id] = f"{on} 已有同一称号 (it holds this title from {on} on already)"
    return against


def _lacking(session: Session, actor: Actor, seats: Sequence[Seat], case: Application, now: datetime) -> str:
    """Say what the move would be refused for, but for the opinion, which is given when it is made."""
    outcome = outcome_at(procedure_of(case), state_of(case).at) or ""
    return possible(session, actor, seats, case, outcome, _WORDED, now) or ""
