"""Assigning a case: to whom, by whom, what is told and kept."""

import json
from typing import Any

import pytest
from case_crowd import tie
from casework import Hall, open_hall
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.errors import Barred, MoveNotAllowed, Refused
from registry.domain.trail import Tag
from registry.store.cases import Application, CaseStep
from registry.store.notices import Notice
from registry.store.trail import trail_page
from registry.work.assign_case import LONGEST_NOTE, assign, people_at_desk


@pytest.fixture
def hall(session: Session) -> Hall:
    return open_hall(session)


def give(hall: Hall, case: Application, to: str | None, by: str = "district", **more: Any) -> CaseStep:
    actor = hall.actor(by)
    return assign(hall.session, actor, actor.seats, case, hall.people[to].id if to else None, now=hall.now, **more)


def notices(hall: Hall, who: str) -> list[Notice]:
    query = select(Notice).where(Notice.person_id == hall.people[who].id)
    return list(hall.session.scalars(query.order_by(Notice.id)))


def test_those_at_the_desk_are_whoever_sits_where_the_case_lies(hall: Hall) -> None:
    case = hall.submitted("innovative")
    assert {one.name for one in people_at_desk(hall.session, case)} == {"测试district", "测试second_district"}
    hall.act("district", case, "take_up")
    hall.act("district", case, "recommend")
    assert {one.name for one in people_at_desk(hall.session, case)} == {"测试city", "测试second_city"}
    hall.act("applicant", case, "withdraw")

    assert people_at_desk(hall.session, case) == []


def test_whoever_gets_a_case_is_told_and_the_trail_has_it(hall: Hall) -> None:
    case = hall.submitted("innovative")
    step = give(hall, case, "second_district", note=" 请先核实专利 ")

    assert case.handler_id == hall.people["second_district"].id and case.version == 2
    assert (step.action, step.opinion, step.from_state, step.to_state) == (
        "assign",
        "请先核实专利",
        "submitted",
        "submitted",
    )
    (told,) = notices(hall, "second_district")
    assert (told.template, told.address, told.application_id) == ("assigned", f"/cases/{case.id}", case.id)
    assert json.loads(told.told)["note"] == "请先核实专利" and json.loads(told.told)["by"] == "测试district"
    entry = trail_page(hall.session, subject=f"application:{case.id}")[0]
    assert entry.tag == Tag.CASE_ASSIGNED and "测试second_district" in entry.after


def test_it_is_passed_on_and_laid_back(hall: Hall) -> None:
    case = hall.submitted("innovative")
    give(hall, case, "district")
    assert notices(hall, "district") == []
    give(hall, case, "second_district")
    give(hall, case, None, by="second_district")

    assert case.handler_id is None and len(notices(hall, "second_district")) == 1


def test_nothing_is_assigned_twice_or_beyond_the_desk(hall: Hall) -> None:
    case = hall.submitted("innovative")
    give(hall, case, "district")
    with pytest.raises(MoveNotAllowed, match="无须再分派"):
        give(hall, case, "district")
    for stranger in ("city", "other_district", "applicant", "tax"):
        with pytest.raises(Refused, match="在岗"):
            give(hall, case, stranger)
    for by in ("city", "other_district", "statistician", "applicant"):
        with pytest.raises(MoveNotAllowed, match="办公台"):
            give(hall, case, "second_district", by=by)
    hall.act("applicant", case, "withdraw")
    with pytest.raises(MoveNotAllowed):
        give(hall, case, "second_district")


def test_a_note_is_as_long_as_it_may_be_and_no_longer(hall: Hall) -> None:
    case = hall.submitted("innovative")
    with pytest.raises(Refused):
        give(hall, case, "district", note="字" * (LONGEST_NOTE + 1))
    give(hall, case, "district", note="字" * LONGEST_NOTE)

    assert case.handler_id == hall.people["district"].id


def test_who_is_tied_to_the_firm_gets_no_case_of_it_and_passes_on_what_he_has(hall: Hall) -> None:
    case = hall.submitted("innovative")
    give(hall, case, "second_district")
    tie(hall, "second_district", hall.firm.uscc)
    give(hall, case, "district", by="second_district")
    with pytest.raises(Refused, match="回避"):
        give(hall, case, "second_district")
    with pytest.raises(Barred):
        give(hall, case, None, by="second_district")

    assert case.handler_id == hall.people["district"].id


def test_a_look_from_before_is_refused(hall: Hall) -> None:
    case = hall.submitted("innovative")
    hall.act("district", case, "take_up")
    with pytest.raises(MoveNotAllowed, match="变动"):
        give(hall, case, "district", version=1)
