"""A request whose body the disk does not take arrives, and says so when it is read."""

import errno

import pytest
from waitress.buffers import OverflowableBuffer

from registry.cli.arriving import Patient
from registry.evidence.vault import NotKept


class Full(OverflowableBuffer):
    """Takes ten bytes."""

    def append(self, data: bytes) -> None:
        if len(self) + len(data) > 10:
            raise OSError(errno.ENOSPC, "full")
        super().append(data)

    def close(self) -> None:
        raise OSError(errno.ENOSPC, "what waits to be written cannot be")


def test_what_the_disk_takes_is_read_as_it_came() -> None:
    body = Patient(OverflowableBuffer(4))
    body.append(b"the whole ")
    body.append(b"of it")

    assert len(body) == 15
    assert body.getfile().read() == b"the whole of it"
    body.close()


def test_what_the_disk_does_not_take_is_told_to_whoever_reads_it() -> None:
    body = Patient(Full(4))
    for part in (b"small", b"much too large", b"small"):
        body.append(part)

    assert len(body) == 0
    with pytest.raises(NotKept, match="未保存"):
        body.getfile().read(3)
    body.close()
