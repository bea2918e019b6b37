"""What a bare move cannot do, wherever it is asked for: nothing happens without the row, the list or the reason."""

import pytest
from casework import MONDAY, Hall, ask_departments, open_hall
from examined_cases import cases_at
from publicity_cases import list_of, waiting_case
from recognitions import case_at_announcement, firms_named, publicity
from sqlalchemy.orm import Session

from registry.domain.errors import MoveNotAllowed
from registry.store.cases import Application
from registry.store.publicities import Objection, Publicity
from registry.work.ask_departments import answer_inquiry
from registry.work.case_findings import has_upheld

REST = ("ecology", "market", "emergency", "publicity")


@pytest.fixture
def hall(session: Session) -> Hall:
    return open_hall(session)


def objected(hall: Hall, listed: Publicity, case: Application, *, is_upheld: bool) -> None:
    row = Objection(
        publicity_id=listed.id,
        application_id=case.id,
        code="0" * 26,
        objector="王某某",
        contact_sealed="x",
        grounds="不符",
        channel="online",
        made_at=MONDAY,
        taken_by="",
        reply="已核实",
        is_upheld=is_upheld,
        replied_at=MONDAY,
        replied_by=hall.people["city"].id,
    )
    hall.session.add(row)
    hall.session.flush()


def test_an_upheld_objection_lets_nobody_pass_and_nothing_else_refuses_for_one(hall: Hall) -> None:
    case = waiting_case(hall, 2, stage="district_publicity")
    listed = list_of(hall, [case], who="district")
    objected(hall, listed, case, is_upheld=False)
    hall.move(days=7)
    with pytest.raises(MoveNotAllowed, match="没有成立的异议"):
        hall.act("district", case, "upheld")
    assert not has_upheld(hall.session, case.id)
    hall.session.query(Objection).update({"is_upheld": True})
    with pytest.raises(MoveNotAllowed, match="有成立的异议"):
        hall.act("district", case, "recommend")
    hall.act("district", case, "upheld")
    assert case.state == "ended:refused"


def test_nobody_is_recognised_without_a_document_nor_against_an_upheld_objection(hall: Hall) -> None:
    listed = publicity(hall.session, "specialized", now=MONDAY)
    (firm,) = firms_named(hall.session, range(1, 2), MONDAY)
    case = case_at_announcement(hall.session, firm, listed, filed_by=hall.people["applicant"].id, now=MONDAY)
    with pytest.raises(MoveNotAllowed, match="来源"):
        hall.act("city", case, "recognise")
    objected(hall, listed, case, is_upheld=True)
    with pytest.raises(MoveNotAllowed, match="有成立的异议"):
        hall.act("city", case, "recognise", source="青工信发〔2026〕12号")
    hall.act("city", case, "refuse")
    assert case.state == "ended:refused"


def answered(hall: Hall, tax: str) -> Application:
    (case,) = cases_at(hall, "specialized", "inquiries", 1)
    asking = hall.actor("district")
    ask_departments(hall.session, asking, asking.seats, case, now=hall.now)
    for one in (*REST, "tax"):
        actor, said = hall.actor(one), tax if one == "tax" else "clear"
        answer_inquiry(hall.session, actor, actor.seats, case, answer=said, opinion="欠税", now=hall.now)
    return case


def test_nobody_is_refused_on_an_opinion_that_no_department_gave(hall: Hall) -> None:
    case = answered(hall, "clear")
    with pytest.raises(MoveNotAllowed, match="没有部门提出否定意见"):
        hall.act("district", case, "adverse")
    hall.act("district", case, "clear", opinion="")
    assert case.state == "stage:district_publicity"


def test_an_adverse_opinion_is_not_passed_over_without_a_word(hall: Hall) -> None:
    case = answered(hall, "adverse")
    with pytest.raises(MoveNotAllowed, match="写明理由"):
        hall.act("district", case, "clear", opinion=" ")
    hall.act("district", case, "adverse", opinion="欠税属实")
    assert case.state == "ended:refused"


@pytest.mark.parametrize(("tier", "stage", "who"), [("innovative", "city_sample", "city")])
def test_nothing_is_reported_of_a_case_that_was_not_drawn(hall: Hall, tier: str, stage: str, who: str) -> None:
    (case,) = cases_at(hall, tier, stage, 1)
    with pytest.raises(MoveNotAllowed, match="未被抽中"):
        hall.act(who, case, "report")
