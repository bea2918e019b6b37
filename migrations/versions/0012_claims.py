"""Requests to represent a firm, and invitations to join its people."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "claim",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False, comment="who asks"),
        sa.Column("uscc", sa.Text(), nullable=False),
        sa.Column("firm_name", sa.Text(), nullable=False, comment="as the person wrote it"),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False, comment="what the person is at the firm"),
        sa.Column("state", sa.Text(), nullable=False, comment="open, confirmed, refused or withdrawn"),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False, comment="when it was asked"),
        sa.Column("closed_at", sa.DateTime(timezone=True), comment="when it was decided or withdrawn"),
        sa.Column("told", sa.Text(), nullable=False, comment="what the person is told with a refusal; else empty"),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_unless_open"),
        sa.CheckConstraint("state IN ('open', 'confirmed', 'refused', 'withdrawn')", name="state_is_known"),
        sa.CheckConstraint("length(district) = 6", name="district_has_6_digits"),
        sa.CheckConstraint("length(uscc) = 18", name="uscc_has_18_characters"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_claim_waiting", "claim", ["district", "state", "id"])
    op.create_index(
        "uq_claim_open_once",
        "claim",
        ["person_id", "uscc"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "invitation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("firm_id", BIG, nullable=False),
        sa.Column("email", sa.Text(), nullable=False, comment="whom it was sent to, lower case"),
        sa.Column("token_hash", sa.Text(), nullable=False, comment="SHA-256 of what the address holds"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, comment="when it was made"),
        sa.Column("made_by", sa.Text(), nullable=False, comment="who invites, as the trail names him"),
        sa.Column(
            "expires_at", sa.DateTime(timezone=True), nullable=False, comment="from when on it is good for nothing"
        ),
        sa.Column("accepted_at", sa.DateTime(timezone=True), comment="when it was accepted"),
        sa.Column("revoked_at", sa.DateTime(timezone=True), comment="when it was taken back"),
        sa.CheckConstraint("accepted_at IS NULL OR revoked_at IS NULL", name="accepted_or_revoked"),
        sa.CheckConstraint("length(token_hash) = 64", name="hash_is_whole"),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_invitation_firm_id", "invitation", ["firm_id"])


def downgrade() -> None:
    op.drop_table("invitation")
    op.drop_table("claim")
