"""Tokens by which partner systems read the API."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "api_token",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="which system holds it"),
        sa.Column("token_hash", sa.Text(), nullable=False, comment="SHA-256 of the token"),
        sa.Column("scopes", sa.Text(), nullable=False, comment="what it lets read, with a blank between"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, comment="when it was handed out"),
        sa.Column("made_by", sa.Text(), nullable=False, comment="by whom, as the trail names him"),
        sa.Column("expires_on", sa.Date(), nullable=False, comment="last day on which it holds"),
        sa.Column("revoked_at", sa.DateTime(timezone=True), comment="when it was revoked"),
        sa.Column("revoked_by", sa.Text(), comment="who revoked it"),
        sa.Column("last_used_at", sa.DateTime(timezone=True), comment="to the hour; null while nobody used it"),
        sa.CheckConstraint("name <> ''", name="name_is_not_empty"),
        sa.CheckConstraint("length(token_hash) = 64", name="hash_is_whole"),
        sa.CheckConstraint("scopes <> ''", name="is_good_for_something"),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked_by_somebody"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_api_token_name", "api_token", ["name"])


def downgrade() -> None:
    op.drop_table("api_token")
