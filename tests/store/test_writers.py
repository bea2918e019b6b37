"""Writers of an SQLite file take turns: whoever holds a turn gives it back however it ends, and nobody starves."""

import fcntl
import os
import struct
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from registry.store.engine import open_engine, to_write
from registry.store.writers import ENDING, queue_of

# Writes as long as it is let, a row each time, and says who it is in it.
WRITER = """
import sys
from sqlalchemy import text
from registry.store.engine import open_engine, to_write
engine = to_write(open_engine(sys.argv[1]))
print("here", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[3])):
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO written (who) VALUES (:who)"), {"who": sys.argv[2]})
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'written.sqlite'}"


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    with to_write(engine).begin() as connection:
        connection.execute(text("CREATE TABLE written (number INTEGER PRIMARY KEY, who TEXT)"))
    yield engine
    engine.dispose()


@contextmanager
def process(url: str, who: str, times: int = 1, *, program: str = WRITER) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", program, url, who, str(times)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "here\n"
        yield child
        child.kill()


def go(child: "subprocess.Popen[str]") -> None:
    assert child.stdin is not None
    child.stdin.write("\n")
    child.stdin.flush()


def write(engine: Engine, who: str) -> None:
    with to_write(engine).begin() as connection:
        connection.execute(text("INSERT INTO written (who) VALUES (:who)"), {"who": who})


def written(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(text("SELECT who FROM written ORDER BY number")))


def test_what_two_processes_write_at_once_is_all_there(engine: Engine, url: str) -> None:
    with process(url, "one", 60) as one, process(url, "two", 60) as two:
        for child in (one, two):
            go(child)
        assert [child.wait(60) for child in (one, two)] == [0, 0]

    assert Counter(written(engine)) == {"one": 60, "two": 60}


def test_who_comes_again_goes_behind_the_process_that_waits(engine: Engine, url: str, tmp_path: Path) -> None:
    queue = queue_of(tmp_path / "written.sqlite")
    assert queue.wait(0)
    with process(url, "waits") as child, (tmp_path / f"written.sqlite{ENDING}").open("r+b") as queued:
        go(child)
        while is_free(queued.fileno(), 0):
            time.sleep(0.001)
        queue.leave()
        write(engine, "again")
        assert child.wait(60) == 0

    assert written(engine) == ["waits", "again"]


# Reads, one transaction in the next, in several threads: somebody always does.
READERS = """
import sys, time
from threading import Thread
from sqlalchemy import text
from registry.store.engine import open_engine
engine = open_engine(sys.argv[1])
def read(pause):
    while True:
        with engine.connect() as connection:
            connection.execute(text("SELECT count(*) FROM written"))
            time.sleep(pause)
for number in range(8):
    # Each at a pace of its own, so that they never all begin at once.
    Thread(target=read, args=(0.02 + 0.007 * number,), daemon=True).start()
