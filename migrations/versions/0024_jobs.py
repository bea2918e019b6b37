"""Jobs: long work, its progress and its result."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False, comment="what is to be done, as canonical JSON"),
        sa.Column("once", sa.Text(), comment="what makes it the same job; null: every one is new"),
        sa.Column("person_id", BIG, comment="who asked; null: the program"),
        sa.Column("asked_by", sa.Text(), nullable=False, comment="who asked, as the trail names him"),
        sa.Column("seat", sa.Text(), nullable=False, comment="in which seat, as the trail names it"),
        sa.Column("state", sa.Text(), nullable=False, comment="waiting, running, done, failed or cancelled"),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False, comment="when it was asked for"),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False, comment="not to be tried before"),
        sa.Column("started_at", sa.DateTime(timezone=True), comment="when it was last taken"),
        sa.Column("lease_until", sa.DateTime(timezone=True), comment="after that another may take it"),
        sa.Column("worker", sa.Text(), nullable=False, comment="who has it, or had it last"),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="how often it was taken"),
        sa.Column("done", sa.Integer(), nullable=False, comment="how much of it is done"),
        sa.Column("total", sa.Integer(), nullable=False, comment="of how much; 0 while that is not known"),
        sa.Column("step", sa.Text(), nullable=False, comment="what it is at, in both languages"),
        sa.Column("cancel_asked_at", sa.DateTime(timezone=True), comment="when somebody asked to stop it"),
        sa.Column("finished_at", sa.DateTime(timezone=True), comment="when it was done, failed or cancelled"),
        sa.Column("fault", sa.Text(), nullable=False, comment="what went wrong, in both languages; empty when nothing"),
        sa.Column("outcome", sa.Text(), nullable=False, comment="what came of it, as canonical JSON"),
        sa.Column("result_name", sa.Text(), comment="of the file that came of it"),
        sa.Column("result_sha256", sa.Text(), comment="under which it lies in the vault"),
        sa.Column("result_size", sa.Integer(), comment="bytes"),
        sa.Column("expires_at", sa.DateTime(timezone=True), comment="from when on the file is no longer kept"),
        sa.CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name="leased_while_it_runs"),
        sa.CheckConstraint(
            "(state IN ('waiting', 'running')) = (finished_at IS NULL)", name="finished_when_it_is_over"
        ),
        sa.CheckConstraint("kind <> ''", name="kind_is_named"),
        sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name="state_is_known"),
        sa.CheckConstraint("(result_sha256 IS NULL) = (result_name IS NULL)", name="result_is_named"),
        sa.CheckConstraint("attempts >= 0 AND done >= 0 AND total >= 0", name="counts_not_negative"),
        sa.CheckConstraint("result_sha256 IS NULL OR length(result_sha256) = 64", name="sha256_is_whole"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("once"),
    )
    op.create_index("ix_job_expires_at", "job", ["expires_at"])
    op.create_index("ix_job_person_id", "job", ["person_id", "id"])
    op.create_index(
        "ix_job_queue",
        "job",
        ["state", "due_at", "id"],
        sqlite_where=sa.text("state IN ('waiting', 'running')"),
        postgresql_where=sa.text("state IN ('waiting', 'running')"),
    )


def downgrade() -> None:
    op.drop_table("job")
