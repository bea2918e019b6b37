"""Departments are asked once about a case, and each answers once; what they answer decides nothing by itself."""

import json
from datetime import date, datetime

import pytest
from casework import SHANGHAI, Hall, ask_departments, open_hall
from examined_cases import cases_at, tie
from people import person, seat
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.errors import Barred, MoveNotAllowed, Refused
from registry.domain.roles import DEPARTMENT_WORDS, Role
from registry.domain.trail import Tag
from registry.store.cases import Application, CaseStep
from registry.store.examination_lists import (
    cases_to_ask_about,
    count_to_ask_about,
    inquiries_counted,
    inquiries_page,
)
from registry.store.examinations import Inquiry
from registry.store.lists import EVERYTHING
from registry.store.notices import Notice
from registry.store.trail import trail_page
from registry.work.ask_departments import (
    answer_clear,
    answer_inquiry,
    ask_about_all,
    inquiry_stage,
    inquiry_states,
)
from registry.work.notice_words import words_of

DEPARTMENTS = tuple(DEPARTMENT_WORDS)


@pytest.fixture
def hall(session: Session) -> Hall:
    return open_hall(session)


@pytest.fixture
def case(hall: Hall) -> Application:
    """A case of which the departments were not asked yet."""
    return cases_at(hall, "specialized", "inquiries", 1)[0]


def ask(hall: Hall, case: Application, who: str = "district") -> list[Inquiry]:
    actor = hall.actor(who)
    return ask_departments(hall.session, actor, actor.seats, case, now=hall.now)


def answer(hall: Hall, case: Application, who: str, said: str = "clear", opinion: str = "") -> Inquiry:
    actor = hall.actor(who)
    return answer_inquiry(hall.session, actor, actor.seats, case, answer=said, opinion=opinion, now=hall.now)


def test_every_department_is_asked_with_its_last_day_and_its_officers_are_told(hall: Hall, case: Application) -> None:
    rows = ask(hall, case)

    assert [row.department for row in rows] == list(DEPARTMENTS)
    # Ten working days after Monday 2026-11-09.
    assert {row.due_on for row in rows} == {date(2026, 11, 23)} and not any(row.due_is_provisional for row in rows)
    assert all(row.answer is None and row.opinion == "" for row in rows)
    assert case.state == "stage:inquiries" and case.version == 4
    (step,) = hall.session.scalars(select(CaseStep).where(CaseStep.application_id == case.id))
    assert (step.action, step.from_state, step.to_state) == ("ask", "stage:inquiries", "stage:inquiries")
    notices = list(hall.session.scalars(select(Notice).order_by(Notice.person_id)))
    assert [one.template for one in notices] == ["inquiry"] * 5
    assert {one.person_id for one in notices} == {hall.people[one].id for one in DEPARTMENTS}
    assert {one.address for one in notices} == {f"/inquiries/{case.id}"}
    said = words_of("inquiry", json.loads(notices[0].told))
    assert case.firm_name in said.subject[0] and "2026-11-23" in said.body[1]
    tags = [one.tag for one in trail_page(hall.session, subject=f"application:{case.id}")]
    assert sorted(tags) == [Tag.CASE_MOVED, Tag.INQUIRY_ASKED]


def test_they_are_asked_once(hall: Hall, case: Application) -> None:
    ask(hall, case)
    with pytest.raises(MoveNotAllowed, match="不能重复"):
        ask(hall, case, "second_district")

    assert case.version == 4
    assert len(list(hall.session.scalars(select(Inquiry)))) == 5


def test_only_the_district_of_the_case_asks_and_only_at_that_stage(hall: Hall, case: Application) -> None:
    for who, error in (("other_district", Barred), ("city", MoveNotAllowed), ("tax", MoveNotAllowed)):
        with pytest.raises(error):
            ask(hall, case, who)
    elsewhere = cases_at(hall, "specialized", "city_review", 1, start=2000)[0]
    assert inquiry_stage(elsewhere) is None
    with pytest.raises(MoveNotAllowed):
        ask(hall, elsewhere)
    assert list(hall.session.scalars(select(Inquiry))) == []


