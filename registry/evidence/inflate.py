"""Unpacks what was packed by deflate, never more than allowed. Runs in the child process, under its limits."""

import zlib

from registry.evidence.kinds import Unfit

# Little is put in at a time, so that what follows the packed part is never copied.
_IN, _OUT = 64 * 1024, 2**20


def inflated(packed: bytes, most_bytes: int, broken: str, *, begins: int = 0, keep: bool) -> tuple[bytes, int]:
    """Return what was packed, or nothing of it unless it is to be kept, and how many bytes it is.

    Args:
        most_bytes: when there is more, it is refused.
        broken: what to say of data that cannot be unpacked; empty: whatever could be unpacked is returned.
        begins: where it begins; it ends where it says itself.

    Raises:
        Unfit: it cannot be unpacked, is cut off, or is more than allowed.
    """
    worker, source = zlib.decompressobj(), memoryview(packed)
    parts: list[bytes] = []
    total, place, rest = 0, begins, b""
    while not worker.eof and (rest or place < len(source)):
        if not rest:
            rest = bytes(source[place : place + _IN])
            place += _IN
        try:
            part = worker.decompress(rest, _OUT)
        except zlib.error:
            if broken:
                raise Unfit(broken) from None
            break
        rest = worker.unconsumed_tail
        total += len(part)
        if total > most_bytes:
            raise Unfit("文件解压后过大，请重新生成 (it unpacks to too much)")
        if keep:
            parts.append(part)
    if broken and not worker.eof:
        raise Unfit(broken)
    return b"".join(parts), total
