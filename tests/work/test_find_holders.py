"""Holders of titles are found by name and pinyin, with the names they bore, on the day that is asked about."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from make import code, firm, title
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.store.firms import Firm
from registry.store.search import NameGram, NameIndexed
from registry.work import find_holders as finding
from registry.work.enrol import enrol
from registry.work.file_books import file_titles
from registry.work.find_holders import find_holders
from registry.work.keep_search import fill_search, index_names, is_search_behind, readings_of

NOW = datetime(2025, 11, 25, 1, 30, tzinfo=UTC)
DAY = date(2025, 11, 25)
HAICHEN, CHONGQING, LISTED = "青岛海辰精密机械有限公司", "青岛重庆路长城科技有限公司", "青岛海辰未认定有限公司"


@pytest.fixture
def city(session: Session) -> Iterator[Session]:
    rows = [
        title(1, name=HAICHEN, recognised_on=date(2023, 4, 19)),
        title(2, name=CHONGQING, tier="innovative", district="370202", recognised_on=date(2024, 1, 1)),
    ]
    file_titles(session, rows, now=NOW, source="名单.xlsx")
    enrol(session, [firm(3, name=LISTED)], now=NOW + timedelta(hours=1), on=DAY, source="名录.xlsx")
    yield session


def names(session: Session, typed: str, on: date = DAY, **asked: object) -> list[str]:
    return [one.name for one in find_holders(session, typed, on, **asked).firms]  # type: ignore[arg-type]


@pytest.mark.parametrize("typed", ["海", "海辰", "精密机", "haichen", "qdhc", "qingdaohaich", "QDHC", HAICHEN])
def test_a_holder_is_found_by_a_part_of_its_name_or_pinyin(city: Session, typed: str) -> None:
    assert names(city, typed) == [HAICHEN]


def test_a_character_is_found_by_its_usual_readings(city: Session) -> None:
    for typed in ("chongqing", "zhongqing", "changcheng", "zhangcheng", "cqlcc", "zqlzc"):
        assert names(city, typed) == [CHONGQING], typed
    assert readings_of("重x1") == [("zhong", "chong", "tong"), ("x",), ("1",)]


def test_a_firm_that_never_held_a_title_is_not_found(city: Session) -> None:
    assert names(city, "未认定") == []
    assert names(city, "青岛") == [HAICHEN, CHONGQING]


def test_tier_and_district_narrow(city: Session) -> None:
    assert names(city, "青岛", tier="specialized") == names(city, "青岛", district="370285") == [HAICHEN]
    assert names(city, "青岛", tier="innovative", district="370202") == [CHONGQING]
    assert names(city, "青岛", tier="innovative", district="370285") == names(city, "青岛", tier="little_giant") == []


def test_a_title_counts_from_its_first_to_its_last_valid_day(city: Session) -> None:
    days = (date(2023, 4, 18), date(2023, 4, 19), date(2026, 4, 18), date(2026, 4, 19))

    assert [names(city, "海辰", on) for on in days] == [[], [HAICHEN], [HAICHEN], []]


def test_a_firm_is_found_by_its_former_name_too(city: Session) -> None:
    renamed = "青岛云帆精密机械有限公司"
    enrol(city, [firm(1, name=renamed)], now=NOW + timedelta(days=1), on=DAY, source="更名.xlsx")
    found = find_holders(city, "海辰", DAY)

    assert [one.name for one in found.firms] == [renamed] and list(found.former.values()) == [HAICHEN]
    assert names(city, "yunfan") == [renamed] and find_holders(city, "yunfan", DAY).former == {}
    assert find_holders(city, "精密", DAY).former == {}


def test_pages_follow_one_another_without_loss_or_repetition(session: Session) -> None:
    rows = [title(number, name=f"青岛第{number}有限公司") for number in range(1, 24)]
    file_titles(session, rows, now=NOW, source="名单.xlsx")
    seen: list[str] = []
    after: int | None = 0
    sizes = []
    while after is not None:
        page = find_holders(session, "青岛第", DAY, after=after, limit=10)
        seen += [one.uscc for one in page.firms]
        sizes.append(len(page.firms))
        after = page.after

    assert sorted(seen) == sorted(code(number) for number in range(1, 24)) and sizes == [10, 10, 3]


def test_a_page_ends_after_so_many_candidates_and_the_next_goes_on(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [title(number, name=f"青岛第{number}有限公司") for number in range(1, 10)]
    file_titles(session, [*rows, title(10, name="青岛第10有限公司", tier="innovative")], now=NOW, source="名单.xlsx")
    monkeypatch.setattr(finding, "_ROUNDS", (2, 3))
    first = find_holders(session, "青岛第", date(2026, 4, 19), limit=5)

    assert first.firms == () and first.after is not None
    second = find_holders(session, "青岛第", date(2026, 4, 19), after=first.after, limit=5)
    assert second.firms == () and second.after is not None
    assert find_holders(session, "青岛第", date(2026, 4, 19), after=second.after, limit=5).after is None


def everything(session: Session) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    grams = session.execute(select(NameGram.gram, NameGram.block, NameGram.firms)).all()
    told = session.execute(select(NameIndexed.firm_id, NameIndexed.told)).all()
    return sorted(map(tuple, grams)), sorted(map(tuple, told))


def test_an_older_register_is_filled_to_the_same_and_twice_changes_nothing(city: Session) -> None:
    kept = everything(city)
    assert not is_search_behind(city)
    for table in (NameGram, NameIndexed):
        city.query(table).delete()
    city.flush()
    assert is_search_behind(city) and names(city, "海辰") == []

    assert fill_search(city) == 2
    assert everything(city) == kept and names(city, "海辰") == [HAICHEN]
    assert fill_search(city) == 0 and not is_search_behind(city)


def test_what_stayed_as_it_was_is_not_indexed_again(city: Session) -> None:
    ids = list(city.scalars(select(Firm.id)))

    assert index_names(city.connection(), ids) == 0


def test_nothing_is_found_by_what_is_no_name(city: Session) -> None:
    for typed in ("", " ", "《》", "%", "_", "'; DROP TABLE firm;--", "\u0000"):
        assert names(city, typed) == [], typed
