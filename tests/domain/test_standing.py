"""What a firm's events amount to: the stock at the close of every day and the entries of the books."""

from collections import Counter
from datetime import date, timedelta
from itertools import permutations
from random import Random
from typing import Any

import pytest
from make import stay, title

from registry.domain.events import events_of
from registry.domain.firms import TitleRow
from registry.domain.standing import ANY_TITLE, EFFECTS, Change, Span, Standing, standing_of
from registry.domain.statements import Listing, Merger, Revocation, Statements

DAY = timedelta(days=1)
LAOSHAN, LAIXI = "370212", "370285"
FIRST = title(recognised_on=date(2021, 1, 1))  # Runs to 31 December 2023.
LOWER = title(tier="innovative", recognised_on=date(2021, 1, 1))
SPECIALIZED, ABOVE = "specialized", "above_scale"
FALSE_DATA = "提供虚假数据"


def standing(*titles: TitleRow, **others: Any) -> Standing:
    return standing_of(events_of(Statements(titles=titles, **others)))


def is_in(standing: Standing, day: date, tier: str = SPECIALIZED) -> bool:
    return any(
        span.tier == tier and span.starts_on <= day and (span.ends_on is None or day < span.ends_on)
        for span in standing.spans
    )


def entries(standing: Standing, tier: str = SPECIALIZED) -> list[tuple[date, str, str | None]]:
    return [(one.on, one.kind, one.district) for one in standing.changes if one.tier == tier]


def kinds(standing: Standing, tier: str = SPECIALIZED) -> list[str]:
    return [kind for _, kind, _ in entries(standing, tier)]


def review(on: date, **changes: Any) -> TitleRow:
    return title(recognised_on=on, kind="re_review", **changes)


def test_a_title_counts_from_its_first_day_to_its_last() -> None:
    told = standing(FIRST)

    assert not is_in(told, date(2020, 12, 31))
    assert is_in(told, date(2021, 1, 1))
    assert is_in(told, date(2023, 12, 31))
    assert not is_in(told, date(2024, 1, 1))
    assert entries(told) == [(date(2021, 1, 1), "new", LAIXI), (date(2024, 1, 1), "expired", LAIXI)]


def test_a_firm_is_out_at_the_close_of_the_day_of_its_exit() -> None:
    told = standing(stays=(stay(exited_on=date(2024, 12, 31)),))

    assert is_in(told, date(2024, 12, 30), ABOVE)
    assert not is_in(told, date(2024, 12, 31), ABOVE)
    assert entries(told, ABOVE) == [(date(2022, 1, 31), "new", LAIXI), (date(2024, 12, 31), "exited", LAIXI)]


def test_a_renewal_leaves_no_day_out() -> None:
    told = standing(FIRST, review(date(2024, 1, 1)))

    assert told.spans[-1] == Span(SPECIALIZED, date(2021, 1, 1), date(2027, 1, 1), LAIXI)
    assert kinds(told) == ["new", "renewed", "expired"]


def test_a_gap_of_a_day_is_a_day_out() -> None:
    told = standing(FIRST, review(date(2024, 1, 2)))

    assert [is_in(told, date(2023, 12, 31) + n * DAY) for n in range(3)] == [True, False, True]
    assert kinds(told) == ["new", "expired", "reinstated", "expired"]


def test_an_entry_on_the_day_after_the_exit_leaves_no_day_out() -> None:
    left = date(2023, 12, 31)
    told = standing(stays=(stay(exited_on=left), stay(entered_on=left + DAY)))

    assert is_in(told, left, ABOVE)
    assert kinds(told, ABOVE) == ["new", "renewed"]


def test_a_revoked_title_does_not_hold_at_the_close_of_the_day() -> None:
    told = standing(FIRST, revocations=(Revocation(SPECIALIZED, date(2022, 7, 1), FALSE_DATA),))

    assert is_in(told, date(2022, 6, 30))
    assert not is_in(told, date(2022, 7, 1))
    assert kinds(told) == ["new", "revoked"]


def test_recognised_and_revoked_on_one_day_was_never_in_the_stock_but_is_in_the_flows() -> None:
    told = standing(FIRST, revocations=(Revocation(SPECIALIZED, date(2021, 1, 1), FALSE_DATA),))

    assert told.spans == []
    assert kinds(told) == kinds(told, ANY_TITLE) == ["new", "revoked"]


def test_recognised_again_after_a_revocation_stands_again() -> None:
    told = standing(FIRST, review(date(2025, 1, 1)), revocations=(Revocation(SPECIALIZED, date(2022, 7, 1), "x"),))

    assert kinds(told) == kinds(told, ANY_TITLE) == ["new", "revoked", "reinstated", "expired"]


