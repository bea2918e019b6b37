"""Which calls of the system a deed makes, and how strace makes one of them fail: attached to a process that waits."""

import re
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# What changes a disk, or makes sure of it; a kill before each of them meets every state there is.
CHANGES = (
    *("write", "pwrite64", "writev", "pwritev", "fsync", "fdatasync", "sync_file_range"),
    *("rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "symlinkat"),
    *("ftruncate", "truncate", "fallocate", "mkdir", "mkdirat", "rmdir", "fchown", "fchmod"),
)
READS = ("read", "pread64", "readv", "fcntl", "statfs", "getdents64")
OPENS = ("open", "openat", "close")
CALLS = (*CHANGES, *READS, *OPENS)
# What a full disk refuses, from one moment on; a name is still taken away, and a file still opened.
NEEDS_ROOM = ("write", "pwrite64", "writev", "pwritev", "fsync", "fdatasync", "ftruncate", "fallocate", "mkdir")
# The line to the proof itself: it bounds the deed, and nothing is injected into it.
_BOUNDS = ("recvfrom", "sendto")
_LINE = re.compile(r"(\w+)\((.*)")
# Pipes to a child and to nowhere are no files.
_NO_FILE = re.compile(r'^(\d+<(pipe|socket|/dev/null)|AT_FDCWD<[^>]*>, "/dev/null")')
PATIENCE = 60


@dataclass(frozen=True)
class Call:
    """One call of a deed.

    Attributes:
        number: it is the n-th of its name, from 1.
        before: how many calls of each name came before it.
    """

    name: str
    number: int
    told: str
    before: Counter[str]

    @property
    def makes(self) -> bool:
        """Say whether it may need room on the disk."""
        return self.name in CHANGES or "O_CREAT" in self.told or "O_TMPFILE" in self.told


@dataclass(frozen=True)
class Point:
    """A fault at a call: `EIO`, `ENOSPC`, `full` (no room from here on), or `KILL`."""

    call: Call
    fault: str

    @property
    def injections(self) -> list[str]:
        """Return what to tell strace."""
        if self.fault == "full":
            started = [(name, self.call.before[name] + 1) for name in NEEDS_ROOM]
            return [f"inject={name}:error=ENOSPC:when={first}+" for name, first in started]
        what = "signal=KILL" if self.fault == "KILL" else f"error={self.fault}"
        return [f"inject={self.call.name}:{what}:when={self.call.number}"]

    def __str__(self) -> str:
        return f"{self.fault} at {self.call.name} {self.call.number}: {self.call.told[:160]}"


def points(calls: Sequence[Call], most: int = 0) -> list[Point]:
    """Return every fault worth injecting into the calls of a deed.

    Args:
        most: so many of each kind only, spread over the deed.
    """
    found = []
    for call in calls:
        found.append(Point(call, "EIO"))
        if call.name in (*CHANGES, *OPENS):
            found.append(Point(call, "KILL"))
        if call.makes:
            found.append(Point(call, "ENOSPC"))
        if call.name in NEEDS_ROOM:
            found.append(Point(call, "full"))
    if not most:
        return found
    kinds = [[one for one in found if one.fault == fault] for fault in ("EIO", "KILL", "ENOSPC", "full")]
    return [one for kind in kinds for one in kind[:: -(-len(kind) // most)]]


@contextmanager
def traced(pid: int, log: Path, injections: Sequence[str] = ()) -> Iterator["subprocess.Popen[str]"]:
    """Attach strace to a process that waits; it is let go at the end, if it is still there.

    Raises:
        RuntimeError: it cannot be attached to.
    """
    command = ["strace", "-y", "-o", str(log), "-e", f"trace={','.join((*CALLS, *_BOUNDS))}", "-p", str(pid)]
    command += [word for one in injections for word in ("-e", one)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr
            if "attached" not in (said := process.stderr.readline()):
                raise RuntimeError(f"strace: {said}{process.stderr.read()}")
            yield process
        finally:
            process.terminate()
            process.wait(PATIENCE)


def calls_of(log: Path) -> list[Call]:
    """Return the calls between being told to go and saying what came of it, in order, that are about files."""
    found, counted, goes = [], Counter[str](), False
    for line in log.read_text("utf-8", "replace").splitlines():
        read = _LINE.match(line)
        if read is None:
            continue
        name, told = read[1], read[2]
        if name in _BOUNDS:
            if goes:
                break
            goes = name == "recvfrom"
            continue
        if goes and not _NO_FILE.match(told):
            found.append(Call(name, counted[name] + 1, told, counted.copy()))
        counted[name] += 1
    return found


def was_hit(log: Path) -> bool:
    """Say whether a fault was injected at all."""
    told = log.read_text("utf-8", "replace")
    return "(INJECTED)" in told or "killed by SIGKILL" in told
