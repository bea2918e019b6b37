"""Counting a year: what is asked, what is refused, which rows there are, and titles beside firms."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from counted_books import NOTHING, NOW, TODAY, counted, row, titles
from make import code, firm, stay, title
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.domain.codes import LADDER, TIERS
from registry.domain.firms import ScaleRow
from registry.domain.standing import ANY_TITLE
from registry.store.books import BREAKDOWNS
from registry.work.count import COUNTS, BooksDoNotBalance, Count, rolled_up, totals
from registry.work.enrol import enrol
from registry.work.file_books import file_stays

HUANGDAO, LAIXI = "370211", "370285"


def stays(session: Session, *rows: ScaleRow) -> None:
    file_stays(session, rows, now=NOW, source="名录.csv")


def seen(counts: Count, tier: str, name: str) -> set[str | None]:
    return {one.keys[name] for one in counts.rows if one.tier == tier}


def test_a_district_that_the_tables_do_not_know_has_its_row(session: Session) -> None:
    titles(session, title(district="110101"))

    assert row(counted(session, 2024, "district"), district="110101")["stock_end"] == 1


def test_tiers_stand_in_the_order_of_the_ladder_then_above_scale(session: Session) -> None:
    titles(session, title(), title(2, tier="little_giant"))

    tiers = [one.tier for one in counted(session, 2024, "district").rows]
    assert tiers == sorted(tiers, key=TIERS.index)


def test_every_row_has_every_count_in_one_order(session: Session) -> None:
    titles(session, title())

    for by in ((), ("district",), ("industry",), ("district", "size")):
        assert {tuple(one.counts) for one in counted(session, 2024, *by).rows} == {COUNTS}


def test_an_industry_is_its_two_digits(session: Session) -> None:
    enrol(session, [firm(1, industry="3451"), firm(2, industry="3462")], now=NOW, on=TODAY, source="f")
    titles(session, title(1), title(2), title(3))
    found = counted(session, 2024, "industry")

    assert seen(found, "specialized", "industry") == {"34", None}
    assert row(found, industry="34")["stock_end"] == 2
    assert row(found, industry=None)["stock_end"] == 1


def test_a_size_is_that_of_the_last_full_fiscal_year(session: Session) -> None:
    figures = {2022: {"employees": 10, "revenue": 1}, 2023: {"employees": 300, "revenue": 2_000 * 1_000_000}}
    enrol(session, [firm(1, industry="3451", years=figures)], now=NOW, on=TODAY, source="f")
    titles(session, title(recognised_on=date(2022, 4, 19)))

    assert row(counted(session, 2024, "size"), size="medium")["stock_end"] == 1
    assert row(counted(session, 2023, "size"), size="micro")["stock_end"] == 1
    assert row(counted(session, 2022, "size"), size=None)["stock_end"] == 1


def test_a_functional_area_is_a_breakdown_of_its_own(session: Session) -> None:
    enrol(session, [firm(1, functional_area="高新区")], now=NOW, on=TODAY, source="f")
    titles(session, title(1), title(2))
    found = counted(session, 2024, "district", "functional_area")

    assert row(found, district=LAIXI, functional_area="高新区")["stock_end"] == 1
    assert row(found, district=LAIXI, functional_area=None)["stock_end"] == 1


def test_a_title_valid_to_the_last_of_december_counts_at_the_end_of_its_year_and_expires_in_the_next(
    session: Session,
) -> None:
    titles(session, title(recognised_on=date(2021, 1, 1)))

    assert row(counted(session, 2023)) == NOTHING | {"stock_start": 1, "stock_end": 1}
    assert row(counted(session, 2024)) == NOTHING | {"stock_start": 1, "expired": 1}
    assert row(counted(session, 2025)) == NOTHING


def test_a_renewal_is_a_flow_that_changes_no_stock(session: Session) -> None:
    titles(session, title(recognised_on=date(2021, 1, 1)), title(recognised_on=date(2024, 1, 1), kind="re_review"))

    assert row(counted(session)) == NOTHING | {"stock_start": 1, "renewed": 1, "stock_end": 1}


def test_an_early_renewal_is_of_the_year_it_was_announced_in(session: Session) -> None:
    titles(session, title(recognised_on=date(2021, 3, 1)), title(recognised_on=date(2023, 12, 31), kind="re_review"))

    assert row(counted(session, 2023))["renewed"] == 1
    assert row(counted(session, 2024)) == NOTHING | {"stock_start": 1, "stock_end": 1}


def test_a_first_re_review_is_reinstated_and_never_new(session: Session) -> None:
    titles(session, title(recognised_on=date(2024, 5, 1), kind="re_review"))
    found = counted(session)

    assert row(found) == row(found, ANY_TITLE) == NOTHING | {"reinstated": 1, "stock_end": 1}


def test_the_day_asked_about_cuts_what_comes_after_it(session: Session) -> None:
    titles(session, title(recognised_on=date(2024, 5, 1)))

    assert row(counted(session, as_of=date(2024, 4, 30))) == NOTHING
    assert row(counted(session, as_of=date(2024, 5, 1))) == NOTHING | {"new": 1, "stock_end": 1}


def test_an_exit_counts_at_the_close_of_its_day(session: Session) -> None:
    stays(session, stay(exited_on=date(2024, 12, 31), exit_reason="stopped"))

    assert row(counted(session), "above_scale") == NOTHING | {"stock_start": 1, "exited": 1}
    assert row(counted(session, as_of=date(2024, 12, 30)), "above_scale")["stock_end"] == 1


def test_an_exit_on_the_last_of_december_that_the_new_year_continues_is_none(session: Session) -> None:
    stays(session, stay(exited_on=date(2023, 12, 31)), stay(entered_on=date(2024, 1, 1)))

    assert row(counted(session, 2023), "above_scale")["stock_end"] == 1
    assert row(counted(session), "above_scale") == NOTHING | {"stock_start": 1, "renewed": 1, "stock_end": 1}


def test_a_move_is_a_pair_of_districts_and_nothing_in_the_city(session: Session) -> None:
    titles(session, title(), title(tier="innovative", recognised_on=date(2024, 5, 1), district=HUANGDAO))
    found = counted(session, 2024, "district")

    assert row(found, district=LAIXI) == NOTHING | {"stock_start": 1, "moved_out": 1}
    assert row(found, district=HUANGDAO) == NOTHING | {"moved_in": 1, "stock_end": 1}
    assert row(found, "innovative", district=HUANGDAO) == NOTHING | {"new": 1, "stock_end": 1}
    assert row(counted(session)) == NOTHING | {"stock_start": 1, "stock_end": 1}
    assert totals(found)["specialized"] == NOTHING | {"stock_start": 1, "stock_end": 1}


def test_a_move_does_not_show_where_districts_are_not_told_apart(session: Session) -> None:
    titles(session, title(), title(tier="innovative", recognised_on=date(2024, 5, 1), district=HUANGDAO))

    for by in ("industry", "size", "functional_area"):
        open_key: dict[str, Any] = {by: None}
        assert row(counted(session, 2024, by), **open_key) == NOTHING | {"stock_start": 1, "stock_end": 1}


def test_a_firm_counts_in_the_tier_and_district_of_its_own(session: Session) -> None:
    titles(session, title(1), title(2, district=HUANGDAO))

    found = counted(session, 2024, "district")
    assert [row(found, district=place)["stock_end"] for place in (LAIXI, HUANGDAO)] == [1, 1]


def test_firms_are_distinct_and_titles_are_a_sum(session: Session) -> None:
    titles(session, *(title(1, tier=tier) for tier in LADDER), title(2), title(3), title(3, tier="innovative"))
    stays(session, stay(1), stay(4))
    found = counted(session)

    assert (found.titles, found.firms) == (6, 3)
    assert row(found, ANY_TITLE)["stock_end"] == 3
    assert row(found, "above_scale")["stock_end"] == 2


def test_the_published_sum_is_one_of_titles_not_of_firms(session: Session) -> None:
    """The reading of mid-2025 (policy §12): 3557 + 5217 + 193 published as 8967 together, here a hundredth of it."""
    held = {"innovative": 36, "specialized": 52, "little_giant": 2}
    rows = [
        title(number, tier=tier, recognised_on=date(2024, 1, 1))
        for tier, many in held.items()
        for number in range(many)
    ]
    titles(session, *rows)
    found = counted(session, 2025, as_of=date(2025, 6, 30))

    assert {tier: row(found, tier)["stock_end"] for tier in LADDER} == held
    assert (found.titles, found.firms) == (90, 52)


def test_distinct_firms_of_the_districts_add_up_to_those_of_the_city(session: Session) -> None:
    titles(session, title(1), title(1, tier="innovative", recognised_on=date(2024, 5, 1), district=HUANGDAO), title(2))

    found = counted(session, 2024, "district")
    assert found.firms == counted(session).firms == 2
    assert row(found, ANY_TITLE, district=HUANGDAO)["stock_end"] == 1


def test_a_count_says_the_moment_the_books_last_changed(session: Session) -> None:
    titles(session, title(), now=NOW - timedelta(days=9))

    assert counted(session).known_at == NOW - timedelta(days=9)


def test_before_the_first_filing_the_books_were_empty(session: Session) -> None:
    titles(session, title())
    found = counted(session, known_at=NOW - timedelta(microseconds=1))

    assert (found.titles, found.firms) == (0, 0)
    assert all(dict(one.counts) == NOTHING for one in found.rows)


def test_a_trade_a_size_and_an_area_are_told_as_they_were_known(session: Session) -> None:
    small = {2023: {"employees": 20, "revenue": 300 * 1_000_000}}
    enrol(session, [firm(industry="3451", functional_area="高新区", years=small)], now=NOW, on=TODAY, source="f")
    titles(session, title(), now=NOW + timedelta(hours=1))
    then = counted(session).known_at
    grown = {2023: {"employees": 300, "revenue": 2_000 * 1_000_000}}
    later = firm(industry="2710", functional_area="蓝谷", years=grown)
    enrol(session, [later], now=NOW + timedelta(days=1), on=TODAY, source="f")

    told = {
        "industry": ("34", "27"),
        "size": ("small", "medium"),
        "functional_area": ("高新区", "蓝谷"),
    }
    for by, (before, after) in told.items():
        assert row(counted(session, 2024, by, known_at=then), **{by: before})["stock_end"] == 1
        assert row(counted(session, 2024, by), **{by: after})["stock_end"] == 1
        assert before not in {one.keys[by] for one in counted(session, 2024, by).rows if one.counts["stock_end"]}


def test_a_moment_in_another_zone_is_the_same_moment(session: Session) -> None:
    titles(session, title())
    shanghai = NOW.astimezone(datetime.strptime("+0800", "%z").tzinfo)

    assert counted(session, known_at=shanghai).titles == 1


def test_broken_down_and_whole_counts_are_of_the_same_moment(session: Session) -> None:
    titles(session, title())

    assert {counted(session, 2024, *by).known_at for by in ((), ("district",), ("industry",), BREAKDOWNS)} == {NOW}


def test_books_that_do_not_balance_are_not_counted(session: Session) -> None:
    titles(session, title())
    session.execute(text("DELETE FROM standing_span WHERE tier = 'specialized'"))

    with pytest.raises(BooksDoNotBalance, match="specialized"):
        counted(session, 2023, "industry")


def test_what_is_counted_by_several_things_adds_up_to_fewer(session: Session) -> None:
    enrol(session, [firm(1, industry="3451"), firm(2, functional_area="高新区")], now=NOW, on=TODAY, source="f")
    titles(session, title(1), title(2), title(2, tier="innovative", recognised_on=date(2024, 5, 1), district=HUANGDAO))
    full = counted(session, 2024, *BREAKDOWNS)

    for by in ((), ("district",), ("size",), ("district", "industry"), ("industry", "functional_area"), BREAKDOWNS):
        assert rolled_up(full, by) == counted(session, 2024, *by)
    assert totals(full) == {one.tier: dict(one.counts) for one in (*counted(session).rows, *counted(session).holders)}


def test_totals_of_empty_books_name_every_tier(session: Session) -> None:
    assert totals(counted(session, 2024, "industry")) == dict.fromkeys((*TIERS, ANY_TITLE), NOTHING)


def test_a_code_is_counted_once_however_many_lists_name_it(session: Session) -> None:
    titles(session, title())
    enrol(session, [firm()], now=NOW, on=TODAY, source="f")
    stays(session, stay())

    assert session.scalar(text("SELECT count(*) FROM firm")) == 1
    assert counted(session).firms == 1
    assert code() == title().uscc
