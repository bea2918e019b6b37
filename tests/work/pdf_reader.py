"""Reads the text of a PDF as a reader's search would: the strings of the page through each font's own table."""

import re
import zlib
from dataclasses import dataclass

_OBJECT = re.compile(rb"(?<!\d)(\d+) 0 obj\b(.*?)\bendobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_SHOWN = re.compile(
    rb"/f(\d+) ([\d.]+) Tf|(\((?:\\.|[^\\()]|\((?:\\.|[^\\()])*\))*\))|1 0 0 -1 ([\d.]+) ([\d.]+) cm|\b(ET)\b",
    re.DOTALL,
)
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_PLAIN = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


@dataclass(frozen=True)
class Line:
    """A piece of text in one size at one place, in points from the lower left."""

    text: str
    size: float
    x: float
    y: float


def objects(pdf: bytes) -> dict[int, bytes]:
    """Return the objects of a file by number, their streams unpacked."""
    return {int(number): _unpacked(body) for number, body in _OBJECT.findall(pdf)}


def _unpacked(body: bytes) -> bytes:
    found = _STREAM.search(body)
    if not found or b"FlateDecode" not in body:
        return body
    return body[: found.start()] + b"stream\n" + zlib.decompress(found[1])


def lines_of(pdf: bytes) -> list[Line]:
    """Return what the one page says; KeyError for an empty box, which no font's table calls anything."""
    parts = objects(pdf)
    fonts = _fonts(parts)
    (page,) = [body for body in parts.values() if b" Tf" in body]
    found, font, size, place, text, is_shown = [], 0, 0.0, (0.0, 0.0), "", False
    for which, points, string, x, y, end in _SHOWN.findall(page):
        if which:
            font, size, is_shown = int(which), float(points), True
        elif string and is_shown:
            raw = _ESCAPED.sub(_escape, string[1:-1])
            codes = [int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)]
            text += "".join(fonts[font][code] for code in codes)
        elif x:
            place = (float(x), float(y))
        elif end:
            found.append(Line(text, size, *place))
            text, is_shown = "", False
    return found


def text_of(pdf: bytes) -> str:
    """Return all that the page says, without blanks between."""
    return "".join(line.text for line in lines_of(pdf)).replace("\u200b", "")


def _escape(found: "re.Match[bytes]") -> bytes:
    told = found[1]
    return bytes([int(told, 8)]) if told[:1].isdigit() else _PLAIN.get(told, told)


def _fonts(parts: dict[int, bytes]) -> dict[int, dict[int, str]]:
    """Return what each font calls its glyphs."""
    named: dict[int, dict[int, str]] = {}
    for body in parts.values():
        for list_ in re.findall(rb"/Font\s*<<(.*?)>>", body, re.DOTALL):
            for name, number in re.findall(rb"/f(\d+) (\d+) 0 R", list_):
                table = re.search(rb"/ToUnicode (\d+) 0 R", parts[int(number)])
                assert table
                named[int(name)] = _table(parts[int(table[1])])
    return named


def _table(body: bytes) -> dict[int, str]:
    found = {}
    for block in re.findall(rb"beginbfchar\s(.*?)\sendbfchar", body, re.DOTALL):
        for code, text in re.findall(rb"<([0-9A-F]+)> <([0-9A-F]+)>", block):
            found[int(code, 16)] = bytes.fromhex(text.decode()).decode("utf-16-be")
    return found
