"""The sample of a stage is drawn by lot, city-wide, once a case, and can be drawn again from what is on record."""

import json
from typing import Any

import pytest
from casework import Hall, drawn, open_hall
from examined_cases import cases_at, tie
from people import company
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.errors import Barred, MoveNotAllowed, NotFound, Refused
from registry.domain.roles import OfficeKind
from registry.domain.sampling import digest, rank
from registry.domain.trail import Tag
from registry.store.cases import Application, CaseStep
from registry.store.examination_lists import audits_page, count_audits, draws_page, members_of
from registry.store.examinations import SampleDraw, SampleMember
from registry.store.notices import Notice
from registry.store.offices import OfficeRow
from registry.store.trail import trail_page
from registry.work import draw_sample as work
from registry.work.draw_sample import (
    assign_auditor,
    count_waiting,
    draw_sample,
    drawn_again,
    pool_of,
    sampling_stage,
    sampling_stages,
)
from registry.work.notice_words import words_of
from registry.work.report_sample import report_sample


@pytest.fixture
def hall(session: Session) -> Hall:
    return open_hall(session)


def draw(
    hall: Hall, tier: str = "specialized", stage: str = "city_audit", who: str = "city", **more: Any
) -> SampleDraw:
    actor = hall.actor(who)
    return draw_sample(hall.session, actor, actor.seats, tier=tier, stage=stage, now=hall.now, **more)


def drawn_of(hall: Hall, row: SampleDraw) -> list[Application]:
    return [one.case for one in members_of(hall.session, row.id) if one.member.is_drawn]


def assign(hall: Hall, row: SampleDraw, office: OfficeRow | None, *cases: Application, who: str = "city") -> list[int]:
    actor = hall.actor(who)
    numbers = [one.id for one in cases]
    given = assign_auditor(hall.session, actor, actor.seats, row, office, numbers, now=hall.now)
    return [one.application_id for one in given]


def report(hall: Hall, who: str, case: Application, result: str = "clear", finding: str = "账实相符") -> SampleMember:
    actor = hall.actor(who)
    return report_sample(hall.session, actor, actor.seats, case, result=result, finding=finding, now=hall.now)


def test_samples_are_drawn_where_the_procedures_say_so(hall: Hall) -> None:
    found = [(tier, stage.key) for tier, stage in sampling_stages(hall.now.date())]

    assert found == [("innovative", "city_sample"), ("specialized", "city_audit")]
    with pytest.raises(NotFound):
        sampling_stage("specialized", "city_review", hall.now.date())


@pytest.mark.parametrize(("cases", "drawn"), [(1, 1), (9, 1), (10, 1), (11, 2), (53, 6)])
def test_ten_percent_of_those_that_wait_are_drawn_rounded_up(hall: Hall, cases: int, drawn: int) -> None:
    rows = cases_at(hall, "specialized", "city_audit", cases)
    row = draw(hall)

    members = members_of(hall.session, row.id)
    assert [one.case.reference for one in members] == sorted(str(one.reference) for one in rows)
    assert [one.member.position for one in members] == list(range(1, cases + 1))
    # Worked out here and not by the program: the smallest lots of all.
    lots = sorted((rank(row.seed, str(one.reference)), str(one.reference)) for one in rows)
    expected = {reference for _lot, reference in lots[:drawn]}
    assert {one.case.reference for one in members if one.member.is_drawn} == expected
    assert row.digest == digest([str(one.reference) for one in rows])
    assert (row.level, row.district, row.share_percent, len(row.seed)) == ("city", None, 10, 32)
    assert all(one.state == "stage:city_audit" and one.version == 4 for one in rows)
    steps = hall.session.scalars(select(CaseStep).where(CaseStep.action == "draw"))
    assert sum(json.loads(one.details)["is_drawn"] for one in steps) == drawn


