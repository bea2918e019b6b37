"""The ledger of status events, the deeds that no list states, and the rules that keep the ledger as it is."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HOLDS = sa.text("superseded_at IS NULL")
REFUSAL = "the ledger is append-only"


def guard(table: str, name: str, moment: str, condition: str = "") -> str:
    """A trigger of SQLite that refuses a statement, always or on a condition."""
    when = f"WHEN {condition} " if condition else ""
    return f"CREATE TRIGGER {table}_{name} {moment} ON {table} {when}BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"


# INSERT OR REPLACE may delete without a delete trigger: a number that is not a new one never gets in.
SQLITE_RULES = (
    guard("ledger", "no_update", "BEFORE UPDATE"),
    guard("ledger", "no_delete", "BEFORE DELETE"),
    guard("ledger", "next_only", "BEFORE INSERT", "NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM ledger)"),
    guard("filing", "no_update", "BEFORE UPDATE"),
    guard("filing", "no_delete", "BEFORE DELETE"),
    guard(
        "filing",
        "no_replace",
        "BEFORE INSERT",
        "NEW.filed_at <= (SELECT max(filed_at) FROM filing) OR NEW.id IN (SELECT id FROM filing)",
    ),
)
POSTGRESQL_RULES = (
    # Every part of it is written here.
    f"""CREATE FUNCTION number_the_ledger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM ledger) THEN RAISE EXCEPTION '{REFUSAL}'; END IF;
    RETURN NEW; END $$""",  # noqa: S608
    "CREATE TRIGGER ledger_next_only BEFORE INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION number_the_ledger()",
    "CREATE FUNCTION keep_the_ledger() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$",
    *(
        f"CREATE TRIGGER {table}_no_{word.lower()} BEFORE {word} ON {table} "
        f"FOR EACH {'STATEMENT' if word == 'TRUNCATE' else 'ROW'} EXECUTE FUNCTION keep_the_ledger()"
        for table in ("ledger", "filing")
        for word in ("UPDATE", "DELETE", "TRUNCATE")
    ),
)


def upgrade() -> None:
    op.create_table(
        "filing",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="the name of the list, or the document"),
        sa.Column("actor", sa.Text(), nullable=False, comment="who did it; empty for the program's own commands"),
        sa.UniqueConstraint("filed_at"),
        sa.CheckConstraint("deed <> ''", name="deed_is_named"),
    )
    op.create_table(
        "ledger",
        sa.Column("seq", BIG, primary_key=True, autoincrement=False, comment="1, 2, 3 … without a gap"),
        sa.Column("filing_id", BIG, sa.ForeignKey("filing.id"), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("takes_effect_on", sa.Date(), nullable=False),
        sa.Column("uscc", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), comment="null for what happens to the firm itself"),
        sa.Column("district", sa.Text()),
        sa.Column("details", sa.Text(), nullable=False, comment="what the statement adds, as canonical JSON"),
        sa.Column("voids", BIG, comment="the event that this one takes back"),
        sa.Column("hash", sa.Text(), nullable=False, comment="SHA-256 over this row and the hash before it"),
        sa.CheckConstraint(
            "tag IN ('recognised', 'renewed', 'reinstated', 'expired', 'revoked', 'entered', 'exited', 'moved', "
            "'renamed', 'merged', 'corrected')",
            name="tag_is_known",
        ),
        sa.CheckConstraint(
            "tier IN ('innovative', 'specialized', 'little_giant', 'above_scale')", name="tier_is_known"
        ),
        sa.CheckConstraint("length(hash) = 64", name="hash_is_whole"),
        sa.CheckConstraint("(tag = 'corrected') = (voids IS NOT NULL)", name="only_a_correction_voids"),
        sa.CheckConstraint("voids < seq", name="voids_an_earlier_one"),
    )
    op.create_index("ix_ledger_uscc", "ledger", ["uscc"])
    op.create_index("ix_ledger_filing_id", "ledger", ["filing_id"])
    voiding = sa.text("voids IS NOT NULL")
    op.create_index("uq_ledger_voids", "ledger", ["voids"], unique=True, sqlite_where=voiding, postgresql_where=voiding)
    op.create_table(
        "revocation",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("firm_id", BIG, sa.ForeignKey("firm.id"), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=False, comment="does not hold at the close of this day"),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), comment="when it was taken back"),
        sa.CheckConstraint("tier IN ('innovative', 'specialized', 'little_giant')", name="tier_is_known"),
        sa.CheckConstraint("cause <> ''", name="cause_is_given"),
        sa.CheckConstraint("superseded_at >= known_at", name="superseded_after_it_was_known"),
    )
    op.create_index(
        "uq_revocation_holds_once",
        "revocation",
        ["firm_id", "tier", "revoked_on"],
        unique=True,
        sqlite_where=HOLDS,
        postgresql_where=HOLDS,
    )
    op.create_table(
        "merger",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("firm_id", BIG, sa.ForeignKey("firm.id"), nullable=False),
        sa.Column("merged_on", sa.Date(), nullable=False),
        sa.Column("into_uscc", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), comment="when it was taken back"),
        sa.CheckConstraint("length(into_uscc) = 18", name="into_uscc_has_18_characters"),
        sa.CheckConstraint("superseded_at >= known_at", name="superseded_after_it_was_known"),
    )
    op.create_index(
        "uq_merger_holds_once", "merger", ["firm_id"], unique=True, sqlite_where=HOLDS, postgresql_where=HOLDS
    )
    for rule in SQLITE_RULES if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_RULES:
        op.execute(rule)


def downgrade() -> None:
    # The rules go with their tables; the function of PostgreSQL is its own.
    for table in ("merger", "revocation", "ledger", "filing"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION keep_the_ledger()")
        op.execute("DROP FUNCTION number_the_ledger()")
