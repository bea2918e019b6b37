"""Lists that are made public: what goes on them, how they are frozen, on which day they end, and when that changes."""

from datetime import date, datetime, timedelta

import pytest
from casework import MONDAY, SHANGHAI, Hall, open_hall, tie
from make import code
from people import PROGRAM
from publicity_cases import list_of, waiting_case
from sqlalchemy import delete, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from registry.domain.errors import MoveNotAllowed, Refused
from registry.domain.trail import Tag
from registry.domain.workdays import SpecialDay
from registry.store.calendars import CalendarDay, CalendarYear
from registry.store.cases import Application, CaseStep
from registry.store.lists import EVERYTHING
from registry.store.notices import Notice
from registry.store.publicities import Publicity, PublicityEntry
from registry.store.publicity_lists import (
    cases_waiting,
    digest_of,
    entries_of,
    entry_at,
    is_running,
    list_public,
    lists_open,
    lists_past,
    lists_public,
)
from registry.store.trail import trail_page
from registry.work.keep_calendar import import_year
from registry.work.publicise import publicise, refresh_provisional, usual_title, waiting


@pytest.fixture
def hall(session: Session) -> Hall:
    return open_hall(session)


def forget_year(session: Session, year: int) -> None:
    """Take the notice of a year out of the calendar, as if it were not out yet."""
    session.execute(delete(CalendarDay).where(CalendarDay.year == year))
    session.execute(delete(CalendarYear).where(CalendarYear.year == year))
    session.flush()


def test_a_list_is_frozen_in_the_order_of_names_and_codes(hall: Hall) -> None:
    cases = [waiting_case(hall, number, name=name) for number, name in ((3, "乙公司"), (2, "甲公司"), (4, "乙公司"))]
    listed = list_of(hall, cases)
    rows = entries_of(hall.session, listed.id)

    assert [(row.position, row.name, row.uscc) for row in rows] == [
        (1, "乙公司", code(3)),
        (2, "乙公司", code(4)),
        (3, "甲公司", code(2)),
    ]
    assert listed.digest == digest_of(listed, rows) and len(listed.digest) == 64
    assert (listed.level, listed.district, listed.days, listed.unit) == ("city", None, 5, "working_days")
    with pytest.raises(DBAPIError, match="never changed"), hall.session.begin_nested():
        hall.session.execute(text("UPDATE publicity_entry SET name = 'other'"))
    with pytest.raises(DBAPIError, match="never changed"), hall.session.begin_nested():
        hall.session.execute(delete(PublicityEntry))


def test_each_case_is_due_on_the_last_day_and_its_firm_is_told(hall: Hall) -> None:
    case = waiting_case(hall, 1)
    listed = list_of(hall, [case])

    assert (case.state, case.version, case.due_on, case.due_is_provisional) == (
        "stage:publicity",
        2,
        date(2026, 11, 13),
        False,
    )
    step = hall.session.scalars(select(CaseStep).where(CaseStep.application_id == case.id)).one()
    assert (step.action, step.from_state, step.to_state, step.level) == (
        "publicise",
        "stage:publicity",
        "stage:publicity",
        "city",
    )
    (notice,) = hall.session.scalars(select(Notice).where(Notice.template == "publicity"))
    assert notice.person_id == hall.people["applicant"].id
    assert '"first_day":"2026-11-09"' in notice.told and '"last_day":"2026-11-13"' in notice.told
    (entry,) = trail_page(hall.session, subject=f"publicity:{listed.id}")
    assert entry.tag == Tag.PUBLICITY_OPENED
    assert '"firms":1' in str(entry.after) and listed.digest in str(entry.after)


@pytest.mark.parametrize(
    ("first_day", "last_day"),
    [
        # As seen in practice: 53 firms of a district, 2023-03-20 to 2023-03-24.
        (date(2023, 3, 20), date(2023, 3, 24)),
        # From a Saturday on it counts from Monday.
        (date(2023, 3, 18), date(2023, 3, 24)),
        # Over 清明 on Wednesday 2023-04-05.
        (date(2023, 4, 3), date(2023, 4, 10)),
        # Over 春节 2024: off from 02-10 to 02-17, Sunday 02-18 worked.
        (date(2024, 2, 8), date(2024, 2, 20)),
        # A make-up Saturday, 2024-05-11, is a working day.
        (date(2024, 5, 7), date(2024, 5, 11)),
        # Over 国庆 2025, off from 10-01 to 10-08, with Sunday 09-28 worked.
        (date(2025, 9, 28), date(2025, 10, 10)),
    ],
)
def test_five_working_days_end_as_the_calendar_says(hall: Hall, first_day: date, last_day: date) -> None:
    hall.now = datetime.combine(first_day, datetime.min.time(), SHANGHAI) + timedelta(hours=9)
    listed = list_of(hall, [waiting_case(hall, 2)], first_day=first_day)

    assert (listed.first_day, listed.last_day, listed.is_provisional) == (first_day, last_day, False)


