"""What was found of a case beside its papers: answers of departments, samples, publicities, objections. Reads only."""

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from registry.store.examinations import Inquiry, SampleDraw, SampleMember
from registry.store.publicities import Objection, Publicity, PublicityEntry


def inquiries_of(session: Session, case_id: int) -> dict[str, Inquiry]:
    """Return what the departments were asked about a case, by department."""
    rows = session.scalars(select(Inquiry).where(Inquiry.application_id == case_id).order_by(Inquiry.id))
    return {row.department: row for row in rows}


def sample_of(session: Session, case_id: int, stage: str) -> SampleMember | None:
    """Return how a case fared in the draw at a stage; None when it was in none."""
    query = (
        select(SampleMember)
        .join(SampleDraw, SampleDraw.id == SampleMember.draw_id)
        .where(SampleMember.application_id == case_id, SampleDraw.stage == stage)
    )
    return session.scalars(query.order_by(SampleMember.draw_id.desc()).limit(1)).first()


def publicity_of(session: Session, case_id: int, stage: str) -> Publicity | None:
    """Return the list on which a case was made public at a stage."""
    query = (
        select(Publicity)
        .join(PublicityEntry, PublicityEntry.publicity_id == Publicity.id)
        .where(PublicityEntry.application_id == case_id, Publicity.stage == stage)
    )
    return session.scalars(query.order_by(Publicity.id.desc()).limit(1)).first()


def objections_open(session: Session, case_id: int) -> int:
    """Count the objections to a case that were not answered yet."""
    query = select(func.count()).select_from(Objection)
    return session.scalar(query.where(Objection.application_id == case_id, Objection.replied_at.is_(None))) or 0


def has_upheld(session: Session, case_id: int) -> bool:
    """Say whether an objection to a case was upheld."""
    upheld = exists().where(Objection.application_id == case_id, Objection.is_upheld.is_(True))
    return bool(session.scalar(select(upheld)))
