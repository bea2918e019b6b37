"""Reminders by the clock: on the day itself, the day before and after; each once, whoever and however often asks."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from casework import MONDAY, SHANGHAI, Hall, drawn, open_hall, window
from make import DISTRICT, code
from people import PROGRAM, company, firm_in, home, person, seat
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.domain.roles import Role
from registry.domain.trail import Tag
from registry.store.engine import writing
from registry.store.examinations import Inquiry, SampleMember
from registry.store.letters import Letter
from registry.store.notices import Notice
from registry.store.people import Person
from registry.store.trail import trail_page
from registry.work.join_firm import delegate
from registry.work.notice_words import words_of
from registry.work.post import Post
from registry.work.remind_by_clock import TITLE_DAYS, is_anything_due, threshold, tick
from registry.work.report_firm import ask_firm, report
from registry.work.seal import Keys

POST = Post(Keys.parse(f"tests:{'A' * 43}="), "https://registry.example")


@pytest.fixture
def hall(session: Session) -> Hall:
    return open_hall(session)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, 0, tzinfo=SHANGHAI)


def told(hall: Hall, day: date, template: str) -> list[Notice]:
    """Tick on a day and return what was told then of a kind."""
    before = set(hall.session.scalars(select(Notice.id)))
    tick(hall.session, now=at(day), post=POST)
    query = select(Notice).where(Notice.template == template).order_by(Notice.id)
    return [one for one in hall.session.scalars(query) if one.id not in before]


def text(row: Notice) -> str:
    return words_of(row.template, json.loads(row.told)).body[0]


@pytest.mark.parametrize(
    ("days_left", "step"),
    [(91, None), (90, 90), (89, 90), (31, 90), (30, 30), (8, 30), (7, 7), (1, 7), (0, 7), (-1, None)],
)
def test_the_step_of_a_day_is_the_last_one_reached(days_left: int, step: int | None) -> None:
    assert threshold(days_left, TITLE_DAYS) == step


def test_a_title_is_told_of_at_each_step_once(hall: Hall) -> None:
    # Valid up to and including 2027-05-19.
    hall.hold("innovative", date(2024, 5, 20))
    last = date(2027, 5, 19)
    found = {}
    for left in (91, 90, 89, 31, 30, 29, 8, 7, 6, 0, -1):
        day = last - timedelta(days=left)
        rows = told(hall, day, "title_expiring")
        if rows:
            assert [one.person_id for one in rows] == [hall.people["applicant"].id]
            found[left] = text(rows[0])
        assert told(hall, day, "title_expiring") == []

    assert list(found) == [90, 30, 7]
    for left, said in found.items():
        assert f"有效期至 2027-05-19，还有 {left} 天。" in said
        # Of an innovative firm the re-review opens 90 days before.
        assert "复核申报期：2027-02-18 至 2027-05-19" in said


def test_a_clock_that_stood_still_tells_the_nearest_step_only(hall: Hall) -> None:
    hall.hold("innovative", date(2024, 5, 20))
    (row,) = told(hall, date(2027, 5, 15), "title_expiring")

    assert row.once.endswith(":7") and "还有 4 天" in text(row)


def test_a_batch_is_told_where_one_is_laid_down(hall: Hall) -> None:
    hall.hold("specialized", date(2024, 1, 20))
    (row,) = told(hall, date(2026, 12, 1), "title_expiring")
    assert "复核申报期：2026-11-01 至 2026-12-31" in text(row)


def test_without_a_batch_to_come_it_says_so(session: Session) -> None:
    hall = open_hall(session, windows=False)
    hall.hold("specialized", date(2024, 1, 20))
    # One that opens only when the title has ended is of no use to it.
    session.add(window("specialized", date(2027, 1, 20), date(2027, 2, 28)))
    session.flush()
    (row,) = told(hall, date(2026, 12, 1), "title_expiring")
    assert "现在没有已公布的申报期" in text(row)


def test_a_renewed_or_revoked_title_is_not_told_of(hall: Hall) -> None:
    hall.hold("innovative", date(2024, 5, 20))
    hall.hold("innovative", date(2027, 4, 1), kind="re_review")
    assert told(hall, date(2027, 4, 25), "title_expiring") == []


def test_a_firm_for_which_nobody_acts_is_passed_over_and_whoever_comes_later_is_told(hall: Hall) -> None:
    from make import title

    from registry.work.file_books import file_titles

    other = firm_in(hall.session, 2, DISTRICT, now=MONDAY)
    file_titles(hall.session, [title(2, tier="innovative", recognised_on=date(2024, 5, 20))], now=MONDAY, source="test")
    assert told(hall, date(2027, 5, 15), "title_expiring") == []
    seat(hall.session, late := person(hall.session, "后来人"), Role.APPLICANT, other)
    assert [one.person_id for one in told(hall, date(2027, 5, 16), "title_expiring")] == [late.id]


def test_an_intermediary_is_reminded_too(hall: Hall) -> None:
    agency = company(hall.session)
    seat(hall.session, agent := person(hall.session, "代办人"), Role.APPLICANT, agency)
    delegate(hall.session, hall.firm, agency, date(2027, 5, 15), doer=PROGRAM, now=MONDAY)
    hall.hold("innovative", date(2024, 5, 20))
    people = {one.person_id for one in told(hall, date(2027, 5, 15), "title_expiring")}

    assert people == {agent.id, hall.people["applicant"].id}


def test_a_correction_is_told_of_three_working_days_before_and_on_its_last_day(hall: Hall) -> None:
    case = hall.submitted("innovative")
    hall.act("district", case, "take_up")
    hall.act("district", case, "return", opinion="请补正")
    # Ten working days after Monday 2026-11-09; the weekend of 21 and 22 November lies before it.
    assert case.due_on == date(2026, 11, 23)
    came = {}
    for day in (17, 18, 19, 20, 21, 22, 23, 24):
        rows = told(hall, date(2026, 11, day), "correction_due")
        if rows:
            came[day] = json.loads(rows[0].told)["is_last_day"]

    assert came == {18: False, 23: True}


def test_a_correction_that_was_made_is_not_told_of(hall: Hall) -> None:
    case = hall.submitted("innovative")
    hall.act("district", case, "take_up")
    hall.act("district", case, "return", opinion="请补正")
    hall.submit(case)
    assert told(hall, date(2026, 11, 20), "correction_due") == []


def test_the_update_is_told_of_thirty_and_seven_days_before_to_whoever_owes_it(hall: Hall) -> None:
    hall.hold("innovative", date(2026, 5, 20))
    came = []
    for day in (date(2027, 4, 30), date(2027, 5, 1), date(2027, 5, 2), date(2027, 5, 23), date(2027, 5, 24)):
        came += [(day, one.once.rsplit(":", 1)[1]) for one in told(hall, day, "update_due")]
    came += [(date(2027, 6, 1), "x") for _one in told(hall, date(2027, 6, 1), "update_due")]

    assert came == [(date(2027, 5, 1), "30"), (date(2027, 5, 24), "7")]
    row = hall.session.scalars(select(Notice).where(Notice.template == "update_due")).first()
    assert row is not None and row.address == f"/firms/{code(1)}/updates"
    assert "2027 年的信息更新须在 2027-05-31 前" in text(row)


@pytest.mark.parametrize(
    ("since", "day"),
    # No title; one that ends before the day due; one that begins after today; before updates are filed here.
    [
        (None, date(2027, 5, 1)),
        (date(2024, 5, 20), date(2027, 5, 1)),
        (date(2027, 5, 10), date(2027, 5, 1)),
        (date(2025, 5, 20), date(2026, 5, 1)),
    ],
)
def test_nobody_else_is_told_of_an_update(hall: Hall, since: date | None, day: date) -> None:
    if since:
        hall.hold("innovative", since)
    assert told(hall, day, "update_due") == []


def inquired(hall: Hall, due_on: date) -> Any:
    case = hall.submitted("innovative")
    hall.session.add(
        Inquiry(
            application_id=case.id,
            department="tax",
            asked_at=MONDAY,
            asked_by="test",
            due_on=due_on,
            due_is_provisional=False,
            opinion="",
        )
    )
    hall.session.flush()
    return case


def test_a_department_is_told_two_working_days_before_and_once_more_when_it_is_late(hall: Hall) -> None:
    inquired(hall, date(2026, 11, 23))
    came = {}
    for day in (18, 19, 20, 23, 24, 25):
        rows = told(hall, date(2026, 11, day), "inquiry_due")
        if rows:
            assert [one.person_id for one in rows] == [hall.people["tax"].id]
            came[day] = json.loads(rows[0].told)["is_late"]

    assert came == {19: False, 24: True}


def test_of_a_case_that_is_closed_no_department_is_told(hall: Hall) -> None:
    case = inquired(hall, date(2026, 11, 23))
    hall.act("applicant", case, "withdraw", opinion="")
    assert told(hall, date(2026, 11, 23), "inquiry_due") == []


def test_the_firm_is_reminded_two_working_days_before_its_answer_is_due(hall: Hall) -> None:
    hall.hold("innovative", date(2026, 5, 20))
    about: dict[str, Any] = {"reporter": "宋举报", "contact": "13800138000", "grounds": "营业收入与纳税申报不一致"}
    row = report(hall.session, POST.keys, uscc=code(1), **about, doer=PROGRAM, now=MONDAY)
    actor = hall.actor("district")
    ask_firm(hall.session, actor, actor.seats[0], row, question="请说明营业收入", now=MONDAY)
    assert row.due_on == date(2026, 11, 23)
    came = [day for day in (18, 19, 20, 23, 24) if told(hall, date(2026, 11, day), "question_due")]
    assert came == [19]


def test_an_auditor_is_told_as_long_as_he_has_not_reported(hall: Hall) -> None:
    case = hall.submitted("innovative")
    draw = drawn(hall.session, "innovative", "city_sample", MONDAY)
    hall.session.add(
        member := SampleMember(
            draw_id=draw.id,
            application_id=case.id,
            position=1,
            is_spared=False,
            is_drawn=True,
            auditor_id=hall.auditor.id,
            finding="",
        )
    )
    hall.session.flush()
    assert case.due_on == date(2026, 11, 23)
    assert told(hall, date(2026, 11, 18), "audit_due") == []
    assert [one.person_id for one in told(hall, date(2026, 11, 19), "audit_due")] == [hall.people["auditor"].id]
    member.result, member.reported_at = "clear", MONDAY
    hall.session.flush()
    assert told(hall, date(2026, 11, 24), "audit_due") == []


def test_a_case_past_its_day_is_told_to_the_desk_or_to_whoever_has_it(hall: Hall) -> None:
    case = hall.submitted("innovative")
    assert case.due_on == date(2026, 11, 23)
    assert told(hall, date(2026, 11, 23), "overdue") == []
    rows = told(hall, date(2026, 11, 24), "overdue")
    assert {one.person_id for one in rows} == {hall.people["district"].id, hall.people["second_district"].id}
    assert "2026-11-23，已超过" in text(rows[0]) and rows[0].address == f"/cases/{case.id}"
    # At another stage it is another thing.
    hall.act("district", case, "take_up")
    case.handler_id = hall.people["second_district"].id
    hall.session.flush()
    rows = told(hall, date(2026, 11, 25), "overdue")
    assert [one.person_id for one in rows] == [hall.people["second_district"].id]
    assert told(hall, date(2026, 11, 26), "overdue") == []


def test_a_provisional_day_is_never_overdue(hall: Hall) -> None:
    hall.now = at(date(2027, 11, 1))
    case = hall.submitted("innovative")
    assert case.due_is_provisional
    assert told(hall, date(2027, 12, 24), "overdue") == []


def test_the_trail_says_how_many_were_told_and_nothing_when_nobody_was(hall: Hall) -> None:
    hall.submitted("innovative")
    assert not is_anything_due(hall.session, at(date(2026, 11, 23)))
    assert tick(hall.session, now=at(date(2026, 11, 23)), post=POST).total == 0
    assert trail_page(hall.session, tag=Tag.NOTICE_SENT) == []
    assert is_anything_due(hall.session, at(date(2026, 11, 24)))
    assert tick(hall.session, now=at(date(2026, 11, 24)), post=POST).notices == {"overdue": 2}
    (entry,) = trail_page(hall.session, tag=Tag.NOTICE_SENT)
    assert json.loads(entry.after or "") == {"count": 2, "overdue": 2}
    assert not is_anything_due(hall.session, at(date(2026, 11, 24)))


def test_of_clocks_that_tick_at_once_and_of_one_that_dies_each_thing_is_told_once(own_url: str) -> None:
    with home(own_url) as engine:
        with writing(engine) as session:
            hall = open_hall(session)
            hall.hold("innovative", date(2024, 5, 20))
        now, ready = at(date(2027, 5, 15)), Barrier(3)

        class Died(Exception):
            pass

        def tick_once(place: int) -> int:
            ready.wait()
            try:
                with writing(engine) as session:
                    made = tick(session, now=now, post=POST).total
                    if place == 0:
                        raise Died
                return made
            except Died:
                return 0

        with ThreadPoolExecutor(3) as pool:
            told_by = list(pool.map(tick_once, range(3)))
        with Session(engine) as session:
            counted = [session.scalar(select(func.count()).select_from(one)) for one in (Notice, Letter)]
            assert session.scalar(select(func.count()).select_from(Person)) != 0

    assert sorted(told_by) == [0, 0, 1]
    assert counted == [1, 1]


def test_a_tick_tells_no_more_than_it_is_asked_to_and_says_what_is_left(hall: Hall) -> None:
    case = hall.submitted("innovative")
    day = at(date(2026, 11, 24))
    assert (case.due_on or date.max) < day.date()
    first = tick(hall.session, now=day, post=POST, most=0)
    second = tick(hall.session, now=day, post=POST, most=5)

    assert (first.total, first.left) == (0, 1)
    assert (second.notices, second.left) == ({"overdue": 2}, 0)
    assert (first + second).notices == {"overdue": 2}