def test_a_year_without_notice_is_provisional_and_never_closes_by_itself(hall: Hall) -> None:
    forget_year(hall.session, 2027)
    hall.now = datetime(2026, 12, 29, 10, 0, tzinfo=SHANGHAI)
    case = waiting_case(hall, 2)
    listed = list_of(hall, [case])

    assert (listed.last_day, listed.is_provisional) == (date(2027, 1, 4), True)
    assert case.due_is_provisional
    hall.move(days=30)
    with pytest.raises(MoveNotAllowed, match="暂定"):
        hall.act("city", case, "close")
    # Nobody knows when it ends: it goes on running.
    assert is_running(listed, hall.now.date())

    days = [
        SpecialDay(date(2027, 1, 1), False, "元旦"),
        SpecialDay(date(2027, 1, 4), False, "元旦"),
        *(SpecialDay(date(2027, month, day), False, "节日") for month, day in ((10, 1),)),
    ]
    import_year(hall.session, days, 2027, "国办测试", PROGRAM, hall.now)
    assert refresh_provisional(hall.session, hall.now) == [listed]
    assert (listed.last_day, listed.is_provisional) == (date(2027, 1, 6), False)
    assert (case.due_on, case.due_is_provisional) == (date(2027, 1, 6), False)
    assert not is_running(listed, hall.now.date())
    newest = trail_page(hall.session, subject=f"publicity:{listed.id}")[0]
    assert newest.tag == Tag.PUBLICITY_CHANGED
    assert newest.before == '{"is_provisional":true,"last_day":"2027-01-04"}'
    hall.act("city", case, "close")
    assert case.state == "stage:announcement"
    assert refresh_provisional(hall.session, hall.now) == []


def test_a_list_whose_year_is_still_unknown_stays_as_it_is(hall: Hall) -> None:
    forget_year(hall.session, 2027)
    hall.now = datetime(2026, 12, 29, 10, 0, tzinfo=SHANGHAI)
    listed = list_of(hall, [waiting_case(hall, 2)])

    assert refresh_provisional(hall.session, hall.now) == []
    assert listed.is_provisional


def test_what_waits_is_told_by_desk_and_nothing_is_listed_twice(hall: Hall) -> None:
    city = waiting_case(hall, 2)
    there = waiting_case(hall, 3, stage="district_publicity")
    elsewhere = waiting_case(hall, 4, stage="district_publicity", district="370214")

    def seen(who: str) -> list[tuple[str, str, list[int]]]:
        found = waiting(hall.session, hall.actor(who).seats, EVERYTHING)
        return [(one.tier, one.stage.key, [case.id for case in one.cases]) for one in found]

    assert seen("city") == [("innovative", "publicity", [city.id])]
    assert seen("district") == [("specialized", "district_publicity", [there.id])]
    assert seen("other_district") == [("specialized", "district_publicity", [elsewhere.id])]
    assert seen("statistician") == []
    listed = list_of(hall, [there], who="district")
    assert (listed.level, listed.district) == ("district", "370285")
    assert seen("district") == []
    with pytest.raises(Refused, match="已列入") as refused:
        list_of(hall, [there], who="district")
    assert refused.value.faults[0].path == "cases"
    assert [case.id for case in cases_waiting(hall.session, EVERYTHING, ["publicity"])] == [city.id]


def test_nobody_lists_what_is_not_at_his_desk(hall: Hall) -> None:
    city, there = waiting_case(hall, 2), waiting_case(hall, 3, stage="district_publicity")
    for who, case in (("district", city), ("city", there), ("other_district", there), ("statistician", city)):
        with pytest.raises(Refused) as refused:
            list_of(hall, [case], who=who)
        assert [fault.path for fault in refused.value.faults] == ["cases"]
    assert hall.session.scalars(select(Publicity)).all() == []


def test_whoever_is_tied_to_a_firm_does_not_list_it(hall: Hall) -> None:
    tied, free = waiting_case(hall, 2), waiting_case(hall, 3)
    tie(hall.session, hall.people["city"], tied.uscc, MONDAY)
    with pytest.raises(Refused, match="青岛公示002有限公司：您与这家企业有利害关系"):
        list_of(hall, [tied, free])
    assert [row.uscc for row in entries_of(hall.session, list_of(hall, [free]).id)] == [free.uscc]


