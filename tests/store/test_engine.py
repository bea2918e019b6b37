"""A database that can be used is used; any other is refused with the way out, and nothing in it is touched."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from registry.domain.errors import Refused
from registry.store.engine import bring_to_newest, ensure_ready, file_of, open_engine, open_ready, writing
from registry.store.migrate import newest_version, version_of


def url(file: Path) -> str:
    return f"sqlite:///{file}"


def execute(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as raw, raw:
        for statement in statements:
            raw.execute(statement)


def refusal(file: Path) -> str:
    engine = open_engine(url(file))
    try:
        with pytest.raises(Refused) as refused:
            ensure_ready(engine)
    finally:
        engine.dispose()
    return str(refused.value)


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    file = tmp_path / "ready.sqlite"
    open_ready(url(file)).dispose()
    return file


def test_a_new_file_is_made_ready_with_its_folder(tmp_path: Path) -> None:
    engine = open_ready(url(tmp_path / "var" / "registry.sqlite"))

    with engine.connect() as connection:
        assert version_of(connection) == newest_version()
    engine.dispose()


def test_a_folder_is_not_made_out_of_a_slip_of_the_pen(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="无法建立文件夹"):
        open_engine(url(tmp_path / "a" / "b" / "registry.sqlite"))


def test_an_older_database_is_told_to_upgrade_and_does(ready: Path) -> None:
    engine = open_engine(url(ready))
    from registry.store.migrate import downgrade

    downgrade(engine, "0001")
    assert "registry upgrade" in refusal(ready)

    assert bring_to_newest(engine) == ("0001", newest_version())
    assert bring_to_newest(engine) == (newest_version(), newest_version())
    ensure_ready(engine)
    engine.dispose()


def test_a_newer_database_is_refused_and_not_upgraded(ready: Path) -> None:
    execute(ready, "UPDATE alembic_version SET version_num = '9999'")

    assert "更新程序" in refusal(ready)
    engine = open_engine(url(ready))
    with pytest.raises(Refused, match="9999"):
        bring_to_newest(engine)
    engine.dispose()


def test_tables_of_something_else_are_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    execute(other, "CREATE TABLE invoice (id INTEGER)")

    assert "不是本系统的" in refusal(other)
    engine = open_engine(url(other))
    with pytest.raises(Refused, match="不是本系统的"):
        bring_to_newest(engine)
    engine.dispose()
    with closing(sqlite3.connect(other)) as raw:
        assert raw.execute("SELECT name FROM sqlite_master").fetchall() == [("invoice",)]


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("这不是数据库。" * 100, encoding="utf-8")

    assert "file is not a database" in refusal(file)
    assert "unable to open" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nonsense", "不是有效的数据库地址"),
        ("oracle+nothing://x/y", "没有所需的数据库驱动"),
        ("postgresql+nothing://x/y", "没有所需的数据库驱动"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused(address: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        open_engine(address)


def test_the_file_of_an_address_is_known() -> None:
    assert file_of("sqlite:///var/registry.sqlite") == Path("var/registry.sqlite")
    assert file_of("sqlite://") is None
    assert file_of("postgresql://host/name") is None


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_connection_has_the_manners_the_registry_relies_on(engine: Engine) -> None:
    with engine.connect() as connection:
        said = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "mmap_size")
        }

    assert (
        said
        == {
            "journal_mode": "delete",
            "synchronous": 3,
            "foreign_keys": 1,
            "recursive_triggers": 1,
            "mmap_size": None,
        }
        or said["mmap_size"] == 0
    )


def test_a_writer_takes_the_lock_at_once(ready: Path) -> None:
    engine = open_engine(url(ready))
    with writing(engine) as session:
        session.execute(text("SELECT 1"))
        with (
            closing(sqlite3.connect(ready, timeout=0)) as other,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            other.execute("BEGIN IMMEDIATE")
    engine.dispose()


def test_a_failed_write_leaves_nothing(ready: Path) -> None:
    engine = open_engine(url(ready))
    with pytest.raises(Refused, match="no such table"), writing(engine) as session:
        session.execute(text("INSERT INTO alembic_version VALUES ('9998')"))
        session.execute(text("SELECT * FROM nowhere"))

    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1
    engine.dispose()


def test_two_programs_that_find_an_empty_file_both_find_it_ready(tmp_path: Path) -> None:
    program = f"from registry.store.engine import open_ready; open_ready({url(tmp_path / 'x.sqlite')!r})"
    started = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(3)]

    assert [process.wait(60) for process in started] == [0, 0, 0]


def test_a_connection_that_could_only_read_is_not_kept(ready: Path) -> None:
    """SQLite opens a file to read only where it could not be opened to write at that moment."""
    engine = open_engine(url(ready))
    opened = []

    def read_only_at_first(raw: Any, _record: object) -> None:
        raw.execute(f"PRAGMA query_only = {'OFF' if opened else 'ON'}")
        opened.append(raw)

    event.listen(engine, "connect", read_only_at_first)
    with pytest.raises(Refused, match="readonly") as told, writing(engine) as session:
        session.execute(text("SELECT version_num FROM alembic_version")).all()
        session.execute(text("CREATE TABLE scribble (x)"))
    # What is still remembered of it keeps no lock.
    assert told.value.__traceback__ is not None
    with writing(engine) as session:
        session.execute(text("CREATE TABLE scribble (x)"))
    assert len(opened) == 2
    engine.dispose()
