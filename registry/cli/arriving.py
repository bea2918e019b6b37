"""Lets a request whose body the disk does not take arrive all the same, so that whoever sent it reads that in a page.

Waitress lays a large body down on the disk and would cut the line where that fails.
"""

import io
from collections.abc import Mapping
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser

from registry.evidence.vault import NotKept
from registry.web.taken_files import NOT_SAVED


class _Refusing(io.RawIOBase):
    """A body that was not taken: whoever reads it is told so."""

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: Any) -> int:
        raise NotKept(NOT_SAVED)


class Patient:
    """The buffer of a body; what comes after the disk failed is let go, to the end of it."""

    def __init__(self, buffer: Any) -> None:
        """Take the buffer that is used as long as the disk takes it."""
        self._buffer = buffer
        self._has_failed = False

    def append(self, data: bytes) -> None:
        """Keep what arrived, if it can be kept."""
        if self._has_failed:
            return
        try:
            self._buffer.append(data)
        except OSError:
            self._has_failed = True
            self.close()

    def __len__(self) -> int:
        return 0 if self._has_failed else len(self._buffer)

    def getfile(self) -> Any:
        """Return what the application reads."""
        return _Refusing() if self._has_failed else self._buffer.getfile()

    def close(self) -> None:
        """Let go of it; what was not written yet cannot be."""
        try:
            self._buffer.close()
        except OSError:
            self._has_failed = True


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if self.body_rcv is not None:
            self.body_rcv.buf = Patient(self.body_rcv.buf)


class _Channel(HTTPChannel):  # type: ignore[misc]
    parser_class = _Parser


def be_patient(servers: Mapping[int, Any]) -> None:
    """Let every server of a map, as waitress fills it, take requests so."""
    for one in servers.values():
        if hasattr(one, "channel_class"):
            one.channel_class = _Channel
