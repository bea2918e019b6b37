"""Sessions, failed tries, and links that work once."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "sign_in",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False, comment="who signed in"),
        sa.Column("token_hash", sa.Text(), nullable=False, comment="SHA-256 of what the cookie holds"),
        sa.Column("factor", sa.Text(), nullable=False, comment="the strongest way that was shown"),
        sa.Column("address", sa.Text(), nullable=False, comment="network address it came from"),
        sa.Column("agent", sa.Text(), nullable=False, comment="browser, as it names itself"),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False, comment="when it began"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, comment="when it ends at the latest"),
        sa.Column("ended_at", sa.DateTime(timezone=True), comment="when it was ended; null while it may live"),
        sa.CheckConstraint(
            "factor IN ('password', 'totp', 'passkey', 'recovery', 'link', 'oidc')", name="factor_is_known"
        ),
        sa.CheckConstraint("expires_at > began_at", name="lasts_a_while"),
        sa.CheckConstraint("length(token_hash) = 64", name="hash_is_whole"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_sign_in_person_id", "sign_in", ["person_id", "ended_at"])
    op.create_table(
        "failed_tries",
        sa.Column("key_hash", sa.Text(), nullable=False, comment="SHA-256 of the account or address"),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False, comment="the first try of this window"),
        sa.Column("locked_until", sa.DateTime(timezone=True), comment="no try is taken before this moment"),
        sa.PrimaryKeyConstraint("key_hash"),
    )
    op.create_table(
        "link",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False, comment="whom it lets in"),
        sa.Column("purpose", sa.Text(), nullable=False, comment="what it is good for"),
        sa.Column("token_hash", sa.Text(), nullable=False, comment="SHA-256 of what the address holds"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, comment="when it was made"),
        sa.Column(
            "expires_at", sa.DateTime(timezone=True), nullable=False, comment="from when on it is good for nothing"
        ),
        sa.Column("used_at", sa.DateTime(timezone=True), comment="when it was used; once only"),
        sa.CheckConstraint("purpose IN ('welcome', 'reset', 'demo')", name="purpose_is_known"),
        sa.CheckConstraint("length(token_hash) = 64", name="hash_is_whole"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_link_person_id", "link", ["person_id"])


def downgrade() -> None:
    op.drop_table("link")
    op.drop_table("failed_tries")
    op.drop_table("sign_in")