def test_a_draw_is_traced_with_its_seed_and_its_list(hall: Hall) -> None:
    cases_at(hall, "innovative", "city_sample", 3)
    row = draw(hall, "innovative", "city_sample")

    (entry,) = trail_page(hall.session, tag=Tag.SAMPLE_DRAWN)
    told = json.loads(entry.after or "")
    assert entry.subject == f"sample_draw:{row.id}"
    assert (told["seed"], told["digest"], told["cases"], len(told["drawn"])) == (row.seed, row.digest, 3, 1)


def test_whoever_the_district_visited_is_on_the_list_and_never_drawn(hall: Hall) -> None:
    visited = hall.submitted("innovative")
    hall.act("district", visited, "take_up")
    hall.act("district", visited, "inspect", "已到现场")
    hall.act("district", visited, "recommend")
    rows = cases_at(hall, "innovative", "city_sample", 10)
    stage = sampling_stage("innovative", "city_sample", hall.now.date())
    pool = pool_of(hall.session, "innovative", stage)
    assert pool.spared == frozenset({visited.reference}) and len(pool.cases) == 11
    # Of all eleven, so two: the spared count among them.
    assert pool.size == 2
    row = draw(hall, "innovative", "city_sample")

    (spared,) = [one for one in members_of(hall.session, row.id) if one.member.is_spared]
    assert spared.case is visited and not spared.member.is_drawn
    assert len(drawn_of(hall, row)) == 2 and set(drawn_of(hall, row)) <= set(rows)


def test_where_all_were_visited_nobody_is_drawn_and_all_go_on(hall: Hall) -> None:
    case = hall.submitted("innovative")
    hall.act("district", case, "take_up")
    hall.act("district", case, "inspect", "已到现场")
    hall.act("district", case, "recommend")
    row = draw(hall, "innovative", "city_sample")
    assert drawn_of(hall, row) == []

    hall.act("city", case, "settle")
    assert case.state == "stage:city_review"


def test_a_case_that_the_district_drew_is_spared_as_well(hall: Hall) -> None:
    first, second = cases_at(hall, "specialized", "city_audit", 2)
    earlier = drawn(hall.session, "specialized", "district_check", hall.now, level="district", district=first.district)
    for position, case in enumerate((first, second), 1):
        hall.session.add(
            SampleMember(
                draw_id=earlier.id,
                application_id=case.id,
                position=position,
                is_spared=False,
                is_drawn=case is first,
                finding="",
            )
        )
    row = draw(hall)

    assert drawn_of(hall, row) == [second]


def test_a_case_is_in_one_draw_and_who_comes_later_in_the_next(hall: Hall) -> None:
    first = cases_at(hall, "specialized", "city_audit", 4)
    one = draw(hall)
    with pytest.raises(MoveNotAllowed, match="没有等待"):
        draw(hall)
    later = cases_at(hall, "specialized", "city_audit", 2, start=3000)
    two = draw(hall)

    assert {line.case.id for line in members_of(hall.session, one.id)} == {row.id for row in first}
    assert {line.case.id for line in members_of(hall.session, two.id)} == {row.id for row in later}
    lines, after = draws_page(hall.session)
    assert [(line.draw.id, line.cases, line.drawn, line.reported) for line in lines] == [
        (two.id, 2, 1, 0),
        (one.id, 4, 1, 0),
    ]
    assert after is None


def test_only_the_city_draws_and_only_what_it_saw(hall: Hall) -> None:
    cases_at(hall, "specialized", "city_audit", 3)
    for who in ("district", "statistician", "auditor"):
        with pytest.raises(Barred):
            draw(hall, who=who)
    with pytest.raises(MoveNotAllowed, match="由 2 件变为 3 件"):
        draw(hall, seen=2)
    with pytest.raises(NotFound):
        draw(hall, "little_giant", "city_review")
    assert list(hall.session.scalars(select(SampleDraw))) == []
    assert draw(hall, seen=3).tier == "specialized"