def test_the_last_day_of_a_year_without_a_calendar_is_provisional(hall: Hall, case: Application) -> None:
    hall.now = datetime(2026, 12, 28, 9, 0, tzinfo=SHANGHAI)
    rows = ask(hall, case)

    assert {(row.due_on, row.due_is_provisional) for row in rows} == {(date(2027, 1, 11), True)}


def test_a_department_answers_once(hall: Hall, case: Application) -> None:
    ask(hall, case)
    row = answer(hall, case, "tax", opinion=" 已核实 ")
    assert (row.department, row.answer, row.opinion) == ("tax", "clear", "已核实")
    assert (row.answered_at, row.answered_by) == (hall.now, hall.people["tax"].id)
    with pytest.raises(MoveNotAllowed, match="已经答复"):
        answer(hall, case, "tax", "adverse", "又有欠税")

    assert (row.answer, row.opinion) == ("clear", "已核实")
    assert case.version == 5 and case.state == "stage:inquiries"
    tags = [one.tag for one in trail_page(hall.session, subject=f"application:{case.id}")]
    assert tags.count(Tag.INQUIRY_ANSWERED) == 1


def test_an_adverse_answer_needs_its_grounds(hall: Hall, case: Application) -> None:
    ask(hall, case)
    for said, opinion, path in (
        ("adverse", "", "opinion"),
        ("adverse", "  \n", "opinion"),
        ("adverse", "长" * 2001, "opinion"),
        ("clear", "长" * 2001, "opinion"),
        ("", "", "answer"),
        ("maybe", "", "answer"),
    ):
        with pytest.raises(Refused) as refused:
            answer(hall, case, "ecology", said, opinion)
        assert [fault.path for fault in refused.value.faults] == [path]
    assert case.version == 4
    assert answer(hall, case, "ecology", "adverse", "长" * 2000).answer == "adverse"


def test_nobody_answers_who_was_not_asked(hall: Hall, case: Application) -> None:
    with pytest.raises(MoveNotAllowed, match="没有向您的部门"):
        answer(hall, case, "tax")
    ask(hall, case)
    for who in ("district", "city", "auditor"):
        with pytest.raises((MoveNotAllowed, Barred)):
            answer(hall, case, who)
    assert {row.answer for row in hall.session.scalars(select(Inquiry))} == {None}


def test_an_officer_of_two_departments_answers_for_each(hall: Hall, case: Application) -> None:
    both = person(hall.session, "双席位", now=hall.now)
    hall.people["both"] = both
    for place in ("tax", "market"):
        seat(hall.session, both, Role.DEPARTMENT_OFFICER, place, now=hall.now)
    ask(hall, case)

    assert {answer(hall, case, "both").department, answer(hall, case, "both").department} == {"tax", "market"}
    with pytest.raises(MoveNotAllowed, match="已经答复"):
        answer(hall, case, "both")
    again = cases_at(hall, "specialized", "inquiries", 1, start=2000)[0]
    ask(hall, again)
    actor = hall.actor("both")
    assert answer_clear(hall.session, actor, actor.seats, [again], now=hall.now) == 1
    rows = hall.session.scalars(select(Inquiry).where(Inquiry.application_id == again.id, Inquiry.answer == "clear"))
    assert {row.department for row in rows} == {"tax", "market"}


def test_whoever_is_tied_to_the_firm_does_not_answer(hall: Hall, case: Application) -> None:
    ask(hall, case)
    tie(hall, "tax", case)
    with pytest.raises(Barred):
        answer(hall, case, "tax")


