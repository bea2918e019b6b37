"""The documents of the books: valid titles, a firm's standing, counts, targets, publicities, a certificate."""

from marshmallow import fields, validate

from registry.domain.procedure import Unit
from registry.policy.target_rows import HOWS, UNITS
from registry.web.api.shapes_common import (
    Shape,
    day,
    district,
    kind,
    link,
    moment,
    number,
    part,
    rung,
    several,
    text,
    tier,
    truth,
    uscc,
    whole,
    word,
)


class TitleHeld(Shape):
    """A title that is valid on the day."""

    tier = rung()
    district = district(none=True)
    recognised_on = day("认定日期 · Recognised on")
    valid_until = day("最后有效日 · Last valid day")


class FirmOnRegister(Shape):
    """A firm with the titles it holds on the day."""

    uscc = uscc()
    name = text("企业名称 · Name")
    titles = several(TitleHeld, "当日有效的称号 · Titles valid on the day")


class RegisterPage(Shape):
    """A page of the register of valid titles."""

    on = day("哪一天 · The day")
    items = several(
        FirmOnRegister, "企业 · Firms, in the order of their codes, or of their entry where a name is asked for"
    )
    next = link()


class AboveScale(Shape):
    """A stay among the above-scale firms."""

    district = district(none=True)
    entered_on = day("入库日期 · Entered on")


class Standing(Shape):
    """Where a firm stands on a day, by the books as known now."""

    uscc = uscc()
    name = text("企业名称 · Name")
    on = day("哪一天 · The day")
    titles = several(TitleHeld, "当日有效的称号 · Titles valid on the day")
    above_scale = part(AboveScale, none=True)
    known_at = moment("台账最近一次变动 · When the books last changed", none=True)


class _Flows(Shape):
    """Stock and flow; unknown keys of a breakdown are null."""

    district = fields.String(allow_none=True, metadata={"description": "区市 · District"})
    industry = fields.String(allow_none=True, metadata={"description": "行业大类 · Industry division"})
    size = fields.String(allow_none=True, metadata={"description": "规模 · Size"})
    functional_area = fields.String(allow_none=True, metadata={"description": "功能区 · Functional area"})
    stock_start = whole("期初 · Stock at the start")
    new = whole("新增 · First recognitions or entries")
    renewed = whole("复核延续 · Continued without a gap")
    reinstated = whole("恢复 · Again after a gap")
    expired = whole("到期 · Expired")
    revoked = whole("撤销 · Revoked")
    exited = whole("退出 · Exited")
    moved_in = whole("迁入 · Moved in")
    moved_out = whole("迁出 · Moved out")
    stock_end = whole("期末 · Stock at the end")


class CountRow(_Flows):
    """Stock and flow of a tier."""

    tier = tier()


class HolderRow(_Flows):
    """Stock and flow of firms with whichever title."""


class Counts(Shape):
    """The counts of a year, the same as `registry counts --format json` prints."""

    year = whole("年度 · Year")
    as_of = day("截至 · Last day counted")
    known_at = moment("按此刻已知的台账 · The books as known then")
    by = several(fields.String(), "分组 · Broken down by")
    rows = several(CountRow, "逐梯度 · By tier")
    firms = whole("持有任一称号的企业数 · Distinct holders of any title")
    titles = whole("三级称号合计 · Sum of titles")
    holders = several(HolderRow, "持有任一称号的企业 · Holders of any title")


