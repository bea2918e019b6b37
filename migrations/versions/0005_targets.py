"""Values of the target board that staff enter, and the rules that keep every one of them as it was."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
REFUSAL = "values of targets are only added"
# INSERT OR REPLACE may delete without a delete trigger: a number that stands, or an older moment, never gets in.
NOT_NEW = (
    "EXISTS (SELECT 1 FROM target_value WHERE id = NEW.id) OR NEW.entered_at <= "
    "(SELECT max(entered_at) FROM target_value WHERE year = NEW.year AND key = NEW.key)"
)


def guard(name: str, moment: str, condition: str = "") -> str:
    """A trigger of SQLite that refuses a statement, always or on a condition."""
    when = f"WHEN {condition} " if condition else ""
    return (
        f"CREATE TRIGGER target_value_{name} {moment} ON target_value {when}BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    )


SQLITE_RULES = (
    guard("no_update", "BEFORE UPDATE"),
    guard("no_delete", "BEFORE DELETE"),
    guard("no_replace", "BEFORE INSERT", NOT_NEW),
)
POSTGRESQL_RULES = (
    "CREATE FUNCTION keep_target_values() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$",
    *(
        f"CREATE TRIGGER target_value_no_{word.lower()} BEFORE {word} ON target_value "
        f"FOR EACH {'STATEMENT' if word == 'TRUNCATE' else 'ROW'} EXECUTE FUNCTION keep_target_values()"
        for word in ("UPDATE", "DELETE", "TRUNCATE")
    ),
)


def upgrade() -> None:
    op.create_table(
        "target_value",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("year", sa.Integer(), nullable=False, comment="the year whose board it is entered on"),
        sa.Column("key", sa.Text(), nullable=False, comment="key of the row or input in the targets of the year"),
        sa.Column("value", sa.BigInteger(), nullable=False, comment="10^-4 of the row's unit"),
        sa.Column("as_of", sa.Date(), nullable=False, comment="the day of which it speaks"),
        sa.Column("source", sa.Text(), nullable=False, comment="the document or bulletin that states it"),
        sa.Column("author", sa.Text(), nullable=False, comment="who entered it"),
        sa.Column("note", sa.Text(), nullable=False, comment="anything to be said of it; may be empty"),
        sa.Column(
            "entered_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="later than every earlier value of the same year and key",
        ),
        sa.CheckConstraint("year BETWEEN 1949 AND 2199", name="year_within_bounds"),
        sa.CheckConstraint("value BETWEEN -999999999999999 AND 999999999999999", name="value_within_bounds"),
        sa.CheckConstraint("key <> ''", name="key_is_named"),
        sa.CheckConstraint("trim(source) <> ''", name="source_is_given"),
        sa.CheckConstraint("trim(author) <> ''", name="author_is_named"),
    )
    op.create_index("uq_target_value_key", "target_value", ["year", "key", "entered_at"], unique=True)
    for rule in SQLITE_RULES if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_RULES:
        op.execute(rule)


def downgrade() -> None:
    # The rules go with the table; the function of PostgreSQL is its own.
    op.drop_table("target_value")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION keep_target_values()")
