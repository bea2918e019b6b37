"""Reads of what came of cases: announcements with their lists, certificates, what stands for or against recognising."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from registry.domain.roles import OfficeKind
from registry.store.cases import Application, FilingWindow
from registry.store.firms import Firm
from registry.store.offices import OfficeRow
from registry.store.publicities import Objection, Publicity, PublicityEntry
from registry.store.recognitions import Announcement, AnnouncementEntry, Certificate
from registry.store.statements import Title

# Well under the parameters that either database takes at once.
_AT_ONCE = 1_000
MOST_ANNOUNCED = 2_000


@dataclass(frozen=True, slots=True)
class Told:
    """An announcement and how many firms it lists."""

    announcement: Announcement
    count: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A firm of an announcement, with its certificate where it has one."""

    entry: AnnouncementEntry
    certificate: Certificate | None


def announcements_page(session: Session, *, before: int | None = None, limit: int = 50) -> list[Told]:
    """Return announcements with their counts, the newest first.

    Args:
        before: only those made before this number.
    """
    count = select(func.count()).where(AnnouncementEntry.announcement_id == Announcement.id).scalar_subquery()
    query = select(Announcement, count).order_by(Announcement.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Announcement.id < before)
    return [Told(row, counted) for row, counted in session.execute(query)]


def announcement_listed(session: Session, number: int) -> list[Listed]:
    """Return the firms of an announcement in the order of its list, with their certificates."""
    its_own = (Certificate.announcement_id == AnnouncementEntry.announcement_id) & (
        Certificate.uscc == AnnouncementEntry.uscc
    )
    query = (
        select(AnnouncementEntry, Certificate)
        .outerjoin(Certificate, its_own)
        .where(AnnouncementEntry.announcement_id == number)
        .order_by(AnnouncementEntry.position)
    )
    return [Listed(entry, certificate) for entry, certificate in session.execute(query)]


def cases_in(session: Session, visible: ColumnElement[bool], states: Collection[str], tier: str) -> list[Application]:
    """Return the cases of a tier in some states that the reader may see, by district and code; at most a list's."""
    query = select(Application).where(visible, Application.tier == tier, Application.state.in_(sorted(states)))
    query = query.order_by(Application.district, Application.uscc).limit(MOST_ANNOUNCED)
    return list(session.scalars(query))


def counts_in(
    session: Session, visible: ColumnElement[bool], states: Collection[str], tiers: Collection[str]
) -> dict[str, int]:
    """Count the cases in some states that the reader may see, by tier."""
    query = select(Application.tier, func.count()).where(visible, Application.state.in_(sorted(states)))
    found = session.execute(query.where(Application.tier.in_(sorted(tiers))).group_by(Application.tier))
    return {tier: count for tier, count in found}


def last_days_made_public(session: Session, case_ids: Sequence[int]) -> dict[int, date]:
    """Return up to which day each case was made public, its last publicity counting."""
    found: dict[int, date] = {}
    for ids in _batches(case_ids):
        query = select(PublicityEntry.application_id, func.max(Publicity.last_day)).join(
            Publicity, Publicity.id == PublicityEntry.publicity_id
        )
        query = query.where(PublicityEntry.application_id.in_(ids)).group_by(PublicityEntry.application_id)
        found |= {case: day for case, day in session.execute(query)}
    return found


def with_upheld_objections(session: Session, case_ids: Sequence[int]) -> set[int]:
    """Return which cases have an objection that stands against the firm."""
    found: set[int] = set()
    for ids in _batches(case_ids):
        query = select(Objection.application_id).where(Objection.application_id.in_(ids), Objection.is_upheld.is_(True))
        found |= set(session.scalars(query))
    return found


def recognised_already(session: Session, firm_ids: Sequence[int], tier: str, on: date) -> set[int]:
    """Return which firms have a title of a tier from a day on."""
    found: set[int] = set()
    for ids in _batches(firm_ids):
        query = select(Title.firm_id).where(
            Title.firm_id.in_(ids), Title.tier == tier, Title.recognised_on == on, Title.superseded_at.is_(None)
        )
        found |= set(session.scalars(query))
    return found


def firms_by_id(session: Session, firm_ids: Sequence[int]) -> dict[int, Firm]:
    """Return firms by their numbers."""
    found: dict[int, Firm] = {}
    for ids in _batches(firm_ids):
        found |= {row.id: row for row in session.scalars(select(Firm).where(Firm.id.in_(ids)))}
    return found


def batches_of(session: Session, window_ids: Collection[int]) -> dict[int, str]:
    """Return the names of windows 批次 by their numbers."""
    query = select(FilingWindow.id, FilingWindow.batch).where(FilingWindow.id.in_(sorted(window_ids)))
    return {number: batch for number, batch in session.execute(query)}


def city_office(session: Session) -> OfficeRow | None:
    """Return the bureau of the city, which issues the certificates."""
    query = select(OfficeRow).where(OfficeRow.kind == OfficeKind.CITY, OfficeRow.closed_at.is_(None))
    return session.scalars(query.order_by(OfficeRow.id).limit(1)).first()


def certificates_of(session: Session, firm_id: int) -> list[tuple[Certificate, Announcement | None]]:
    """Return the certificates of a firm with what announced them, the newest first."""
    query = _with_announcement().where(Certificate.firm_id == firm_id).order_by(Certificate.id.desc())
    return [(one, announced) for one, announced in session.execute(query)]


def certificate_of_code(session: Session, code: str) -> tuple[Certificate, Announcement | None] | None:
    """Return the certificate of a code, with what announced it."""
    return _one(session, Certificate.code == code)


def certificate_of_number(session: Session, number: str) -> tuple[Certificate, Announcement | None] | None:
    """Return the certificate of a number as it is printed, with what announced it."""
    return _one(session, Certificate.number == number)


def certificate_visible(
    session: Session, visible: ColumnElement[bool], number: int
) -> tuple[Certificate, Announcement | None] | None:
    """Return a certificate by the number of its row, if the reader may see its firm."""
    return _one(session, (Certificate.id == number) & Certificate.firm_id.in_(select(Firm.id).where(visible)))


def _with_announcement() -> Select[Certificate, Announcement]:
    return select(Certificate, Announcement).outerjoin(Announcement, Announcement.id == Certificate.announcement_id)


def _one(session: Session, condition: ColumnElement[bool]) -> tuple[Certificate, Announcement | None] | None:
    found = session.execute(_with_announcement().where(condition)).one_or_none()
    return (found[0], found[1]) if found else None


def _batches(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE)]
