"""The front page's counts are those of the single questions, day by day and district by district."""

import math
from datetime import UTC, date, datetime

import pytest
from asked_of_rows import new_recognitions, stock_on
from make import code, stay, title
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.domain.codes import LADDER
from registry.domain.standing import ANY_TITLE
from registry.store import lists, queries
from registry.store.board import board, standings
from registry.store.firms import Firm
from registry.store.lists import EVERYTHING, Asked, firms_listed
from registry.store.tallies import latest_day
from registry.work.file_books import file_stays, file_titles

NOW = datetime(2025, 11, 25, tzinfo=UTC)


@pytest.fixture
def city(session: Session) -> Session:
    """Two districts; renewals, a gap, a re-review that opens the books, stays that end and begin again."""
    file_titles(
        session,
        [
            title(1, tier="innovative", recognised_on=date(2023, 2, 1)),
            title(1, recognised_on=date(2023, 4, 19)),
            title(1, recognised_on=date(2026, 4, 1), kind="re_review"),
            title(2, district="370211", recognised_on=date(2024, 5, 1)),
            title(2, district="370211", tier="little_giant", recognised_on=date(2024, 9, 1)),
            title(3, district="370211", recognised_on=date(2024, 6, 1), kind="re_review"),
            title(4, district="990000", recognised_on=date(2024, 12, 31)),
            title(5, recognised_on=date(2020, 1, 1)),
            title(5, recognised_on=date(2024, 2, 1)),
        ],
        now=NOW,
        source="t",
    )
    file_stays(
        session,
        [
            stay(1, entered_on=date(2022, 1, 31), exited_on=date(2023, 12, 31)),
            stay(2, district="370211", entered_on=date(2024, 1, 31)),
            stay(6, district="370211", entered_on=date(2024, 3, 31)),
        ],
        now=NOW,
        source="s",
    )
    return session


def on_the_ladder(stock: dict[str, int]) -> dict[str, int]:
    return {tier: stock[tier] for tier in LADDER}


@pytest.mark.parametrize("on", [date(2019, 1, 1), date(2023, 12, 31), date(2024, 12, 31), date(2026, 4, 10)])
def test_the_board_says_what_the_single_questions_say(city: Session, on: date) -> None:
    found = board(city, on)

    assert found.total.counts == on_the_ladder(stock_on(city, on))
    assert found.total.holders == stock_on(city, on)[ANY_TITLE]
    assert found.total.above_scale == stock_on(city, on)["above_scale"]
    assert found.total.new_specialized == new_recognitions(city, "specialized", on.year, on)
    for line in found.districts:
        if line.district:
            assert line.counts == on_the_ladder(stock_on(city, on, line.district))
            assert line.above_scale == stock_on(city, on, line.district)["above_scale"]
    for year in found.years:
        assert year.new_specialized.value == new_recognitions(city, "specialized", year.year, year.as_at)
        assert year.above_scale.value == stock_on(city, year.as_at)["above_scale"]
        assert year.counts == on_the_ladder(stock_on(city, year.as_at))


def test_districts_add_up_and_each_has_its_row_also_one_outside_the_table(city: Session) -> None:
    found = board(city, date(2024, 12, 31))

    assert len(found.districts) == 11
    assert found.districts[-1].district == "990000"
    assert sum(line.new_specialized for line in found.districts) == found.total.new_specialized == 2


def test_the_years_run_without_a_gap_to_the_day(city: Session) -> None:
    years = board(city, date(2026, 4, 10)).years

    assert [line.year for line in years] == [2021, 2022, 2023, 2024, 2025, 2026]
    assert [line.as_at for line in years][-2:] == [date(2025, 12, 31), date(2026, 4, 10)]


@pytest.mark.parametrize(
    ("value", "least", "strict"),
    [(300, (True, 0, 0), (False, 1, 0)), (299, (False, 1, 0), (False, 2, 0)), (301, (True, 0, 1), (True, 0, 1))],
)
def test_the_line_itself_is_enough_for_at_least_and_not_for_more_than(
    value: int, least: tuple[bool, int, int], strict: tuple[bool, int, int]
) -> None:
    from registry.store.board import progress_to

    for strictly, expected in ((False, least), (True, strict)):
        found = progress_to(value, 300, strictly=strictly)
        assert (found.is_met, found.gap, found.surplus) == expected


def test_an_empty_register_has_a_board(session: Session) -> None:
    found = board(session, date(2025, 11, 25))

    assert found.total.holders == 0
    assert len(found.districts) == 10
    assert [line.year for line in found.years] == [2025]


