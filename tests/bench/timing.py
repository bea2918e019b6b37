"""Times one deed several times over in a process of its own, so that memory and warm-up are its own too."""

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds of each run, and what the process held before and at its highest.

    Attributes:
        cpu: processor seconds of each run over all cores, which a busy machine hardly changes.
        held: resident bytes once the firms were in memory, before the first run.
        peak: the most the process ever held; with `held` it tells what the deed itself took.
    """

    seconds: list[float]
    cpu: list[float]
    held: int
    peak: int

    @property
    def best(self) -> float:
        """Return the fastest run: the one that other programs disturbed least."""
        return min(self.seconds)

    @property
    def median(self) -> float:
        """Return the run in the middle."""
        return median(self.seconds)


def repeat(deed: Callable[[Any], Any], runs: int, prepare: Callable[[], Any] = lambda: None) -> Timed:
    """Run a deed once to warm up and then as often as told; what prepares a run is not timed."""
    held = _memory("VmRSS")
    deed(prepare())
    seconds, cpu = [], []
    for _ in range(runs):
        given = prepare()
        gc.collect()
        start, busy = time.perf_counter(), time.process_time()
        deed(given)
        seconds.append(time.perf_counter() - start)
        cpu.append(time.process_time() - busy)
        del given
    return Timed(seconds, cpu, held, _memory("VmHWM"))


def in_child(deed: str, folder: Path, runs: int) -> Timed:
    """Time a deed of `tests.bench.child` on saved firms in a new process.

    Raises:
        SystemExit: the child failed; its words are shown.
    """
    command = [sys.executable, "-m", "tests.bench.child", deed, str(folder), str(runs)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{deed} failed:\n{done.stderr}")
    return Timed(**json.loads(done.stdout.splitlines()[-1]))


def whole_process(command: list[str], environment: dict[str, str], runs: int) -> Timed:
    """Time a program from its start to its end; its output is read and dropped."""
    seconds, cpu = [], []
    for _ in range(runs):
        start, busy = time.perf_counter(), _of_children()
        subprocess.run(
            command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True
        )
        seconds.append(time.perf_counter() - start)
        cpu.append(_of_children() - busy)
    return Timed(seconds, cpu, 0, 0)


def _of_children() -> float:
    """Return the processor seconds of all programs started from here that have ended."""
    spent = os.times()
    return spent.children_user + spent.children_system


def _memory(what: str) -> int:
    """Return a line of the process's own account in bytes, 0 where the system keeps none."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    line = next(line for line in status.read_text().splitlines() if line.startswith(what))
    return int(line.split()[1]) * 1024
