"""Firms: who they are, their names, their facts and their yearly figures."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNT_MOST = 999_999_999
FEN_MOST = 99_999_999_999_999_999


def flag(name: str, comment: str) -> list:
    """A thing that is so, is not so, or is unknown."""
    return [sa.Column(name, sa.Boolean(create_constraint=True, name=f"{name}_is_true_or_false"), comment=comment)]


def number(name: str, comment: str, low: int = 0, high: int = COUNT_MOST, kind: type = sa.Integer) -> list:
    """A number within its bounds, both included, or unknown."""
    rule = sa.CheckConstraint(f"{name} BETWEEN {low} AND {high}", name=f"{name}_within_bounds")
    return [sa.Column(name, kind(), comment=comment), rule]


def money(name: str, comment: str, low: int = 0) -> list:
    """An amount in whole fen."""
    return number(name, f"{comment}; whole fen", low, FEN_MOST, sa.BigInteger)


def choice(name: str, comment: str, *words: str) -> list:
    """One of a few words, or unknown."""
    listed = ", ".join(f"'{word}'" for word in words)
    return [
        sa.Column(name, sa.Text(), comment=comment),
        sa.CheckConstraint(f"{name} IN ({listed})", name=f"{name}_is_known"),
    ]


def day(name: str, comment: str) -> list:
    """A day, or unknown."""
    return [sa.Column(name, sa.Date(), comment=comment)]


def day_or_none(name: str, comment: str) -> list:
    """A day, the first of all days for a thing that never happened, or unknown."""
    return day(name, f"{comment}; 0001-01-01: known to be none")


def stated(name: str) -> sa.Column:
    """Whether a list fact was stated at all."""
    return sa.Column(
        name,
        sa.Boolean(create_constraint=True, name=f"{name}_is_true_or_false"),
        nullable=False,
        server_default=sa.text("false"),
        comment="whether the list was stated, be it empty",
    )


def of_firm(*, primary: bool = False) -> sa.Column:
    """The firm that a row speaks of."""
    return sa.Column("firm_id", BIG, sa.ForeignKey("firm.id"), primary_key=primary, autoincrement=False, nullable=False)


def upgrade() -> None:
    op.create_table(
        "firm",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("uscc", sa.Text(), nullable=False, comment="unified social credit code, canonical"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_on", sa.Date(), nullable=False, comment="day of the newest statement of the name"),
        sa.Column("district", sa.Text(), comment="GB/T 2260 division where it is managed today"),
        sa.Column("district_on", sa.Date(), comment="day of the newest statement of the district"),
        sa.Column("functional_area", sa.Text()),
        sa.Column("industry", sa.Text(), comment="GB/T 4754-2017 class, four digits"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("uscc"),
        sa.CheckConstraint("length(uscc) = 18", name="uscc_has_18_characters"),
        sa.CheckConstraint("name <> ''", name="name_is_not_empty"),
        sa.CheckConstraint("length(district) = 6", name="district_has_6_digits"),
        sa.CheckConstraint("length(industry) = 4", name="industry_has_4_digits"),
        sa.CheckConstraint("(district IS NULL) = (district_on IS NULL)", name="district_is_dated"),
    )
    op.create_index("ix_firm_district", "firm", ["district", "uscc"])
    op.create_index("ix_firm_industry", "firm", ["industry", "uscc"])
    op.create_index("ix_firm_name", "firm", ["name"])
    op.create_table(
        "firm_name",
        of_firm(primary=True),
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("since", sa.Date(), nullable=False, comment="earliest day on which a list names it so"),
        sa.Column("source", sa.Text(), nullable=False, comment="the list that said so first"),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_firm_name_name", "firm_name", ["name"])
    op.create_table(
        "firm_listing",
        sa.Column("id", BIG, primary_key=True),
        of_firm(),
        sa.Column("listed_on", sa.Date(), nullable=False, comment="day of the import in the zone of the office"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("district", sa.Text()),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(district) = 6", name="district_has_6_digits"),
    )
    op.create_index("ix_firm_listing_firm_id", "firm_listing", ["firm_id"])
    op.create_table(
        "firm_facts",
        of_firm(primary=True),
        *day("established_on", "成立日期"),
        *day("segment_since", "从事细分市场起始日"),
        *flag("independent_legal_entity", "具有独立法人资格"),
        *flag("on_abnormal_list", "列入经营异常或严重失信名单"),
        *flag("restricted_products", "有禁止、限制或淘汰类产品"),
        *day_or_none("serious_incident_on", "最近一次重大事故或违法日期"),
        *day_or_none("banned_until", "禁止申报期满日"),
        *choice("rd_institution", "研发机构级别", "none", "below_city", "city", "provincial", "national"),
        *number("ip_class1", "Ⅰ类知识产权数"),
        *number("ip_class1_own", "自主研发Ⅰ类知识产权数"),
        *number("ip_class1_high_value", "Ⅰ类高价值知识产权数"),
        *number("ip_class2", "Ⅱ类知识产权数"),
        *number("ip_class1_original", "Ⅰ类原始知识产权数"),
        *flag("ip_in_use", "Ⅰ类知识产权实际应用并产生效益"),
        *flag("field_sei", "主导产品属战略性新兴产业"),
        *choice("chain_role", "主导产品在产业链的作用", "key_link", "basic_or_supplier", "none"),
        *flag("key_link", "位于产业链关键环节并有实效"),
        *flag("key_field", "主导产品属重点领域"),
        *flag("reputation", "享有较高知名度和影响力"),
        *flag("market_leader", "细分市场地位领先"),
        *number("market_share", "主导产品全国市场占有率; 10^-12 of the whole", 0, 10**12, sa.BigInteger),
        *number("market_rank_national", "主导产品全国排名", 1),
        *number("market_rank_provincial", "主导产品全省排名", 1),
        *number("digital_level", "数字化水平等级", 0, 4),
        *flag("process_on_information_system", "核心业务采用信息系统支撑"),
        *flag("quality_award", "获省级以上质量奖"),
        *flag("system_certified", "通过管理体系认证"),
        *flag("own_brand", "拥有自主品牌"),
        *flag("standard_participation", "参与制修订标准"),
        *flag("product_certified_abroad", "产品通过发达国家和地区认证"),
        *choice("local_field", "地方特色：所属领域", "provincial_chain", "provincial", "city", "county", "none"),
        *number("local_operation_kinds", "地方特色：创新运营项数", 0, 6),
        *choice("listing", "上市挂牌情况", "listed", "regional", "none"),
        *flag("controlled_by_little_giant", "与现有小巨人企业有控制关系"),
        stated("titles_known"),
        stated("awards_known"),
        stated("contests_known"),
    )
    op.create_table(
        "yearly_figures",
        of_firm(primary=True),
        sa.Column("year", sa.Integer(), primary_key=True, autoincrement=False, comment="fiscal year"),
        sa.CheckConstraint("year BETWEEN 1949 AND 2199", name="year_within_bounds"),
        *money("revenue", "营业收入"),
        *money("main_revenue", "主营业务收入"),
        *money("main_product_revenue", "主导产品收入"),
        *money("rd_expense", "研发费用"),
        *money("total_assets", "资产总计"),
        *money("total_liabilities", "负债合计"),
        *money("net_profit", "净利润", -FEN_MOST),
        *money("value_added", "工业增加值"),
        *money("industrial_output", "工业总产值"),
        *money("equity_paid_in", "新增股权融资"),
        *number("employees", "从业人员"),
        *number("rd_staff", "研发人员"),
        *number("development_score", "发展评价得分; hundredths of a point", 0, 10_000),
        *flag("digitally_transformed", "完成数字化转型"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "stated_title",
        sa.Column("id", BIG, primary_key=True),
        of_firm(),
        *choice(
            "kind",
            "称号",
            "innovative",
            "specialized",
            "little_giant",
            "tech_sme",
            "hi_tech",
            "tech_innovation_demo",
            "ip_advantage",
            "ip_demo",
            "champion",
        ),
        *day("valid_from", "起始日"),
        *day("valid_until", "最后有效日"),
    )
    op.create_index("ix_stated_title_firm_id", "stated_title", ["firm_id"])
    op.create_table(
        "award",
        sa.Column("id", BIG, primary_key=True),
        of_firm(),
        *choice("level", "奖励级别", "national", "provincial"),
        *number("rank", "单位排名", 1),
        *day("awarded_on", "获奖日期"),
    )
    op.create_index("ix_award_firm_id", "award", ["firm_id"])
    op.create_table(
        "contest",
        sa.Column("id", BIG, primary_key=True),
        of_firm(),
        *choice("contest", "赛事", "maker_china"),
        sa.Column("top", sa.Integer(), comment="入围名单"),
        sa.CheckConstraint("top IN (50, 500)", name="top_is_allowed"),
        *day("held_on", "日期"),
    )
    op.create_index("ix_contest_firm_id", "contest", ["firm_id"])


def downgrade() -> None:
    for table in (
        "contest",
        "award",
        "stated_title",
        "yearly_figures",
        "firm_facts",
        "firm_listing",
        "firm_name",
        "firm",
    ):
        op.drop_table(table)
