"""Standing, derived from the ledger and kept for speed; trades and sizes with the time they were known."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HOLDS = sa.text("superseded_at IS NULL")
STANDS = "tier IN ('innovative', 'specialized', 'little_giant', 'above_scale', 'any')"
KINDS = "kind IN ('new', 'renewed', 'reinstated', 'expired', 'revoked', 'exited', 'moved_in', 'moved_out')"


def known() -> list:
    """From when to when a row was what is known."""
    return [
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("superseded_at >= known_at", name="superseded_after_it_was_known"),
    ]


def of_firm(*, primary: bool = False) -> sa.Column:
    """The firm that a row speaks of."""
    return sa.Column("firm_id", BIG, sa.ForeignKey("firm.id"), primary_key=primary, autoincrement=False, nullable=False)


def index(name: str, table: str, *columns: str) -> None:
    """An index of what is known now."""
    op.create_index(name, table, list(columns), sqlite_where=HOLDS, postgresql_where=HOLDS)


def upgrade() -> None:
    op.create_table(
        "standing_span",
        sa.Column("id", BIG, primary_key=True),
        of_firm(),
        sa.Column("tier", sa.Text(), nullable=False, comment="`any`: a holder of whichever title of the ladder"),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False, comment="9999-12-31 while nothing ends it"),
        sa.Column("district", sa.Text()),
        *known(),
        sa.CheckConstraint(STANDS, name="tier_is_known"),
        sa.CheckConstraint("ends_on > starts_on", name="ends_after_it_starts"),
    )
    index("ix_standing_span_firm", "standing_span", "firm_id", "tier", "starts_on", "ends_on", "district")
    index("ix_standing_span_stock", "standing_span", "tier", "ends_on", "starts_on", "district", "firm_id")
    op.create_table(
        "standing_change",
        sa.Column("id", BIG, primary_key=True),
        of_firm(),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("district", sa.Text()),
        *known(),
        sa.CheckConstraint(STANDS, name="tier_is_known"),
        sa.CheckConstraint(KINDS, name="kind_is_known"),
    )
    index("ix_standing_change_day", "standing_change", "tier", "kind", "day", "district", "firm_id")
    index("ix_standing_change_firm", "standing_change", "firm_id", "tier", "kind", "day", "district")
    op.create_table(
        "tally",
        sa.Column("tier", sa.Text(), primary_key=True),
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("district", sa.Text(), primary_key=True, comment="empty where it is unknown"),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint(STANDS, name="tier_is_known"),
        sa.CheckConstraint(KINDS, name="kind_is_known"),
        sa.CheckConstraint("count >= 0", name="count_not_negative"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "firm_trade",
        of_firm(primary=True),
        sa.Column("known_at", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("industry", sa.Text()),
        sa.Column("functional_area", sa.Text()),
        sa.Column("superseded_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("superseded_at >= known_at", name="superseded_after_it_was_known"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "firm_size",
        of_firm(primary=True),
        sa.Column("year", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("known_at", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("size", sa.Text(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("size IN ('large', 'medium', 'small', 'micro')", name="size_is_known"),
        sa.CheckConstraint("superseded_at >= known_at", name="superseded_after_it_was_known"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in ("firm_size", "firm_trade", "tally", "standing_change", "standing_span"):
        op.drop_table(table)
