"""Counts are as at a day and of firms, pages run along the codes, a firm comes whole."""

from datetime import UTC, date, datetime

import pytest
from make import code, firm, stay, title
from sqlalchemy import event
from sqlalchemy.orm import Session

from registry.store import queries
from registry.store.queries import (
    above_scale_count,
    distinct_title_holders,
    firm_by_uscc,
    firm_count,
    firms_page,
    ladder_counts,
    ladder_counts_by_district,
    new_recognitions,
)
from registry.store.records import firm_record
from registry.work.enrol import enrol
from registry.work.file_books import file_stays, file_titles

NOW = datetime(2025, 11, 25, tzinfo=UTC)
TODAY = date(2025, 11, 25)


def titles(session: Session, *rows: object) -> None:
    file_titles(session, rows, now=NOW, source="t")  # type: ignore[arg-type]


def test_a_title_counts_from_its_first_to_its_last_valid_day(session: Session) -> None:
    titles(session, title(valid_until=date(2023, 12, 31)))

    def counted(on: date) -> int:
        return ladder_counts(session, on)["specialized"]

    assert [counted(date(2023, 4, 18)), counted(date(2023, 4, 19))] == [0, 1]
    assert [counted(date(2023, 12, 31)), counted(date(2024, 1, 1))] == [1, 0]


def test_a_firm_counts_once_in_a_tier_however_its_titles_overlap(session: Session) -> None:
    titles(session, title(), title(recognised_on=date(2026, 4, 1), kind="re_review"), title(tier="innovative"))
    titles(session, title(2, district="370211", tier="little_giant"))

    on = date(2026, 4, 10)
    assert ladder_counts(session, on) == {"innovative": 1, "specialized": 1, "little_giant": 1}
    assert ladder_counts(session, on, "370211") == {"innovative": 0, "specialized": 0, "little_giant": 1}
    assert distinct_title_holders(session, on) == 2
    assert ladder_counts_by_district(session, on) == {
        "370211": {"innovative": 0, "specialized": 0, "little_giant": 1},
        "370285": {"innovative": 1, "specialized": 1, "little_giant": 0},
    }


def test_a_corrected_title_counts_as_it_was_corrected(session: Session) -> None:
    titles(session, title())
    titles(session, title(valid_until=date(2024, 1, 1)))

    assert ladder_counts(session, date(2024, 6, 1))["specialized"] == 0


def test_a_firm_is_out_at_the_close_of_the_day_of_its_exit(session: Session) -> None:
    file_stays(session, [stay(exited_on=date(2024, 12, 31)), stay(2)], now=NOW, source="s")

    counts = [above_scale_count(session, on) for on in (date(2022, 1, 30), date(2022, 1, 31), date(2024, 12, 30))]
    assert counts == [0, 2, 2]
    assert above_scale_count(session, date(2024, 12, 31)) == 1
    assert above_scale_count(session, date(2024, 12, 30), "370211") == 0


def test_only_a_first_recognition_is_new(session: Session) -> None:
    titles(
        session,
        title(1, recognised_on=date(2024, 1, 1)),
        title(2, recognised_on=date(2024, 12, 31)),
        title(3, recognised_on=date(2024, 5, 1), kind="re_review"),
        title(4, recognised_on=date(2021, 5, 1)),
        title(4, recognised_on=date(2024, 5, 1)),
        title(5, recognised_on=date(2023, 12, 31)),
        title(6, recognised_on=date(2024, 5, 1), tier="innovative"),
    )

    assert new_recognitions(session, "specialized", 2024, date(2024, 12, 31)) == 2
    assert new_recognitions(session, "specialized", 2024, date(2024, 12, 30)) == 1
    assert new_recognitions(session, "specialized", 2024, date(2030, 1, 1)) == 2
    assert new_recognitions(session, "innovative", 2024, TODAY) == 1


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
    assert names(city, tier="specialized", on=TODAY) == ["青岛示例轴承", "青岛示例轴承二厂"]
    assert names(city, tier="specialized", on=date(2026, 4, 19)) == []
    assert names(city, tier="above_scale", on=TODAY) == ["Example 100% 电机"]
    assert names(city, query=" 轴承 ") == ["青岛示例轴承", "青岛示例轴承二厂"]
    assert names(city, query="轴承", district="370285", tier="specialized", on=TODAY, after=code(1)) == [
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


def test_a_tier_is_asked_for_as_at_a_day(city: Session) -> None:
    with pytest.raises(ValueError, match="a day"):
        firms_page(city, tier="specialized")


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
    firms_page(city, tier="specialized", on=TODAY, district="370285")
    assert len(asked) == 1
    firms_page(city, tier="specialized", on=TODAY, query="轴承", district="370285")
    event.remove(engine, "before_cursor_execute", note)
    assert len(asked) == 3


def test_a_text_that_many_names_have_is_found_all_the_same(city: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    rare = names(city, query="轴承")
    monkeypatch.setattr(queries, "_MANY", 2)

    assert names(city, query="轴承") == rare
    assert names(city, query="旧名") == ["青岛示例轴承二厂"]
