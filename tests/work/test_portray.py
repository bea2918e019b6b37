"""A firm's portrait: what it holds on a day, its years drawn to scale, an assessment for every tier."""

from datetime import UTC, date, datetime

import pytest
from make import code, firm, stay, title
from sqlalchemy.orm import Session

from registry.store.lists import EVERYTHING
from registry.work.enrol import enrol
from registry.work.file_books import file_stays, file_titles
from registry.work.portray import Portrait, portray

NOW = datetime(2025, 11, 25, tzinfo=UTC)


@pytest.fixture
def bearings(session: Session) -> Session:
    enrol(session, [firm(district="370285", industry="3451")], now=NOW, on=date(2025, 11, 1), source="f")
    file_titles(
        session,
        [
            title(tier="innovative", recognised_on=date(2022, 10, 28)),
            title(recognised_on=date(2023, 4, 19)),
            title(recognised_on=date(2026, 4, 1), kind="re_review"),
        ],
        now=NOW,
        source="t",
    )
    file_stays(
        session,
        [stay(entered_on=date(2021, 12, 31), exited_on=date(2023, 12, 31)), stay(entered_on=date(2025, 1, 31))],
        now=NOW,
        source="s",
    )
    return session


def seen(session: Session, on: date, kind: str = "new") -> Portrait:
    found = portray(session, code(), kind, on, visible=EVERYTHING)

    assert found
    return found


def test_a_code_that_nobody_has_gives_nothing(session: Session) -> None:
    assert portray(session, code(), "new", date(2025, 1, 1), visible=EVERYTHING) is None


def test_what_is_held_depends_on_the_day_its_last_day_included(bearings: Session) -> None:
    assert seen(bearings, date(2025, 10, 27)).held == {
        "innovative": date(2025, 10, 27),
        "specialized": date(2026, 4, 18),
    }
    assert seen(bearings, date(2025, 10, 28)).held == {"specialized": date(2026, 4, 18)}
    assert seen(bearings, date(2026, 4, 10)).held == {"specialized": date(2029, 3, 31)}


@pytest.mark.parametrize(
    ("on", "is_in"),
    [
        (date(2021, 12, 30), False),
        (date(2021, 12, 31), True),
        (date(2023, 12, 30), True),
        (date(2023, 12, 31), False),
        (date(2025, 1, 31), True),
    ],
)
def test_a_firm_is_out_at_the_close_of_its_exit(bearings: Session, on: date, is_in: bool) -> None:
    assert seen(bearings, on).is_above_scale is is_in


def test_the_years_are_drawn_to_scale(bearings: Session) -> None:
    line = seen(bearings, date(2025, 7, 2)).timeline

    assert line
    assert list(line.years) == list(range(2021, 2030))
    assert list(line.rows) == ["innovative", "specialized", "above_scale"]
    assert [(span.left, span.width) for span in line.rows["specialized"]] == [(254, 334), (582, 334)]
    assert all(span.left >= 0 and span.left + span.width <= 1000 for spans in line.rows.values() for span in spans)
    assert line.on == 499


def test_a_firm_without_titles_has_no_line_of_years(session: Session) -> None:
    enrol(session, [firm()], now=NOW, on=date(2025, 11, 1), source="f")

    assert seen(session, date(2025, 7, 2)).timeline is None


def test_every_tier_has_its_assessment_or_the_reason_why_not(bearings: Session) -> None:
    found = seen(bearings, date(2025, 7, 2)).assessments
    early = seen(bearings, date(2020, 7, 2)).assessments

    assert list(found) == ["innovative", "specialized", "little_giant", "above_scale"]
    assert all(one.document and one.document["on"] == "2025-07-02" for one in found.values())
    assert [bool(one.document) for one in early.values()] == [False, False, False, True]
    assert [fault.path for fault in early["specialized"].faults] == ["on"]


def test_titles_of_the_books_count_in_the_assessment(bearings: Session) -> None:
    document = seen(bearings, date(2025, 7, 2)).assessments["specialized"].document

    assert document
    assert next(one["verdict"] for one in document["criteria"] if one["key"] == "rung_below") == "met"