def test_renewed_and_revoked_on_one_day_is_both() -> None:
    revoked = Revocation(SPECIALIZED, date(2022, 7, 1), FALSE_DATA)
    told = standing(FIRST, review(date(2022, 7, 1)), revocations=(revoked,))

    assert sorted(kinds(told)) == ["new", "renewed", "revoked"]
    assert not is_in(told, date(2022, 7, 1))
    assert not is_in(told, date(2022, 7, 1), ANY_TITLE)


@pytest.mark.parametrize("gap", [0, 1])
def test_a_stay_that_is_continued_for_a_day_is_renewed_and_exited(gap: int) -> None:
    left = date(2023, 6, 30)
    again = left + gap * DAY
    told = standing(stays=(stay(exited_on=left), stay(entered_on=again, exited_on=again)))

    assert sorted(kinds(told, ABOVE)) == ["exited", "new", "renewed"]
    assert not is_in(told, again, ABOVE)


def test_a_move_is_out_of_one_and_into_the_other_on_the_day_of_the_row() -> None:
    told = standing(FIRST, stays=(stay(district=LAOSHAN),))

    assert entries(told)[1:3] == [(date(2022, 1, 31), "moved_out", LAIXI), (date(2022, 1, 31), "moved_in", LAOSHAN)]
    assert entries(told)[3] == (date(2024, 1, 1), "expired", LAOSHAN)
    assert entries(told, ABOVE) == [(date(2022, 1, 31), "new", LAOSHAN)]


def test_a_move_takes_every_tier_along() -> None:
    told = standing(FIRST, LOWER, stays=(stay(),), listings=(Listing(date(2023, 5, 1), "甲", LAOSHAN),))
    moved = {one.tier for one in told.changes if one.kind == "moved_in"}

    assert moved == {"innovative", SPECIALIZED, ABOVE, ANY_TITLE}
    assert {span.district for span in told.spans if span.starts_on == date(2023, 5, 1)} == {LAOSHAN}


def test_a_firm_without_a_title_moves_through_no_book() -> None:
    told = standing(listings=(Listing(date(2023, 5, 1), "甲", LAIXI), Listing(date(2023, 6, 1), "甲", LAOSHAN)))

    assert told == Standing()


def test_a_renewal_that_also_moves_counts_in_the_new_district() -> None:
    told = standing(FIRST, review(date(2024, 1, 1), district=LAOSHAN))

    assert entries(told)[1:4] == [
        (date(2024, 1, 1), "moved_out", LAIXI),
        (date(2024, 1, 1), "moved_in", LAOSHAN),
        (date(2024, 1, 1), "renewed", LAOSHAN),
    ]


def test_what_ends_on_the_day_of_a_move_ends_in_the_old_district_and_does_not_move() -> None:
    told = standing(FIRST, listings=(Listing(date(2024, 1, 1), "甲", LAOSHAN),))

    assert entries(told)[1:] == [(date(2024, 1, 1), "expired", LAIXI)]
    assert entries(told, ANY_TITLE)[1:] == [(date(2024, 1, 1), "expired", LAIXI)]


def test_a_title_ends_and_a_stay_begins_on_the_day_of_a_move() -> None:
    told = standing(FIRST, stays=(stay(entered_on=date(2024, 1, 1), district=LAOSHAN),))

    assert entries(told)[1:] == [(date(2024, 1, 1), "expired", LAIXI)]
    assert entries(told, ABOVE) == [(date(2024, 1, 1), "new", LAOSHAN)]


def test_an_exit_on_the_day_of_a_move_is_an_exit_from_the_old_district() -> None:
    told = standing(
        title(recognised_on=date(2023, 6, 30), district=LAOSHAN),
        stays=(stay(exited_on=date(2023, 6, 30)),),
    )

    assert entries(told, ABOVE)[1:] == [(date(2023, 6, 30), "exited", LAIXI)]
    assert entries(told)[0] == (date(2023, 6, 30), "new", LAOSHAN)


def test_a_holder_of_any_title_has_no_gap_when_one_tier_ends_as_another_begins() -> None:
    told = standing(LOWER, title(recognised_on=date(2024, 1, 1)))

    assert kinds(told, "innovative") == ["new", "expired"]
    assert entries(told, ANY_TITLE) == [(date(2021, 1, 1), "new", LAIXI), (date(2027, 1, 1), "expired", LAIXI)]
    assert [span for span in told.spans if span.tier == ANY_TITLE] == [
        Span(ANY_TITLE, date(2021, 1, 1), date(2027, 1, 1), LAIXI)
    ]


