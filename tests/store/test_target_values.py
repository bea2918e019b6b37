"""What staff entered is only added to: the newest counts, the rest is history, and the database refuses a change."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from registry.store.targets import TargetValue, current_values, values_of

NOW = datetime(2024, 7, 15, 1, 30, tzinfo=UTC)
DAY = date(2024, 6, 30)
SAME_NUMBER = """INSERT OR REPLACE INTO target_value (id, year, key, value, as_of, source, author, note, entered_at)
    VALUES (?, 2024, 'growth', 1, '2024-06-30', 'x', 'y', '', '2030-01-01 00:00:00.000000')"""
SAME_MOMENT = """INSERT OR REPLACE INTO target_value (id, year, key, value, as_of, source, author, note, entered_at)
    SELECT id + 1, year, key, 1, as_of, source, author, note, entered_at FROM target_value"""


def keep(session: Session, value: int = 65_000, hours: int = 0, **changes: Any) -> TargetValue:
    parts: dict[str, Any] = {
        "year": 2024,
        "key": "growth",
        "value": value,
        "as_of": DAY,
        "source": "统计公报",
        "author": "张三",
        "note": "",
        "entered_at": NOW + timedelta(hours=hours),
    }
    row = TargetValue(**(parts | changes))
    session.add(row)
    session.flush()
    return row


def test_the_newest_entered_is_the_current_one_and_all_are_kept(session: Session) -> None:
    keep(session, 98_000)
    keep(session, 94_000, hours=1)
    keep(session, 1, hours=2, key="other")
    keep(session, 2, hours=3, year=2025)

    assert current_values(session, 2024, DAY)["growth"].value == 94_000
    assert [row.value for row in values_of(session, 2024, "growth")] == [94_000, 98_000]
    assert values_of(session, 2023, "growth") == []


def test_a_day_knows_nothing_of_values_that_speak_of_later_days(session: Session) -> None:
    keep(session, 98_000)
    keep(session, 94_000, hours=1, as_of=date(2024, 12, 31))

    assert current_values(session, 2024, date(2024, 6, 29)) == {}
    assert current_values(session, 2024, DAY)["growth"].value == 98_000
    assert current_values(session, 2024, date(2024, 12, 31))["growth"].value == 94_000


def test_a_value_comes_back_exactly_with_its_source_and_author(session: Session) -> None:
    keep(session, -5_8001, source="市统计局月报", author="李四", note="初步数")
    session.expire_all()

    row = current_values(session, 2024, DAY)["growth"]

    assert (row.value, row.as_of, row.source, row.author, row.note) == (-58001, DAY, "市统计局月报", "李四", "初步数")
    assert row.entered_at == NOW


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE target_value SET value = 1",
        "UPDATE target_value SET note = 'x'",
        "DELETE FROM target_value",
    ],
)
def test_the_database_refuses_to_change_or_delete_a_value(session: Session, statement: str) -> None:
    keep(session)

    with pytest.raises(DBAPIError, match="values of targets are only added"), session.begin_nested():
        session.execute(text(statement))

    session.expire_all()
    assert current_values(session, 2024, DAY)["growth"].value == 65_000


def test_a_value_cannot_be_replaced_or_cut_away(session: Session) -> None:
    row = keep(session)
    assert session.bind is not None
    if session.bind.dialect.name == "postgresql":
        statements = ["TRUNCATE target_value"]
    else:
        statements = [SAME_NUMBER.replace("?", str(row.id)), SAME_MOMENT]
        # The rule must hold also for whoever opens the file without our manners.
        session.execute(text("PRAGMA recursive_triggers=OFF"))

    for statement in statements:
        with pytest.raises(DBAPIError, match="values of targets are only added"), session.begin_nested():
            session.execute(text(statement))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"source": " "}, "source_is_given"),
        ({"author": ""}, "author_is_named"),
        ({"key": ""}, "key_is_named"),
        ({"year": 24}, "year_within_bounds"),
        ({"value": 10**15}, "value_within_bounds"),
        ({"value": -(10**15)}, "value_within_bounds"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_its_rule(session: Session, changes: dict[str, Any], rule: str) -> None:
    with pytest.raises(IntegrityError, match=rule), session.begin_nested():
        keep(session, **changes)


def test_no_two_values_of_a_row_are_equally_new(session: Session) -> None:
    keep(session)

    with pytest.raises(DBAPIError), session.begin_nested():
        keep(session, 1)
