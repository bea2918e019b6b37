"""When periods end: every day of three years against an oracle of its own, and the line itself."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from chinese_calendar.constants import holidays, workdays

from registry.domain.errors import Refused
from registry.domain.workdays import (
    LONGEST_PERIOD,
    Calendar,
    End,
    Period,
    SpecialDay,
    Unit,
    closes_by_itself,
    deadline,
    end_of,
    faults_of_year,
    is_workday,
    next_workday,
)

DAY = timedelta(days=1)
YEARS = range(2022, 2027)
GAZETTED = {year: f"{year} 年的通知" for year in YEARS}
# Filled from the package's own tables, not from our seeds: those are compared with it elsewhere.
CALENDAR = Calendar(
    off=frozenset(day for day in holidays if day.year in YEARS and day.weekday() < 5),
    worked=frozenset(day for day in workdays if day.year in YEARS),
    gazetted=GAZETTED,
)
LENGTHS = range(1, 31)


def known_day(day: date) -> bool | None:
    """What the package says of a day; None for a year that it does not know."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None


def counted_by_hand(first: date) -> list[tuple[date, bool]]:
    """The oracle: walks on from a day, one day at a time, and notes where each length ends and what it walked over."""
    ends: list[tuple[date, bool]] = []
    unsure = False
    day = first
    while len(ends) < len(LENGTHS):
        known = known_day(day)
        unsure = unsure or known is None
        if known or (known is None and day.strftime("%a") not in ("Sat", "Sun")):
            ends.append((day, unsure))
        day = date.fromordinal(day.toordinal() + 1)
    return ends


def every_day(first: date, last: date) -> list[date]:
    return [first + number * DAY for number in range((last - first).days + 1)]


def test_every_day_of_three_years_and_every_length_ends_where_the_oracle_ends() -> None:
    days = every_day(date(2024, 1, 1), date(2026, 12, 31))
    cases = differences = provisional = 0
    for first in days:
        for length, (last, unsure) in zip(LENGTHS, counted_by_hand(first), strict=True):
            cases += 1
            provisional += unsure
            differences += end_of(first, Period(length), CALENDAR) != End(last, unsure)

    assert (len(days), cases) == (1_096, 32_880)
    assert differences == 0
    # The last weeks of 2026 run into 2027, of which nobody knows; the proof holds there too.
    assert 0 < provisional < 1_000


def test_every_time_limit_of_three_years_ends_where_the_oracle_ends() -> None:
    differences = 0
    for after in every_day(date(2024, 1, 1), date(2026, 12, 31)):
        for length, (last, unsure) in zip(LENGTHS, counted_by_hand(after + DAY), strict=True):
            differences += deadline(after, length, CALENDAR) != End(last, unsure)

    assert differences == 0


def test_every_calendar_period_of_three_years_runs_on_from_the_first_working_day() -> None:
    differences = 0
    for first in every_day(date(2024, 1, 1), date(2026, 12, 31)):
        start, _ = counted_by_hand(first)[0]
        for length in LENGTHS:
            last = date.fromordinal(start.toordinal() + length - 1)
            differences += end_of(first, Period(length, Unit.CALENDAR), CALENDAR) != End(last, last.year > 2026)

    assert differences == 0


def test_the_days_themselves_are_those_of_the_package() -> None:
    days = every_day(date(2022, 1, 1), date(2026, 12, 31))

    assert [day for day in days if is_workday(day, CALENDAR) != known_day(day)] == []
    assert len(days) == 1_826


