"""What may be asked of the counts, and what empty books answer."""

from datetime import date

import pytest
from counted_books import NOTHING, NOW, TODAY, counted, row, titles
from make import title
from sqlalchemy.orm import Session

from registry.domain.codes import DISTRICTS, SIZE_WORDS, TIERS
from registry.domain.errors import Refused
from registry.domain.standing import ANY_TITLE
from registry.store.books import BREAKDOWNS
from registry.work.count import question_of


def test_a_year_runs_from_the_close_of_the_year_before_to_its_own() -> None:
    asked = question_of(2024, today=TODAY)

    assert (asked.start, asked.as_of, asked.size_year) == (date(2023, 12, 31), date(2024, 12, 31), 2023)
    assert (asked.by, asked.known_at) == ((), None)


def test_the_running_year_ends_today() -> None:
    assert question_of(2025, today=TODAY).as_of == TODAY
    assert question_of(2026, today=TODAY).as_of == date(2026, 12, 31)


@pytest.mark.parametrize("day", [date(2024, 1, 1), date(2024, 2, 29), date(2024, 12, 31)])
def test_any_day_of_the_year_may_be_the_last(day: date) -> None:
    assert question_of(2024, today=TODAY, as_of=day).as_of == day


@pytest.mark.parametrize("day", [date(2023, 12, 31), date(2025, 1, 1)])
def test_a_day_of_another_year_is_refused(day: date) -> None:
    with pytest.raises(Refused, match=rf"as_of: .*2024.*{day}"):
        question_of(2024, today=TODAY, as_of=day)


@pytest.mark.parametrize("year", [-1, 0, 1949, 2200, 9999, 10_000])
def test_a_year_out_of_range_is_refused(year: int) -> None:
    with pytest.raises(Refused, match="year: "):
        question_of(year, today=TODAY)


@pytest.mark.parametrize("year", [1950, 2199])
def test_the_first_and_the_last_year_are_counted(session: Session, year: int) -> None:
    assert row(counted(session, year)) == NOTHING


@pytest.mark.parametrize("by", [("colour",), ("district", "district"), ("",), ("District",), ("district", "tier")])
def test_a_breakdown_that_is_not_known_or_stands_twice_is_refused(by: tuple[str, ...]) -> None:
    with pytest.raises(Refused, match=r"by: .*district"):
        question_of(2024, today=TODAY, by=by)


def test_breakdowns_stand_in_one_order_whatever_the_order_asked() -> None:
    assert question_of(2024, today=TODAY, by=("size", "functional_area", "district")).by == (
        "district",
        "size",
        "functional_area",
    )


def test_empty_books_count_nothing_and_say_when_they_were_asked(session: Session) -> None:
    found = counted(session)

    assert [(one.tier, dict(one.keys), dict(one.counts)) for one in found.rows] == [
        (tier, {}, NOTHING) for tier in TIERS
    ]
    assert [(one.tier, dict(one.counts)) for one in found.holders] == [(ANY_TITLE, NOTHING)]
    assert (found.year, found.as_of, found.known_at, found.by) == (2024, date(2024, 12, 31), NOW, ())
    assert (found.firms, found.titles) == (0, 0)


@pytest.mark.parametrize("by", BREAKDOWNS)
def test_empty_books_can_be_broken_down(session: Session, by: str) -> None:
    found = counted(session, 2024, by)

    assert all(dict(one.counts) == NOTHING for one in found.rows)
    assert (found.firms, found.titles) == (0, 0)


def test_every_district_has_a_row_in_every_tier(session: Session) -> None:
    titles(session, title())
    found = counted(session, 2024, "district")

    for tier in TIERS:
        assert [one.keys["district"] for one in found.rows if one.tier == tier] == sorted(DISTRICTS)
    assert [one.keys["district"] for one in found.holders] == sorted(DISTRICTS)


def test_every_size_has_a_row_in_every_tier_and_an_open_one_comes_last(session: Session) -> None:
    titles(session, title())
    found = counted(session, 2024, "size")

    assert [one.keys["size"] for one in found.rows if one.tier == "specialized"] == [*SIZE_WORDS, None]
    assert [one.keys["size"] for one in found.rows if one.tier == "innovative"] == list(SIZE_WORDS)
