"""A major change: three months to the day, late ones taken and marked, settled once by somebody who is not tied."""

import json
from datetime import date, timedelta

import pytest
from casework import MONDAY, Hall, open_hall
from people import doer_of
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.conflicts import TieKind
from registry.domain.errors import Barred, MoveNotAllowed, Refused
from registry.domain.periods import add_months
from registry.domain.trail import Tag
from registry.store.notices import Notice
from registry.store.paper_lists import changes_of_firm, changes_page
from registry.store.papers import ChangeReport
from registry.store.trail import trail_page
from registry.work.declare_tie import declare
from registry.work.report_change import due_day, report_change, settle_change, was_late

TOLD = "企业名称变更为青岛新名轴承有限公司，已领取新营业执照"


@pytest.fixture
def hall(session: Session) -> Hall:
    return open_hall(session)


def report(
    hall: Hall, happened_on: date | None = date(2026, 10, 1), kind: str = "rename", told: str = TOLD
) -> ChangeReport:
    actor = hall.actor("applicant")
    return report_change(
        hall.session,
        actor,
        actor.seats[0],
        hall.firm,
        kind=kind,
        happened_on=happened_on,
        told=told,
        now=hall.now,
    )


def settle(
    hall: Hall,
    row: ChangeReport,
    who: str = "district",
    outcome: str = "still_qualified",
    reply: str = "经核实仍符合条件",
) -> None:
    actor = hall.actor(who)
    settle_change(hall.session, actor, actor.seats[0], row, outcome=outcome, reply=reply, now=hall.now)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 8, 9), 3, date(2026, 11, 9)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 29), 3, date(2028, 2, 29)),
        (date(2026, 10, 31), 3, date(2027, 1, 31)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2027, 1, 31), -2, date(2026, 11, 30)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
    ],
)
def test_months_end_on_the_same_day_or_the_months_last(day: date, months: int, then: date) -> None:
    assert add_months(day, months) == then


@pytest.mark.parametrize(
    ("happened_on", "is_late"), [(date(2026, 8, 10), False), (date(2026, 8, 9), False), (date(2026, 8, 8), True)]
)
def test_three_months_are_up_with_the_same_day(hall: Hall, happened_on: date, is_late: bool) -> None:
    row = report(hall, happened_on)

    assert was_late(row, MONDAY.tzinfo) is is_late and row.due_on == due_day(happened_on)
    told = hall.session.scalars(select(Notice).where(Notice.template == "change_reported")).all()
    assert {one.person_id for one in told} == {hall.people["district"].id, hall.people["second_district"].id}
    assert all(json.loads(one.told)["is_late"] is is_late for one in told)
    assert [one.tag for one in trail_page(hall.session, subject=f"change:{row.id}")] == [Tag.CHANGE_REPORTED]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"kind": "whim"}, "kind"),
        ({"happened_on": None}, "happened_on"),
        ({"happened_on": MONDAY.date() + timedelta(days=1)}, "happened_on"),
        ({"happened_on": date(2009, 12, 31)}, "happened_on"),
        ({"told": "太短了"}, "told"),
        ({"told": "长" * 2001}, "told"),
        ({"told": "有一个零字符\0在里面的情况"}, "told"),
    ],
)
def test_what_is_wrong_is_told_by_its_field(hall: Hall, changes: dict[str, object], path: str) -> None:
    with pytest.raises(Refused) as refused:
        report(hall, **changes)  # type: ignore[arg-type]
    assert [one.path for one in refused.value.faults] == [path]
    assert changes_of_firm(hall.session, hall.firm.id) == []


def test_today_and_exactly_ten_characters_will_do(hall: Hall) -> None:
    assert report(hall, MONDAY.date(), told="一二三四五六七八九十").id


def test_only_who_acts_for_the_firm_reports(hall: Hall) -> None:
    actor = hall.actor("district")
    with pytest.raises(Barred):
        report_change(
            hall.session,
            actor,
            actor.seats[0],
            hall.firm,
            kind="rename",
            happened_on=MONDAY.date(),
            told=TOLD,
            now=MONDAY,
        )


def test_the_firm_is_told_what_was_found_and_it_is_settled_once(hall: Hall) -> None:
    row = report(hall)
    settle(hall, row)

    assert (row.outcome, row.settled_by) == ("still_qualified", hall.people["district"].id)
    (told,) = hall.session.scalars(select(Notice).where(Notice.template == "change_settled")).all()
    assert told.person_id == hall.people["applicant"].id and "经核实" in told.told
    with pytest.raises(MoveNotAllowed, match="已处理"):
        settle(hall, row, "city", "refused")
    assert [one.tag for one in trail_page(hall.session, subject=f"change:{row.id}")].count(Tag.CHANGE_SETTLED) == 1


@pytest.mark.parametrize(
    ("outcome", "reply", "path"),
    [("", "经核实仍符合", "outcome"), ("refused", "不行", "reply"), ("refused", "    ", "reply")],
)
def test_an_outcome_and_a_reply_are_asked_for(hall: Hall, outcome: str, reply: str, path: str) -> None:
    row = report(hall)
    with pytest.raises(Refused, match=path):
        settle(hall, row, outcome=outcome, reply=reply)
    assert row.outcome is None


def test_whoever_is_tied_to_the_firm_does_not_settle(hall: Hall) -> None:
    row = report(hall)
    who = hall.people["district"]
    declare(
        hall.session,
        who.id,
        uscc=hall.firm.uscc,
        kind=TieKind.FAMILY,
        ended_on=None,
        note="",
        doer=doer_of(who),
        now=hall.now,
    )
    with pytest.raises(Barred):
        settle(hall, row)
    settle(hall, row, "second_district")
    assert row.outcome == "still_qualified"


def test_waiting_ones_are_listed_oldest_first_settled_ones_newest_first(hall: Hall) -> None:
    rows = [report(hall, told=f"第 {number} 次报告的变更情况") for number in range(4)]
    for row in rows[:2]:
        settle(hall, row)
    everything = ChangeReport.id.is_not(None)
    first, after = changes_page(hall.session, everything, is_settled=False, limit=1)
    second, end = changes_page(hall.session, everything, is_settled=False, after=after, limit=1)
    settled, _end = changes_page(hall.session, everything, is_settled=True)

    assert [row.id for row, _firm in (*first, *second)] == [rows[2].id, rows[3].id] and end is None
    assert [row.id for row, _firm in settled] == [rows[1].id, rows[0].id]
