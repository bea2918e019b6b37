"""Indexes of what every request looks up: the seats of a person, and the cases of a batch."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_seat_person_id", "seat", ["person_id"])
    op.create_index("ix_application_window_id", "application", ["window_id"])


def downgrade() -> None:
    op.drop_index("ix_application_window_id", table_name="application")
    op.drop_index("ix_seat_person_id", table_name="seat")
