"""Published counts, frozen row by row, and the rules that keep every publication as it was printed."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
REFUSAL = "what was published is never changed"
SEALED = "EXISTS (SELECT 1 FROM publication WHERE id = NEW.publication_id)"
TABLES = ("publication", "publication_row")
COUNTED = (
    ("stock_start", "at the close of 31 December of the year before"),
    ("new", "first recognitions or entries"),
    ("renewed", "continued without a gap"),
    ("reinstated", "again after a gap"),
    ("expired", "on the day after the last valid one"),
    ("revoked", "cancelled"),
    ("exited", "left the above-scale list"),
    ("moved_in", "from another district"),
    ("moved_out", "to another district"),
    ("stock_end", "at the close of the last day counted"),
)


def guard(table: str, name: str, moment: str, condition: str = "") -> str:
    """A trigger of SQLite that refuses a statement, always or on a condition."""
    when = f"WHEN {condition} " if condition else ""
    return f"CREATE TRIGGER {table}_{name} {moment} ON {table} {when}BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"


# INSERT OR REPLACE may delete without a delete trigger: a number that is not a new one never gets in, nor does any row
# of a publication that stands. One that repeats what the UNIQUE rule binds would take the old one away.
NOT_NEXT = (
    "NEW.id <> (SELECT coalesce(max(id), 0) + 1 FROM publication) OR EXISTS (SELECT 1 FROM publication "
    "WHERE title = NEW.title AND year = NEW.year AND as_of = NEW.as_of AND known_at = NEW.known_at)"
)
SQLITE_RULES = (
    *(guard(table, "no_update", "BEFORE UPDATE") for table in TABLES),
    *(guard(table, "no_delete", "BEFORE DELETE") for table in TABLES),
    guard("publication", "next_only", "BEFORE INSERT", NOT_NEXT),
    guard("publication_row", "is_sealed", "BEFORE INSERT", SEALED),
)
POSTGRESQL_RULES = (
    "CREATE FUNCTION keep_publications() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$",
    "CREATE FUNCTION seal_publications() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN IF {SEALED} THEN RAISE EXCEPTION '{REFUSAL}'; END IF; RETURN NEW; END $$",
    *(
        f"CREATE TRIGGER {table}_no_{word.lower()} BEFORE {word} ON {table} "
        f"FOR EACH {'STATEMENT' if word == 'TRUNCATE' else 'ROW'} EXECUTE FUNCTION keep_publications()"
        for table in TABLES
        for word in ("UPDATE", "DELETE", "TRUNCATE")
    ),
    "CREATE TRIGGER publication_row_is_sealed BEFORE INSERT ON publication_row "
    "FOR EACH ROW EXECUTE FUNCTION seal_publications()",
)


def upgrade() -> None:
    op.create_table(
        "publication",
        sa.Column("id", BIG, primary_key=True, autoincrement=False, comment="1, 2, 3 … without a gap"),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False, comment="the last day counted"),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "breakdowns",
            sa.Text(),
            nullable=False,
            comment="what was frozen, as canonical JSON; empty text: the total",
        ),
        sa.Column("title", sa.Text(), nullable=False, comment="the name of the publication"),
        sa.Column("source", sa.Text(), nullable=False, comment="where it was published: the document or bulletin"),
        sa.Column("author", sa.Text(), nullable=False, comment="who froze it"),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False, comment="when it was frozen"),
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 over the publication and all its rows"),
        sa.CheckConstraint("year BETWEEN 1949 AND 2199", name="year_within_bounds"),
        sa.CheckConstraint("trim(title) <> ''", name="title_is_given"),
        sa.CheckConstraint("trim(source) <> ''", name="source_is_given"),
        sa.CheckConstraint("trim(author) <> ''", name="author_is_named"),
        sa.CheckConstraint("length(digest) = 64", name="digest_is_whole"),
        sa.UniqueConstraint("title", "year", "as_of", "known_at"),
    )
    op.create_table(
        "publication_row",
        sa.Column(
            "publication_id",
            BIG,
            sa.ForeignKey("publication.id", deferrable=True, initially="DEFERRED"),
            primary_key=True,
            autoincrement=False,
            comment="the publication it belongs to",
        ),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False, comment="its place, from 1"),
        sa.Column("breakdown", sa.Text(), nullable=False, comment="names with commas; empty: the total"),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("keys", sa.Text(), nullable=False, comment="the key of every name, as canonical JSON; null: unknown"),
        *(sa.Column(name, sa.Integer(), nullable=False, comment=comment) for name, comment in COUNTED),
        sa.CheckConstraint(
            "tier IN ('innovative', 'specialized', 'little_giant', 'above_scale', 'any')", name="tier_is_known"
        ),
        sa.CheckConstraint(" AND ".join(f"{name} >= 0" for name, _ in COUNTED), name="counts_not_negative"),
        sa.CheckConstraint(
            "stock_end = stock_start + new + reinstated - expired - revoked - exited + moved_in - moved_out",
            name="row_balances",
        ),
        sa.UniqueConstraint("publication_id", "breakdown", "tier", "keys"),
        sqlite_with_rowid=False,
    )
    for rule in SQLITE_RULES if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_RULES:
        op.execute(rule)


def downgrade() -> None:
    # The rules go with their tables; the functions of PostgreSQL are its own.
    op.drop_table("publication_row")
    op.drop_table("publication")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION seal_publications()")
        op.execute("DROP FUNCTION keep_publications()")
