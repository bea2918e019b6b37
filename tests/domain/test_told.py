"""What the firm and the reviewer are told of a case: every state by hand, and to the firm no inner course."""

import re

import pytest
from procedures_by_hand import LONG, SHORT

from registry.domain.case_states import State
from registry.domain.casework import states
from registry.domain.procedure import (
    DECIDED_ENDINGS,
    ENDING_WORDS,
    KIND_OF_STAGE_WORDS,
    LEVEL_WORDS,
    OPENS_WORDS,
    UNIT_WORDS,
    Ending,
    Level,
    Opens,
    Procedure,
    StageKind,
    Unit,
)
from registry.domain.told import Seen, action_words, seen, state_words, told_firm, told_reviewer
from registry.policy.procedures import procedures

EVERY = (*procedures(), LONG, SHORT)
# What the firm reads of each state of the long procedure, and whether it is told that it may withdraw.
FIRM_READS = [
    ("draft", "draft", "填报中", False),
    ("submitted", "waiting", "已提交，等待受理", True),
    ("stage:first", "district", "区市审核中", True),
    ("returned:first", "correct", "区市主管部门退回补正", True),
    ("stage:asked", "district", "区市审核中", True),
    ("stage:shown", "publicity", "公示中", True),
    ("stage:visited", "city", "市级审核中", True),
    ("stage:audited", "city", "市级审核中", True),
    ("stage:second", "city", "市级审核中", True),
    ("returned:second", "correct", "市级主管部门退回补正", True),
    ("stage:last", "announcing", "公示结束，等待公告", True),
    ("ended:recognised", "recognised", "已认定", False),
    ("ended:refused", "refused", "未通过", False),
    ("ended:withdrawn", "withdrawn", "已撤回", False),
    ("ended:lapsed", "lapsed", "逾期未补正，已终止", False),
]


def test_the_firm_reads_of_every_state_what_concerns_it() -> None:
    told = []
    for state in states(LONG):
        one = told_firm(LONG, state)
        told.append((str(state), one.seen.value, one.title[0], "可以撤回" in one.advice[0]))

    assert told == FIRM_READS


def test_what_is_decided_outside_is_told_so() -> None:
    assert told_firm(SHORT, State.parse("stage:outside")).title == ("已上报，等待决定", "Passed on, decision awaited")
    assert told_firm(SHORT, State.parse("ended:entered")).title[0] == "已入库"


def test_a_re_review_ends_in_words_of_its_own() -> None:
    for text, chinese, english in (
        ("ended:recognised", "复核通过", "Re-review passed"),
        ("ended:refused", "复核未通过", "Re-review not passed"),
    ):
        assert told_firm(LONG, State.parse(text), "re_review").title == (chinese, english)
    for state in states(LONG):
        if str(state) not in ("ended:recognised", "ended:refused"):
            assert told_firm(LONG, state, "re_review") == told_firm(LONG, state)


@pytest.mark.parametrize("procedure", EVERY, ids=lambda one: one.id)
def test_the_firm_reads_nothing_of_the_inner_course(procedure: Procedure) -> None:
    for state in states(procedure):
        for kind in ("new", "re_review"):
            one = told_firm(procedure, state, kind)
            text = " ".join((*one.title, *one.advice))
            assert not re.search("抽|审计|征求|部门意见|sampl|audit|inquir|departments", text), text


@pytest.mark.parametrize("procedure", EVERY, ids=lambda one: one.id)
def test_every_state_has_words_in_both_languages_for_either(procedure: Procedure) -> None:
    for state in states(procedure):
        for one in (told_firm(procedure, state), told_reviewer(procedure, state)):
            for chinese, english in (one.title, one.advice):
                assert re.search("[\u4e00-\u9fff]", chinese)
                assert english and not re.search("[\u4e00-\u9fff]", english)
            assert one.seen is seen(procedure, state)


@pytest.mark.parametrize("procedure", EVERY, ids=lambda one: one.id)
def test_no_two_states_are_called_alike_by_those_who_handle_them(procedure: Procedure) -> None:
    told = [state_words(procedure, state) for state in states(procedure)]

    assert len(set(told)) == len(told)


def test_the_reviewer_reads_who_is_at_work_and_by_when() -> None:
    told = {str(state): told_reviewer(LONG, state).advice[0] for state in states(LONG)}

    assert told["draft"] == "企业尚未提交"
    assert told["submitted"] == "等待区市主管部门受理"
    assert told["stage:asked"] == "有关部门办理，10 个工作日内办结"
    assert told["stage:audited"] == "第三方审计机构办理，30 个工作日内办结"
    assert told["stage:shown"] == "区市主管部门办理"
    assert told["returned:second"] == "等待企业补正，期限 10 个工作日"
    assert told["ended:lapsed"] == "已办结"


def test_an_outcome_is_called_as_its_own_stage_calls_it() -> None:
    little_giant = next(one for one in procedures() if one.tier == "little_giant")

    assert action_words(little_giant, State.parse("stage:city_review"), "refuse")[0] == "不予推荐"
    assert action_words(little_giant, State.parse("stage:district_review"), "refuse")[0] == "不予通过"
    assert action_words(little_giant, State.parse("draft"), "submit") == ("提交", "Submit")
    assert action_words(little_giant, State.parse("draft"), "dance") == ("dance", "dance")


def test_everything_the_procedure_speaks_of_has_words() -> None:
    assert KIND_OF_STAGE_WORDS.keys() == set(StageKind)
    assert LEVEL_WORDS.keys() == set(Level)
    assert ENDING_WORDS.keys() == set(Ending)
    assert OPENS_WORDS.keys() == set(Opens)
    assert UNIT_WORDS.keys() == set(Unit)
    assert set(DECIDED_ENDINGS) == set(Ending) - {Ending.WITHDRAWN, Ending.LAPSED}
    assert {Seen(one.value) for one in Ending} <= set(Seen)
