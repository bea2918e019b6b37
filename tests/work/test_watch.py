"""Watch-lists that the books and figures draw: every line at, below and above it, pages without gaps, reasons."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from make import code, firm, stay, title
from sqlalchemy import event
from sqlalchemy.orm import Session
from watched_register import ON, UNTIL, enrolled, listed, only, titled

from registry.domain.errors import Refused
from registry.domain.firms import Firm
from registry.policy.assembly import load
from registry.policy.watch_lists import WAN, lines, watch_lists
from registry.rules import tree
from registry.work import watch as room
from registry.work.file_books import file_stays
from registry.work.watch import watch, watch_all


def earning(number: int, main_revenue: int | None, **facts: Any) -> Firm:
    """A firm with a main-business revenue of 2024, in fen; a fact of None is unknown."""
    figures = {"employees": 10} if main_revenue is None else {"main_revenue": main_revenue}
    known = {"industry": "3451", "district": "370285", "independent_legal_entity": True} | facts
    known = {key: value for key, value in known.items() if value is not None}
    return firm(number, name=f"青岛示例{number}号有限公司", years={2024: figures}, **known)


@contextmanager
def counting(session: Session) -> Iterator[list[str]]:
    said: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    engine = session.connection().engine
    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def test_the_lines_are_those_of_the_rules() -> None:
    criteria = {one.key: one.rule for one in load("above_scale-2011").criteria}

    assert criteria["main_revenue"] == tree.Compare(
        tree.Figure("main_revenue", 0), tree.Op.AT_LEAST, criteria["main_revenue"].right
    )
    assert criteria["main_revenue"].right.value == lines().threshold == 2000 * WAN
    assert criteria["industrial"].ranges == (tuple(int(one) for one in lines().industry),)
    assert (lines().pool_from, lines().near_from, lines().expiring_days) == (1000 * WAN, 1600 * WAN, 90)


@pytest.mark.parametrize(
    ("revenue", "expected"),
    [
        (1000 * WAN - 1, set()),
        (1000 * WAN, {"pool"}),
        (1600 * WAN - 1, {"pool"}),
        (1600 * WAN, {"pool", "near"}),
        (2000 * WAN - 1, {"pool", "near"}),
        (2000 * WAN, {"over_unlisted"}),
        (2000 * WAN + 1, {"over_unlisted"}),
    ],
)
def test_a_firm_that_is_not_above_scale_stands_on_one_side_of_each_line(
    session: Session, now: datetime, revenue: int, expected: set[str]
) -> None:
    enrolled(session, now, earning(1, revenue))

    found = {key for key in ("pool", "near", "over_unlisted", "listed_below") if listed(session, key)}

    assert found == expected
    assert all(watch(session, key, ON).unknown == 0 for key in ("pool", "near", "over_unlisted", "listed_below"))


@pytest.mark.parametrize(("revenue", "expected"), [(2000 * WAN - 1, True), (2000 * WAN, False), (0, True)])
def test_an_above_scale_firm_is_watched_only_below_the_threshold(
    session: Session, now: datetime, revenue: int, expected: bool
) -> None:
    enrolled(session, now, earning(1, revenue))
    file_stays(session, [stay(1)], now=now, source="测试")

    assert bool(listed(session, "listed_below")) == expected
    assert not any(listed(session, key) for key in ("pool", "near", "over_unlisted"))


@pytest.mark.parametrize(
    ("industry", "belongs"), [("0599", False), ("0610", True), ("4620", True), ("4700", False), ("6510", False)]
)
def test_only_industry_is_watched_for_the_threshold(
    session: Session, now: datetime, industry: str, belongs: bool
) -> None:
    enrolled(session, now, earning(1, 1500 * WAN, industry=industry), earning(2, 2500 * WAN, industry=industry))

    assert bool(listed(session, "pool")) == bool(listed(session, "over_unlisted")) == belongs


def test_unknown_is_never_taken_for_no_nor_counted_where_it_does_not_matter(session: Session, now: datetime) -> None:
    enrolled(
        session,
        now,
        earning(1, None),
        earning(2, 1500 * WAN, industry=None),
        earning(3, None, industry=None),
        # Known to be outside, whatever the other value is.
        earning(4, None, industry="6510"),
        earning(5, 900 * WAN, industry=None),
        firm(6),
    )
    file_stays(session, [stay(7)], now=now, source="测试")

    pool, over, below = (watch(session, key, ON) for key in ("pool", "over_unlisted", "listed_below"))

    assert (pool.total, pool.unknown) == (0, 4)
    assert (over.total, over.unknown) == (0, 3)
    assert (below.total, below.unknown) == (0, 1)


def test_a_firm_known_to_be_no_legal_entity_is_left_out_and_an_unknown_one_is_told(
    session: Session, now: datetime
) -> None:
    firms = [earning(number, 2000 * WAN, independent_legal_entity=known) for number, known in enumerate((True, False))]
    enrolled(session, now, *firms, earning(2, 2000 * WAN, independent_legal_entity=None))

    page = watch(session, "over_unlisted", ON)

    assert [(one.uscc, one.figures["legal_entity"]) for one in page.entries] == [(code(0), True), (code(2), None)]
    assert ["独立法人资格未登记" in one.reason for one in page.entries] == [False, True]
    assert page.unknown == 0


def test_a_reason_gives_the_figure_the_line_and_the_distance(session: Session, now: datetime) -> None:
    enrolled(session, now, earning(1, 1850 * WAN))

    entry = only(watch(session, "near", ON))

    assert entry.reason == "2024年主营业务收入 1,850.00 万元，距 2000 万元还差 150.00 万元"
    assert entry.reason_en == "main-business revenue 2024 1,850.00 万元, 150.00 万元 short of 2000 万元"
    assert entry.text == f"{entry.reason} ({entry.reason_en})"
    assert entry.figures == {"industry": "3451", "main_revenue": 1850 * WAN, "shortfall": 150 * WAN}
    assert (entry.name, entry.district, entry.tier) == ("青岛示例1号有限公司", "370285", None)


@pytest.mark.parametrize(
    ("revenue", "said"),
    [
        (2000 * WAN - 1, "1,999.999999 万元，距 2000 万元还差 0.01 万元"),
        (2000 * WAN, "2,000.00 万元，恰为 2000 万元；当日不在规上库"),
        (2000 * WAN + 1, "2,000.000001 万元，达到 2000 万元，超出 0.01 万元；当日不在规上库"),
    ],
)
def test_a_figure_is_never_printed_onto_a_line_it_misses(
    session: Session, now: datetime, revenue: int, said: str
) -> None:
    enrolled(session, now, earning(1, revenue))
    key = "pool" if revenue < 2000 * WAN else "over_unlisted"

    assert only(watch(session, key, ON)).reason.endswith(said)


def test_every_entry_has_the_figures_that_its_list_names(session: Session, now: datetime) -> None:
    enrolled(session, now, earning(1, 1850 * WAN), earning(2, 2850 * WAN), earning(3, 1 * WAN))
    file_stays(session, [stay(3)], now=now, source="测试")
    titled(session, now, title(4, valid_until=UNTIL))

    for key in ("pool", "near", "over_unlisted", "listed_below", "expiring", "update_overdue"):
        entry = only(watch(session, key, ON))
        assert list(entry.figures) == [column.key for column in watch_lists()[key].columns], key
        assert entry.reason and entry.reason_en


def test_the_day_names_the_fiscal_year_and_the_standing(session: Session, now: datetime) -> None:
    years = {2023: {"main_revenue": 2500 * WAN}, 2024: {"main_revenue": 1500 * WAN}}
    enrolled(session, now, firm(1, industry="3451", years=years))
    file_stays(session, [stay(1, entered_on=date(2024, 3, 1), exited_on=date(2025, 3, 1))], now=now, source="测试")

    assert listed(session, "over_unlisted", date(2024, 2, 29)) == [code(1)]
    assert not listed(session, "over_unlisted", date(2024, 3, 1))
    assert listed(session, "listed_below", date(2025, 2, 28)) == [code(1)]
    # Out at the close of the day of its exit.
    assert not listed(session, "listed_below", date(2025, 3, 1))
    assert listed(session, "pool", date(2025, 3, 1)) == [code(1)]


def test_a_district_is_that_of_the_day(session: Session, now: datetime) -> None:
    enrolled(session, now, earning(1, 1500 * WAN, district="370202"), on=date(2025, 3, 1))
    enrolled(session, now + timedelta(days=1), earning(1, 1500 * WAN, district="370285"), on=date(2025, 6, 1))
    enrolled(session, now + timedelta(days=2), earning(1, 1500 * WAN, district="370211"), on=date(2025, 9, 1))
    enrolled(session, now + timedelta(days=3), earning(2, 1500 * WAN, district=None))

    def where(on: date) -> list[str]:
        places = ("370202", "370285", "370211")
        found = [place for place in places if code(1) in listed(session, "pool", on, district=place)]
        assert [one.district for one in watch(session, "pool", on).entries] == [*found, None]
        return found

    assert where(date(2025, 5, 31)) == ["370202"]
    assert where(date(2025, 6, 1)) == where(date(2025, 8, 31)) == ["370285"]
    assert where(date(2025, 9, 1)) == ["370211"]
    # Before the first word of a district the first one holds.
    assert where(date(2025, 1, 1)) == ["370202"]


def test_a_move_that_was_taken_back_moves_nobody(session: Session, now: datetime) -> None:
    titled(session, now, title(1, valid_until=UNTIL))
    moved = title(1, tier="innovative", recognised_on=date(2025, 12, 1), district="370211")
    titled(session, now + timedelta(days=1), moved)
    assert only(watch(session, "expiring", ON)).district == "370285"
    titled(session, now + timedelta(days=2), title(1, tier="innovative", recognised_on=date(2025, 12, 1)))

    assert listed(session, "expiring", district="370285") == [code(1)]
    assert not listed(session, "expiring", district="370211")


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
def test_pages_run_along_the_codes_without_gaps(session: Session, now: datetime, limit: int) -> None:
    enrolled(session, now, *(earning(number, 1700 * WAN) for number in (5, 3, 7, 1, 2, 6, 4)))

    seen: list[str] = []
    after = None
    while True:
        page = watch(session, "near", ON, after=after, limit=limit)
        assert page.total == 7
        seen += [entry.uscc for entry in page.entries]
        after = page.after
        if after is None:
            break

    assert seen == sorted(code(number) for number in range(1, 8))


def test_the_whole_list_is_read_in_parts_and_is_as_long_as_its_total(
    session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "CHUNK", 2)
    enrolled(session, now, *(earning(number, 1700 * WAN) for number in range(1, 6)), earning(6, None))
    titled(session, now, *(title(number, valid_until=UNTIL) for number in range(1, 5)))

    for key, count, unknown in (("pool", 5, 1), ("expiring", 4, 0), ("update_overdue", 0, 0)):
        whole = watch_all(session, key, ON)
        assert (whole.total, whole.unknown, len(list(whole))) == (count, unknown, count), key


def test_a_page_may_be_asked_for_without_its_counts(session: Session, now: datetime) -> None:
    enrolled(session, now, earning(1, 1700 * WAN))

    page = watch(session, "pool", ON, counted=False)

    assert (len(page.entries), page.total, page.unknown) == (1, None, None)


def test_what_was_counted_holds_until_the_books_change(session: Session, now: datetime) -> None:
    enrolled(session, now, earning(1, 1700 * WAN))
    assert watch(session, "pool", ON).total == 1
    enrolled(session, now, earning(1, 900 * WAN), earning(2, None))

    page = watch(session, "pool", ON)

    assert (page.entries, page.total, page.unknown) == ((), 0, 1)


@pytest.mark.parametrize("key", ["pool", "over_unlisted", "listed_below", "expiring", "update_overdue"])
def test_a_page_asks_as_many_queries_for_many_firms_as_for_one(session: Session, now: datetime, key: str) -> None:
    def asked() -> int:
        with counting(session) as said:
            assert watch(session, key, ON, limit=500).entries
        return len(said)

    def fill(*numbers: int) -> None:
        enrolled(session, now, *(earning(3 * n, 1500 * WAN) for n in numbers))
        enrolled(session, now, *(earning(3 * n + 1, 2500 * WAN) for n in numbers))
        stays = [stay(3 * n + 2) for n in numbers]
        enrolled(session, now, *(earning(3 * n + 2, 1 * WAN) for n in numbers))
        file_stays(session, stays, now=now, source="测试")
        titled(session, now, *(title(1000 + n, valid_until=UNTIL) for n in numbers))

    fill(1)
    one = asked()
    fill(*range(2, 30))

    assert asked() == one <= 5


def test_what_a_list_does_not_take_is_refused_at_its_place(session: Session) -> None:
    def path(key: str, **asked: Any) -> str:
        with pytest.raises(Refused) as refused:
            watch(session, key, ON, **asked)
        (fault,) = refused.value.faults
        return fault.path

    assert path("nonsense") == "list"
    assert path("pool", tier="specialized") == path("expiring", tier="above_scale") == "tier"
    assert path("pool", days=3) == path("expiring", days=-1) == path("expiring", days=3661) == "days"


def test_a_cursor_that_nobody_gave_is_a_place_like_any_other(session: Session, now: datetime) -> None:
    titled(session, now, title(1, valid_until=UNTIL), title(2, valid_until=UNTIL))

    assert [one.uscc for one in watch(session, "expiring", ON, after=code(1)).entries] == [code(2)]
    assert [one.uscc for one in watch(session, "expiring", ON, after=f"{code(1)}:x").entries] == [code(2)]
    assert watch(session, "expiring", ON, after="~").entries == ()
    assert watch(session, "expiring", date.max).entries == ()
