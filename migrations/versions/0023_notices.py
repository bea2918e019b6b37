"""Notices to persons, and the filters they saved."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False, comment="who is told"),
        sa.Column("firm_id", BIG),
        sa.Column("application_id", BIG, comment="about which case"),
        sa.Column("template", sa.Text(), nullable=False, comment="which text, as registry.work.notice_words has it"),
        sa.Column("told", sa.Text(), nullable=False, comment="what the text speaks of, as canonical JSON"),
        sa.Column("address", sa.Text(), nullable=False, comment="path of the page to go to; empty where none"),
        sa.Column("once", sa.Text(), nullable=False, comment="what makes it the same thing, as case:12:step:3"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, comment="when the act was done"),
        sa.Column("read_at", sa.DateTime(timezone=True), comment="when it was opened"),
        sa.Column("letter_id", BIG, comment="the mail; null where none goes out"),
        sa.CheckConstraint("template <> ''", name="template_is_named"),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"]),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", "once"),
    )
    op.create_index("ix_notice_application_id", "notice", ["application_id", "id"])
    op.create_index("ix_notice_person_id", "notice", ["person_id", "read_at", "id"])
    op.create_table(
        "saved_view",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False, comment="whose"),
        sa.Column("page", sa.Text(), nullable=False, comment="of which page, by its endpoint"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False, comment="what it asks for, as the address has it"),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False, comment="when it was saved"),
        sa.CheckConstraint("name <> '' AND page <> ''", name="named_and_placed"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", "page", "name"),
    )


def downgrade() -> None:
    op.drop_table("saved_view")
    op.drop_table("notice")
