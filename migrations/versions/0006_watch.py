"""Indexes for the watch-lists: the revenues of a year, and the moves of the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOVES = sa.text("tag = 'moved'")


def upgrade() -> None:
    op.create_index("ix_yearly_figures_main_revenue", "yearly_figures", ["year", "firm_id", "main_revenue"])
    op.create_index(
        "ix_ledger_moves", "ledger", ["takes_effect_on", "uscc"], sqlite_where=MOVES, postgresql_where=MOVES
    )


def downgrade() -> None:
    op.drop_index("ix_ledger_moves", "ledger")
    op.drop_index("ix_yearly_figures_main_revenue", "yearly_figures")
