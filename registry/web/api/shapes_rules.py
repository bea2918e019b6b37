"""The documents of rules: an assessment (contract §2), rule sets, procedures."""

from marshmallow import fields, validate

from registry.domain.codes import KIND_WORDS
from registry.domain.procedure import Level, Opens, StageKind, Unit
from registry.domain.roles import Role
from registry.rules.wording import VERDICTS
from registry.web.api.shapes_common import Shape, day, kind, part, several, text, tier, truth, whole, word


def _verdict() -> fields.String:
    return word("met 满足、not_met 不满足、undetermined 待定", VERDICTS.values())


class RuleSetNamed(Shape):
    """Which rule set judged, and why."""

    id = text("标准代号 · Id of the rule set")
    document = text("文件 · Document it rests on")
    digest = text("全部内容的摘要 · Digest of all its content", pattern="^sha256:[0-9a-f]{64}$")
    title = text("名称 · Title")
    why = text("为何适用 · Why it applies")


class PartScore(Shape):
    """The range of a part of the score."""

    key = text("代号 · Key")
    label = text("名称")
    label_en = text("Name in English")
    low = whole("至少 · At least")
    high = whole("至多 · At most")
    max = whole("满分 · Most")


class Score(Shape):
    """The range of the score: what is unknown may yet score."""

    low = whole("至少 · At least")
    high = whole("至多 · At most")
    max = whole("满分 · Most")
    parts = several(PartScore, "各部分 · Its parts")


class Points(Shape):
    """The range of points of an indicator."""

    low = whole("至少 · At least")
    high = whole("至多 · At most")
    max = whole("满分 · Most")


class CriterionJudged(Shape):
    """One criterion: what was found, what is needed, by how much it falls short."""

    key = text("代号 · Key")
    label = text("条款")
    label_en = text("Criterion in English")
    article = text("条号 · Article")
    source = text("出处 · Full citation")
    required = truth("总评是否取决于它 · Whether the verdict needs it")
    verdict = _verdict()
    value = text("现况 · What was found")
    needs = text("要求 · What is needed")
    shortfall = text("差距 · By how much it falls short")
    missing = several(fields.String(), "待定时缺少哪些事实 · Facts that would decide it")
    note = fields.String(metadata={"description": "注 · Note"})
    part = fields.String(metadata={"description": "计入哪一部分 · Part it scores in"})
    points = fields.Nested(Points)


class Assessment(Shape):
    """An assessment, the same as `registry assess` prints."""

    tier = tier()
    kind = kind()
    on = day("提交日期 · Day of submission")
    rule_set = part(RuleSetNamed)
    verdict = _verdict()
    score = part(Score, none=True)
    criteria = several(CriterionJudged, "逐条结果 · Criterion by criterion")
    warnings = several(fields.String(), "相互矛盾的事实 · Facts that contradict each other")


class Applies(Shape):
    """From when to when a rule set judges which kinds of cases."""

    kinds = several(fields.String(validate=validate.OneOf(list(KIND_WORDS))), "首次或复核 · Kinds of cases")
    first_day = day("最早提交日 · First day")
    last_day = day("最晚提交日；null 为至今 · Last day; null: until further notice", none=True)
    why = text("依据 · Why")
    why_en = text("Why, in English")


class RuleSetLine(Shape):
    """A version of the rules."""

    id = text("标准代号 · Id")
    tier = tier()
    document = text("文件 · Document")
    title = text("名称 · Title")
    title_en = text("Title in English")
    issued_on = day("印发日期 · Issued on", none=True)
    digest = text("全部内容的摘要 · Digest of all its content", pattern="^sha256:[0-9a-f]{64}$")
    applies = several(Applies, "适用期 · When it applies")


class PartOfScore(Shape):
    """A part of the score."""

    key = text("代号 · Key")
    label = text("名称")
    label_en = text("Name in English")
    max = whole("满分 · Most")


class CriterionLaid(Shape):
    """A criterion as the rule set has it."""

    key = text("代号 · Key")
    article = text("条号 · Article")
    source = text("出处 · Full citation")
    label = text("条款")
    label_en = text("Criterion in English")
    required = truth("总评是否取决于它 · Whether the verdict needs it")
    part = text("计入哪一部分 · Part it scores in", none=True)
    max = whole("满分 · Most points")
    rule = text("规则")
    rule_en = text("Rule in English")
    note = text("注 · Note")


class RuleSetWhole(RuleSetLine):
    """A version of the rules with all its criteria, for one kind of case."""

    kind = kind()
    parts = several(PartOfScore, "计分部分 · Parts of the score")
    criteria = several(CriterionLaid, "全部条款 · Every criterion")


class RuleSets(Shape):
    """Every version of the rules."""

    items = several(RuleSetLine, "全部标准 · Every rule set")


class FilingLaid(Shape):
    """When a kind of case may be submitted."""

    kind = kind()
    opens = word("随时、按批次、到期前 · At any time, in a batch, before expiry", tuple(Opens))
    days_before_expiry = whole("到期前多少天起 · How long before expiry", none=True)


class OutcomeLaid(Shape):
    """A way out of a stage."""

    key = text("代号 · Key")
    label = text("名称")
    label_en = text("Name in English")
    to = text("去向：后一阶段、returned 或结局 · A later stage, `returned`, or an ending")


class StageLaid(Shape):
    """A station of a procedure."""

    key = text("代号 · Key")
    label = text("名称")
    label_en = text("Name in English")
    kind = word("做什么 · What is done", tuple(StageKind))
    level = word("由谁办 · Who works there", tuple(Level))
    roles = several(fields.String(validate=validate.OneOf(list(Role))), "席位 · Roles")
    limit = whole("办理时限（工作日） · Limit in working days", none=True)
    publicity_days = whole("公示天数 · Length of the publicity", none=True)
    publicity_unit = word("公示天数的单位 · Unit of that length", tuple(Unit), none=True)
    sample_percent = whole("抽查比例（%） · Share that is sampled", none=True)
    source = text("出处 · Source")
    outcomes = several(OutcomeLaid, "可能的结果 · Outcomes")


class ProcedureLaid(Shape):
    """How cases of a tier are handled, as one version says."""

    id = text("代号 · Id")
    tier = tier()
    version = text("版本 · Version")
    document = text("文件 · Document")
    title = text("名称")
    title_en = text("Title in English")
    in_force_from = day("施行 · In force from")
    in_force_until = day("废止 · In force until; null: until further notice", none=True)
    correction_limit = whole("补正时限（工作日） · Working days to correct a returned case")
    ban_years = whole("撤销后几年内不得申报 · Years of the ban after a revocation", none=True)
    filings = several(FilingLaid, "何时可申报 · When cases may be submitted")
    stages = several(StageLaid, "办理阶段 · Stages")
    digest = text("全部内容的摘要 · Digest of all its content", pattern="^sha256:[0-9a-f]{64}$")


class Procedures(Shape):
    """Every procedure of the city."""

    items = several(ProcedureLaid, "全部程序 · Every procedure")
