"""Reads of persons, their seats and sessions, each named as the question it answers."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from registry.domain.actors import Seat
from registry.domain.roles import Role
from registry.store.firms import Firm
from registry.store.offices import Delegation, OfficeRow, SeatRow
from registry.store.people import Passkey, Person, RecoveryCode
from registry.store.sign_ins import SignIn


def person_by_email(session: Session, email: str) -> Person | None:
    """Return the person who signs in with a lower-case address."""
    return session.scalar(select(Person).where(Person.email == email))


def person_by_handle(session: Session, handle: str) -> Person | None:
    """Return the person with a random handle."""
    return session.scalar(select(Person).where(Person.fs_uniquifier == handle))


def live_sign_in(session: Session, token_hash: str, now: datetime) -> tuple[SignIn, Person, tuple[Seat, ...]] | None:
    """Return a session that may still be used, its person and his seats, by the hash of what the cookie holds.

    Args:
        now: in the zone of the office, whose day decides which delegations hold.
    """
    rows = session.execute(_live_query(), {"token_hash": token_hash, "now": now}).all()
    if not rows:
        return None
    return rows[0][0], rows[0][1], _seats(session, [row[2:] for row in rows], now.date())


@cache
def _live_query() -> Any:
    """Make the question once: every page of somebody who is signed in asks it."""
    live = SignIn.token_hash == bindparam("token_hash"), SignIn.ended_at.is_(None), SignIn.expires_at > bindparam("now")
    found = select(SignIn, Person, SeatRow, OfficeRow, Firm.uscc).join(Person, Person.id == SignIn.person_id)
    return _with_office(found).where(*live, Person.active).order_by(SeatRow.id)


def sign_ins_of(session: Session, person_id: int, now: datetime) -> list[SignIn]:
    """Return the live sessions of a person, the newest first."""
    query = select(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None), SignIn.expires_at > now)
    return list(session.scalars(query.order_by(SignIn.began_at.desc(), SignIn.id.desc())))


def passkeys_of(session: Session, person_id: int) -> list[Passkey]:
    """Return the passkeys of a person, the oldest first."""
    return list(session.scalars(select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)))


def recovery_codes_left(session: Session, person_id: int) -> int:
    """Count the recovery codes that were not used yet."""
    query = select(RecoveryCode.id).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return len(session.scalars(query).all())


def seats_of(session: Session, person_id: int, on: date) -> tuple[Seat, ...]:
    """Return the seats a person holds, with the firms each acts for on a day; ended and closed ones are left out."""
    query = _with_office(select(Person.id, SeatRow, OfficeRow, Firm.uscc)).where(Person.id == person_id)
    return _seats(session, [row[1:] for row in session.execute(query.order_by(SeatRow.id))], on)


def _with_office(query: Any) -> Any:
    """Put beside a person each seat that he holds, with the office it is at or the firm it is for."""
    held = and_(SeatRow.person_id == Person.id, SeatRow.ended_at.is_(None))
    beside: Any = query.outerjoin(SeatRow, held).outerjoin(OfficeRow, OfficeRow.id == SeatRow.office_id)
    return beside.outerjoin(Firm, Firm.id == SeatRow.firm_id)


def _seats(session: Session, found: Sequence[Any], on: date) -> tuple[Seat, ...]:
    rows = [row for row in found if row[0] is not None and (row[1] is None or row[1].closed_at is None)]
    # Only an applicant at an intermediary needs another look-up.
    agencies = {seat.office_id for seat, office, _ in rows if office is not None and seat.role == Role.APPLICANT}
    entrusted = _entrusted(session, agencies, on) if agencies else {}
    return tuple(
        Seat(seat.id, Role(seat.role), uscc, firm_ids=frozenset({seat.firm_id}), is_own=True)
        if office is None
        else Seat(
            seat.id,
            Role(seat.role),
            office.district or office.department or f"office:{office.id}",
            office_id=office.id,
            office_name=office.name,
            office_name_en=office.name_en,
            district=office.district,
            department=office.department,
            firm_ids=entrusted.get(office.id, frozenset()),
        )
        for seat, office, uscc in rows
    )


def _entrusted(session: Session, offices: set[int | None], on: date) -> dict[int, frozenset[int]]:
    query = select(Delegation.office_id, Delegation.firm_id).where(
        Delegation.office_id.in_(offices), Delegation.revoked_at.is_(None), Delegation.until >= on
    )
    firms: dict[int, set[int]] = {}
    for office_id, firm_id in session.execute(query.order_by(Delegation.id)):
        firms.setdefault(office_id, set()).add(firm_id)
    return {office_id: frozenset(ids) for office_id, ids in firms.items()}


def passkey_by_credential(session: Session, credential_id: bytes) -> Passkey | None:
    """Return the passkey that a device names so."""
    return session.scalar(select(Passkey).where(Passkey.credential_id == credential_id))


def staff_seats(session: Session) -> list[tuple[Person, SeatRow, OfficeRow]]:
    """Return every seat of staff that is held, by role and name."""
    query = (
        select(Person, SeatRow, OfficeRow)
        .join(SeatRow, SeatRow.person_id == Person.id)
        .join(OfficeRow, OfficeRow.id == SeatRow.office_id)
        .where(SeatRow.ended_at.is_(None), SeatRow.role != Role.APPLICANT)
        .order_by(SeatRow.role, Person.name, SeatRow.id)
    )
    return [(person, seat, office) for person, seat, office in session.execute(query)]
