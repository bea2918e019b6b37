"""Which characters the fonts of printed papers have: read from the fonts' own tables of characters. Prints nothing."""

import struct
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pylopdf_fonts_zh_cn

# Both are Noto's for Simplified Chinese: all of 通用规范汉字表, all of the main block and of extension A.
FOLDER = Path(pylopdf_fonts_zh_cn.serif_path()).parent
_SEGMENTED, _GROUPED = 4, 12
Runs = list[tuple[str, bool]]


def runs_of(text: str) -> Runs:
    """Part a text into what the font has and what it lacks; of the latter each character by its number, as U+20000."""
    runs: Runs = []
    for one in text:
        if not has(one):
            runs.append((f"U+{ord(one):04X}", False))
        elif runs and runs[-1][1]:
            runs[-1] = (runs[-1][0] + one, True)
        else:
            runs.append((one, True))
    return runs


def lacking(text: str) -> str:
    """Return the characters of a text that the font lacks, each once."""
    return "".join(dict.fromkeys(one for one in text if not has(one)))


def has(character: str) -> bool:
    """Say whether the font of names has a character."""
    starts, ends = _spans(pylopdf_fonts_zh_cn.serif_path())
    place = bisect_right(starts, ord(character)) - 1
    return place >= 0 and ord(character) <= ends[place]


@cache
def _spans(font: Path) -> tuple[list[int], list[int]]:
    """Return where the spans of characters begin and end, in order."""
    content = font.read_bytes()
    count = struct.unpack_from(">H", content, 4)[0]
    tables = (struct.unpack_from(">4s4xL", content, 12 + 16 * place) for place in range(count))
    table = next(at for tag, at in tables if tag == b"cmap")
    found: set[tuple[int, int]] = set()
    for place in range(struct.unpack_from(">H", content, table + 2)[0]):
        at = table + struct.unpack_from(">L", content, table + 8 + 8 * place)[0]
        form = struct.unpack_from(">H", content, at)[0]
        if form == _GROUPED:
            found.update(_grouped(content, at))
        elif form == _SEGMENTED:
            found.update(_segmented(content, at))
    merged: list[list[int]] = []
    for first, last in sorted(found):
        if merged and first <= merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], last)
        else:
            merged.append([first, last])
    return [first for first, _last in merged], [last for _first, last in merged]


def _grouped(content: bytes, at: int) -> Iterator[tuple[int, int]]:
    for place in range(struct.unpack_from(">L", content, at + 12)[0]):
        first, last, glyph = struct.unpack_from(">LLL", content, at + 16 + 12 * place)
        # The glyph of number 0 is the empty box.
        if glyph:
            yield first, last


def _segmented(content: bytes, at: int) -> Iterator[tuple[int, int]]:
    count = struct.unpack_from(">H", content, at + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", content, at + 14)
    starts = struct.unpack_from(f">{count}H", content, at + 16 + 2 * count)
    for first, last in zip(starts, ends, strict=True):
        # The last segment is a mark of the end.
        if first != 0xFFFF:
            yield first, last
