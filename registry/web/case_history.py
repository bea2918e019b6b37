"""The steps of a case in words: who did what when, and what else belongs to each step. Reads nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from registry.domain.case_states import State
from registry.domain.facts import FIRM_FACTS, Fact, Kind
from registry.domain.procedure import LEVEL_WORDS, Level
from registry.domain.roles import DEPARTMENT_WORDS, ROLE_WORDS, Role
from registry.domain.told import state_words
from registry.store.cases import Application, CaseStep
from registry.web.case_criteria import part_label
from registry.web.case_words import action_word
from registry.web.desk import in_words
from registry.web.labels import N_, fact_label, industry, part, shown
from registry.web.language import current
from registry.web.language import say as _
from registry.work.case_bars import procedure_of
from registry.work.case_steps import details_of

# Of 万元, in fen.
_HUNDREDTH = 10_000


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step.

    Attributes:
        who: the name, as the trail has it.
        seat: in which role and on whose behalf; empty for the program.
        to: where the case is since; empty where it stayed.
        told: what else belongs to it, each as a heading and its words.
    """

    step: CaseStep
    who: str
    seat: str
    word: str
    to: str
    told: tuple[tuple[str, str], ...]


def history(case: Application, steps: Sequence[CaseStep]) -> list[StepLine]:
    """Return the steps of a case, the newest first."""
    return [_line(case, step) for step in reversed(steps)]


def answer_word(answer: str | None) -> str:
    """Return the answer of a department, or that there is none yet."""
    return {"clear": _("无异议"), "adverse": _("有否定意见"), None: _("尚未答复")}[answer]


def result_word(result: str | None) -> str:
    """Return what a look at a firm came to, or that it is not reported yet."""
    return {"clear": _("未发现问题"), "adverse": _("发现问题"), None: _("结果尚未录入")}[result]


def verdict_word(verdict: str) -> str:
    """Return a verdict."""
    return {"met": _("满足"), "not_met": _("不满足"), "undetermined": _("待定")}.get(verdict, verdict)


def outcome_word(case: Application, level: str, outcome: str) -> str:
    """Return an outcome that was decided at a level, as a stage of that level calls it."""
    stages = [one for one in procedure_of(case).stages if one.desk == level]
    words = (one.words for stage in stages for one in stage.outcomes if one.key == outcome)
    return in_words(next(words, (outcome, outcome)))


def measured(value: int | None, kind: Kind) -> str:
    """Return a measure, rounded because it is only looked at side by side: shares to 0.1 %, money to 0.01 万元."""
    if value is None:
        return "–"
    if kind is Kind.SHARE:
        return f"{Decimal(value).scaleb(-10):.1f}%"
    if kind is Kind.MONEY:
        value = int((Decimal(value) / _HUNDREDTH).to_integral_value()) * _HUNDREDTH
    return shown(value, Fact("", kind, "", ""))


def trade_word(trade: str) -> str:
    """Return a trade: a class of four digits or a division of two."""
    return industry(trade) if len(trade) == 4 else part(trade, "industry")


def _line(case: Application, step: CaseStep) -> StepLine:
    seat = in_words(ROLE_WORDS[Role(step.role)]) if step.role else ""
    if not seat and step.level:
        seat = in_words(LEVEL_WORDS[Level(step.level)])
    moved = step.to_state != step.from_state
    to = in_words(state_words(procedure_of(case), State.parse(step.to_state))) if moved else ""
    # A row keeps name and seat in one, `name role@place`; the role is told in words of its own.
    who = step.doer.partition(f" {step.role}@")[0] if step.person_id is not None else _("系统")
    word = action_word(case, step.action, step.from_state)
    return StepLine(step, who, seat, word, to, tuple(_told(details_of(step))))


def _told(details: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = [(_(head), words(details)) for key, head, words in _WORDS if details.get(key) is not None]
    return [(head, words) for head, words in found if words]


def _joined(words: Sequence[str]) -> str:
    return (", " if current() == "en" else "、").join(words)


def _parts(key: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda details: _joined(list(dict.fromkeys(part_label(str(one)) for one in details[key])))


def _judged(details: Mapping[str, Any]) -> str:
    fact = FIRM_FACTS.get(str(details["fact"]))
    value = {True: _("是"), False: _("否"), None: _("收回，重新待定")}[details.get("value")]
    return _("%(fact)s：%(value)s", fact=fact_label(fact) if fact else details["fact"], value=value)


def _drawn(details: Mapping[str, Any]) -> str:
    if details["is_drawn"]:
        return _("抽中")
    return _("不参加抽取（下级已抽查）") if details.get("is_spared") else _("未抽中")


def _publicity(details: Mapping[str, Any]) -> str:
    days = _("%(first)s 至 %(last)s", first=details["first_day"], last=details["last_day"])
    return days + _("（截止日暂定）") if details.get("is_provisional") else days


def _departments(details: Mapping[str, Any]) -> str:
    return _joined([in_words(DEPARTMENT_WORDS.get(one, (one, one))) for one in details["departments"]])


def _handler(details: Mapping[str, Any]) -> str:
    return str(details["handler"]) or _("不再指定")


def _text(key: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda details: str(details[key])


# What belongs to steps, by the key under which their deeds keep it; a key that only names a row is not told.
_WORDS: tuple[tuple[str, str, Callable[[Mapping[str, Any]], str]], ...] = (
    ("signed_as", N_("签署人"), _text("signed_as")),
    ("verdict", N_("系统判定"), lambda details: verdict_word(str(details["verdict"]))),
    ("changed", N_("改动的内容"), _parts("changed")),
    ("parts", N_("退回的内容"), _parts("parts")),
    ("fact", N_("判断"), _judged),
    ("visited_on", N_("核查日期"), _text("visited_on")),
    ("departments", N_("征求意见的部门"), _departments),
    ("answer", N_("答复"), lambda details: answer_word(details["answer"])),
    ("is_drawn", N_("抽取"), _drawn),
    ("result", N_("结果"), lambda details: result_word(details["result"])),
    ("first_day", N_("公示期"), _publicity),
    ("is_upheld", N_("异议结论"), lambda details: _("成立") if details["is_upheld"] else _("不成立")),
    ("received_on", N_("收到日期"), _text("received_on")),
    ("announcement", N_("公告文号"), _text("announcement")),
    ("document", N_("文件"), _text("document")),
    ("handler", N_("承办人"), _handler),
    ("told", N_("提醒了"), lambda details: _joined([str(one) for one in details["told"]])),
)
