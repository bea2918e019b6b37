"""Moves a case: the one door through which its state changes. Flushes, never commits.

What the table of moves does not hold is not possible; what a move needs is asked for, whoever is tied to the firm is
barred, a decision is taken once, the step is written down, the trail has it, and the firm is told – in one transaction.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.case_states import Action, Phase, State
from registry.domain.casework import Move, leaders_at, next_round
from registry.domain.procedure import Level, Procedure
from registry.domain.trail import Tag
from registry.domain.workdays import End, deadline
from registry.store.cases import Application, CaseStep
from registry.work.case_bars import matter_of
from registry.work.case_guards import Given
from registry.work.case_steps import add_step, advance
from registry.work.decide import enter_decision
from registry.work.keep_calendar import calendar_of
from registry.work.notify import tell_of_step
from registry.work.post import Post
from registry.work.trace import record
from registry.work.try_move import ensure_possible

NOTHING = Given()


def make_move(
    session: Session,
    actor: Actor,
    seats: Iterable[Seat],
    case: Application,
    action: str,
    given: Given = NOTHING,
    *,
    now: datetime,
    post: Post | None = None,
    fixed: Mapping[str, Any] | None = None,
) -> CaseStep:
    """Make a move of a case in the first of the seats whose role may; return the step.

    Whoever takes a case up has it in hand, unless it was assigned before.

    Args:
        seats: those whose reach covers the case; the caller found the case by the scoped query.
        action: an `Action`, or an outcome of the stage as its procedure names it.
        now: in the zone of the office.
        post: writes mails to those who are told; None: they read it here only.
        fixed: columns of the case that a submission settles.

    Raises:
        MoveNotAllowed: the state, or something the move needs, or another's step meanwhile stands against it.
        Barred: the actor may not work on this case.
    """
    ready = ensure_possible(session, actor, seats, case, action, given, now)
    procedure, state, seat, move = ready.procedure, ready.state, ready.seat, ready.move
    if move.decides in (Level.DISTRICT, Level.CITY):
        # Whether the actor is barred was asked with all else that the move needs, at the level that decides.
        enter_decision(
            session,
            actor,
            seat,
            matter_of(case, move.decides),
            kind=case.kind,
            outcome=str(action),
            reason=given.opinion.strip(),
            now=now,
        )
    before: dict[str, Any] = {"state": case.state, "round": case.round, "due_on": case.due_on}
    settled = dict(fixed or {})
    if move.action == Action.TAKE_UP and case.handler_id is None:
        settled["handler_id"] = actor.person_id
    _enter(session, case, procedure, move, settled, now)
    step = add_step(
        session,
        actor,
        seat,
        case,
        from_state=str(state),
        action=action,
        move=move,
        opinion=given.opinion.strip(),
        details=given.details,
        now=now,
    )
    told = {"action": str(action), "state": case.state, "round": case.round, "due_on": case.due_on}
    told |= {"opinion": step.opinion} if step.opinion else {}
    told |= {"handler": actor.name} if "handler_id" in settled else {}
    subject = f"application:{case.id}"
    record(session, Tag.CASE_MOVED, actor.doer(seat), now=now, subject=subject, before=before, after=told)
    tell_of_step(session, case, step, procedure, before=state, now=now, post=post)
    return step


def _enter(
    session: Session, case: Application, procedure: Procedure, move: Move, fixed: Mapping[str, Any], now: datetime
) -> None:
    """Bring a case into the state of a move, with its time limit."""
    if move.stays:
        advance(session, case, {})
        return
    values = {
        **fixed,
        "state": str(move.to),
        "round": next_round(case.round, move.action),
        "entered_at": now,
        "closed_at": now if move.to.is_over else None,
    }
    # Whoever had the case at another desk has no more to do with it.
    if leaders_at(procedure, move.to) not in ((), leaders_at(procedure, move.state)):
        values["handler_id"] = None
    # Taking up does not prolong: the first stage counts from the submission.
    if move.action != Action.TAKE_UP:
        end = due_of(session, procedure, move.to, now.date())
        values |= {"due_on": end.last_day if end else None, "due_is_provisional": bool(end and end.is_provisional)}
    advance(session, case, values)


def due_of(session: Session, procedure: Procedure, state: State, from_day: date) -> End | None:
    """Return by when a state is to be left, entered on a day; None where no limit is set."""
    limit: int | None = None
    if state.phase is Phase.SUBMITTED:
        limit = procedure.stages[0].limit
    elif state.phase is Phase.RETURNED:
        limit = procedure.correction_limit
    elif state.phase is Phase.STAGE:
        limit = procedure.stage(state.at).limit
    return deadline(from_day, limit, calendar_of(session)) if limit else None
