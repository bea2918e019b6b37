"""What comes of cases: announcements, certificates, revocations and bans. The titles themselves stand in the books."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.domain.codes import KIND_WORDS, LADDER, TIERS
from registry.domain.revocations import Cause
from registry.store.base import BIG, Base, FirmId, Id, Utc, UtcMoment, digits, one_of

REVOCATION_STATES = ("proposed", "revoked", "dropped")


class Announcement(Base):
    """A notice 公告 that recognises the firms of a list, with its number and day; frozen when it was made."""

    __tablename__ = "announcement"
    __table_args__ = (
        one_of("tier", TIERS),
        CheckConstraint("number <> '' AND title <> ''", name="number_and_title_are_given"),
        CheckConstraint("length(digest) = 64", name="digest_is_whole"),
        Index("ix_announcement_announced_on", "announced_on", "id"),
    )
    id: Mapped[Id]
    number: Mapped[str] = mapped_column(Text, unique=True, comment="of the document 文号")
    title: Mapped[str] = mapped_column(Text, comment="what it is headed")
    tier: Mapped[str] = mapped_column(Text)
    announced_on: Mapped[date] = mapped_column(comment="the day of the document, from which the titles run")
    is_outside: Mapped[bool] = mapped_column(
        comment="decided by the province, the ministry or the statistics authority"
    )
    source: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text, comment="SHA-256 over the list as it was frozen")
    made_at: Mapped[Utc] = mapped_column(comment="when it was entered here")
    made_by: Mapped[str] = mapped_column(Text, comment="by whom, as the trail names him")


class AnnouncementEntry(Base):
    """A firm on an announcement, as it was frozen; with its case where it had one."""

    __tablename__ = "announcement_entry"
    __table_args__ = (
        one_of("kind", tuple(KIND_WORDS)),
        digits("district", 6),
        CheckConstraint("length(uscc) = 18", name="uscc_has_18_characters"),
        UniqueConstraint("announcement_id", "uscc"),
        UniqueConstraint("application_id"),
    )
    announcement_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("announcement.id"), primary_key=True, autoincrement=False, comment="of which announcement"
    )
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False, comment="place on the list")
    application_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("application.id"), comment="which case, if any")
    uscc: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    district: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)


class Certificate(Base):
    """A certificate 证书 of one title; whether it holds today is asked of the books."""

    __tablename__ = "certificate"
    __table_args__ = (
        one_of("tier", LADDER),
        CheckConstraint("length(uscc) = 18", name="uscc_has_18_characters"),
        CheckConstraint("length(code) = 26", name="code_is_whole"),
        CheckConstraint("valid_until >= valid_from", name="ends_after_it_begins"),
        CheckConstraint("length(seal) = 64", name="seal_is_whole"),
        UniqueConstraint("firm_id", "tier", "valid_from"),
    )
    id: Mapped[Id]
    number: Mapped[str] = mapped_column(
        Text, unique=True, comment="as printed on it, without gaps within tier and year"
    )
    code: Mapped[str] = mapped_column(Text, unique=True, comment="unguessable, of its public page and QR")
    firm_id: Mapped[FirmId]
    application_id: Mapped[int | None] = mapped_column(
        BIG, ForeignKey("application.id"), unique=True, comment="of which case, if any"
    )
    announcement_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("announcement.id"), comment="by which document")
    uscc: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    tier: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date] = mapped_column(comment="first valid day")
    valid_until: Mapped[date] = mapped_column(comment="last valid day")
    seal: Mapped[str] = mapped_column(Text, comment="keyed digest over what is printed on it")
    issued_at: Mapped[Utc] = mapped_column(comment="when it was made")


class CertificateLook(Base):
    """Somebody looked up a certificate; who, is not kept."""

    __tablename__ = "certificate_look"
    __table_args__ = (Index("ix_certificate_look_certificate_id", "certificate_id", "at"),)
    id: Mapped[Id]
    certificate_id: Mapped[int] = mapped_column(BIG, ForeignKey("certificate.id"), comment="which one")
    at: Mapped[Utc] = mapped_column(comment="when")
    answer: Mapped[str] = mapped_column(Text, comment="what was told: valid, expired, revoked")


class RevocationCase(Base):
    """The revocation 撤销 of a title: proposed with its cause, the firm heard, then decided or dropped."""

    __tablename__ = "revocation_case"
    __table_args__ = (
        one_of("tier", LADDER),
        one_of("state", REVOCATION_STATES),
        one_of("cause", tuple(Cause)),
        digits("district", 6),
        CheckConstraint("facts <> ''", name="facts_are_given"),
        CheckConstraint("(state = 'proposed') = (settled_at IS NULL)", name="settled_unless_proposed"),
        CheckConstraint(
            "state <> 'revoked' OR (hearing <> '' AND revoked_on IS NOT NULL)", name="heard_before_revoked"
        ),
        Index("ix_revocation_case_firm_id", "firm_id", "id"),
        Index("ix_revocation_case_state", "state", "district", "id"),
    )
    id: Mapped[Id]
    firm_id: Mapped[FirmId]
    uscc: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    district: Mapped[str | None] = mapped_column(Text)
    tier: Mapped[str] = mapped_column(Text)
    cause: Mapped[str] = mapped_column(Text)
    facts: Mapped[str] = mapped_column(Text, comment="what happened and what shows it")
    state: Mapped[str] = mapped_column(Text, comment="proposed, revoked or dropped")
    proposed_at: Mapped[Utc] = mapped_column(comment="when it was proposed")
    proposed_by: Mapped[int] = mapped_column(BIG, ForeignKey("person.id"), comment="who proposed it")
    firm_reply: Mapped[str] = mapped_column(Text, comment="what the firm says to it; empty while nothing")
    firm_replied_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when the firm said it")
    hearing: Mapped[str] = mapped_column(Text, comment="note of the hearing, or that the firm renounced it")
    revoked_on: Mapped[date | None] = mapped_column(comment="from which day the title is held no more")
    document: Mapped[str] = mapped_column(Text, comment="number of the decision; empty until there is one")
    settled_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when it was revoked or dropped")
    settled_by: Mapped[int | None] = mapped_column(BIG, ForeignKey("person.id"), comment="who settled it")


class Ban(Base):
    """A firm may not apply 禁止申报 up to a day."""

    __tablename__ = "ban"
    __table_args__ = (
        CheckConstraint("length(uscc) = 18", name="uscc_has_18_characters"),
        CheckConstraint("last_day >= first_day", name="ends_after_it_begins"),
        Index("ix_ban_firm_id", "firm_id", "last_day"),
    )
    id: Mapped[Id]
    firm_id: Mapped[FirmId]
    uscc: Mapped[str] = mapped_column(Text)
    first_day: Mapped[date] = mapped_column(comment="from when on")
    last_day: Mapped[date] = mapped_column(comment="last day on which it may not apply")
    cause: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    revocation_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("revocation_case.id"), comment="that imposed it")
    made_at: Mapped[Utc] = mapped_column(comment="when it was imposed")
    made_by: Mapped[str] = mapped_column(Text, comment="by whom, as the trail names him")
    lifted_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when it was lifted as mistaken")
