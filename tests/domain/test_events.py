"""What follows from what lists state, sentence by sentence of contract §3."""

from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest
from make import stay, title

from registry.domain.events import ABOVE_SCALE, StatusEvent, Tag, events_of
from registry.domain.firms import TitleRow
from registry.domain.statements import Listing, Merger, Revocation, Statements

DAY = timedelta(days=1)
LAST_OF_2023 = date(2023, 12, 31)
FIRST = title(recognised_on=date(2021, 1, 1))  # Runs to LAST_OF_2023.
HUANGDAO, LAOSHAN, LAIXI = "370211", "370212", "370285"


def life(said: Statements, tier: str = "specialized") -> list[tuple[str, date]]:
    return [(event.tag.value, event.on) for event in events_of(said) if event.tier == tier]


def titled(*titles: TitleRow, **others: Any) -> list[tuple[str, date]]:
    return life(Statements(titles=titles, **others))


def review(on: date, **changes: Any) -> TitleRow:
    return title(recognised_on=on, kind="re_review", **changes)


def of_tag(said: Statements, tag: Tag) -> list[StatusEvent]:
    return [event for event in events_of(said) if event.tag is tag]


def test_nothing_stated_is_nothing_happened() -> None:
    assert events_of(Statements()) == []


def test_a_title_valid_to_the_last_of_december_expires_in_the_next_year() -> None:
    assert titled(FIRST) == [("recognised", date(2021, 1, 1)), ("expired", date(2024, 1, 1))]


@pytest.mark.parametrize(
    ("recognised_on", "expires_on"),
    [
        (date(2020, 2, 29), date(2023, 2, 28)),  # Runs to 27 February.
        (date(2024, 2, 29), date(2027, 2, 28)),
        (date(2021, 3, 1), date(2024, 3, 1)),  # Runs to 29 February of a leap year.
        (date(2021, 2, 28), date(2024, 2, 28)),
        (date(2023, 4, 19), date(2026, 4, 19)),
    ],
)
def test_a_title_without_a_last_day_expires_on_its_day_of_the_third_year(recognised_on: date, expires_on: date) -> None:
    assert titled(title(recognised_on=recognised_on))[-1] == ("expired", expires_on)


def test_a_stated_last_day_holds_also_when_it_is_the_first() -> None:
    one_day = title(recognised_on=date(2023, 4, 19), valid_until=date(2023, 4, 19))

    assert titled(one_day) == [("recognised", date(2023, 4, 19)), ("expired", date(2023, 4, 20))]


def test_the_day_after_the_end_renews() -> None:
    renewed = [("recognised", date(2021, 1, 1)), ("renewed", date(2024, 1, 1)), ("expired", date(2027, 1, 1))]

    assert titled(FIRST, review(LAST_OF_2023 + DAY)) == renewed


def test_one_day_later_reinstates() -> None:
    assert titled(FIRST, review(LAST_OF_2023 + 2 * DAY)) == [
        ("recognised", date(2021, 1, 1)),
        ("expired", date(2024, 1, 1)),
        ("reinstated", date(2024, 1, 2)),
        ("expired", date(2027, 1, 2)),
    ]


@pytest.mark.parametrize("kind", ["new", "re_review"])
def test_what_follows_the_first_row_is_told_by_its_day_not_by_its_kind(kind: str) -> None:
    assert titled(FIRST, title(recognised_on=LAST_OF_2023 + DAY, kind=kind))[1][0] == "renewed"
    assert titled(FIRST, title(recognised_on=LAST_OF_2023 + 2 * DAY, kind=kind))[2][0] == "reinstated"


def test_an_early_renewal_counts_on_its_own_day_and_the_later_end_holds() -> None:
    assert titled(FIRST, review(date(2023, 6, 1))) == [
        ("recognised", date(2021, 1, 1)),
        ("renewed", date(2023, 6, 1)),
        ("expired", date(2026, 6, 1)),
    ]


def test_a_renewal_that_ends_earlier_does_not_shorten_the_title() -> None:
    assert titled(FIRST, review(date(2022, 1, 1), valid_until=date(2022, 6, 30)))[-1] == ("expired", date(2024, 1, 1))


