"""The database itself keeps a decision as it was taken: no statement changes, removes or replaces one."""

import pytest
from make import DISTRICT, code
from people import NOW, actor_of, reviewer
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from registry.domain.conflicts import ToDecide
from registry.store.decisions import CASE_KINDS, LEVELS, MATTERS, Decision
from registry.work.decide import decide

REFUSAL = "a decision is never changed"
COLUMNS = "matter, matter_id, level, kind, uscc, person_id, seat_id, outcome, reason, decided_at"

# FIRST stands for the number of the first decision, ITS_ROW for all it says but that number.
CHANGES = [
    "UPDATE decision SET outcome = 'refused'",
    "UPDATE decision SET outcome = outcome",
    "UPDATE decision SET id = id + 100",
    "UPDATE decision SET reason = '' WHERE id = FIRST",
    "DELETE FROM decision",
    "DELETE FROM decision WHERE id = FIRST",
    "INSERT INTO decision SELECT * FROM decision WHERE id = FIRST ON CONFLICT (id) DO UPDATE SET outcome = 'x'",
    "INSERT INTO decision ITS_ROW ON CONFLICT (matter, matter_id, level) DO UPDATE SET outcome = 'x'",
]
ON_SQLITE = [
    "INSERT OR REPLACE INTO decision SELECT * FROM decision WHERE id = FIRST",
    "REPLACE INTO decision ITS_ROW",
    "UPDATE OR REPLACE decision SET id = FIRST",
]
ON_POSTGRESQL = ["TRUNCATE decision", "TRUNCATE decision, seat, person CASCADE"]


@pytest.fixture
def decided(session: Session) -> Session:
    """Two cases, decided by one reviewer."""
    actor = actor_of(session, reviewer(session, district=DISTRICT))
    for number in (1, 2):
        case = ToDecide(("application", number), "district", code(number))
        decide(session, actor, actor.seats, case, kind="new", outcome="recommended", reason="符合", now=NOW)
    return session


def written(statement: str) -> str:
    whole = statement.replace("ITS_ROW", f"({COLUMNS}) SELECT {COLUMNS} FROM decision WHERE id = FIRST")  # noqa: S608
    return whole.replace("FIRST", "(SELECT min(id) FROM decision)")


def held(session: Session) -> list[tuple[object, ...]]:
    return [tuple(row) for row in session.execute(text("SELECT * FROM decision ORDER BY id"))]


def refuses(session: Session, statement: str) -> None:
    before = held(session)
    with pytest.raises(DBAPIError, match=REFUSAL), session.begin_nested():
        session.execute(text(written(statement)))
    assert held(session) == before != []


@pytest.mark.parametrize("statement", CHANGES)
def test_no_decision_is_changed_or_removed(decided: Session, statement: str) -> None:
    refuses(decided, statement)


@pytest.mark.parametrize("statement", ON_SQLITE)
def test_on_sqlite_no_decision_is_replaced(decided: Session, statement: str) -> None:
    if decided.get_bind().dialect.name != "sqlite":
        pytest.skip("SQLite's own words")
    refuses(decided, statement)


@pytest.mark.parametrize("statement", ON_POSTGRESQL)
def test_on_postgresql_decisions_are_not_truncated(decided: Session, statement: str) -> None:
    if decided.get_bind().dialect.name != "postgresql":
        pytest.skip("PostgreSQL's own word")
    refuses(decided, statement)


def test_an_object_that_was_changed_is_refused_as_well(decided: Session) -> None:
    row = decided.query(Decision).order_by(Decision.id).first()
    assert row is not None
    with pytest.raises(DBAPIError, match=REFUSAL), decided.begin_nested():
        row.outcome = "refused"
        decided.flush()


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("level", "'district'", r"(?i)unique|never changed"),
        ("level", "'province'", "level_is_known"),
        ("matter", "'wish'", "matter_is_known"),
        ("kind", "'old'", "kind_is_known"),
        ("outcome", "''", "outcome_is_given"),
        ("uscc", "'9137'", "uscc_has_18_characters"),
        ("person_id", "0", r"(?i)foreign key"),
        ("seat_id", "0", r"(?i)foreign key"),
    ],
)
def test_a_decision_that_cannot_be_is_refused(decided: Session, column: str, value: str, rule: str) -> None:
    stated = COLUMNS.replace("level", "'city'") if column != "level" else COLUMNS
    stated = ", ".join(value if one == column else one for one in stated.split(", "))
    with pytest.raises(IntegrityError, match=rule), decided.begin_nested():
        decided.execute(text(written("INSERT INTO decision ITS_ROW").replace("SELECT " + COLUMNS, "SELECT " + stated)))


def test_the_words_of_a_decision_are_few() -> None:
    assert (MATTERS, LEVELS, CASE_KINDS) == (
        ("claim", "application"),
        ("district", "city"),
        ("claim", "new", "re_review"),
    )
