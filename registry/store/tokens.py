"""Tokens of partner systems: what a program outside may read. Of a token only its SHA-256 is kept."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from registry.store.base import Base, Id, Utc, UtcMoment


class Scope(StrEnum):
    """What a token lets its holder read."""

    BOOKS = "read:books"
    FIRMS = "read:firms"


class ApiToken(Base):
    """A token that was handed out, once; it holds until its last day or until somebody revokes it."""

    __tablename__ = "api_token"
    __table_args__ = (
        CheckConstraint("name <> ''", name="name_is_not_empty"),
        CheckConstraint("length(token_hash) = 64", name="hash_is_whole"),
        CheckConstraint("scopes <> ''", name="is_good_for_something"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked_by_somebody"),
        Index("ix_api_token_name", "name"),
    )
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(Text, comment="which system holds it")
    token_hash: Mapped[str] = mapped_column(Text, unique=True, comment="SHA-256 of the token")
    scopes: Mapped[str] = mapped_column(Text, comment="what it lets read, with a blank between")
    made_at: Mapped[Utc] = mapped_column(comment="when it was handed out")
    made_by: Mapped[str] = mapped_column(Text, comment="by whom, as the trail names him")
    expires_on: Mapped[date] = mapped_column(comment="last day on which it holds")
    revoked_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when it was revoked")
    revoked_by: Mapped[str | None] = mapped_column(Text, comment="who revoked it")
    last_used_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="to the hour; null while nobody used it")

    @property
    def scope_set(self) -> frozenset[str]:
        """Return what it lets read."""
        return frozenset(self.scopes.split())

    def holds(self, on: date) -> bool:
        """Say whether it holds on a day."""
        return self.revoked_at is None and on <= self.expires_on


def token_by_hash(session: Session, token_hash: str) -> ApiToken | None:
    """Return the token with a digest. One look-up."""
    return session.scalars(select(ApiToken).where(ApiToken.token_hash == token_hash)).one_or_none()


def token_by_id(session: Session, number: int) -> ApiToken | None:
    """Return a token by its number."""
    return session.get(ApiToken, number)


def tokens_page(session: Session, *, before: int | None = None, limit: int = 50) -> tuple[list[ApiToken], int | None]:
    """Return a page of the tokens, the newest first, and what asks for the next."""
    query = select(ApiToken).order_by(ApiToken.id.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(ApiToken.id < before)
    rows = list(session.scalars(query))
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None
