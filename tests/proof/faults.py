"""Injects a fault into every file call of two deeds, “upload evidence” and “approve”: errors, no room, a kill.

A real process does the deed through the application, on a fresh copy of a prepared database; strace, attached once it
waits to begin, makes the n-th call fail with EIO or ENOSPC, every call from the n-th on fail as on a full disk, or
kills the process before it. Then database and vault are held to the goals – no row without its whole file, no corrupt
database, no half deed, what was acknowledged is there – and the deed is done again: it stands exactly once, and what
lies about is swept.
"""

import os
import shutil
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proof.fault_desk import DEEDS, Held, Place, hold, prepare
from proof.fault_trace import Call, Point, calls_of, points, traced, was_hit

WANTED = 400
PATIENCE = 90
# What a page may say of a deed that a fault met: not saved, the file is refused, done before.
_SAID = {"upload": (303, 422, 503), "approve": (303, 409, 503)}
_AGAIN = {"upload": (303, 422), "approve": (303, 409)}


@dataclass
class Faulted:
    """What came of all faults.

    Attributes:
        unsaid: the deed is there, but the page or the kill did not say so.
    """

    points: Counter[str] = field(default_factory=Counter)
    missed: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    unsaid: int = 0
    orphans: int = 0
    broken: list[str] = field(default_factory=list)

    def told(self) -> str:
        """Say how it went, in a line."""
        by_fault = ", ".join(f"{count} {name}" for name, count in sorted(self.points.items()))
        statuses = ", ".join(f"{count} × {status or 'killed'}" for status, count in sorted(self.statuses.items()))
        return (
            f"{self.points.total()} faults ({by_fault}; {self.missed} calls not met again), answers {statuses}; "
            f"{self.unsaid} done without an answer, {self.orphans} files left over and swept, "
            f"{len(self.broken)} broken"
        )


class Children:
    """A process that forks a child for each deed, and the line to both."""

    def __init__(self, folder: Path, line: socket.socket) -> None:
        """Take the line of a process that was just started."""
        self.folder = folder
        self._line = line
        self._said = line.makefile("r", encoding="utf-8")
        self._hear("ready")

    def begin(self, name: str) -> int:
        """Have a child wait for a deed; return its number."""
        self._tell(name)
        return int(self._hear("pid"))

    def go(self) -> tuple[int, str]:
        """Let the child do its deed; return the status of the answer, 0 where it failed or was killed, and the page."""
        self._tell("go")
        status, _, page = self._hear("said", "ended").partition(" ")
        return max(0, int(status)), page

    def end(self) -> None:
        """Let a child that lives go."""
        self._tell("end")
        self._hear("ended")

    def _tell(self, word: str) -> None:
        self._line.sendall(f"{word}\n".encode())

    def _hear(self, *words: str) -> str:
        said = self._said.readline()
        word, _, rest = said.strip().partition(" ")
        if word not in words:
            raise RuntimeError(f"{said!r} instead of {words}; {(self.folder / 'child.log').read_text('utf-8')[-3000:]}")
        return rest


@contextmanager
def children(place: Place) -> Iterator[Children]:
    """Start the process that forks, and end it."""
    ours, theirs = socket.socketpair()
    ours.settimeout(PATIENCE)
    program = [sys.executable, str(Path(__file__).with_name("fault_child.py")), str(place.folder)]
    own = {name: value for name, value in os.environ.items() if not name.startswith("REGISTRY_")}
    with (
        (place.folder / "child.log").open("w") as log,
        subprocess.Popen(program, stdin=theirs, stdout=log, stderr=log, env=own) as process,
    ):
        theirs.close()
        try:
            yield Children(place.folder, ours)
        finally:
            ours.close()
            process.terminate()


@dataclass
class Case:
    """A deed under faults: where, and what stands before and after it was done."""

    place: Place
    forked: Children
    name: str
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        return self.place.folder / "strace.log"

    def calls(self) -> list[Call]:
        """Do the deed without a fault; learn its calls, and what it changes."""
        self.place.renew()
        self.before = hold(self.place, sweeps=False).counts
        with traced(self.forked.begin(self.name), self.log):
            status, page = self.forked.go()
            self.forked.end()
        assert status == DEEDS[self.name].done, (status, page[:2000])
        found = hold(self.place, sweeps=True)
        self.after = found.counts
        assert not found.faults and self.before != self.after, found.faults
        return calls_of(self.log)

    def meet(self, point: Point, came: Faulted) -> None:
        """Inject one fault, hold everything to the goals, do the deed again, and hold it again."""
        self.place.renew()
        with traced(self.forked.begin(self.name), self.log, point.injections):
            status, page = self.forked.go()
        if not was_hit(self.log):
            came.missed += 1
        else:
            came.points[point.fault] += 1
        came.statuses[status] += 1
        is_killed = status == 0 and not page
        found = hold(self.place, sweeps=False)
        faults = [f"after {status}: {one}" for one in found.faults]
        refused = self._refused(status)
        is_done = self._is(self.after, found, refused)
        if status and not is_done and not self._is(self.before, found, refused):
            faults.append(f"half a deed after {status}: {self._changed(found)}")
        if not is_killed and status not in _SAID[self.name]:
            faults.append(f"said {status}: {page[:600]}")
        if status == DEEDS[self.name].done and not is_done:
            faults.append(f"acknowledged, not there: {self._changed(found)}")
        if status == 503 and "未保存" not in page:
            faults.append(f"503 does not say that nothing was saved: {page[:600]}")
        if status == 503 and is_done and "可能未保存" not in page:
            faults.append(f"done, and told as not saved: {page[:600]}")
        came.unsaid += is_done and status != DEEDS[self.name].done
        came.orphans += found.orphans
        if is_killed:
            self.forked.begin(self.name)
        status, page = self.forked.go()
        self.forked.end()
        refused += self._refused(status)
        if status not in _AGAIN[self.name]:
            faults.append(f"again: {status} {page[:600]}")
        found = hold(self.place, sweeps=True)
        faults += [f"again: {one}" for one in found.faults]
        if not self._is(self.after, found, refused):
            faults.append(f"not exactly once: {self._changed(found)}")
        came.broken += [f"{self.name}, {point}: {one}" for one in faults]

    def _refused(self, status: int) -> int:
        """Return how many entries the trail may have more: a file that is refused is traced."""
        return int(self.name == "upload" and status == 422)

    def _is(self, wanted: dict[str, Any], found: Held, refused: int) -> bool:
        return found.counts | {"trail": found.counts["trail"] - refused} == wanted

    def _changed(self, found: Held) -> dict[str, Any]:
        return {name: (was, found.counts[name]) for name, was in self.before.items() if found.counts[name] != was}


def inject(folder: Path, *, most: int = 0) -> Faulted:
    """Inject faults into both deeds.

    Args:
        most: so many of each kind only, to see that it still runs; all of them where 0.
    """
    came, place = Faulted(), prepare(folder)
    with children(place) as forked:
        for name in DEEDS:
            case = Case(place, forked, name)
            for point in points(case.calls(), most):
                case.meet(point, came)
    return came


def prove(folder: Path, small: bool) -> str:
    """Run it at the size of the goal: at least 400 faults, at every file call of both deeds."""
    assert shutil.which("strace"), "strace is not installed: `make proof` installs it"
    came = inject(folder, most=2 if small else 0)
    assert not came.broken, came.told() + "\n" + "\n".join(came.broken[:40])
    assert small or came.points.total() >= WANTED, came.told()
    assert set(came.points) == {"EIO", "ENOSPC", "KILL", "full"}, came.told()
    return came.told()