def test_a_holder_of_any_title_that_climbs_a_day_late_has_a_gap() -> None:
    told = standing(LOWER, title(recognised_on=date(2024, 1, 2)))

    assert kinds(told) == ["new", "expired"]
    assert kinds(told, ANY_TITLE) == ["new", "expired", "reinstated", "expired"]


def test_a_holder_that_climbs_and_moves_on_the_day_its_old_tier_ends_moves_without_a_gap() -> None:
    told = standing(LOWER, title(recognised_on=date(2024, 1, 1), district=LAOSHAN))

    assert entries(told, "innovative")[1:] == [(date(2024, 1, 1), "expired", LAIXI)]
    assert entries(told, ANY_TITLE)[1:3] == [
        (date(2024, 1, 1), "moved_out", LAIXI),
        (date(2024, 1, 1), "moved_in", LAOSHAN),
    ]


def test_a_holder_of_two_tiers_is_one_holder() -> None:
    told = standing(FIRST, LOWER)

    assert kinds(told, ANY_TITLE) == ["new", "expired"]
    assert [span.tier for span in told.spans] == [ANY_TITLE, "innovative", SPECIALIZED]


def test_above_scale_makes_no_holder_of_a_title() -> None:
    assert {one.tier for one in standing(stays=(stay(),)).changes} == {ABOVE}


def test_a_renaming_or_a_merger_changes_no_stock() -> None:
    renamed = review(date(2024, 1, 1), name="青岛新名有限公司")
    merged = (Merger(date(2022, 6, 1), "91370200264574251E"),)

    assert standing(FIRST, renamed) == standing(FIRST, review(date(2024, 1, 1)))
    assert standing(FIRST, mergers=merged) == standing(FIRST)


def test_a_district_named_later_places_all_that_the_firm_holds() -> None:
    told = standing(title(recognised_on=date(2021, 1, 1), district=""), stays=(stay(district=LAOSHAN),))
    midway = date(2022, 6, 1)

    assert {span.district for span in told.spans if span.starts_on <= midway < (span.ends_on or date.max)} == {LAOSHAN}


def test_the_order_in_which_events_are_given_does_not_matter() -> None:
    said = Statements(
        titles=(LOWER, title(recognised_on=date(2021, 6, 1))),
        revocations=(Revocation(SPECIALIZED, date(2024, 1, 1), FALSE_DATA),),
    )
    events = events_of(said)

    assert entries(standing_of(reversed(events)), ANY_TITLE) == entries(standing_of(events), ANY_TITLE)


FULL = Statements(
    titles=(
        FIRST,
        LOWER,
        review(date(2024, 1, 1), district=LAOSHAN),
        title(tier="little_giant", recognised_on=date(2022, 9, 1)),
    ),
    stays=(stay(exited_on=date(2023, 5, 31)), stay(entered_on=date(2023, 8, 1), district=LAOSHAN)),
    revocations=(Revocation("little_giant", date(2023, 8, 1), FALSE_DATA),),
)


@pytest.mark.parametrize("seed", range(20))
def test_a_full_life_is_told_alike_from_shuffled_events(seed: int) -> None:
    events = events_of(FULL)
    told = standing_of(events)
    Random(seed).shuffle(events)
    shuffled = standing_of(events)

    assert shuffled.spans == told.spans
    assert Counter(shuffled.changes) == Counter(told.changes)


def test_changes_add_up_to_the_spans_on_every_day_in_every_tier_and_district() -> None:
    told = standing_of(events_of(FULL))

    def stock(day: date) -> Counter[tuple[str, str | None]]:
        return Counter(
            (span.tier, span.district) for span in told.spans if span.starts_on <= day < (span.ends_on or date.max)
        )

    def sums(day: date) -> Counter[tuple[str, str | None]]:
        found: Counter[tuple[str, str | None]] = Counter()
        for one in told.changes:
            if one.on <= day:
                found[one.tier, one.district] += EFFECTS[one.kind]
        return found

    for day in {one.on + n * DAY for one in told.changes for n in (-1, 0, 1)}:
        assert +stock(day) == +sums(day)
        assert min(sums(day).values(), default=0) >= 0


def test_the_order_of_the_statements_does_not_matter() -> None:
    told = standing_of(events_of(FULL))

    for order in permutations(FULL.titles):
        assert standing_of(events_of(Statements(order, FULL.stays, (), FULL.revocations))) == told


def test_a_change_names_its_day_tier_and_district() -> None:
    assert standing(FIRST).changes[0] == Change(SPECIALIZED, date(2021, 1, 1), "new", LAIXI)