def test_a_short_renewal_does_not_hide_the_one_that_follows() -> None:
    short = review(date(2022, 1, 1), valid_until=date(2022, 6, 30))

    assert [tag for tag, _ in titled(FIRST, short, review(date(2024, 1, 1)))] == [
        "recognised",
        "renewed",
        "renewed",
        "expired",
    ]


def test_a_first_row_that_is_a_re_review_is_reinstated() -> None:
    assert titled(review(date(2021, 1, 1)))[0] == ("reinstated", date(2021, 1, 1))


def test_after_a_first_re_review_no_row_of_the_tier_is_a_first_recognition() -> None:
    tags = [tag for tag, _ in titled(review(date(2017, 1, 1)), title(recognised_on=date(2022, 1, 1)))]

    assert tags == ["reinstated", "expired", "reinstated", "expired"]


def test_each_tier_has_a_first_row_of_its_own() -> None:
    said = Statements(titles=(FIRST, title(tier="innovative", recognised_on=date(2022, 5, 1))))

    assert life(said)[0] == ("recognised", date(2021, 1, 1))
    assert life(said, "innovative")[0] == ("recognised", date(2022, 5, 1))


def test_a_revocation_ends_the_title_on_its_day_and_nothing_expires() -> None:
    cancelled = Revocation("specialized", date(2022, 7, 1), "提供虚假数据")

    assert titled(FIRST, revocations=(cancelled,)) == [
        ("recognised", date(2021, 1, 1)),
        ("revoked", date(2022, 7, 1)),
    ]


def test_a_revocation_ends_all_the_renewals_of_the_tier() -> None:
    cancelled = Revocation("specialized", date(2023, 7, 1), "提供虚假数据")

    assert [tag for tag, _ in titled(FIRST, review(date(2023, 6, 1)), revocations=(cancelled,))] == [
        "recognised",
        "renewed",
        "revoked",
    ]


def test_recognised_again_after_a_revocation_is_reinstated() -> None:
    cancelled = Revocation("specialized", date(2022, 7, 1), "提供虚假数据")

    assert titled(FIRST, title(recognised_on=date(2025, 7, 1)), revocations=(cancelled,)) == [
        ("recognised", date(2021, 1, 1)),
        ("revoked", date(2022, 7, 1)),
        ("reinstated", date(2025, 7, 1)),
        ("expired", date(2028, 7, 1)),
    ]


def test_recognised_and_revoked_on_one_day_is_both() -> None:
    cancelled = Revocation("specialized", date(2021, 1, 1), "提供虚假数据")

    assert titled(FIRST, revocations=(cancelled,)) == [("recognised", date(2021, 1, 1)), ("revoked", date(2021, 1, 1))]


def test_a_revocation_on_the_last_valid_day_revokes_and_on_the_next_finds_nothing() -> None:
    def revoked_on(day: date) -> tuple[str, date]:
        return titled(FIRST, revocations=(Revocation("specialized", day, "提供虚假数据"),))[-1]

    assert revoked_on(LAST_OF_2023) == ("revoked", LAST_OF_2023)
    assert revoked_on(LAST_OF_2023 + DAY) == ("expired", LAST_OF_2023 + DAY)


def test_a_revocation_speaks_of_its_own_tier_only() -> None:
    said = Statements(
        titles=(FIRST, title(tier="innovative", recognised_on=date(2021, 1, 1))),
        revocations=(Revocation("innovative", date(2022, 1, 1), "提供虚假数据"),),
    )

    assert life(said)[-1] == ("expired", date(2024, 1, 1))
    assert life(said, "innovative")[-1] == ("revoked", date(2022, 1, 1))


def test_a_firm_exits_on_the_day_of_its_exit_and_the_reason_is_kept() -> None:
    said = Statements(stays=(stay(exited_on=date(2024, 12, 31), exit_reason="below_threshold"),))

    assert life(said, ABOVE_SCALE) == [("entered", date(2022, 1, 31)), ("exited", date(2024, 12, 31))]
    assert of_tag(said, Tag.EXITED)[0].details["reason"] == "below_threshold"
    assert of_tag(said, Tag.ENTERED)[0].details["entry"] == "annual"


