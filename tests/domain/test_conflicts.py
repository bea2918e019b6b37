"""Who may not decide a case, on the line itself."""

from datetime import date, timedelta

import pytest
from make import code

from registry.domain.conflicts import TIE_WORDS, Decided, Tie, TieKind, ToDecide, bar

ON = date(2025, 11, 25)
LONG_AGO = date(1990, 1, 1)
CASE = ToDecide(("application", 4), "district", code(1))
RE_REVIEW = ToDecide(("application", 4), "district", code(1), is_re_review=True)


def barred_on(tie: Tie, on: date) -> bool:
    return bar(CASE, on, [tie], []) is not None


def test_nothing_stands_against_a_stranger() -> None:
    assert bar(CASE, ON, [], []) is None
    assert bar(RE_REVIEW, ON, [], []) is None


@pytest.mark.parametrize("kind", TieKind)
def test_a_tie_that_lasts_bars_whatever_its_kind_and_says_which(kind: TieKind) -> None:
    said = bar(CASE, ON, [Tie(kind, code(1))], []) or ""

    assert all(word in said for word in TIE_WORDS[kind])


@pytest.mark.parametrize("kind", [TieKind.INTEREST, TieKind.FAMILY])
@pytest.mark.parametrize(("days", "expected"), [(-1, True), (0, True), (1, False)])
def test_an_interest_bars_to_its_last_day(kind: TieKind, days: int, expected: bool) -> None:
    assert expected == barred_on(Tie(kind, code(1), ended_on=ON), ON + timedelta(days=days))


@pytest.mark.parametrize(
    ("ended_on", "last_day"),
    [
        (date(2022, 11, 25), date(2025, 11, 25)),
        (date(2020, 2, 29), date(2023, 2, 28)),
        (date(2021, 2, 28), date(2024, 2, 28)),
        (date(2022, 12, 31), date(2025, 12, 31)),
    ],
)
def test_a_former_employer_bars_for_three_years_the_last_day_included(ended_on: date, last_day: date) -> None:
    tie = Tie(TieKind.FORMER_EMPLOYER, code(1), ended_on=ended_on)

    assert barred_on(tie, ended_on) and barred_on(tie, last_day)
    assert not barred_on(tie, last_day + timedelta(days=1))


def test_of_several_ties_one_that_binds_is_enough() -> None:
    ties = [Tie(TieKind.INTEREST, code(1), ended_on=LONG_AGO), Tie(TieKind.FAMILY, code(1), through=code(2))]

    assert code(2) in (bar(CASE, ON, ties, []) or "")
    assert bar(CASE, ON, ties[:1], []) is None


def test_a_tie_to_a_firm_of_the_group_bars_and_names_that_firm() -> None:
    said = bar(CASE, ON, [Tie(TieKind.INTEREST, code(1), through=code(2))], []) or ""

    assert code(2) in said and "同一集团" in said
    assert bar(CASE, ON, [Tie(TieKind.INTEREST, code(1), ended_on=LONG_AGO, through=code(2))], []) is None


@pytest.mark.parametrize("level", ["district", "city"])
def test_nobody_decides_a_case_at_two_levels(level: str) -> None:
    other = "city" if level == "district" else "district"
    case = ToDecide(("application", 4), level, code(1))

    assert "another level" in (bar(case, ON, [], [Decided(("application", 4), other, code(1))]) or "")
    assert bar(case, ON, [], [Decided(("application", 4), level, code(1))]) is None


def test_the_number_alone_makes_no_case() -> None:
    assert bar(CASE, ON, [], [Decided(("claim", 4), "city", code(1))]) is None
    assert bar(CASE, ON, [], [Decided(("application", 5), "city", code(1))]) is None


@pytest.mark.parametrize("level", ["district", "city"])
def test_who_examined_a_firm_does_not_re_review_it(level: str) -> None:
    earlier = [Decided(("application", 3), level, code(1), is_review=True)]

    assert "re-review" in (bar(RE_REVIEW, ON, [], earlier) or "")
    # A new application of the same firm may be examined by the same person again.
    assert bar(CASE, ON, [], earlier) is None


def test_a_claim_another_firm_and_this_very_re_review_are_no_earlier_review() -> None:
    assert bar(RE_REVIEW, ON, [], [Decided(("claim", 3), "district", code(1))]) is None
    assert bar(RE_REVIEW, ON, [], [Decided(("application", 3), "district", code(2), is_review=True)]) is None
    assert bar(RE_REVIEW, ON, [], [Decided(("application", 4), "district", code(1), is_review=True)]) is None


def test_what_is_told_names_both_languages() -> None:
    said = [
        bar(CASE, ON, [Tie(TieKind.FAMILY, code(1))], []),
        bar(CASE, ON, [Tie(TieKind.FAMILY, code(1), through=code(2))], []),
        bar(CASE, ON, [], [Decided(CASE.matter, "city", code(1))]),
        bar(RE_REVIEW, ON, [], [Decided(("application", 3), "city", code(1), is_review=True)]),
    ]

    assert all(one and one.endswith(")") and " (" in one and not one.isascii() for one in said)
