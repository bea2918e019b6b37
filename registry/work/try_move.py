"""Finds out whether a move of a case could be made now, and why not, without making it. Reads only.

`registry.work.move_case` asks the same here before it makes one, so that what is shown before is what comes of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.case_states import State
from registry.domain.casework import Move, find_move
from registry.domain.errors import Barred, MoveNotAllowed
from registry.domain.procedure import Procedure
from registry.store.cases import Application
from registry.work.case_bars import ensure_not_barred, procedure_of, seats_at, state_of
from registry.work.case_guards import Attempt, Given, ensure_guarded
from registry.work.case_steps import ensure_seen


@dataclass(frozen=True, slots=True)
class Ready:
    """A move that nothing stands against now, and the seat in which it is made."""

    procedure: Procedure
    state: State
    seat: Seat
    move: Move


def ensure_possible(
    session: Session,
    actor: Actor,
    seats: Iterable[Seat],
    case: Application,
    action: str,
    given: Given,
    now: datetime,
) -> Ready:
    """Return the move that an action is, in the first of the seats whose role may, when it can be made now.

    Raises:
        MoveNotAllowed: the state, or something the move needs, or another's step meanwhile stands against it.
        Barred: the actor may not work on this case.
    """
    ensure_seen(case, given.version)
    procedure, state = procedure_of(case, now.date()), state_of(case)
    seat, move = _found(procedure, state, action, [one for one in seats if one in actor.seats], case)
    ensure_not_barred(session, actor, case, move, now)
    ensure_guarded(Attempt(session, case, procedure, move, actor, seat, given, now))
    return Ready(procedure, state, seat, move)


def possible(
    session: Session,
    actor: Actor,
    seats: Iterable[Seat],
    case: Application,
    action: str,
    given: Given,
    now: datetime,
) -> str | None:
    """Say why a move cannot be made now, in both languages; None when it can."""
    try:
        ensure_possible(session, actor, seats, case, action, given, now)
    except (MoveNotAllowed, Barred) as refused:
        return str(refused)
    return None


def _found(procedure: Procedure, state: State, action: str, seats: list[Seat], case: Application) -> tuple[Seat, Move]:
    """Return the first seat in which an action may be done now, with the move that it is."""
    if not seats:
        raise Barred("您没有办理本案的席位 (none of your seats covers this case)")
    refused: MoveNotAllowed | None = None
    for seat in seats:
        if not seats_at(case, seat):
            continue
        try:
            return seat, find_move(procedure, state, action, seat.role)
        except MoveNotAllowed as found:
            refused = refused or found
    raise refused or Barred("您没有办理本案的席位 (none of your seats covers this case)")
