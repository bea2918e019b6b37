"""The database itself keeps ledger and filings as they are: no statement changes, removes or replaces a row."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from make import stay, title
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from registry.work.file_books import file_stays, file_titles

NOW = datetime(2025, 11, 25, 1, 30, tzinfo=UTC)
REFUSAL = "the ledger is append-only"
NUMBERED = """INSERT INTO ledger
    (seq, filing_id, known_at, takes_effect_on, uscc, tag, tier, district, details, voids, hash)
    SELECT NUMBER, filing_id, known_at, takes_effect_on, uscc, tag, tier, district, details, voids, hash
    FROM ledger WHERE seq = 1"""
TAKING_BACK = NUMBERED.replace("NUMBER", "(SELECT max(seq) + 1 FROM ledger)").replace(
    "uscc, tag, tier, district, details, voids, hash\n    FROM",
    "uscc, 'corrected', tier, district, details, 1, hash\n    FROM",
)

CHANGES = [
    "UPDATE ledger SET district = '370202'",
    "UPDATE ledger SET seq = seq + 100",
    "UPDATE ledger SET hash = hash",
    "DELETE FROM ledger",
    "DELETE FROM ledger WHERE seq = (SELECT max(seq) FROM ledger)",
    "UPDATE filing SET actor = '别人'",
    "DELETE FROM filing",
    "INSERT INTO filing SELECT * FROM filing WHERE true ON CONFLICT (id) DO UPDATE SET actor = '别人'",
    "INSERT INTO ledger SELECT * FROM ledger WHERE seq = 1 ON CONFLICT (seq) DO UPDATE SET district = '370202'",
]
ON_SQLITE = [
    "INSERT OR REPLACE INTO ledger SELECT * FROM ledger WHERE seq = 1",
    "REPLACE INTO ledger SELECT * FROM ledger WHERE seq = (SELECT max(seq) FROM ledger)",
    "UPDATE OR REPLACE ledger SET seq = 2 WHERE seq = 1",
    *(NUMBERED.replace("NUMBER", seq) for seq in ("0", "NULL", "(SELECT max(seq) + 2 FROM ledger)")),
    "INSERT OR IGNORE INTO ledger SELECT * FROM ledger WHERE seq = 1",
    "INSERT OR REPLACE INTO filing SELECT * FROM filing WHERE id = (SELECT min(id) FROM filing)",
    "INSERT INTO filing VALUES (99, '2020-01-01 00:00:00.000000', 'import', '', '')",
]
ON_POSTGRESQL = ["TRUNCATE ledger", "TRUNCATE filing CASCADE", "TRUNCATE ledger, filing"]


@pytest.fixture
def books(session: Session) -> Session:
    file_titles(session, [title(1), title(2)], now=NOW, source="公告.xlsx")
    file_stays(session, [stay(1)], now=NOW, source="名录.csv")
    return session


@pytest.fixture(params=["as it is set up", "without recursive triggers"])
def connection_of_any_kind(request: pytest.FixtureRequest, books: Session) -> Iterator[Session]:
    """SQLite fires the trigger of a row that is replaced only where recursive triggers are on."""
    is_off = request.param.startswith("without")
    if books.get_bind().dialect.name != "sqlite":
        if is_off:
            pytest.skip("recursive triggers are SQLite's")
        yield books
        return
    if is_off:
        books.execute(text("PRAGMA recursive_triggers=OFF"))
    yield books
    books.execute(text("PRAGMA recursive_triggers=ON"))


def held(session: Session) -> list[object]:
    rows = [session.execute(text(f"SELECT * FROM {table} ORDER BY 1")).all() for table in ("ledger", "filing")]  # noqa: S608
    return [tuple(row) for found in rows for row in found]


def refuses(session: Session, statement: str) -> None:
    before = held(session)
    with pytest.raises(DBAPIError, match=REFUSAL), session.begin_nested():
        session.execute(text(statement))
    assert held(session) == before


@pytest.mark.parametrize("statement", CHANGES)
def test_no_row_is_changed_or_removed(connection_of_any_kind: Session, statement: str) -> None:
    refuses(connection_of_any_kind, statement)


@pytest.mark.parametrize("statement", ON_SQLITE)
def test_on_sqlite_nothing_is_replaced_and_no_number_is_skipped(
    connection_of_any_kind: Session, statement: str
) -> None:
    if connection_of_any_kind.get_bind().dialect.name != "sqlite":
        pytest.skip("SQLite's own words")
    refuses(connection_of_any_kind, statement)


def test_on_sqlite_a_filing_is_not_replaced_by_a_later_one_of_its_number(
    connection_of_any_kind: Session,
) -> None:
    if connection_of_any_kind.get_bind().dialect.name != "sqlite":
        pytest.skip("SQLite's own words")
    later = "'2099-01-01 00:00:00.000000', deed, source, '别人' FROM filing WHERE id = (SELECT min(id) FROM filing)"
    refuses(connection_of_any_kind, "INSERT OR REPLACE INTO filing SELECT id, " + later)


@pytest.mark.parametrize("statement", ON_POSTGRESQL)
def test_on_postgresql_nothing_is_truncated(books: Session, statement: str) -> None:
    if books.get_bind().dialect.name != "postgresql":
        pytest.skip("PostgreSQL's own word")
    refuses(books, statement)


def test_an_entry_is_taken_back_once(books: Session) -> None:
    books.execute(text(TAKING_BACK))

    with pytest.raises(DBAPIError, match=r"(?i)unique"), books.begin_nested():
        books.execute(text(TAKING_BACK))
