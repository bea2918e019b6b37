"""Times questions to the books: how long each of many looks took, and how many statements it sent."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

# A child that starts the program and says what it took; see `usage`.
_LAUNCHER = """
import json, resource, subprocess, sys, time
start = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
spent = resource.getrusage(resource.RUSAGE_CHILDREN)
unit = 1 if sys.platform == "darwin" else 1024
print(json.dumps({"seconds": time.perf_counter() - start, "cpu": spent.ru_utime + spent.ru_stime,
    "peak": spent.ru_maxrss * unit, "failed": done.stderr.decode()[-2000:] if done.returncode else ""}))
"""


@dataclass(frozen=True, slots=True)
class Looks:
    """Many looks at the same thing.

    Attributes:
        seconds: of each look.
        statements: the most that one of them sent to the database; None where nobody counted.
    """

    seconds: Sequence[float]
    statements: int | None = None

    @property
    def p50(self) -> float:
        """Return the look in the middle."""
        return median(self.seconds)

    @property
    def p95(self) -> float:
        """Return what 95 of a hundred looks do not exceed; of few looks the slowest."""
        return quantiles(self.seconds, n=20, method="inclusive")[-1] if len(self.seconds) >= 20 else max(self.seconds)


@dataclass(frozen=True, slots=True)
class Usage:
    """What a program took from its start to its end: seconds, processor seconds, resident bytes at its highest."""

    seconds: float
    cpu: float
    peak: int


@contextmanager
def statements() -> Iterator[list[int]]:
    """Count the statements that any engine of this process sends; the number stands in the list."""
    sent = [0]

    def note(*_: Any) -> None:
        sent[0] += 1

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def look(deeds: Sequence[Callable[[], object]], patience: float) -> Looks:
    """Do one deed after the other; stop early, after three at the least, once they took longer than `patience`."""
    seconds: list[float] = []
    most = 0
    with statements() as sent:
        for deed in deeds:
            sent[0] = 0
            start = time.perf_counter()
            deed()
            seconds.append(time.perf_counter() - start)
            most = max(most, sent[0])
            if len(seconds) >= 3 and sum(seconds) > patience:
                break
    return Looks(seconds, most)


def usage(command: Sequence[str], environment: dict[str, str]) -> Usage:
    """Run a program and say what it took.

    It is started by a small process: a child begins with the highest memory of whoever started it.

    Raises:
        SystemExit: it failed; its words are shown.
    """
    launched = [sys.executable, "-c", _LAUNCHER, *command]
    done = subprocess.run(launched, env=environment, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    if failed := told.pop("failed"):
        raise SystemExit(f"{' '.join(command[:3])} failed:\n{failed}")
    return Usage(**told)
