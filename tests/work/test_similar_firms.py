"""A firm beside its segment: who is compared with, by which numbers, how it ranks; bounded, names within reach."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from casework import MONDAY, Hall, good_firm, open_hall
from make import title
from people import firm_in
from sqlalchemy import event
from sqlalchemy.orm import Session

from registry.store.firms import Firm, FirmFacts, YearlyFigures
from registry.store.lists import EVERYTHING
from registry.work import similar_firms as module
from registry.work.file_books import file_titles
from registry.work.similar_firms import Segment, similar_firms

YEAR = 2025


@pytest.fixture
def hall(session: Session) -> Hall:
    return open_hall(session)


def peer(
    hall: Hall, number: int, revenue: int | None, *, industry: str = "3451", holds: bool = True, **facts: Any
) -> Firm:
    district = "370285" if number % 2 else "370214"
    firm = firm_in(hall.session, number, district, now=MONDAY)
    firm.industry, firm.name = industry, f"同行{number}"
    hall.session.add(YearlyFigures(firm_id=firm.id, year=YEAR, revenue=revenue, **{"rd_expense": 100, **facts}))
    if holds:
        held = title(number, tier="innovative", recognised_on=date(2025, 4, 10), name=firm.name, district=district)
        file_titles(hall.session, [held], now=MONDAY, source="test")
    hall.session.flush()
    return firm


def compare(hall: Hall, visible: Any = EVERYTHING, **changes: Any) -> Segment | None:
    case = hall.submitted("innovative")
    firm = replace(good_firm(**changes), years={YEAR: {"revenue": 1000, "rd_expense": 50, "main_revenue": 900}})
    return similar_firms(hall.session, case, firm, YEAR, MONDAY.date(), visible=visible)


def measure(segment: Segment | None, key: str) -> tuple[Any, ...]:
    assert segment is not None
    one = next(one for one in segment.measures if one.key == key)
    return one.own, one.rank, one.count, one.low, one.middle, one.high


def test_the_firm_ranks_among_holders_of_its_class_the_most_first(hall: Hall) -> None:
    for number, revenue in enumerate((100, 500, 999, 1001, 5000), 10):
        peer(hall, number, revenue)
    segment = compare(hall)

    assert segment is not None and (segment.trade, segment.count, segment.is_cut) == ("3451", 5, False)
    assert measure(segment, "revenue") == (1000, 3, 6, 500, 999, 1001)
    # 50 of 1000 against 100 of 100, 500, 999, 1001, 5000.
    assert measure(segment, "rd_share")[:3] == (5 * 10**10, 5, 6)


def test_a_tie_shares_the_better_rank_and_unknown_numbers_are_not_counted(hall: Hall) -> None:
    for number, revenue in enumerate((1000, 1000, None, 2000, 3000), 10):
        peer(hall, number, revenue)
    segment = compare(hall)

    assert measure(segment, "revenue") == (1000, 3, 5, 1000, 1000, 2000)
    # Nobody of the segment states its share of the market: the firm is alone.
    assert measure(segment, "market_share") == (150_000_000_000, 1, 1, None, None, None)


def test_a_measure_that_the_firm_does_not_state_has_no_rank(hall: Hall) -> None:
    for number in range(10, 15):
        firm = peer(hall, number, 100)
        hall.session.get_one(FirmFacts, firm.id).ip_class1 = number
        hall.session.flush()
    case = hall.submitted("innovative")
    firm = replace(good_firm(), facts={"industry": "3451"}, years={})
    segment = similar_firms(hall.session, case, firm, YEAR, MONDAY.date(), visible=EVERYTHING)

    assert measure(segment, "ip_class1") == (None, None, 5, 11, 12, 13)


def test_a_class_with_few_is_widened_to_its_division_and_no_further(hall: Hall) -> None:
    peer(hall, 10, 1)
    peer(hall, 11, 2, industry="3499")
    peer(hall, 12, 3, industry="3400")
    peer(hall, 13, 4, industry="3510")
    segment = compare(hall)

    assert segment is not None and (segment.trade, segment.count) == ("34", 3)


def test_a_class_with_just_enough_is_not_widened(hall: Hall) -> None:
    for number in range(10, 10 + module.ENOUGH):
        peer(hall, number, number)
    peer(hall, 30, 1, industry="3499")
    segment = compare(hall)

    assert segment is not None and (segment.trade, segment.count) == ("3451", module.ENOUGH)


def test_who_neither_holds_nor_applied_is_not_compared_with(hall: Hall) -> None:
    peer(hall, 10, 1, holds=False)
    segment = compare(hall)

    assert segment is not None and segment.count == 0
    assert measure(segment, "revenue") == (1000, 1, 1, None, None, None)


def test_without_a_trade_there_is_no_segment(hall: Hall) -> None:
    case = hall.submitted("innovative")
    unknown = replace(good_firm(), facts={})

    assert similar_firms(hall.session, case, unknown, YEAR, MONDAY.date(), visible=EVERYTHING) is None


def test_only_firms_within_reach_are_named_though_all_are_compared_with(hall: Hall) -> None:
    for number in range(10, 16):
        peer(hall, number, 900 + number)
    segment = compare(hall, Firm.district == "370285")

    assert segment is not None and segment.count == 6
    assert [one.name for one in segment.peers] == ["同行15", "同行13", "同行11"]


def test_the_look_ups_are_bounded_and_two_at_most(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_COMPARED", 3)
    for number in range(10, 14):
        peer(hall, number, number)
    case, asked = hall.submitted("innovative"), []
    bind = hall.session.get_bind()
    engine = getattr(bind, "engine", bind)

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", hear)
    segment = similar_firms(hall.session, case, good_firm(), YEAR, MONDAY.date(), visible=EVERYTHING)
    event.remove(engine, "before_cursor_execute", hear)

    assert segment is not None and (segment.count, segment.is_cut) == (3, True)
    assert len(asked) == 2
    assert all(statement.count("LIMIT") == 2 for statement in asked)