def test_the_list_of_new_ones_is_as_long_as_their_number(city: Session) -> None:
    for year, until in ((2024, date(2024, 12, 31)), (2024, date(2024, 5, 31)), (2023, date(2026, 1, 1))):
        last = min(until, date(year, 12, 31))
        asked = Asked(on=last, tier="specialized", change="new", since=date(year, 1, 1))
        listed = firms_listed(city, asked, visible=EVERYTHING)

        assert len(listed.page.firms) == listed.total == new_recognitions(city, "specialized", year, until)


def test_the_list_of_holders_is_as_long_as_their_number(city: Session) -> None:
    for on in (date(2019, 1, 1), date(2024, 12, 31), date(2026, 4, 10)):
        held = firms_listed(city, Asked(on=on, tier=ANY_TITLE), visible=EVERYTHING)

        assert held.total == stock_on(city, on)[ANY_TITLE]
    asked = Asked(on=date(2024, 12, 31), tier=ANY_TITLE, keys={"district": "370211"})
    in_district = firms_listed(city, asked, visible=EVERYTHING).page.firms
    assert [firm.uscc for firm in in_district] == [code(2), code(3)]


def test_the_list_of_new_ones_is_paged_along_the_codes(session: Session) -> None:
    file_titles(session, [title(number) for number in range(1, 8)], now=NOW, source="t")
    seen: list[str] = []
    after = None
    while True:
        asked = Asked(on=date(2023, 12, 31), tier="specialized", change="new", keys={"district": "370285"})
        page = firms_listed(session, asked, visible=EVERYTHING, after=after, limit=3).page
        seen += [firm.uscc for firm in page.firms]
        after = page.after
        if after is None:
            break

    assert seen == [code(number) for number in range(1, 8)]


def test_a_firm_of_a_list_shows_what_it_holds_on_the_day(city: Session) -> None:
    firms = queries.firms_page(city).firms
    held = standings(city, firms, date(2024, 12, 31))

    assert {firm.uscc: held.get(firm.id, ()) for firm in firms} == {
        code(1): ("innovative", "specialized"),
        code(2): ("specialized", "little_giant", "above_scale"),
        code(3): ("specialized",),
        code(4): ("specialized",),
        code(5): ("specialized",),
        code(6): ("above_scale",),
    }
    assert standings(city, (), date(2024, 12, 31)) == {}


@pytest.mark.parametrize(
    ("today", "day"),
    [
        (date(2026, 12, 31), date(2026, 12, 31)),
        (date(2027, 1, 1), date(2026, 12, 31)),
        (date(2030, 6, 1), date(2026, 12, 31)),
        (date(2025, 6, 1), date(2024, 12, 31)),
        (date(2024, 6, 1), date(2024, 6, 1)),
        (date(2000, 6, 1), date(2000, 6, 1)),
    ],
)
def test_the_day_to_look_at_is_today_or_the_end_of_the_last_year_spoken_of(
    city: Session, today: date, day: date
) -> None:
    assert latest_day(city, today) == day


def test_an_empty_register_is_looked_at_today(session: Session) -> None:
    assert latest_day(session, date(2025, 6, 1)) == date(2025, 6, 1)


def test_a_short_list_and_a_long_one_are_the_same_list(city: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    day = date(2024, 12, 31)
    questions = [
        Asked(on=day, tier=ANY_TITLE),
        Asked(on=day, tier="specialized", change="new", since=date(2020, 1, 1)),
        Asked(on=day, step=(None, "specialized"), since=date(2024, 1, 1)),
        Asked(on=day, tier=ANY_TITLE, query=code(2)[:9]),
    ]
    for visible in (EVERYTHING, Firm.district == "370211"):
        for asked in questions:
            found = []
            for is_short in (True, False):
                monkeypatch.setattr(lists, "_is_short", lambda *_told, short=is_short: short)
                found.append(firms_listed(city, asked, visible=visible))
            assert found[0] == found[1]
            assert found[0].page.firms, asked
    district = firms_listed(city, questions[0], visible=Firm.district == "370211")
    assert district.total == len(district.page.firms) == 2


def test_a_list_is_short_by_the_measure_of_the_register(city: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    day = date(2024, 12, 31)
    rows, held = lists._rows(Asked(on=day, tier=ANY_TITLE)), stock_on(city, day)[ANY_TITLE]
    register = 10 * math.isqrt(city.scalar(select(func.max(Firm.id))) or 0)

    monkeypatch.setattr(lists, "_PAGE", held + 1 - register)
    assert lists._is_short(city, rows)
    monkeypatch.setattr(lists, "_PAGE", held - register)
    assert not lists._is_short(city, rows)
