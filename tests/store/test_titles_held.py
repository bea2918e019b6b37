"""The register of valid titles: who is on it on a day is who is counted, and each title is told with its days."""

from datetime import date, datetime, timedelta

import pytest
from make import code, firm, stay, title
from sqlalchemy.orm import Session

from registry.domain.codes import LADDER
from registry.store.books import Question, stock
from registry.store.queries import firm_by_uscc
from registry.store.titles_held import Held, Stay, holders_page, stay_on, titles_held
from registry.work.amend import Reason, revoke
from registry.work.enrol import enrol
from registry.work.file_books import file_stays, file_titles

FIRST, RENEWED = date(2023, 4, 19), date(2026, 4, 10)


@pytest.fixture(autouse=True)
def _books(session: Session, now: datetime) -> None:
    enrol(session, [firm(number) for number in range(1, 6)], now=now, on=FIRST, source="test")
    rows = [
        title(1, recognised_on=FIRST, source="甲号文"),
        # In time: it goes on from here, two days early.
        title(1, recognised_on=RENEWED, kind="re_review", district="370202"),
        title(1, tier="innovative", recognised_on=date(2024, 1, 1)),
        title(2, recognised_on=FIRST, valid_until=date(2024, 12, 31)),
        title(3, tier="little_giant", recognised_on=date(2024, 7, 1)),
    ]
    file_titles(session, rows, now=now, source="test")
    file_stays(session, [stay(4, entered_on=FIRST, exited_on=date(2024, 3, 31))], now=now, source="test")


def held(session: Session, number: int, on: date) -> list[Held]:
    row = firm_by_uscc(session, code(number))
    assert row is not None
    return titles_held(session, [row.id], on).get(row.id, [])


def test_a_title_is_told_with_the_days_of_what_was_recognised_by_then(session: Session) -> None:
    assert held(session, 1, FIRST - timedelta(days=1)) == []
    assert held(session, 1, FIRST) == [Held("specialized", "370285", FIRST, date(2026, 4, 18), "甲号文")]
    # Before the renewal its later end is not known of.
    assert held(session, 1, RENEWED - timedelta(days=1))[1].valid_until == date(2026, 4, 18)
    assert held(session, 1, RENEWED) == [
        Held("innovative", "370202", date(2024, 1, 1), date(2026, 12, 31), ""),
        Held("specialized", "370202", RENEWED, date(2029, 4, 9), ""),
    ]


def test_an_expired_and_a_revoked_title_are_off_the_register(session: Session, now: datetime) -> None:
    assert len(held(session, 2, date(2024, 12, 31))) == 1
    assert held(session, 2, date(2025, 1, 1)) == []
    told = {"tier": "little_giant", "on": date(2025, 6, 1), "cause": "虚假材料"}
    revoke(session, code(3), **told, reason=Reason("test", "test"), now=now)  # type: ignore[arg-type]
    assert len(held(session, 3, date(2025, 5, 31))) == 1
    assert held(session, 3, date(2025, 6, 1)) == []


@pytest.mark.parametrize("on", [date(2023, 4, 18), FIRST, date(2024, 8, 1), date(2025, 1, 1), date(2026, 12, 31)])
def test_the_pages_hold_whoever_is_counted(session: Session, on: date) -> None:
    counted = stock(session, on, Question(on, on, on.year - 1))
    for tier in LADDER:
        page = holders_page(session, on, tier=tier, limit=200)
        told = titles_held(session, [one.id for one in page.firms], on)
        assert len(page.firms) == counted.get((tier, ()), 0), tier
        assert all(tier in [one.tier for one in told[firm.id]] for firm in page.firms)


def test_a_page_goes_on_where_the_last_one_ended(session: Session) -> None:
    on = date(2024, 8, 1)
    first = holders_page(session, on, limit=2)
    rest = holders_page(session, on, limit=2, after=first.after)

    assert [one.uscc for one in (*first.firms, *rest.firms)] == [code(1), code(2), code(3)]
    assert rest.after is None


def test_it_is_narrowed_by_district_code_and_name(session: Session) -> None:
    assert [one.uscc for one in holders_page(session, RENEWED, district="370202").firms] == [code(1)]
    assert holders_page(session, FIRST, district="370202").firms == ()
    assert [one.uscc for one in holders_page(session, FIRST, uscc=code(2)).firms] == [code(2)]
    assert holders_page(session, FIRST, uscc=code(5)).firms == ()
    assert len(holders_page(session, FIRST, query="示例轴承").firms) == 2


def test_a_stay_is_told_while_it_lasts(session: Session) -> None:
    row = firm_by_uscc(session, code(4))
    assert row is not None
    assert stay_on(session, row.id, FIRST) == Stay("370285", FIRST)
    assert stay_on(session, row.id, date(2024, 3, 30)) == Stay("370285", FIRST)
    assert stay_on(session, row.id, date(2024, 3, 31)) is None
    assert stay_on(session, row.id, FIRST - timedelta(days=1)) is None
