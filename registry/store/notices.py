"""Notices to persons, each with its mail; and the filters that somebody saved for his desk."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.store.base import BIG, Base, Id, Utc, UtcMoment


class Notice(Base):
    """One thing a person is told, in the transaction of the act it tells of; its words are made when it is read."""

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint("template <> ''", name="template_is_named"),
        # Once: the same thing is never told twice, whoever looks twice.
        UniqueConstraint("person_id", "once"),
        Index("ix_notice_person_id", "person_id", "read_at", "id"),
        Index("ix_notice_application_id", "application_id", "id"),
    )
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(BIG, ForeignKey("person.id"), comment="who is told")
    firm_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("firm.id"))
    application_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("application.id"), comment="about which case")
    template: Mapped[str] = mapped_column(Text, comment="which text, as registry.work.notice_words has it")
    told: Mapped[str] = mapped_column(Text, comment="what the text speaks of, as canonical JSON")
    address: Mapped[str] = mapped_column(Text, comment="path of the page to go to; empty where none")
    once: Mapped[str] = mapped_column(Text, comment="what makes it the same thing, as case:12:step:3")
    made_at: Mapped[Utc] = mapped_column(comment="when the act was done")
    read_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when it was opened")
    letter_id: Mapped[int | None] = mapped_column(
        BIG, ForeignKey("letter.id"), comment="the mail; null where none goes out"
    )


class SavedView(Base):
    """A filter of a list that somebody saved under a name."""

    __tablename__ = "saved_view"
    __table_args__ = (
        CheckConstraint("name <> '' AND page <> ''", name="named_and_placed"),
        UniqueConstraint("person_id", "page", "name"),
    )
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(BIG, ForeignKey("person.id"), comment="whose")
    page: Mapped[str] = mapped_column(Text, comment="of which page, by its endpoint")
    name: Mapped[str] = mapped_column(Text)
    query: Mapped[str] = mapped_column(Text, comment="what it asks for, as the address has it")
    saved_at: Mapped[Utc] = mapped_column(comment="when it was saved")
