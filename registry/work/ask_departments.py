"""Asks the departments about a case, and takes their answers: one each, once. Flushes, never commits.

What they answered decides nothing: the bureau that asked takes the outcome of the stage when all of them answered.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.case_states import Action, Phase, State
from registry.domain.errors import MoveNotAllowed, Refused
from registry.domain.procedure import Stage, StageKind
from registry.domain.roles import DEPARTMENT_WORDS, Role
from registry.domain.trail import Tag
from registry.domain.workdays import deadline
from registry.policy.procedures import procedures
from registry.store.cases import Application
from registry.store.examinations import ANSWERS, Inquiry
from registry.work.case_bars import procedure_of, state_of
from registry.work.case_findings import inquiries_of
from registry.work.case_guards import LONGEST_OPINION, Given
from registry.work.keep_calendar import calendar_of
from registry.work.move_case import make_move
from registry.work.notify import people_of_office, tell, told_of_case
from registry.work.post import Post
from registry.work.trace import record

ANSWER_WORDS: Mapping[str, tuple[str, str]] = {
    "clear": ("无异议", "No objection"),
    "adverse": ("有否定意见", "Adverse opinion"),
}


def inquiry_states() -> tuple[str, ...]:
    """Return the states of cases in which departments are asked, by the procedures there are."""
    keys = {stage.key for one in procedures() for stage in one.stages if stage.kind is StageKind.INQUIRY}
    return tuple(str(State(Phase.STAGE, key)) for key in sorted(keys))


def inquiry_stage(case: Application) -> Stage | None:
    """Return the stage at which a case is, if it is one at which departments are asked."""
    state = state_of(case)
    stage = procedure_of(case).stage(state.at) if state.phase is Phase.STAGE else None
    return stage if stage is not None and stage.kind is StageKind.INQUIRY else None


def ask_about_all(
    session: Session,
    actor: Actor,
    seats: Sequence[Seat],
    cases: Iterable[Application],
    *,
    now: datetime,
    post: Post | None = None,
) -> int:
    """Ask every department of the stage about cases, once; each officer is told once of all of them. Return how many.

    Raises:
        MoveNotAllowed: a case is not at such a stage, or they were asked about it already; then nothing is asked about
            the others either.
        Barred: the actor may not work on one of the cases.
    """
    asked = [(case, _ask(session, actor, seats, case, now)) for case in cases]
    by_department: dict[str, list[Inquiry]] = {}
    for row in (one for _case, rows in asked for one in rows):
        by_department.setdefault(row.department, []).append(row)
    for rows in by_department.values():
        _tell(session, asked[0][0], rows, now, post)
    return len(asked)


def _tell(session: Session, case: Application, rows: Sequence[Inquiry], now: datetime, post: Post | None) -> None:
    """Tell the officers of a department what it was asked: about the case, or about it and others."""
    is_one, row = len(rows) == 1, rows[0]
    told = told_of_case(case) if is_one else {"count": len(rows)}
    tell(
        session,
        people_of_office(session, Role.DEPARTMENT_OFFICER, department=row.department),
        "inquiry",
        {**told, "department": row.department, "due_on": row.due_on, "is_provisional": row.due_is_provisional},
        once=f"inquiry:{row.id}",
        address=f"/inquiries/{case.id}" if is_one else "/inquiries",
        application_id=case.id if is_one else None,
        now=now,
        post=post,
    )


def _ask(session: Session, actor: Actor, seats: Iterable[Seat], case: Application, now: datetime) -> list[Inquiry]:
    stage = inquiry_stage(case)
    if stage is not None and inquiries_of(session, case.id):
        raise MoveNotAllowed(f"{case.reference} 已经发函，不能重复 (the departments were asked about {case.reference})")
    departments = stage.departments if stage else ()
    step = make_move(session, actor, seats, case, Action.ASK, Given(details={"departments": departments}), now=now)
    if stage is None or stage.limit is None:
        raise LookupError(f"case {case.id} was asked about at a stage without departments or a time limit")
    end = deadline(now.date(), stage.limit, calendar_of(session))
    rows = [
        Inquiry(
            application_id=case.id,
            department=one,
            asked_at=now,
            asked_by=step.doer,
            due_on=end.last_day,
            due_is_provisional=end.is_provisional,
            opinion="",
        )
        for one in departments
    ]
    session.add_all(rows)
    session.flush()
    told = {"departments": departments, "due_on": end.last_day, "is_provisional": end.is_provisional}
    seat = next(one for one in actor.seats if one.id == step.seat_id)
    record(session, Tag.INQUIRY_ASKED, actor.doer(seat), now=now, subject=f"application:{case.id}", after=told)
    return rows


def answer_inquiry(
    session: Session,
    actor: Actor,
    seats: Iterable[Seat],
    case: Application,
    *,
    answer: str,
    opinion: str = "",
    now: datetime,
    post: Post | None = None,
) -> Inquiry:
    """Answer for a department whether anything stands against a firm; an adverse answer says what.

    Raises:
        Refused: at `answer`, or at `opinion`: an adverse one without, or one that is too long.
        MoveNotAllowed: the department was not asked, has answered, or the case is elsewhere by now.
        Barred: the actor may not work on this case.
    """
    words = opinion.strip()
    if answer not in ANSWERS:
        raise Refused.at("answer", "请选择答复：无异议，或有否定意见 (choose: no objection, or an adverse opinion)")
    if answer == "adverse" and not words:
        raise Refused.at("opinion", "有否定意见的，请写明事由和依据 (an adverse opinion needs its grounds)")
    if len(words) > LONGEST_OPINION:
        raise Refused.at("opinion", f"意见不超过 {LONGEST_OPINION} 字 (at most {LONGEST_OPINION} characters)")
    asked = inquiries_of(session, case.id)
    acting = [seat for seat in seats if seat.department]
    # Whoever sits in two departments answers first for the one that has not answered yet.
    waiting = [seat for seat in acting if (row := asked.get(str(seat.department))) and row.answer is None]
    given = Given(opinion=words, details={"answer": answer})
    step = make_move(session, actor, (waiting or acting)[:1], case, Action.ANSWER, given, now=now, post=post)
    seat = next(one for one in actor.seats if one.id == step.seat_id)
    row = asked[str(seat.department)]
    row.answer, row.opinion, row.answered_at, row.answered_by = answer, words, now, actor.person_id
    session.flush()
    told = {"department": row.department, "answer": answer, "opinion": words}
    record(session, Tag.INQUIRY_ANSWERED, actor.doer(seat), now=now, subject=f"application:{case.id}", after=told)
    return row


def answer_clear(
    session: Session,
    actor: Actor,
    seats: Sequence[Seat],
    cases: Iterable[Application],
    *,
    now: datetime,
    post: Post | None = None,
) -> int:
    """Answer for several firms that nothing stands against them, for each department of the actor; all or none.

    Return for how many firms.

    Raises:
        MoveNotAllowed, Barred: as `answer_inquiry`, for any of them.
    """
    count = 0
    for case in cases:
        asked = inquiries_of(session, case.id)
        waiting = [one for one in seats if one.department in asked and asked[str(one.department)].answer is None]
        # Where none of them waits, the one deed says why.
        for some in [[one] for one in waiting] or [list(seats)]:
            answer_inquiry(session, actor, some, case, answer="clear", opinion="", now=now, post=post)
        count += 1
    return count


def department_words(departments: Sequence[str]) -> tuple[str, str]:
    """Return departments in a line, in both languages."""
    words = [DEPARTMENT_WORDS[one] for one in departments]
    return "、".join(one for one, _english in words), ", ".join(english for _one, english in words)
