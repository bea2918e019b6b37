"""Offices, seats, delegations. The bureaus and departments of the city are there from the start."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

CITY = [
    ("city", "青岛市工业和信息化局", "Qingdao Bureau of Industry and Information Technology", None, None),
    ("district", "市南区工业和信息化局", "Shinan Bureau of Industry and Information Technology", "370202", None),
    ("district", "市北区工业和信息化局", "Shibei Bureau of Industry and Information Technology", "370203", None),
    (
        "district",
        "青岛西海岸新区工业和信息化局",
        "West Coast Bureau of Industry and Information Technology",
        "370211",
        None,
    ),
    ("district", "崂山区工业和信息化局", "Laoshan Bureau of Industry and Information Technology", "370212", None),
    ("district", "李沧区工业和信息化局", "Licang Bureau of Industry and Information Technology", "370213", None),
    ("district", "城阳区工业和信息化局", "Chengyang Bureau of Industry and Information Technology", "370214", None),
    ("district", "即墨区工业和信息化局", "Jimo Bureau of Industry and Information Technology", "370215", None),
    ("district", "胶州市工业和信息化局", "Jiaozhou Bureau of Industry and Information Technology", "370281", None),
    ("district", "平度市工业和信息化局", "Pingdu Bureau of Industry and Information Technology", "370283", None),
    ("district", "莱西市工业和信息化局", "Laixi Bureau of Industry and Information Technology", "370285", None),
    ("department", "青岛市生态环境局", "Qingdao Bureau of Ecology and Environment", None, "ecology"),
    ("department", "青岛市市场监督管理局", "Qingdao Administration for Market Regulation", None, "market"),
    ("department", "青岛市应急管理局", "Qingdao Bureau of Emergency Management", None, "emergency"),
    ("department", "国家税务总局青岛市税务局", "Qingdao Tax Service", None, "tax"),
    ("department", "青岛市委宣传部", "Qingdao Publicity Department", None, "publicity"),
]


def upgrade() -> None:
    op.create_table(
        "office",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False, comment="in English; empty when there is none"),
        sa.Column("district", sa.Text()),
        sa.Column("department", sa.Text(), comment="which of those asked for opinions"),
        sa.Column("uscc", sa.Text()),
        sa.Column("closed_at", sa.DateTime(timezone=True), comment="null while it is open"),
        sa.CheckConstraint("(kind = 'department') = (department IS NOT NULL)", name="department_of_a_department"),
        sa.CheckConstraint("(kind = 'district') = (district IS NOT NULL)", name="district_of_a_district_bureau"),
        sa.CheckConstraint(
            "department IN ('ecology', 'market', 'emergency', 'tax', 'publicity')", name="department_is_known"
        ),
        sa.CheckConstraint("kind IN ('auditor', 'intermediary') OR uscc IS NULL", name="code_of_a_company"),
        sa.CheckConstraint(
            "kind IN ('city', 'district', 'department', 'auditor', 'intermediary')", name="kind_is_known"
        ),
        sa.CheckConstraint("name <> ''", name="name_is_not_empty"),
        sa.CheckConstraint("length(district) = 6", name="district_has_6_digits"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uscc"),
    )
    op.create_index("uq_office_district", "office", ["district"], unique=True)
    op.create_table(
        "seat",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False, comment="who sits"),
        sa.Column("role", sa.Text(), nullable=False, comment="what as"),
        sa.Column("office_id", BIG, comment="where, unless at a firm"),
        sa.Column("firm_id", BIG),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False, comment="from when"),
        sa.Column("granted_by", sa.Text(), nullable=False, comment="who granted it, as the trail names him"),
        sa.Column("ended_at", sa.DateTime(timezone=True), comment="until when; null while it is held"),
        sa.Column("ended_by", sa.Text(), comment="who ended it"),
        sa.CheckConstraint("firm_id IS NULL OR role = 'applicant'", name="only_applicants_sit_at_firms"),
        sa.CheckConstraint(
            "role IN ('applicant', 'district_reviewer', 'city_reviewer', 'department_officer', 'auditor', "
            "'statistician', 'system_admin', 'security_admin', 'audit_admin')",
            name="role_is_known",
        ),
        sa.CheckConstraint("(office_id IS NULL) <> (firm_id IS NULL)", name="at_an_office_or_a_firm"),
        sa.CheckConstraint("ended_at >= granted_at", name="ended_after_it_was_granted"),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_seat_firm_id", "seat", ["firm_id"])
    op.create_index("ix_seat_office_id", "seat", ["office_id"])
    op.create_index(
        "uq_seat_firm_held_once",
        "seat",
        ["person_id", "firm_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL AND firm_id IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NULL AND firm_id IS NOT NULL"),
    )
    op.create_index(
        "uq_seat_office_held_once",
        "seat",
        ["person_id", "role", "office_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL AND office_id IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NULL AND office_id IS NOT NULL"),
    )
    op.create_table(
        "delegation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("firm_id", BIG, nullable=False),
        sa.Column("office_id", BIG, nullable=False, comment="the intermediary"),
        sa.Column("until", sa.Date(), nullable=False, comment="last day on which it holds"),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False, comment="from when"),
        sa.Column("granted_by", sa.Text(), nullable=False, comment="who granted it, as the trail names him"),
        sa.Column("revoked_at", sa.DateTime(timezone=True), comment="when it was taken back"),
        sa.Column("revoked_by", sa.Text(), comment="who took it back"),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked_by_somebody"),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_delegation_office_id", "delegation", ["office_id"])
    op.create_index(
        "uq_delegation_holds_once",
        "delegation",
        ["firm_id", "office_id"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    names = ("kind", "name", "name_en", "district", "department")
    office = sa.table("office", *(sa.column(name) for name in names))
    op.bulk_insert(office, [dict(zip(names, row, strict=True)) for row in CITY])


def downgrade() -> None:
    op.drop_table("delegation")
    op.drop_table("seat")
    op.drop_table("office")