def test_a_draw_by_lot_is_open_to_whoever_is_tied_to_one_of_the_firms(hall: Hall) -> None:
    rows = cases_at(hall, "innovative", "city_sample", 1)
    tie(hall, "city", rows[0])
    draw(hall, "innovative", "city_sample")
    # To say what was found of it takes a stand.
    with pytest.raises(Barred):
        report(hall, "city", rows[0])
    assert report(hall, "second_city", rows[0]).result == "clear"


def test_a_draw_takes_no_more_than_one_transaction_holds(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "MOST_CASES", 5)
    cases_at(hall, "specialized", "city_audit", 7)
    stage = sampling_stage("specialized", "city_audit", hall.now.date())
    draw(hall)

    assert count_waiting(hall.session, "specialized", stage) == 2


def test_it_is_drawn_again_from_the_record(hall: Hall) -> None:
    cases_at(hall, "specialized", "city_audit", 23)
    row = draw(hall)
    members = members_of(hall.session, row.id)
    again = drawn_again(row, members)
    assert again.is_same_list and again.is_same_draw
    assert again.drawn == tuple(sorted(str(one.reference) for one in drawn_of(hall, row)))

    row.seed = "f" * 32 if row.seed != "f" * 32 else "e" * 32
    changed = drawn_again(row, members[1:])
    assert not changed.is_same_list and not changed.is_same_draw


def test_a_case_goes_on_when_it_was_not_drawn_or_its_result_is_in(hall: Hall) -> None:
    rows = cases_at(hall, "specialized", "city_audit", 3)
    with pytest.raises(MoveNotAllowed, match="尚未抽取"):
        hall.act("city", rows[0], "settle")
    (drawn,) = drawn_of(hall, row := draw(hall))
    for one in rows:
        if one is not drawn:
            hall.act("city", one, "settle")
            assert one.state == "stage:city_review"
    with pytest.raises(MoveNotAllowed, match="结果尚未录入"):
        hall.act("city", drawn, "settle")
    assert assign(hall, row, hall.auditor, drawn) == [drawn.id]
    report(hall, "auditor", drawn, "adverse", "收入有出入")
    # What was found decides nothing: the case goes on to the review with it.
    hall.act("city", drawn, "settle")
    assert drawn.state == "stage:city_review"


def test_an_auditor_is_given_drawn_cases_and_told(hall: Hall) -> None:
    rows = cases_at(hall, "specialized", "city_audit", 21)
    row = draw(hall)
    drawn = drawn_of(hall, row)
    assert len(drawn) == 3
    others = [one for one in rows if one not in drawn]
    for office, cases, path in ((None, drawn, "office"), (hall.auditor, [], "case")):
        with pytest.raises(Refused) as refused:
            assign(hall, row, office, *cases)
        assert [fault.path for fault in refused.value.faults] == [path]
    with pytest.raises(MoveNotAllowed, match="已委托"):
        assign(hall, row, hall.auditor, *others)
    with pytest.raises(Barred):
        assign(hall, row, hall.auditor, *drawn, who="district")

    assert assign(hall, row, hall.auditor, *drawn[:2], others[0]) == sorted(one.id for one in drawn[:2])
    assert assign(hall, row, hall.auditor, *drawn) == [drawn[2].id]
    notices = list(hall.session.scalars(select(Notice).order_by(Notice.id)))
    assert [(one.template, one.person_id) for one in notices] == [
        ("audit", hall.people["auditor"].id),
        ("audit", hall.people["auditor"].id),
    ]
    said = [words_of(one.template, json.loads(one.told)).subject[0] for one in notices]
    assert "2 家企业" in said[0] and drawn[2].firm_name in said[1]
    assert count_audits(hall.session, [hall.auditor.id]) == 3
    report(hall, "auditor", drawn[0])
    waiting, _after = audits_page(hall.session, [hall.auditor.id], "waiting")
    done, _after = audits_page(hall.session, [hall.auditor.id], "reported")
    assert {one.case.id for one in waiting} == {drawn[1].id, drawn[2].id}
    assert [one.case.id for one in done] == [drawn[0].id]
    assert audits_page(hall.session, [], "waiting") == ([], None)