@pytest.mark.parametrize(
    ("first", "length", "last"),
    [
        # The publicity that was seen: the day it was put up counts.
        ("2023-03-20", 5, "2023-03-24"),
        ("2023-03-20", 1, "2023-03-20"),
        # Put up on a Saturday: Monday is the first.
        ("2023-03-18", 5, "2023-03-24"),
        # Begins on a holiday: National Day 2024 ends on the 7th; Saturday the 12th is worked.
        ("2024-10-01", 1, "2024-10-08"),
        ("2024-10-01", 5, "2024-10-12"),
        ("2024-09-30", 2, "2024-10-08"),
        # Make-up Sundays: 29 September 2024, 4 and 18 February 2024; 4 January 2026.
        ("2024-09-29", 2, "2024-09-30"),
        ("2024-09-28", 1, "2024-09-29"),
        ("2024-02-02", 3, "2024-02-05"),
        ("2024-02-09", 2, "2024-02-18"),
        ("2026-01-01", 1, "2026-01-04"),
        # The whole of Spring Festival 2026, worked on both Saturdays around it.
        ("2026-02-13", 3, "2026-02-24"),
        ("2026-02-24", 5, "2026-02-28"),
        # 29 February is a day like others.
        ("2024-02-28", 2, "2024-02-29"),
        ("2024-02-29", 1, "2024-02-29"),
        ("2024-02-29", 2, "2024-03-01"),
        # Over a year's end into a year that has its notice.
        ("2025-12-29", 5, "2026-01-05"),
    ],
)
def test_the_line_itself(first: str, length: int, last: str) -> None:
    assert end_of(date.fromisoformat(first), Period(length), CALENDAR) == End(date.fromisoformat(last), False)


def test_calendar_days_count_every_day_from_the_first_working_day_and_may_end_on_one_off() -> None:
    week = Period(7, Unit.CALENDAR)

    assert end_of(date(2024, 9, 30), week, CALENDAR) == End(date(2024, 10, 6), False)
    assert end_of(date(2024, 10, 1), week, CALENDAR) == End(date(2024, 10, 14), False)
    assert end_of(date(2024, 2, 26), week, CALENDAR) == End(date(2024, 3, 3), False)


def test_the_day_of_the_event_never_counts_for_a_time_limit() -> None:
    monday = date(2023, 3, 20)

    assert deadline(monday, 5, CALENDAR) == End(date(2023, 3, 27), False)
    assert deadline(monday, 1, CALENDAR) == End(date(2023, 3, 21), False)
    # The eve of a holiday, and a day in the middle of it.
    assert deadline(date(2024, 9, 30), 1, CALENDAR) == deadline(date(2024, 10, 4), 1, CALENDAR)


def test_the_next_working_day_is_never_the_day_itself() -> None:
    assert next_workday(date(2024, 9, 27), CALENDAR) == date(2024, 9, 29)
    assert next_workday(date(2024, 9, 30), CALENDAR) == date(2024, 10, 8)
    assert next_workday(date(2024, 10, 8), CALENDAR) == date(2024, 10, 9)


def test_what_touches_a_year_without_its_notice_is_provisional_and_goes_by_weekends() -> None:
    # Thursday 31 December 2026 is the last day that is known.
    last_known = date(2026, 12, 31)
    over = end_of(last_known, Period(2), CALENDAR)

    assert end_of(last_known, Period(1), CALENDAR) == End(last_known, False)
    assert over == End(date(2027, 1, 1), True)
    assert not closes_by_itself(over)
    assert closes_by_itself(end_of(last_known, Period(1), CALENDAR))
    assert end_of(last_known, Period(2, Unit.CALENDAR), CALENDAR).is_provisional
    # Spring Festival 2027 is in February; by weekends alone nobody would be off.
    assert end_of(date(2027, 2, 8), Period(5), CALENDAR) == End(date(2027, 2, 12), True)


def test_a_time_limit_after_a_day_of_an_unknown_year_is_certain_when_all_its_days_are_known() -> None:
    # 2022-01-03 is off; 2021 has no notice here, and no day of it is counted.
    assert deadline(date(2021, 12, 31), 1, CALENDAR) == End(date(2022, 1, 4), False)
    # To find that 2021-12-31 is itself a working day, 2021 was asked.
    assert end_of(date(2021, 12, 31), Period(1), CALENDAR) == End(date(2021, 12, 31), True)


def test_a_gap_between_known_years_is_provisional() -> None:
    without = Calendar(CALENDAR.off, CALENDAR.worked, {2024: "a", 2026: "b"})

    assert end_of(date(2024, 12, 30), Period(300), without).is_provisional
    assert not end_of(date(2026, 3, 2), Period(100), without).is_provisional
    # A year that lost its notice goes by weekends again, whatever days are left of it.
    assert is_workday(date(2025, 10, 1), without)
    assert not is_workday(date(2025, 10, 11), without)