def test_a_stay_without_an_exit_does_not_end() -> None:
    assert life(Statements(stays=(stay(),)), ABOVE_SCALE) == [("entered", date(2022, 1, 31))]


@pytest.mark.parametrize(("gap", "tags"), [(0, ["entered", "renewed"]), (1, ["entered", "renewed"])])
def test_an_entry_no_later_than_the_day_after_the_exit_continues_the_stay(gap: int, tags: list[str]) -> None:
    left = date(2023, 12, 31)
    said = Statements(stays=(stay(exited_on=left), stay(entered_on=left + gap * DAY)))

    assert [tag for tag, _ in life(said, ABOVE_SCALE)] == tags


def test_an_entry_two_days_after_the_exit_is_reinstated() -> None:
    left = date(2023, 12, 31)
    said = Statements(stays=(stay(exited_on=left), stay(entered_on=left + 2 * DAY)))

    assert life(said, ABOVE_SCALE) == [
        ("entered", date(2022, 1, 31)),
        ("exited", left),
        ("reinstated", date(2024, 1, 2)),
    ]


def test_overlapping_stays_end_with_the_later_end() -> None:
    long, short = stay(exited_on=date(2024, 12, 31)), stay(entered_on=date(2023, 1, 1), exited_on=date(2023, 6, 30))

    for order in permutations((long, short)):
        assert life(Statements(stays=order), ABOVE_SCALE) == [
            ("entered", date(2022, 1, 31)),
            ("renewed", date(2023, 1, 1)),
            ("exited", date(2024, 12, 31)),
        ]


def test_a_stay_within_one_that_is_open_ends_nothing() -> None:
    said = Statements(stays=(stay(), stay(entered_on=date(2023, 1, 1), exited_on=date(2023, 6, 30))))

    assert [tag for tag, _ in life(said, ABOVE_SCALE)] == ["entered", "renewed"]


def test_an_entry_and_an_exit_on_one_day_are_both() -> None:
    said = Statements(stays=(stay(exited_on=date(2022, 1, 31)),))

    assert life(said, ABOVE_SCALE) == [("entered", date(2022, 1, 31)), ("exited", date(2022, 1, 31))]


def moves(said: Statements) -> list[tuple[date, str | None, str]]:
    return [(event.on, event.district, event.details["from"]) for event in of_tag(said, Tag.MOVED)]


def test_a_move_takes_effect_on_the_date_of_the_row_that_names_the_new_district() -> None:
    said = Statements(titles=(FIRST,), stays=(stay(district=LAOSHAN),))

    assert moves(said) == [(date(2022, 1, 31), LAOSHAN, LAIXI)]


def test_the_first_district_is_no_move_and_the_same_again_neither() -> None:
    assert moves(Statements(titles=(FIRST,), stays=(stay(),), listings=(Listing(date(2025, 1, 1), "甲", LAIXI),))) == []


def test_a_row_that_is_silent_about_the_district_moves_nobody() -> None:
    said = Statements(titles=(FIRST,), stays=(stay(district=""),), listings=(Listing(date(2025, 1, 1), "甲", None),))

    assert moves(said) == []
    assert [event.district for event in events_of(said) if event.tier == ABOVE_SCALE] == [LAIXI]


def test_a_list_of_firms_moves_on_the_day_of_its_import() -> None:
    said = Statements(titles=(FIRST,), listings=(Listing(date(2025, 11, 25), FIRST.name, HUANGDAO),))

    assert moves(said) == [(date(2025, 11, 25), HUANGDAO, LAIXI)]


def test_of_two_lists_of_one_day_the_later_holds() -> None:
    day = date(2025, 11, 25)
    said = Statements(listings=(Listing(day, "甲", LAIXI), Listing(day, "甲", HUANGDAO)))

    assert moves(said) == []
    assert moves(Statements(titles=(FIRST,), listings=said.listings)) == [(day, HUANGDAO, LAIXI)]


