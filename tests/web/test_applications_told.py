"""The course of a case as its firm is told it, in every state of every procedure: never the inner course."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from registry.domain.case_states import Phase, State
from registry.domain.casework import states
from registry.domain.procedure import Procedure
from registry.policy.procedures import procedures
from registry.store.cases import Application, CaseStep
from registry.web.application_told import history, progress, reason_of_end, return_words

AT = datetime(2026, 11, 9, tzinfo=UTC)
INNER = ("部门意见", "征求", "抽查", "审计", "样本", "Inquir", "sample", "audit", "departments")


def case_in(handled: Procedure, state: State) -> Application:
    return Application(procedure_id=handled.id, state=str(state), tier=handled.tier, kind="new", submitted_on=AT.date())


def step(number: int, before: State, action: str, after: State, opinion: str = "") -> CaseStep:
    return CaseStep(
        number=number,
        from_state=str(before),
        action=action,
        to_state=str(after),
        person_id=number,
        opinion=opinion,
        at=AT,
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("handled", procedures(), ids=lambda one: one.id)
def test_in_every_state_the_line_has_one_place_and_tells_nothing_inner(
    app: Flask, handled: Procedure, lang: str
) -> None:
    for state in states(handled):
        if state.phase is Phase.DRAFT:
            continue
        with app.test_request_context(f"/?lang={lang}"):
            line = progress(case_in(handled, state))
        assert [one.state for one in line].count("now") == 1, state
        marks = [one.state for one in line]
        assert marks == sorted(marks, key=["done", "now", "to_come"].index), state
        assert marks[-1] == ("now" if state.is_over else "to_come")
        assert not any(word in one.word for one in line for word in INNER), state


def test_two_stages_that_look_alike_are_one_place(app: Flask) -> None:
    handled = next(one for one in procedures() if one.id == "specialized-2022")
    with app.test_request_context("/?lang=zh"):
        lines = {
            key: progress(case_in(handled, State(Phase.STAGE, key)))
            for key in ("district_review", "inquiries", "city_audit", "city_review")
        }

    assert lines["district_review"] == lines["inquiries"] and lines["city_audit"] == lines["city_review"]
    assert [one.word for one in lines["inquiries"]] == [
        "提交",
        "区市审核",
        "公示",
        "市级审核",
        "公示",
        "公告",
        "结果",
    ]


def test_the_history_names_the_firms_own_people_and_nobody_else(app: Flask) -> None:
    handled = next(one for one in procedures() if one.id == "specialized-2022")
    draft, waiting = State(Phase.DRAFT), State(Phase.SUBMITTED)
    review, asked = State(Phase.STAGE, "district_review"), State(Phase.STAGE, "inquiries")
    back = State(Phase.RETURNED, "district_review")
    steps = [
        step(1, draft, "submit", waiting),
        step(2, waiting, "take_up", review),
        step(3, review, "inspect", review, "内部记录"),
        step(4, review, "return", back, "请补正"),
        step(5, back, "resubmit", review),
        step(6, review, "assign", review, "交给小王"),
        step(7, review, "pass", asked, "内部意见"),
        step(8, asked, "answer", asked, "税务意见"),
        step(9, asked, "refuse", State(Phase.ENDED, "refused"), "不符合条件"),
    ]
    case = case_in(handled, State(Phase.ENDED, "refused"))
    with app.test_request_context("/?lang=zh"):
        told = history(case, steps, {1: "凌经办", 5: "凌经办"})

    assert [(one.title, one.words, one.who) for one in told] == [
        ("未通过", "不符合条件", ""),
        ("补正后重新提交", "", "凌经办"),
        ("区市主管部门退回补正", "请补正", ""),
        ("区市审核中", "", ""),
        ("提交申报", "", "凌经办"),
    ]
    assert reason_of_end(case, steps) == "不符合条件" and return_words(case, steps) == "请补正"
