"""The scanner of viruses: a daemon of the test's own says what ClamAV would; whatever else happens is unscanned."""

import io
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from registry.evidence.scan import Outcome, Scanned, scan


def read_all(line: socket.socket) -> bytes:
    """Return what was streamed, taken out of its steps."""
    file, content = line.makefile("rb"), b""
    assert file.read(10) == b"zINSTREAM\0"
    while size := struct.unpack(">L", file.read(4))[0]:
        content += file.read(size)
    return content


@contextmanager
def clamd(answer: bytes | None, place: Path | None = None) -> Iterator[tuple[str, list[bytes]]]:
    """A daemon that says one thing; None: it never answers."""
    got: list[bytes] = []
    listening = socket.socket(socket.AF_UNIX if place else socket.AF_INET)
    listening.bind(str(place) if place else ("127.0.0.1", 0))
    listening.listen()
    over = threading.Event()

    def serve() -> None:
        line, _from = listening.accept()
        with line:
            got.append(read_all(line))
            if answer is None:
                over.wait(10)
            else:
                line.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    address = str(place) if place else f"127.0.0.1:{listening.getsockname()[1]}"
    yield address, got
    over.set()
    thread.join(10)
    listening.close()


@pytest.mark.parametrize(
    ("answer", "scanned"),
    [
        (b"stream: OK\0", Scanned(Outcome.CLEAN)),
        (b"stream: Eicar-Signature FOUND\0", Scanned(Outcome.FOUND, "Eicar-Signature")),
        (b"INSTREAM size limit exceeded. ERROR\0", Scanned(Outcome.UNSCANNED, "INSTREAM size limit exceeded. ERROR")),
        (b"", Scanned(Outcome.UNSCANNED, "")),
        (b"\xff" * 9000, Scanned(Outcome.UNSCANNED, "\ufffd" * 200)),
    ],
)
def test_what_the_daemon_says_is_understood(answer: bytes, scanned: Scanned) -> None:
    content = b"evidence" * 30_000
    with clamd(answer) as (address, got):
        assert scan(address, io.BytesIO(content)) == scanned
    assert got == [content]


def test_it_is_asked_through_a_socket_of_the_machine(tmp_path: Path) -> None:
    with clamd(b"stream: OK\0", tmp_path / "c") as (address, _got):
        assert scan(address, io.BytesIO(b"x")).outcome is Outcome.CLEAN


def test_a_daemon_that_never_answers_leaves_it_unscanned() -> None:
    with clamd(None) as (address, _got):
        assert scan(address, io.BytesIO(b"x"), seconds=0.2).outcome is Outcome.UNSCANNED


@pytest.mark.parametrize("address", ["127.0.0.1:1", "/nowhere/clamd", "nonsense", "[::1]:1"])
def test_nobody_there_leaves_it_unscanned(address: str) -> None:
    assert scan(address, io.BytesIO(b"x"), seconds=1).outcome is Outcome.UNSCANNED
