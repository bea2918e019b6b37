"""The ledger: every event of every firm's standing, in the order it became known. Nothing here changes a row.

Rows form a chain (see `registry.domain.chain`); rules of the database refuse to change or delete one. A correction
is a row that takes an earlier one back, followed by what holds instead.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.domain.codes import TIERS
from registry.domain.events import Tag
from registry.store.base import BIG, Base, FirmId, Id, Utc, UtcMoment, one_of

HOLDS = text("superseded_at IS NULL")


class Filing(Base):
    """One deed that changed what is known: an import, a revocation. Its moment is later than every one before."""

    __tablename__ = "filing"
    __table_args__ = (CheckConstraint("deed <> ''", name="deed_is_named"),)
    id: Mapped[Id]
    filed_at: Mapped[Utc] = mapped_column(unique=True)
    deed: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text, comment="the name of the list, or the document")
    actor: Mapped[str] = mapped_column(Text, comment="who did it; empty for the program's own commands")


class LedgerEntry(Base):
    """One event, as it became known (see `registry.domain.events`)."""

    __tablename__ = "ledger"
    __table_args__ = (
        one_of("tag", tuple(Tag)),
        one_of("tier", TIERS),
        CheckConstraint("length(hash) = 64", name="hash_is_whole"),
        CheckConstraint("(tag = 'corrected') = (voids IS NOT NULL)", name="only_a_correction_voids"),
        CheckConstraint("voids < seq", name="voids_an_earlier_one"),
        Index("ix_ledger_uscc", "uscc"),
        Index(
            "uq_ledger_voids",
            "voids",
            unique=True,
            sqlite_where=text("voids IS NOT NULL"),
            postgresql_where=text("voids IS NOT NULL"),
        ),
        Index("ix_ledger_filing_id", "filing_id"),
        # Where a firm stood on an earlier day: few events are moves.
        Index(
            "ix_ledger_moves",
            "takes_effect_on",
            "uscc",
            sqlite_where=text("tag = 'moved'"),
            postgresql_where=text("tag = 'moved'"),
        ),
    )
    seq: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False, comment="1, 2, 3 … without a gap")
    filing_id: Mapped[int] = mapped_column(BIG, ForeignKey("filing.id"))
    known_at: Mapped[Utc]
    takes_effect_on: Mapped[date]
    uscc: Mapped[str] = mapped_column(Text)
    tag: Mapped[str] = mapped_column(Text)
    tier: Mapped[str | None] = mapped_column(Text, comment="null for what happens to the firm itself")
    district: Mapped[str | None] = mapped_column(Text)
    details: Mapped[str] = mapped_column(Text, comment="what the statement adds, as canonical JSON")
    voids: Mapped[int | None] = mapped_column(BIG, comment="the event that this one takes back")
    hash: Mapped[str] = mapped_column(Text, comment="SHA-256 over this row and the hash before it")


class Revoked(Base):
    """A title was cancelled on a day; stated by a deed, never by a list."""

    __tablename__ = "revocation"
    __table_args__ = (
        one_of("tier", TIERS[:3]),
        CheckConstraint("cause <> ''", name="cause_is_given"),
        CheckConstraint("superseded_at >= known_at", name="superseded_after_it_was_known"),
        Index(
            "uq_revocation_holds_once",
            "firm_id",
            "tier",
            "revoked_on",
            unique=True,
            sqlite_where=HOLDS,
            postgresql_where=HOLDS,
        ),
    )
    id: Mapped[Id]
    firm_id: Mapped[FirmId]
    tier: Mapped[str] = mapped_column(Text)
    revoked_on: Mapped[date] = mapped_column(comment="does not hold at the close of this day")
    cause: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    known_at: Mapped[Utc]
    superseded_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when it was taken back")


class Merged(Base):
    """A firm was merged into another."""

    __tablename__ = "merger"
    __table_args__ = (
        CheckConstraint("length(into_uscc) = 18", name="into_uscc_has_18_characters"),
        CheckConstraint("superseded_at >= known_at", name="superseded_after_it_was_known"),
        Index("uq_merger_holds_once", "firm_id", unique=True, sqlite_where=HOLDS, postgresql_where=HOLDS),
    )
    id: Mapped[Id]
    firm_id: Mapped[FirmId]
    merged_on: Mapped[date]
    into_uscc: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    known_at: Mapped[Utc]
    superseded_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when it was taken back")
