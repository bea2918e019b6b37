"""Generated histories of the books: lists of firms, titles and stays, their corrections, and deeds that cancel."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import combinations, groupby
from typing import Any

import pytest
from books_filed import DAY, TODAY
from books_oracle import LADDER, Stated, Stay, Title
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from make import code
from sqlalchemy.orm import Session

from registry.domain.firms import Firm, ScaleRow, TitleRow
from registry.store.books import BREAKDOWNS
from registry.store.ledger import Revoked
from registry.work.count import question_of
from registry.work.enrol import enrol
from registry.work.file_books import file_stays, file_titles
from registry.work.filing import OpenFiling
from registry.work.identify import find
from registry.work.keep_books import keep

FIRMS = range(1, 5)
# The last is well formed and unknown to the tables.
DISTRICTS = ("370211", "370212", "370285", "370299")
ALL_BREAKDOWNS = [by for size in range(len(BREAKDOWNS) + 1) for by in combinations(BREAKDOWNS, size)]
# What depends on the database is proved on either; the rest, which costs more there, on SQLite.
on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def steady(examples: int) -> settings:
    return settings(
        derandomize=True,
        deadline=None,
        database=None,
        max_examples=examples,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )


@dataclass(frozen=True)
class Cancelled:
    """A deed: titles of a tier are cancelled."""

    number: int
    tier: str
    on: date


Row = TitleRow | ScaleRow | Firm | Cancelled


@dataclass(frozen=True)
class Deed:
    """What is filed at once, of one kind, on a day."""

    on: date
    rows: tuple[Row, ...]

    @property
    def now(self) -> datetime:
        return datetime(self.on.year, self.on.month, self.on.day, 2, tzinfo=UTC)


@dataclass
class Told:
    """Everything that is stated of the firms, as it is known: what the oracle counts."""

    firms: dict[str, Stated] = field(default_factory=dict)

    def hear(self, deed: Deed) -> None:
        for row in deed.rows:
            if isinstance(row, Cancelled):
                self._of(code(row.number)).revocations.add((row.tier, row.on))
            elif isinstance(row, Firm):
                self._hear_firm(row, deed.on)
            elif isinstance(row, TitleRow):
                titles = self._of(row.uscc).titles
                key = row.tier, row.recognised_on
                # What a correction is silent about stays.
                until = row.valid_until or (titles[key].valid_until if key in titles else None)
                titles[key] = Title(row.kind, until, row.district)
            else:
                stays = self._of(row.uscc).stays
                before = stays.get(row.entered_on)
                stays[row.entered_on] = Stay(row.exited_on or (before.exited_on if before else None), row.district)

    def _of(self, uscc: str) -> Stated:
        return self.firms.setdefault(uscc, Stated())

    def _hear_firm(self, row: Firm, on: date) -> None:
        stated = self._of(row.uscc)
        facts: Any = row.facts
        if "district" in facts:
            stated.listings.append((on, facts["district"]))
        stated.industry = facts.get("industry", stated.industry)
        stated.functional_area = facts.get("functional_area", stated.functional_area)
        for year, figures in row.years.items():
            stated.figures[year] = {**stated.figures.get(year, {}), **figures}


def days(first: date, last: date) -> st.SearchStrategy[date]:
    """Draw days, often the first and the last of a year and the leap day."""
    edges = [date(year, *day) for year in range(first.year, last.year + 1) for day in ((1, 1), (12, 31), (2, 28))]
    edges += [date(2020, 2, 29), date(2024, 2, 29)]
    return st.dates(first, last) | st.sampled_from([day for day in edges if first <= day <= last])


@st.composite
def titles_of(draw: st.DrawFn, number: int, places: st.SearchStrategy[str]) -> list[TitleRow]:
    rows: dict[tuple[str, date], TitleRow] = {}
    for tier in draw(st.lists(st.sampled_from(LADDER), max_size=3, unique=True)):
        day = draw(days(date(2019, 1, 1), date(2025, 6, 30)))
        for _ in range(draw(st.integers(1, 3))):
            lasts = draw(st.none() | st.sampled_from([0, 1, 30, 364, 365, 700]))
            until = None if lasts is None else day + lasts * DAY
            kind = draw(st.sampled_from(["new", "new", "re_review"]))
            rows[tier, day] = TitleRow(code(number), "甲示例", draw(places), tier, kind, day, until)
            ends = until or day + 1095 * DAY
            day = max(date(2019, 1, 1), ends + draw(st.sampled_from([1, 1, 2, 0, -1, 3, -200, 150])) * DAY)
            if day.year > 2027:
                break
    return list(rows.values())


@st.composite
def stays_of(draw: st.DrawFn, number: int, places: st.SearchStrategy[str]) -> list[ScaleRow]:
    rows: dict[date, ScaleRow] = {}
    day = draw(days(date(2019, 1, 1), date(2025, 6, 30)))
    for _ in range(draw(st.integers(0, 3))):
        lasts = draw(st.sampled_from([None, 365, 364, 400, 30, 1, 0]))
        out = None if lasts is None else day + lasts * DAY
        rows[day] = ScaleRow(code(number), "甲示例", draw(places), day, "annual", out)
        day = (out or day + 300 * DAY) + draw(st.sampled_from([1, 2, 1, 0, 100, -20])) * DAY
    return list(rows.values())


@st.composite
def firm_rows(draw: st.DrawFn, number: int, place: str | None) -> Firm:
    facts: dict[str, Any] = {"district": place} if place else {}
    industry = draw(st.sampled_from([None, "3451", "2710", "0610", "7310"]))
    area = draw(st.sampled_from([None, None, "高新区", "蓝谷"]))
    facts |= {key: value for key, value in (("industry", industry), ("functional_area", area)) if value}
    years = {}
    for year in draw(st.lists(st.integers(2020, 2025), max_size=2, unique=True)):
        figures = {
            "employees": draw(st.sampled_from([None, 5, 20, 299, 300, 1000])),
            "revenue": draw(st.sampled_from([None, *(wan * 1_000_000 for wan in (299, 300, 2_000, 40_000))])),
        }
        years[year] = {key: value for key, value in figures.items() if value is not None}
    return Firm(code(number), "甲示例", facts, years)


@st.composite
def corrections(draw: st.DrawFn, rows: Sequence[Row], places: st.SearchStrategy[str]) -> list[Row]:
    """Draw rows that state again, and otherwise, what some of these stated."""
    found: list[Row] = []
    for row in rows:
        if isinstance(row, TitleRow) and draw(st.booleans()):
            until = draw(st.sampled_from([None, row.recognised_on, row.recognised_on + 400 * DAY]))
            kind = draw(st.sampled_from(["new", "re_review"]))
            found.append(TitleRow(row.uscc, row.name, draw(places), row.tier, kind, row.recognised_on, until))
        elif isinstance(row, ScaleRow) and draw(st.booleans()):
            out = draw(st.sampled_from([None, row.entered_on + 200 * DAY, row.entered_on + 500 * DAY]))
            found.append(ScaleRow(row.uscc, row.name, draw(places), row.entered_on, row.entry, out))
    return found


@st.composite
def cancellations(draw: st.DrawFn, rows: Sequence[Row]) -> list[Row]:
    titles = [row for row in rows if isinstance(row, TitleRow)]
    if not titles:
        return []
    found: dict[tuple[str, str, date], Row] = {}
    for row in draw(st.lists(st.sampled_from(titles), max_size=2)):
        after = draw(st.sampled_from([0, 1, 100, 364, 365, 900]))
        number = next(number for number in FIRMS if code(number) == row.uscc)
        on = row.recognised_on + after * DAY
        found[row.uscc, row.tier, on] = Cancelled(number, row.tier, on)
    return list(found.values())


def deeds_of(on: date, rows: Sequence[Row]) -> list[Deed]:
    """Return the lists that rows of several kinds come in."""
    ordered = sorted(rows, key=lambda row: type(row).__name__)
    return [Deed(on, tuple(of_kind)) for _, of_kind in groupby(ordered, key=type)]


@st.composite
def first_rows(draw: st.DrawFn) -> list[Row]:
    """Draw titles and stays of a few firms, each stated once."""
    rows: list[Row] = []
    for number in FIRMS[: draw(st.integers(1, 4))]:
        home = draw(st.sampled_from(DISTRICTS))
        places = st.sampled_from([home, home, home, *DISTRICTS])
        rows += draw(titles_of(number, places))
        rows += draw(stays_of(number, places))
    return rows


@st.composite
def histories(draw: st.DrawFn) -> list[Deed]:
    """Draw what is filed, in its order: lists, corrections, cancellations and lists of firms mixed."""
    rows = draw(first_rows())
    assume(rows)
    rounds = draw(st.integers(1, 3))
    filed_on = sorted(draw(st.lists(days(date(2023, 6, 1), date(2026, 12, 31)), min_size=rounds, max_size=rounds)))
    when = [draw(st.integers(0, rounds - 1)) for _ in rows]
    anywhere = st.sampled_from(DISTRICTS)
    listed: dict[int, str] = {}
    known: list[Row] = []
    deeds: list[Deed] = []
    for turn, on in enumerate(filed_on):
        news = [row for row, its in zip(rows, when, strict=True) if its == turn]
        again = draw(corrections(known, anywhere)) if known else []
        cancelled = draw(cancellations(known)) if known else []
        for deed in draw(st.permutations(deeds_of(on, news) + deeds_of(on, again) + deeds_of(on, cancelled))):
            deeds.append(deed)
        firms: list[Row] = []
        for number in FIRMS:
            # A list that says again what the last one said tells nothing (see the test of its own below).
            others = [place for place in DISTRICTS if place != listed.get(number)]
            place = draw(st.sampled_from([None, *others]))
            if draw(st.booleans()):
                firms.append(draw(firm_rows(number, place)))
                listed[number] = place or listed.get(number, "")
        deeds += deeds_of(on, firms)
        known += news
    return deeds


QUESTIONS = st.builds(
    lambda year, day, by: question_of(year, today=TODAY, as_of=day and date(year, *day), by=by),
    st.integers(2019, 2027),
    st.sampled_from([None, None, None, (1, 1), (6, 30), (12, 30), (2, 28)]),
    st.sampled_from(ALL_BREAKDOWNS),
)


def file(session: Session, deed: Deed, now: datetime | None = None) -> None:
    rows: Any = deed.rows
    told: Any = {"now": now or deed.now, "source": "名单.xlsx"}
    if isinstance(rows[0], TitleRow):
        file_titles(session, rows, **told)
    elif isinstance(rows[0], ScaleRow):
        file_stays(session, rows, **told)
    elif isinstance(rows[0], Firm):
        enrol(session, rows, on=deed.on, **told)
    else:
        cancel(session, rows, told["now"])
    session.flush()


def cancel(session: Session, rows: Sequence[Cancelled], now: datetime) -> None:
    """Revoke titles; there is no deed for it yet."""
    connection = session.connection()
    filing = OpenFiling(connection, now=now, deed="revoke", source="决定")
    firms = find(connection, [code(row.number) for row in rows])
    filing.note()
    for row in rows:
        session.add(
            Revoked(
                firm_id=firms[code(row.number)]["id"],
                tier=row.tier,
                revoked_on=row.on,
                cause="提供虚假数据",
                source="决定",
                known_at=filing.moment,
            )
        )
    session.flush()
    keep(connection, firms, filing)
    filing.close()


def filed(session: Session, deeds: Sequence[Deed]) -> Told:
    """File a history whole; return what is then stated."""
    told = Told()
    for deed in unrepeated(deeds):
        file(session, deed)
        told.hear(deed)
    return told


def unrepeated(deeds: Sequence[Deed]) -> list[Deed]:
    """Return the deeds with a cancellation stated once: of one day and tier only one may hold."""
    seen: set[Row] = set()
    found = []
    for deed in deeds:
        rows = tuple(row for row in deed.rows if not (isinstance(row, Cancelled) and row in seen))
        seen.update(row for row in rows if isinstance(row, Cancelled))
        if rows:
            found.append(Deed(deed.on, rows))
    return found
