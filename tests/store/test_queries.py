"""Counts are as at a day and of firms, pages run along the codes, a firm comes whole."""

from datetime import UTC, date, datetime

import pytest
from make import code, firm, stay, title
from sqlalchemy import ColumnElement, event
from sqlalchemy.orm import Session

from registry.store import queries
from registry.store.books import Question, behind_stock
from registry.store.queries import (
    firm_by_uscc,
    firm_count,
    firms_page,
)
from registry.store.records import firm_record
from registry.work.enrol import enrol
from registry.work.file_books import file_stays, file_titles

NOW = datetime(2025, 11, 25, tzinfo=UTC)
TODAY = date(2025, 11, 25)


def titles(session: Session, *rows: object) -> None:
    file_titles(session, rows, now=NOW, source="t")  # type: ignore[arg-type]


@pytest.fixture
def city(session: Session) -> Session:
    named = ["青岛示例轴承", "青岛示例海工", "Example 100% 电机", "青岛示例轴承二厂", "无名"]
    districts = ["370285", "370211", "370285", "370285", None]
    firms = [
        firm(number, name=name, **({"district": district} if district else {}))
        for number, (name, district) in enumerate(zip(named, districts, strict=True), 1)
    ]
    enrol(session, firms, now=NOW, on=TODAY, source="f")
    titles(session, title(1, name="青岛示例轴承"), title(4, name="青岛旧名"))
    file_stays(session, [stay(3, name="Example 100% 电机")], now=NOW, source="s")
    return session


def stands_in(tier: str, on: date) -> ColumnElement[bool]:
    return behind_stock(on, tier, Question(on, on, on.year - 1), {}).condition


def names(session: Session, **asked: object) -> list[str]:
    return [line.name for line in firms_page(session, **asked).firms]  # type: ignore[arg-type]


def test_pages_run_along_the_codes_and_miss_nobody(city: Session) -> None:
    seen, after = [], None
    for _ in range(3):
        page = firms_page(city, after=after, limit=2)
        seen += [line.uscc for line in page.firms]
        after = page.after

    assert after is None
    assert seen == sorted(code(number) for number in range(1, 6))
    assert firms_page(city, limit=5).after is None


def test_a_page_is_narrowed_by_district_tier_and_text(city: Session) -> None:
    assert names(city, district="370211") == ["青岛示例海工"]
    assert names(city, only=stands_in("specialized", TODAY)) == ["青岛示例轴承", "青岛示例轴承二厂"]
    assert names(city, only=stands_in("specialized", date(2026, 4, 19))) == []
    assert names(city, only=stands_in("above_scale", TODAY)) == ["Example 100% 电机"]
    assert names(city, query=" 轴承 ") == ["青岛示例轴承", "青岛示例轴承二厂"]
    assert names(city, query="轴承", district="370285", only=stands_in("specialized", TODAY), after=code(1)) == [
        "青岛示例轴承二厂"
    ]


def test_a_firm_is_found_by_its_code_and_by_a_former_name(city: Session) -> None:
    assert names(city, query=code(2).lower()[:17]) == ["青岛示例海工"]
    assert names(city, query="旧名") == ["青岛示例轴承二厂"]
    assert len(names(city, query="9137")) == 5


def test_signs_of_the_search_language_are_plain_text(city: Session) -> None:
    assert names(city, query="100%") == ["Example 100% 电机"]
    assert names(city, query="%") == ["Example 100% 电机"]
    assert names(city, query="_") == []
    assert names(city, query="' OR 1=1 --") == []


def test_a_firm_is_found_by_its_whole_code(city: Session) -> None:
    found = firm_by_uscc(city, code(3))
    assert found is not None and found.name == "Example 100% 电机"
    assert firm_by_uscc(city, "nobody") is None
    assert firm_count(city) == 5


def test_a_firm_nobody_said_a_word_of_titles_has_them_unknown(city: Session) -> None:
    record = firm_record(city, code(2))
    assert record is not None
    assert "titles" not in record.firm.facts
    assert record.incomplete_lists == frozenset()
    assert firm_record(city, "nobody") is None


def test_titles_of_the_books_alone_make_an_incomplete_list(city: Session) -> None:
    record = firm_record(city, code(1))
    assert record is not None
    assert record.firm.facts["titles"] == (
        {"kind": "specialized", "from": date(2023, 4, 19), "until": date(2026, 4, 18)},
    )
    assert record.incomplete_lists == {"titles"}


def test_titles_of_the_books_join_the_stated_ones_once(city: Session) -> None:
    booked = {"kind": "specialized", "from": date(2023, 4, 19), "until": date(2026, 4, 18)}
    enrol(city, [firm(1, titles=({"kind": "hi_tech"}, booked)), firm(4, titles=())], now=NOW, on=TODAY, source="f")

    first, fourth = firm_record(city, code(1)), firm_record(city, code(4))
    assert first is not None and fourth is not None
    assert first.firm.facts["titles"] == ({"kind": "hi_tech"}, booked)
    assert fourth.firm.facts["titles"] == (booked,)
    assert first.incomplete_lists == fourth.incomplete_lists == frozenset()


def test_a_page_is_one_query_and_a_search_two(city: Session) -> None:
    asked: list[str] = []
    engine = city.get_bind().engine

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    firms_page(city, only=stands_in("specialized", TODAY), district="370285")
    assert len(asked) == 1
    firms_page(city, only=stands_in("specialized", TODAY), query="轴承", district="370285")
    event.remove(engine, "before_cursor_execute", note)
    assert len(asked) == 3


def test_a_text_that_many_names_have_is_found_all_the_same(city: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    rare = names(city, query="轴承")
    monkeypatch.setattr(queries, "_MANY", 2)

    assert names(city, query="轴承") == rare
    assert names(city, query="旧名") == ["青岛示例轴承二厂"]
