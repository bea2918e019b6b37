"""The working calendar. It is filled by `registry upgrade` afterwards: what the seeds say may change, this may not."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_year",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="the notice that laid the year down"),
        sa.Column("gazetted_on", sa.Date(), comment="day of the notice; null when whoever filed it did not say"),
        sa.CheckConstraint("year BETWEEN 1949 AND 2199", name="year_within_bounds"),
        sa.CheckConstraint("trim(source) <> ''", name="source_is_given"),
        sa.PrimaryKeyConstraint("year"),
    )
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "is_workday",
            sa.Boolean(),
            nullable=False,
            comment="true: worked although a weekend; false: off although none",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="the holiday it belongs to"),
        sa.Column(
            "year",
            sa.Integer(),
            sa.ForeignKey("calendar_year.year"),
            nullable=False,
            comment="whose notice states it; that of the next year may reach back into December",
        ),
        sa.Column("source", sa.Text(), nullable=False, comment="the notice that states it"),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False, comment="when it was filed here"),
        sa.CheckConstraint("trim(name) <> ''", name="name_is_given"),
        sa.CheckConstraint("trim(source) <> ''", name="source_is_given"),
        sa.PrimaryKeyConstraint("day"),
    )
    op.create_index("ix_calendar_day_year", "calendar_day", ["year"])


def downgrade() -> None:
    op.drop_table("calendar_day")
    op.drop_table("calendar_year")
