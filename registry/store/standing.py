"""The standing of firms, derived from the ledger and kept for speed: spans, changes, and sums of changes by day.

Whatever stands here can be told again from the ledger (`registry audit verify` compares); nothing states it otherwise.
A row is never overwritten: one that a later filing derives otherwise is closed at that filing's moment.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.domain.codes import TIERS
from registry.domain.standing import ANY_TITLE, CHANGES
from registry.store.base import CLUSTERED, Base, FirmId, Id, Utc, UtcMoment, one_of

HOLDS = text("superseded_at IS NULL")
STANDS = (*TIERS, ANY_TITLE)


class StandingSpan(Base):
    """A time in a tier and a district: in the stock at the close of `starts_on`, no more at the close of `ends_on`."""

    __tablename__ = "standing_span"
    __table_args__ = (
        one_of("tier", STANDS),
        CheckConstraint("ends_on > starts_on", name="ends_after_it_starts"),
        CheckConstraint("superseded_at >= known_at", name="superseded_after_it_was_known"),
        # A firm's spans, and so whether a firm is in a tier on a day, from the index alone.
        Index(
            "ix_standing_span_firm",
            "firm_id",
            "tier",
            "starts_on",
            "ends_on",
            "district",
            sqlite_where=HOLDS,
            postgresql_where=HOLDS,
        ),
        # Who is in a tier on a day: along the days on which spans end.
        Index(
            "ix_standing_span_stock",
            "tier",
            "ends_on",
            "starts_on",
            "district",
            "firm_id",
            sqlite_where=HOLDS,
            postgresql_where=HOLDS,
        ),
    )
    id: Mapped[Id]
    firm_id: Mapped[FirmId]
    tier: Mapped[str] = mapped_column(Text, comment="`any`: a holder of whichever title of the ladder")
    starts_on: Mapped[date]
    ends_on: Mapped[date] = mapped_column(comment="9999-12-31 while nothing ends it")
    district: Mapped[str | None] = mapped_column(Text)
    known_at: Mapped[Utc]
    superseded_at: Mapped[datetime | None] = mapped_column(UtcMoment)


class StandingChange(Base):
    """One entry of the books: what came, went or was renewed on a day."""

    __tablename__ = "standing_change"
    __table_args__ = (
        one_of("tier", STANDS),
        one_of("kind", CHANGES),
        CheckConstraint("superseded_at >= known_at", name="superseded_after_it_was_known"),
        Index(
            "ix_standing_change_day",
            "tier",
            "kind",
            "day",
            "district",
            "firm_id",
            sqlite_where=HOLDS,
            postgresql_where=HOLDS,
        ),
        Index(
            "ix_standing_change_firm",
            "firm_id",
            "tier",
            "kind",
            "day",
            "district",
            sqlite_where=HOLDS,
            postgresql_where=HOLDS,
        ),
    )
    id: Mapped[Id]
    firm_id: Mapped[FirmId]
    tier: Mapped[str] = mapped_column(Text)
    day: Mapped[date]
    kind: Mapped[str] = mapped_column(Text)
    district: Mapped[str | None] = mapped_column(Text)
    known_at: Mapped[Utc]
    superseded_at: Mapped[datetime | None] = mapped_column(UtcMoment)


class Tally(Base):
    """How many changes of a kind a day brought a tier in a district: as many rows for any number of firms."""

    __tablename__ = "tally"
    __table_args__ = (
        one_of("tier", STANDS),
        one_of("kind", CHANGES),
        CheckConstraint("count >= 0", name="count_not_negative"),
        CLUSTERED,
    )
    tier: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    district: Mapped[str] = mapped_column(Text, primary_key=True, comment="empty where it is unknown")
    count: Mapped[int] = mapped_column(Integer)
