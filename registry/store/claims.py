"""Requests to represent a firm, and invitations to join its people."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.store.base import BIG, Base, FirmId, Id, Utc, UtcMoment, digits, one_of

CLAIM_STATES = ("open", "confirmed", "refused", "withdrawn")
OPEN = text("state = 'open'")


class Claim(Base):
    """Somebody asks to act for a firm; the bureau of its district confirms or refuses."""

    __tablename__ = "claim"
    __table_args__ = (
        one_of("state", CLAIM_STATES),
        digits("district", 6),
        CheckConstraint("length(uscc) = 18", name="uscc_has_18_characters"),
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_unless_open"),
        Index("ix_claim_waiting", "district", "state", "id"),
        Index("uq_claim_open_once", "person_id", "uscc", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    )
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(BIG, ForeignKey("person.id"), comment="who asks")
    uscc: Mapped[str] = mapped_column(Text)
    firm_name: Mapped[str] = mapped_column(Text, comment="as the person wrote it")
    district: Mapped[str] = mapped_column(Text)
    position: Mapped[str] = mapped_column(Text, comment="what the person is at the firm")
    state: Mapped[str] = mapped_column(Text, comment="open, confirmed, refused or withdrawn")
    asked_at: Mapped[Utc] = mapped_column(comment="when it was asked")
    closed_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when it was decided or withdrawn")
    told: Mapped[str] = mapped_column(Text, comment="what the person is told with a refusal; else empty")


class Invitation(Base):
    """A firm's own people ask somebody to join them."""

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint("length(token_hash) = 64", name="hash_is_whole"),
        CheckConstraint("accepted_at IS NULL OR revoked_at IS NULL", name="accepted_or_revoked"),
        Index("ix_invitation_firm_id", "firm_id"),
    )
    id: Mapped[Id]
    firm_id: Mapped[FirmId]
    email: Mapped[str] = mapped_column(Text, comment="whom it was sent to, lower case")
    token_hash: Mapped[str] = mapped_column(Text, unique=True, comment="SHA-256 of what the address holds")
    made_at: Mapped[Utc] = mapped_column(comment="when it was made")
    made_by: Mapped[str] = mapped_column(Text, comment="who invites, as the trail names him")
    expires_at: Mapped[Utc] = mapped_column(comment="from when on it is good for nothing")
    accepted_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when it was accepted")
    revoked_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when it was taken back")
