"""Walks through PNG chunks and JPEG segments to the end of a picture: sizes, order, sums, nothing beyond. Draws none.

Runs in the child process (registry.evidence.child).
"""

import re
import struct
import zlib
from collections.abc import Iterator

from registry.evidence.inflate import inflated
from registry.evidence.kinds import MEBIBYTE, Unfit
from registry.evidence.polyglots import check_alone, check_no_page

MOST_PIXELS = 40_000_000
LONGEST_SIDE = 20_000
_MOST_CHUNKS = 20_000
_MOST_SEGMENTS = 2_000
# A progressive JPEG has ten scans; hundreds are there to keep a reader busy.
_MOST_SCANS = 100
_PROFILE_BYTES = 8 * MEBIBYTE
# Bits a dot by the type of colour, and the depths that go with it.
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
# First column and row, and the steps between, of the seven passes of an interlaced picture.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_PACKED_CHUNKS = (b"zTXt", b"iCCP", b"iTXt")
_SCAN_END = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_BROKEN = "图片损坏或不完整，请用图片软件打开后另存 (the picture is damaged or cut off: save it anew)"
_BEYOND = "图片之后还有别的内容，请用图片软件打开后另存 (something follows the picture: save it anew)"


def check_png(content: bytes) -> None:
    """Check a PNG from its first byte to its last.

    Raises:
        Unfit: damaged, too large, animated, or more than a picture.
    """
    picture: list[bytes] = []
    names: list[bytes] = []
    shape: tuple[int, ...] = ()
    for name, body in _chunks(content):
        if not names and name != b"IHDR":
            raise Unfit(_BROKEN)
        if name == b"IHDR":
            if names or len(body) != 13:
                raise Unfit(_BROKEN)
            shape = struct.unpack(">2L5B", body)
            _check_shape(shape)
        elif name == b"IDAT":
            # They stand together: what lies between would be drawn by some and not by others.
            if picture and names[-1] != b"IDAT":
                raise Unfit(_BROKEN)
            picture.append(body)
        else:
            _check_other_chunk(name, body)
        names.append(name)
    if not picture or (shape[3] == 3 and b"PLTE" not in names):
        raise Unfit(_BROKEN)
    most = _drawn_bytes(shape)
    if inflated(b"".join(picture), most, _BROKEN, keep=False)[1] != most:
        raise Unfit(_BROKEN)
    check_alone(content)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 8
    for _count in range(_MOST_CHUNKS):
        head = content[place : place + 8]
        if len(head) < 8:
            raise Unfit(_BROKEN)
        length, name = struct.unpack(">L4s", head)
        body = content[place + 8 : place + 8 + length]
        stated = content[place + 8 + length : place + 12 + length]
        if not name.isalpha() or len(stated) < 4 or struct.unpack(">L", stated)[0] != zlib.crc32(name + body):
            raise Unfit(_BROKEN)
        place += length + 12
        if name == b"IEND":
            if length or place != len(content):
                raise Unfit(_BEYOND)
            return
        yield name, body
    raise Unfit(_BROKEN)


def _check_shape(shape: tuple[int, ...]) -> None:
    width, height, depth, colour, packing, sieve, interlaced = shape
    _check_sides(width, height)
    if depth not in _DEPTHS.get(colour, ()) or packing or sieve or interlaced > 1:
        raise Unfit(_BROKEN)


def _check_sides(width: int, height: int) -> None:
    if not width or not height:
        raise Unfit(_BROKEN)
    if max(width, height) > LONGEST_SIDE or width * height > MOST_PIXELS:
        raise Unfit(
            f"图片为 {width}×{height} 像素，超过 4,000 万像素或单边 {LONGEST_SIDE:,} 像素，请缩小后再传 "
            "(too many pixels: at most 40 million, and 20,000 a side)"
        )


def _check_other_chunk(name: bytes, body: bytes) -> None:
    # A small first letter: a reader who does not know it may leave it alone.
    if name[:1].isupper() and name != b"PLTE":
        raise Unfit(_BROKEN)
    if name in (b"acTL", b"fcTL", b"fdAT"):
        raise Unfit("不收动画图片，请另存为静态图片 (animated pictures are not taken)")
    if name in _PACKED_CHUNKS:
        # Behind a name that ends with a zero come one or two bytes, two more words in iTXt, and what is packed.
        begins = body.find(b"\x78")
        if begins >= 0:
            check_no_page(inflated(body, _PROFILE_BYTES, "", begins=begins, keep=True)[0])


def _drawn_bytes(shape: tuple[int, ...]) -> int:
    """Return how many bytes the picture unpacks to: a row of dots and a byte before it, for each row of each pass."""
    width, height, depth, colour, _packing, _sieve, interlaced = shape
    bits = depth * _CHANNELS[colour]
    total = 0
    for left, top, across, down in _PASSES if interlaced else ((0, 0, 1, 1),):
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            total += rows * (1 + -(-columns * bits // 8))
    return total


def check_jpeg(content: bytes) -> None:
    """Check a JPEG from its first byte to its last.

    Raises:
        Unfit: damaged, too large, of a rare kind, or more than a picture.
    """
    place, frames, scans = 2, 0, 0
    for _count in range(_MOST_SEGMENTS):
        marker, place = _marker_at(content, place)
        if marker == 0xD9:
            if not frames or not scans:
                raise Unfit(_BROKEN)
            if place != len(content):
                raise Unfit(_BEYOND)
            check_alone(content)
            return
        body, place = _segment_at(content, place)
        if marker in (0xC0, 0xC1, 0xC2):
            frames += 1
            _check_frame(body)
        elif marker == 0xDA:
            scans += 1
            found = _SCAN_END.search(content, place)
            if not frames or found is None:
                raise Unfit(_BROKEN)
            place = found.start()
        else:
            _check_segment(marker, body)
        if frames > 1 or scans > _MOST_SCANS:
            raise Unfit(_BROKEN)
    raise Unfit(_BROKEN)


def _marker_at(content: bytes, place: int) -> tuple[int, int]:
    """Return the marker that must stand here, and the place behind it."""
    if content[place : place + 1] != b"\xff":
        raise Unfit(_BROKEN)
    # Any number of them may fill the space before a marker.
    while content[place : place + 1] == b"\xff":
        place += 1
    if place >= len(content):
        raise Unfit(_BROKEN)
    return content[place], place + 1


def _segment_at(content: bytes, place: int) -> tuple[bytes, int]:
    length = int.from_bytes(content[place : place + 2], "big")
    body = content[place + 2 : place + length]
    if length < 2 or len(body) != length - 2:
        raise Unfit(_BROKEN)
    return body, place + length


def _check_frame(body: bytes) -> None:
    if len(body) < 6 or body[0] not in (8, 12) or body[5] not in (1, 3, 4) or len(body) != 6 + 3 * body[5]:
        raise Unfit(_BROKEN)
    height, width = struct.unpack(">2H", body[1:5])
    _check_sides(width, height)


def _check_segment(marker: int, body: bytes) -> None:
    """Check a segment that is neither frame nor scan: tables, notes of programs, comments."""
    if marker == 0xE0 and not (body.startswith(b"JFIF\0") and len(body) >= 14) and not body.startswith(b"JFXX\0"):
        # One that is a comment of JavaScript as well begins here.
        raise Unfit(_BROKEN)
    if 0xE0 <= marker <= 0xEF or marker == 0xFE:
        check_no_page(body)
    elif marker not in (0xC4, 0xDB, 0xDD):
        raise Unfit("这种 JPEG 很少见，请用图片软件另存为普通 JPEG (a rare kind of JPEG: save it as a common one)")