def test_whoever_is_tied_to_a_drawn_firm_does_not_choose_its_auditor(hall: Hall) -> None:
    cases_at(hall, "specialized", "city_audit", 1)
    (case,) = drawn_of(hall, row := draw(hall))
    tie(hall, "city", case)
    with pytest.raises(Barred, match=case.uscc):
        assign(hall, row, hall.auditor, case)
    assert assign(hall, row, hall.auditor, case, who="second_city") == [case.id]


def test_an_audit_is_passed_on_until_its_result_is_in(hall: Hall) -> None:
    cases_at(hall, "specialized", "city_audit", 1)
    (case,) = drawn_of(hall, row := draw(hall))
    other = company(hall.session, OfficeKind.AUDITOR, 902)
    assign(hall, row, other, case)
    with pytest.raises(MoveNotAllowed, match="没有委托您的机构"):
        report(hall, "auditor", case)
    assert assign(hall, row, hall.auditor, case) == [case.id]
    entry = trail_page(hall.session, tag=Tag.SAMPLE_ASSIGNED)[0]
    assert other.name in (entry.before or "") and hall.auditor.name in (entry.after or "")
    report(hall, "auditor", case)
    with pytest.raises(MoveNotAllowed, match="已有结果"):
        assign(hall, row, other, case)


def test_the_city_looks_itself_where_the_procedure_names_no_auditor(hall: Hall) -> None:
    cases_at(hall, "innovative", "city_sample", 1)
    (case,) = drawn_of(hall, row := draw(hall, "innovative", "city_sample"))
    with pytest.raises(MoveNotAllowed, match="自行检查"):
        assign(hall, row, hall.auditor, case)

    member = report(hall, "city", case, "adverse", "厂房已搬离")
    assert (member.result, member.finding) == ("adverse", "厂房已搬离")
    assert (member.reported_at, member.reported_by) == (hall.now, hall.people["city"].id)
    tags = [one.tag for one in trail_page(hall.session, subject=f"application:{case.id}")]
    assert tags.count(Tag.SAMPLE_REPORTED) == 1


def test_a_result_is_entered_once_with_what_was_found(hall: Hall) -> None:
    cases_at(hall, "specialized", "city_audit", 1)
    (case,) = drawn_of(hall, row := draw(hall))
    assign(hall, row, hall.auditor, case)
    for result, finding, path in (
        ("", "查过", "result"),
        ("good", "查过", "result"),
        ("clear", " ", "finding"),
        ("clear", "长" * 2001, "finding"),
    ):
        with pytest.raises(Refused) as refused:
            report(hall, "auditor", case, result, finding)
        assert [fault.path for fault in refused.value.faults] == [path]
    assert report(hall, "auditor", case, "clear", "长" * 2000).result == "clear"
    with pytest.raises(MoveNotAllowed, match="已经录入"):
        report(hall, "auditor", case, "adverse")


def test_no_result_is_taken_of_what_was_not_drawn_or_is_elsewhere(hall: Hall) -> None:
    rows = cases_at(hall, "innovative", "city_sample", 2)
    with pytest.raises(MoveNotAllowed, match="没有待录入"):
        report(hall, "city", rows[0])
    (drawn,) = drawn_of(hall, draw(hall, "innovative", "city_sample"))
    (other,) = [one for one in rows if one is not drawn]
    with pytest.raises(MoveNotAllowed, match="没有待录入"):
        report(hall, "city", other)
    with pytest.raises(MoveNotAllowed):
        report(hall, "district", drawn)
    hall.act("city", other, "settle")
    with pytest.raises(MoveNotAllowed, match="没有待录入"):
        report(hall, "city", other)
