"""Mails that wait to be sent: written in the transaction of the deed they tell of, sent after it."""

from datetime import datetime

from sqlalchemy import Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.store.base import Base, Id, Utc, UtcMoment, one_of

LETTER_STATES = ("waiting", "sending", "sent", "failed")


class Letter(Base):
    """One mail to one person. Its text is sealed: it may hold a link that lets somebody in."""

    __tablename__ = "letter"
    __table_args__ = (one_of("state", LETTER_STATES), Index("ix_letter_state", "state", "due_at"))
    id: Mapped[Id]
    to: Mapped[str] = mapped_column(Text, comment="e-mail address")
    subject: Mapped[str] = mapped_column(Text, comment="what it is about")
    body_sealed: Mapped[str | None] = mapped_column(Text, comment="the text, sealed; null once it was sent")
    state: Mapped[str] = mapped_column(Text, comment="waiting, sending, sent or failed")
    written_at: Mapped[Utc] = mapped_column(comment="when the deed was done")
    due_at: Mapped[Utc] = mapped_column(comment="not to be tried before; while sending, the end of the lease")
    tries: Mapped[int] = mapped_column(Integer, comment="how often it was tried")
    sent_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when the mail server took it")
    fault: Mapped[str] = mapped_column(Text, comment="what the mail server said last; empty when nothing is wrong")
