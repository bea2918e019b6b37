"""Assigns a case to one of those who have it at their desk, passes it on, or lays it back. Flushes, never commits.

It says who is to see to a case; whoever sits at that desk may still work on it.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.casework import leaders_at
from registry.domain.errors import Barred, MoveNotAllowed, Refused
from registry.domain.procedure import Level
from registry.domain.roles import Role
from registry.domain.trail import Tag
from registry.store.cases import Application, CaseStep
from registry.store.offices import OfficeRow, SeatRow
from registry.store.people import Person
from registry.work.case_bars import bar_of, procedure_of, seats_at, state_of
from registry.work.case_steps import add_step, advance, ensure_seen
from registry.work.notify import OFFICE_CASE, tell, told_of_case
from registry.work.post import Post
from registry.work.trace import record

LONGEST_NOTE = 500
_NOT_HERE = "本案现在不在您的办公台，不能分派 (the case is not at your desk now: it is not yours to assign)"


def people_at_desk(session: Session, case: Application) -> list[Person]:
    """Return those who have a case at their desk now and may sign in, by name; nobody of a closed one."""
    roles = leaders_at(procedure_of(case), state_of(case))
    found = people_in_roles(session, roles)
    return [person for person, role, district in found if role != Role.DISTRICT_REVIEWER or district == case.district]


def seat_at_desk(seats: Iterable[Seat], case: Application) -> Seat | None:
    """Return the first of some seats whose office has a case at its desk now."""
    roles = leaders_at(procedure_of(case), state_of(case))
    return next((one for one in seats if one.role in roles and seats_at(case, one)), None)


def people_in_roles(session: Session, roles: Iterable[str]) -> list[tuple[Person, str, str | None]]:
    """Return who sits in some roles at open offices, with role and district, by name."""
    query = (
        select(Person, SeatRow.role, OfficeRow.district)
        .join(SeatRow, SeatRow.person_id == Person.id)
        .join(OfficeRow, OfficeRow.id == SeatRow.office_id)
        .where(
            SeatRow.role.in_(sorted(roles)),
            SeatRow.ended_at.is_(None),
            OfficeRow.closed_at.is_(None),
            Person.active,
        )
        .order_by(Person.name, Person.id)
    )
    return [(person, role, district) for person, role, district in session.execute(query)]


def ensure_assignable(
    session: Session,
    actor: Actor,
    seats: Iterable[Seat],
    case: Application,
    handler_id: int | None,
    *,
    version: int | None = None,
    now: datetime,
) -> tuple[Seat, Person | None]:
    """Return the seat in which a case can be assigned to somebody now, and who that is.

    Raises:
        MoveNotAllowed: the case is not at a desk of the actor, it changed meanwhile, or it is assigned so already.
        Barred: the actor may not work on this case and has not got it in hand either.
        Refused: at `handler`: nobody of that desk, or somebody who may not work on this case.
    """
    ensure_seen(case, version)
    seat = seat_at_desk([one for one in seats if one in actor.seats], case)
    if seat is None:
        raise MoveNotAllowed(_NOT_HERE)
    level = _level(seat.role)
    # Who finds himself tied to the firm of a case in hand passes it on; he does not choose for others' cases.
    against = bar_of(session, actor, case, level, now) if case.handler_id != actor.person_id else None
    if against:
        raise Barred(against)
    if handler_id == case.handler_id:
        raise MoveNotAllowed(
            "已经由此人办理，无须再分派 (it is assigned to this person already)"
            if handler_id
            else "本案还没有分派给任何人 (it is assigned to nobody already)"
        )
    if handler_id is None:
        return seat, None
    handler = next((one for one in people_at_desk(session, case) if one.id == handler_id), None)
    if handler is None:
        raise Refused.at("handler", "请选择本机构在岗的审核人员 (choose somebody who sits at this desk)")
    if bar_of(session, Actor(handler.id, handler.name), case, level, now):
        raise Refused.at(
            "handler", f"{handler.name}须回避本案，请分派给他人 (this person may not work on it: choose another)"
        )
    return seat, handler


def assign(
    session: Session,
    actor: Actor,
    seats: Iterable[Seat],
    case: Application,
    handler_id: int | None,
    *,
    note: str = "",
    version: int | None = None,
    now: datetime,
    post: Post | None = None,
) -> CaseStep:
    """Assign a case to somebody at its desk, or to nobody; the one who gets it is told, with a note.

    Raises:
        Refused: at `note`; or as `ensure_assignable`.
        MoveNotAllowed, Barred: as `ensure_assignable`.
    """
    words = note.strip()
    if len(words) > LONGEST_NOTE:
        raise Refused.at("note", f"附言不超过 {LONGEST_NOTE} 字 (the note is too long)")
    seat, handler = ensure_assignable(session, actor, seats, case, handler_id, version=version, now=now)
    before = session.get(Person, case.handler_id) if case.handler_id is not None else None
    advance(session, case, {"handler_id": handler.id if handler else None})
    step = add_step(
        session,
        actor,
        seat,
        case,
        from_state=case.state,
        action="assign",
        opinion=words,
        details={"handler": handler.name if handler else "", "handler_id": handler.id if handler else None},
        now=now,
    )
    record(
        session,
        Tag.CASE_ASSIGNED,
        actor.doer(seat),
        now=now,
        subject=f"application:{case.id}",
        before={"handler": before.name if before else None},
        after={"handler": handler.name if handler else None} | ({"note": words} if words else {}),
    )
    if handler is not None and handler.id != actor.person_id:
        told = told_of_case(case) | {"by": actor.name, "note": words}
        tell(
            session,
            [handler],
            "assigned",
            told,
            once=f"case:{case.id}:step:{step.number}",
            address=OFFICE_CASE.format(case.id),
            firm_id=case.firm_id,
            application_id=case.id,
            now=now,
            post=post,
        )
    return step


def _level(role: Role) -> Level:
    return Level.DISTRICT if role is Role.DISTRICT_REVIEWER else Level.CITY
