"""A firm's own people: whom they invite, who leaves, and to which intermediary the firm delegates. Never commits."""

import secrets
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.contacts import email as read_email
from registry.domain.errors import MoveNotAllowed, NotFound, Refused
from registry.domain.periods import add_years
from registry.domain.roles import OfficeKind, Role
from registry.domain.trail import Doer, Tag
from registry.store.claims import Invitation
from registry.store.firms import Firm
from registry.store.offices import Delegation, OfficeRow, SeatRow
from registry.store.people import Person
from registry.work.seat import end_seat, grant
from registry.work.sign_in import digest
from registry.work.trace import record

INVITATION_DAYS = 7
# [D] A delegation ends by itself: nobody remembers one for longer.
LONGEST_DELEGATION_YEARS = 1


def invite(session: Session, firm: Firm, email: str, *, doer: Doer, now: datetime) -> tuple[Invitation, str]:
    """Invite somebody to act for a firm; return the invitation and the secret of its link.

    Raises:
        Refused: at `email`.
        MoveNotAllowed: that person acts for the firm already.
    """
    address = read_email(email)
    seated = (
        select(SeatRow.id)
        .join(Person, Person.id == SeatRow.person_id)
        .where(SeatRow.firm_id == firm.id, SeatRow.ended_at.is_(None), Person.email == address)
    )
    if session.scalar(seated) is not None:
        raise MoveNotAllowed("这位人员已是本企业经办人 (that person acts for the firm already)")
    for earlier in session.scalars(
        select(Invitation).where(
            Invitation.firm_id == firm.id,
            Invitation.email == address,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
    ):
        earlier.revoked_at = now
    token = secrets.token_urlsafe(32)
    row = Invitation(
        firm_id=firm.id,
        email=address,
        token_hash=digest(token),
        made_at=now,
        made_by=doer.signature,
        expires_at=now + timedelta(days=INVITATION_DAYS),
    )
    session.add(row)
    session.flush()
    record(session, Tag.INVITATION_MADE, doer, now=now, subject=f"firm:{firm.uscc}", after={"email": address})
    return row, token


def invitation_by(session: Session, token: str, now: datetime) -> tuple[Invitation, Firm] | None:
    """Return an invitation that is still good, with its firm."""
    query = (
        select(Invitation, Firm)
        .join(Firm, Firm.id == Invitation.firm_id)
        .where(
            Invitation.token_hash == digest(token),
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > now,
        )
    )
    found = session.execute(query).one_or_none()
    return (found[0], found[1]) if found else None


def accept(session: Session, token: str, person: Person, *, doer: Doer, now: datetime) -> Firm:
    """Accept an invitation: the person it was sent to gets a seat at the firm.

    Raises:
        NotFound: it was taken back, used, ran out, or was sent to somebody else.
        Refused: the person sits on the other side of the desk.
    """
    found = invitation_by(session, token, now)
    if found is None or found[0].email != person.email:
        raise NotFound("邀请已失效，或不是发给您的，请联系邀请人 (the invitation is used, ran out, or is another's)")
    row, firm = found
    row.accepted_at = person.email_proved_at = now
    record(session, Tag.INVITATION_ACCEPTED, doer, now=now, subject=f"firm:{firm.uscc}", after={"email": row.email})
    grant(session, person, Role.APPLICANT, firm=firm, doer=doer, now=now)
    return firm


def revoke_invitation(session: Session, row: Invitation, *, doer: Doer, now: datetime) -> None:
    """Take back an invitation.

    Raises:
        MoveNotAllowed: it was accepted or taken back before.
    """
    if row.accepted_at is not None or row.revoked_at is not None:
        raise MoveNotAllowed("邀请已被接受或已收回 (it was accepted or taken back)")
    row.revoked_at = now
    record(session, Tag.INVITATION_REVOKED, doer, now=now, subject=f"invitation:{row.id}", before={"email": row.email})


def leave(session: Session, seat: SeatRow, *, doer: Doer, now: datetime) -> None:
    """End a person's seat at a firm; the last one stays until another is there.

    Raises:
        MoveNotAllowed: it is the last seat of the firm whose holder can sign in, ended before, or is at an office.
    """
    if seat.firm_id is None:
        raise MoveNotAllowed("机构席位由安全管理员收回 (a seat at an office is ended by a security administrator)")
    others = (
        select(SeatRow.id)
        .join(Person, Person.id == SeatRow.person_id)
        .where(SeatRow.firm_id == seat.firm_id, SeatRow.ended_at.is_(None), SeatRow.id != seat.id, Person.active)
    )
    if session.scalar(others.limit(1)) is None:
        raise MoveNotAllowed("这是本企业最后一位经办人，请先邀请接替者 (the last one stays until another has joined)")
    end_seat(session, seat, doer=doer, now=now)


def delegate(session: Session, firm: Firm, office: OfficeRow, until: date, *, doer: Doer, now: datetime) -> Delegation:
    """Let an intermediary act for a firm until a day, that day included.

    Args:
        now: in the zone of the office.

    Raises:
        Refused: at `office` or `until`.
        MoveNotAllowed: a delegation to it holds; take that back first.
    """
    if office.kind != OfficeKind.INTERMEDIARY or office.closed_at is not None:
        raise Refused.at("office", "请选择一家开立的代办机构 (an open intermediary expected)")
    latest = add_years(now.date(), LONGEST_DELEGATION_YEARS)
    if not now.date() <= until <= latest:
        raise Refused.at("until", f"应在 {now.date()} 至 {latest} 之间 (a day between these expected)")
    query = select(Delegation).where(
        Delegation.firm_id == firm.id, Delegation.office_id == office.id, Delegation.revoked_at.is_(None)
    )
    for row in session.scalars(query):
        if row.until >= now.date():
            raise MoveNotAllowed(f"已委托至 {row.until}，请先收回 (a delegation holds: take it back first)")
        row.revoked_at, row.revoked_by = now, "到期 (ran out)"
        session.flush()
    made = Delegation(
        firm_id=firm.id,
        office_id=office.id,
        until=until,
        granted_at=now,
        granted_by=doer.signature,
    )
    session.add(made)
    session.flush()
    told = {"office": office.name, "uscc": office.uscc, "until": until}
    record(session, Tag.DELEGATION_GRANTED, doer, now=now, subject=f"firm:{firm.uscc}", after=told)
    return made


def revoke_delegation(session: Session, row: Delegation, firm: Firm, *, doer: Doer, now: datetime) -> None:
    """Take a delegation back: the intermediary's next request finds nothing of the firm.

    Raises:
        MoveNotAllowed: it was taken back before.
    """
    if row.revoked_at is not None:
        raise MoveNotAllowed("委托已收回 (it was taken back)")
    row.revoked_at, row.revoked_by = now, doer.signature
    told = {"office_id": row.office_id, "until": row.until}
    record(session, Tag.DELEGATION_REVOKED, doer, now=now, subject=f"firm:{firm.uscc}", before=told)
    session.flush()
