"""Offices, the seats in them, and what firms delegated to intermediaries. Ended seats stay, with who ended them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.domain.roles import DEPARTMENT_WORDS, OfficeKind, Role
from registry.store.base import BIG, Base, FirmId, Id, Utc, UtcMoment, digits, one_of

NOT_REVOKED = text("revoked_at IS NULL")


class OfficeRow(Base):
    """A bureau, a department, an auditor or an intermediary."""

    __tablename__ = "office"
    __table_args__ = (
        one_of("kind", tuple(OfficeKind)),
        one_of("department", tuple(DEPARTMENT_WORDS)),
        digits("district", 6),
        CheckConstraint("(kind = 'district') = (district IS NOT NULL)", name="district_of_a_district_bureau"),
        CheckConstraint("(kind = 'department') = (department IS NOT NULL)", name="department_of_a_department"),
        CheckConstraint("kind IN ('auditor', 'intermediary') OR uscc IS NULL", name="code_of_a_company"),
        CheckConstraint("name <> ''", name="name_is_not_empty"),
        Index("uq_office_district", "district", unique=True),
    )
    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text, comment="in English; empty when there is none")
    district: Mapped[str | None] = mapped_column(Text)
    department: Mapped[str | None] = mapped_column(Text, comment="which of those asked for opinions")
    uscc: Mapped[str | None] = mapped_column(Text, unique=True)
    closed_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="null while it is open")


class SeatRow(Base):
    """A person in a role at an office or a firm, from one moment to another."""

    __tablename__ = "seat"
    __table_args__ = (
        one_of("role", tuple(Role)),
        CheckConstraint("(office_id IS NULL) <> (firm_id IS NULL)", name="at_an_office_or_a_firm"),
        CheckConstraint("firm_id IS NULL OR role = 'applicant'", name="only_applicants_sit_at_firms"),
        CheckConstraint("ended_at >= granted_at", name="ended_after_it_was_granted"),
        # Two nulls are never equal: one rule for offices, one for firms.
        Index(
            "uq_seat_office_held_once",
            "person_id",
            "role",
            "office_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL AND office_id IS NOT NULL"),
            postgresql_where=text("ended_at IS NULL AND office_id IS NOT NULL"),
        ),
        Index(
            "uq_seat_firm_held_once",
            "person_id",
            "firm_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL AND firm_id IS NOT NULL"),
            postgresql_where=text("ended_at IS NULL AND firm_id IS NOT NULL"),
        ),
        # Asked by every request of whoever is signed in.
        Index("ix_seat_person_id", "person_id"),
        Index("ix_seat_office_id", "office_id"),
        Index("ix_seat_firm_id", "firm_id"),
    )
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(BIG, ForeignKey("person.id"), comment="who sits")
    role: Mapped[str] = mapped_column(Text, comment="what as")
    office_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("office.id"), comment="where, unless at a firm")
    firm_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("firm.id"))
    granted_at: Mapped[Utc] = mapped_column(comment="from when")
    granted_by: Mapped[str] = mapped_column(Text, comment="who granted it, as the trail names him")
    ended_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="until when; null while it is held")
    ended_by: Mapped[str | None] = mapped_column(Text, comment="who ended it")


class Delegation(Base):
    """A firm lets an intermediary act for it until a day, or until it takes that back."""

    __tablename__ = "delegation"
    __table_args__ = (
        CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked_by_somebody"),
        Index(
            "uq_delegation_holds_once",
            "firm_id",
            "office_id",
            unique=True,
            sqlite_where=NOT_REVOKED,
            postgresql_where=NOT_REVOKED,
        ),
        Index("ix_delegation_office_id", "office_id"),
    )
    id: Mapped[Id]
    firm_id: Mapped[FirmId]
    office_id: Mapped[int] = mapped_column(BIG, ForeignKey("office.id"), comment="the intermediary")
    until: Mapped[date] = mapped_column(comment="last day on which it holds")
    granted_at: Mapped[Utc] = mapped_column(comment="from when")
    granted_by: Mapped[str] = mapped_column(Text, comment="who granted it, as the trail names him")
    revoked_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when it was taken back")
    revoked_by: Mapped[str | None] = mapped_column(Text, comment="who took it back")
