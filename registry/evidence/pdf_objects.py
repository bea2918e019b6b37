"""Finds where a dictionary of a PDF ends: strings, comments and nesting as the standard has them. Keeps no value."""

import re

from registry.evidence.kinds import Unfit

# Bytes of dictionaries that are gone through in all, and how deep one may nest.
MOST_BYTES = 16 * 2**20
_DEEPEST = 100
_LONGEST = 4 * 2**20
_BLANK = re.compile(rb"(?:[\x00\t\n\x0c\r ]+|%[^\r\n]*)*")
_NEXT = re.compile(rb"<<|>>|<[^<>]*>|[(%)]")
_IN_STRING = re.compile(rb"[()\\]")
_LINE_END = re.compile(rb"[\r\n]")


def skip_blank(content: bytes, place: int) -> int:
    """Return the place of the next byte that is neither blank nor part of a comment."""
    found = _BLANK.match(content, place)
    return found.end() if found else place


def end_of_dictionary(content: bytes, place: int) -> int | None:
    """Return the place behind a dictionary that begins here; None when it has no end.

    Raises:
        Unfit: it nests too deep.
    """
    depth, most = 0, place + _LONGEST
    while found := _NEXT.search(content, place, most):
        place, mark = found.end(), found[0]
        if mark == b"<<":
            depth += 1
            if depth > _DEEPEST:
                raise Unfit("PDF 结构嵌套过深 (it nests too deep)")
        elif mark == b">>":
            depth -= 1
            if depth == 0:
                return place
        elif mark == b"(":
            ends = _end_of_string(content, place, most)
            if ends is None:
                return None
            place = ends
        elif mark == b"%":
            line = _LINE_END.search(content, place, most)
            place = line.end() if line else most
        elif mark == b")":
            return None
    return None


def _end_of_string(content: bytes, place: int, most: int) -> int | None:
    depth = 1
    while found := _IN_STRING.search(content, place, most):
        place = found.end()
        if found[0] == b"\\":
            place += 1
        else:
            depth += 1 if found[0] == b"(" else -1
            if depth == 0:
                return place
    return None