def test_the_case_goes_on_when_all_have_answered_and_not_before(hall: Hall, case: Application) -> None:
    ask(hall, case)
    for one in DEPARTMENTS[:-1]:
        answer(hall, case, one)
    with pytest.raises(MoveNotAllowed, match="宣传"):
        hall.act("district", case, "clear")
    answer(hall, case, DEPARTMENTS[-1], "adverse", "有舆情")
    # What they answered decides nothing: the district may still find it clear.
    hall.act("district", case, "clear")
    assert case.state == "stage:district_publicity"
    with pytest.raises(MoveNotAllowed):
        answer(hall, case, "tax")


def test_several_cases_are_asked_about_at_once_and_each_officer_is_told_once(hall: Hall) -> None:
    cases = cases_at(hall, "specialized", "inquiries", 3)
    states, actor = inquiry_states(), hall.actor("district")
    assert count_to_ask_about(hall.session, EVERYTHING, states) == 3
    assert ask_about_all(hall.session, actor, actor.seats, cases[:2], now=hall.now) == 2

    assert [one.id for one in cases_to_ask_about(hall.session, EVERYTHING, states, limit=9)] == [cases[2].id]
    told = list(hall.session.scalars(select(Notice)))
    assert [(one.template, one.address) for one in told] == [("inquiry", "/inquiries")] * 5
    assert "2 家企业" in words_of(told[0].template, json.loads(told[0].told)).subject[0]
    with pytest.raises(MoveNotAllowed, match="不能重复"):
        ask_about_all(hall.session, actor, actor.seats, cases, now=hall.now)


def test_several_firms_are_answered_for_at_once(hall: Hall) -> None:
    cases = cases_at(hall, "specialized", "inquiries", 3)
    for one in cases:
        ask(hall, one)
    actor = hall.actor("market")
    assert answer_clear(hall.session, actor, actor.seats, cases[:2], now=hall.now) == 2
    with pytest.raises(MoveNotAllowed, match="已经答复"):
        answer_clear(hall.session, actor, actor.seats, [cases[2], cases[0]], now=hall.now)


def test_a_list_is_overdue_on_the_day_after_the_last_and_not_on_it(hall: Hall) -> None:
    cases = cases_at(hall, "specialized", "inquiries", 3)
    for one in cases:
        ask(hall, one)
    answer(hall, cases[0], "tax")
    last, states = date(2026, 11, 23), inquiry_states()

    def counted(today: date) -> tuple[int, int, int]:
        found = inquiries_counted(hall.session, ["tax"], states=states, today=today)
        return found["waiting"], found["overdue"], found["answered"]

    assert counted(date(2026, 11, 22)) == (2, 0, 1)
    assert counted(last) == (2, 0, 1)
    assert counted(date(2026, 11, 24)) == (2, 2, 1)
    assert inquiries_counted(hall.session, [], states=states, today=last)["waiting"] == 0
    # A case that was taken back waits for no answer any more.
    cases[1].state, cases[1].closed_at = "ended:withdrawn", hall.now
    hall.session.flush()
    assert counted(last) == (1, 0, 1)


@pytest.mark.parametrize("tab", ["waiting", "answered"])
def test_every_inquiry_stands_on_one_page(hall: Hall, tab: str) -> None:
    cases = cases_at(hall, "specialized", "inquiries", 7)
    for number, one in enumerate(cases):
        if number in (3, 5):
            hall.move(days=1)
        ask(hall, one)
        if tab == "answered":
            answer(hall, one, "tax")
    seen: list[int] = []
    after: int | None = None
    for _ in range(4):
        page = inquiries_page(
            hall.session, ["tax"], tab, states=inquiry_states(), today=hall.now.date(), after=after, limit=2
        )
        seen += [line.case.id for line in page.lines]
        assert {line.inquiry.department for line in page.lines} == {"tax"}
        after = page.after

    assert after is None
    assert sorted(seen) == [one.id for one in cases] and len(seen) == 7
    assert seen == ([one.id for one in cases] if tab == "waiting" else [one.id for one in reversed(cases)])
