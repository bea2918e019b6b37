"""Provisional last days of cases and answers are worked out again once the year's holidays are known."""

from datetime import date, datetime, timedelta

import pytest
from casework import SHANGHAI, Hall, ask_departments, open_hall
from examined_cases import cases_at
from people import PROGRAM
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from registry.domain.errors import MoveNotAllowed
from registry.domain.workdays import SpecialDay
from registry.store.calendars import CalendarDay, CalendarYear
from registry.store.cases import Application, CaseStep
from registry.store.examinations import Inquiry
from registry.work.keep_calendar import import_year
from registry.work.remind_by_clock import is_anything_due, tick
from registry.work.return_case import Part, return_case
from registry.work.settle_days import days_to_settle, settle_days

DECEMBER = datetime(2026, 12, 24, 0, 30, tzinfo=SHANGHAI)


@pytest.fixture
def hall(session: Session) -> Hall:
    made = open_hall(session)
    session.execute(delete(CalendarDay).where(CalendarDay.year == 2027))
    session.execute(delete(CalendarYear).where(CalendarYear.year == 2027))
    # Half past midnight in the office: in UTC it is still the day before.
    made.now = DECEMBER
    return made


def publish_2027(hall: Hall, *off: date) -> None:
    days = [SpecialDay(one, False, "元旦") for one in (date(2027, 1, 1), *off)]
    days.append(SpecialDay(date(2027, 10, 1), False, "国庆节"))
    import_year(hall.session, days, 2027, "国办测试", PROGRAM, hall.now)


def returned(hall: Hall) -> Application:
    case = hall.submitted("innovative")
    hall.act("district", case, "take_up")
    actor = hall.actor("district")
    return_case(hall.session, actor, actor.seats, case, [Part("evidence", "请补充")], opinion="请补正", now=hall.now)
    return case


def test_a_correction_lapses_once_its_last_day_is_certain_and_over(hall: Hall) -> None:
    case = returned(hall)
    assert (case.due_on, case.due_is_provisional) == (date(2027, 1, 7), True)
    version = case.version
    assert days_to_settle(hall.session, SHANGHAI) == []
    hall.now = datetime(2027, 1, 9, 9, 0, tzinfo=SHANGHAI)
    with pytest.raises(MoveNotAllowed, match="尚未逾期"):
        hall.act("district", case, "lapse")
    publish_2027(hall, date(2027, 1, 4))
    assert is_anything_due(hall.session, hall.now)
    assert tick(hall.session, now=hall.now, post=None).settled == 1
    # Two days off in the new year put it two days later; the day of the office is counted from, not that of UTC.
    assert (case.due_on, case.due_is_provisional, case.version) == (date(2027, 1, 11), False, version + 1)
    step = hall.session.scalars(select(CaseStep).where(CaseStep.application_id == case.id)).all()[-1]
    assert (step.action, step.person_id, step.from_state, step.to_state) == ("settle_day", None, case.state, case.state)
    assert settle_days(hall.session, hall.now) == 0
    hall.now = datetime(2027, 1, 11, 23, 59, tzinfo=SHANGHAI)
    with pytest.raises(MoveNotAllowed, match="尚未逾期"):
        hall.act("district", case, "lapse")
    hall.move(minutes=1)
    hall.act("district", case, "lapse")
    assert case.state == "ended:lapsed"


def test_the_first_stage_counts_from_the_submission_and_a_later_one_from_its_beginning(hall: Hall) -> None:
    case = hall.submitted("innovative")
    submitted_due = case.due_on
    hall.move(days=4)
    hall.act("district", case, "take_up")
    assert case.due_on == submitted_due == date(2027, 1, 7)
    publish_2027(hall)
    assert settle_days(hall.session, hall.now) == 1
    assert (case.due_on, case.due_is_provisional) == (date(2027, 1, 8), False)


def test_answers_of_departments_are_settled_as_well(hall: Hall) -> None:
    (case,) = cases_at(hall, "specialized", "inquiries", 1)
    actor = hall.actor("district")
    ask_departments(hall.session, actor, actor.seats, case, now=hall.now)
    before = {row.due_on for row in hall.session.scalars(select(Inquiry))}
    publish_2027(hall, date(2027, 1, 4))
    assert settle_days(hall.session, hall.now) >= 5
    rows = hall.session.scalars(select(Inquiry)).all()
    assert {(row.due_on, row.due_is_provisional) for row in rows} == {(max(before) + timedelta(days=4), False)}
