"""What the first page of the bureau's staff asks: cases by where they wait, lists about to end, what is unanswered."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from registry.store.cases import Application
from registry.store.desk_states import in_states, under_way
from registry.store.jobs import Job
from registry.store.publicities import Objection, Publicity

# So long a job that failed is told of.
_LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Cases in one state of a procedure, in one district.

    Attributes:
        since: when the one that has waited longest came into the state.
        overdue: how many are past their day.
    """

    procedure_id: str
    state: str
    district: str
    count: int
    since: datetime
    overdue: int


@dataclass(frozen=True, slots=True)
class Unanswered:
    """What nobody has seen to yet.

    Attributes:
        since: when the oldest objection was made; None where there is none.
        failed: jobs of whoever asks that failed lately.
    """

    objections: int
    since: datetime | None
    failed: int


def cases_waiting_where(session: Session, visible: ColumnElement[bool], today: date) -> list[Waiting]:
    """Count the cases under way by procedure, state and district. One look-up, by the index of the desk."""
    query = (
        select(
            Application.procedure_id,
            Application.state,
            Application.district,
            func.count(),
            func.min(Application.entered_at),
            func.count().filter(Application.due_on < today),
        )
        .where(visible, in_states(under_way()), Application.procedure_id.is_not(None))
        .group_by(Application.procedure_id, Application.state, Application.district)
        .order_by(Application.procedure_id, Application.state, Application.district)
    )
    rows = session.execute(query)
    return [Waiting(str(kept_by), state, place, count, at, late) for kept_by, state, place, count, at, late in rows]


def lists_ending(session: Session, visible: ColumnElement[bool], first: date, last: date) -> list[Publicity]:
    """Return the publicity lists whose last day is one of some days."""
    query = select(Publicity).where(Publicity.last_day.between(first, last), visible)
    return list(session.scalars(query.order_by(Publicity.last_day, Publicity.id)))


def unanswered(session: Session, visible: ColumnElement[bool], person_id: int, now: datetime) -> Unanswered:
    """Return the objections without an answer to cases within reach, and one's own jobs that failed. One look-up."""
    objections = (
        select(func.count(), func.min(Objection.made_at))
        .join(Application, Application.id == Objection.application_id)
        .where(Objection.replied_at.is_(None), visible)
        .subquery()
    )
    failed = (
        select(func.count())
        .select_from(Job)
        .where(Job.person_id == person_id, Job.state == "failed", Job.finished_at > now - _LATELY)
        .scalar_subquery()
    )
    count, since, of_jobs = session.execute(select(objections, failed)).one()
    return Unanswered(count, since, of_jobs)
