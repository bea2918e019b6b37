"""Lists of requests to represent a firm, and of a firm's people; each within what the reader may see."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from registry.store.claims import Claim, Invitation
from registry.store.decisions import Decision
from registry.store.firms import Firm
from registry.store.offices import Delegation, OfficeRow, SeatRow
from registry.store.people import Person

# Codes that are looked up at once; well under the parameters that either database takes.
_BATCH = 2000


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """A request with whoever asked."""

    claim: Claim
    person: Person


@dataclass(frozen=True, slots=True)
class ClaimsPage:
    """A page of requests; `after` asks for the next one, None on the last."""

    lines: tuple[ClaimLine, ...]
    after: int | None


def claims_page(
    session: Session, visible: ColumnElement[bool], *, state: str | None, after: int | None = None, limit: int = 50
) -> ClaimsPage:
    """Return a page of the requests that a reader may see, the oldest first: who waited longest comes first."""
    query = select(Claim, Person).join(Person, Person.id == Claim.person_id).where(visible)
    if state:
        query = query.where(Claim.state == state)
    if after:
        query = query.where(Claim.id > after)
    rows = session.execute(query.order_by(Claim.id).limit(limit + 1)).all()
    lines = tuple(ClaimLine(claim, person) for claim, person in rows[:limit])
    return ClaimsPage(lines, lines[-1].claim.id if len(rows) > limit else None)


def claims_waiting(session: Session, visible: ColumnElement[bool]) -> int:
    """Count the open requests that a reader may see."""
    return session.scalar(select(func.count()).select_from(Claim).where(visible, Claim.state == "open")) or 0


def claim_visible(session: Session, visible: ColumnElement[bool], claim_id: int) -> ClaimLine | None:
    """Return a request by its number, if the reader may see it."""
    query = select(Claim, Person).join(Person, Person.id == Claim.person_id).where(Claim.id == claim_id, visible)
    found = session.execute(query).one_or_none()
    return ClaimLine(found[0], found[1]) if found else None


def decision_on(session: Session, matter: str, matter_id: int) -> Sequence[tuple[Decision, str]]:
    """Return the decisions on a case with the names of whoever took them, in the order they were taken."""
    query = select(Decision, Person.name).join(Person, Person.id == Decision.person_id)
    rows = session.execute(
        query.where(Decision.matter == matter, Decision.matter_id == matter_id).order_by(Decision.id)
    )
    return [(decision, name) for decision, name in rows]


def firm_visible(session: Session, visible: ColumnElement[bool], uscc: str) -> Firm | None:
    """Return a firm by its code, if the reader may see it."""
    return session.scalar(select(Firm).where(Firm.uscc == uscc, visible))


def firms_visible(session: Session, visible: ColumnElement[bool], limit: int = 50) -> list[Firm]:
    """Return the firms that somebody acts for, by name."""
    return list(session.scalars(select(Firm).where(visible).order_by(Firm.name, Firm.id).limit(limit)))


def codes_visible(session: Session, visible: ColumnElement[bool], codes: Collection[str]) -> set[str]:
    """Return those of some codes whose firms the reader may see."""
    asked, seen = sorted(codes), set[str]()
    for start in range(0, len(asked), _BATCH):
        query = select(Firm.uscc).where(Firm.uscc.in_(asked[start : start + _BATCH]), visible)
        seen.update(session.scalars(query))
    return seen


def people_of(session: Session, firm_id: int) -> list[tuple[SeatRow, Person]]:
    """Return whoever acts for a firm, the longest-seated first."""
    query = select(SeatRow, Person).join(Person, Person.id == SeatRow.person_id)
    rows = session.execute(query.where(SeatRow.firm_id == firm_id, SeatRow.ended_at.is_(None)).order_by(SeatRow.id))
    return [(seat, person) for seat, person in rows]


def invitations_of(session: Session, firm_id: int) -> list[Invitation]:
    """Return the invitations that nobody accepted or took back, the newest first."""
    query = select(Invitation).where(
        Invitation.firm_id == firm_id, Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None)
    )
    return list(session.scalars(query.order_by(Invitation.id.desc())))


def delegations_of(session: Session, firm_id: int) -> list[tuple[Delegation, OfficeRow]]:
    """Return the delegations of a firm that were not taken back, the newest first."""
    query = select(Delegation, OfficeRow).join(OfficeRow, OfficeRow.id == Delegation.office_id)
    rows = session.execute(
        query.where(Delegation.firm_id == firm_id, Delegation.revoked_at.is_(None)).order_by(Delegation.id.desc())
    )
    return [(delegation, office) for delegation, office in rows]


def intermediaries(session: Session) -> list[OfficeRow]:
    """Return the intermediaries that are open, by name."""
    query = select(OfficeRow).where(OfficeRow.kind == "intermediary", OfficeRow.closed_at.is_(None))
    return list(session.scalars(query.order_by(OfficeRow.name, OfficeRow.id)))


def seat_visible(session: Session, visible: ColumnElement[bool], seat_id: int) -> SeatRow | None:
    """Return a seat by its number, if the reader may see it."""
    return session.scalar(select(SeatRow).where(SeatRow.id == seat_id, visible))


def invitation_visible(session: Session, visible: ColumnElement[bool], number: int) -> Invitation | None:
    """Return an invitation by its number, if the reader may see it."""
    return session.scalar(select(Invitation).where(Invitation.id == number, visible))


def delegation_visible(session: Session, visible: ColumnElement[bool], number: int) -> tuple[Delegation, Firm] | None:
    """Return a delegation by its number with its firm, if the reader may see it."""
    query = select(Delegation, Firm).join(Firm, Firm.id == Delegation.firm_id).where(Delegation.id == number, visible)
    found = session.execute(query).one_or_none()
    return (found[0], found[1]) if found else None
