"""The books under generated histories: whatever is filed, corrected and cancelled, they balance and never forget.

Every history is filed list by list at later and later moments, and stated beside it to the plain oracle of
`books_oracle`, which counts day after day.
"""

from copy import deepcopy
from itertools import combinations, pairwise
from typing import Any

import pytest
from books_filed import TODAY, ask, whole
from books_histories import QUESTIONS, Deed, Told, file, filed, histories, on_sqlite, steady, unrepeated
from books_oracle import LADDER, Books, Hand
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from undone import undone

from registry.domain.standing import EFFECTS
from registry.store import books
from registry.store.books import Question
from registry.store.queries import firms_page
from registry.store.tallies import tallied
from registry.work.count import COUNTS, FLOWS, Count, CountRow, question_of, rolled_up, totals

EVERY_QUESTION = st.lists(QUESTIONS, min_size=4, max_size=8)


def rows_of(counted: Count) -> tuple[CountRow, ...]:
    return (*counted.rows, *counted.holders)


def by_hand(hand: Hand) -> dict[Any, dict[str, int]]:
    return {cell: dict.fromkeys(COUNTS, 0) | dict(counts) for cell, counts in hand.counts.items()}


@steady(10)
@given(deeds=histories(), questions=EVERY_QUESTION)
def test_counts_are_those_of_the_oracle_balance_and_add_up(
    engine: Engine, deeds: list[Deed], questions: list[Question]
) -> None:
    counts_agree(engine, deeds, questions)


@pytest.mark.long
@on_sqlite
@steady(150)
@given(deeds=histories(), questions=EVERY_QUESTION)
def test_counts_of_many_more_histories_are_those_of_the_oracle(
    engine: Engine, deeds: list[Deed], questions: list[Question]
) -> None:
    counts_agree(engine, deeds, questions)


def counts_agree(engine: Engine, deeds: list[Deed], questions: list[Question]) -> None:
    with undone(engine) as session:
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
    with undone(engine) as session:
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
    with undone(engine) as session:
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
    with undone(engine) as session:
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

    with undone(engine) as session:
        filed(session, deeds)
        counts = [ask(session, question_of(year, today=TODAY, by=by)) for year in range(2019, 2029)]
        for year, following in pairwise(counts):
            assert stocks(year, "stock_end") == stocks(following, "stock_start")
