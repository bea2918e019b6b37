"""Publicities, the firms on them, objections and their files."""

import sqlalchemy as sa
from alembic import op

from registry.store.kept import keeping

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEPT = {
    "publicity_entry": "publicity_id = NEW.publicity_id AND (application_id = NEW.application_id OR "
    "position = NEW.position)",
}
REFUSAL = "a list made public is never changed"


def upgrade() -> None:
    op.create_table(
        "publicity",
        sa.Column("id", BIG, nullable=False),
        sa.Column("title", sa.Text(), nullable=False, comment="what the list is headed"),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False, comment="at which stage of the procedure"),
        sa.Column("level", sa.Text(), nullable=False, comment="of which office"),
        sa.Column("district", sa.Text()),
        sa.Column("first_day", sa.Date(), nullable=False, comment="first day of the publicity"),
        sa.Column(
            "last_day",
            sa.Date(),
            nullable=False,
            comment="last day, included; worked out again while it is provisional",
        ),
        sa.Column(
            "is_provisional",
            sa.Boolean(),
            nullable=False,
            comment="a year that it touches has no calendar yet: never closes by itself",
        ),
        sa.Column("days", sa.Integer(), nullable=False, comment="how long, as the procedure says"),
        sa.Column("unit", sa.Text(), nullable=False, comment="working_days or calendar_days"),
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 over the list as it was frozen"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, comment="when it was made public"),
        sa.Column("made_by", sa.Text(), nullable=False, comment="by whom, as the trail names him"),
        sa.CheckConstraint("(level = 'district') = (district IS NOT NULL)", name="district_of_a_district_list"),
        sa.CheckConstraint("level IN ('district', 'city')", name="level_is_known"),
        sa.CheckConstraint(
            "tier IN ('innovative', 'specialized', 'little_giant', 'above_scale')", name="tier_is_known"
        ),
        sa.CheckConstraint("title <> ''", name="title_is_not_empty"),
        sa.CheckConstraint("unit IN ('working_days', 'calendar_days')", name="unit_is_known"),
        sa.CheckConstraint("days BETWEEN 1 AND 1000", name="days_within_bounds"),
        sa.CheckConstraint("last_day >= first_day", name="ends_after_it_begins"),
        sa.CheckConstraint("length(digest) = 64", name="digest_is_whole"),
        sa.CheckConstraint("length(district) = 6", name="district_has_6_digits"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_publicity_district", "publicity", ["district", "id"])
    op.create_index("ix_publicity_last_day", "publicity", ["last_day", "id"])
    op.create_table(
        "publicity_entry",
        sa.Column("publicity_id", BIG, autoincrement=False, nullable=False, comment="on which list"),
        sa.Column("application_id", BIG, autoincrement=False, nullable=False, comment="which case"),
        sa.Column("position", sa.Integer(), nullable=False, comment="place on the list"),
        sa.Column("uscc", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('new', 're_review')", name="kind_is_known"),
        sa.CheckConstraint("length(district) = 6", name="district_has_6_digits"),
        sa.CheckConstraint("length(uscc) = 18", name="uscc_has_18_characters"),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"]),
        sa.ForeignKeyConstraint(["publicity_id"], ["publicity.id"]),
        sa.PrimaryKeyConstraint("publicity_id", "application_id"),
        sa.UniqueConstraint("publicity_id", "position"),
    )
    op.create_index("ix_publicity_entry_application_id", "publicity_entry", ["application_id"])
    op.create_table(
        "objection",
        sa.Column("id", BIG, nullable=False),
        sa.Column("publicity_id", BIG, nullable=False, comment="to which list"),
        sa.Column("application_id", BIG, nullable=False, comment="to which firm's case"),
        sa.Column("code", sa.Text(), nullable=False, comment="under which the objector looks for the answer"),
        sa.Column("objector", sa.Text(), nullable=False, comment="real name"),
        sa.Column("contact_sealed", sa.Text(), nullable=False, comment="telephone or address, sealed"),
        sa.Column("grounds", sa.Text(), nullable=False, comment="what is objected to and what shows it"),
        sa.Column("channel", sa.Text(), nullable=False, comment="online, or entered by an office that received it"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, comment="when it was made"),
        sa.Column(
            "taken_by", sa.Text(), nullable=False, comment="who entered it, as the trail names him; empty when online"
        ),
        sa.Column("reply", sa.Text(), nullable=False, comment="the office's answer; empty while there is none"),
        sa.Column("is_upheld", sa.Boolean(), comment="whether it stands against the firm"),
        sa.Column("replied_at", sa.DateTime(timezone=True), comment="when it was answered"),
        sa.Column("replied_by", BIG, comment="who answered"),
        sa.CheckConstraint("(reply = '') = (replied_at IS NULL)", name="replied_at_a_moment"),
        sa.CheckConstraint("channel IN ('online', 'office')", name="channel_is_known"),
        sa.CheckConstraint("objector <> '' AND grounds <> ''", name="by_real_name_with_grounds"),
        sa.CheckConstraint("(replied_at IS NULL) = (is_upheld IS NULL)", name="a_reply_upholds_or_not"),
        sa.CheckConstraint("length(code) = 26", name="code_is_whole"),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"]),
        sa.ForeignKeyConstraint(["publicity_id"], ["publicity.id"]),
        sa.ForeignKeyConstraint(["replied_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index("ix_objection_application_id", "objection", ["application_id", "id"])
    op.create_index("ix_objection_publicity_id", "objection", ["publicity_id", "application_id"])
    op.create_table(
        "objection_file",
        sa.Column("id", BIG, nullable=False),
        sa.Column("objection_id", BIG, comment="of which objection"),
        sa.Column("report_id", BIG, comment="of which report"),
        sa.Column("name", sa.Text(), nullable=False, comment="as the sender called it; never a path"),
        sa.Column("kind", sa.Text(), nullable=False, comment="as registry.evidence.kinds names it"),
        sa.Column("size", sa.Integer(), nullable=False, comment="bytes"),
        sa.Column("sha256", sa.Text(), nullable=False, comment="of what it holds: the name of the file in the vault"),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False, comment="when it came"),
        sa.CheckConstraint("kind IN ('pdf', 'ofd', 'jpeg', 'png', 'xlsx', 'docx')", name="kind_is_known"),
        sa.CheckConstraint("(objection_id IS NULL) <> (report_id IS NULL)", name="of_an_objection_or_a_report"),
        sa.CheckConstraint("length(sha256) = 64", name="sha256_is_whole"),
        sa.CheckConstraint("size BETWEEN 1 AND 20971520", name="size_within_bounds"),
        sa.ForeignKeyConstraint(["objection_id"], ["objection.id"]),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_objection_file_objection_id", "objection_file", ["objection_id"])
    op.create_index("ix_objection_file_report_id", "objection_file", ["report_id"])
    op.create_index("ix_objection_file_sha256", "objection_file", ["sha256"])
    for rule in keeping(op.get_bind().dialect.name, "keep_the_publicity", REFUSAL, KEPT):
        op.execute(rule)


def downgrade() -> None:
    op.drop_table("objection_file")
    op.drop_table("objection")
    op.drop_table("publicity_entry")
    op.drop_table("publicity")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION keep_the_publicity()")
