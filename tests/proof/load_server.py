"""Runs a server for the load proof, looks at what it holds, and asks it for one page as fast as it answers."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier, BrokenBarrierError, Thread

from deciders import environment

REGISTRY = ("-c", "from registry.cli.main import main; main()", "serve")
BARE = ("-m", "proof.load_bare")
CLIENT = ("-m", "proof.load_client")
_TESTS = Path(__file__).parents[1]
_ESTABLISHED = "01"
_FIRST, _PATIENCE = 3, 60


@dataclass(frozen=True, slots=True)
class Held:
    """What the processes of a server hold at a moment.

    Attributes:
        resident: bytes of memory, those of all processes added up.
        files: open file descriptors.
        connections: of browsers.
    """

    processes: int
    resident: int
    files: int
    connections: int


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs."""

    process: "subprocess.Popen[str]"
    place: str
    log: Path

    def trouble(self) -> str:
        """Return the last few errors that it noted; they say why an answer was none."""
        lines = self.log.read_text("utf-8", "replace").splitlines()
        return " | ".join([line[:600] for line in lines if '"level": "error"' in line][-3:])

    def held(self) -> Held:
        """Look at its processes."""
        numbers = _family(self.process.pid)
        page = os.sysconf("SC_PAGE_SIZE")
        resident = sum(int(Path(f"/proc/{one}/statm").read_text().split()[1]) * page for one in numbers)
        files = sum(len(os.listdir(f"/proc/{one}/fd")) for one in numbers)
        return Held(len(numbers), resident, files, _connections(int(self.place.rpartition(":")[2])))

    def when_left(self, seconds: float = 20) -> Held:
        """Look at its processes when every browser is gone, or after so long."""
        until = time.monotonic() + seconds
        while (held := self.held()).connections and time.monotonic() < until:
            time.sleep(0.1)
        return held


@contextmanager
def serving(what: tuple[str, ...], url: str, folder: Path, log: Path, **changes: str) -> Iterator[Server]:
    """Start a server, and stop it in the end.

    Raises:
        RuntimeError: it does not come up; says what it said.
    """
    own = environment(url, folder) | {"PYTHONPATH": str(_TESTS), **changes}
    with (
        log.open("w", encoding="utf-8") as said,
        subprocess.Popen(
            [sys.executable, *what], cwd=folder, env=own, stdout=subprocess.PIPE, stderr=said, text=True
        ) as process,
    ):
        try:
            assert process.stdout
            found = re.search(r"http://(\S+)", process.stdout.readline())
            if found is None:
                raise RuntimeError(f"no server: {log.read_text('utf-8')[-2000:]}")
            yield Server(process, found[1], log)
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()


def browse(plan: Path, out: Path, seconds: float) -> None:
    """Run the browsers of a plan in a process of their own; what they measured goes into a file.

    Raises:
        RuntimeError: they failed; says how.
    """
    with out.open("w", encoding="utf-8") as told:
        done = subprocess.run(
            [sys.executable, *CLIENT, str(plan)],
            stdout=told,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(_TESTS)},
            timeout=seconds + 300,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])


def per_second(server: Server, address: str, *, seconds: float, lines: int = 8, cookie: str = "") -> float:
    """Ask for one page over several connections without a pause; return how many answers came in a second.

    Raises:
        AssertionError: something else than the page came.
    """
    host, _, port = server.place.rpartition(":")
    asked = f"GET {address} HTTP/1.1\r\nHost: {server.place}\r\nAccept-Language: zh\r\n"
    asked += f"Cookie: registry={cookie}\r\n\r\n" if cookie else "\r\n"
    counts, spans, faults = [0] * lines, [0.0] * lines, []
    ready = Barrier(lines)

    def ask(number: int) -> None:
        with socket.create_connection((host, int(port)), timeout=_PATIENCE) as line:
            try:
                # The first looks load templates; they do not count.
                for _look in range(_FIRST):
                    _ensure(line, asked)
                ready.wait(_PATIENCE)
                began = time.monotonic()
                while time.monotonic() - began < seconds:
                    _ensure(line, asked)
                    counts[number] += 1
                spans[number] = time.monotonic() - began
            except (AssertionError, OSError, BrokenBarrierError) as fault:
                faults.append(fault)
                ready.abort()

    asking = [Thread(target=ask, args=(number,), daemon=True) for number in range(lines)]
    for one in asking:
        one.start()
    for one in asking:
        one.join(seconds + 3 * _PATIENCE)
    assert not faults, f"{address}: {faults[0]!r}; the server says: {server.trouble()}"
    return sum(count / span for count, span in zip(counts, spans, strict=True))


def _ensure(line: socket.socket, asked: str) -> None:
    line.sendall(asked.encode())
    head = _answer(line)
    assert head.startswith(b"HTTP/1.1 200"), head[:200]


def _answer(line: socket.socket) -> bytes:
    """Read one answer whole; return its head."""
    got = line.recv(2**18)
    while b"\r\n\r\n" not in got:
        got += line.recv(2**18)
    head, _, body = got.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    assert length, head
    left = int(length[1]) - len(body)
    while left > 0:
        left -= len(line.recv(2**18))
    return head


def _family(number: int) -> list[int]:
    """Return a process and those that it started, each with its own."""
    try:
        children = Path(f"/proc/{number}/task/{number}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [number, *(one for child in children for one in _family(int(child)))]


def _connections(port: int) -> int:
    """Count the connections to a port of this machine that are open."""
    ends = [line.split()[1:4] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(local.endswith(f":{port:04X}") and state == _ESTABLISHED for local, _remote, state in ends)
