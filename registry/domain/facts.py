"""The dictionary of facts: what the registry may know of a firm, in which kind and unit (contract §1).

A value is held in its exact base unit: money in whole fen, a share in 10^-12, a score in hundredths,
a date or the day NEVER for the word "none". Unknown is absent, never zero and never false.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from registry.domain.codes import CHOICE_WORDS


class Kind(StrEnum):
    """What sort of value a fact holds; decides how it is read, stored, shown and compared."""

    BOOL = "bool"
    COUNT = "count"
    MONEY = "money"
    SHARE = "share"
    SCORE = "score"
    DATE = "date"
    DATE_OR_NONE = "date_or_none"
    CHOICE = "choice"
    TEXT = "text"
    CODE = "code"
    LIST = "list"


# Decimal places a value may be written with; base units are 10 to that power.
PLACES = {Kind.MONEY: 2, Kind.SHARE: 12, Kind.SCORE: 2}

MONEY_BOUND_YUAN = 10**15
COUNT_BOUND = 10**9


@dataclass(frozen=True, slots=True)
class Fact:
    """One entry of the dictionary.

    Attributes:
        key: the stable name of the contract.
        label: the Chinese word, which is also a column header of lists.
        low, high: bounds of a count, both included.
        signed: whether money may be negative.
        digits: the length of a code.
        choices: stored value to Chinese word.
        allowed: the only numbers a count may take; empty means any within its bounds.
        group: the heading it stands under on a form.
    """

    key: str
    kind: Kind
    label: str
    label_en: str
    low: int = 0
    high: int = COUNT_BOUND - 1
    signed: bool = False
    digits: int = 0
    choices: Mapping[str, str] | None = None
    allowed: tuple[int, ...] = ()
    group: str = "basic"


def _choice(key: str, label: str, label_en: str, group: str = "basic") -> Fact:
    return Fact(key, Kind.CHOICE, label, label_en, choices=CHOICE_WORDS[key], group=group)


def _by_key(*facts: Fact) -> dict[str, Fact]:
    return {fact.key: fact for fact in facts}


FIRM_FACTS: Mapping[str, Fact] = _by_key(
    Fact("district", Kind.CODE, "区市", "District", digits=6),
    Fact("functional_area", Kind.TEXT, "功能区", "Functional area"),
    Fact("industry", Kind.CODE, "行业代码", "Industry class", digits=4),
    Fact("established_on", Kind.DATE, "成立日期", "Founded on"),
    Fact("segment_since", Kind.DATE, "从事细分市场起始日", "In its market segment since"),
    Fact("independent_legal_entity", Kind.BOOL, "具有独立法人资格", "Independent legal entity"),
    Fact("on_abnormal_list", Kind.BOOL, "列入经营异常或严重失信名单", "On an abnormal or dishonesty list"),
    Fact("restricted_products", Kind.BOOL, "有禁止、限制或淘汰类产品", "Prohibited, restricted or obsolete products"),
    Fact("serious_incident_on", Kind.DATE_OR_NONE, "最近一次重大事故或违法日期", "Latest serious incident on"),
    Fact("banned_until", Kind.DATE_OR_NONE, "禁止申报期满日", "Banned until"),
    Fact("titles", Kind.LIST, "有效称号", "Titles", group="titles"),
    Fact("awards", Kind.LIST, "科技奖励", "Science and technology awards", group="titles"),
    Fact("contests", Kind.LIST, "创客中国获奖", "Maker China places", group="titles"),
    _choice("rd_institution", "研发机构级别", "Level of R&D institution", "innovation"),
    Fact("ip_class1", Kind.COUNT, "Ⅰ类知识产权数", "Class I IP", group="innovation"),
    Fact("ip_class1_own", Kind.COUNT, "自主研发Ⅰ类知识产权数", "Class I IP, self-developed", group="innovation"),
    Fact("ip_class1_high_value", Kind.COUNT, "Ⅰ类高价值知识产权数", "Class I IP of high value", group="innovation"),
    Fact("ip_class2", Kind.COUNT, "Ⅱ类知识产权数", "Class II IP", group="innovation"),
    Fact(
        "ip_class1_original",
        Kind.COUNT,
        "Ⅰ类原始知识产权数",
        "Class I IP, original (2026 measures)",
        group="innovation",
    ),
    Fact(
        "ip_in_use", Kind.BOOL, "Ⅰ类知识产权实际应用并产生效益", "Class I IP in use and profitable", group="innovation"
    ),
    Fact(
        "field_sei",
        Kind.BOOL,
        "主导产品属战略性新兴产业",
        "Main product in strategic emerging industries",
        group="chain",
    ),
    _choice("chain_role", "主导产品在产业链的作用", "Role in the industrial chain", "chain"),
    Fact("key_link", Kind.BOOL, "位于产业链关键环节并有实效", "At a key link of a chain, with effect", group="chain"),
    Fact("key_field", Kind.BOOL, "主导产品属重点领域", "Main product in a key field", group="chain"),
    Fact("reputation", Kind.BOOL, "享有较高知名度和影响力", "Has a high reputation", group="chain"),
    Fact("market_leader", Kind.BOOL, "细分市场地位领先", "Among the leaders of its segment", group="chain"),
    Fact(
        "market_share", Kind.SHARE, "主导产品全国市场占有率", "National market share of the main product", group="chain"
    ),
    Fact("market_rank_national", Kind.COUNT, "主导产品全国排名", "National market rank", low=1, group="chain"),
    Fact("market_rank_provincial", Kind.COUNT, "主导产品全省排名", "Provincial market rank", low=1, group="chain"),
    Fact("digital_level", Kind.COUNT, "数字化水平等级", "Digital level", high=4, group="management"),
    Fact(
        "process_on_information_system",
        Kind.BOOL,
        "核心业务采用信息系统支撑",
        "A core process on an information system",
        group="management",
    ),
    Fact("quality_award", Kind.BOOL, "获省级以上质量奖", "Provincial-or-above quality award", group="management"),
    Fact("system_certified", Kind.BOOL, "通过管理体系认证", "Certified management system", group="management"),
    Fact("own_brand", Kind.BOOL, "拥有自主品牌", "Own brand", group="management"),
    Fact("standard_participation", Kind.BOOL, "参与制修订标准", "Took part in a standard", group="management"),
    Fact(
        "product_certified_abroad",
        Kind.BOOL,
        "产品通过发达国家和地区认证",
        "Product certified in a developed country or region",
        group="management",
    ),
    _choice("local_field", "地方特色：所属领域", "Local features: field", "local"),
    Fact(
        "local_operation_kinds",
        Kind.COUNT,
        "地方特色：创新运营项数",
        "Local features: kinds of innovative operation",
        high=6,
        group="local",
    ),
    _choice("listing", "上市挂牌情况", "Listing", "local"),
    Fact(
        "controlled_by_little_giant",
        Kind.BOOL,
        "与现有小巨人企业有控制关系",
        "Controlled by a little giant",
        group="titles",
    ),
)

YEAR_FACTS: Mapping[str, Fact] = _by_key(
    Fact("revenue", Kind.MONEY, "营业收入", "Revenue", group="years"),
    Fact("main_revenue", Kind.MONEY, "主营业务收入", "Main-business revenue", group="years"),
    Fact("main_product_revenue", Kind.MONEY, "主导产品收入", "Main-product revenue", group="years"),
    Fact("rd_expense", Kind.MONEY, "研发费用", "R&D expense", group="years"),
    Fact("total_assets", Kind.MONEY, "资产总计", "Total assets", group="years"),
    Fact("total_liabilities", Kind.MONEY, "负债合计", "Total liabilities", group="years"),
    Fact("net_profit", Kind.MONEY, "净利润", "Net profit", signed=True, group="years"),
    Fact("value_added", Kind.MONEY, "工业增加值", "Industrial value added", group="years"),
    Fact("industrial_output", Kind.MONEY, "工业总产值", "Gross industrial output", group="years"),
    Fact("equity_paid_in", Kind.MONEY, "新增股权融资", "New equity paid in", group="years"),
    Fact("employees", Kind.COUNT, "从业人员", "Employees", group="years"),
    Fact("rd_staff", Kind.COUNT, "研发人员", "R&D staff", group="years"),
    Fact("development_score", Kind.SCORE, "发展评价得分", "Development score", group="years"),
    Fact("digitally_transformed", Kind.BOOL, "完成数字化转型", "Digitally transformed", group="years"),
)

# The keys of an entry of each list fact.
ENTRY_FACTS: Mapping[str, Mapping[str, Fact]] = {
    "titles": _by_key(
        _choice("kind", "称号", "Title"),
        Fact("from", Kind.DATE, "起始日", "First day"),
        Fact("until", Kind.DATE, "最后有效日", "Last valid day"),
    ),
    "awards": _by_key(
        _choice("level", "奖励级别", "Level"),
        Fact("rank", Kind.COUNT, "单位排名", "Rank among the awarded units", low=1),
        Fact("on", Kind.DATE, "获奖日期", "Awarded on"),
    ),
    "contests": _by_key(
        _choice("contest", "赛事", "Contest"),
        Fact("top", Kind.COUNT, "入围名单", "Size of the list", allowed=(50, 500)),
        Fact("on", Kind.DATE, "日期", "On"),
    ),
}

# From policy.md §7 and the register's own range: years outside are taken for slips of the pen.
FIRST_YEAR, LAST_YEAR = 1949, 2199
