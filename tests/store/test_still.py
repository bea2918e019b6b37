"""Whoever reads long sees one moment and keeps nobody waiting: a writer goes on at once, and its row is not seen."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from registry.store import still as module
from registry.store.engine import file_of, open_engine, to_write
from registry.store.still import reading_long, still

COUNT, ADD = text("SELECT count(*) FROM kept"), text("INSERT INTO kept (number) VALUES (:number)")


@pytest.fixture
def kept(empty_url: str) -> Iterator[Engine]:
    """A table of two rows on either database."""
    engine = open_engine(empty_url)
    with to_write(engine).begin() as connection:
        connection.execute(text("CREATE TABLE kept (number INTEGER PRIMARY KEY)"))
        connection.execute(ADD, [{"number": 1}, {"number": 2}])
    yield engine
    engine.dispose()


def add(engine: Engine, number: int) -> None:
    """Write a row; at once, or it is refused."""
    file = file_of(engine.url)
    if file is None:
        with to_write(engine).begin() as connection:
            connection.execute(ADD, {"number": number})
        return
    with closing(sqlite3.connect(file, timeout=0)) as raw, raw:
        raw.execute("INSERT INTO kept (number) VALUES (?)", (number,))


def count(asked: Connection | Session) -> int:
    return int(asked.execute(COUNT).scalar_one())


def test_who_reads_long_sees_one_moment_and_a_writer_does_not_wait(kept: Engine) -> None:
    with reading_long(kept) as session:
        before = count(session)
        add(kept, 3)
        assert (before, count(session)) == (2, 2)
    with reading_long(kept) as session:
        assert count(session) == 3


def test_without_the_copy_a_writer_would_wait(kept: Engine) -> None:
    if file_of(kept.url) is None:
        pytest.skip("PostgreSQL needs no copy")
    with Session(kept) as session:
        assert count(session) == 2
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            add(kept, 3)


def test_it_has_the_address_of_its_original(kept: Engine) -> None:
    with still(kept) as connection:
        assert connection.engine.url == kept.url


def test_a_copy_cannot_be_written(kept: Engine) -> None:
    if file_of(kept.url) is None:
        pytest.skip("PostgreSQL needs no copy")
    with still(kept) as connection, pytest.raises(DBAPIError, match="readonly"):
        connection.execute(ADD, {"number": 3})


def test_without_room_for_a_copy_the_database_itself_is_read(kept: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_places: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(module, "_copied", full)
    with reading_long(kept) as session:
        assert count(session) == 2


def test_a_copy_in_a_folder_must_be_made_and_is_gone_in_the_end(
    kept: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    with still(kept, folder) as connection:
        assert count(connection) == 2
        assert [one.name for one in folder.glob("*/*")] == (["still.sqlite"] if file_of(kept.url) else [])
    assert list(folder.iterdir()) == []
    if file_of(kept.url) is None:
        return

    def full(*_told: object, **_more: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(sqlite3, "connect", full)
    with pytest.raises(sqlite3.OperationalError, match="full"), still(kept, folder):
        pass
    assert list(folder.iterdir()) == []
