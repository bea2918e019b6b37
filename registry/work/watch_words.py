"""Why a firm stands in a watch-list, in numbers and in both languages. Words only: decides of no firm.

A value that misses its line is never told as if it stood on it (see `registry.rules.wording.quantities`).
"""

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction

from registry.domain.codes import TIER_WORDS, TIER_WORDS_EN
from registry.policy.watch_lists import WAN, Deadline
from registry.rules import tree
from registry.rules.explain import Judgement
from registry.rules.ruleset import Criterion
from registry.rules.tree import Unit
from registry.rules.wording import VERDICTS
from registry.rules.wording.quantities import Lang, gap, shown
from registry.rules.wording.sentences import Writer

# A reason in Chinese and in English.
Reason = tuple[str, str]
VERDICT_WORDS = {"met": ("满足", "met"), "not_met": ("不满足", "not met"), "undetermined": ("待定", "undetermined")}


def of_revenue(year: int, revenue: int, threshold: int, *, listed: bool, legal_entity: bool | None) -> Reason:
    """Say where a firm's main-business revenue stands by the threshold, and whether the firm is above scale."""
    line, mark = Fraction(threshold), f"{threshold // WAN} 万元"
    value = {lang: shown((revenue, 1), Unit.MONEY, lang, line) for lang in ("zh", "en")}
    zh, en = f"{year}年主营业务收入 {value['zh']}", f"main-business revenue {year} {value['en']}"
    if revenue == threshold:
        zh, en = f"{zh}，恰为 {mark}", f"{en}, exactly {mark}"
    elif revenue > threshold:
        zh = f"{zh}，达到 {mark}，{gap((revenue, 1), line, Unit.MONEY, 'zh')}"
        en = f"{en}, {gap((revenue, 1), line, Unit.MONEY, 'en')} {mark}"
    else:
        zh = f"{zh}，距 {mark}{gap((revenue, 1), line, Unit.MONEY, 'zh')}"
        en = f"{en}, {gap((revenue, 1), line, Unit.MONEY, 'en')} of {mark}"
    if listed:
        zh, en = f"{zh}；当日在规上库", f"{en}; above scale on the day"
    elif revenue >= threshold:
        zh, en = f"{zh}；当日不在规上库", f"{en}; not above scale on the day"
        if legal_entity is None:
            zh, en = f"{zh}；独立法人资格未登记", f"{en}; legal entity unknown"
    return zh, en


def of_expiry(tier: str, valid_until: date, days: int) -> Reason:
    """Say until when a title holds and how long that is."""
    left = f"还有 {days} 天" if days else "当日到期"
    left_en = f"{_days(days)} left" if days else "ends on the day"
    return (
        f"{TIER_WORDS[tier]}称号有效期至 {valid_until}，{left}",
        f"{TIER_WORDS_EN[tier]} title valid until {valid_until}, {left_en}",
    )


def of_overdue(deadline: Deadline, on: date, tiers: Iterable[str]) -> Reason:
    """Say since when the figures of a year are due, and what asks for them."""
    held = list(tiers)
    year, days = deadline.on.year - 1, (on - deadline.on).days
    zh = f"{year}年度指标应于 {deadline.on} 前更新，至 {on} 已逾期 {days} 天，尚无任何指标；"
    en = f"figures of {year} were due by {deadline.on}, {_days(days)} overdue on {on}, none known; "
    return (
        f"{zh}持有{'、'.join(TIER_WORDS[tier] for tier in held)}称号（{deadline.source}）",
        f"{en}holds {', '.join(TIER_WORDS_EN[tier] for tier in held)} ({deadline.source_en})",
    )


def of_fall(tier: str, judgement: Judgement) -> Reason:
    """Say which conditions of the re-review a holder fails, and by how much."""
    failed = failing(judgement)
    rule_set = judgement.rule_set
    return (
        f"持有{TIER_WORDS[tier]}称号，按{rule_set.document}的复核标准有 {len(failed)} 项不满足："
        + told(judgement, failed, "zh"),
        f"holds {TIER_WORDS_EN[tier]}, fails {len(failed)} of the re-review by {rule_set.document}: "
        + told(judgement, failed, "en"),
    )


def of_reach(tier: str, judgement: Judgement, before: Judgement) -> Reason:
    """Say that a firm meets the next tier, and what kept it from that a year before."""
    on, then = judgement.sheet.on, before.sheet.on
    verdict, verdict_en = VERDICT_WORDS[VERDICTS[before.truth]]
    kept = failing(before) or undetermined(before)
    return (
        f"{on} 按{judgement.rule_set.document}满足{TIER_WORDS[tier]}条件{_score(judgement, 'zh')}；"
        f"一年前（{then}，{before.rule_set.document}）为{verdict}{_score(before, 'zh')}：{told(before, kept, 'zh')}",
        f"meets {TIER_WORDS_EN[tier]} on {on} by {judgement.rule_set.document}{_score(judgement, 'en')}; "
        f"a year before ({then}, {before.rule_set.document}) {verdict_en}{_score(before, 'en')}: "
        + told(before, kept, "en"),
    )


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _score(judgement: Judgement, lang: Lang) -> str:
    if not judgement.rule_set.max:
        return ""
    low, high = judgement.scores[None]
    points = f"{low}" if low == high else f"{low}–{high}"
    return f"（得分 {points}）" if lang == "zh" else f" (score {points})"


def failing(judgement: Judgement) -> list[Criterion]:
    """Return the required conditions that are not met; what is open never counts."""
    return [one for one in judgement.rule_set.criteria if one.required and judgement.findings[one.key].truth is False]


def undetermined(judgement: Judgement) -> list[Criterion]:
    """Return the required conditions that are open."""
    return [one for one in judgement.rule_set.criteria if one.required and judgement.findings[one.key].truth is None]


def told(judgement: Judgement, criteria: Sequence[Criterion], lang: Lang) -> str:
    """Return conditions with what the firm brought to each, and how far that is from its line."""
    writer = Writer(judgement.rule_set, judgement.sheet.fiscal_year, lang, judgement.sheet.facts)
    return ("；" if lang == "zh" else "; ").join(_told(judgement, one, writer) for one in criteria)


def _told(judgement: Judgement, one: Criterion, writer: Writer) -> str:
    finding = judgement.findings[one.key]
    brought = [writer.value(finding)]
    # How far an alternative is from its line says little: any other would do.
    if not isinstance(finding.node, tree.Any):
        brought.append(writer.shortfall(finding))
    label = writer.say(one.label, one.label_en)
    numbers = writer.say("，", ", ").join(text for text in brought if text)
    return label + writer.say(f"（{numbers}）", f" ({numbers})") if numbers else label
