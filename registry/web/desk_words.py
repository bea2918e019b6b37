"""What the pages of the desk read from an address and say of a case: its question, its days and its points in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from registry.domain.case_states import State
from registry.domain.codes import DISTRICTS, KIND_WORDS, TIER_WORDS
from registry.domain.told import state_words
from registry.domain.workdays import Calendar, workdays_left
from registry.policy.procedures import procedures
from registry.store.cases import VERDICTS, Application
from registry.store.desk_lists import SORTS, TABS, CaseLine, Wanted
from registry.store.desk_states import is_publicity
from registry.web.asking import day_from, now, text_asked, word_asked
from registry.web.case_words import state_word
from registry.web.desk import in_words
from registry.web.labels import N_
from registry.web.language import say as _
from registry.work.case_bars import procedure_of, state_of

TAB_WORDS = {
    "waiting": N_("待办"),
    "overdue": N_("逾期"),
    "returned": N_("退回中"),
    "publicity": N_("公示中"),
    "mine": N_("我承办的"),
    "all": N_("全部在办"),
    "closed": N_("已办结"),
}
SORT_WORDS = {"due": N_("办理期限"), "submitted": N_("提交日期，新的在前"), "name": N_("企业名称")}
VERDICT_WORDS = {"met": N_("满足"), "not_met": N_("不满足"), "undetermined": N_("待定")}
# What belongs to a saved filter, in the order in which it is kept.
KEYS = ("tab", "q", "tier", "kind", "district", "stage", "verdict", "since", "until", "due", "handler", "sort")
_FEW_DAYS = 2


def tab_asked() -> str:
    """Return which tab of the desk is asked for."""
    return word_asked("tab", TABS) or "waiting"


def sort_asked(tab: str) -> str:
    """Return the order that is asked for; what is closed has no day any more."""
    return word_asked("sort", SORTS) or ("submitted" if tab == "closed" else "due")


def wanted() -> Wanted:
    """Return what the list is narrowed to.

    Raises:
        Refused: a box that cannot be meant.
    """
    return Wanted(
        text=text_asked("q"),
        tier=word_asked("tier", tuple(TIER_WORDS)),
        kind=word_asked("kind", tuple(KIND_WORDS)),
        district=word_asked("district", tuple(DISTRICTS)),
        stage=word_asked("stage", tuple(stages())),
        verdict=word_asked("verdict", VERDICTS),
        submitted_from=_day("since"),
        submitted_to=_day("until"),
        due_before=_day("due"),
        handler=word_asked("handler", ("me", "none")),
    )


def _day(name: str) -> date | None:
    text = text_asked(name)
    return day_from(text, name) if text else None


def stages() -> dict[str, str]:
    """Return the stages that a case can be at, in words; what procedures call differently has every name."""
    found: dict[str, list[tuple[str, str]]] = {"submitted": [state_words(procedures()[0], State.parse("submitted"))]}
    for one in procedures():
        for stage in one.stages:
            found.setdefault(stage.key, []).append(stage.words)
    return {
        key: in_words(("／", " / ")).join(dict.fromkeys(in_words(one) for one in pairs)) for key, pairs in found.items()
    }


@dataclass(frozen=True, slots=True)
class Row:
    """A case as the table shows it: all that is shown of it, since the row is kept."""

    number: int
    firm: str
    reference: str
    tier: str
    kind: str
    district: str
    state: str
    since: str
    due: "Due"
    verdict: str | None
    verdict_word: str
    points: str
    handler: str | None


@dataclass(frozen=True, slots=True)
class Due:
    """By when something is to be done, in words.

    Attributes:
        look: `late`, `soon` or nothing; the words say the same.
    """

    day: date | None
    told: str
    look: str = ""


def rows(lines: Iterable[CaseLine], calendar: Calendar) -> list[Row]:
    """Return cases as the table shows them."""
    moment = now()
    return [_row(line, calendar, moment) for line in lines]


def _row(line: CaseLine, calendar: Calendar, moment: datetime) -> Row:
    case = line.case
    return Row(
        case.id,
        case.firm_name,
        case.reference or "",
        case.tier,
        case.kind,
        case.district,
        state_word(case),
        _("%(day)s 起", day=case.entered_at.astimezone(moment.tzinfo).date()),
        due(line, calendar, moment.date()),
        case.verdict,
        _(VERDICT_WORDS[case.verdict]) if case.verdict else _("未核对"),
        points(case),
        line.handler,
    )


def due(line: CaseLine, calendar: Calendar, today: date) -> Due:
    """Return by when a case is to be brought on."""
    case, day = line.case, line.case.due_on
    if state_of(case).is_over:
        return Due(None, _("已办结"))
    if line.public_until is not None:
        if line.is_unsure:
            return Due(line.public_until, _("公示截止（暂定）"))
        is_over = line.public_until < today
        return Due(line.public_until, _("公示期满，待办结") if is_over else _("公示截止"), "soon" if is_over else "")
    if day is None:
        is_unlisted = is_publicity(procedure_of(case), case.state)
        return Due(None, _("待列入公示名单") if is_unlisted else _("不限期"))
    unsure = _("（暂定）") if case.due_is_provisional else ""
    if day < today:
        return Due(day, _("逾期 %(days)s 天", days=(today - day).days) + unsure, "late")
    if day == today:
        return Due(day, _("今天到期") + unsure, "soon")
    left = workdays_left(today, day, calendar)
    return Due(day, _("剩 %(days)s 个工作日", days=left) + unsure, "soon" if left <= _FEW_DAYS else "")


def points(case: Application) -> str:
    """Return the points of a case; nothing where nothing is scored."""
    low, high = case.score_low, case.score_high
    if low is None or high is None:
        return ""
    return _("%(points)s 分", points=low if low == high else f"{low}–{high}")
