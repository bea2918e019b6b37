"""Sign-ins, failed tries, and links that work once. Secrets are kept as hashes."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.store.base import BIG, Base, Id, Utc, UtcMoment, one_of


class Factor(StrEnum):
    """With what somebody signed in."""

    PASSWORD = "password"  # noqa: S105 - the name of a way, no secret
    TOTP = "totp"
    PASSKEY = "passkey"
    RECOVERY = "recovery"
    LINK = "link"
    OIDC = "oidc"


class Purpose(StrEnum):
    """What a link is good for."""

    # Choose the first password of an account.
    WELCOME = "welcome"
    # Choose a new password.
    RESET = "reset"
    # Sign in as one of the people of the demo city.
    DEMO = "demo"


class SignIn(Base):
    """One session of a person; the browser holds a random number whose hash is kept here."""

    __tablename__ = "sign_in"
    __table_args__ = (
        one_of("factor", tuple(Factor)),
        CheckConstraint("length(token_hash) = 64", name="hash_is_whole"),
        CheckConstraint("expires_at > began_at", name="lasts_a_while"),
        Index("ix_sign_in_person_id", "person_id", "ended_at"),
    )
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(BIG, ForeignKey("person.id"), comment="who signed in")
    token_hash: Mapped[str] = mapped_column(Text, unique=True, comment="SHA-256 of what the cookie holds")
    factor: Mapped[str] = mapped_column(Text, comment="the strongest way that was shown")
    address: Mapped[str] = mapped_column(Text, comment="network address it came from")
    agent: Mapped[str] = mapped_column(Text, comment="browser, as it names itself")
    began_at: Mapped[Utc] = mapped_column(comment="when it began")
    expires_at: Mapped[Utc] = mapped_column(comment="when it ends at the latest")
    ended_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when it was ended; null while it may live")


class FailedTries(Base):
    """How often a way in was tried in vain lately (see `registry.domain.lockout`); shared by all processes."""

    __tablename__ = "failed_tries"
    key_hash: Mapped[str] = mapped_column(Text, primary_key=True, comment="SHA-256 of the account or address")
    count: Mapped[int] = mapped_column(Integer)
    first_at: Mapped[Utc] = mapped_column(comment="the first try of this window")
    locked_until: Mapped[datetime | None] = mapped_column(UtcMoment, comment="no try is taken before this moment")


class Link(Base):
    """A link that lets one person in, once, for a while."""

    __tablename__ = "link"
    __table_args__ = (
        one_of("purpose", tuple(Purpose)),
        CheckConstraint("length(token_hash) = 64", name="hash_is_whole"),
        Index("ix_link_person_id", "person_id"),
    )
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(BIG, ForeignKey("person.id"), comment="whom it lets in")
    purpose: Mapped[str] = mapped_column(Text, comment="what it is good for")
    token_hash: Mapped[str] = mapped_column(Text, unique=True, comment="SHA-256 of what the address holds")
    made_at: Mapped[Utc] = mapped_column(comment="when it was made")
    expires_at: Mapped[Utc] = mapped_column(comment="from when on it is good for nothing")
    used_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when it was used; once only")
