"""Keeps the working calendar: reads a list of holidays, files the notice of a year. Flushes, never commits.

A year is filed whole or not at all; filed anew, it takes the place of what was filed before, and the trail keeps both.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from registry.city.parameters import seed_file
from registry.domain.errors import Fault, Refused
from registry.domain.trail import Doer, Tag
from registry.domain.workdays import Calendar, SpecialDay, faults_of_year
from registry.sheets.cells import Cell, Wrong, check_usable, is_blank, shown
from registry.sheets.headings import list_column
from registry.sheets.reading import ListReader
from registry.sheets.table import read_table
from registry.sheets.values import read_day, read_word
from registry.store.calendars import CalendarDay, CalendarYear, days_stated, gazetted_years
from registry.work.trace import record

SEEDS = "holidays.csv"
UPGRADE = Doer.program("upgrade")
LONGEST_NAME = 50
LONGEST_SOURCE = 200
KIND_WORDS = {"off": "放假", "worked": "上班"}
_OTHER_WORDS = {"休": "off", "班": "worked", "调休上班": "worked"}
# The last three are what the seeds tell beside; whoever imports a year says them apart.
HEADINGS = {
    "day": "日期",
    "kind": "类别",
    "name": "节日",
    "year": "年度",
    "source": "依据",
    "gazetted_on": "发文日期",
}


@dataclass(frozen=True, slots=True)
class FiledYear:
    """What filing a year came to.

    Attributes:
        off: weekdays without work.
        worked: days of weekends with work.
        is_news: false when all of it was known already; then nothing was written.
        replaced: the notice whose place it took, or None.
    """

    year: int
    off: int
    worked: int
    is_news: bool
    replaced: str | None


def calendar_of(session: Session) -> Calendar:
    """Return the calendar as it is known; with empty tables one in which every end is provisional. Two look-ups."""
    days = days_stated(session)
    return Calendar(
        off=frozenset(one.day for one in days if not one.is_workday),
        worked=frozenset(one.day for one in days if one.is_workday),
        gazetted={one.year: one.source for one in gazetted_years(session)},
    )


def read_days(path: Path | str, year: int) -> list[SpecialDay]:
    """Read a list of holidays, .xlsx or .csv, one row a day: `day`, `kind` off or worked, `name`.

    Headers and kinds may be Chinese. A column `year` must name the year throughout; `source` and `gazetted_on` are not
    looked at.

    Raises:
        Refused: with every fault of the file, at its cell.
    """
    required = {key: HEADINGS[key] for key in ("day", "kind", "name")}
    reader = ListReader(read_table(path), list_column(HEADINGS), required)
    places = {key: place for (key, _), place in reader.places.items()}
    rows: list[tuple[int, SpecialDay]] = []
    for number, cells in reader.rows() if required.keys() <= places.keys() else ():
        read: dict[str, Any] = {}
        for key in ("day", "kind", "name", "year"):
            if key not in places:
                continue
            cell = cells[places[key]]
            try:
                read[key] = _read(key, cell, year)
            except Wrong as wrong:
                reader.add(number, places[key], cell, str(wrong))
        if required.keys() <= read.keys():
            rows.append((number, SpecialDay(read["day"], read["kind"] == "worked", read["name"], f"第 {number} 行")))
    reading = reader.reading(rows)
    if reading.faults:
        raise Refused(fault.as_fault() for fault in reading.faults)
    return [row for _, row in reading.rows]


def _read(key: str, cell: Cell, year: int) -> Any:
    check_usable(cell)
    if key == "year":
        if not is_blank(cell) and shown(cell).strip() != str(year):
            raise Wrong(f"应为 {year} (another year)")
        return year
    if is_blank(cell):
        raise Wrong("必填 (required)")
    if key == "day":
        return read_day(cell)
    if key == "kind":
        return read_word(KIND_WORDS, cell, _OTHER_WORDS)
    if not isinstance(cell, str):
        raise Wrong("应为文字 (text expected)")
    return cell.strip()


def import_year(
    session: Session,
    rows: Iterable[SpecialDay],
    year: int,
    source: str,
    doer: Doer,
    now: datetime,
    *,
    gazetted_on: date | None = None,
) -> FiledYear:
    """File the notice of a year; what was filed of that year before goes. Filed again as it is, it changes nothing.

    Args:
        rows: every day that the notice makes something else than its weekday, and no other.
        source: the notice, as 国办发明电〔2025〕7号.
        now: with its zone.
        gazetted_on: the day of the notice, where it is known.

    Raises:
        Refused: with every fault of the rows, or at `year` or `source`; nothing was written then.
    """
    days = sorted(rows, key=lambda one: one.day)
    source = source.strip()
    faults = [*_faults_of_source(source), *faults_of_year(year, days), *_faults_of_names(days)]
    if not faults:
        faults = _claimed_by_another_year(session, year, days)
    if faults:
        raise Refused(faults)
    stood = session.get(CalendarYear, year)
    before = _told(stood.source, stood.gazetted_on, days_stated(session, year)) if stood else None
    after = _told(source, gazetted_on, days)
    off, worked = len(after["off"]), len(after["worked"])
    if before == after:
        return FiledYear(year, off, worked, False, None)
    replaced = stood.source if stood else None
    if stood is None:
        session.add(CalendarYear(year=year, source=source, gazetted_on=gazetted_on))
    else:
        stood.source, stood.gazetted_on = source, gazetted_on
        for day in days_stated(session, year):
            session.delete(day)
    session.flush()
    session.add_all(
        CalendarDay(
            day=one.day, is_workday=one.is_workday, name=one.name.strip(), year=year, source=source, known_at=now
        )
        for one in days
    )
    session.flush()
    told = {"deed": "import holidays", "year": year}
    record(
        session,
        Tag.BOOKS_FILED,
        doer,
        now=now,
        subject=f"calendar:{year}",
        before=before and told | before,
        after=told | after,
    )
    return FiledYear(year, off, worked, True, replaced)


def ensure_calendar(session: Session, now: datetime, doer: Doer = UPGRADE) -> list[int]:
    """File every year of the seeds that is not known yet; return those years.

    A year that is known stays as it is, also where the seeds say otherwise [D]: it may have been imported since.

    Args:
        now: with its zone.
    """
    known = {one.year for one in gazetted_years(session)}
    filed = []
    for notice, days in _seeded():
        if notice.year not in known:
            import_year(session, days, notice.year, notice.source, doer, now, gazetted_on=notice.gazetted_on)
            filed.append(notice.year)
    return filed


def shipped_years() -> set[int]:
    """Return the years whose notice came with the program; `registry upgrade` files them."""
    return {notice.year for notice, _days in _seeded()}


@dataclass(frozen=True, slots=True)
class _Notice:
    year: int
    source: str
    gazetted_on: date


def _seeded() -> Iterator[tuple[_Notice, list[SpecialDay]]]:
    """Yield the notices of the seeds with their days, by year."""
    found: dict[_Notice, list[SpecialDay]] = {}
    for row in csv.DictReader(seed_file(SEEDS).read_text("utf-8").splitlines()):
        notice = _Notice(int(row["year"]), row["source"], date.fromisoformat(row["gazetted_on"]))
        day = SpecialDay(date.fromisoformat(row["day"]), row["kind"] == "worked", row["name"])
        found.setdefault(notice, []).append(day)
    yield from sorted(found.items(), key=lambda one: one[0].year)


def _told(source: str, gazetted_on: date | None, days: Iterable[SpecialDay | CalendarDay]) -> dict[str, Any]:
    """Return a year as the trail keeps it."""
    by_kind: dict[bool, dict[str, str]] = {False: {}, True: {}}
    for one in days:
        by_kind[one.is_workday][one.day.isoformat()] = one.name.strip()
    return {"source": source, "gazetted_on": gazetted_on, "off": by_kind[False], "worked": by_kind[True]}


def _faults_of_source(source: str) -> list[Fault]:
    if source and len(source) <= LONGEST_SOURCE and source.isprintable():
        return []
    return [Fault("source", f"应为通知的文号，1–{LONGEST_SOURCE} 字 (the notice expected, in so many characters)")]


def _faults_of_names(days: Sequence[SpecialDay]) -> list[Fault]:
    return [
        Fault(one.at or one.day.isoformat(), f"节日名称应不超过 {LONGEST_NAME} 字，不含控制符 (not a name)")
        for one in days
        if len(one.name) > LONGEST_NAME or not one.name.isprintable()
    ]


def _claimed_by_another_year(session: Session, year: int, days: Sequence[SpecialDay]) -> list[Fault]:
    """Return a fault for every day that the notice of the year before or after states already."""
    others = {one.day: one.year for beside in (year - 1, year + 1) for one in days_stated(session, beside)}
    return [
        Fault(one.at or one.day.isoformat(), f"{others[one.day]} 年的通知已列出 {one.day} (stated by another year)")
        for one in days
        if one.day in others
    ]
