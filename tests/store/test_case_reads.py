"""What the page of a case reads, on both databases: within reach only, with names, in order."""

from datetime import timedelta

import pytest
from casework import MONDAY, Hall, ask_departments, drawn, good_firm, open_hall
from sqlalchemy import false, true
from sqlalchemy.orm import Session

from registry.domain.firm_text import firm_of
from registry.store.case_reads import (
    REMOVED,
    case_opened,
    decisions_of_case,
    earlier_case,
    files_open,
    inquiries_with_names,
    judgements_with_names,
    publicities_of,
    samples_of,
)
from registry.store.cases import Application
from registry.store.evidence import Evidence
from registry.store.examinations import SampleMember
from registry.store.publicities import Objection, Publicity, PublicityEntry
from registry.work.judge_case import enter_judgement


@pytest.fixture
def hall(session: Session) -> Hall:
    return open_hall(session)


def test_a_case_is_opened_with_its_firm_and_handler_within_reach_and_never_as_a_draft(hall: Hall) -> None:
    case, draft = hall.submitted("innovative"), hall.begin("specialized")
    opened = case_opened(hall.session, true(), case.id)

    assert opened == (case, hall.firm, None)
    case.handler_id = hall.people["district"].id
    hall.session.flush()
    handled = case_opened(hall.session, Application.district == "370285", case.id)
    assert handled is not None and handled[2] == "测试district"
    assert case_opened(hall.session, false(), case.id) is None
    assert case_opened(hall.session, true(), draft.id) is None


def test_the_newest_judgement_counts_and_says_by_whom(hall: Hall) -> None:
    case = hall.submitted("specialized")
    hall.act("district", case, "take_up")
    for who, value, reason in (("district", True, "协会证明"), ("second_district", None, "证明过期")):
        actor = hall.actor(who)
        given = {"fact": "market_leader", "value": value, "reason": reason}
        enter_judgement(hall.session, actor, actor.seats[0], case, **given, now=hall.now)
    found = judgements_with_names(hall.session, case.id)

    assert {key: (row.value, row.reason, name) for key, (row, name) in found.items()} == {
        "market_leader": (None, "证明过期", "测试second_district")
    }


def test_the_case_before_gives_its_last_round(hall: Hall) -> None:
    first = hall.begin("innovative")
    hall.submit(first, good_firm(ip_class2=7))
    second = hall.submitted("specialized")
    earlier = earlier_case(hall.session, second)

    assert earlier is not None and (earlier.reference, earlier.tier) == (first.reference, "innovative")
    assert firm_of(earlier.firm).facts["ip_class2"] == 7
    assert earlier_case(hall.session, first) is None


def test_departments_are_told_in_order_and_decisions_with_names(hall: Hall) -> None:
    case = hall.submitted("specialized")
    hall.act("district", case, "take_up")
    hall.act("district", case, "pass")
    actor = hall.actor("district")
    asked = ask_departments(hall.session, actor, actor.seats, case, now=hall.now)
    asked[0].answer, asked[0].answered_at, asked[0].answered_by = "clear", hall.now, hall.people["ecology"].id
    hall.session.flush()
    found = inquiries_with_names(hall.session, case.id)

    assert [row.department for row, _name in found] == [row.department for row in asked]
    assert [name for _row, name in found] == ["测试ecology", None, None, None, None]
    assert decisions_of_case(hall.session, case.id) == []
    other = hall.submitted("innovative")
    hall.act("second_district", other, "take_up")
    hall.act("second_district", other, "refuse", opinion="不符合")
    told = [(row.level, row.outcome, name) for row, name in decisions_of_case(hall.session, other.id)]
    assert told == [("district", "refuse", "测试second_district")]


def test_draws_say_which_auditor_was_to_look(hall: Hall) -> None:
    case = hall.submitted("specialized")
    for number, auditor in ((1, None), (2, hall.auditor.id)):
        draw = drawn(hall.session, "specialized", "city_audit", MONDAY + timedelta(hours=number))
        member = {"position": 1, "is_spared": False, "is_drawn": True, "auditor_id": auditor, "finding": ""}
        hall.session.add(SampleMember(draw_id=draw.id, application_id=case.id, **member))
    hall.session.flush()

    assert [one.auditor for one in samples_of(hall.session, case.id)] == ["", hall.auditor.name]


def test_a_list_stands_with_the_objections_to_this_case_alone(hall: Hall) -> None:
    case, other = hall.submitted("specialized"), hall.submitted("innovative")
    listed = Publicity(
        title="名单",
        tier="specialized",
        stage="district_publicity",
        level="district",
        district="370285",
        first_day=MONDAY.date(),
        last_day=MONDAY.date(),
        is_provisional=False,
        days=5,
        unit="working_days",
        digest="0" * 64,
        made_at=MONDAY,
        made_by="test",
    )
    hall.session.add(listed)
    hall.session.flush()
    for position, one in enumerate((case, other), 1):
        told = {"uscc": one.uscc, "name": one.firm_name, "district": one.district, "kind": one.kind}
        hall.session.add(PublicityEntry(publicity_id=listed.id, application_id=one.id, position=position, **told))
    hall.session.flush()
    assert publicities_of(hall.session, case.id) == [(listed, [])]
    for place, one in enumerate((case, other, case)):
        hall.session.add(
            Objection(
                publicity_id=listed.id,
                application_id=one.id,
                code=f"{place}" * 26,
                objector=f"甲{place}",
                contact_sealed="x",
                grounds="依据",
                channel="online",
                made_at=MONDAY,
                taken_by="",
                reply="",
            )
        )
    hall.session.flush()
    ((found, objections),) = publicities_of(hall.session, case.id)

    assert found is listed
    assert [row.objector for row in objections] == ["甲0", "甲2"]


def test_files_tell_their_state_within_reach_and_what_was_taken_back(hall: Hall) -> None:
    rows = [
        Evidence(
            firm_id=hall.firm.id,
            name=f"{place}.pdf",
            kind="pdf",
            size=1,
            sha256="a" * 64,
            state=state,
            note="",
            added_by="test",
            added_at=MONDAY,
        )
        for place, state in enumerate(("clean", "quarantined", "clean"))
    ]
    hall.session.add_all(rows)
    rows[2].removed_at, rows[2].removed_by = MONDAY, "test"
    hall.session.flush()
    numbers = [row.id for row in rows]

    assert list(files_open(hall.session, true(), numbers).values()) == ["clean", "quarantined", REMOVED]
    assert files_open(hall.session, true(), numbers[:1]) == {numbers[0]: "clean"}
    assert files_open(hall.session, false(), numbers) == {}
    assert files_open(hall.session, true(), []) == {}
