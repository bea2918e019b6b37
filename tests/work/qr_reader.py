"""Reads a QR code written as SVG, as a telephone would (ISO/IEC 18004): no errors are put right, bytes only."""

import re
from collections.abc import Iterator

Modules = list[list[bool]]
# Of level M: how many blocks of how many data words, by version.
_BLOCKS = {3: [44], 4: [32, 32], 5: [43, 43], 6: [27] * 4, 7: [31] * 4, 8: [38, 38, 39, 39]}
_CENTRES = {3: 22, 4: 26, 5: 30, 6: 34}
_MASKS = (
    lambda row, column: (row + column) % 2 == 0,
    lambda row, column: row % 2 == 0,
    lambda row, column: column % 3 == 0,
    lambda row, column: (row + column) % 3 == 0,
    lambda row, column: (row // 2 + column // 3) % 2 == 0,
    lambda row, column: row * column % 2 + row * column % 3 == 0,
    lambda row, column: (row * column % 2 + row * column % 3) % 2 == 0,
    lambda row, column: ((row + column) % 2 + row * column % 3) % 2 == 0,
)


def modules_of(svg: str, border: int) -> Modules:
    """Return which modules an SVG of horizontal strokes paints dark."""
    size = int(re.search(r'(?:width="|viewBox="0 0 )(\d+)', svg)[1]) - 2 * border  # type: ignore[index]
    dark = [[False] * size for _ in range(size)]
    path = re.search(r'<path[^>]* d="(M[^"]*h1m?[^"]*)"', svg) or re.search(r'class="qrline"[^>]* d="([^"]*)"', svg)
    assert path, svg[:400]
    x = y = 0.0
    for what, numbers in re.findall(r"([Mmh])([-\d. ]+)", path[1]):
        told = [float(one) for one in numbers.split()]
        if what == "M":
            x, y = told
        elif what == "m":
            x, y = x + told[0], y + told[1]
        else:
            for step in range(int(told[0])):
                dark[int(y) - border][int(x) + step - border] = True
            x += told[0]
    return dark


def text_in(dark: Modules) -> str:
    """Return what the code says."""
    size = len(dark)
    version = (size - 17) // 4
    form = [dark[8][column] for column in (0, 1, 2, 3, 4)]
    level_and_mask = int("".join("01"[bit] for bit in form), 2) ^ 0b10101
    # Level M is written 00.
    assert level_and_mask >> 3 == 0, "not of level M"
    mask = _MASKS[level_and_mask & 7]
    bits = [dark[row][column] ^ mask(row, column) for row, column in _way(size, version)]
    words = [int("".join("01"[bit] for bit in bits[at : at + 8]), 2) for at in range(0, len(bits) // 8 * 8, 8)]
    told = "".join(f"{word:08b}" for word in _data(words, _BLOCKS[version]))
    assert told[:4] == "0100", "not bytes"
    count = int(told[4:12], 2)
    return bytes(int(told[at : at + 8], 2) for at in range(12, 12 + 8 * count, 8)).decode("utf-8")


def _data(words: list[int], blocks: list[int]) -> list[int]:
    """Return the data words, which lie in turns, one of each block."""
    parted: list[list[int]] = [[] for _ in blocks]
    left = iter(words)
    for place in range(max(blocks)):
        for block, length in zip(parted, blocks, strict=True):
            if place < length:
                block.append(next(left))
    return [word for block in parted for word in block]


def _way(size: int, version: int) -> Iterator[tuple[int, int]]:
    """Yield the modules of data in the order in which they are read: up and down in pairs of columns."""
    up, column = True, size - 1
    while column > 0:
        if column == 6:
            column -= 1
        for row in range(size - 1, -1, -1) if up else range(size):
            for one in (column, column - 1):
                if not _is_pattern(row, one, size, version):
                    yield row, one
        up, column = not up, column - 2


def _is_pattern(row: int, column: int, size: int, version: int) -> bool:
    if (row < 9 and column < 9) or (row < 9 and column >= size - 8) or (row >= size - 8 and column < 9):
        return True
    if row == 6 or column == 6:
        return True
    centre = _CENTRES[version]
    return abs(row - centre) <= 2 and abs(column - centre) <= 2
