"""The trail in the database: who did what, and the heads up to which it was archived. Appends nothing, judges nothing.

Rows form a chain (see `registry.domain.trail`); rules of the database refuse to change one, and to delete one that
is not both archived and older than 200 days by the database's own clock.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Connection, Index, Select, Table, Text, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from registry.domain.chain import BEGINNING, Head
from registry.domain.trail import Entry, Tag
from registry.store.base import BIG, Base, Utc, one_of


class TrailEntry(Base):
    """One deed of one person, or of the program (see `registry.domain.trail.Entry`)."""

    __tablename__ = "trail"
    __table_args__ = (
        one_of("tag", tuple(Tag)),
        CheckConstraint("length(hash) = 64", name="hash_is_whole"),
        Index("ix_trail_person_id", "person_id", "seq"),
        Index("ix_trail_subject", "subject", "seq"),
        Index("ix_trail_tag", "tag", "seq"),
        Index("ix_trail_at", "at"),
    )
    seq: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False, comment="1, 2, 3 … without a gap")
    at: Mapped[Utc] = mapped_column(comment="never before the entry above it, whatever the clock said")
    tag: Mapped[str] = mapped_column(Text)
    # No foreign key: the trail outlives whatever it speaks of, and must never stand in the way of a deed. Name and
    # seat are written down as they were.
    person_id: Mapped[int | None] = mapped_column(BIG, comment="null for the program and for unknown visitors")
    name: Mapped[str] = mapped_column(Text)
    seat: Mapped[str] = mapped_column(Text, comment="the office held while doing it, as district_reviewer@370214")
    address: Mapped[str] = mapped_column(Text, comment="the network address it came from")
    request_id: Mapped[str] = mapped_column(Text, comment="of the request that it was part of")
    subject: Mapped[str] = mapped_column(Text, comment="what it was done to, as person:12 or firm:9137…")
    before: Mapped[str | None] = mapped_column(Text, comment="the values that were replaced, as canonical JSON")
    after: Mapped[str | None] = mapped_column(Text, comment="the values that hold since, as canonical JSON")
    hash: Mapped[str] = mapped_column(Text, comment="SHA-256 over this row and the hash before it")


class TrailCut(Base):
    """A head up to which the trail was archived: its chain goes on from there."""

    __tablename__ = "trail_cut"
    __table_args__ = (CheckConstraint("length(hash) = 64", name="hash_is_whole"),)
    seq: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False, comment="the last entry archived")
    hash: Mapped[str] = mapped_column(Text, comment="of that entry")
    cut_at: Mapped[Utc] = mapped_column(comment="when it was archived")


TRAIL: Table = TrailEntry.__table__  # type: ignore[assignment]
TRAIL_CUT: Table = TrailCut.__table__  # type: ignore[assignment]


def trail_page(
    session: Session,
    *,
    before_seq: int | None = None,
    tag: str | None = None,
    person_id: int | None = None,
    subject: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    text: str | None = None,
    limit: int = 50,
) -> list[Entry]:
    """Return the newest entries that fit, newest first.

    Args:
        before_seq: entries older than this one: the last of the page before.
        tag: a whole tag, as `session.refused`, or the subject of several, as `session`.
        subject: as it was recorded, whole.
        since: the first moment, with its zone.
        until: the first moment no longer wanted, with its zone.
        text: part of a name, seat, address, request, subject or value, in capitals or not. Looks at every row that
            the other filters leave.
    """
    columns = TRAIL.c
    query = _entries().order_by(columns.seq.desc()).limit(limit)
    if before_seq is not None:
        query = query.where(columns.seq < before_seq)
    if tag is not None:
        tags = [tag] if "." in tag else [one for one in Tag if one.partition(".")[0] == tag]
        query = query.where(columns.tag.in_(tags))
    if person_id is not None:
        query = query.where(columns.person_id == person_id)
    if subject is not None:
        query = query.where(columns.subject == subject)
    if since is not None:
        query = query.where(columns.at >= since)
    if until is not None:
        query = query.where(columns.at < until)
    if text:
        names = ("name", "seat", "address", "request_id", "subject", "before", "after")
        query = query.where(or_(*(columns[name].icontains(text, autoescape=True) for name in names)))
    return [Entry(*row) for row in session.execute(query)]


def _entries() -> Select[Any]:
    return select(*(TRAIL.c[name] for name in Entry.__slots__))


def trail_head(connection: Connection) -> Head:
    """Return where the trail stands: its last entry, or the head up to which all of it was archived."""
    columns = TRAIL.c
    last = connection.execute(select(columns.seq, columns.hash).order_by(columns.seq.desc()).limit(1)).one_or_none()
    return Head(last.seq, last.hash) if last else trail_start(connection)


def trail_start(connection: Connection) -> Head:
    """Return where the entries that are still here begin: the head up to which the trail was archived."""
    cuts = trail_cuts(connection)
    return cuts[-1] if cuts else BEGINNING


def trail_cuts(connection: Connection) -> list[Head]:
    """Return every head up to which the trail was archived, in the order in which it was."""
    found = connection.execute(select(TRAIL_CUT.c.seq, TRAIL_CUT.c.hash).order_by(TRAIL_CUT.c.seq))
    return [Head(row.seq, row.hash) for row in found]
