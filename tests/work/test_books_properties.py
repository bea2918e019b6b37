"""The books under generated histories: whatever is filed, corrected and cancelled, they balance and never forget.

Every history is filed list by list at later and later moments, and stated beside it to the plain oracle of
`books_oracle`, which counts day after day.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import combinations, groupby, pairwise
from typing import Any

import pytest
from books_oracle import ABOVE_SCALE, LADDER, Books, Hand, Stated, Stay, Title
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from make import code
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from registry.domain.chain import Entry, filed_by, verify
from registry.domain.events import StatusEvent, Tag
from registry.domain.firms import Firm, ScaleRow, TitleRow
from registry.domain.standing import EFFECTS, standing_of
from registry.store import books
from registry.store.base import Base
from registry.store.books import BREAKDOWNS, Question
from registry.store.firms import Firm as FirmRow
from registry.store.ledger import Filing, LedgerEntry, Revoked
from registry.store.queries import firms_page
from registry.store.standing import StandingChange, StandingSpan, Tally
from registry.store.statements import Title as TitleOfBooks
from registry.store.tallies import tallied
from registry.work.count import COUNTS, FLOWS, Count, CountRow, count, question_of, rolled_up, totals
from registry.work.enrol import enrol
from registry.work.file_books import file_stays, file_titles
from registry.work.filing import OpenFiling
from registry.work.identify import find
from registry.work.keep_books import OPEN, keep

DAY = timedelta(days=1)
TODAY = date(2027, 12, 31)
NOW = datetime(2027, 12, 31, 4, tzinfo=UTC)
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


# --- Histories -------------------------------------------------------------------------------------------------------


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
EVERY_QUESTION = st.lists(QUESTIONS, min_size=4, max_size=8)


# --- The books under test --------------------------------------------------------------------------------------------


@contextmanager
def empty_books(engine: Engine) -> Iterator[Session]:
    """Give a session on a database at the newest migration with nothing in it; all is undone."""
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            yield session
        outer.rollback()


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


def ask(session: Session, question: Question, known_at: datetime | None = None) -> Count:
    asked = Question(question.start, question.as_of, question.size_year, question.by, known_at)
    return count(session, asked, now=NOW)


def plain(rows: Sequence[CountRow]) -> list[tuple[str, tuple[Any, ...], dict[str, int]]]:
    """Return rows as plain values."""
    return [(row.tier, tuple(row.keys.items()), dict(row.counts)) for row in rows]


def whole(counted: Count) -> tuple[Any, ...]:
    return counted.year, counted.as_of, plain(counted.rows), plain(counted.holders), counted.firms, counted.titles


def rows_of(counted: Count) -> tuple[CountRow, ...]:
    return (*counted.rows, *counted.holders)


def by_hand(hand: Hand) -> dict[Any, dict[str, int]]:
    return {cell: dict.fromkeys(COUNTS, 0) | dict(counts) for cell, counts in hand.counts.items()}


def standing_rows(session: Session) -> tuple[Counter[Any], Counter[Any], dict[Any, int]]:
    """Return the spans and changes that hold, with the codes of their firms, and the tallies."""
    spans = select(FirmRow.uscc, StandingSpan.tier, StandingSpan.starts_on, StandingSpan.ends_on, StandingSpan.district)
    changes = select(
        FirmRow.uscc, StandingChange.tier, StandingChange.day, StandingChange.kind, StandingChange.district
    )
    held = [
        Counter(tuple(row) for row in session.execute(query.join(FirmRow, FirmRow.id == table.firm_id).where(holds)))
        for query, table, holds in (
            (spans, StandingSpan, StandingSpan.superseded_at.is_(None)),
            (changes, StandingChange, StandingChange.superseded_at.is_(None)),
        )
    ]
    columns = Tally.__table__.c
    sums = session.execute(select(columns.tier, columns.kind, columns.day, columns.district, columns["count"]))
    tallies = {tuple(key): number for *key, number in sums if number}
    return held[0], held[1], tallies


def ledger_rows(session: Session) -> list[Any]:
    return list(session.execute(select(LedgerEntry.__table__).order_by(LedgerEntry.seq)))


def everything(session: Session) -> dict[str, list[str]]:
    return {
        table.name: sorted(map(repr, session.execute(select(table)).all())) for table in Base.metadata.sorted_tables
    }


# --- Properties ------------------------------------------------------------------------------------------------------


@steady(10)
@given(deeds=histories(), questions=EVERY_QUESTION)
def test_counts_are_those_of_the_oracle_balance_and_add_up(
    engine: Engine, deeds: list[Deed], questions: list[Question]
) -> None:
    counts_agree(engine, deeds, questions)


@pytest.mark.slow
@on_sqlite
@steady(150)
@given(deeds=histories(), questions=EVERY_QUESTION)
def test_counts_of_many_more_histories_are_those_of_the_oracle(
    engine: Engine, deeds: list[Deed], questions: list[Question]
) -> None:
    counts_agree(engine, deeds, questions)


def counts_agree(engine: Engine, deeds: list[Deed], questions: list[Question]) -> None:
    with empty_books(engine) as session:
        hand_books = Books(filed(session, deeds).firms)
        for question in questions:
            counted = ask(session, question)
            hand = hand_books.count(counted.year, question.as_of, question.by)

            found = {(row.tier, tuple(row.keys.values())): dict(row.counts) for row in counted.rows}
            assert {cell: counts for cell, counts in found.items() if any(counts.values())} == by_hand(hand)
            held = {tuple(row.keys.values()): row.counts for row in counted.holders}
            stocks = {
                keys: {name: counts[name] for name in ("stock_start", "stock_end")} for keys, counts in held.items()
            }
            stood = {keys: {"stock_start": 0, "stock_end": 0} | dict(counts) for keys, counts in hand.holders.items()}
            assert {keys: counts for keys, counts in stocks.items() if any(counts.values())} == stood
            assert counted.firms == len(hand.firms)
            assert counted.titles == sum(row.counts["stock_end"] for row in counted.rows if row.tier in LADDER)
            for row in rows_of(counted):
                flows = sum(EFFECTS[name] * row.counts[name] for name in FLOWS)
                assert row.counts["stock_end"] == row.counts["stock_start"] + flows
                assert all(number >= 0 for number in row.counts.values())
            for size in range(len(question.by)):
                for fewer in combinations(question.by, size):
                    asked = Question(question.start, question.as_of, question.size_year, fewer)
                    assert whole(rolled_up(counted, fewer)) == whole(ask(session, asked))
            city = ask(session, Question(question.start, question.as_of, question.size_year))
            assert totals(counted) == {row.tier: dict(row.counts) for row in rows_of(city)}


@on_sqlite
@steady(8)
@given(deeds=histories(), questions=EVERY_QUESTION)
def test_the_lists_behind_the_numbers_are_the_firms_of_the_oracle(
    engine: Engine, deeds: list[Deed], questions: list[Question]
) -> None:
    with empty_books(engine) as session:
        hand_books = Books(filed(session, deeds).firms)
        for question in questions[:4]:
            for asked in (question, at_the_last_moment(session, question)):
                counted = ask(session, asked, asked.known_at)
                hand = hand_books.count(counted.year, asked.as_of, asked.by)
                for row in counted.rows:
                    lists_agree(session, asked, row, hand)


def at_the_last_moment(session: Session, question: Question) -> Question:
    moment = books.last_moment(session)
    return Question(question.start, question.as_of, question.size_year, question.by, moment)


def lists_agree(session: Session, question: Question, row: CountRow, hand: Hand) -> None:
    expected = hand.behind.get((row.tier, tuple(row.keys.values())), {})
    for name, number in row.counts.items():
        if name == "stock_start":
            behind = books.behind_stock(question.start, row.tier, question, row.keys)
        elif name == "stock_end":
            behind = books.behind_stock(question.as_of, row.tier, question, row.keys)
        elif name in ("moved_in", "moved_out") and "district" not in question.by:
            continue
        else:
            behind = books.behind_changes(row.tier, (name,), question, row.keys)
        if number or name.startswith("stock"):
            page = firms_page(session, only=behind.condition, limit=1000)
            assert {firm.uscc for firm in page.firms} == expected.get(name, set())
            # A firm that came twice stands twice among the rows, once in the list.
            assert len(session.execute(behind.numbers).all()) == number
            if name.startswith("stock"):
                assert len(page.firms) == number


@steady(8)
@given(deeds=histories(), questions=st.lists(QUESTIONS, min_size=3, max_size=6))
def test_what_was_known_at_a_moment_is_counted_alike_for_ever(
    engine: Engine, deeds: list[Deed], questions: list[Question]
) -> None:
    with empty_books(engine) as session:
        told, printed = Told(), []
        for deed in unrepeated(deeds):
            file(session, deed)
            told.hear(deed)
            moment = books.last_moment(session)
            at_once = [ask(session, question) for question in questions]
            assert {one.known_at for one in at_once} == {moment}
            printed.append((moment, at_once, deepcopy(told)))
        for moment, counts, known in printed:
            hand_books = Books(known.firms)
            for question, before in zip(questions, counts, strict=True):
                again = ask(session, question, moment)
                assert whole(again) == whole(before)
                hand = hand_books.count(again.year, question.as_of, question.by)
                found = {(row.tier, tuple(row.keys.values())): dict(row.counts) for row in again.rows}
                assert {cell: counts for cell, counts in found.items() if any(counts.values())} == by_hand(hand)


@steady(8)
@given(deeds=histories(), questions=st.lists(QUESTIONS, min_size=2, max_size=4))
def test_the_tallies_the_spans_and_the_changes_count_alike(
    engine: Engine, deeds: list[Deed], questions: list[Question]
) -> None:
    with empty_books(engine) as session:
        filed(session, deeds)
        for question in questions:
            for by in ((), ("district",)):
                asked = Question(question.start, question.as_of, question.size_year, by)
                start, during = tallied(session, asked)
                assert {cell: n for cell, n in start.items() if n} == books.stock(session, asked.start, asked)
                summed = {cell: {kind: n for kind, n in kinds.items() if n} for cell, kinds in during.items()}
                assert {cell: kinds for cell, kinds in summed.items() if kinds} == books.changes(session, asked)
                ends = {(row.tier, tuple(row.keys.values())): row for row in rows_of(ask(session, asked))}
                stands = {cell: row.counts["stock_end"] for cell, row in ends.items() if row.counts["stock_end"]}
                assert stands == books.stock(session, asked.as_of, asked)


@on_sqlite
@steady(8)
@given(deeds=histories(), by=st.sampled_from([(), ("district",), ("functional_area",), ("district", "industry")]))
def test_a_year_ends_where_the_next_begins(engine: Engine, deeds: list[Deed], by: tuple[str, ...]) -> None:
    def stocks(counted: Count, name: str) -> dict[Any, int]:
        rows = {(row.tier, tuple(row.keys.values())): row.counts[name] for row in rows_of(counted)}
        return {cell: number for cell, number in rows.items() if number}

    with empty_books(engine) as session:
        filed(session, deeds)
        counts = [ask(session, question_of(year, today=TODAY, by=by)) for year in range(2019, 2029)]
        for year, following in pairwise(counts):
            assert stocks(year, "stock_end") == stocks(following, "stock_start")


@on_sqlite
@steady(8)
@given(deeds=histories())
def test_importing_twice_changes_nothing(engine: Engine, deeds: list[Deed]) -> None:
    with empty_books(engine) as session:
        for deed in unrepeated(deeds):
            file(session, deed)
            if isinstance(deed.rows[0], Cancelled):
                continue
            before = everything(session)
            file(session, deed, now=deed.now + timedelta(hours=3))
            assert everything(session) == before


@st.composite
def lists_of_one_day(draw: st.DrawFn) -> tuple[list[Deed], list[Deed]]:
    """Draw lists with distinct keys, filed on one day, in two orders."""
    on = date(2025, 11, 25)
    groups = draw(st.integers(2, 4))
    rows = draw(first_rows())
    assume(rows)
    rows += [draw(firm_rows(number, draw(st.sampled_from([None, *DISTRICTS])))) for number in FIRMS]
    which = [draw(st.integers(0, groups - 1)) for _ in rows]
    lists = [
        deed
        for group in range(groups)
        for deed in deeds_of(on, [row for row, its in zip(rows, which, strict=True) if its == group])
    ]
    other = draw(st.permutations(lists))
    return lists, [Deed(deed.on, tuple(draw(st.permutations(deed.rows)))) for deed in other]


@on_sqlite
@steady(10)
@given(lists=lists_of_one_day(), questions=st.lists(QUESTIONS, min_size=2, max_size=3))
def test_the_order_of_imports_does_not_matter(
    engine: Engine, lists: tuple[list[Deed], list[Deed]], questions: list[Question]
) -> None:
    outcomes = []
    for order in lists:
        with empty_books(engine) as session:
            for deed in order:
                file(session, deed)
            outcomes.append((standing_rows(session), [whole(ask(session, question)) for question in questions]))

    assert outcomes[0] == outcomes[1]


@steady(10)
@given(deeds=histories())
def test_a_replay_of_the_ledger_is_what_is_kept_and_its_chain_holds(engine: Engine, deeds: list[Deed]) -> None:
    with empty_books(engine) as session:
        filed(session, deeds)
        entries = ledger_rows(session)
        spans, changes, tallies = standing_rows(session)

        replayed = replay(entries)
        assert (replayed[0], replayed[1]) == (spans, changes)
        assert Counter((tier, kind, day, place) for _, tier, day, kind, place in changes.elements()) == Counter(tallies)
        filed_as = {one.id: filed_by(one.deed, one.source, one.actor) for one in session.scalars(select(Filing))}
        head, broken = verify((Entry(*row[:1], *row[2:10], filed_as[row.filing_id]), row.hash) for row in entries)
        assert (head.seq, broken) == (len(entries), None)
        filings = set(session.scalars(select(Filing.filed_at)))
        assert {row.known_at.replace(tzinfo=UTC) for row in entries} <= filings


def replay(entries: Sequence[Any]) -> tuple[Counter[Any], Counter[Any]]:
    """Tell spans and changes from the events that nothing takes back."""
    gone = {row.voids for row in entries if row.voids is not None}
    events: dict[str, list[StatusEvent]] = {}
    for row in entries:
        if row.voids is None and row.seq not in gone:
            event = StatusEvent(row.takes_effect_on, Tag(row.tag), row.tier, row.district)
            events.setdefault(row.uscc, []).append(event)
    tiers, tags = (None, *LADDER, ABOVE_SCALE), list(Tag)
    spans, changes = Counter[Any](), Counter[Any]()
    for uscc, of_firm in events.items():
        # The ledger's order is that in which things became known; within a day they stand as they are derived.
        standing = standing_of(
            sorted(of_firm, key=lambda event: (event.on, tiers.index(event.tier), tags.index(event.tag)))
        )
        spans.update((uscc, one.tier, one.starts_on, one.ends_on or OPEN, one.district) for one in standing.spans)
        changes.update((uscc, one.tier, one.on, one.kind, one.district) for one in standing.changes)
    return spans, changes


@on_sqlite
@steady(8)
@given(deeds=histories())
def test_the_ledger_only_grows_and_takes_back_by_adding(engine: Engine, deeds: list[Deed]) -> None:
    with empty_books(engine) as session:
        before: list[Any] = []
        for deed in unrepeated(deeds):
            file(session, deed)
            entries = ledger_rows(session)
            assert entries[: len(before)] == before
            by_seq = {row.seq: row for row in entries}
            voids = [row.voids for row in entries if row.voids is not None]
            assert len(voids) == len(set(voids))
            for row in entries[len(before) :]:
                assert (row.tag == "corrected") == (row.voids is not None)
                if row.voids is not None:
                    taken = by_seq[row.voids]
                    same = (taken.uscc, taken.takes_effect_on, taken.tier, taken.district)
                    assert same == (row.uscc, row.takes_effect_on, row.tier, row.district)
                    assert taken.tag != "corrected"
            before = entries


@on_sqlite
@steady(8)
@given(deeds=histories(), year=st.integers(2020, 2027))
def test_the_steps_on_the_ladder_are_those_of_the_oracle(engine: Engine, deeds: list[Deed], year: int) -> None:
    start, end = date(year - 1, 12, 31), date(year, 12, 31)
    with empty_books(engine) as session:
        told = filed(session, deeds)
        hand_books = Books(told.firms)
        steps = Counter((hand_books.rung(one, start), hand_books.rung(one, end)) for one in told.firms)
        steps.pop((None, None), None)

        assert books.transitions(session, start, end) == steps
        for (before, after), number in steps.items():
            behind = books.made_the_step(start, end, before, after)
            assert len(firms_page(session, only=behind.condition).firms) == number


# --- What generated histories leave out, by example -------------------------------------------------------------------


def titled(session: Session, *rows: TitleRow, now: datetime = NOW) -> None:
    file_titles(session, rows, now=now, source="公告.xlsx")


def a_title(on: date, district: str = "370285", **changes: Any) -> TitleRow:
    return TitleRow(code(1), changes.pop("name", "甲示例"), district, "specialized", "new", on, **changes)


def listed(session: Session, on: date, district: str) -> None:
    now = datetime(on.year, on.month, on.day, 2, tzinfo=UTC)
    enrol(session, [Firm(code(1), "甲示例", {"district": district})], now=now, on=on, source="企业.xlsx")


def test_a_correction_stands_beside_what_it_corrects(session: Session) -> None:
    asked = question_of(2026, today=TODAY)
    titled(session, a_title(date(2023, 4, 19)))
    first = ask(session, asked)
    titled(session, a_title(date(2023, 4, 19), valid_until=date(2027, 6, 30)), now=NOW + DAY)

    tags = [row.tag for row in ledger_rows(session)]
    assert tags == ["recognised", "expired", "corrected", "corrected", "recognised", "expired"]
    assert [ask(session, asked).titles, ask(session, asked, first.known_at).titles] == [1, 0]


def test_a_count_asked_again_as_known_then_has_the_same_rows(session: Session) -> None:
    titled(session, a_title(date(2023, 4, 19), district="370299"))
    titled(session, a_title(date(2023, 4, 19), district="370285"), now=NOW + DAY)
    asked = question_of(2026, today=TODAY, by=("district",))
    counted = ask(session, asked)

    assert ask(session, asked, counted.known_at).rows == counted.rows


def test_a_list_that_says_what_the_last_one_said_is_no_statement_of_its_day(session: Session) -> None:
    """An undated list that tells nothing new when it comes changes nothing, also of what comes after it."""

    def districts(title_first: bool) -> list[str | None]:
        with session.begin_nested() as savepoint:
            listed(session, date(2025, 11, 25), "370285")
            for is_title in (title_first, not title_first):
                if is_title:
                    titled(session, a_title(date(2025, 11, 28), district="370211"))
                else:
                    listed(session, date(2025, 12, 1), "370285")
            asked = question_of(2025, today=TODAY, by=("district",))
            found = [row.keys["district"] for row in ask(session, asked).rows if row.counts["stock_end"]]
            savepoint.rollback()
        return found

    # News on 1 December, when the books said 370211; no news, when they said 370285 already.
    assert districts(title_first=True) == ["370285"]
    assert districts(title_first=False) == ["370211"]


def test_every_correction_is_a_filing(session: Session) -> None:
    titled(session, a_title(date(2023, 4, 19)))
    titled(session, a_title(date(2023, 4, 19), name="青岛更名有限公司"), now=NOW + DAY)

    moments = set(session.scalars(select(Filing.filed_at)))
    assert moments == {NOW, NOW + DAY}


def test_a_clock_that_is_late_does_not_undo_the_order_of_corrections(session: Session) -> None:
    titled(session, a_title(date(2023, 4, 19)))
    titled(session, a_title(date(2023, 4, 19), name="乙示例"), now=NOW + DAY)
    titled(session, a_title(date(2023, 4, 19), name="丙示例"), now=NOW)

    moments = list(session.scalars(select(TitleOfBooks.known_at).order_by(TitleOfBooks.id)))
    assert moments == sorted(set(moments))


def test_a_count_as_known_at_a_moment_to_come_is_one_that_can_be_asked_again(session: Session) -> None:
    titled(session, a_title(date(2023, 4, 19)))
    asked = question_of(2024, today=TODAY)
    early = ask(session, asked, NOW + 10 * DAY)
    titled(session, a_title(date(2023, 4, 19), valid_until=date(2023, 12, 31)), now=NOW + DAY)

    assert whole(ask(session, asked, early.known_at)) == whole(early)
