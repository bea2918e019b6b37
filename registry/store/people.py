"""Persons and what they sign in with. Confidential fields are sealed before they come here (see `work.seal`)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.store.base import BIG, Base, Id, Utc, UtcMoment


class Person(Base):
    """Somebody who may sign in; what he may do hangs on his seats."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_is_lower_case"),
        CheckConstraint("name <> ''", name="name_is_not_empty"),
        CheckConstraint("length(fs_uniquifier) = 32", name="handle_is_whole"),
        CheckConstraint("(password IS NULL) = (password_set_at IS NULL)", name="password_is_dated"),
        CheckConstraint("(tf_totp_secret IS NULL) = (totp_enrolled_at IS NULL)", name="secret_is_dated"),
        Index("ix_person_name", "name"),
    )
    id: Mapped[Id]
    # Names that begin with fs_, tf_ and mf_, `password` and `active` are those Flask-Security looks for.
    fs_uniquifier: Mapped[str] = mapped_column(Text, unique=True, comment="random handle; never shown, never reused")
    email: Mapped[str] = mapped_column(Text, unique=True, comment="what one signs in with, lower case")
    email_proved_at: Mapped[datetime | None] = mapped_column(
        UtcMoment, comment="when a link sent there was used; null while anybody may have written the address"
    )
    name: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text, comment="zh or en: of the mails that are sent")
    password: Mapped[str | None] = mapped_column(Text, comment="argon2id; null until one is chosen")
    password_set_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when it was chosen")
    active: Mapped[bool] = mapped_column(comment="false: may not sign in, and live sessions end")
    tf_totp_secret: Mapped[str | None] = mapped_column(Text, comment="secret of the one-time codes, encrypted")
    totp_enrolled_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when the first code was right")
    totp_counter: Mapped[int | None] = mapped_column(BIG, comment="step of the last code taken; none up to it again")
    phone_sealed: Mapped[str | None] = mapped_column(Text, comment="mobile number, sealed")
    id_number_sealed: Mapped[str | None] = mapped_column(Text, comment="identity number, sealed")
    oidc_subject: Mapped[str | None] = mapped_column(Text, unique=True, comment="issuer and subject of single sign-on")
    created_at: Mapped[Utc]
    last_signed_in_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="the newest sign-in")


class KeptPassword(Base):
    """A password that a person used before; a new one must differ from as many as the profile says."""

    __tablename__ = "kept_password"
    __table_args__ = (Index("ix_kept_password_person_id", "person_id", "set_at"),)
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(BIG, ForeignKey("person.id"), comment="whose")
    password: Mapped[str] = mapped_column(Text, comment="argon2id")
    set_at: Mapped[Utc] = mapped_column(comment="when it was chosen")


class RecoveryCode(Base):
    """A code that stands in for a lost second factor, once."""

    __tablename__ = "recovery_code"
    __table_args__ = (Index("ix_recovery_code_person_id", "person_id"),)
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(BIG, ForeignKey("person.id"), comment="whose")
    code_hash: Mapped[str] = mapped_column(Text, comment="SHA-256 over the person and the code")
    used_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="null while it may be used")


class Passkey(Base):
    """A key of a device or browser (WebAuthn)."""

    __tablename__ = "passkey"
    __table_args__ = (Index("ix_passkey_person_id", "person_id"),)
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(BIG, ForeignKey("person.id"), comment="whose")
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True, comment="as the device names it")
    public_key: Mapped[bytes] = mapped_column(LargeBinary, comment="COSE key")
    sign_count: Mapped[int] = mapped_column(BIG, comment="how often the device signed; never falls")
    name: Mapped[str] = mapped_column(Text)
    added_at: Mapped[Utc] = mapped_column(comment="when it was enrolled")
    last_used_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when it was last signed in with")
