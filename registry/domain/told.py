"""What people are told of a case: the reviewer where exactly it is, the firm what concerns it and what to do.

The firm does not read the inner course: neither that departments are asked nor that it was drawn for a sample. One
function says what it reads; nothing else does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from registry.domain.case_states import ACTION_WORDS, Action, Phase, State
from registry.domain.procedure import ENDING_WORDS, LEVEL_WORDS, Ending, Level, Procedure, StageKind, Words


class Seen(StrEnum):
    """What a firm sees of its case; kept apart from the states, so that the inner course may change unseen."""

    DRAFT = "draft"
    WAITING = "waiting"
    DISTRICT = "district"
    CITY = "city"
    PUBLICITY = "publicity"
    ANNOUNCING = "announcing"
    OUTSIDE = "outside"
    CORRECT = "correct"
    RECOGNISED = "recognised"
    ENTERED = "entered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody reads: where the case is, and what he can do or wait for."""

    seen: Seen
    title: Words
    advice: Words


_WITHDRAW = ("；作出决定前可以撤回", "; it can be withdrawn until it is decided")
_FIRM: Mapping[Seen, tuple[Words, Words]] = {
    Seen.DRAFT: (
        ("填报中", "Being filled in"),
        ("填写完整、签署声明后提交", "Complete it, sign the declaration, submit"),
    ),
    Seen.WAITING: (("已提交，等待受理", "Submitted, waiting to be taken up"), ("请等待", "Please wait")),
    Seen.DISTRICT: (("区市审核中", "Under review in the district"), ("请等待", "Please wait")),
    Seen.CITY: (("市级审核中", "Under review in the city"), ("请等待", "Please wait")),
    Seen.PUBLICITY: (("公示中", "Made public"), ("公示期内可能有异议", "Objections may be raised meanwhile")),
    Seen.ANNOUNCING: (("公示结束，等待公告", "Publicity over, announcement awaited"), ("请等待", "Please wait")),
    Seen.OUTSIDE: (
        ("已上报，等待决定", "Passed on, decision awaited"),
        ("由上级或统计部门决定", "It is decided outside the city"),
    ),
    Seen.CORRECT: (
        ("退回补正", "Returned for correction"),
        ("请只修改退回的部分，在期限内重新提交", "Change what was returned, and submit again in time"),
    ),
    Seen.RECOGNISED: (
        ("已认定", "Recognised"),
        ("称号有效期三年，请每年更新信息", "Valid for three years: update every year"),
    ),
    Seen.ENTERED: (
        ("已入库", "Entered among the above-scale firms"),
        ("请按统计制度报送", "Report as statistics requires"),
    ),
    Seen.REFUSED: (("未通过", "Not passed"), ("理由见决定意见", "See the opinion for the reasons")),
    Seen.WITHDRAWN: (("已撤回", "Withdrawn"), ("可以重新申报", "You may apply again")),
    Seen.LAPSED: (("逾期未补正，已终止", "Closed: not corrected in time"), ("可以重新申报", "You may apply again")),
}
# A re-review ends in other words.
_RE_REVIEW: Mapping[Seen, tuple[Words, Words]] = {
    Seen.RECOGNISED: (
        ("复核通过", "Re-review passed"),
        ("称号延续三年，请每年更新信息", "Renewed for three years: update every year"),
    ),
    Seen.REFUSED: (("复核未通过", "Re-review not passed"), ("理由见决定意见", "See the opinion for the reasons")),
}
_MAY_WITHDRAW = frozenset(
    {Seen.WAITING, Seen.DISTRICT, Seen.CITY, Seen.PUBLICITY, Seen.ANNOUNCING, Seen.OUTSIDE, Seen.CORRECT}
)
_BY_KIND: Mapping[StageKind, Seen] = {
    StageKind.PUBLICITY: Seen.PUBLICITY,
    StageKind.DECISION: Seen.ANNOUNCING,
    StageKind.OUTSIDE: Seen.OUTSIDE,
}
_BY_PHASE: Mapping[Phase, Seen] = {
    Phase.DRAFT: Seen.DRAFT,
    Phase.SUBMITTED: Seen.WAITING,
    Phase.RETURNED: Seen.CORRECT,
}


def seen(procedure: Procedure, state: State) -> Seen:
    """Return what a firm sees of a state."""
    if state.phase is Phase.ENDED:
        return Seen(state.at)
    if state.phase is not Phase.STAGE:
        return _BY_PHASE[state.phase]
    stage = procedure.stage(state.at)
    return _BY_KIND.get(stage.kind, Seen.DISTRICT if stage.desk is Level.DISTRICT else Seen.CITY)


def told_firm(procedure: Procedure, state: State, kind: str = "new") -> Told:
    """Return what the firm is told of a state.

    Args:
        kind: new or re_review.
    """
    what = seen(procedure, state)
    title, advice = (_RE_REVIEW if kind == "re_review" else {}).get(what) or _FIRM[what]
    if what is Seen.CORRECT:
        chinese, english = LEVEL_WORDS[procedure.stage(state.at).desk]
        title = (f"{chinese}{title[0]}", f"{title[1]} by the {english.lower()}")
    if what in _MAY_WITHDRAW:
        advice = (advice[0] + _WITHDRAW[0], advice[1] + _WITHDRAW[1])
    return Told(what, title, advice)


def told_reviewer(procedure: Procedure, state: State) -> Told:
    """Return what those are told who handle the case: the stage itself, who is at work, and its time limit."""
    what, title = seen(procedure, state), state_words(procedure, state)
    if state.phase is Phase.STAGE:
        stage = procedure.stage(state.at)
        at_work, days = LEVEL_WORDS[stage.level], stage.limit
        limit = (f"，{days} 个工作日内办结", f", within {days} working days") if days else ("", "")
        return Told(what, title, (f"{at_work[0]}办理{limit[0]}", f"{at_work[1]} at work{limit[1]}"))
    if state.phase is Phase.RETURNED:
        days = procedure.correction_limit
        return Told(
            what, title, (f"等待企业补正，期限 {days} 个工作日", f"The firm has {days} working days to correct it")
        )
    if state.phase is Phase.SUBMITTED:
        chinese, english = LEVEL_WORDS[procedure.stages[0].desk]
        return Told(what, title, (f"等待{chinese}受理", f"To be taken up by the {english.lower()}"))
    return Told(what, title, ("已办结", "Closed") if state.is_over else ("企业尚未提交", "Not yet submitted"))


def state_words(procedure: Procedure, state: State) -> Words:
    """Return what a state is called by those who handle the case."""
    if state.phase is Phase.DRAFT:
        return "草稿", "Draft"
    if state.phase is Phase.SUBMITTED:
        return "待受理", "Submitted"
    if state.phase is Phase.ENDED:
        return ENDING_WORDS[Ending(state.at)]
    chinese, english = procedure.stage(state.at).words
    return (f"{chinese}退回", f"Returned at: {english}") if state.phase is Phase.RETURNED else (chinese, english)


def action_words(procedure: Procedure, state: State, action: str) -> Words:
    """Return what an action is called; an outcome as its stage calls it, what nobody knows by its key."""
    if action in ACTION_WORDS:
        return ACTION_WORDS[Action(action)]
    stages = [one for one in procedure.stages if state == State(Phase.STAGE, one.key)] or procedure.stages
    return next((one.words for stage in stages for one in stage.outcomes if one.key == action), (action, action))
