"""`registry serve` with several processes: one address, whoever dies is replaced, and nobody outlives the first."""

import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from served import Visitor, serving, started


def children(number: int) -> list[int]:
    """Return the processes that answer pages for a server: not the one that multiprocessing keeps its books with."""
    found = Path(f"/proc/{number}/task/{number}/children").read_text().split()
    return [int(one) for one in found if b"spawn_main" in words_of(int(one))]


def words_of(number: int) -> bytes:
    """Return how a process was called; nothing when it is gone."""
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def until(what: Callable[[], object], seconds: float = 60) -> None:
    """Wait until something is so.

    Raises:
        TimeoutError: it is not so after that long.
    """
    ends = time.monotonic() + seconds
    while not what():
        if time.monotonic() > ends:
            raise TimeoutError(what)
        time.sleep(0.02)


def lives(number: int) -> bool:
    """Say whether a process runs: neither gone nor waiting to be asked how it ended."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_several_processes_answer_at_one_address_and_one_that_dies_is_replaced(tmp_path: Path) -> None:
    with serving(tmp_path, REGISTRY_PROCESSES="2") as (process, address):
        until(lambda: len(children(process.pid)) == 2)
        first = children(process.pid)
        assert Visitor(address).ask("/healthz")[0] == 200
        os.kill(first[0], signal.SIGKILL)
        until(lambda: len(set(children(process.pid)) - set(first[:1])) == 2)

        assert [Visitor(address).ask("/healthz")[0] for _time in range(4)] == [200] * 4
        after = children(process.pid)
        process.send_signal(signal.SIGTERM)
        _out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "pages.ended" in err and "Traceback" not in err
    assert not any(lives(one) for one in after)


def connections(number: int) -> int:
    """Count the sockets that a process has open."""
    files = Path(f"/proc/{number}/fd")
    return sum(os.readlink(one).startswith("socket:") for one in files.iterdir())


def test_connections_are_shared_out_and_a_second_server_at_the_address_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path, REGISTRY_PROCESSES="2") as (process, address), ExitStack() as browsers:
        port = address.rpartition(":")[2]
        until(lambda: len(children(process.pid)) == 2)
        # A connection is taken, not only made: its process has answered on it.
        for _number in range(40):
            browser = socket.create_connection(("127.0.0.1", int(port)), timeout=60)
            browsers.enter_context(browser)
            browser.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert browser.recv(20).startswith(b"HTTP/1.1 200")
        shares = [connections(one) for one in children(process.pid)]
        second = started(tmp_path, REGISTRY_PORT=port, REGISTRY_PROCESSES="2")
        _out, err = second.communicate(timeout=60)

    # By lot, each of forty to either: fewer than five to one comes about once in five million times.
    assert sum(shares) >= 40
    assert min(shares) >= 5
    assert second.returncode == 1
    assert "REGISTRY_PORT" in err and "Traceback" not in err


def test_processes_end_with_the_first_one_however_it_went(tmp_path: Path) -> None:
    with serving(tmp_path, REGISTRY_PROCESSES="2") as (process, address):
        until(lambda: len(children(process.pid)) == 2)
        others = children(process.pid)
        assert Visitor(address).ask("/healthz")[0] == 200
        process.kill()
        process.communicate(timeout=30)

        until(lambda: not any(lives(one) for one in others))
