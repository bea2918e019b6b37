"""Reads of notices: a person's own, newest first, each with its mail; how many are unread; which were told already."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.store.letters import Letter
from registry.store.notices import Notice

# Well under the parameters that either database takes.
_BATCH = 500


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A notice, and how far its mail got; None where none goes out."""

    notice: Notice
    letter: Letter | None


@dataclass(frozen=True, slots=True)
class NoticesPage:
    """A page of notices; `after` asks for the next one, None on the last."""

    lines: tuple[NoticeLine, ...]
    after: int | None


def notices_page(
    session: Session, person_id: int, *, unread_only: bool = False, after: int | None = None, limit: int = 30
) -> NoticesPage:
    """Return a page of what a person was told, the newest first."""
    query = select(Notice, Letter).outerjoin(Letter, Letter.id == Notice.letter_id).where(Notice.person_id == person_id)
    if unread_only:
        query = query.where(Notice.read_at.is_(None))
    if after:
        query = query.where(Notice.id < after)
    rows = session.execute(query.order_by(Notice.id.desc()).limit(limit + 1)).all()
    lines = tuple(NoticeLine(notice, letter) for notice, letter in rows[:limit])
    return NoticesPage(lines, lines[-1].notice.id if len(rows) > limit else None)


def unread_of(session: Session, person_id: int) -> int:
    """Count what a person has not opened yet."""
    query = select(func.count()).select_from(Notice).where(Notice.person_id == person_id, Notice.read_at.is_(None))
    return session.scalar(query) or 0


def own_notice(session: Session, person_id: int, number: int) -> Notice | None:
    """Return a notice of a person by its number; None for another's."""
    return session.scalar(select(Notice).where(Notice.id == number, Notice.person_id == person_id))


def told_already(session: Session, onces: Collection[str]) -> set[str]:
    """Return those of some things that anybody was told already."""
    asked, told = sorted(set(onces)), set[str]()
    for start in range(0, len(asked), _BATCH):
        told.update(session.scalars(select(Notice.once).where(Notice.once.in_(asked[start : start + _BATCH]))))
    return told
