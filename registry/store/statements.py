"""The books as lists state them: titles of the ladder and stays among the above-scale firms.

A row is never overwritten: a correction closes it at the moment it became known and a new row follows. What
holds is every row that nothing has superseded; what held at a moment is every row known then and not yet superseded.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.domain.codes import ENTRY_WORDS, EXIT_REASONS, KIND_WORDS, LADDER
from registry.domain.firms import ScaleRow, TitleRow
from registry.store.base import Base, FirmId, Id, Utc, UtcMoment, digits, one_of

HOLDS = text("superseded_at IS NULL")


class Title(Base):
    """One title of the ladder, recognised on a day; one that holds for each firm, tier and day."""

    __tablename__ = "title"
    __table_args__ = (
        one_of("tier", LADDER),
        one_of("kind", KIND_WORDS),
        digits("district", 6),
        CheckConstraint("valid_until >= recognised_on", name="valid_until_not_before_recognised_on"),
        CheckConstraint("superseded_at >= known_at", name="superseded_after_it_was_known"),
        Index(
            "uq_title_holds_once",
            "firm_id",
            "tier",
            "recognised_on",
            unique=True,
            sqlite_where=HOLDS,
            postgresql_where=HOLDS,
        ),
        # Answers who is in a tier on a day from the index alone.
        Index(
            "ix_title_in_force",
            "tier",
            "valid_until",
            "recognised_on",
            "firm_id",
            sqlite_where=HOLDS,
            postgresql_where=HOLDS,
        ),
        Index("ix_title_firm_id", "firm_id"),
    )
    id: Mapped[Id]
    firm_id: Mapped[FirmId]
    tier: Mapped[str] = mapped_column(Text)
    recognised_on: Mapped[date]
    kind: Mapped[str] = mapped_column(Text, comment="as the list states it: new or re_review")
    valid_until: Mapped[date] = mapped_column(comment="last valid day; three years where the list is silent")
    batch: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text, comment="the document it rests on")
    district: Mapped[str | None] = mapped_column(Text, comment="as the list states it")
    name: Mapped[str] = mapped_column(Text, comment="as the list states it")
    filed_from: Mapped[str] = mapped_column(Text, comment="the list that stated it")
    known_at: Mapped[Utc]
    superseded_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when a correction became known")


class ScaleStay(Base):
    """One stay among the above-scale firms; one that holds for each firm and day of entry."""

    __tablename__ = "scale_stay"
    __table_args__ = (
        one_of("entry", ENTRY_WORDS),
        one_of("exit_reason", EXIT_REASONS),
        digits("district", 6),
        CheckConstraint("exited_on >= entered_on", name="exit_not_before_entry"),
        CheckConstraint("exit_reason IS NULL OR exited_on IS NOT NULL", name="reason_only_of_an_exit"),
        CheckConstraint("superseded_at >= known_at", name="superseded_after_it_was_known"),
        Index(
            "uq_scale_stay_holds_once",
            "firm_id",
            "entered_on",
            unique=True,
            sqlite_where=HOLDS,
            postgresql_where=HOLDS,
        ),
        Index(
            "ix_scale_stay_in_force",
            "exited_on",
            "entered_on",
            "firm_id",
            sqlite_where=HOLDS,
            postgresql_where=HOLDS,
        ),
        Index("ix_scale_stay_firm_id", "firm_id"),
    )
    id: Mapped[Id]
    firm_id: Mapped[FirmId]
    entered_on: Mapped[date]
    entry: Mapped[str] = mapped_column(Text)
    exited_on: Mapped[date | None] = mapped_column(comment="out at the close of this day")
    exit_reason: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text, comment="the document it rests on")
    district: Mapped[str | None] = mapped_column(Text, comment="as the list states it")
    name: Mapped[str] = mapped_column(Text, comment="as the list states it")
    filed_from: Mapped[str] = mapped_column(Text, comment="the list that stated it")
    known_at: Mapped[Utc]
    superseded_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when a correction became known")


def title_row(code: str, row: Any) -> TitleRow:
    """Return a row of the titles as a list states it."""
    return TitleRow(
        code,
        row.name,
        row.district or "",
        row.tier,
        row.kind,
        row.recognised_on,
        row.valid_until,
        row.batch,
        row.source,
    )


def scale_row(code: str, row: Any) -> ScaleRow:
    """Return a row of the stays as a list states it."""
    return ScaleRow(
        code, row.name, row.district or "", row.entered_on, row.entry, row.exited_on, row.exit_reason, row.source
    )
