"""The working calendar in the database: the seeds against the package and the notices, importing a year, its trace."""

import csv
import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.city.parameters import seed_file
from registry.domain.errors import Refused
from registry.domain.trail import Doer, Entry, Tag
from registry.domain.workdays import Calendar, End, Period, SpecialDay, end_of, is_workday
from registry.store.calendars import CalendarDay, CalendarYear, days_stated, gazetted_years
from registry.store.trail import trail_page
from registry.work.keep_calendar import calendar_of, ensure_calendar, import_year, read_days

DOER = Doer.program("holidays import")
DAY = timedelta(days=1)
# What each notice of the State Council's General Office says, from its own text: first and last day of every holiday
# (one before 1 January lies in the year before), and the days of weekends that are worked.
NOTICES = {
    2022: (
        "国办发明电〔2021〕11号",
        ["01-01 01-03", "01-31 02-06", "04-03 04-05", "04-30 05-04", "06-03 06-05", "09-10 09-12", "10-01 10-07"],
        ["01-29", "01-30", "04-02", "04-24", "05-07", "10-08", "10-09"],
    ),
    2023: (
        "国办发明电〔2022〕16号",
        ["-12-31 01-02", "01-21 01-27", "04-05 04-05", "04-29 05-03", "06-22 06-24", "09-29 10-06"],
        ["01-28", "01-29", "04-23", "05-06", "06-25", "10-07", "10-08"],
    ),
    2024: (
        "国办发明电〔2023〕7号",
        ["01-01 01-01", "02-10 02-17", "04-04 04-06", "05-01 05-05", "06-10 06-10", "09-15 09-17", "10-01 10-07"],
        ["02-04", "02-18", "04-07", "04-28", "05-11", "09-14", "09-29", "10-12"],
    ),
    2025: (
        "国办发明电〔2024〕12号",
        ["01-01 01-01", "01-28 02-04", "04-04 04-06", "05-01 05-05", "05-31 06-02", "10-01 10-08"],
        ["01-26", "02-08", "04-27", "09-28", "10-11"],
    ),
    2026: (
        "国办发明电〔2025〕7号",
        ["01-01 01-03", "02-15 02-23", "04-04 04-06", "05-01 05-05", "06-19 06-21", "09-25 09-27", "10-01 10-07"],
        ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"],
    ),
}


def day_of(year: int, text: str) -> date:
    return date.fromisoformat(f"{year - 1}{text}" if text.startswith("-") else f"{year}-{text}")


def from_the_notices() -> Calendar:
    off: set[date] = set()
    worked: set[date] = set()
    for year, (_, spans, days) in NOTICES.items():
        for span in spans:
            first, last = (day_of(year, text) for text in span.split())
            off |= {first + number * DAY for number in range((last - first).days + 1)}
        worked |= {day_of(year, text) for text in days}
    weekdays = frozenset(day for day in off if day.weekday() < 5)
    return Calendar(weekdays, frozenset(worked), {year: said[0] for year, said in NOTICES.items()})


def days_of_2027() -> list[SpecialDay]:
    """A year that nobody has seen yet: only the holidays of fixed date, and a make-up day of this very December."""
    off = [(1, 1), (10, 1)]
    days = [SpecialDay(date(2027, month, day), False, "节日") for month, day in off]
    return [*days, SpecialDay(date(2026, 12, 27), True, "元旦", "C4"), SpecialDay(date(2027, 2, 8), False, "春节")]


def entries(session: Session) -> Sequence[Entry]:
    """What the trail tells of calendars, the oldest first."""
    found = [one for one in trail_page(session, limit=100) if one.subject.startswith("calendar:")]
    assert {one.tag for one in found} <= {Tag.BOOKS_FILED}
    return found[::-1]


def test_every_row_of_the_seeds_says_what_its_weekday_does_not() -> None:
    rows = list(csv.DictReader(seed_file("holidays.csv").read_text("utf-8").splitlines()))

    assert list(rows[0]) == ["day", "kind", "name", "year", "source", "gazetted_on"]
    assert len(rows) == 125 == len({row["day"] for row in rows})
    assert [row["day"] for row in rows] == sorted(row["day"] for row in rows)
    for row in rows:
        day = date.fromisoformat(row["day"])
        assert row["kind"] == ("off" if day.weekday() < 5 else "worked"), row
        assert (row["year"], row["source"]) == (str(day.year), NOTICES[day.year][0])
        assert date(day.year - 1, 10, 1) < date.fromisoformat(row["gazetted_on"]) < date(day.year, 1, 1)


