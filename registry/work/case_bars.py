"""Whether somebody may work on a case now: his office has it, and nothing ties him to it. Reads only."""

from datetime import date, datetime, timedelta, timezone

from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.case_states import Action, Guard, State
from registry.domain.casework import Move, allowed
from registry.domain.conflicts import ToDecide
from registry.domain.errors import Barred
from registry.domain.procedure import Level, Procedure
from registry.domain.roles import Role
from registry.policy.procedures import procedure, procedures
from registry.store.cases import Application
from registry.work.decide import bar_for

# Kept moments come back in UTC, whose day is another one until eight in the morning; all of China keeps one time.
_CHINA = timezone(timedelta(hours=8))


def procedure_of(case: Application, on: date | None = None) -> Procedure:
    """Return the procedure of a case: the one fixed when it was submitted; of a draft that of a day.

    Args:
        on: the day for a draft; the one on which it was begun unless given.

    Raises:
        Refused: none is in force for its tier.
    """
    if case.procedure_id is None:
        return procedure(case.tier, on or case.opened_at.astimezone(_CHINA).date())
    return next(one for one in procedures() if one.id == case.procedure_id)


def state_of(case: Application) -> State:
    """Return where a case stands."""
    return State.parse(case.state)


def matter_of(case: Application, level: Level | str) -> ToDecide:
    """Return a case as something to decide at a level."""
    return ToDecide(("application", case.id), str(level), case.uscc, case.kind == "re_review")


def seats_at(case: Application, seat: Seat) -> bool:
    """Say whether a seat reaches the office that handles a case; a second look beside the scoped query."""
    if seat.role is Role.DISTRICT_REVIEWER:
        return seat.district == case.district
    if seat.role is Role.APPLICANT:
        return case.firm_id in seat.firm_ids
    return True


def bar_of(session: Session, actor: Actor, case: Application, level: Level | str, now: datetime) -> str | None:
    """Say why somebody may not work on a case at a level, in both languages; None when nothing stands against it."""
    return bar_for(session, actor, matter_of(case, level), now)


def ensure_not_barred(session: Session, actor: Actor, case: Application, move: Move, now: datetime) -> None:
    """Refuse an official who is tied to the firm, or who worked on the case at another level.

    Raises:
        Barred: says why.
    """
    # A draw is by lot among all of them: it takes no stand on any firm, and one tie would keep a bureau from drawing.
    # Who records what was decided outside decides nothing.
    if move.level in (Level.FIRM, Level.OUTSIDE) or move.action == Action.DRAW:
        return
    against = bar_of(session, actor, case, move.level, now)
    if against:
        raise Barred(against)


def ensure_at_work(session: Session, actor: Actor, seat: Seat, case: Application, now: datetime) -> bool:
    """Say whether a seat's office has a case at its desk now.

    Raises:
        Barred: it has, but this person is tied to it.
    """
    moves = allowed(procedure_of(case), state_of(case), seat.role)
    # Who filed it for the firm may withdraw it anywhere, which puts it on nobody's desk.
    found = [one for one in moves if one.state.at and Guard.OWN_FILING not in one.guards]
    if not found or not seats_at(case, seat):
        return False
    ensure_not_barred(session, actor, case, found[0], now)
    return True