def test_rows_of_one_day_move_a_firm_at_most_once_in_whatever_order_they_come() -> None:
    day = date(2023, 1, 1)
    places = {"innovative": HUANGDAO, "specialized": LAOSHAN, "little_giant": "370203"}
    rows = [title(tier=tier, recognised_on=day, district=place) for tier, place in places.items()]

    # The contract does not say which of them holds; the code lets the highest tier decide.
    for order in permutations(rows):
        assert moves(Statements(titles=(FIRST, *order))) == [(day, "370203", LAIXI)]


def test_a_list_of_firms_outweighs_a_title_of_its_day_and_a_title_a_stay() -> None:
    day = date(2023, 1, 1)
    higher = title(recognised_on=day, tier="innovative", district=HUANGDAO)
    lower = stay(entered_on=day, district="370203")

    # The contract does not say which of them holds.
    assert moves(Statements(titles=(FIRST, higher), stays=(lower,))) == [(day, HUANGDAO, LAIXI)]
    listed = (Listing(day, "甲", LAOSHAN),)
    assert moves(Statements(titles=(FIRST, higher), stays=(lower,), listings=listed)) == [(day, LAOSHAN, LAIXI)]


def test_a_move_there_and_back_is_two_moves() -> None:
    said = Statements(
        titles=(FIRST, review(date(2024, 1, 1))),
        stays=(stay(district=LAOSHAN),),
    )

    assert moves(said) == [(date(2022, 1, 31), LAOSHAN, LAIXI), (date(2024, 1, 1), LAIXI, LAOSHAN)]


def test_a_start_counts_where_the_day_leaves_the_firm_and_an_end_where_it_found_it() -> None:
    said = Statements(titles=(FIRST,), stays=(stay(entered_on=date(2024, 1, 1), district=LAOSHAN),))

    assert of_tag(said, Tag.ENTERED)[0].district == LAOSHAN
    assert of_tag(said, Tag.EXPIRED)[0].district == LAIXI


def test_a_renewal_that_also_moves_counts_in_the_new_district() -> None:
    said = Statements(titles=(FIRST, review(date(2024, 1, 1), district=LAOSHAN)))

    assert of_tag(said, Tag.RENEWED)[0].district == LAOSHAN
    assert moves(said) == [(date(2024, 1, 1), LAOSHAN, LAIXI)]


def test_a_new_name_is_a_renaming_on_the_day_of_the_row_that_brings_it() -> None:
    said = Statements(titles=(FIRST, review(date(2024, 1, 1), name="青岛新名有限公司")))
    (renamed,) = of_tag(said, Tag.RENAMED)

    assert (renamed.on, renamed.tier) == (date(2024, 1, 1), None)
    assert renamed.details == {"from": FIRST.name, "to": "青岛新名有限公司"}


def test_a_name_that_stays_is_no_renaming() -> None:
    assert of_tag(Statements(titles=(FIRST, review(date(2024, 1, 1))), stays=(stay(),)), Tag.RENAMED) == []


def test_a_merger_is_an_event_of_the_firm_and_ends_nothing() -> None:
    merged = Merger(date(2022, 6, 1), "91370200264574251E")
    said = Statements(titles=(FIRST,), mergers=(merged,))

    assert life(said) == titled(FIRST)
    assert [(event.on, event.tier) for event in of_tag(said, Tag.MERGED)] == [(date(2022, 6, 1), None)]


def test_a_correction_of_a_row_rederives_what_follows_it() -> None:
    follows = review(date(2024, 1, 1))

    assert titled(FIRST, follows)[1] == ("renewed", date(2024, 1, 1))
    shorter = title(recognised_on=date(2021, 1, 1), valid_until=date(2023, 6, 30))
    assert titled(shorter, follows)[1:3] == [("expired", date(2023, 7, 1)), ("reinstated", date(2024, 1, 1))]


def test_events_come_in_the_order_of_their_days_whatever_the_order_of_the_rows() -> None:
    rows = (FIRST, review(date(2024, 1, 1)), title(tier="innovative", recognised_on=date(2022, 1, 1)))
    told = [events_of(Statements(titles=order)) for order in permutations(rows)]

    assert all(events == told[0] for events in told)
    assert [event.on for event in told[0]] == sorted(event.on for event in told[0])
