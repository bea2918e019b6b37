"""Reminding: who is at work, once a working day, what is kept of it."""

import json
from datetime import date, datetime
from typing import Any

import pytest
from casework import Hall, drawn, open_hall
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.errors import MoveNotAllowed
from registry.domain.trail import Tag
from registry.store.cases import Application, CaseStep
from registry.store.examinations import Inquiry, SampleMember
from registry.store.notices import Notice
from registry.store.trail import trail_page
from registry.work.assign_case import assign
from registry.work.case_steps import details_of
from registry.work.remind_case import people_at_work, remind


@pytest.fixture
def hall(session: Session) -> Hall:
    return open_hall(session)


def told(hall: Hall, case: Application, by: str = "city") -> list[str]:
    actor = hall.actor(by)
    _step, people = remind(hall.session, actor, actor.seats, case, now=hall.now)
    return [one.name.removeprefix("测试") for one in people]


def ask(hall: Hall, case: Application, department: str, **answer: Any) -> None:
    row = Inquiry(
        application_id=case.id,
        department=department,
        asked_at=hall.now,
        asked_by="test",
        due_on=date(2026, 11, 23),
        due_is_provisional=False,
        opinion="",
        **answer,
    )
    hall.session.add(row)
    hall.session.flush()


def test_the_city_reminds_a_district_and_everybody_there_is_told(hall: Hall) -> None:
    case = hall.submitted("innovative")
    assert told(hall, case) == ["district", "second_district"]

    (notice,) = hall.session.scalars(select(Notice).where(Notice.person_id == hall.people["district"].id))
    assert (notice.template, notice.address) == ("reminder", f"/cases/{case.id}")
    assert json.loads(notice.told)["due_on"] == "2026-11-23" and json.loads(notice.told)["by"] == "测试city"
    entry = trail_page(hall.session, subject=f"application:{case.id}")[0]
    assert entry.tag == Tag.CASE_REMINDED and "测试district" in entry.after
    step = hall.session.scalars(select(CaseStep).where(CaseStep.action == "remind")).one()
    assert details_of(step)["told"] == ["测试district", "测试second_district"]
    assert case.version == 2


def test_whoever_has_it_in_hand_is_told_alone_and_nobody_reminds_himself(hall: Hall) -> None:
    case = hall.submitted("innovative")
    actor = hall.actor("district")
    assign(hall.session, actor, actor.seats, case, hall.people["district"].id, now=hall.now)
    with pytest.raises(MoveNotAllowed, match="只有您"):
        told(hall, case, "district")

    assert told(hall, case, "second_district") == ["district"]


def test_it_is_done_once_a_working_day(hall: Hall) -> None:
    case = hall.submitted("innovative")
    told(hall, case)
    hall.move(hours=13)
    with pytest.raises(MoveNotAllowed, match="今天已经催办过"):
        told(hall, case, "second_city")
    hall.move(hours=1)
    assert hall.now.date() == date(2026, 11, 10)
    told(hall, case)

    # A Saturday and the Sunday after it count as the Monday that follows.
    hall.now = datetime(2026, 11, 14, 9, 0, tzinfo=hall.now.tzinfo)
    told(hall, case)
    for _ in range(2):
        hall.move(days=1)
        with pytest.raises(MoveNotAllowed):
            told(hall, case)
    hall.move(days=1)
    assert told(hall, case) == ["district", "second_district"]


def test_the_firm_is_reminded_of_a_return_without_a_name(hall: Hall) -> None:
    case = hall.submitted("innovative")
    hall.act("district", case, "take_up")
    hall.act("district", case, "return")
    assert told(hall, case, "district") == ["applicant"]

    notice = hall.session.scalars(select(Notice).where(Notice.template == "reminder")).one()
    assert notice.address == f"/applications/{case.id}" and json.loads(notice.told)["by"] == ""


def test_departments_that_have_not_answered_are_reminded(hall: Hall) -> None:
    case = hall.submitted("specialized")
    hall.act("district", case, "take_up")
    hall.act("district", case, "pass")
    # Who took it up has it in hand, and is the one to remind.
    assert [one.name for one in people_at_work(hall.session, case, hall.now.date())] == ["测试district"]
    ask(hall, case, "tax")
    ask(hall, case, "ecology", answer="clear", answered_at=hall.now, answered_by=hall.people["ecology"].id)

    assert told(hall, case, "district") == ["tax"]


def test_an_auditor_who_has_not_reported_is_reminded(hall: Hall) -> None:
    case = hall.submitted("specialized")
    case.state = "stage:city_audit"
    draw = drawn(hall.session, "specialized", "city_audit", hall.now)
    member = SampleMember(
        draw_id=draw.id,
        application_id=case.id,
        position=1,
        is_spared=False,
        is_drawn=True,
        auditor_id=hall.auditor.id,
        finding="",
    )
    hall.session.add(member)
    hall.session.flush()
    assert told(hall, case) == ["auditor"]

    member.result, member.reported_at, member.reported_by = "clear", hall.now, hall.people["auditor"].id
    hall.move(days=1)
    assert told(hall, case) == ["second_city"]


def test_a_district_reminds_only_of_what_lies_at_its_desk(hall: Hall) -> None:
    case = hall.submitted("innovative")
    hall.act("district", case, "take_up")
    hall.act("district", case, "recommend")
    for by in ("district", "other_district", "statistician", "tax"):
        with pytest.raises(MoveNotAllowed, match="办公台"):
            told(hall, case, by)
    hall.act("applicant", case, "withdraw")
    with pytest.raises(MoveNotAllowed, match="没有在办理"):
        told(hall, case)
