"""The books as lists state them: titles of the ladder and stays among the above-scale firms."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HOLDS = sa.text("superseded_at IS NULL")


def as_stated() -> list:
    """What every row of the books says of its origin, and when it became known."""
    return [
        sa.Column("source", sa.Text(), nullable=False, comment="the document it rests on"),
        sa.Column("district", sa.Text(), comment="as the list states it"),
        sa.Column("name", sa.Text(), nullable=False, comment="as the list states it"),
        sa.Column("filed_from", sa.Text(), nullable=False, comment="the list that stated it"),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), comment="when a correction became known"),
        sa.CheckConstraint("length(district) = 6", name="district_has_6_digits"),
        sa.CheckConstraint("superseded_at >= known_at", name="superseded_after_it_was_known"),
    ]


def upgrade() -> None:
    op.create_table(
        "title",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("firm_id", BIG, sa.ForeignKey("firm.id"), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("recognised_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="as the list states it: new or re_review"),
        sa.Column(
            "valid_until",
            sa.Date(),
            nullable=False,
            comment="last valid day; three years where the list is silent",
        ),
        sa.Column("batch", sa.Text(), nullable=False),
        *as_stated(),
        sa.CheckConstraint("tier IN ('innovative', 'specialized', 'little_giant')", name="tier_is_known"),
        sa.CheckConstraint("kind IN ('new', 're_review')", name="kind_is_known"),
        sa.CheckConstraint("valid_until >= recognised_on", name="valid_until_not_before_recognised_on"),
    )
    op.create_index(
        "uq_title_holds_once",
        "title",
        ["firm_id", "tier", "recognised_on"],
        unique=True,
        sqlite_where=HOLDS,
        postgresql_where=HOLDS,
    )
    op.create_index(
        "ix_title_in_force",
        "title",
        ["tier", "valid_until", "recognised_on", "firm_id"],
        sqlite_where=HOLDS,
        postgresql_where=HOLDS,
    )
    op.create_index("ix_title_firm_id", "title", ["firm_id"])
    op.create_table(
        "scale_stay",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("firm_id", BIG, sa.ForeignKey("firm.id"), nullable=False),
        sa.Column("entered_on", sa.Date(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("exited_on", sa.Date(), comment="out at the close of this day"),
        sa.Column("exit_reason", sa.Text()),
        *as_stated(),
        sa.CheckConstraint("entry IN ('annual', 'monthly')", name="entry_is_known"),
        sa.CheckConstraint(
            "exit_reason IN ('below_threshold', 'deregistered', 'changed_trade', 'moved_out', 'misclassified', "
            "'stopped', 'other')",
            name="exit_reason_is_known",
        ),
        sa.CheckConstraint("exited_on >= entered_on", name="exit_not_before_entry"),
        sa.CheckConstraint("exit_reason IS NULL OR exited_on IS NOT NULL", name="reason_only_of_an_exit"),
    )
    op.create_index(
        "uq_scale_stay_holds_once",
        "scale_stay",
        ["firm_id", "entered_on"],
        unique=True,
        sqlite_where=HOLDS,
        postgresql_where=HOLDS,
    )
    op.create_index(
        "ix_scale_stay_in_force",
        "scale_stay",
        ["exited_on", "entered_on", "firm_id"],
        sqlite_where=HOLDS,
        postgresql_where=HOLDS,
    )
    op.create_index("ix_scale_stay_firm_id", "scale_stay", ["firm_id"])


def downgrade() -> None:
    op.drop_table("scale_stay")
    op.drop_table("title")
