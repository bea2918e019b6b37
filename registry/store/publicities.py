"""Publicities 公示: lists of firms that are made public for some days, and objections to them, each to be answered."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.domain.codes import KIND_WORDS, TIERS
from registry.domain.procedure import Unit
from registry.store.base import BIG, Base, Id, Utc, UtcMoment, digits, one_of, within
from registry.store.decisions import LEVELS
from registry.store.evidence import EVIDENCE_KINDS, LARGEST_BYTES

CHANNELS = ("online", "office")


class Publicity(Base):
    """A list made public from one day to another; frozen when it was made."""

    __tablename__ = "publicity"
    __table_args__ = (
        one_of("tier", TIERS),
        one_of("level", LEVELS),
        one_of("unit", tuple(Unit)),
        digits("district", 6),
        within("days", 1, 1000),
        CheckConstraint("(level = 'district') = (district IS NOT NULL)", name="district_of_a_district_list"),
        CheckConstraint("last_day >= first_day", name="ends_after_it_begins"),
        CheckConstraint("title <> ''", name="title_is_not_empty"),
        CheckConstraint("length(digest) = 64", name="digest_is_whole"),
        Index("ix_publicity_last_day", "last_day", "id"),
        Index("ix_publicity_district", "district", "id"),
    )
    id: Mapped[Id]
    title: Mapped[str] = mapped_column(Text, comment="what the list is headed")
    tier: Mapped[str] = mapped_column(Text)
    stage: Mapped[str] = mapped_column(Text, comment="at which stage of the procedure")
    level: Mapped[str] = mapped_column(Text, comment="of which office")
    district: Mapped[str | None] = mapped_column(Text)
    first_day: Mapped[date] = mapped_column(comment="first day of the publicity")
    last_day: Mapped[date] = mapped_column(comment="last day, included; worked out again while it is provisional")
    is_provisional: Mapped[bool] = mapped_column(
        comment="a year that it touches has no calendar yet: never closes by itself"
    )
    days: Mapped[int] = mapped_column(Integer, comment="how long, as the procedure says")
    unit: Mapped[str] = mapped_column(Text, comment="working_days or calendar_days")
    digest: Mapped[str] = mapped_column(Text, comment="SHA-256 over the list as it was frozen")
    made_at: Mapped[Utc] = mapped_column(comment="when it was made public")
    made_by: Mapped[str] = mapped_column(Text, comment="by whom, as the trail names him")


class PublicityEntry(Base):
    """A firm on a list, as it was frozen."""

    __tablename__ = "publicity_entry"
    __table_args__ = (
        one_of("kind", tuple(KIND_WORDS)),
        digits("district", 6),
        CheckConstraint("length(uscc) = 18", name="uscc_has_18_characters"),
        UniqueConstraint("publicity_id", "position"),
        Index("ix_publicity_entry_application_id", "application_id"),
    )
    publicity_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("publicity.id"), primary_key=True, autoincrement=False, comment="on which list"
    )
    application_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("application.id"), primary_key=True, autoincrement=False, comment="which case"
    )
    position: Mapped[int] = mapped_column(Integer, comment="place on the list")
    uscc: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    district: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)


class Objection(Base):
    """An objection 异议 to a firm on a list: by real name, with contact; answered before anything is decided."""

    __tablename__ = "objection"
    __table_args__ = (
        one_of("channel", CHANNELS),
        CheckConstraint("objector <> '' AND grounds <> ''", name="by_real_name_with_grounds"),
        CheckConstraint("length(code) = 26", name="code_is_whole"),
        CheckConstraint("(reply = '') = (replied_at IS NULL)", name="replied_at_a_moment"),
        CheckConstraint("(replied_at IS NULL) = (is_upheld IS NULL)", name="a_reply_upholds_or_not"),
        Index("ix_objection_publicity_id", "publicity_id", "application_id"),
        Index("ix_objection_application_id", "application_id", "id"),
    )
    id: Mapped[Id]
    publicity_id: Mapped[int] = mapped_column(BIG, ForeignKey("publicity.id"), comment="to which list")
    application_id: Mapped[int] = mapped_column(BIG, ForeignKey("application.id"), comment="to which firm's case")
    code: Mapped[str] = mapped_column(Text, unique=True, comment="under which the objector looks for the answer")
    objector: Mapped[str] = mapped_column(Text, comment="real name")
    contact_sealed: Mapped[str] = mapped_column(Text, comment="telephone or address, sealed")
    grounds: Mapped[str] = mapped_column(Text, comment="what is objected to and what shows it")
    channel: Mapped[str] = mapped_column(Text, comment="online, or entered by an office that received it")
    made_at: Mapped[Utc] = mapped_column(comment="when it was made")
    taken_by: Mapped[str] = mapped_column(Text, comment="who entered it, as the trail names him; empty when online")
    reply: Mapped[str] = mapped_column(Text, comment="the office's answer; empty while there is none")
    is_upheld: Mapped[bool | None] = mapped_column(comment="whether it stands against the firm")
    replied_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when it was answered")
    replied_by: Mapped[int | None] = mapped_column(BIG, ForeignKey("person.id"), comment="who answered")


class ObjectionFile(Base):
    """A file that came with an objection or a report; what it holds lies in the vault."""

    __tablename__ = "objection_file"
    __table_args__ = (
        one_of("kind", EVIDENCE_KINDS),
        within("size", 1, LARGEST_BYTES),
        CheckConstraint("length(sha256) = 64", name="sha256_is_whole"),
        CheckConstraint("(objection_id IS NULL) <> (report_id IS NULL)", name="of_an_objection_or_a_report"),
        Index("ix_objection_file_objection_id", "objection_id"),
        Index("ix_objection_file_report_id", "report_id"),
        Index("ix_objection_file_sha256", "sha256"),
    )
    id: Mapped[Id]
    objection_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("objection.id"), comment="of which objection")
    report_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("report.id"), comment="of which report")
    name: Mapped[str] = mapped_column(Text, comment="as the sender called it; never a path")
    kind: Mapped[str] = mapped_column(Text, comment="as registry.evidence.kinds names it")
    size: Mapped[int] = mapped_column(Integer, comment="bytes")
    sha256: Mapped[str] = mapped_column(Text, comment="of what it holds: the name of the file in the vault")
    added_at: Mapped[Utc] = mapped_column(comment="when it came")
