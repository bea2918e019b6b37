"""What falls due by the clock: titles that end, corrections, updates, answers, audits, cases past their day.

Each is a question about days, answered without knowing who is to be told of it. Only firms for which somebody may sign
in are asked about: nobody else could read a reminder.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased

from registry.domain.standing import ANY_TITLE
from registry.store.books import as_known, stands
from registry.store.cases import Application
from registry.store.examinations import Inquiry, SampleMember
from registry.store.firms import Firm
from registry.store.offices import Delegation, SeatRow
from registry.store.papers import Report, YearlyUpdate
from registry.store.standing import StandingSpan
from registry.store.statements import Title


def titles_ending(session: Session, on: date, until: date) -> Sequence[tuple[Title, Firm]]:
    """Return the titles in force on a day whose last valid day lies up to another, unless a later one follows."""
    later = aliased(Title)
    held = exists().where(
        StandingSpan.firm_id == Title.firm_id,
        StandingSpan.tier == Title.tier,
        stands(on),
        as_known(StandingSpan, None),
    )
    renewed = exists().where(
        later.firm_id == Title.firm_id,
        later.tier == Title.tier,
        later.superseded_at.is_(None),
        later.valid_until > Title.valid_until,
    )
    query = (
        select(Title, Firm)
        .join(Firm, Firm.id == Title.firm_id)
        .where(
            Title.superseded_at.is_(None),
            Title.recognised_on <= on,
            Title.valid_until >= on,
            Title.valid_until <= until,
            held,
            ~renewed,
            _is_reached(on),
        )
    )
    return [(title, firm) for title, firm in session.execute(query.order_by(Title.valid_until, Title.id))]


def holders_without_update(session: Session, on: date, due_on: date) -> Sequence[Firm]:
    """Return the firms that hold a title on a day and on the day due, and filed no update of that year."""
    filed = exists().where(YearlyUpdate.firm_id == Firm.id, YearlyUpdate.year == due_on.year)
    query = select(Firm).where(_holds(on), _holds(due_on), ~filed, _is_reached(on))
    return session.scalars(query.order_by(Firm.id)).all()


def corrections_due(session: Session, on: date, until: date) -> Sequence[Application]:
    """Return the cases that were returned and are to be corrected by a day of these."""
    query = select(Application).where(
        Application.state.startswith("returned:", autoescape=True),
        Application.due_on >= on,
        Application.due_on <= until,
    )
    return session.scalars(query.order_by(Application.id)).all()


def inquiries_due(session: Session, until: date) -> Sequence[tuple[Inquiry, Application]]:
    """Return what departments have not answered of the cases under way, due on a day or before it."""
    query = (
        select(Inquiry, Application)
        .join(Application, Application.id == Inquiry.application_id)
        .where(Inquiry.answer.is_(None), Inquiry.due_on <= until, Application.closed_at.is_(None))
    )
    return [(row, case) for row, case in session.execute(query.order_by(Inquiry.id))]


def audits_due(session: Session, until: date) -> Sequence[tuple[SampleMember, Application]]:
    """Return the cases that an auditor was given and has not reported on, due on a day or before it."""
    query = (
        select(SampleMember, Application)
        .join(Application, Application.id == SampleMember.application_id)
        .where(
            SampleMember.is_drawn,
            SampleMember.auditor_id.is_not(None),
            SampleMember.result.is_(None),
            Application.closed_at.is_(None),
            Application.due_on <= until,
        )
    )
    return [(row, case) for row, case in session.execute(query.order_by(Application.id, SampleMember.draw_id))]


def questions_due(session: Session, on: date, until: date) -> Sequence[tuple[Report, Firm]]:
    """Return what firms were asked about reports and have not answered, due on a day of these."""
    query = (
        select(Report, Firm)
        .join(Firm, Firm.id == Report.firm_id)
        .where(Report.state == "asked", Report.firm_replied_at.is_(None), Report.due_on >= on, Report.due_on <= until)
    )
    return [(row, firm) for row, firm in session.execute(query.order_by(Report.id))]


def cases_overdue(session: Session, on: date) -> Sequence[Application]:
    """Return the cases under way whose last day is over for certain."""
    query = select(Application).where(
        Application.closed_at.is_(None), Application.due_on < on, Application.due_is_provisional.is_(False)
    )
    return session.scalars(query.order_by(Application.due_on, Application.id)).all()


def cases_provisional(session: Session) -> Sequence[Application]:
    """Return the cases under way whose last day may still change."""
    query = select(Application).where(Application.closed_at.is_(None), Application.due_is_provisional)
    return session.scalars(query.order_by(Application.id)).all()


def inquiries_provisional(session: Session) -> Sequence[tuple[Inquiry, Application]]:
    """Return what departments have not answered of the cases under way, where its last day may still change."""
    query = (
        select(Inquiry, Application)
        .join(Application, Application.id == Inquiry.application_id)
        .where(Inquiry.answer.is_(None), Inquiry.due_is_provisional, Application.closed_at.is_(None))
    )
    return [(row, case) for row, case in session.execute(query.order_by(Inquiry.id))]


def _holds(on: date) -> ColumnElement[bool]:
    return Firm.id.in_(
        select(StandingSpan.firm_id).where(StandingSpan.tier == ANY_TITLE, stands(on), as_known(StandingSpan, None))
    )


def _is_reached(on: date) -> ColumnElement[bool]:
    """Return the condition that somebody acts for a firm: its own people, or an intermediary it delegated to."""
    own = select(SeatRow.firm_id).where(SeatRow.firm_id.is_not(None), SeatRow.ended_at.is_(None))
    entrusted = select(Delegation.firm_id).where(Delegation.revoked_at.is_(None), Delegation.until >= on)
    reached: ColumnElement[bool] = Firm.id.in_(own) | Firm.id.in_(entrusted)
    return reached
