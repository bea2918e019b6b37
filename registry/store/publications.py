"""Published counts, kept as they were printed: a publication and its rows are added once and never changed.

Rows go in first and the publication seals them: rules of the database refuse any row of a publication that stands, and
every change of either. A digest over all of it finds what the owner of a database changes past these rules.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Integer, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from registry.domain.facts import FIRST_YEAR, LAST_YEAR
from registry.store.base import BIG, CLUSTERED, Base, Utc, one_of, within
from registry.store.standing import STANDS

# The columns of counts, in the order in which a count has them.
COUNTED = (
    "stock_start",
    "new",
    "renewed",
    "reinstated",
    "expired",
    "revoked",
    "exited",
    "moved_in",
    "moved_out",
    "stock_end",
)
IDENTITY = "stock_end = stock_start + new + reinstated - expired - revoked - exited + moved_in - moved_out"
NOT_NEGATIVE = " AND ".join(f"{name} >= 0" for name in COUNTED)


class Publication(Base):
    """A year's counts as they were published, and as the books were known then."""

    __tablename__ = "publication"
    __table_args__ = (
        within("year", FIRST_YEAR, LAST_YEAR),
        CheckConstraint("trim(title) <> ''", name="title_is_given"),
        CheckConstraint("trim(source) <> ''", name="source_is_given"),
        CheckConstraint("trim(author) <> ''", name="author_is_named"),
        CheckConstraint("length(digest) = 64", name="digest_is_whole"),
        UniqueConstraint("title", "year", "as_of", "known_at"),
    )
    id: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False, comment="1, 2, 3 … without a gap")
    year: Mapped[int] = mapped_column(Integer)
    as_of: Mapped[date] = mapped_column(comment="the last day counted")
    known_at: Mapped[Utc]
    breakdowns: Mapped[str] = mapped_column(Text, comment="what was frozen, as canonical JSON; empty text: the total")
    title: Mapped[str] = mapped_column(Text, comment="the name of the publication")
    source: Mapped[str] = mapped_column(Text, comment="where it was published: the document or bulletin")
    author: Mapped[str] = mapped_column(Text, comment="who froze it")
    frozen_at: Mapped[Utc] = mapped_column(comment="when it was frozen")
    digest: Mapped[str] = mapped_column(Text, comment="SHA-256 over the publication and all its rows")

    @property
    def by(self) -> tuple[str, ...]:
        """Return the breakdowns that were frozen, each as names with commas; the total is the empty text."""
        return tuple(json.loads(self.breakdowns))


class PublicationRow(Base):
    """One row of a published count."""

    __tablename__ = "publication_row"
    __table_args__ = (
        one_of("tier", STANDS),
        CheckConstraint(NOT_NEGATIVE, name="counts_not_negative"),
        CheckConstraint(IDENTITY, name="row_balances"),
        UniqueConstraint("publication_id", "breakdown", "tier", "keys"),
        CLUSTERED,
    )
    publication_id: Mapped[int] = mapped_column(
        BIG,
        # The publication comes last, and seals its rows.
        ForeignKey("publication.id", deferrable=True, initially="DEFERRED"),
        primary_key=True,
        autoincrement=False,
        comment="the publication it belongs to",
    )
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False, comment="its place, from 1")
    breakdown: Mapped[str] = mapped_column(Text, comment="names with commas; empty: the total")
    tier: Mapped[str] = mapped_column(Text)
    keys: Mapped[str] = mapped_column(Text, comment="the key of every name, as canonical JSON; null: unknown")
    stock_start: Mapped[int] = mapped_column(Integer, comment="at the close of 31 December of the year before")
    new: Mapped[int] = mapped_column(Integer, comment="first recognitions or entries")
    renewed: Mapped[int] = mapped_column(Integer, comment="continued without a gap")
    reinstated: Mapped[int] = mapped_column(Integer, comment="again after a gap")
    expired: Mapped[int] = mapped_column(Integer, comment="on the day after the last valid one")
    revoked: Mapped[int] = mapped_column(Integer, comment="cancelled")
    exited: Mapped[int] = mapped_column(Integer, comment="left the above-scale list")
    moved_in: Mapped[int] = mapped_column(Integer, comment="from another district")
    moved_out: Mapped[int] = mapped_column(Integer, comment="to another district")
    stock_end: Mapped[int] = mapped_column(Integer, comment="at the close of the last day counted")


def canonical_keys(keys: Mapping[str, str | None]) -> str:
    """Return the keys of a row as canonical JSON."""
    return json.dumps(dict(keys), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(publication: Publication, rows: Iterable[Mapping[str, Any]]) -> str:
    """Return the digest of a publication with its rows in their order, 64 hexadecimal digits."""
    head = [
        publication.id,
        publication.year,
        publication.as_of.isoformat(),
        _moment(publication.known_at),
        publication.breakdowns,
        publication.title,
        publication.source,
        publication.author,
        _moment(publication.frozen_at),
    ]
    lines = [
        [row["number"], row["breakdown"], row["tier"], row["keys"], *(row[name] for name in COUNTED)] for row in rows
    ]
    text = json.dumps([head, lines], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def publications(session: Session) -> Sequence[Publication]:
    """Return every publication in the order in which they were frozen."""
    return session.scalars(select(Publication).order_by(Publication.id)).all()


def publication_of(session: Session, number: int) -> Publication | None:
    """Return the publication of a number. One look-up."""
    return session.get(Publication, number)


def frozen_already(session: Session, title: str, year: int, as_of: date, known_at: datetime) -> Publication | None:
    """Return the publication of this title that says the same of the same moment."""
    query = select(Publication).where(
        Publication.title == title,
        Publication.year == year,
        Publication.as_of == as_of,
        Publication.known_at == known_at,
    )
    return session.scalar(query)


def rows_of(session: Session, number: int) -> list[dict[str, Any]]:
    """Return the rows of a publication in their order, column by column."""
    table = PublicationRow.__table__
    query = select(table).where(table.c.publication_id == number).order_by(table.c.number)
    return [dict(row._mapping) for row in session.execute(query)]
