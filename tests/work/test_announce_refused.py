"""A list that cannot be recognised is refused whole, with everything that stands against it."""

from datetime import date, timedelta
from typing import Any

import pytest
from announced_table import NUMBER, TODAY, Table, fixture_table  # noqa: F401
from casework import MONDAY, tie
from make import title
from sqlalchemy import func, select

from registry.domain.errors import Barred, MoveNotAllowed, Refused
from registry.store.cases import Application, CaseStep
from registry.store.publicities import Objection
from registry.store.recognitions import Announcement, Ban
from registry.store.statements import Title
from registry.work.file_books import file_titles


def ban(table: Table, case: Application, last_day: date) -> None:
    row = Ban(
        firm_id=case.firm_id,
        uscc=case.uscc,
        first_day=date(2026, 1, 1),
        last_day=last_day,
        cause="false_data",
        source="test",
        made_at=MONDAY,
        made_by="test",
    )
    table.session.add(row)
    table.session.flush()


@pytest.mark.parametrize(("last_day", "against"), [(TODAY, True), (TODAY - timedelta(days=1), False)])
def test_a_ban_refuses_the_whole_list_to_its_last_day(table: Table, last_day: date, against: bool) -> None:
    ban(table, table.cases[1], last_day)
    assert [bool(one) for one in table.weigh()] == [False, against, False]
    if not against:
        assert table.announce().number == NUMBER
        return
    with pytest.raises(MoveNotAllowed, match="有 1 家不能认定，未作任何办理") as refused, table.session.begin_nested():
        table.announce()
    assert "青岛示例第2轴承有限公司：禁止申报至 2026-11-09" in str(refused.value)
    assert table.states() == {"stage:announcement"}
    assert table.session.scalar(select(func.count()).select_from(Announcement)) == 0
    assert table.session.scalar(select(func.count()).select_from(Title)) == 0


def test_everything_that_stands_against_is_told_with_names(table: Table) -> None:
    session = table.session
    ban(table, table.cases[0], date(2030, 1, 1))
    city = table.hall.people["city"]
    tie(session, city, table.cases[2].uscc, MONDAY)
    with pytest.raises(MoveNotAllowed, match="有 2 家不能认定") as refused, session.begin_nested():
        table.announce()
    for word in ("第1轴承", "禁止申报", "第3轴承", "回避"):
        assert word in str(refused.value)
    session.expire_all()
    assert [bool(one) for one in table.weigh()] == [True, False, True]


def test_whoever_is_barred_from_all_of_them_is_told_so(table: Table) -> None:
    for case in table.cases:
        tie(table.session, table.hall.people["city"], case.uscc, MONDAY)
    with pytest.raises(Barred):
        table.announce()


def test_an_upheld_objection_stands_against(table: Table) -> None:
    row = Objection(
        publicity_id=table.listed.id,
        application_id=table.cases[0].id,
        code="0" * 26,
        objector="王某",
        contact_sealed="x",
        grounds="不符",
        channel="online",
        made_at=MONDAY,
        taken_by="",
        reply="属实",
        is_upheld=True,
        replied_at=MONDAY,
        replied_by=table.hall.people["city"].id,
    )
    table.session.add(row)
    table.session.flush()
    assert "有异议成立" in table.weigh()[0]
    with pytest.raises(MoveNotAllowed, match="有异议成立"):
        table.announce()


@pytest.mark.parametrize(
    ("on", "why"),
    [
        (date(2026, 10, 30), "公示至 2026-10-30"),
        (date(2026, 10, 31), ""),
        (TODAY, ""),
        (TODAY + timedelta(days=1), "不能晚于今天"),
    ],
)
def test_the_day_lies_after_the_publicity_and_not_ahead(table: Table, on: date, why: str) -> None:
    if not why:
        assert table.announce(announced_on=on).announced_on == on
        return
    with pytest.raises((MoveNotAllowed, Refused), match=why):
        table.announce(announced_on=on)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"number": " "}, "number"),
        ({"number": "号" * 61}, "number"),
        ({"title": ""}, "title"),
        ({"title": "题" * 121}, "title"),
        ({"announced_on": None}, "announced_on"),
        ({"opinion": " "}, "opinion"),
        ({"source": "据" * 201}, "source"),
        ({"case_ids": []}, "cases"),
        ({"tier": "little_giant"}, "tier"),
    ],
)
def test_what_is_missing_or_too_long_is_told_by_its_field(table: Table, changes: dict[str, Any], path: str) -> None:
    with pytest.raises(Refused) as refused:
        table.announce(**changes)
    assert [fault.path for fault in refused.value.faults] == [path]


def test_a_case_that_moved_since_it_was_looked_at_refuses_the_list(table: Table) -> None:
    versions = {case.id: case.version for case in table.cases}
    versions[table.cases[2].id] -= 1
    with pytest.raises(MoveNotAllowed, match="刚有变动"):
        table.announce(versions=versions)


def test_a_case_elsewhere_or_decided_is_not_announced(table: Table) -> None:
    table.cases[0].state = "stage:city_review"
    table.session.flush()
    with pytest.raises(MoveNotAllowed, match="不在公告环节"):
        table.announce()
    with pytest.raises(MoveNotAllowed, match="不属于本梯度"):
        table.announce(tier="innovative")


@pytest.mark.parametrize("who", ["district", "applicant", "statistician"])
def test_only_the_city_announces(table: Table, who: str) -> None:
    assert all(table.weigh(who))
    with pytest.raises((MoveNotAllowed, Barred)):
        table.announce(who)


def test_who_reviewed_for_the_district_does_not_announce(table: Table) -> None:
    case = table.cases[0]
    table.session.add(
        CaseStep(
            application_id=case.id,
            number=1,
            round=1,
            from_state="stage:district_review",
            action="pass",
            to_state="stage:inquiries",
            role="district_reviewer",
            level="district",
            person_id=table.hall.people["city"].id,
            doer="test",
            opinion="",
            details="{}",
            at=MONDAY,
        )
    )
    table.session.flush()
    assert [bool(one) for one in table.weigh()] == [True, False, False]


def test_a_title_of_the_same_day_stands_against(table: Table) -> None:
    file_titles(table.session, [title(1, recognised_on=TODAY)], now=MONDAY, source="test")
    assert "已有同一称号" in table.weigh()[0]
    with pytest.raises(MoveNotAllowed, match="已有同一称号"):
        table.announce()
