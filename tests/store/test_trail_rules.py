"""The database itself keeps the trail: no statement changes, replaces or slips in a row, or deletes a young one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from registry.domain.chain import GENESIS, Head
from registry.domain.trail import Doer, Tag
from registry.store.trail import TRAIL, TRAIL_CUT, trail_head, trail_page, trail_start
from registry.work.trace import record

# Older than 200 days by every clock of a machine that runs this, and younger by all of them.
OLD = datetime(2020, 3, 1, 8, tzinfo=UTC)
YOUNG = datetime(2999, 3, 1, 8, tzinfo=UTC)
REFUSAL = "the trail is append-only"
HE = Doer(12, "何审核", seat="district_reviewer@370214", address="10.0.0.7", request_id="r-1")
NUMBERED = """INSERT INTO trail SELECT NUMBER, at, tag, person_id, name, seat, address, request_id, subject, before,
    after, hash FROM trail WHERE seq = 1"""
CUT = "INSERT INTO trail_cut SELECT seq, hash, at FROM trail WHERE seq = "

CHANGES = [
    "UPDATE trail SET name = '别人'",
    "UPDATE trail SET seq = seq + 100",
    "UPDATE trail SET hash = hash",
    "UPDATE trail SET person_id = NULL WHERE seq = 1",
    "DELETE FROM trail",
    "DELETE FROM trail WHERE seq = 1",
    "DELETE FROM trail WHERE seq = 4",
    NUMBERED.replace("NUMBER", "0"),
    NUMBERED.replace("NUMBER", "6"),
    # The next number, with a moment before the last one.
    NUMBERED.replace("NUMBER", "5"),
    "INSERT INTO trail SELECT * FROM trail WHERE seq = 1 ON CONFLICT (seq) DO UPDATE SET name = '别人'",
    "INSERT INTO trail SELECT * FROM trail WHERE seq = 1 ON CONFLICT DO NOTHING",
    # Only an old head of this very trail may be noted as archived.
    CUT + "4",
    CUT.replace("hash", "replace(hash, substr(hash, 1, 8), 'ffffffff')") + "2",
    "INSERT INTO trail_cut SELECT 77, hash, at FROM trail WHERE seq = 2",
]
ON_SQLITE = [
    "INSERT OR REPLACE INTO trail SELECT * FROM trail WHERE seq = 1",
    "REPLACE INTO trail SELECT * FROM trail WHERE seq = 4",
    "INSERT OR IGNORE INTO trail SELECT * FROM trail WHERE seq = 1",
    "UPDATE OR REPLACE trail SET seq = 2 WHERE seq = 1",
    NUMBERED.replace("NUMBER", "NULL"),
]
ON_POSTGRESQL = ["TRUNCATE trail", "TRUNCATE trail_cut", "TRUNCATE trail, trail_cut CASCADE"]


def is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


@pytest.fixture(params=["as it is set up", "without recursive triggers"])
def trail(request: pytest.FixtureRequest, session: Session) -> Iterator[Session]:
    """Three old entries and a young one; SQLite fires the trigger of a replaced row only with recursive triggers."""
    for number, at in enumerate((OLD, OLD, OLD + timedelta(days=1), YOUNG)):
        record(session, Tag.PERSON_CHANGED, HE, now=at, subject=f"person:{number}", after={"n": number})
    is_off = request.param.startswith("without")
    if is_off and not is_sqlite(session):
        pytest.skip("recursive triggers are SQLite's")
    if is_off:
        session.execute(text("PRAGMA recursive_triggers=OFF"))
    yield session
    if is_off:
        session.execute(text("PRAGMA recursive_triggers=ON"))


def held(session: Session) -> list[object]:
    rows = [session.execute(table.select().order_by(table.c.seq)).all() for table in (TRAIL, TRAIL_CUT)]
    return [tuple(row) for found in rows for row in found]


def refuses(session: Session, statement: str) -> None:
    before = held(session)
    with pytest.raises(DBAPIError, match=REFUSAL), session.begin_nested():
        session.execute(text(statement))
    assert held(session) == before


@pytest.mark.parametrize("statement", CHANGES)
def test_no_row_is_changed_removed_or_slipped_in(trail: Session, statement: str) -> None:
    refuses(trail, statement)


@pytest.mark.parametrize("statement", ON_SQLITE)
def test_on_sqlite_nothing_is_replaced_and_no_number_is_made_up(trail: Session, statement: str) -> None:
    if not is_sqlite(trail):
        pytest.skip("SQLite's own words")
    refuses(trail, statement)


@pytest.mark.parametrize("statement", ON_POSTGRESQL)
def test_on_postgresql_nothing_is_truncated(trail: Session, statement: str) -> None:
    if is_sqlite(trail):
        pytest.skip("PostgreSQL's own word")
    refuses(trail, statement)


def test_a_tag_that_nobody_knows_is_refused(trail: Session) -> None:
    statement = NUMBERED.replace("NUMBER", "5").replace(" at, tag", " (SELECT max(at) FROM trail), 'a.b'")
    with pytest.raises(DBAPIError, match="tag_is_known"), trail.begin_nested():
        trail.execute(text(statement))


def test_what_is_archived_and_old_may_go_and_nothing_else(trail: Session) -> None:
    trail.execute(text(CUT + "2"))

    refuses(trail, "DELETE FROM trail WHERE seq = 3")
    refuses(trail, "DELETE FROM trail")
    trail.execute(text("DELETE FROM trail WHERE seq <= 2"))
    assert trail.scalars(select(TRAIL.c.seq).order_by(TRAIL.c.seq)).all() == [3, 4]


def test_where_it_was_cut_is_never_changed_moved_back_or_forgotten(trail: Session) -> None:
    trail.execute(text(CUT + "2"))

    for statement in (
        "UPDATE trail_cut SET seq = 3",
        "DELETE FROM trail_cut",
        CUT + "1",
        CUT + "2",
        *(["INSERT OR REPLACE INTO trail_cut SELECT * FROM trail_cut"] if is_sqlite(trail) else []),
    ):
        refuses(trail, statement)


def test_an_empty_trail_goes_on_from_where_it_was_cut(session: Session) -> None:
    assert trail_head(session.connection()) == Head(0, GENESIS)
    record(session, Tag.PERSON_CHANGED, HE, now=OLD)
    head = trail_head(session.connection())
    session.execute(text(CUT + "1"))
    session.execute(text("DELETE FROM trail"))

    assert trail_head(session.connection()) == trail_start(session.connection()) == head
    assert record(session, Tag.PERSON_CHANGED, HE, now=OLD) == 2


def test_a_page_is_the_newest_entries_that_fit(session: Session) -> None:
    for number in range(6):
        tag = Tag.SEAT_ENDED if number % 2 else Tag.SEAT_GRANTED
        doer = Doer(number % 3, f"Person_{number}", address=f"10.0.0.{number}")
        record(session, tag, doer, now=OLD + timedelta(days=number), subject=f"person:{number}", after={"n": "100%"})
    record(session, Tag.MAIL_SENT, Doer(None, "x"), now=OLD + timedelta(days=9))

    def numbers(**filters: object) -> list[int]:
        return [entry.seq for entry in trail_page(session, **filters)]  # type: ignore[arg-type]

    assert numbers() == [7, 6, 5, 4, 3, 2, 1]
    assert numbers(limit=2) == [7, 6] and numbers(limit=2, before_seq=6) == [5, 4]
    assert numbers(tag="seat.ended") == [6, 4, 2]
    assert numbers(tag="seat") == [6, 5, 4, 3, 2, 1]
    assert numbers(tag="nothing") == numbers(tag="no.thing") == []
    assert numbers(person_id=0) == [4, 1]
    assert numbers(subject="person:5") == [6]
    assert numbers(since=OLD + timedelta(days=4), until=OLD + timedelta(days=9)) == [6, 5]
    assert numbers(text="person_3") == [4]
    assert numbers(text="%") == [6, 5, 4, 3, 2, 1] and numbers(text="_") == [6, 5, 4, 3, 2, 1]
    assert numbers(tag="seat.granted", person_id=1, text="10.0.0.") == [5]
    # A moment comes back with its zone.
    assert trail_page(session)[-1].at == OLD


def test_the_clock_going_back_does_not_take_the_trail_along(session: Session) -> None:
    record(session, Tag.MAIL_SENT, HE, now=OLD)
    record(session, Tag.MAIL_SENT, HE, now=OLD - timedelta(days=30))

    assert session.scalar(select(func.min(TRAIL.c.at))) == session.scalar(select(func.max(TRAIL.c.at))) == OLD
