"""Announcements, certificates, revocations and bans."""

import sqlalchemy as sa
from alembic import op

from registry.store.kept import keeping

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEPT = {
    "announcement": "id = NEW.id OR number = NEW.number",
    "announcement_entry": "announcement_id = NEW.announcement_id AND position = NEW.position",
    "certificate": "id = NEW.id OR number = NEW.number OR code = NEW.code",
}
REFUSAL = "what was announced is never changed"


def upgrade() -> None:
    op.create_table(
        "announcement",
        sa.Column("id", BIG, nullable=False),
        sa.Column("number", sa.Text(), nullable=False, comment="of the document 文号"),
        sa.Column("title", sa.Text(), nullable=False, comment="what it is headed"),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column(
            "announced_on", sa.Date(), nullable=False, comment="the day of the document, from which the titles run"
        ),
        sa.Column(
            "is_outside",
            sa.Boolean(),
            nullable=False,
            comment="decided by the province, the ministry or the statistics authority",
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 over the list as it was frozen"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, comment="when it was entered here"),
        sa.Column("made_by", sa.Text(), nullable=False, comment="by whom, as the trail names him"),
        sa.CheckConstraint("number <> '' AND title <> ''", name="number_and_title_are_given"),
        sa.CheckConstraint(
            "tier IN ('innovative', 'specialized', 'little_giant', 'above_scale')", name="tier_is_known"
        ),
        sa.CheckConstraint("length(digest) = 64", name="digest_is_whole"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("ix_announcement_announced_on", "announcement", ["announced_on", "id"])
    op.create_table(
        "announcement_entry",
        sa.Column("announcement_id", BIG, autoincrement=False, nullable=False, comment="of which announcement"),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False, comment="place on the list"),
        sa.Column("application_id", BIG, comment="which case, if any"),
        sa.Column("uscc", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("district", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('new', 're_review')", name="kind_is_known"),
        sa.CheckConstraint("length(district) = 6", name="district_has_6_digits"),
        sa.CheckConstraint("length(uscc) = 18", name="uscc_has_18_characters"),
        sa.ForeignKeyConstraint(["announcement_id"], ["announcement.id"]),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"]),
        sa.PrimaryKeyConstraint("announcement_id", "position"),
        sa.UniqueConstraint("announcement_id", "uscc"),
        sa.UniqueConstraint("application_id"),
    )
    op.create_table(
        "certificate",
        sa.Column("id", BIG, nullable=False),
        sa.Column("number", sa.Text(), nullable=False, comment="as printed on it, without gaps within tier and year"),
        sa.Column("code", sa.Text(), nullable=False, comment="unguessable, of its public page and QR"),
        sa.Column("firm_id", BIG, nullable=False),
        sa.Column("application_id", BIG, comment="of which case, if any"),
        sa.Column("announcement_id", BIG, comment="by which document"),
        sa.Column("uscc", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False, comment="first valid day"),
        sa.Column("valid_until", sa.Date(), nullable=False, comment="last valid day"),
        sa.Column("seal", sa.Text(), nullable=False, comment="keyed digest over what is printed on it"),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False, comment="when it was made"),
        sa.CheckConstraint("tier IN ('innovative', 'specialized', 'little_giant')", name="tier_is_known"),
        sa.CheckConstraint("length(code) = 26", name="code_is_whole"),
        sa.CheckConstraint("length(seal) = 64", name="seal_is_whole"),
        sa.CheckConstraint("length(uscc) = 18", name="uscc_has_18_characters"),
        sa.CheckConstraint("valid_until >= valid_from", name="ends_after_it_begins"),
        sa.ForeignKeyConstraint(["announcement_id"], ["announcement.id"]),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"]),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("application_id"),
        sa.UniqueConstraint("code"),
        sa.UniqueConstraint("firm_id", "tier", "valid_from"),
        sa.UniqueConstraint("number"),
    )
    op.create_table(
        "certificate_look",
        sa.Column("id", BIG, nullable=False),
        sa.Column("certificate_id", BIG, nullable=False, comment="which one"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="when"),
        sa.Column("answer", sa.Text(), nullable=False, comment="what was told: valid, expired, revoked"),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificate.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_certificate_look_certificate_id", "certificate_look", ["certificate_id", "at"])
    op.create_table(
        "revocation_case",
        sa.Column("id", BIG, nullable=False),
        sa.Column("firm_id", BIG, nullable=False),
        sa.Column("uscc", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("district", sa.Text()),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False, comment="what happened and what shows it"),
        sa.Column("state", sa.Text(), nullable=False, comment="proposed, revoked or dropped"),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False, comment="when it was proposed"),
        sa.Column("proposed_by", BIG, nullable=False, comment="who proposed it"),
        sa.Column("firm_reply", sa.Text(), nullable=False, comment="what the firm says to it; empty while nothing"),
        sa.Column("firm_replied_at", sa.DateTime(timezone=True), comment="when the firm said it"),
        sa.Column("hearing", sa.Text(), nullable=False, comment="note of the hearing, or that the firm renounced it"),
        sa.Column("revoked_on", sa.Date(), comment="from which day the title is held no more"),
        sa.Column("document", sa.Text(), nullable=False, comment="number of the decision; empty until there is one"),
        sa.Column("settled_at", sa.DateTime(timezone=True), comment="when it was revoked or dropped"),
        sa.Column("settled_by", BIG, comment="who settled it"),
        sa.CheckConstraint("(state = 'proposed') = (settled_at IS NULL)", name="settled_unless_proposed"),
        sa.CheckConstraint(
            "cause IN ('incident', 'dishonesty', 'tax_evasion', 'false_data', 'no_update', 'unreported_change', "
            "'unqualified', 'other')",
            name="cause_is_known",
        ),
        sa.CheckConstraint("facts <> ''", name="facts_are_given"),
        sa.CheckConstraint(
            "state <> 'revoked' OR (hearing <> '' AND revoked_on IS NOT NULL)", name="heard_before_revoked"
        ),
        sa.CheckConstraint("state IN ('proposed', 'revoked', 'dropped')", name="state_is_known"),
        sa.CheckConstraint("tier IN ('innovative', 'specialized', 'little_giant')", name="tier_is_known"),
        sa.CheckConstraint("length(district) = 6", name="district_has_6_digits"),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["settled_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_revocation_case_firm_id", "revocation_case", ["firm_id", "id"])
    op.create_index("ix_revocation_case_state", "revocation_case", ["state", "district", "id"])
    op.create_table(
        "ban",
        sa.Column("id", BIG, nullable=False),
        sa.Column("firm_id", BIG, nullable=False),
        sa.Column("uscc", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False, comment="from when on"),
        sa.Column("last_day", sa.Date(), nullable=False, comment="last day on which it may not apply"),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("revocation_id", BIG, comment="that imposed it"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, comment="when it was imposed"),
        sa.Column("made_by", sa.Text(), nullable=False, comment="by whom, as the trail names him"),
        sa.Column("lifted_at", sa.DateTime(timezone=True), comment="when it was lifted as mistaken"),
        sa.CheckConstraint("last_day >= first_day", name="ends_after_it_begins"),
        sa.CheckConstraint("length(uscc) = 18", name="uscc_has_18_characters"),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.ForeignKeyConstraint(["revocation_id"], ["revocation_case.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_ban_firm_id", "ban", ["firm_id", "last_day"])
    for rule in keeping(op.get_bind().dialect.name, "keep_the_recognition", REFUSAL, KEPT):
        op.execute(rule)


def downgrade() -> None:
    op.drop_table("ban")
    op.drop_table("revocation_case")
    op.drop_table("certificate_look")
    op.drop_table("certificate")
    op.drop_table("announcement_entry")
    op.drop_table("announcement")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION keep_the_recognition()")