@pytest.mark.parametrize(("days", "is_taken"), [(-1, False), (0, True), (1, True), (30, True), (31, False)])
def test_the_first_day_is_today_or_within_thirty_days(hall: Hall, days: int, is_taken: bool) -> None:
    case, first_day = waiting_case(hall, 2), hall.now.date() + timedelta(days=days)
    if is_taken:
        assert list_of(hall, [case], first_day=first_day).first_day == first_day
        return
    with pytest.raises(Refused) as refused:
        list_of(hall, [case], first_day=first_day)
    assert [fault.path for fault in refused.value.faults] == ["first_day"]


def test_bad_headings_and_missing_firms_are_told(hall: Hall) -> None:
    case = waiting_case(hall, 2)
    for title in ("", "   ", "长" * 101, "带\x00控制符"):
        with pytest.raises(Refused) as refused:
            list_of(hall, [case], title=title)
        assert [fault.path for fault in refused.value.faults] == ["title"]
    assert list_of(hall, [case], title="长" * 100).title == "长" * 100
    actor = hall.actor("city")
    for numbers in ([], [999_999], [case.id, 999_999]):
        with pytest.raises(Refused) as refused:
            publicise(
                hall.session, actor, actor.seats, tier="innovative", stage="publicity", title="x", case_ids=numbers,
                first_day=hall.now.date(), now=hall.now,
            )  # fmt: skip
        assert [fault.path for fault in refused.value.faults] == ["cases"]


def test_titles_read_as_the_bureau_writes_them(hall: Hall) -> None:
    waiting_case(hall, 2)
    waiting_case(hall, 3, stage="district_publicity")
    (city,) = waiting(hall.session, hall.actor("city").seats, EVERYTHING)
    (district,) = waiting(hall.session, hall.actor("district").seats, EVERYTHING)

    assert usual_title("innovative", city.stage, None, 2026) == "关于2026年度青岛市创新型中小企业名单的公示"
    assert (
        usual_title("specialized", district.stage, "370285", 2026)
        == "关于2026年度莱西市拟推荐专精特新中小企业名单的公示"
    )


def test_everybody_sees_a_list_from_its_first_day_on(hall: Hall) -> None:
    first = hall.now.date() + timedelta(days=3)
    listed = list_of(hall, [waiting_case(hall, 2)], first_day=first)
    session, number = hall.session, listed.id

    assert list_public(session, number, first - timedelta(days=1)) is None
    assert lists_public(session, first - timedelta(days=1)) == ([], None)
    assert list_public(session, number, first) is listed
    assert lists_public(session, first) == ([(listed, 1)], None)


def test_lists_are_paged_newest_first(hall: Hall) -> None:
    made = [list_of(hall, [waiting_case(hall, number)]) for number in range(2, 7)]
    seen, after = [], None
    while True:
        rows, after = lists_public(hall.session, hall.now.date(), after=after, limit=2)
        seen += [listed.id for listed, _count in rows]
        if after is None:
            break

    assert seen == [listed.id for listed in reversed(made)]


def test_an_office_sees_how_far_its_lists_are(hall: Hall) -> None:
    cases = [waiting_case(hall, number) for number in (2, 3)]
    listed = list_of(hall, cases)
    (line,) = lists_open(hall.session, EVERYTHING)
    assert (line.listed, line.firms, line.still_there, line.objections, line.unanswered) == (listed, 2, 2, 0, 0)
    hall.move(days=10)
    hall.act("city", cases[0], "close")
    (line,) = lists_open(hall.session, EVERYTHING)
    assert (line.firms, line.still_there) == (2, 1)
    hall.act("city", cases[1], "close")
    assert lists_open(hall.session, EVERYTHING) == []
    (line,), after = lists_past(hall.session, EVERYTHING)
    assert (line.listed, line.still_there, after) == (listed, 0, None)


def test_a_firm_is_found_on_a_list_by_its_place_name_or_code(hall: Hall) -> None:
    listed = list_of(hall, [waiting_case(hall, number) for number in (2, 3, 4)])
    session = hall.session

    assert [row.position for row in entries_of(session, listed.id, query="公示003")] == [2]
    assert [row.position for row in entries_of(session, listed.id, query=code(4)[:16].lower())] == [1, 2, 3]
    assert [row.position for row in entries_of(session, listed.id, query="%")] == []
    assert [row.position for row in entries_of(session, listed.id, after=1, limit=1)] == [2]
    found = entry_at(session, listed.id, 3)
    assert found is not None and found[0].uscc == code(4) and isinstance(found[1], Application)
    assert entry_at(session, listed.id, 4) is None
