"""Runs the parser of workbooks in a process of its own and hands its lines on. Its death is a refusal, not ours."""

import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from registry.domain.errors import Refused
from registry.sheets import limits

_PACKAGE_ROOT = Path(__file__).resolve().parents[2]
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL")
_END = b'"end"\n'


@dataclass(frozen=True, slots=True)
class Child:
    """Which program takes the file apart.

    Attributes:
        command: its module, and what it is told.
        stopped: what is said when it had to be stopped, or died.
        seconds: how long it may take; as long as a workbook may, unless given.
    """

    command: tuple[str, ...] = ("registry.sheets.child",)
    stopped: str = (
        "工作簿过大或结构异常，解析被中止 (too large or malformed, parsing was stopped)："
        "请删除表格外的空白行列，复制到新工作簿后另存为 .xlsx，或拆成几份"
    )
    seconds: float | None = None


_WORKBOOKS = Child()


def confine(memory_bytes: int, cpu_seconds: int) -> None:
    """Limit the process that calls this, a child: memory and time, no file written, no core left."""
    for what, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


class JailedLines:
    """The lines of the child's answer, as registry.sheets.child describes them; can be gone through again.

    They come while the child still works, so both processors are busy.
    """

    def __init__(self, name: str, workbook: BinaryIO, program: Child = _WORKBOOKS) -> None:
        """Start the child.

        Args:
            name: the file's name, for messages.
            workbook: an open file, at its beginning; may be closed afterwards.
        """
        self._name, self._program = name, program
        self._lines: list[bytes] = []
        self._is_over = False
        self._more = threading.Condition()
        # The child sees none of our settings, and finds this package wherever we found it.
        environment = {key: os.environ[key] for key in _PASSED_ON if key in os.environ}
        environment["PYTHONPATH"] = os.pathsep.join([str(_PACKAGE_ROOT), *(place for place in sys.path if place)])
        child = subprocess.Popen(  # noqa: S603 - our own modules, by name
            [sys.executable, "-P", "-X", "utf8", "-m", *program.command],
            stdin=workbook,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        # Whoever asked may go away; the thread sees the child to its end all the same.
        threading.Thread(target=self._drain, args=(child,), daemon=True).start()

    def about(self) -> dict[str, Any]:
        """Return the first line: which sheet it is, and which were left alone.

        Raises:
            Refused: the workbook must not or cannot be parsed.
        """
        with self._more:
            self._more.wait_for(lambda: self._lines or self._is_over)
            first = self._lines[0] if self._lines else b""
        if not first.startswith(b"{"):
            raise self._stopped()
        about: dict[str, Any] = json.loads(first)
        if "refused" in about:
            raise Refused.at(self._name, about["refused"])
        return about

    def rows(self) -> Iterator[bytes]:
        """Yield the lines of the rows.

        Raises:
            Refused: the child found, or died of, something that makes the workbook unfit.
        """
        place = 1
        while True:
            with self._more:
                self._more.wait_for(lambda: len(self._lines) > place or self._is_over)  # noqa: B023 - called at once
                batch = self._lines[place:]
            if not batch:
                raise self._stopped()
            for line in batch:
                if line == _END:
                    return
                if line.startswith(b"{"):
                    raise Refused.at(self._name, json.loads(line)["refused"])
                if not line.endswith(b"\n"):
                    raise self._stopped()
                yield line
            place += len(batch)

    def _drain(self, child: "subprocess.Popen[bytes]") -> None:
        clock = threading.Timer(self._program.seconds or limits.CHILD_WALL_SECONDS, child.kill)
        clock.daemon = True
        clock.start()
        left = limits.CHILD_OUTPUT_BYTES
        try:
            with child, child.stdout as answer:  # type: ignore[union-attr]
                while left > 0 and (line := answer.readline(left)):
                    left -= len(line)
                    with self._more:
                        self._lines.append(line)
                        self._more.notify_all()
                child.kill()
        finally:
            clock.cancel()
            with self._more:
                self._is_over = True
                self._more.notify_all()

    def _stopped(self) -> Refused:
        return Refused.at(self._name, self._program.stopped)
