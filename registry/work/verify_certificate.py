"""Says whether a certificate holds on a day: by its own seal first, then by the books. What is told is public.

A certificate proves nothing by itself: what the books say of its title today counts. That somebody looked is kept, who
it was is not.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from registry.store.books import as_known, stands
from registry.store.firms import Firm
from registry.store.ledger import Revoked
from registry.store.recognitions import Announcement, Certificate, CertificateLook
from registry.store.standing import StandingSpan
from registry.store.statements import Title
from registry.work.certificate_seal import is_genuine
from registry.work.seal import Keys


class Answer(StrEnum):
    """What is told of a certificate."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    # It ended otherwise, as by a merger, or the books no longer know the title.
    ENDED = "ended"
    # What the row says is not what was sealed.
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Verified:
    """A certificate, and whether it holds.

    Attributes:
        valid_until: the last valid day by the books.
        revoked_on: from which day on it holds no more.
        name_now: what the firm is called today; None while it has the name on the certificate.
        newer: the number of a later certificate of the firm in this tier that holds; empty where there is none.
    """

    certificate: Certificate
    announcement: Announcement | None
    answer: Answer
    valid_until: date
    revoked_on: date | None = None
    name_now: str | None = None
    newer: str = ""


def verify(
    session: Session, certificate: Certificate, announcement: Announcement | None, *, keys: Keys, on: date
) -> Verified:
    """Say whether a certificate holds on a day."""
    document = announcement.number if announcement else ""
    if not is_genuine(keys, certificate, document):
        # Nothing that it says can be relied on, and nothing is said of the firm it names.
        return Verified(certificate, announcement, Answer.BROKEN, certificate.valid_until)
    title = _title(session, certificate)
    until = title.valid_until if title else certificate.valid_until
    firm = session.get_one(Firm, certificate.firm_id)
    revoked_on = _revoked_on(session, certificate, min(on, until))
    if revoked_on is not None:
        answer = Answer.REVOKED
    elif on > until:
        answer = Answer.EXPIRED
    elif title is not None and _stands(session, certificate, on):
        answer = Answer.VALID
    else:
        answer = Answer.ENDED
    return Verified(
        certificate,
        announcement,
        answer,
        until,
        revoked_on,
        firm.name if firm.name != certificate.name else None,
        "" if answer is Answer.VALID else _newer(session, certificate, on),
    )


def note_look(session: Session, certificate: Certificate, answer: Answer, *, now: datetime) -> None:
    """Keep that a certificate was looked up, and what was told."""
    session.add(CertificateLook(certificate_id=certificate.id, at=now, answer=answer.value))
    session.flush()


def _title(session: Session, certificate: Certificate) -> Title | None:
    query = select(Title).where(
        Title.firm_id == certificate.firm_id,
        Title.tier == certificate.tier,
        Title.recognised_on == certificate.valid_from,
        Title.superseded_at.is_(None),
    )
    return session.scalars(query).one_or_none()


def _revoked_on(session: Session, certificate: Certificate, up_to: date) -> date | None:
    """Return on which day the title was revoked while it ran."""
    query = select(Revoked.revoked_on).where(
        Revoked.firm_id == certificate.firm_id,
        Revoked.tier == certificate.tier,
        Revoked.revoked_on >= certificate.valid_from,
        Revoked.revoked_on <= up_to,
        Revoked.superseded_at.is_(None),
    )
    return session.scalar(query.order_by(Revoked.revoked_on).limit(1))


def _stands(session: Session, certificate: Certificate, on: date) -> bool:
    held = exists().where(
        StandingSpan.firm_id == certificate.firm_id,
        StandingSpan.tier == certificate.tier,
        stands(on),
        as_known(StandingSpan, None),
    )
    return bool(session.scalar(select(held)))


def _newer(session: Session, certificate: Certificate, on: date) -> str:
    """Return the number of a later certificate whose title holds."""
    query = select(Certificate.number).where(
        Certificate.firm_id == certificate.firm_id,
        Certificate.tier == certificate.tier,
        Certificate.valid_from > certificate.valid_from,
        Certificate.valid_from <= on,
        Certificate.valid_until >= on,
    )
    if not _stands(session, certificate, on):
        return ""
    return session.scalar(query.order_by(Certificate.valid_from.desc()).limit(1)) or ""
