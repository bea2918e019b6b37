"""An objection is answered by the office of its list, which alone learns who objected."""

import pytest
from casework import MONDAY, Hall, open_hall
from examined_cases import tie
from objected_cases import answer, listed_case, object_here
from people import PROGRAM
from publicity_cases import KEYS
from sqlalchemy.orm import Session

from registry.domain.errors import Barred, MoveNotAllowed, Refused
from registry.domain.trail import Tag
from registry.store.papers import Report
from registry.store.publicity_lists import objection_on
from registry.store.trail import trail_page
from registry.work.object_to import office_seat, reveal_contact
from registry.work.seal import Keys, new_key_text, open_sealed, seal
from registry.work.seal_anew import seal_anew


@pytest.fixture
def hall(session: Session) -> Hall:
    return open_hall(session)


def test_an_objection_is_answered_once_by_its_office(hall: Hall) -> None:
    listed, case = listed_case(hall)
    row = object_here(hall, listed, case)
    for who in ("district", "statistician", "applicant"):
        with pytest.raises((MoveNotAllowed, Barred)):
            answer(hall, who, listed, case, row)
    for given, path in (
        ({"reply": ""}, "reply"),
        ({"reply": "四个字了"}, "reply"),
        ({"reply": "字" * 2_001}, "reply"),
        ({"is_upheld": None}, "is_upheld"),
    ):
        with pytest.raises(Refused) as refused:
            answer(hall, "city", listed, case, row, **given)
        assert [fault.path for fault in refused.value.faults] == [path]
    answer(hall, "city", listed, case, row, reply="五个字够了")
    assert (row.reply, row.is_upheld, row.replied_by) == ("五个字够了", False, hall.people["city"].id)
    assert row.replied_at == hall.now
    with pytest.raises(MoveNotAllowed, match="已答复"):
        answer(hall, "second_city", listed, case, row)
    (entry,) = trail_page(hall.session, tag=Tag.OBJECTION_ANSWERED)
    assert entry.subject == f"application:{case.id}" and '"is_upheld":false' in str(entry.after)


def test_an_objection_of_one_firm_does_not_answer_for_another(hall: Hall) -> None:
    listed, case = listed_case(hall)
    other_list, other = listed_case(hall, 2)
    row = object_here(hall, listed, case)

    assert objection_on(hall.session, other_list, row.id) is None
    with pytest.raises(LookupError):
        answer(hall, "city", other_list, other, row)


def test_only_the_office_of_the_list_reaches_the_objector(hall: Hall) -> None:
    listed, case = listed_case(hall, stage="district_publicity")
    row = object_here(hall, listed, case)
    for who, may in (("district", True), ("second_district", True), ("other_district", False), ("city", False)):
        assert (office_seat(listed, hall.actor(who).seats) is not None) is may, who
    seat = office_seat(listed, hall.actor("district").seats)
    assert seat is not None
    actor = hall.actor("district")
    assert reveal_contact(hall.session, KEYS, row, case, actor=actor, seat=seat, now=hall.now) == "13812345678"
    (entry,) = trail_page(hall.session, tag=Tag.CONFIDENTIAL_REVEALED)
    assert entry.subject == f"objection:{row.id}"
    assert entry.after == f'{{"field":"contact","why":"publicity:{listed.id}"}}'
    citys, case = listed_case(hall, 2)
    assert office_seat(citys, hall.actor("city").seats) is not None
    assert office_seat(citys, hall.actor("district").seats) is None


def test_whoever_is_tied_to_the_firm_does_not_learn_who_objected(hall: Hall) -> None:
    listed, case = listed_case(hall, stage="district_publicity")
    row = object_here(hall, listed, case)
    actor = hall.actor("district")
    tie(hall, "district", case)
    with pytest.raises(Barred, match="利害关系"):
        reveal_contact(hall.session, KEYS, row, case, actor=actor, seat=actor.seats[0], now=hall.now)
    assert trail_page(hall.session, tag=Tag.CONFIDENTIAL_REVEALED) == []


def test_an_answer_does_not_name_the_objector(hall: Hall) -> None:
    listed, case = listed_case(hall)
    row = object_here(hall, listed, case)
    with pytest.raises(Refused, match="异议人的姓名") as refused:
        answer(hall, "city", listed, case, row, reply=f"{row.objector}：经核实，数据一致")
    assert row.objector not in str(refused.value)
    answer(hall, "city", listed, case, row, reply="经核实，数据一致")
    assert row.replied_at == hall.now


def test_contacts_are_sealed_anew_with_a_new_key(hall: Hall) -> None:
    listed, case = listed_case(hall)
    row = object_here(hall, listed, case)
    report = Report(
        firm_id=hall.firm.id,
        district=hall.firm.district,
        code="0" * 26,
        reporter="李四",
        contact_sealed="x",
        grounds="数据不实",
        state="open",
        made_at=MONDAY,
        question="",
        firm_reply="",
        finding="",
    )
    hall.session.add(report)
    hall.session.flush()
    report.contact_sealed = seal(KEYS, "li@example.com", about=f"report:{report.id}:contact")
    old = next(iter(KEYS.by_id.items()))
    newer = Keys.parse(new_key_text("newer"))
    both = Keys({**newer.by_id, old[0]: old[1]})
    assert seal_anew(hall.session, both, doer=PROGRAM, now=hall.now) == 2

    assert open_sealed(newer, row.contact_sealed, about=f"objection:{row.id}:contact") == "13812345678"
    assert open_sealed(newer, report.contact_sealed, about=f"report:{report.id}:contact") == "li@example.com"
    assert seal_anew(hall.session, both, doer=PROGRAM, now=hall.now) == 0
