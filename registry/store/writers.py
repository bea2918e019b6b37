"""Lets those who write to an SQLite file wait for their turn, and those who read it wait while a writer finishes.

SQLite itself lets a writer try again at longer and longer intervals, so that of many some wait for seconds while others
who came later are let in. Here they queue before they ask: in this process at a lock, among processes at two bytes of
a file beside the database, in about the order in which they came.

A writer finishes when nobody reads. SQLite lets nobody new in then, except into a process that reads already: there
one reader after another joins those before, and where they are many the writer of another process waits until it gives
up, and with it everybody who reads elsewhere. So a writer that finishes shuts a door, a third byte of that file, and
whoever wants to begin reading looks at it first.

Who has waited too long, or where no such file can be, asks SQLite all the same: that decides who writes and who reads,
this only when one asks.
"""

import fcntl
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, event

ENDING = "-queue"
# Whoever is next waits at the first byte for the second, so that a process that comes again does not go first again.
_NEXT, _TURN, _DOOR = 0, 1, 2
_PAUSE = 0.002
# Seconds that a writer tries to shut the door: a reader holds it no longer than it takes to look.
_SHUTTING = 0.05


class Queue:
    """The queue of one file; the same for every engine of a process."""

    def __init__(self, file: Path) -> None:
        """Stand at no place yet; the file of the queue is made when somebody first waits."""
        self._place = file.with_name(file.name + ENDING)
        self._here = Lock()
        # A process that locks a byte again lets go of what it had there: one of its threads looks, or shuts, at a time.
        self._at_the_door = Lock()
        self._is_shut_here = False
        self._descriptor: int | None = None

    def wait(self, seconds: float) -> bool:
        """Wait for one's turn; False when it did not come in time."""
        until = time.monotonic() + seconds
        if not self._here.acquire(timeout=seconds):
            return False
        try:
            descriptor = self._opened()
            came = descriptor is None or self._stand(descriptor, until)
        except BaseException:
            self._here.release()
            raise
        if not came:
            self._here.release()
        return came

    def leave(self) -> None:
        """Let the next one have a turn."""
        try:
            if self._descriptor is not None:
                _let_go(self._descriptor, _TURN)
        finally:
            self._here.release()

    def shut(self) -> None:
        """Keep readers from beginning, until `open`; for whoever has the turn and finishes."""
        with self._at_the_door:
            if self._descriptor is not None and not self._is_shut_here:
                with suppress(OSError):
                    self._is_shut_here = _taken(self._descriptor, _DOOR, time.monotonic() + _SHUTTING)

    def open(self) -> None:
        """Let readers begin again."""
        with self._at_the_door:
            if self._descriptor is not None and self._is_shut_here:
                _let_go(self._descriptor, _DOOR)
                self._is_shut_here = False

    def wait_at_the_door(self, seconds: float) -> None:
        """Wait while a writer of another process finishes, at most so long; SQLite keeps those of this one apart."""
        until = time.monotonic() + seconds
        while self._is_shut_elsewhere() and time.monotonic() < until:
            time.sleep(_PAUSE)

    def _is_shut_elsewhere(self) -> bool:
        with self._at_the_door:
            # Where no writer ever queued there is no file, and a reader makes none.
            descriptor = self._opened(0)
            if descriptor is None or self._is_shut_here:
                return False
            try:
                fcntl.lockf(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB, 1, _DOOR)
            except (BlockingIOError, PermissionError):
                return True
            except OSError:
                # A file system without locks.
                return False
            _let_go(descriptor, _DOOR)
            return False

    def _opened(self, making: int = os.O_CREAT) -> int | None:
        # Kept open: to close any descriptor of a file gives up every lock that the process has on it.
        if self._descriptor is None:
            with suppress(OSError):
                self._descriptor = os.open(self._place, os.O_RDWR | making | os.O_CLOEXEC, 0o600)
        return self._descriptor

    def _stand(self, descriptor: int, until: float) -> bool:
        try:
            if not _taken(descriptor, _NEXT, until):
                return False
            try:
                return _taken(descriptor, _TURN, until)
            finally:
                _let_go(descriptor, _NEXT)
        except OSError:
            # A file system without locks: those of this process queue, no others.
            return True


def _taken(descriptor: int, place: int, until: float) -> bool:
    while True:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except (BlockingIOError, PermissionError):
            if time.monotonic() > until:
                return False
            time.sleep(_PAUSE)
        else:
            return True


def _let_go(descriptor: int, place: int) -> None:
    with suppress(OSError):
        fcntl.lockf(descriptor, fcntl.LOCK_UN, 1, place)


_queues: dict[Path, Queue] = {}
_lock = Lock()
_HELD = "queue of writers"


def queue_of(file: Path) -> Queue:
    """Return the queue of a file."""
    with _lock:
        return _queues.setdefault(file.resolve(), Queue(file.resolve()))


def queue_writers(engine: Engine, file: Path, writes: Callable[[Connection], bool], patience: float) -> None:
    """Have the transactions of an engine that write wait for their turn, and those that only read at the door.

    A turn lasts until its connection is given back; from when it is committed until then the door is shut.

    Args:
        writes: says whether a transaction that begins is one that writes.
        patience: seconds that one waits at most.
    """
    queue = queue_of(file)

    def wait(connection: Connection) -> None:
        held = connection.connection.record_info
        if not writes(connection):
            queue.wait_at_the_door(patience)
        elif held is not None and _HELD in held:
            # It finished one transaction and begins another.
            queue.open()
        elif held is not None and queue.wait(patience):
            held[_HELD] = True

    def finish(connection: Connection) -> None:
        held = connection.connection.record_info
        if held is not None and _HELD in held:
            queue.shut()

    def leave(_raw: Any, record: Any) -> None:
        if record.record_info.pop(_HELD, False):
            queue.open()
            queue.leave()

    event.listen(engine, "begin", wait)
    event.listen(engine, "commit", finish)
    event.listen(engine, "checkin", leave)
