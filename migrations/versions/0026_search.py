"""Looking up firms by parts of their names and their pinyin."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "name_gram",
        sa.Column("gram", sa.Text(), nullable=False, comment="see registry.domain.name_grams"),
        sa.Column(
            "block",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="the numbers of its firms without the last 12 bits",
        ),
        sa.Column("firms", sa.LargeBinary(), nullable=False, comment="the last 12 bits of their numbers, as a set"),
        sa.PrimaryKeyConstraint("gram", "block"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "name_indexed",
        sa.Column("firm_id", BIG, autoincrement=False, nullable=False),
        sa.Column("told", sa.Text(), nullable=False, comment="digest of its names, tiers and districts"),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.PrimaryKeyConstraint("firm_id"),
    )


def downgrade() -> None:
    op.drop_table("name_indexed")
    op.drop_table("name_gram")
