"""The words of casework: the states a case can be in, what can be done with it, and what a move may need.

Only the vocabulary; which move is possible when stands in `registry.domain.casework`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from registry.domain.procedure import Ending, Words


class Phase(StrEnum):
    """The kinds of states."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    STAGE = "stage"
    RETURNED = "returned"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, order=True)
class State:
    """Where a case is.

    Attributes:
        at: the stage it is at, or that returned it, or its ending; empty for a draft and for what waits.
    """

    phase: Phase
    at: str = ""

    @property
    def is_over(self) -> bool:
        """Say whether nothing follows."""
        return self.phase is Phase.ENDED

    def __str__(self) -> str:
        return f"{self.phase}:{self.at}" if self.at else str(self.phase)

    @classmethod
    @lru_cache(maxsize=256)
    def parse(cls, text: str) -> "State":
        """Return the state that `str` wrote."""
        phase, _, at = text.partition(":")
        return cls(Phase(phase), at)


DRAFT, SUBMITTED = State(Phase.DRAFT), State(Phase.SUBMITTED)
WITHDRAWN, LAPSED = State(Phase.ENDED, Ending.WITHDRAWN), State(Phase.ENDED, Ending.LAPSED)


class Action(StrEnum):
    """What can be done beside the outcomes of a stage, which the procedure names."""

    SAVE = "save"
    SUBMIT = "submit"
    TAKE_UP = "take_up"
    RESUBMIT = "resubmit"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"
    ASK = "ask"
    ANSWER = "answer"
    INSPECT = "inspect"
    DRAW = "draw"
    REPORT = "report"
    OBJECT = "object"
    REPLY = "reply"


ACTION_WORDS: Mapping[Action, Words] = {
    Action.SAVE: ("填写保存", "Fill in and save"),
    Action.SUBMIT: ("提交", "Submit"),
    Action.TAKE_UP: ("受理", "Take up"),
    Action.RESUBMIT: ("补正后提交", "Submit again"),
    Action.WITHDRAW: ("撤回", "Withdraw"),
    Action.LAPSE: ("逾期终止", "Close as not corrected"),
    Action.ASK: ("发函征求意见", "Ask the departments"),
    Action.ANSWER: ("答复意见", "Answer"),
    Action.INSPECT: ("记录实地核查", "Record a visit"),
    Action.DRAW: ("抽取样本", "Draw the sample"),
    Action.REPORT: ("录入检查结果", "Enter the result"),
    Action.OBJECT: ("登记异议", "Record an objection"),
    Action.REPLY: ("答复异议", "Answer an objection"),
}


class Guard(StrEnum):
    """What must be there before a move is made."""

    DECLARATION_SIGNED = "declaration_signed"
    WINDOW_OPEN = "window_open"
    NO_BAN = "no_ban"
    HOLDS_TITLE = "holds_title"
    UPDATES_MADE = "updates_made"
    OWN_FILING = "own_filing"
    FILED_BY_ANOTHER = "filed_by_another"
    ONLY_RETURNED_CHANGED = "only_returned_changed"
    CORRECTION_OVERDUE = "correction_overdue"
    OPINION_GIVEN = "opinion_given"
    ONE_ANSWER_EACH = "one_answer_each"
    ALL_ANSWERED = "all_answered"
    NOT_SAMPLED_BEFORE = "not_sampled_before"
    ADVERSE_GIVEN = "adverse_given"
    ADVERSE_WEIGHED = "adverse_weighed"
    RESULTS_IN = "results_in"
    DRAWN = "drawn"
    REAL_NAME_GIVEN = "real_name_given"
    PUBLICITY_OVER = "publicity_over"
    PUBLICITY_CERTAIN = "publicity_certain"
    OBJECTIONS_ANSWERED = "objections_answered"
    NONE_UPHELD = "none_upheld"
    ONE_UPHELD = "one_upheld"
    SOURCE_GIVEN = "source_given"


GUARD_WORDS: Mapping[Guard, Words] = {
    Guard.DECLARATION_SIGNED: ("已签署真实性声明", "the declaration is signed"),
    Guard.WINDOW_OPEN: ("在申报期内", "the window is open"),
    Guard.NO_BAN: ("不在禁止申报期内", "no ban is in force"),
    Guard.HOLDS_TITLE: ("持有所复核的称号", "the firm holds the title to be re-reviewed"),
    Guard.UPDATES_MADE: ("已按期更新年度信息", "the yearly updates were made in time"),
    Guard.OWN_FILING: ("由本机构填报", "the own office files it"),
    Guard.FILED_BY_ANOTHER: ("非由本人填报", "somebody else filed it"),
    Guard.ONLY_RETURNED_CHANGED: ("只修改了退回的部分", "only what was returned was changed"),
    Guard.CORRECTION_OVERDUE: ("补正期限已过", "the time for correction is over"),
    Guard.OPINION_GIVEN: ("已填写意见", "an opinion is given"),
    Guard.ONE_ANSWER_EACH: ("该部门尚未答复", "this department has not answered yet"),
    Guard.ALL_ANSWERED: ("各部门均已答复", "every department has answered"),
    Guard.NOT_SAMPLED_BEFORE: ("未被下级抽查过", "not sampled by the level below"),
    Guard.ADVERSE_GIVEN: ("有部门提出否定意见", "a department's answer is adverse"),
    Guard.ADVERSE_WEIGHED: ("有否定意见的已写明理由", "a reason is given where an answer is adverse"),
    Guard.RESULTS_IN: ("已完成抽取，被抽中的结果已录入", "the sample is drawn and its result is in"),
    Guard.DRAWN: ("已被抽中，结果尚未录入", "it was drawn, and its result is not in yet"),
    Guard.REAL_NAME_GIVEN: ("实名并附证据与联系方式", "a real name with evidence and contact"),
    Guard.PUBLICITY_OVER: ("公示期已满", "the publicity is over"),
    Guard.PUBLICITY_CERTAIN: ("公示截止日已确定（非暂定）", "its last day is certain, not provisional"),
    Guard.OBJECTIONS_ANSWERED: ("异议均已答复", "every objection is answered"),
    Guard.NONE_UPHELD: ("没有成立的异议", "no objection was upheld"),
    Guard.ONE_UPHELD: ("有成立的异议", "an objection was upheld"),
    Guard.SOURCE_GIVEN: ("已注明来源与日期", "source and date are given"),
}
# What only a re-review needs; a new application passes over it.
RE_REVIEW_ONLY = frozenset({Guard.HOLDS_TITLE, Guard.UPDATES_MADE})
