"""Reminds whoever is at work on a case 催办, at most once a working day. Flushes, never commits."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.case_states import Phase
from registry.domain.casework import leaders_at
from registry.domain.errors import MoveNotAllowed
from registry.domain.procedure import StageKind
from registry.domain.roles import Role
from registry.domain.trail import Tag
from registry.domain.workdays import next_workday
from registry.store.cases import Application, CaseStep
from registry.store.notices import Notice
from registry.store.people import Person
from registry.work.assign_case import people_at_desk
from registry.work.case_bars import procedure_of, seats_at, state_of
from registry.work.case_findings import inquiries_of, sample_of
from registry.work.case_steps import ensure_seen, note_step
from registry.work.keep_calendar import calendar_of
from registry.work.notify import FIRM_CASE, OFFICE_CASE, people_of_firm, people_of_office, tell, told_of_case
from registry.work.post import Post
from registry.work.trace import record

_DAY = timedelta(days=1)


def people_at_work(session: Session, case: Application, on: date) -> list[Person]:
    """Return who is at work on a case now: the firm, departments that have not answered, the auditor, or the desk.

    At the desk it is whoever has the case in hand; while nobody has, everybody there.
    """
    state = state_of(case)
    if state.phase is Phase.RETURNED:
        return people_of_firm(session, case.firm_id, on)
    stage = procedure_of(case).stage(state.at) if state.phase is Phase.STAGE else None
    if stage is not None and stage.kind is StageKind.INQUIRY:
        asked = inquiries_of(session, case.id)
        silent = [one for one in asked if asked[one].answer is None]
        if silent:
            return [
                person
                for department in silent
                for person in people_of_office(session, Role.DEPARTMENT_OFFICER, department=department)
            ]
    if stage is not None and stage.kind is StageKind.AUDIT:
        drawn = sample_of(session, case.id, stage.key)
        if drawn is not None and drawn.is_drawn and drawn.result is None and drawn.auditor_id is not None:
            return people_of_office(session, Role.AUDITOR, office_id=drawn.auditor_id)
    desk = people_at_desk(session, case)
    return [one for one in desk if one.id == case.handler_id] or desk


def ensure_remindable(
    session: Session,
    actor: Actor,
    seats: Iterable[Seat],
    case: Application,
    *,
    version: int | None = None,
    now: datetime,
) -> tuple[Seat, list[Person]]:
    """Return the seat in which somebody can be reminded of a case now, and who that is.

    Raises:
        MoveNotAllowed: it is closed or not begun, nobody is there but the actor, it was done today, the case changed.
    """
    ensure_seen(case, version)
    roles = leaders_at(procedure_of(case), state_of(case))
    if not roles:
        raise MoveNotAllowed("本案没有在办理，不必催办 (nobody is at work on it: there is nobody to remind)")
    # The city may remind a district; a district reminds on what lies at its own desk.
    seat = next(
        (
            one
            for one in seats
            if one in actor.seats and seats_at(case, one) and (one.role in roles or one.role is Role.CITY_REVIEWER)
        ),
        None,
    )
    if seat is None:
        raise MoveNotAllowed("本案现在不在您的办公台，不能催办 (the case is not at your desk now)")
    people = [one for one in people_at_work(session, case, now.date()) if one.id != actor.person_id]
    if not people:
        raise MoveNotAllowed("现在只有您在办理本案，没有可催办的人 (only you are at work on it)")
    if session.scalar(select(Notice.id).where(Notice.once == _once(session, case, now.date())).limit(1)) is not None:
        raise MoveNotAllowed(
            "今天已经催办过，下一个工作日可以再催 (reminded today already: again on the next working day)"
        )
    return seat, people


def remind(
    session: Session,
    actor: Actor,
    seats: Iterable[Seat],
    case: Application,
    *,
    version: int | None = None,
    now: datetime,
    post: Post | None = None,
) -> tuple[CaseStep, list[Person]]:
    """Remind whoever is at work on a case; return the step, and who was told.

    Raises:
        MoveNotAllowed: as `ensure_remindable`.
    """
    seat, people = ensure_remindable(session, actor, seats, case, version=version, now=now)
    names = [one.name for one in people]
    step = note_step(session, actor, seat, case, action="remind", details={"told": names}, now=now)
    subject = f"application:{case.id}"
    record(session, Tag.CASE_REMINDED, actor.doer(seat), now=now, subject=subject, after={"told": names})
    is_firm = state_of(case).phase is Phase.RETURNED
    told = told_of_case(case) | {"by": "" if is_firm else actor.name}
    tell(
        session,
        people,
        "reminder",
        told,
        once=_once(session, case, now.date()),
        address=(FIRM_CASE if is_firm else OFFICE_CASE).format(case.id),
        firm_id=case.firm_id,
        application_id=case.id,
        now=now,
        post=post,
    )
    return step, people


def _once(session: Session, case: Application, today: date) -> str:
    """Return what makes a reminder the same: the case, and the working day it falls on or before."""
    return f"case:{case.id}:remind:{next_workday(today - _DAY, calendar_of(session))}"
