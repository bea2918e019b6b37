"""Books under generated histories: imports may come twice or in any order; a replay of the ledger is what is kept."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, timedelta
from typing import Any

from books_filed import ask, ledger_rows, whole
from books_histories import (
    DISTRICTS,
    FIRMS,
    QUESTIONS,
    Cancelled,
    Deed,
    deeds_of,
    file,
    filed,
    firm_rows,
    first_rows,
    histories,
    on_sqlite,
    steady,
    unrepeated,
)
from books_oracle import ABOVE_SCALE, LADDER, Books
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from undone import undone

from registry.domain.chain import Entry, filed_by, verify
from registry.domain.events import StatusEvent, Tag
from registry.domain.standing import standing_of
from registry.store import books
from registry.store.base import Base
from registry.store.books import Question
from registry.store.firms import Firm as FirmRow
from registry.store.ledger import Filing
from registry.store.queries import firms_page
from registry.store.standing import StandingChange, StandingSpan, Tally
from registry.work.keep_books import OPEN


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


def everything(session: Session) -> dict[str, list[str]]:
    return {
        table.name: sorted(map(repr, session.execute(select(table)).all())) for table in Base.metadata.sorted_tables
    }


@on_sqlite
@steady(8)
@given(deeds=histories())
def test_importing_twice_changes_nothing(engine: Engine, deeds: list[Deed]) -> None:
    with undone(engine) as session:
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
        with undone(engine) as session:
            for deed in order:
                file(session, deed)
            outcomes.append((standing_rows(session), [whole(ask(session, question)) for question in questions]))

    assert outcomes[0] == outcomes[1]


@steady(10)
@given(deeds=histories())
def test_a_replay_of_the_ledger_is_what_is_kept_and_its_chain_holds(engine: Engine, deeds: list[Deed]) -> None:
    with undone(engine) as session:
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
    with undone(engine) as session:
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
    with undone(engine) as session:
        told = filed(session, deeds)
        hand_books = Books(told.firms)
        steps = Counter((hand_books.rung(one, start), hand_books.rung(one, end)) for one in told.firms)
        steps.pop((None, None), None)

        assert books.transitions(session, start, end) == steps
        for (before, after), number in steps.items():
            behind = books.made_the_step(start, end, before, after)
            assert len(firms_page(session, only=behind.condition).firms) == number