print("here", flush=True)
sys.stdin.readline()
"""
# Shuts the door as a writer does that finishes, and keeps it so until it is told.
SHUT = """
import sys
from pathlib import Path
from registry.store.writers import queue_of
queue = queue_of(Path(sys.argv[1].removeprefix("sqlite:///")))
assert queue.wait(0)
queue.shut()
print("here", flush=True)
sys.stdin.readline()
queue.open()
queue.leave()
"""


def test_a_writer_finishes_beside_a_process_where_somebody_always_reads(engine: Engine, url: str) -> None:
    with process(url, "reads", program=READERS):
        for _time in range(5):
            write(engine, "written")

    assert written(engine) == ["written"] * 5


@pytest.mark.parametrize("end", ["opened", "killed"])
def test_who_wants_to_read_waits_until_a_writer_elsewhere_has_finished(engine: Engine, url: str, end: str) -> None:
    found: list[list[str]] = []
    reading = Thread(target=lambda: found.append(written(engine)))
    with process(url, "shuts", program=SHUT) as child:
        reading.start()
        reading.join(0.3)
        assert reading.is_alive()
        if end == "opened":
            go(child)
        else:
            child.kill()
        reading.join(10)
        assert found == [[]]


def test_the_door_is_open_whether_a_writer_finished_failed_or_goes_on(engine: Engine, url: str) -> None:
    def is_open() -> bool:
        asked = SHUT.partition("assert")[0] + "import time; began = time.monotonic(); queue.wait_at_the_door(30); "
        told = subprocess.run(
            [sys.executable, "-c", asked + "print(time.monotonic() - began < 10)", url],
            capture_output=True,
            text=True,
            check=True,
        )
        return told.stdout == "True\n"

    write(engine, "kept")
    assert is_open()
    with pytest.raises(ZeroDivisionError), to_write(engine).begin():
        raise ZeroDivisionError
    assert is_open()
    with to_write(engine).connect() as connection:
        with connection.begin():
            connection.execute(text("INSERT INTO written (who) VALUES ('first')"))
        with connection.begin():
            assert is_open()


def test_who_only_reads_makes_no_file(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'read.sqlite'}")
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    engine.dispose()

    assert not (tmp_path / f"read.sqlite{ENDING}").exists()


def is_free(descriptor: int, place: int) -> bool:
    """Say whether no other process holds a byte of a file."""
    asked = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, place, 1, 0)
    kind, *_rest = struct.unpack("hhqqi4x", fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
    return bool(kind == fcntl.F_UNLCK)


def test_a_turn_is_given_back_whether_it_was_kept_undone_or_failed(engine: Engine, tmp_path: Path) -> None:
    queue = queue_of(tmp_path / "written.sqlite")
    write(engine, "kept")
    with pytest.raises(ZeroDivisionError), to_write(engine).begin() as connection:
        connection.execute(text("INSERT INTO written (who) VALUES ('undone')"))
        raise ZeroDivisionError
    with pytest.raises(OperationalError), to_write(engine).begin() as connection:
        connection.execute(text("INSERT INTO nowhere VALUES (1)"))
    with to_write(engine).connect() as connection:
        connection.begin()
        connection.invalidate()

    assert queue.wait(0)
    queue.leave()
    assert written(engine) == ["kept"]


def test_the_turn_of_a_process_that_is_killed_goes_to_the_next(engine: Engine, url: str) -> None:
    held = WRITER.replace(
        '{"who": sys.argv[2]})', '{"who": sys.argv[2]}); print("writes", flush=True); sys.stdin.readline()'
    )
    command = [sys.executable, "-c", held, url, "killed", "1"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "here\n"
        go(child)
        assert child.stdout.readline() == "writes\n"
        child.kill()

    write(engine, "next")
    assert written(engine) == ["next"]


def test_who_reads_waits_for_no_turn(engine: Engine, tmp_path: Path) -> None:
    queue = queue_of(tmp_path / "written.sqlite")
    assert queue.wait(0)
    try:
        assert written(engine) == []
    finally:
        queue.leave()


def test_who_waited_too_long_asks_the_database_all_the_same(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.store.engine.PATIENCE", 0.05)
    engine = open_engine(url)
    queue = queue_of(tmp_path / "written.sqlite")
    assert queue.wait(0)
    try:
        with to_write(engine).begin() as connection:
            connection.execute(text("CREATE TABLE written (number INTEGER PRIMARY KEY, who TEXT)"))
        # It never had the turn, so it does not give it away.
        assert not queue.wait(0)
    finally:
        queue.leave()
    engine.dispose()


def test_without_a_place_for_the_queue_writers_of_a_process_queue_all_the_same(url: str, tmp_path: Path) -> None:
    (tmp_path / f"written.sqlite{ENDING}").mkdir()
    engine = open_engine(url)
    with to_write(engine).begin() as connection:
        connection.execute(text("CREATE TABLE written (number INTEGER PRIMARY KEY, who TEXT)"))
    together = Barrier(8)

    def several(who: str) -> None:
        together.wait(30)
        for _number in range(5):
            write(engine, who)

    threads = [Thread(target=several, args=(str(number),)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)

    assert Counter(written(engine)) == {str(number): 5 for number in range(8)}
    engine.dispose()
