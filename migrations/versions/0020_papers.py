"""Papers of firms: profile, self-assessments, yearly updates, changes; reports on firms."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "profile",
        sa.Column("firm_id", BIG, autoincrement=False, nullable=False),
        sa.Column("answers", sa.Text(), nullable=False, comment="as typed, by field, as JSON"),
        sa.Column("version", sa.Integer(), nullable=False, comment="one more with each change"),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False, comment="when it was changed last"),
        sa.Column("saved_by", sa.Text(), nullable=False, comment="by whom, as the trail names him"),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.PrimaryKeyConstraint("firm_id"),
    )
    op.create_table(
        "self_assessment",
        sa.Column("id", BIG, nullable=False),
        sa.Column("firm_id", BIG, nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False, comment="for a submission on this day"),
        sa.Column("rule_set_id", sa.Text(), nullable=False, comment="by which rules"),
        sa.Column("firm", sa.Text(), nullable=False, comment="the firm by contract §1 as JSON"),
        sa.Column("verdict", sa.Text(), nullable=False, comment="what came of it"),
        sa.Column("score_low", sa.Integer(), comment="least points"),
        sa.Column("score_high", sa.Integer(), comment="most points"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, comment="when it was made"),
        sa.Column("made_by", sa.Text(), nullable=False, comment="by whom, as the trail names him"),
        sa.CheckConstraint("kind IN ('new', 're_review')", name="kind_is_known"),
        sa.CheckConstraint(
            "tier IN ('innovative', 'specialized', 'little_giant', 'above_scale')", name="tier_is_known"
        ),
        sa.CheckConstraint("verdict IN ('met', 'not_met', 'undetermined')", name="verdict_is_known"),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_self_assessment_firm_id", "self_assessment", ["firm_id", "id"])
    op.create_table(
        "yearly_update",
        sa.Column("id", BIG, nullable=False),
        sa.Column("firm_id", BIG, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False, comment="calendar year in which it was due"),
        sa.Column("number", sa.Integer(), nullable=False, comment="1, and one more with each correction"),
        sa.Column("firm", sa.Text(), nullable=False, comment="the firm by contract §1 as JSON"),
        sa.Column("due_on", sa.Date(), nullable=False, comment="last day on which it was in time"),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_by", BIG, nullable=False, comment="who filed it"),
        sa.Column("signed_as", sa.Text(), nullable=False, comment="the name under the declaration of truth"),
        sa.CheckConstraint("signed_as <> ''", name="declaration_is_signed"),
        sa.CheckConstraint("year BETWEEN 1949 AND 2199", name="year_within_bounds"),
        sa.ForeignKeyConstraint(["filed_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("firm_id", "year", "number"),
    )
    op.create_table(
        "change_report",
        sa.Column("id", BIG, nullable=False),
        sa.Column("firm_id", BIG, nullable=False),
        sa.Column("district", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False, comment="the day of the change"),
        sa.Column(
            "due_on", sa.Date(), nullable=False, comment="three months later: last day on which the report is in time"
        ),
        sa.Column("told", sa.Text(), nullable=False, comment="in the firm's words"),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False, comment="when it was reported"),
        sa.Column("reported_by", BIG, nullable=False, comment="who reported it"),
        sa.Column("outcome", sa.Text(), comment="what the bureau found; null while it waits"),
        sa.Column("reply", sa.Text(), nullable=False, comment="the bureau's words; empty while it waits"),
        sa.Column("settled_at", sa.DateTime(timezone=True), comment="when it was settled"),
        sa.Column("settled_by", BIG, comment="who settled it"),
        sa.CheckConstraint(
            "kind IN ('rename', 'merger', 'restructuring', 'move', 'foreign_branch', 'other')", name="kind_is_known"
        ),
        sa.CheckConstraint("outcome IN ('still_qualified', 'not_qualified', 'refused')", name="outcome_is_known"),
        sa.CheckConstraint("(outcome IS NULL) = (settled_at IS NULL)", name="settled_at_a_moment"),
        sa.CheckConstraint("length(district) = 6", name="district_has_6_digits"),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.ForeignKeyConstraint(["reported_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["settled_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_change_report_district", "change_report", ["district", "outcome", "id"])
    op.create_index("ix_change_report_firm_id", "change_report", ["firm_id", "id"])
    op.create_table(
        "report",
        sa.Column("id", BIG, nullable=False),
        sa.Column("firm_id", BIG, nullable=False),
        sa.Column("district", sa.Text()),
        sa.Column("code", sa.Text(), nullable=False, comment="under which the reporter looks for the answer"),
        sa.Column("reporter", sa.Text(), nullable=False, comment="real name"),
        sa.Column("contact_sealed", sa.Text(), nullable=False, comment="telephone or address, sealed"),
        sa.Column("grounds", sa.Text(), nullable=False, comment="what is reported and what shows it"),
        sa.Column("state", sa.Text(), nullable=False, comment="open, asked (the firm is to answer) or settled"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, comment="when it was made"),
        sa.Column(
            "question", sa.Text(), nullable=False, comment="what the bureau asks the firm; the reporter is never named"
        ),
        sa.Column("due_on", sa.Date(), comment="last day for the firm's answer"),
        sa.Column("firm_reply", sa.Text(), nullable=False, comment="what the firm says to it; empty while nothing"),
        sa.Column("firm_replied_at", sa.DateTime(timezone=True), comment="when the firm said it"),
        sa.Column("is_upheld", sa.Boolean(), comment="whether it was found true"),
        sa.Column("finding", sa.Text(), nullable=False, comment="what was found; empty while it waits"),
        sa.Column("settled_at", sa.DateTime(timezone=True), comment="when it was settled"),
        sa.Column("settled_by", BIG, comment="who settled it"),
        sa.CheckConstraint("(state = 'settled') = (settled_at IS NOT NULL)", name="settled_at_a_moment"),
        sa.CheckConstraint("reporter <> '' AND grounds <> ''", name="by_real_name_with_grounds"),
        sa.CheckConstraint("state IN ('open', 'asked', 'settled')", name="state_is_known"),
        sa.CheckConstraint("length(code) = 26", name="code_is_whole"),
        sa.CheckConstraint("length(district) = 6", name="district_has_6_digits"),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.ForeignKeyConstraint(["settled_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index("ix_report_district", "report", ["district", "state", "id"])
    op.create_index("ix_report_firm_id", "report", ["firm_id", "id"])


def downgrade() -> None:
    op.drop_table("report")
    op.drop_table("change_report")
    op.drop_table("yearly_update")
    op.drop_table("self_assessment")
    op.drop_table("profile")