class TargetRow(Shape):
    """One target of the year."""

    key = text("代号 · Key")
    action = text("行动 · Action")
    indicator = text("指标")
    indicator_en = text("Indicator in English")
    goal = number("目标值 · Goal")
    comparator = text("比较 · How the value is compared", none=True)
    unit = word("单位 · Unit", UNITS)
    goal_text = text("目标 · Goal in words", none=True)
    value = number("现值；null 为未知 · Value; null: unknown")
    how = word("取数方式 · How it is obtained", HOWS)
    obtained = text("取数说明 · How it is obtained, in words")
    as_of = day("数据截至 · Of which day", none=True)
    source = text("数据来源 · Source", none=True)
    author = text("录入人 · Who entered it", none=True)
    entered_at = moment("录入时间 · When", none=True)
    note = text("备注 · Note", none=True)
    met = truth("是否达到 · Whether it is met", none=True)
    side = text("偏离方向 · On which side it is missed", none=True)
    gap = number("差距 · Gap")
    projection = number("年末推算 · Projected at year's end")
    projection_met = truth("推算是否达到 · Whether the projection meets it", none=True)
    projection_method = text("推算方法 · How it is projected", none=True)
    known_firms = whole("已知企业数 · Firms that are known", none=True)
    unknown_firms = whole("未知企业数 · Firms left out as unknown", none=True)
    document = text("目标依据 · Document of the target")
    part = number("分子 · Numerator")
    whole = number("分母 · Denominator")


class Targets(Shape):
    """The target board of a year, the same as `registry targets --format json` prints."""

    year = whole("年度 · Year")
    as_of = day("截至 · As of")
    document = text("目标依据 · Document")
    title = text("文件名称 · Title")
    carried_from = whole("沿用年度 · Year it is carried on from", none=True)
    carried_note = text("沿用说明 · Why", none=True)
    decided = text("口径说明 · What was decided")
    made_at = moment("制表时间 · Made at")
    made_with = text("制表程序 · Made with")
    rows = several(TargetRow, "逐项 · Row by row")


class PublicityLine(Shape):
    """A list that is or was public."""

    id = whole("编号 · Number", least=1)
    title = text("标题 · Title")
    tier = tier()
    stage = text("哪一阶段 · At which stage")
    level = word("哪一级主管部门 · Which bureau", ("district", "city"))
    district = district(none=True)
    first_day = day("首日 · First day")
    last_day = day("末日 · Last day")
    is_provisional = truth("末日是否待定 · Whether the last day may yet change")
    days = whole("天数 · Length", least=1)
    unit = word("天数的单位 · Unit of the length", tuple(Unit))
    is_running = truth("今天是否在公示 · Whether objections may be made today")
    firms = whole("企业数 · How many firms are on it")
    digest = text("名单的摘要 · SHA-256 of the list as frozen", pattern="^[0-9a-f]{64}$")


class PublicitiesPage(Shape):
    """A page of the lists, the newest first."""

    items = several(PublicityLine, "名单 · Lists")
    next = link()


class PublicityFirm(Shape):
    """A firm on a list."""

    position = whole("序号 · Place", least=1)
    uscc = uscc()
    name = text("企业名称 · Name")
    district = district()
    kind = kind()


class PublicityFirmsPage(Shape):
    """A page of the firms of a list, in its order."""

    items = several(PublicityFirm, "企业 · Firms")
    next = link()


_ANSWERS = ("valid", "expired", "revoked", "ended", "broken")


class CertificateTold(Shape):
    """What is printed on a certificate, and what the books say of it."""

    number = text("证书编号 · Number")
    uscc = uscc()
    name = text("证书上的企业名称 · Name on it")
    name_now = text("现名；未变更时为 null · Present name; null while it is the same", none=True)
    tier = rung()
    valid_from = day("起始日 · First valid day")
    valid_until = day("最后有效日，按台账 · Last valid day, by the books")
    revoked_on = day("撤销日 · Revoked on", none=True)
    document = text("认定文号 · Document that recognised it", none=True)
    newer = text("该企业同一称号的有效证书 · A later certificate that holds", none=True)


class Verification(Shape):
    """Whether a certificate holds today; null in place of its content where its seal is broken."""

    on = day("查验日 · Day of the answer")
    answer = fields.String(
        required=True,
        validate=validate.OneOf(_ANSWERS),
        metadata={
            "description": "valid 有效、expired 过期、revoked 已撤销、ended 台账上已没有、broken 封印不符，不可采信"
        },
    )
    certificate = part(CertificateTold, none=True)
