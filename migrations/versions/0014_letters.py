"""Mails that wait to be sent."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "letter",
        sa.Column("id", BIG, nullable=False),
        sa.Column("to", sa.Text(), nullable=False, comment="e-mail address"),
        sa.Column("subject", sa.Text(), nullable=False, comment="what it is about"),
        sa.Column("body_sealed", sa.Text(), comment="the text, sealed; null once it was sent"),
        sa.Column("state", sa.Text(), nullable=False, comment="waiting, sending, sent or failed"),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False, comment="when the deed was done"),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="not to be tried before; while sending, the end of the lease",
        ),
        sa.Column("tries", sa.Integer(), nullable=False, comment="how often it was tried"),
        sa.Column("sent_at", sa.DateTime(timezone=True), comment="when the mail server took it"),
        sa.Column(
            "fault", sa.Text(), nullable=False, comment="what the mail server said last; empty when nothing is wrong"
        ),
        sa.CheckConstraint("state IN ('waiting', 'sending', 'sent', 'failed')", name="state_is_known"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_letter_state", "letter", ["state", "due_at"])


def downgrade() -> None:
    op.drop_table("letter")
