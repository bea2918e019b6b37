"""Persons, the passwords they used, recovery codes and passkeys."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fs_uniquifier", sa.Text(), nullable=False, comment="random handle; never shown, never reused"),
        sa.Column("email", sa.Text(), nullable=False, comment="what one signs in with, lower case"),
        sa.Column(
            "email_proved_at",
            sa.DateTime(timezone=True),
            comment="when a link sent there was used; null while anybody may have written the address",
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False, comment="zh or en: of the mails that are sent"),
        sa.Column("password", sa.Text(), comment="argon2id; null until one is chosen"),
        sa.Column("password_set_at", sa.DateTime(timezone=True), comment="when it was chosen"),
        sa.Column("active", sa.Boolean(), nullable=False, comment="false: may not sign in, and live sessions end"),
        sa.Column("tf_totp_secret", sa.Text(), comment="secret of the one-time codes, encrypted"),
        sa.Column("totp_enrolled_at", sa.DateTime(timezone=True), comment="when the first code was right"),
        sa.Column("totp_counter", BIG, comment="step of the last code taken; none up to it again"),
        sa.Column("phone_sealed", sa.Text(), comment="mobile number, sealed"),
        sa.Column("id_number_sealed", sa.Text(), comment="identity number, sealed"),
        sa.Column("oidc_subject", sa.Text(), comment="issuer and subject of single sign-on"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_signed_in_at", sa.DateTime(timezone=True), comment="the newest sign-in"),
        sa.CheckConstraint("name <> ''", name="name_is_not_empty"),
        sa.CheckConstraint("(password IS NULL) = (password_set_at IS NULL)", name="password_is_dated"),
        sa.CheckConstraint("(tf_totp_secret IS NULL) = (totp_enrolled_at IS NULL)", name="secret_is_dated"),
        sa.CheckConstraint("email = lower(email)", name="email_is_lower_case"),
        sa.CheckConstraint("length(fs_uniquifier) = 32", name="handle_is_whole"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email"),
        sa.UniqueConstraint("fs_uniquifier"),
        sa.UniqueConstraint("oidc_subject"),
    )
    op.create_index("ix_person_name", "person", ["name"])
    op.create_table(
        "kept_password",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False, comment="whose"),
        sa.Column("password", sa.Text(), nullable=False, comment="argon2id"),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False, comment="when it was chosen"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_kept_password_person_id", "kept_password", ["person_id", "set_at"])
    op.create_table(
        "recovery_code",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False, comment="whose"),
        sa.Column("code_hash", sa.Text(), nullable=False, comment="SHA-256 over the person and the code"),
        sa.Column("used_at", sa.DateTime(timezone=True), comment="null while it may be used"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_recovery_code_person_id", "recovery_code", ["person_id"])
    op.create_table(
        "passkey",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False, comment="whose"),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False, comment="as the device names it"),
        sa.Column("public_key", sa.LargeBinary(), nullable=False, comment="COSE key"),
        sa.Column("sign_count", BIG, nullable=False, comment="how often the device signed; never falls"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False, comment="when it was enrolled"),
        sa.Column("last_used_at", sa.DateTime(timezone=True), comment="when it was last signed in with"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("credential_id"),
    )
    op.create_index("ix_passkey_person_id", "passkey", ["person_id"])


def downgrade() -> None:
    op.drop_table("passkey")
    op.drop_table("recovery_code")
    op.drop_table("kept_password")
    op.drop_table("person")