def test_the_seeds_say_what_the_five_notices_and_the_package_say(session: Session, now: datetime) -> None:
    assert ensure_calendar(session, now) == [2022, 2023, 2024, 2025, 2026]
    calendar = calendar_of(session)

    assert calendar == from_the_notices()
    days = [date(2022, 1, 1) + number * DAY for number in range(1_826)]
    assert days[-1] == date(2026, 12, 31)
    assert [day for day in days if is_workday(day, calendar) != chinese_calendar.is_workday(day)] == []


def test_filling_again_changes_nothing_and_leaves_no_trace(session: Session, now: datetime) -> None:
    ensure_calendar(session, now)
    traced = len(entries(session))

    assert ensure_calendar(session, now + DAY) == []
    assert len(entries(session)) == traced == 5
    assert {one.known_at for one in days_stated(session)} == {now}


def test_a_year_that_was_imported_is_not_filled_over(session: Session, now: datetime) -> None:
    own = [one for one in special_days(from_the_notices(), 2025) if one.day != date(2025, 10, 8)]
    import_year(session, own, 2025, "市里的安排", DOER, now)

    assert ensure_calendar(session, now) == [2022, 2023, 2024, 2026]
    assert is_workday(date(2025, 10, 8), calendar_of(session))
    assert calendar_of(session).gazetted[2025] == "市里的安排"


def special_days(calendar: Calendar, year: int) -> list[SpecialDay]:
    return [SpecialDay(day, False, "节日") for day in calendar.off if day.year == year] + [
        SpecialDay(day, True, "节日") for day in calendar.worked if day.year == year
    ]


def test_an_empty_table_answers_provisional_everywhere(session: Session) -> None:
    calendar = calendar_of(session)

    assert calendar == Calendar()
    assert end_of(date(2024, 9, 27), Period(5), calendar) == End(date(2024, 10, 3), True)


def test_a_new_year_ends_what_was_provisional_and_may_reach_back_into_december(session: Session, now: datetime) -> None:
    ensure_calendar(session, now)
    first, period = date(2026, 12, 25), Period(7)
    before = end_of(first, period, calendar_of(session))
    filed = import_year(
        session, days_of_2027(), 2027, " 国办发明电〔2026〕9号 ", DOER, now, gazetted_on=date(2026, 11, 3)
    )

    assert before == End(date(2027, 1, 4), True)
    # Sunday 27 December is worked now and 1 January off: it ends on the same day, and that is certain.
    assert end_of(first, period, calendar_of(session)) == End(date(2027, 1, 4), False)
    assert (filed.off, filed.worked, filed.is_news, filed.replaced) == (3, 1, True, None)
    (year,) = [one for one in gazetted_years(session) if one.year == 2027]
    assert (year.source, year.gazetted_on) == ("国办发明电〔2026〕9号", date(2026, 11, 3))
    assert next(one.day for one in days_stated(session, 2027)) == date(2026, 12, 27)


def test_a_year_is_replaced_whole_and_the_trail_keeps_both(session: Session, now: datetime) -> None:
    import_year(session, days_of_2027(), 2027, "甲号", DOER, now)
    changed = [*days_of_2027()[:3], SpecialDay(date(2027, 2, 9), False, "春节")]
    filed = import_year(session, changed, 2027, "乙号", DOER, now + DAY)

    assert (filed.is_news, filed.replaced) == (True, "甲号")
    stated = days_stated(session, 2027)
    assert [one.day for one in stated] == sorted(one.day for one in changed)
    assert {(one.source, one.known_at) for one in stated} == {("乙号", now + DAY)}
    first, second = entries(session)
    assert first.before is None
    assert (second.subject, second.name) == ("calendar:2027", "registry holidays import")
    before, after = (json.loads(text or "") for text in (second.before, second.after))
    assert (after["deed"], after["source"], before["source"]) == ("import holidays", "乙号", "甲号")
    assert (list(before["off"]), list(after["off"])) == (
        ["2027-01-01", "2027-02-08", "2027-10-01"],
        ["2027-01-01", "2027-02-09", "2027-10-01"],
    )
    assert before == json.loads(first.after or "")
    assert after["worked"] == {"2026-12-27": "元旦"}


