"""COPY keeps what INSERT keeps, in the same transaction and under the same rules. PostgreSQL only."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from make import code
from sqlalchemy import Table, select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from registry.domain.periods import NEVER
from registry.store.bulk import copy_rows
from registry.store.firms import Firm, FirmFacts

FIRM: Table = Firm.__table__  # type: ignore[assignment]
FACTS: Table = FirmFacts.__table__
MOMENT = datetime(2025, 11, 25, 9, 30, 0, 123456, timezone(timedelta(hours=8)))
pytestmark = pytest.mark.parametrize(
    "engine", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)


def row(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "uscc": code(number),
        "name": "甲\t“乙”\\N\n丙",
        "name_on": date(2025, 1, 1),
        "created_at": MOMENT,
    } | changes


def test_copied_rows_are_those_that_insert_would_make(session: Session) -> None:
    connection = session.connection()
    connection.execute(FIRM.insert(), [row(1), row(2)])
    copy_rows(connection, FIRM, [row(3)])
    copy_rows(connection, FIRM, [row(5, district="370285", district_on=date(2025, 1, 2))])

    kept = {found.uscc: found for found in connection.execute(select(FIRM))}
    assert len({found.id for found in kept.values()}) == 4
    assert kept[code(3)][2:] == kept[code(1)][2:]
    assert kept[code(3)].created_at == datetime(2025, 11, 25, 1, 30, 0, 123456, UTC)
    assert (kept[code(5)].district, kept[code(5)].district_on) == ("370285", date(2025, 1, 2))


def test_unknown_false_and_none_stay_apart(session: Session) -> None:
    connection = session.connection()
    copy_rows(connection, FIRM, [row(1)])
    firm_id = connection.scalar(select(FIRM.c.id))
    facts = {"firm_id": firm_id, "own_brand": False, "quality_award": None, "banned_until": NEVER, "digital_level": 0}
    copy_rows(connection, FACTS, [facts])

    found = connection.execute(select(FACTS)).mappings().one()
    assert {key: found[key] for key in facts} == facts
    # What no row holds has the default of its column.
    assert found["titles_known"] is False


@pytest.mark.parametrize(
    ("wrong", "kind", "rule"),
    [
        (row(1, name=""), IntegrityError, "ck_firm_name_is_not_empty"),
        (row(1, name_on=None), IntegrityError, "name_on"),
        (row(1, name="甲\0"), DataError, "NUL"),
    ],
)
def test_a_row_that_cannot_be_is_refused_as_insert_refuses_it(
    session: Session, wrong: dict[str, Any], kind: type[Exception], rule: str
) -> None:
    with pytest.raises(kind, match=rule), session.begin_nested():
        copy_rows(session.connection(), FIRM, [row(2), wrong])

    assert session.scalars(select(Firm)).all() == []


def test_no_rows_are_no_statement(session: Session) -> None:
    copy_rows(session.connection(), FIRM, [])
