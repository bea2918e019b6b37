"""Cases: windows, applications, the rounds submitted, the steps taken and what was returned."""

import sqlalchemy as sa
from alembic import op

from registry.store.kept import keeping

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEPT = {
    "application_round": "application_id = NEW.application_id AND round = NEW.round",
    "case_step": "id = NEW.id OR (application_id = NEW.application_id AND number = NEW.number)",
}
REFUSAL = "what was submitted or done is never changed"


def upgrade() -> None:
    op.create_table(
        "filing_window",
        sa.Column("id", BIG, nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), comment="new or re_review; null: both"),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False, comment="first day on which a case may be submitted"),
        sa.Column("closes_on", sa.Date(), nullable=False, comment="last day on which a case may be submitted"),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, comment="when it was entered"),
        sa.Column("made_by", sa.Text(), nullable=False, comment="by whom, as the trail names him"),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), comment="when it was taken back as mistaken"),
        sa.Column("withdrawn_by", sa.Text(), comment="who took it back"),
        sa.CheckConstraint("batch <> ''", name="batch_is_named"),
        sa.CheckConstraint("kind IN ('new', 're_review')", name="kind_is_known"),
        sa.CheckConstraint(
            "tier IN ('innovative', 'specialized', 'little_giant', 'above_scale')", name="tier_is_known"
        ),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn_by_somebody"),
        sa.CheckConstraint("closes_on >= opens_on", name="closes_after_it_opens"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_filing_window_tier", "filing_window", ["tier", "kind", "opens_on"])
    op.create_table(
        "application",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.Text(), comment="what the firm was told; null in a draft"),
        sa.Column("firm_id", BIG, nullable=False),
        sa.Column("uscc", sa.Text(), nullable=False),
        sa.Column(
            "firm_name", sa.Text(), nullable=False, comment="as the register named it when it was submitted last"
        ),
        sa.Column("district", sa.Text(), nullable=False, comment="whose bureau handles it; stays when the firm moves"),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="as registry.domain.case_states.State writes it"),
        sa.Column("round", sa.Integer(), nullable=False, comment="1, and one more with each submission after a return"),
        sa.Column(
            "version", sa.Integer(), nullable=False, comment="one more with each step: what compare-and-set compares"
        ),
        sa.Column(
            "answers",
            sa.Text(),
            nullable=False,
            comment="what is typed in so far, by field, as JSON; frozen in the rounds",
        ),
        sa.Column("filed_by", BIG, nullable=False, comment="who began it"),
        sa.Column("filed_role", sa.Text(), nullable=False, comment="applicant, or the district that files for a firm"),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False, comment="when the draft was begun"),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False, comment="when something was last typed in"),
        sa.Column("window_id", BIG, comment="in which batch"),
        sa.Column("procedure_id", sa.Text(), comment="by which procedure it is handled, for good"),
        sa.Column("procedure_digest", sa.Text(), comment="of that procedure's content"),
        sa.Column("rule_set_id", sa.Text(), comment="by which rules it is judged, for good"),
        sa.Column("rule_set_digest", sa.Text(), comment="of those rules' content"),
        sa.Column("submitted_on", sa.Date(), comment="the day that chose the rules; of the first submission"),
        sa.Column("verdict", sa.Text(), comment="of the last round with the judgements entered so far"),
        sa.Column("score_low", sa.Integer(), comment="least points; null where nothing is scored"),
        sa.Column("score_high", sa.Integer(), comment="most points; null where nothing is scored"),
        sa.Column(
            "entered_at", sa.DateTime(timezone=True), nullable=False, comment="when it came into its present state"
        ),
        sa.Column("due_on", sa.Date(), comment="last day of the present state; null where none is set"),
        sa.Column(
            "due_is_provisional",
            sa.Boolean(),
            nullable=False,
            comment="the day may still change: a year has no calendar yet",
        ),
        sa.Column("handler_id", BIG, comment="to whom it is assigned"),
        sa.Column("closed_at", sa.DateTime(timezone=True), comment="when it ended"),
        sa.CheckConstraint("(state LIKE 'ended:%') = (closed_at IS NOT NULL)", name="closed_when_it_ended"),
        sa.CheckConstraint("kind IN ('new', 're_review')", name="kind_is_known"),
        sa.CheckConstraint(
            "state IN ('draft', 'ended:withdrawn') OR submitted_on IS NOT NULL", name="submitted_on_a_day"
        ),
        sa.CheckConstraint(
            "tier IN ('innovative', 'specialized', 'little_giant', 'above_scale')", name="tier_is_known"
        ),
        sa.CheckConstraint("verdict IN ('met', 'not_met', 'undetermined')", name="verdict_is_known"),
        sa.CheckConstraint(
            "(submitted_on IS NULL) = (reference IS NULL) AND (submitted_on IS NULL) = (rule_set_id IS NULL) AND "
            "(submitted_on IS NULL) = (procedure_id IS NULL)",
            name="rules_fixed_when_submitted",
        ),
        sa.CheckConstraint("length(district) = 6", name="district_has_6_digits"),
        sa.CheckConstraint("length(uscc) = 18", name="uscc_has_18_characters"),
        sa.CheckConstraint("verdict IS NULL OR submitted_on IS NOT NULL", name="verdict_of_what_was_submitted"),
        sa.CheckConstraint("version >= 0 AND round >= 1", name="counted_from_the_start"),
        sa.ForeignKeyConstraint(["filed_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.ForeignKeyConstraint(["handler_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["window_id"], ["filing_window.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("reference"),
    )
    op.create_index("ix_application_desk", "application", ["state", "district", "due_on", "id"])
    op.create_index("ix_application_firm_id", "application", ["firm_id", "id"])
    op.create_index("ix_application_firm_name", "application", ["firm_name"])
    op.create_index("ix_application_handler", "application", ["handler_id", "state", "id"])
    op.create_index("ix_application_tier", "application", ["tier", "state", "district", "id"])
    op.create_index("ix_application_uscc", "application", ["uscc"])
    op.create_index(
        "uq_application_under_way",
        "application",
        ["firm_id", "tier"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "application_round",
        sa.Column("application_id", BIG, autoincrement=False, nullable=False, comment="of which case"),
        sa.Column("round", sa.Integer(), autoincrement=False, nullable=False, comment="1, 2, 3 …"),
        sa.Column("answers", sa.Text(), nullable=False, comment="as typed, by field, as JSON"),
        sa.Column(
            "firm", sa.Text(), nullable=False, comment="the firm by contract §1 as JSON, titles of the books included"
        ),
        sa.Column(
            "incomplete", sa.Text(), nullable=False, comment="list facts that may have more entries, as a JSON list"
        ),
        sa.Column(
            "evidence", sa.Text(), nullable=False, comment="files on record: number, name, digest, criterion, as JSON"
        ),
        sa.Column("verdict", sa.Text(), nullable=False, comment="of these facts alone, by the rules of the case"),
        sa.Column("score_low", sa.Integer(), comment="least points"),
        sa.Column("score_high", sa.Integer(), comment="most points"),
        sa.Column("signed_as", sa.Text(), nullable=False, comment="the name under the declaration of truth"),
        sa.Column("person_id", BIG, nullable=False, comment="who submitted it"),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False, comment="when it was submitted"),
        sa.CheckConstraint("verdict IN ('met', 'not_met', 'undetermined')", name="verdict_is_known"),
        sa.CheckConstraint("round >= 1", name="counted_from_one"),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("application_id", "round"),
    )
    op.create_table(
        "case_step",
        sa.Column("id", BIG, nullable=False),
        sa.Column("application_id", BIG, nullable=False, comment="of which case"),
        sa.Column("number", sa.Integer(), nullable=False, comment="1, 2, 3 …: the version of the case after it"),
        sa.Column("round", sa.Integer(), nullable=False, comment="the round it belongs to"),
        sa.Column("from_state", sa.Text(), nullable=False, comment="where the case was"),
        sa.Column(
            "action",
            sa.Text(),
            nullable=False,
            comment="what was done: a move of the procedure, or assign, remind, judge",
        ),
        sa.Column("to_state", sa.Text(), nullable=False, comment="where the case is since"),
        sa.Column("role", sa.Text(), comment="in which role; null for the program"),
        sa.Column("level", sa.Text(), comment="on whose behalf; null for the program"),
        sa.Column("person_id", BIG, comment="who; null for the program"),
        sa.Column("seat_id", BIG, comment="in which seat"),
        sa.Column("doer", sa.Text(), nullable=False, comment="name and seat, as the trail names him"),
        sa.Column("opinion", sa.Text(), nullable=False, comment="in his own words; empty where none was asked"),
        sa.Column("details", sa.Text(), nullable=False, comment="what else belongs to it, as canonical JSON"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="when"),
        sa.CheckConstraint("action <> ''", name="action_is_given"),
        sa.CheckConstraint(
            "level IN ('firm', 'district', 'city', 'departments', 'auditor', 'outside')", name="level_is_known"
        ),
        sa.CheckConstraint(
            "role IN ('applicant', 'district_reviewer', 'city_reviewer', 'department_officer', 'auditor', "
            "'statistician', 'system_admin', 'security_admin', 'audit_admin')",
            name="role_is_known",
        ),
        sa.CheckConstraint("number >= 1", name="counted_from_one"),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("application_id", "number"),
    )
    op.create_index("ix_case_step_at", "case_step", ["at"])
    op.create_index("ix_case_step_person_id", "case_step", ["person_id", "application_id"])
    op.create_table(
        "returned_part",
        sa.Column("application_id", BIG, autoincrement=False, nullable=False, comment="of which case"),
        sa.Column("round", sa.Integer(), autoincrement=False, nullable=False, comment="the round that was returned"),
        sa.Column(
            "part",
            sa.Text(),
            nullable=False,
            comment="a field, as facts.ip_class1 or years.2025.revenue, or `evidence`",
        ),
        sa.Column(
            "criterion", sa.Text(), nullable=False, comment="the criterion it was returned for; empty where none"
        ),
        sa.Column("comment", sa.Text(), nullable=False, comment="the reviewer's words"),
        sa.CheckConstraint("part <> ''", name="part_is_named"),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"]),
        sa.PrimaryKeyConstraint("application_id", "round", "part"),
    )
    for rule in keeping(op.get_bind().dialect.name, "keep_the_case", REFUSAL, KEPT):
        op.execute(rule)


def downgrade() -> None:
    op.drop_table("returned_part")
    op.drop_table("case_step")
    op.drop_table("application_round")
    op.drop_table("application")
    op.drop_table("filing_window")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION keep_the_case()")
