"""The course of a case in the database: what each move needs, who may, what stays on record."""

import json
from datetime import date

import pytest
from casework import Hall, good_firm, open_hall
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.case_states import Guard
from registry.domain.errors import Barred, MoveNotAllowed
from registry.domain.firm_text import firm_of, firm_text
from registry.domain.roles import Role
from registry.domain.trail import Tag
from registry.rules.wording import document_of
from registry.store.cases import ApplicationRound, CaseStep
from registry.store.decisions import Decision
from registry.store.notices import Notice
from registry.store.trail import trail_page
from registry.work.case_guards import GUARDS
from registry.work.judge_case import case_facts, enter_judgement, facts_to_judge, judge


@pytest.fixture
def hall(session: Session) -> Hall:
    return open_hall(session)


def test_every_guard_is_answered_for() -> None:
    assert GUARDS.keys() == set(Guard)


def test_a_firm_is_written_as_it_was_read() -> None:
    firm = good_firm(serious_incident_on=date(2020, 1, 1), titles=({"kind": "hi_tech", "from": date(2024, 1, 1)},))

    assert firm_of(firm_text(firm)) == firm


def test_a_submission_fixes_rules_and_procedure_and_freezes_the_facts(hall: Hall) -> None:
    case = hall.submitted("innovative")

    assert case.state == "submitted" and case.version == 1
    assert case.rule_set_id == "innovative-2022" and case.procedure_id == "innovative-2022"
    assert case.reference == f"CX2026{case.id:07}"
    assert case.verdict == "met"
    # Ten working days after Monday 2026-11-09.
    assert case.due_on == date(2026, 11, 23) and not case.due_is_provisional
    kept = hall.session.get_one(ApplicationRound, (case.id, 1))
    assert firm_of(kept.firm).facts["ip_class1"] == 5
    assert kept.signed_as == "凌经办" and kept.verdict == "met"


def test_a_case_runs_through_its_district(hall: Hall) -> None:
    case = hall.submitted("innovative")
    hall.act("district", case, "take_up")
    assert case.state == "stage:district_review" and case.due_on == date(2026, 11, 23)
    hall.act("district", case, "recommend")

    assert case.state == "stage:city_sample"
    steps = list(hall.session.scalars(select(CaseStep).order_by(CaseStep.id)))
    assert [(one.number, one.action) for one in steps] == [(1, "submit"), (2, "take_up"), (3, "recommend")]
    decision = hall.session.scalars(select(Decision)).one()
    assert (decision.level, decision.outcome, decision.matter_id) == ("district", "recommend", case.id)
    told = [one.template for one in hall.session.scalars(select(Notice).order_by(Notice.id))]
    assert told == ["case", "case", "case"]
    tags = [one.tag for one in trail_page(hall.session, subject=f"application:{case.id}")]
    assert tags.count(Tag.CASE_MOVED) == 3


def test_whoever_takes_a_case_up_has_it_in_hand_at_that_desk(hall: Hall) -> None:
    case = hall.submitted("innovative")
    hall.act("district", case, "take_up")
    entry = trail_page(hall.session, subject=f"application:{case.id}")[0]

    assert case.handler_id == hall.people["district"].id
    assert entry.tag == Tag.CASE_MOVED and json.loads(entry.after or "{}")["handler"] == "测试district"
    hall.act("second_district", case, "recommend")
    assert case.handler_id is None


def test_a_step_and_its_entry_say_who_moved_the_case_from_where_to_where_until_when_and_why(hall: Hall) -> None:
    case = hall.submitted("innovative")
    hall.act("district", case, "take_up", opinion="")
    hall.act("second_district", case, "recommend", opinion=" 情况属实 ")
    up, on = hall.session.scalars(select(CaseStep).where(CaseStep.number > 1).order_by(CaseStep.number))
    passed, taken = [
        (json.loads(one.before or "{}"), json.loads(one.after or "{}"))
        for one in trail_page(hall.session, subject=f"application:{case.id}")
        if one.tag == Tag.CASE_MOVED
    ][:2]

    assert (up.person_id, up.role, up.level, up.opinion) == (
        hall.people["district"].id,
        Role.DISTRICT_REVIEWER,
        "district",
        "",
    )
    assert (on.person_id, on.from_state, on.to_state, on.opinion) == (
        hall.people["second_district"].id,
        "stage:district_review",
        "stage:city_sample",
        "情况属实",
    )
    submitted = {"state": "submitted", "round": 1, "due_on": "2026-11-23"}
    reviewed = submitted | {"state": "stage:district_review"}
    assert taken == (submitted, reviewed | {"action": "take_up", "handler": "测试district"})
    # The next stage has fifteen working days of its own, from Monday 2026-11-09.
    sampled = {"state": "stage:city_sample", "round": 1, "due_on": "2026-11-30"}
    assert passed == (reviewed, sampled | {"action": "recommend", "opinion": "情况属实"})


def test_whoever_was_given_a_case_keeps_it_when_another_takes_it_up(hall: Hall) -> None:
    case = hall.submitted("innovative")
    case.handler_id = hall.people["second_district"].id
    hall.act("district", case, "take_up")

    assert case.handler_id == hall.people["second_district"].id


def test_what_is_lacking_is_told_at_once(hall: Hall) -> None:
    case = hall.begin("specialized", "re_review")
    hall.move(days=100)
    with pytest.raises(MoveNotAllowed, match="申报期") as refused:
        hall.submit(case)

    assert "没有在有效期内" in str(refused.value)
    assert case.state == "draft"


def test_nobody_works_at_two_levels(hall: Hall) -> None:
    case = hall.submitted("innovative")
    hall.act("district", case, "take_up")
    with pytest.raises(MoveNotAllowed):
        hall.act("city", case, "recommend")
    with pytest.raises(Barred):
        hall.act("other_district", case, "recommend")


def test_a_stale_look_is_refused(hall: Hall) -> None:
    case = hall.submitted("innovative")
    seen = case.version
    hall.act("district", case, "take_up")
    with pytest.raises(MoveNotAllowed, match="变动"):
        hall.act("district", case, "recommend", version=seen)


def test_a_reviewers_judgement_decides_what_the_firm_only_claims(hall: Hall) -> None:
    hall.hold("innovative")
    case = hall.begin("specialized")
    hall.submit(case, good_firm(market_leader=True))
    assert facts_to_judge(case) == ("market_leader",)
    assert case.verdict == "undetermined"

    hall.act("district", case, "take_up")
    actor = hall.actor("district")
    enter_judgement(
        hall.session, actor, actor.seats[0], case, fact="market_leader", value=True, reason="市场份额证明", now=hall.now
    )
    assert case.verdict == "met"
    known = case_facts(hall.session, case, hall.session.get_one(ApplicationRound, (case.id, 1)))
    judged = document_of(judge(case, known.firm, known.incomplete), why="")
    found = {one["key"]: one["verdict"] for one in judged["criteria"]}
    assert found["market_leader"] == "met" and found["rung_below"] == "met"
    assert json.loads(hall.session.get_one(ApplicationRound, (case.id, 1)).firm)["facts"]["market_leader"] is True


def test_who_holds_a_title_applies_for_its_re_review_and_anew_only_after_it_ended(hall: Hall) -> None:
    hall.hold("innovative", date(2023, 11, 10))
    with pytest.raises(MoveNotAllowed, match="请申报复核"):
        hall.begin("innovative")
    # Its last day is 2026-11-09; the day after it is held no more.
    hall.move(days=1)

    assert hall.begin("innovative").state == "draft"
