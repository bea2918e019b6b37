"""Evidence files of firms; what they hold lies in the vault."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", BIG, nullable=False),
        sa.Column("firm_id", BIG, nullable=False),
        sa.Column("criterion", sa.Text(), comment="what it proves: a criterion, in the firm's own words"),
        sa.Column("year", sa.Integer(), comment="the fiscal year it speaks of"),
        sa.Column("name", sa.Text(), nullable=False, comment="as the firm called it; never a path"),
        sa.Column("kind", sa.Text(), nullable=False, comment="as registry.evidence.kinds names it"),
        sa.Column("size", sa.Integer(), nullable=False, comment="bytes"),
        sa.Column("sha256", sa.Text(), nullable=False, comment="of what it holds: the name of the file in the vault"),
        sa.Column(
            "state", sa.Text(), nullable=False, comment="quarantined until it was scanned; then clean or refused"
        ),
        sa.Column("note", sa.Text(), nullable=False, comment="what the firm adds; empty when nothing"),
        sa.Column("added_by", sa.Text(), nullable=False, comment="who uploaded it, as the trail names him"),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False, comment="when it was uploaded"),
        sa.Column("removed_at", sa.DateTime(timezone=True), comment="when the firm took it back"),
        sa.Column("removed_by", sa.Text(), comment="who took it back, as the trail names him"),
        sa.CheckConstraint("kind IN ('pdf', 'ofd', 'jpeg', 'png', 'xlsx', 'docx')", name="kind_is_known"),
        sa.CheckConstraint("state IN ('quarantined', 'clean', 'refused')", name="state_is_known"),
        sa.CheckConstraint("size BETWEEN 1 AND 20971520", name="size_within_bounds"),
        sa.CheckConstraint("year BETWEEN 1949 AND 2199", name="year_within_bounds"),
        sa.CheckConstraint("length(sha256) = 64", name="sha256_is_whole"),
        sa.CheckConstraint("name <> ''", name="name_is_not_empty"),
        sa.CheckConstraint("(removed_at IS NULL) = (removed_by IS NULL)", name="removed_by_somebody"),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_evidence_firm_id", "evidence", ["firm_id", "id"])
    op.create_index("ix_evidence_sha256", "evidence", ["sha256"])


def downgrade() -> None:
    op.drop_table("evidence")