def test_with_an_empty_calendar_everything_is_provisional() -> None:
    friday = date(2024, 9, 27)

    assert end_of(friday, Period(5), Calendar()) == End(date(2024, 10, 3), True)
    assert deadline(friday, 1, Calendar()) == End(date(2024, 9, 30), True)
    assert end_of(friday, Period(1, Unit.CALENDAR), Calendar()) == End(friday, True)


@pytest.mark.parametrize("length", [0, -1, LONGEST_PERIOD + 1])
def test_a_length_out_of_range_is_refused(length: int) -> None:
    with pytest.raises(Refused, match="length"):
        Period(length)
    with pytest.raises(Refused, match="length"):
        deadline(date(2024, 1, 2), length, CALENDAR)


@pytest.mark.parametrize("day", [date.min, date(1948, 12, 31), date(2200, 1, 1), date.max])
def test_a_day_of_no_time_of_ours_is_refused(day: date) -> None:
    for ask in (
        lambda: end_of(day, Period(1), CALENDAR),
        lambda: deadline(day, 1, CALENDAR),
        lambda: next_workday(day, CALENDAR),
    ):
        with pytest.raises(Refused, match="day"):
            ask()


def test_the_first_and_the_last_year_and_the_longest_period_are_taken() -> None:
    # A Saturday, and a Tuesday with a Wednesday before it.
    assert next_workday(date(1949, 1, 1), CALENDAR) == date(1949, 1, 3)
    assert next_workday(date(2199, 12, 30), CALENDAR) == date(2199, 12, 31)
    assert end_of(date(2024, 1, 2), Period(LONGEST_PERIOD, Unit.CALENDAR), CALENDAR).last_day == date(2026, 9, 27)


def test_a_calendar_holds_only_what_the_weekday_does_not_say() -> None:
    with pytest.raises(ValueError, match="2024-10-05"):
        Calendar(off=frozenset([date(2024, 10, 5)]))
    with pytest.raises(ValueError, match="2024-10-08"):
        Calendar(worked=frozenset([date(2024, 10, 8)]))


def year_2026(*without: str, **also: bool) -> list[SpecialDay]:
    days = {day: False for day in CALENDAR.off if day.year == 2026}
    days |= {day: True for day in CALENDAR.worked if day.year == 2026}
    days |= {date.fromisoformat(day.replace("_", "-")[1:]): worked for day, worked in also.items()}
    return [SpecialDay(day, worked, "节") for day, worked in sorted(days.items()) if day.isoformat() not in without]


def test_the_days_of_a_year_that_fit_have_no_fault() -> None:
    assert faults_of_year(2026, year_2026()) == []
    # A notice may reach back into the last December.
    assert faults_of_year(2026, year_2026(_2025_12_27=True, _2025_12_31=False)) == []


@pytest.mark.parametrize(
    ("days", "path", "said"),
    [
        (year_2026(_2026_10_03=False), "2026-10-03", "本来就休息"),
        (year_2026(_2026_10_08=True), "2026-10-08", "本来就上班"),
        (year_2026(_2026_10_03=True), "2026-10-03", "法定节日"),
        (year_2026(_2025_11_28=False), "2025-11-28", "不在 2026 年内"),
        (year_2026(_2027_01_01=False), "2027-01-01", "不在 2026 年内"),
        (year_2026("2026-10-01"), "2026-10-01", "缺少此日"),
        ([*year_2026(), SpecialDay(date(2026, 10, 10), True, "节", "C9")], "C9", "出现两次"),
        ([*year_2026(), SpecialDay(date(2026, 10, 8), False, " ", "C9")], "C9", "缺少节日名称"),
    ],
)
def test_the_faults_of_a_year_are_told_at_their_place(days: list[SpecialDay], path: str, said: str) -> None:
    (fault,) = faults_of_year(2026, days)

    assert (fault.path, said in fault.message) == (path, True)


def test_half_a_year_or_none_is_refused() -> None:
    assert len(faults_of_year(2026, [])) == 4
    for year in (1948, 2200):
        (fault,) = faults_of_year(year, [])
        assert (fault.path, str(year) in fault.message) == ("year", True)
    for year in (1949, 2199):
        assert "year" not in [one.path for one in faults_of_year(year, [])]
