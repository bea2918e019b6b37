"""Lists for those who file applications: their own cases, and the names of their own people on a case."""

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from registry.domain.procedure import Level
from registry.store.cases import Application, CaseStep
from registry.store.people import Person


def applications_listed(session: Session, visible: ColumnElement[bool], limit: int) -> list[Application]:
    """Return the applications that the reader may see, those under way first, then the newest."""
    query = select(Application).where(visible).order_by(Application.closed_at.is_not(None), Application.id.desc())
    return list(session.scalars(query.limit(limit)))


def filers_of(session: Session, case_id: int) -> dict[int, str]:
    """Return the names of the firm's own people who took a step on a case, by their number."""
    query = (
        select(Person.id, Person.name)
        .join(CaseStep, CaseStep.person_id == Person.id)
        .where(CaseStep.application_id == case_id, CaseStep.level == Level.FIRM)
    )
    return {number: name for number, name in session.execute(query.distinct())}
