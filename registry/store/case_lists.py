"""Reads of cases: one by its number within what the reader may see, its steps and its rounds."""

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from registry.store.cases import Application, ApplicationRound, CaseStep, ReturnedPart


def case_visible(session: Session, visible: ColumnElement[bool], number: int) -> Application | None:
    """Return a case by its number, if the reader may see it."""
    return session.scalars(select(Application).where(Application.id == number, visible)).one_or_none()


def cases_of_firm(session: Session, visible: ColumnElement[bool], firm_id: int) -> list[Application]:
    """Return the cases of a firm that the reader may see, those under way first, then the newest."""
    query = select(Application).where(Application.firm_id == firm_id, visible)
    return list(session.scalars(query.order_by(Application.closed_at.is_not(None), Application.id.desc())))


def steps_of(session: Session, case_id: int) -> list[CaseStep]:
    """Return what was done on a case, in order."""
    return list(session.scalars(select(CaseStep).where(CaseStep.application_id == case_id).order_by(CaseStep.number)))


def rounds_of(session: Session, case_id: int) -> list[ApplicationRound]:
    """Return what was submitted of a case, in order."""
    query = select(ApplicationRound).where(ApplicationRound.application_id == case_id)
    return list(session.scalars(query.order_by(ApplicationRound.round)))


def returned_parts(session: Session, case_id: int) -> list[ReturnedPart]:
    """Return what was ever asked to be corrected, by round."""
    query = select(ReturnedPart).where(ReturnedPart.application_id == case_id)
    return list(session.scalars(query.order_by(ReturnedPart.round, ReturnedPart.part)))
