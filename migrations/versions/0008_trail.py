"""The trail of who did what, where it was archived, and the rules that keep it as it is for 200 days at least."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
REFUSAL = "the trail is append-only"
TAGS = (
    "'session.signed_in', 'session.refused', 'session.locked', 'session.signed_out', 'session.ended', "
    "'session.expired', 'password.set', 'password.reset_asked', 'factor.enrolled', 'factor.removed', "
    "'factor.refused', 'recovery.made', 'recovery.used', 'person.created', 'person.disabled', "
    "'person.enabled', 'person.renamed', 'person.changed', 'link.made', 'link.used', 'seat.granted', "
    "'seat.ended', 'claim.made', 'claim.confirmed', 'claim.refused', 'claim.withdrawn', "
    "'invitation.made', 'invitation.accepted', 'invitation.revoked', 'delegation.granted', "
    "'delegation.revoked', 'tie.declared', 'tie.withdrawn', 'decision.made', 'decision.barred', "
    "'confidential.revealed', 'data.exported', 'keys.rotated', 'trail.archived', 'office.opened', "
    "'office.closed', 'books.filed', 'target.entered', 'mail.sent', 'mail.failed', "
    "'evidence.added', 'evidence.removed', 'evidence.refused', 'evidence.seen'"
)
NEXT = "coalesce((SELECT max(seq) FROM trail), (SELECT max(seq) FROM trail_cut), 0) + 1"
# SQLite keeps moments as text in UTC, which sorts as they do; 200 days of 24 hours, whatever a session's zone is.
OLD_ENOUGH = {"sqlite": "datetime('now', '-200 days')", "postgresql": "now() - interval '4800 hours'"}
# A number or a moment out of turn: `<>` and `<` are unknown, thus no refusal, only where there is nothing before.
OUT_OF_TURN = f"NEW.seq <> {NEXT} OR NEW.at < (SELECT max(at) FROM trail)"  # noqa: S608


def not_a_head(clock: str) -> str:
    """What may not be noted as archived: a head that the trail does not have, or one that is too young."""
    return (
        f"NOT EXISTS (SELECT 1 FROM trail WHERE seq = NEW.seq AND hash = NEW.hash AND at < {clock}) "  # noqa: S608
        "OR NEW.seq <= (SELECT max(seq) FROM trail_cut)"
    )


def not_to_go(clock: str) -> str:
    """What may not be deleted: whatever is not archived, or too young."""
    return f"OLD.at >= {clock} OR OLD.seq > coalesce((SELECT max(seq) FROM trail_cut), 0)"  # noqa: S608


def guard(table: str, name: str, moment: str, condition: str = "") -> str:
    """A trigger of SQLite that refuses a statement, always or on a condition."""
    when = f"WHEN {condition} " if condition else ""
    return f"CREATE TRIGGER {table}_{name} {moment} ON {table} {when}BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"


def refusing(function: str, condition: str, row: str) -> str:
    """A function of PostgreSQL that refuses a row on a condition and lets it through otherwise."""
    return (
        f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {condition} THEN RAISE EXCEPTION '{REFUSAL}'; END IF; RETURN {row}; END $$"
    )


# INSERT OR REPLACE may delete without a delete trigger: a number that is not a new one never gets in.
SQLITE_RULES = (
    guard("trail", "no_update", "BEFORE UPDATE"),
    guard("trail", "next_only", "BEFORE INSERT", OUT_OF_TURN),
    guard("trail", "keeps", "BEFORE DELETE", not_to_go(OLD_ENOUGH["sqlite"])),
    guard("trail_cut", "no_update", "BEFORE UPDATE"),
    guard("trail_cut", "no_delete", "BEFORE DELETE"),
    guard("trail_cut", "heads_only", "BEFORE INSERT", not_a_head(OLD_ENOUGH["sqlite"])),
)
POSTGRESQL_RULES = (
    "CREATE FUNCTION keep_the_trail() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$",
    refusing("number_the_trail", OUT_OF_TURN, "NEW"),
    refusing("hold_the_trail", not_to_go(OLD_ENOUGH["postgresql"]), "OLD"),
    refusing("cut_the_trail", not_a_head(OLD_ENOUGH["postgresql"]), "NEW"),
    *(
        f"CREATE TRIGGER {table}_{name} BEFORE {word} ON {table} "
        f"FOR EACH {'STATEMENT' if word == 'TRUNCATE' else 'ROW'} EXECUTE FUNCTION {function}()"
        for table, name, word, function in (
            ("trail", "no_update", "UPDATE", "keep_the_trail"),
            ("trail", "no_truncate", "TRUNCATE", "keep_the_trail"),
            ("trail", "next_only", "INSERT", "number_the_trail"),
            ("trail", "keeps", "DELETE", "hold_the_trail"),
            ("trail_cut", "no_update", "UPDATE", "keep_the_trail"),
            ("trail_cut", "no_delete", "DELETE", "keep_the_trail"),
            ("trail_cut", "no_truncate", "TRUNCATE", "keep_the_trail"),
            ("trail_cut", "heads_only", "INSERT", "cut_the_trail"),
        )
    ),
)


def upgrade() -> None:
    op.create_table(
        "trail",
        sa.Column("seq", BIG, primary_key=True, autoincrement=False, comment="1, 2, 3 … without a gap"),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="never before the entry above it, whatever the clock said",
        ),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("person_id", BIG, comment="null for the program and for unknown visitors"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "seat", sa.Text(), nullable=False, comment="the office held while doing it, as district_reviewer@370214"
        ),
        sa.Column("address", sa.Text(), nullable=False, comment="the network address it came from"),
        sa.Column("request_id", sa.Text(), nullable=False, comment="of the request that it was part of"),
        sa.Column("subject", sa.Text(), nullable=False, comment="what it was done to, as person:12 or firm:9137…"),
        sa.Column("before", sa.Text(), comment="the values that were replaced, as canonical JSON"),
        sa.Column("after", sa.Text(), comment="the values that hold since, as canonical JSON"),
        sa.Column("hash", sa.Text(), nullable=False, comment="SHA-256 over this row and the hash before it"),
        sa.CheckConstraint(f"tag IN ({TAGS})", name="tag_is_known"),
        sa.CheckConstraint("length(hash) = 64", name="hash_is_whole"),
    )
    op.create_index("ix_trail_person_id", "trail", ["person_id", "seq"])
    op.create_index("ix_trail_subject", "trail", ["subject", "seq"])
    op.create_index("ix_trail_tag", "trail", ["tag", "seq"])
    op.create_index("ix_trail_at", "trail", ["at"])
    op.create_table(
        "trail_cut",
        sa.Column("seq", BIG, primary_key=True, autoincrement=False, comment="the last entry archived"),
        sa.Column("hash", sa.Text(), nullable=False, comment="of that entry"),
        sa.Column("cut_at", sa.DateTime(timezone=True), nullable=False, comment="when it was archived"),
        sa.CheckConstraint("length(hash) = 64", name="hash_is_whole"),
    )
    for rule in SQLITE_RULES if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_RULES:
        op.execute(rule)


def downgrade() -> None:
    # The rules go with their tables; the functions of PostgreSQL are its own.
    for table in ("trail_cut", "trail"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for function in ("cut_the_trail", "hold_the_trail", "number_the_trail", "keep_the_trail"):
            op.execute(f"DROP FUNCTION {function}()")
