"""Asks a ClamAV daemon about a file (INSTREAM), where one is set up. Never fails: what cannot be asked is unscanned."""

import socket
import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import IO

_STEP = 64 * 1024
_LONGEST_ANSWER = 4096


class Outcome(StrEnum):
    """What a scan came to."""

    CLEAN = "clean"
    FOUND = "found"
    UNSCANNED = "unscanned"


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scan came to, and the name of what was found or why nothing could be said."""

    outcome: Outcome
    told: str = ""


def scan(address: str, file: IO[bytes], seconds: float = 30.0) -> Scanned:
    """Ask about a file.

    Args:
        address: `host:port`, or the path of a socket.
        file: open, at its beginning.
        seconds: how long to wait for each step.
    """
    try:
        with _connected(address, seconds) as line:
            line.sendall(b"zINSTREAM\0")
            while step := file.read(_STEP):
                line.sendall(struct.pack(">L", len(step)) + step)
            line.sendall(struct.pack(">L", 0))
            return _read(_answer(line))
    except (OSError, ValueError) as failure:
        return Scanned(Outcome.UNSCANNED, type(failure).__name__)


def answers(address: str, seconds: float = 5.0) -> bool:
    """Say whether the daemon is there and answers."""
    try:
        with _connected(address, seconds) as line:
            line.sendall(b"zPING\0")
            return _answer(line) == "PONG"
    except (OSError, ValueError):
        return False


def _connected(address: str, seconds: float) -> socket.socket:
    if address.startswith("/"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            line.settimeout(seconds)
            line.connect(address)
        except OSError:
            line.close()
            raise
        return line
    host, _colon, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=seconds)


def _answer(line: socket.socket) -> str:
    said = b""
    while len(said) < _LONGEST_ANSWER and not said.endswith(b"\0"):
        step = line.recv(_LONGEST_ANSWER)
        if not step:
            break
        said += step
    return said.rstrip(b"\0\n").decode("utf-8", "replace")


def _read(answer: str) -> Scanned:
    told = answer.partition(": ")[2]
    if told == "OK":
        return Scanned(Outcome.CLEAN)
    if told.endswith(" FOUND"):
        return Scanned(Outcome.FOUND, told.removesuffix(" FOUND")[:200])
    return Scanned(Outcome.UNSCANNED, answer[:200])
