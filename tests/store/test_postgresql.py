"""The manners of PostgreSQL: readers see one moment, writers wait for each other, what cannot be used is refused."""

import threading
from collections.abc import Iterator

import postgres
import pytest
from make import code
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from registry.domain.errors import Refused
from registry.store import engine as engines
from registry.store.engine import bring_to_newest, ensure_ready, open_engine, open_ready, writing
from registry.store.migrate import downgrade, newest_version, upgrade
from registry.store.queries import firm_count, firms_page

pytestmark = pytest.mark.postgresql


@pytest.fixture
def empty(server: postgres.Server) -> Iterator[Engine]:
    url = server.create()
    engine = open_engine(url)
    yield engine
    engine.dispose()
    server.drop(url)


@pytest.fixture
def ready(server: postgres.Server, migrated: str) -> Iterator[Engine]:
    """A database of the test's own, for what a test commits."""
    url = server.create(migrated)
    engine = open_ready(url)
    yield engine
    engine.dispose()
    server.drop(url)


def add_firm(session: Session, number: int) -> None:
    session.execute(
        text("INSERT INTO firm (uscc, name, name_on, created_at) VALUES (:uscc, '甲', '2025-01-01', '2025-01-01')"),
        {"uscc": code(number)},
    )


def test_an_empty_database_is_told_to_upgrade_and_does(empty: Engine) -> None:
    with pytest.raises(Refused, match="registry upgrade"):
        ensure_ready(empty)

    assert bring_to_newest(empty) == (None, newest_version())
    ensure_ready(empty)
    downgrade(empty, "0001")
    with pytest.raises(Refused, match="早于"):
        ensure_ready(empty)


def test_tables_of_something_else_are_left_alone(empty: Engine) -> None:
    with empty.begin() as connection:
        connection.execute(text("CREATE TABLE invoice (id INTEGER)"))

    with pytest.raises(Refused, match="不是本系统的"):
        bring_to_newest(empty)


def test_a_server_that_does_not_answer_is_a_refusal(server: postgres.Server) -> None:
    for address in (server.url("nowhere"), "postgresql+psycopg://x:geheim@/x?host=/nowhere"):
        with pytest.raises(Refused, match="无法使用") as refused:
            open_ready(address)
        assert "geheim" not in str(refused.value)


def test_a_reader_sees_one_moment(ready: Engine) -> None:
    with Session(ready) as reader:
        assert firm_count(reader) == 0
        with writing(ready) as session:
            add_firm(session, 1)
        assert firm_count(reader) == 0

    with Session(ready) as reader:
        assert firm_count(reader) == 1


def test_a_writer_waits_for_the_one_before_and_sees_what_it_did(ready: Engine) -> None:
    seen: list[int] = []

    def second() -> None:
        with writing(ready) as session:
            seen.append(firm_count(session))
            add_firm(session, 2)

    with writing(ready) as session:
        assert firm_count(session) == 0
        other = threading.Thread(target=second)
        other.start()
        other.join(0.3)
        assert (other.is_alive(), seen) == (True, [])
        add_firm(session, 1)
    other.join(30)

    assert seen == [1]
    with Session(ready) as reader:
        assert firm_count(reader) == 2


def test_a_writer_does_not_wait_for_ever(ready: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "PATIENCE", 1)
    with writing(ready) as first:
        assert firm_count(first) == 0
        with pytest.raises(Refused, match="lock timeout"), writing(ready) as second:
            firm_count(second)


def test_a_code_is_found_by_its_beginning_whatever_the_language_of_the_database(ready: Engine) -> None:
    with writing(ready) as session:
        # In the order of languages every sign stands before every letter.
        session.execute(text('ALTER TABLE firm ALTER uscc TYPE text COLLATE "und-x-icu"'))
        for number in range(12):
            add_firm(session, number)

        found = firms_page(session, query=code(10)[:16])
        assert [firm.uscc for firm in found.firms] == [code(10), code(11)]


def test_a_failed_write_leaves_nothing(ready: Engine) -> None:
    with pytest.raises(Refused, match="无法使用"), writing(ready) as session:
        add_firm(session, 1)
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with Session(ready) as reader:
        assert firm_count(reader) == 0


def test_two_programs_that_upgrade_at_once_both_find_it_done(empty: Engine) -> None:
    failed: list[BaseException] = []

    def bring() -> None:
        engine = open_engine(empty.url.render_as_string(hide_password=False))
        try:
            upgrade(engine)
        except BaseException as failure:
            failed.append(failure)
        engine.dispose()

    started = [threading.Thread(target=bring) for _ in range(2)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join(60)

    assert failed == []
    ensure_ready(empty)
