"""What is found out of cases: judgements, answers of departments, samples."""

import sqlalchemy as sa
from alembic import op

from registry.store.kept import keeping

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEPT = {
    "judgement": "id = NEW.id",
    "sample_draw": "id = NEW.id",
}
REFUSAL = "a judgement and a draw are never changed"


def upgrade() -> None:
    op.create_table(
        "judgement",
        sa.Column("id", BIG, nullable=False),
        sa.Column("application_id", BIG, nullable=False, comment="of which case"),
        sa.Column("fact", sa.Text(), nullable=False, comment="which fact of contract §1, as key_link"),
        sa.Column("value", sa.Boolean(), comment="yes or no; null: taken back, open again"),
        sa.Column("reason", sa.Text(), nullable=False, comment="what it rests on"),
        sa.Column("person_id", BIG, nullable=False, comment="who judged"),
        sa.Column("seat_id", BIG, nullable=False, comment="in which seat"),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False, comment="when"),
        sa.CheckConstraint("reason <> ''", name="reason_is_given"),
        sa.CheckConstraint("length(fact) > 0", name="fact_is_named"),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_judgement_application_id", "judgement", ["application_id", "id"])
    op.create_table(
        "inquiry",
        sa.Column("id", BIG, nullable=False),
        sa.Column("application_id", BIG, nullable=False, comment="about which case"),
        sa.Column("department", sa.Text(), nullable=False, comment="which department"),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False, comment="when it was asked"),
        sa.Column("asked_by", sa.Text(), nullable=False, comment="by whom, as the trail names him"),
        sa.Column("due_on", sa.Date(), nullable=False, comment="last day for the answer"),
        sa.Column(
            "due_is_provisional",
            sa.Boolean(),
            nullable=False,
            comment="the day may still change: a year has no calendar yet",
        ),
        sa.Column("answer", sa.Text(), comment="clear or adverse; null while it waits"),
        sa.Column("opinion", sa.Text(), nullable=False, comment="in the department's words; required where adverse"),
        sa.Column("answered_at", sa.DateTime(timezone=True), comment="when it answered"),
        sa.Column("answered_by", BIG, comment="who answered"),
        sa.CheckConstraint("answer IN ('clear', 'adverse')", name="answer_is_known"),
        sa.CheckConstraint(
            "department IN ('ecology', 'market', 'emergency', 'tax', 'publicity')", name="department_is_known"
        ),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered_at_a_moment"),
        sa.CheckConstraint("(answer IS NULL) = (answered_by IS NULL)", name="answered_by_somebody"),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("application_id", "department"),
    )
    op.create_index("ix_inquiry_desk", "inquiry", ["department", "answer", "due_on", "id"])
    op.create_table(
        "sample_draw",
        sa.Column("id", BIG, nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False, comment="at which stage of the procedure"),
        sa.Column("level", sa.Text(), nullable=False, comment="of which office"),
        sa.Column("district", sa.Text()),
        sa.Column("share_percent", sa.Integer(), nullable=False, comment="of the cases, in whole percent"),
        sa.Column(
            "seed", sa.Text(), nullable=False, comment="of the draw, 32 hexadecimal digits, from the system's source"
        ),
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 over the references drawn from, in order"),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False, comment="when it was drawn"),
        sa.Column("drawn_by", sa.Text(), nullable=False, comment="by whom, as the trail names him"),
        sa.CheckConstraint("level IN ('district', 'city')", name="level_is_known"),
        sa.CheckConstraint(
            "tier IN ('innovative', 'specialized', 'little_giant', 'above_scale')", name="tier_is_known"
        ),
        sa.CheckConstraint("length(digest) = 64", name="digest_is_whole"),
        sa.CheckConstraint("length(district) = 6", name="district_has_6_digits"),
        sa.CheckConstraint("length(seed) = 32", name="seed_is_whole"),
        sa.CheckConstraint("share_percent BETWEEN 1 AND 100", name="share_percent_within_bounds"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_sample_draw_tier", "sample_draw", ["tier", "stage", "id"])
    op.create_table(
        "sample_member",
        sa.Column("draw_id", BIG, autoincrement=False, nullable=False, comment="of which draw"),
        sa.Column("application_id", BIG, autoincrement=False, nullable=False, comment="which case"),
        sa.Column("position", sa.Integer(), nullable=False, comment="place in the list drawn from, by reference"),
        sa.Column("is_spared", sa.Boolean(), nullable=False, comment="never drawn: the level below sampled it"),
        sa.Column("is_drawn", sa.Boolean(), nullable=False, comment="whether it is in the sample"),
        sa.Column("auditor_id", BIG, comment="which auditor looks at it"),
        sa.Column("result", sa.Text(), comment="clear or adverse; null while nothing was reported"),
        sa.Column("finding", sa.Text(), nullable=False, comment="in the words of who looked"),
        sa.Column("reported_at", sa.DateTime(timezone=True), comment="when it was reported"),
        sa.Column("reported_by", BIG, comment="who reported"),
        sa.CheckConstraint("result IN ('clear', 'adverse')", name="result_is_known"),
        sa.CheckConstraint("(result IS NULL) = (reported_at IS NULL)", name="reported_at_a_moment"),
        sa.CheckConstraint("NOT (is_drawn AND is_spared)", name="spared_ones_are_never_drawn"),
        sa.CheckConstraint("is_drawn OR result IS NULL", name="only_drawn_ones_have_results"),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"]),
        sa.ForeignKeyConstraint(["auditor_id"], ["office.id"]),
        sa.ForeignKeyConstraint(["draw_id"], ["sample_draw.id"]),
        sa.ForeignKeyConstraint(["reported_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("draw_id", "application_id"),
        sa.UniqueConstraint("draw_id", "position"),
    )
    op.create_index("ix_sample_member_application_id", "sample_member", ["application_id"])
    op.create_index("ix_sample_member_auditor", "sample_member", ["auditor_id", "result"])
    for rule in keeping(op.get_bind().dialect.name, "keep_the_examination", REFUSAL, KEPT):
        op.execute(rule)


def downgrade() -> None:
    op.drop_table("sample_member")
    op.drop_table("sample_draw")
    op.drop_table("inquiry")
    op.drop_table("judgement")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION keep_the_examination()")
