"""Issues certificates 证书: numbered without a gap within tier and year, with a code, sealed. Never commits.

The numbers are given inside the writing transaction of the deed: writers queue, so that a number is neither given twice
nor lost, unless the whole deed is undone and its numbers with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from registry.domain.errors import MoveNotAllowed
from registry.domain.lookup_codes import new_code
from registry.domain.trail import Doer, Tag
from registry.store.recognitions import Announcement, Certificate
from registry.work.certificate_seal import Said, seal_of
from registry.work.seal import Keys
from registry.work.trace import record

# What the numbers of a tier begin with.
PREFIXES = {"innovative": "QDCX", "specialized": "QDZT", "little_giant": "QDXJ"}
_PLACES = 5
# Writers of PostgreSQL queue already; whoever numbers outside a writing transaction waits here.
_LOCK = 7_202_407


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a certificate is for.

    Attributes:
        application_id: which case it comes of, if any.
        valid_until: the last valid day.
    """

    firm_id: int
    uscc: str
    name: str
    valid_from: date
    valid_until: date
    application_id: int | None = None


def issue_certificates(
    session: Session,
    tier: str,
    holders: Sequence[Holder],
    *,
    announcement: Announcement | None,
    keys: Keys,
    doer: Doer,
    now: datetime,
) -> list[Certificate]:
    """Issue certificates of one tier, numbered in the order of the holders; one entry of the trail tells of all.

    Raises:
        MoveNotAllowed: more in a year than the numbers have places for.
    """
    if not holders:
        return []
    document = announcement.number if announcement else ""
    made: list[Certificate] = []
    left = {year: _free(session, tier, year) for year in sorted({one.valid_from.year for one in holders})}
    for holder in holders:
        year = holder.valid_from.year
        number, code = numbered(tier, year, left[year]), new_code()
        left[year] += 1
        said = Said(number, code, holder.uscc, holder.name, tier, holder.valid_from, holder.valid_until, document)
        made.append(
            Certificate(
                number=number,
                code=code,
                firm_id=holder.firm_id,
                application_id=holder.application_id,
                announcement_id=announcement.id if announcement else None,
                uscc=holder.uscc,
                name=holder.name,
                tier=tier,
                valid_from=holder.valid_from,
                valid_until=holder.valid_until,
                seal=seal_of(keys, said),
                issued_at=now,
            )
        )
    session.add_all(made)
    session.flush()
    told = {"tier": tier, "count": len(made), "first": made[0].number, "last": made[-1].number}
    subject = f"announcement:{announcement.id}" if announcement else f"certificate:{made[0].id}"
    record(session, Tag.CERTIFICATE_ISSUED, doer, now=now, subject=subject, after=told)
    return made


def numbered(tier: str, year: int, count: int) -> str:
    """Return the number of the n-th certificate of a tier in a year, as QDZT2026-00012.

    Raises:
        MoveNotAllowed: it has no place for so many.
    """
    if count >= 10**_PLACES:
        raise MoveNotAllowed(f"{year} 年的证书编号已用完 (no certificate numbers are left in {year})")
    return f"{PREFIXES[tier]}{year}-{count:0{_PLACES}}"


def _free(session: Session, tier: str, year: int) -> int:
    """Return the first number that is free in a year; nobody else is given it before this transaction ends."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    begins = f"{PREFIXES[tier]}{year}-"
    # All of one length, so that they stand in order as texts do.
    last = session.scalar(
        select(func.max(Certificate.number)).where(Certificate.number >= begins, Certificate.number < f"{begins}:")
    )
    return int(last.removeprefix(begins)) + 1 if last else 1
