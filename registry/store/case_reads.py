"""What the page of a case reads: one look-up for each kind of thing, however much of it there is. Judges nothing."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from registry.store.cases import Application, ApplicationRound
from registry.store.decisions import Decision
from registry.store.evidence import Evidence
from registry.store.examinations import Inquiry, Judgement, SampleDraw, SampleMember
from registry.store.firms import Firm
from registry.store.offices import OfficeRow
from registry.store.people import Person
from registry.store.publicities import Objection, Publicity, PublicityEntry

REMOVED = "removed"
_HANDLER, _SPEAKER = aliased(Person), aliased(Person)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a firm submitted last in an earlier case.

    Attributes:
        firm: by contract §1, as its round keeps it.
    """

    reference: str
    tier: str
    firm: str


@dataclass(frozen=True, slots=True)
class Sampled:
    """How a case fared in a draw, with who was to look at it."""

    draw: SampleDraw
    member: SampleMember
    auditor: str


def case_opened(
    session: Session, visible: ColumnElement[bool], number: int
) -> tuple[Application, Firm, str | None] | None:
    """Return a submitted case by its number with its firm and the name of its handler, if the reader may see it.

    A draft is its filer's own; nobody else looks into it.
    """
    query = (
        select(Application, Firm, _HANDLER.name)
        .join(Firm, Firm.id == Application.firm_id)
        .join(_HANDLER, _HANDLER.id == Application.handler_id, isouter=True)
        .where(Application.id == number, Application.submitted_on.is_not(None), visible)
    )
    found = session.execute(query).one_or_none()
    return (found[0], found[1], found[2]) if found else None


def judgements_with_names(session: Session, case_id: int) -> dict[str, tuple[Judgement, str]]:
    """Return the newest judgement of each fact of a case with the name of who judged."""
    query = select(Judgement, _SPEAKER.name).join(_SPEAKER, _SPEAKER.id == Judgement.person_id)
    rows = session.execute(query.where(Judgement.application_id == case_id).order_by(Judgement.id))
    return {row.fact: (row, name) for row, name in rows}


def inquiries_with_names(session: Session, case_id: int) -> list[tuple[Inquiry, str | None]]:
    """Return what the departments were asked about a case, with the name of who answered."""
    query = select(Inquiry, _SPEAKER.name).join(_SPEAKER, _SPEAKER.id == Inquiry.answered_by, isouter=True)
    rows = session.execute(query.where(Inquiry.application_id == case_id).order_by(Inquiry.id))
    return [(row, name) for row, name in rows]


def samples_of(session: Session, case_id: int) -> list[Sampled]:
    """Return the draws that a case was in, in order."""
    query = (
        select(SampleDraw, SampleMember, OfficeRow.name)
        .join(SampleMember, SampleMember.draw_id == SampleDraw.id)
        .join(OfficeRow, OfficeRow.id == SampleMember.auditor_id, isouter=True)
        .where(SampleMember.application_id == case_id)
    )
    return [Sampled(draw, member, name or "") for draw, member, name in session.execute(query.order_by(SampleDraw.id))]


def publicities_of(session: Session, case_id: int) -> list[tuple[Publicity, list[Objection]]]:
    """Return the lists on which a case was made public, each with the objections to it, in order."""
    query = (
        select(Publicity, Objection)
        .join(PublicityEntry, PublicityEntry.publicity_id == Publicity.id)
        .join(
            Objection,
            (Objection.publicity_id == Publicity.id) & (Objection.application_id == PublicityEntry.application_id),
            isouter=True,
        )
        .where(PublicityEntry.application_id == case_id)
    )
    found: dict[int, tuple[Publicity, list[Objection]]] = {}
    for listed, objection in session.execute(query.order_by(Publicity.id, Objection.id)):
        objections = found.setdefault(listed.id, (listed, []))[1]
        if objection is not None:
            objections.append(objection)
    return list(found.values())


def decisions_of_case(session: Session, case_id: int) -> list[tuple[Decision, str]]:
    """Return the decisions on a case with the names of whoever took them, in order."""
    query = select(Decision, _SPEAKER.name).join(_SPEAKER, _SPEAKER.id == Decision.person_id)
    rows = session.execute(
        query.where(Decision.matter == "application", Decision.matter_id == case_id).order_by(Decision.id)
    )
    return [(row, name) for row, name in rows]


def earlier_case(session: Session, case: Application) -> Earlier | None:
    """Return what a firm submitted last in the case before this one, of whichever tier."""
    query = (
        select(Application.reference, Application.tier, ApplicationRound.firm)
        .join(ApplicationRound, ApplicationRound.application_id == Application.id)
        .where(Application.firm_id == case.firm_id, Application.id < case.id)
        .order_by(Application.id.desc(), ApplicationRound.round.desc())
        .limit(1)
    )
    found = session.execute(query).one_or_none()
    return Earlier(found[0] or "", found[1], found[2]) if found else None


def files_open(session: Session, visible: ColumnElement[bool], numbers: Collection[int]) -> dict[int, str]:
    """Return the state of those files that the reader may see, by number; REMOVED for what the firm took back."""
    if not numbers:
        return {}
    query = select(Evidence.id, Evidence.state, Evidence.removed_at).where(Evidence.id.in_(sorted(numbers)), visible)
    return {number: REMOVED if removed else state for number, state, removed in session.execute(query)}
