"""Decisions, which nothing changes afterwards, and the ties that bar from deciding."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
REFUSAL = "a decision is never changed"
SQLITE_RULES = (
    *(
        f"CREATE TRIGGER decision_no_{word.lower()} BEFORE {word} ON decision "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        for word in ("UPDATE", "DELETE")
    ),
    # INSERT OR REPLACE may delete without a delete trigger, where somebody opens the file with recursive triggers off.
    # Every part of it is written here.
    "CREATE TRIGGER decision_no_replace BEFORE INSERT ON decision WHEN EXISTS (SELECT 1 FROM decision "  # noqa: S608
    "WHERE id = NEW.id OR (matter = NEW.matter AND matter_id = NEW.matter_id AND level = NEW.level)) "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
)
POSTGRESQL_RULES = (
    "CREATE FUNCTION keep_the_decision() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$",
    *(
        f"CREATE TRIGGER decision_no_{word.lower()} BEFORE {word} ON decision "
        f"FOR EACH {'STATEMENT' if word == 'TRUNCATE' else 'ROW'} EXECUTE FUNCTION keep_the_decision()"
        for word in ("UPDATE", "DELETE", "TRUNCATE")
    ),
)


def upgrade() -> None:
    op.create_table(
        "decision",
        sa.Column("id", BIG, nullable=False),
        sa.Column("matter", sa.Text(), nullable=False, comment="what kind of thing was decided"),
        sa.Column("matter_id", BIG, nullable=False, comment="its number"),
        sa.Column("level", sa.Text(), nullable=False, comment="of which office"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("uscc", sa.Text(), nullable=False),
        sa.Column("person_id", BIG, nullable=False, comment="who decided"),
        sa.Column("seat_id", BIG, nullable=False, comment="in which seat"),
        sa.Column("outcome", sa.Text(), nullable=False, comment="confirmed, refused, recommended …"),
        sa.Column("reason", sa.Text(), nullable=False, comment="why; empty where none is asked"),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False, comment="when"),
        sa.CheckConstraint("kind IN ('claim', 'new', 're_review')", name="kind_is_known"),
        sa.CheckConstraint("level IN ('district', 'city')", name="level_is_known"),
        sa.CheckConstraint("matter IN ('claim', 'application')", name="matter_is_known"),
        sa.CheckConstraint("outcome <> ''", name="outcome_is_given"),
        sa.CheckConstraint("length(uscc) = 18", name="uscc_has_18_characters"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("matter", "matter_id", "level"),
    )
    op.create_index("ix_decision_person_id", "decision", ["person_id", "uscc"])
    op.create_table(
        "tie",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False, comment="whose"),
        sa.Column("uscc", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ended_on", sa.Date(), comment="last day of the employment or interest; null while it lasts"),
        sa.Column("note", sa.Text(), nullable=False, comment="in the person's own words"),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False, comment="when it was entered"),
        sa.Column("declared_by", sa.Text(), nullable=False, comment="by whom, as the trail names him"),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), comment="when it was taken back as mistaken"),
        sa.CheckConstraint("kind IN ('interest', 'family', 'former_employer')", name="kind_is_known"),
        sa.CheckConstraint("length(uscc) = 18", name="uscc_has_18_characters"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_tie_uscc", "tie", ["uscc"])
    op.create_index(
        "uq_tie_stands_once",
        "tie",
        ["person_id", "uscc", "kind"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "group_member",
        sa.Column("uscc", sa.Text(), nullable=False),
        sa.Column("group_name", sa.Text(), nullable=False, comment="the group, as the source names it"),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False, comment="when it was entered"),
        sa.CheckConstraint("length(uscc) = 18", name="uscc_has_18_characters"),
        sa.PrimaryKeyConstraint("uscc"),
    )
    op.create_index("ix_group_member_group_name", "group_member", ["group_name"])
    for rule in SQLITE_RULES if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_RULES:
        op.execute(rule)


def downgrade() -> None:
    op.drop_table("group_member")
    op.drop_table("tie")
    op.drop_table("decision")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION keep_the_decision()")
