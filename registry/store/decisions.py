"""Decisions on cases of any kind, and the ties that bar a person from deciding. A decision is never changed."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.domain.conflicts import TieKind
from registry.store.base import BIG, Base, Id, Utc, UtcMoment, one_of

MATTERS = ("claim", "application")
LEVELS = ("district", "city")
CASE_KINDS = ("claim", "new", "re_review")


class Decision(Base):
    """What one office decided of one case at one level: once, by one person, in one seat."""

    __tablename__ = "decision"
    __table_args__ = (
        one_of("matter", MATTERS),
        one_of("level", LEVELS),
        one_of("kind", CASE_KINDS),
        CheckConstraint("length(uscc) = 18", name="uscc_has_18_characters"),
        CheckConstraint("outcome <> ''", name="outcome_is_given"),
        # The last guard against two deciders at once, whatever they read before.
        UniqueConstraint("matter", "matter_id", "level"),
        Index("ix_decision_person_id", "person_id", "uscc"),
    )
    id: Mapped[Id]
    matter: Mapped[str] = mapped_column(Text, comment="what kind of thing was decided")
    matter_id: Mapped[int] = mapped_column(BIG, comment="its number")
    level: Mapped[str] = mapped_column(Text, comment="of which office")
    kind: Mapped[str] = mapped_column(Text)
    uscc: Mapped[str] = mapped_column(Text)
    person_id: Mapped[int] = mapped_column(BIG, ForeignKey("person.id"), comment="who decided")
    seat_id: Mapped[int] = mapped_column(BIG, ForeignKey("seat.id"), comment="in which seat")
    outcome: Mapped[str] = mapped_column(Text, comment="confirmed, refused, recommended …")
    reason: Mapped[str] = mapped_column(Text, comment="why; empty where none is asked")
    decided_at: Mapped[Utc] = mapped_column(comment="when")


class TieRow(Base):
    """A tie of a person to a firm, as declared by him or entered for him."""

    __tablename__ = "tie"
    __table_args__ = (
        one_of("kind", tuple(TieKind)),
        CheckConstraint("length(uscc) = 18", name="uscc_has_18_characters"),
        Index(
            "uq_tie_stands_once",
            "person_id",
            "uscc",
            "kind",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index("ix_tie_uscc", "uscc"),
    )
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(BIG, ForeignKey("person.id"), comment="whose")
    uscc: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    ended_on: Mapped[date | None] = mapped_column(comment="last day of the employment or interest; null while it lasts")
    note: Mapped[str] = mapped_column(Text, comment="in the person's own words")
    declared_at: Mapped[Utc] = mapped_column(comment="when it was entered")
    declared_by: Mapped[str] = mapped_column(Text, comment="by whom, as the trail names him")
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when it was taken back as mistaken")


class GroupMember(Base):
    """A firm that belongs to a group: a tie to one of its firms is a tie to all."""

    __tablename__ = "group_member"
    __table_args__ = (
        CheckConstraint("length(uscc) = 18", name="uscc_has_18_characters"),
        Index("ix_group_member_group_name", "group_name"),
    )
    uscc: Mapped[str] = mapped_column(Text, primary_key=True)
    group_name: Mapped[str] = mapped_column(Text, comment="the group, as the source names it")
    source: Mapped[str] = mapped_column(Text)
    noted_at: Mapped[Utc] = mapped_column(comment="when it was entered")
