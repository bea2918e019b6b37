"""Working days 工作日: which days are worked, and on which day a period or a time limit ends. No clock, no database.

What is worked is laid down year by year in a notice of the State Council's General Office 国办. Nobody knows a year
before its notice is out: what touches such a year is computed by weekends alone and marked provisional 暂定, and
nothing closes by itself on a provisional day.

Decided here, and marked [D] where it applies: the day on which a publicity begins counts if it is a working day, else
the next working day is the first; calendar days run on from there over every day, and their last day stays where it
falls, though it be a holiday; a time limit counts from the day after the event.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from registry.domain.errors import Fault, Refused
from registry.domain.facts import FIRST_YEAR, LAST_YEAR

LONGEST_PERIOD = 1_000
_DAY = timedelta(days=1)
_SATURDAY = 5
# Month and day of the holidays of fixed date in 全国年节及纪念日放假办法, those of before 2025 as well as since. The
# others follow the moon or the sun.
_ALWAYS_OFF = ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))


class Unit(StrEnum):
    """What a period is counted in."""

    WORKING = "working"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days on which it is not the weekday that decides, and the years of which that is known.

    With nothing in it, nothing is known: every end is provisional.

    Attributes:
        off: Mondays to Fridays without work 放假.
        worked: Saturdays and Sundays with work 调休上班.
        gazetted: year to the notice that laid it down.

    Raises:
        ValueError: a day off that is a weekend, or a day worked that is none; that is a defect of whoever filled it.
    """

    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()
    gazetted: Mapping[int, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        wrong = sorted(
            {day for day in self.off if _is_weekend(day)} | {day for day in self.worked if not _is_weekend(day)}
        )
        if wrong:
            raise ValueError(f"their weekday already says so: {', '.join(map(str, wrong))}")

    def knows(self, day: date) -> bool:
        """Say whether the year of a day has its notice."""
        return day.year in self.gazetted


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time as a notice of the city states it, as 5 working days.

    Raises:
        Refused: at `length`, unless it is from 1 to LONGEST_PERIOD.
    """

    length: int
    unit: Unit = Unit.WORKING

    def __post_init__(self) -> None:
        if not 1 <= self.length <= LONGEST_PERIOD:
            raise Refused.at("length", f"应为 1–{LONGEST_PERIOD} 天，现为 {self.length} (number of days out of range)")


@dataclass(frozen=True, slots=True)
class End:
    """The last day of a period or time limit; that whole day still belongs to it.

    Attributes:
        is_provisional: a day was counted in a year whose notice is not known; the last day may still change.
    """

    last_day: date
    is_provisional: bool


def is_workday(day: date, calendar: Calendar) -> bool:
    """Say whether a day is worked; in a year not gazetted, by its weekday alone (see `Calendar.knows`)."""
    if calendar.knows(day):
        if day in calendar.off:
            return False
        if day in calendar.worked:
            return True
    return not _is_weekend(day)


def next_workday(day: date, calendar: Calendar) -> date:
    """Return the first working day after a day, never that day itself.

    In a year not gazetted it goes by weekdays; where that matters, ask `deadline(day, 1, calendar)`.

    Raises:
        Refused: at `day`, for a year outside FIRST_YEAR to LAST_YEAR.
    """
    return _first_worked(_of_our_time(day) + _DAY, calendar)


def end_of(first_day: date, period: Period, calendar: Calendar) -> End:
    """Return the last day of a period that begins on a day, as a publicity does 公示.

    The first day that counts is `first_day` itself if it is a working day, else the next one (policy §9: five working
    days from Monday 2023-03-20 end on Friday 2023-03-24). That holds for either unit [D]: a publicity put up on a
    holiday begins when people are back. Of working days, the `length`-th is the last. Of calendar days, every day
    counts from the first on, and the last stays where it falls, also on a day off [D].

    It is provisional when any day from `first_day` to the last day lies in a year not gazetted, whatever the unit [D].

    Raises:
        Refused: at `day`, for a year outside FIRST_YEAR to LAST_YEAR.
    """
    day = _first_worked(_of_our_time(first_day), calendar)
    if period.unit is Unit.CALENDAR:
        day += (period.length - 1) * _DAY
    else:
        for _ in range(period.length - 1):
            day = _first_worked(day + _DAY, calendar)
    years = range(first_day.year, day.year + 1)
    return End(day, any(year not in calendar.gazetted for year in years))


def deadline(after_day: date, working_days: int, calendar: Calendar) -> End:
    """Return the last day of a time limit of so many working days after an event, as “within 10 working days of”.

    The day after the event counts as the first, if it is a working day; the day of the event never counts, and that
    its year is not gazetted makes nothing provisional [D].

    Raises:
        Refused: at `length`, unless it is from 1 to LONGEST_PERIOD; at `day`, for a year out of range.
    """
    return end_of(_of_our_time(after_day) + _DAY, Period(working_days), calendar)


def workdays_left(today: date, last_day: date, calendar: Calendar) -> int:
    """Count the working days that are left after today, up to a last day; 0 on that day itself and when it is over."""
    count, day = 0, today
    while day < last_day:
        day += _DAY
        count += is_workday(day, calendar)
    return count


def closes_by_itself(end: End) -> bool:
    """Say whether what ends may be closed without a person once its last day is over: never on a provisional day."""
    return not end.is_provisional


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day of which a notice says something else than its weekday.

    Attributes:
        name: the holiday it belongs to, as 国庆节.
        at: where it stands in a list, as `C5`; empty outside one.
    """

    day: date
    is_workday: bool
    name: str
    at: str = ""


def faults_of_year(year: int, days: Iterable[SpecialDay]) -> list[Fault]:
    """Return everything wrong with the days that the notice of a year is said to state, in their order.

    A notice for a year may reach back into the last December [D]: that for 2019 did, and moved work to 2018-12-29. A
    list is refused that lacks a holiday of fixed date: half a list would let periods end too early.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return [Fault("year", f"年份应在 {FIRST_YEAR}–{LAST_YEAR} 之间，现为 {year} (year out of range)")]
    faults: list[Fault] = []
    seen: set[date] = set()
    for one in days:
        fault = _fault_of(one, year, seen)
        if fault:
            faults.append(Fault(one.at or one.day.isoformat(), fault))
        seen.add(one.day)
    for month, number in _ALWAYS_OFF:
        day = date(year, month, number)
        if not _is_weekend(day) and day not in seen:
            faults.append(Fault(day.isoformat(), "缺少此日：每年都放假，名单不全 (a holiday every year is missing)"))
    return faults


def _fault_of(one: SpecialDay, year: int, seen: set[date]) -> str | None:
    day = one.day
    if day.year != year and (day.year, day.month) != (year - 1, 12):
        return f"{day} 不在 {year} 年内，也不在上年 12 月 (not of that year)"
    if day in seen:
        return f"{day} 出现两次 (stated twice)"
    if one.is_workday and not _is_weekend(day):
        return f"{day} 是星期{_weekday(day)}，本来就上班，只列周末上班的日子 (worked anyway)"
    if not one.is_workday and _is_weekend(day):
        return f"{day} 是星期{_weekday(day)}，本来就休息，只列周一至周五放假的日子 (off anyway)"
    if one.is_workday and (day.month, day.day) in _ALWAYS_OFF:
        return f"{day} 是法定节日，不会上班 (a holiday every year)"
    if not one.name.strip():
        return f"{day} 缺少节日名称 (the holiday has no name)"
    return None


def _first_worked(day: date, calendar: Calendar) -> date:
    """Return the first working day from a day on, that day included."""
    while not is_workday(day, calendar):
        day += _DAY
    return day


def _of_our_time(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Refused.at("day", f"年份应在 {FIRST_YEAR}–{LAST_YEAR} 之间，现为 {day} (year out of range)")
    return day


def _is_weekend(day: date) -> bool:
    return day.weekday() >= _SATURDAY


def _weekday(day: date) -> str:
    return "一二三四五六日"[day.weekday()]