def test_the_same_year_again_changes_nothing(session: Session, now: datetime) -> None:
    import_year(session, days_of_2027(), 2027, "甲号", DOER, now)
    filed = import_year(session, reversed(days_of_2027()), 2027, "甲号", DOER, now + DAY)

    assert not filed.is_news
    assert len(entries(session)) == 1
    # Another source is news, though no day changes.
    assert import_year(session, days_of_2027(), 2027, "乙号", DOER, now + DAY).is_news


@pytest.mark.parametrize(
    ("rows", "source", "paths"),
    [
        ([], "甲号", ["2027-01-01", "2027-10-01"]),
        (days_of_2027(), " ", ["source"]),
        (days_of_2027(), "长" * 201, ["source"]),
        (days_of_2027(), "甲\n号", ["source"]),
        ([*days_of_2027(), SpecialDay(date(2027, 5, 3), False, "长" * 51, "C6")], "甲号", ["C6"]),
        ([*days_of_2027()[1:], SpecialDay(date(2027, 5, 1), False, "节", "C6")], "", ["source", "C6", "2027-01-01"]),
    ],
)
def test_what_is_wrong_is_told_whole_and_nothing_is_written(
    session: Session, now: datetime, rows: list[SpecialDay], source: str, paths: list[str]
) -> None:
    with pytest.raises(Refused) as refused:
        import_year(session, rows, 2027, source, DOER, now)

    assert [fault.path for fault in refused.value.faults] == paths
    assert (gazetted_years(session), days_stated(session), entries(session)) == ([], [], [])


def test_a_day_belongs_to_one_notice(session: Session, now: datetime) -> None:
    ensure_calendar(session, now)
    import_year(session, days_of_2027(), 2027, "甲号", DOER, now)
    of_2026 = [*special_days(from_the_notices(), 2026), SpecialDay(date(2026, 12, 27), True, "元旦", "C40")]

    with pytest.raises(Refused, match="2027 年的通知已列出 2026-12-27") as refused:
        import_year(session, of_2026, 2026, "甲号", DOER, now)
    assert [fault.path for fault in refused.value.faults] == ["C40"]


def test_the_database_refuses_a_day_without_its_year_or_its_name(session: Session, now: datetime) -> None:
    day = {"day": date(2027, 1, 1), "is_workday": False, "source": "甲号", "known_at": now}
    for broken in (
        [CalendarDay(**day, name="元旦", year=2027)],
        [CalendarYear(year=2027, source="甲号"), CalendarDay(**day, name=" ", year=2027)],
        [CalendarYear(year=2027, source=" ")],
        [CalendarYear(year=1900, source="甲号")],
    ):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.add_all(broken)
            session.flush()


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_list_is_read_with_headers_of_either_language(tmp_path: Path) -> None:
    chinese = write(tmp_path / "a.csv", "日期,类别,节日", "2027年1月1日,放假,元旦", "2027/2/7,调休上班,春节", "")
    english = write(
        tmp_path / "b.csv",
        "name,kind,day,year,source",
        "元旦,off,2027-01-01,2027,甲号",
        ",,,,",
        "春节,worked,2027-02-07,2027,甲号",
    )

    expected = [(date(2027, 1, 1), False, "元旦"), (date(2027, 2, 7), True, "春节")]
    for path in (chinese, english):
        assert [(one.day, one.is_workday, one.name) for one in read_days(path, 2027)] == expected
    assert [one.at for one in read_days(english, 2027)] == ["第 2 行", "第 4 行"]


def test_a_list_with_faults_is_refused_with_all_of_them(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        "day,kind,name,year",
        "2027-02-30,off,春节,2027",
        "2027-10-01,maybe,国庆节,2027",
        "2027-10-04,off,,2027",
        "2026-10-05,off,国庆节,2026",
    )

    with pytest.raises(Refused) as refused:
        read_days(path, 2027)
    assert [fault.path for fault in refused.value.faults] == ["A2", "B3", "C4", "D5"]


def test_a_list_that_lacks_a_column_or_has_another_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="类别"):
        read_days(write(tmp_path / "a.csv", "day,name", "2027-01-01,元旦"), 2027)
    with pytest.raises(Refused, match="未知的表头"):
        read_days(write(tmp_path / "b.csv", "day,kind,name,weather", "2027-01-01,off,元旦,雪"), 2027)
    with pytest.raises(Refused, match="文件为空"):
        read_days(write(tmp_path / "c.csv"), 2027)
