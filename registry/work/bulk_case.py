"""What can be done with many cases at once: what is offered, what would come of it for each, and doing it to one.

Only what needs no more than an opinion is offered: a return names fields, an announcement and what was decided outside
are made elsewhere. What would come of it is asked of the same functions that do it. Flushes, never commits.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.case_states import Guard, Phase, State
from registry.domain.casework import Move, table
from registry.domain.errors import Barred, MoveNotAllowed, Refused
from registry.domain.procedure import Ending, Procedure, StageKind, Words
from registry.domain.roles import Role
from registry.domain.told import action_words, state_words
from registry.policy.procedures import procedures
from registry.store.cases import Application
from registry.work.assign_case import assign, ensure_assignable
from registry.work.case_bars import procedure_of, state_of
from registry.work.case_guards import Given
from registry.work.move_case import make_move
from registry.work.post import Post
from registry.work.remind_case import ensure_remindable, remind
from registry.work.try_move import ensure_possible

ASSIGN, REMIND = "assign", "remind"
MOST = 100
_ELSEWHERE = frozenset({Ending.RECOGNISED, Ending.ENTERED})


@dataclass(frozen=True, slots=True)
class Offer:
    """A move that may be made of many cases: in which state, what it is called there, whether it asks for an opinion.

    Attributes:
        key: the state and the action, as `stage:city_review/propose`.
    """

    key: str
    where: Words
    words: Words
    needs_opinion: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to be done with every case that was ticked.

    Attributes:
        action: the key of an offer, or ASSIGN, or REMIND.
        handler_id: to whom it is assigned; None: to nobody.
    """

    action: str
    opinion: str = ""
    handler_id: int | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would come of it for a case.

    Attributes:
        before: where it stands, or who has it in hand, in both languages.
        after: where it would stand, who would have it or be reminded; None where nothing can be done.
        why: why nothing can be done, as messages are written; empty where it can.
        goes_on: whoever examined it passes it on, which speaks for the firm.
    """

    case: Application
    before: Words
    after: Words | None
    why: str = ""
    goes_on: bool = False


def offers(roles: Iterable[Role], cases: Iterable[Application] | None = None) -> list[Offer]:
    """Return what may be done with many cases by some roles: with any case, or with one of those given."""
    held = frozenset(roles)
    at = None if cases is None else {(case.procedure_id, case.state) for case in cases}
    found: dict[str, list[tuple[Words, Words, bool]]] = {}
    for one in procedures():
        for move in table(one):
            if move.role in held and _is_simple(one, move) and (at is None or (one.id, str(move.state)) in at):
                words = (
                    state_words(one, move.state),
                    action_words(one, move.state, move.action),
                    Guard.OPINION_GIVEN in move.guards,
                )
                found.setdefault(f"{move.state}/{move.action}", []).append(words)
    return [
        Offer(key, _joined(one[0] for one in rows), _joined(one[1] for one in rows), any(one[2] for one in rows))
        for key, rows in found.items()
    ]


def look_ahead(
    session: Session,
    actor: Actor,
    seats: list[Seat],
    case: Application,
    chosen: Chosen,
    names: Mapping[int, str],
    *,
    now: datetime,
) -> Outlook:
    """Return what would come of it for a case now. Reads only.

    Args:
        names: of the people who may have a case in hand, by number.
    """
    procedure, state = procedure_of(case), state_of(case)
    before = _name(names, case.handler_id) if chosen.action == ASSIGN else state_words(procedure, state)
    goes_on = False
    try:
        if chosen.action == ASSIGN:
            _seat, handler = ensure_assignable(session, actor, seats, case, chosen.handler_id, now=now)
            after = (handler.name, handler.name) if handler else _name(names, None)
        elif chosen.action == REMIND:
            _seat, people = ensure_remindable(session, actor, seats, case, now=now)
            told = "、".join(one.name for one in people)
            after = (f"提醒：{told}", f"Reminded: {told}")
        else:
            action = _action_at(case, chosen.action)
            ready = ensure_possible(session, actor, seats, case, action, Given(opinion=chosen.opinion), now)
            after = state_words(procedure, ready.move.to)
            goes_on = state.phase is Phase.STAGE and not ready.move.to.is_over
    except (MoveNotAllowed, Barred, Refused) as refused:
        return Outlook(case, before, None, why_of(refused))
    return Outlook(case, before, after, goes_on=goes_on)


def carry_out(
    session: Session,
    actor: Actor,
    seats: list[Seat],
    case: Application,
    chosen: Chosen,
    *,
    version: int,
    now: datetime,
    post: Post | None = None,
) -> None:
    """Do it to a case, as it was when it was looked at.

    Raises:
        MoveNotAllowed, Barred, Refused: it cannot be done any more; says why.
    """
    if chosen.action == ASSIGN:
        note = chosen.opinion
        assign(session, actor, seats, case, chosen.handler_id, note=note, version=version, now=now, post=post)
    elif chosen.action == REMIND:
        remind(session, actor, seats, case, version=version, now=now, post=post)
    else:
        action = _action_at(case, chosen.action, version)
        given = Given(opinion=chosen.opinion, version=version)
        make_move(session, actor, seats, case, action, given, now=now, post=post)


def why_of(refused: MoveNotAllowed | Barred | Refused) -> str:
    """Return why something cannot be done, as messages are written."""
    return refused.faults[0].message if isinstance(refused, Refused) else str(refused)


def _action_at(case: Application, key: str, version: int | None = None) -> str:
    """Return the action that an offer is, if it is one in the state of the case.

    Raises:
        MoveNotAllowed: the case is in another state; where it changed since it was looked at, the deed says so itself.
    """
    at, _, action = key.partition("/")
    if case.state != at and version in (None, case.version):
        chinese, english = state_words(procedure_of(case), state_of(case))
        raise MoveNotAllowed(
            f"本案现处于“{chinese}”，不在所选事项的环节 (the case is at “{english}”, where this cannot be done)"
        )
    return action


def _is_simple(procedure: Procedure, move: Move) -> bool:
    """Say whether a move brings a case on and asks for nothing but an opinion."""
    state = move.state
    if move.stays or Guard.OWN_FILING in move.guards or state.phase is Phase.DRAFT:
        return False
    if move.to.phase is Phase.RETURNED or move.to in {State(Phase.ENDED, one) for one in _ELSEWHERE}:
        return False
    return state.phase is not Phase.STAGE or procedure.stage(state.at).kind is not StageKind.OUTSIDE


def _joined(pairs: Iterable[Words]) -> Words:
    each = list(dict.fromkeys(pairs))
    return "／".join(dict.fromkeys(one[0] for one in each)), " / ".join(dict.fromkeys(one[1] for one in each))


def _name(names: Mapping[int, str], person_id: int | None) -> Words:
    if person_id is None:
        return "未分派", "Nobody"
    name = names.get(person_id, "")
    return (name, name) if name else ("他人", "Somebody")
