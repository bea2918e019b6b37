"""Fills a form in as nobody meant it, and composes what is sent of it; also bodies that are no form at all."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

from form_pages import Target
from form_reader import Box
from form_values import CONTENTS, FILE_NAMES, FILE_TYPES, NAMES, VALUES
from hypothesis import strategies as st

BOUNDARY = "----of-a-form-of-tests"
TYPES = ("application/x-www-form-urlencoded", f"multipart/form-data; boundary={BOUNDARY}")
# The head of a body that is not what it says, or says nothing that is known.
_OTHER_TYPES = (
    *("application/json", "text/plain", "", "multipart/form-data", "multipart/form-data; boundary=", "text/xml"),
    *(
        "multipart/form-data; boundary=other",
        "application/x-www-form-urlencoded; charset=utf-16",
        "a",
        ";;;",
        "multipart/mixed",
    ),
)


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is sent."""

    name: str
    kind: str
    content: bytes


@dataclass(slots=True)
class Sent:
    """What is sent of a form.

    Attributes:
        parts: names and values, apart from the token.
        token: `right`, `none`, `wrong` or `twice`.
        content_type: of the body; one of `TYPES` unless the body is no form.
        body: instead of the parts.
    """

    parts: list[tuple[str, bytes | File]] = field(default_factory=list)
    token: str = "right"
    content_type: str = TYPES[0]
    body: bytes | None = None

    def composed(self, token: str) -> bytes:
        """Return the body with the token that the page gave."""
        if self.body is not None:
            return self.body
        tokens = {"right": [token], "none": [], "wrong": [token[:-3] + "abc"], "twice": [token, "x"]}[self.token]
        parts: list[tuple[str, bytes | File]] = [*(("csrf_token", one.encode()) for one in tokens), *self.parts]
        if self.content_type == TYPES[1]:
            return b"".join(map(_part, parts)) + f"--{BOUNDARY}--\r\n".encode()
        return "&".join(
            f"{quote_from_bytes(name.encode('utf-8'))}={quote_from_bytes(value)}"
            for name, value in parts
            if isinstance(value, bytes)
        ).encode()

    def __repr__(self) -> str:
        """Say it so short that a failure can be read."""
        shown = [
            (name, f"{value.content[:60]!r} as {value.name!r}" if isinstance(value, File) else _short(value))
            for name, value in self.parts
        ]
        what = shown if self.body is None else self.body[:200]
        return f"{self.content_type} token {self.token}: {what}"


def _short(value: bytes) -> str:
    text = repr(value.decode("utf-8", "backslashreplace"))
    return text if len(text) < 80 else f"{text[:40]}… ({len(value)} bytes)"


def _part(one: tuple[str, bytes | File]) -> bytes:
    name, value = one
    # A browser writes these three so.
    said = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{said}"'
    if isinstance(value, bytes):
        return head.encode() + b"\r\n\r\n" + value + b"\r\n"
    called = value.name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    return f'{head}; filename="{called}"\r\nContent-Type: {value.kind}\r\n\r\n'.encode() + value.content + b"\r\n"


def filled_in(target: Target) -> list[tuple[str, bytes | File]]:
    """Return the form as it stands on the page, with what the example types."""
    parts: list[tuple[str, bytes | File]] = []
    for box in target.form.boxes.values():
        if box.name != "csrf_token" and box.name not in target.filled and box.kind not in ("submit", "button"):
            parts += [(box.name, value.encode()) for value in box.shown]
    for name, value in target.filled.items():
        parts += [(name, one) for one in _typed(value)]
    return parts


def _typed(value: Any) -> list[bytes | File]:
    if isinstance(value, tuple):
        path, name = value
        return [File(name, "application/octet-stream", Path(path).read_bytes())]
    return [str(one).encode() for one in (value if isinstance(value, list) else [value])]


def _value_for(draw: st.DrawFn, box: Box) -> bytes | File:
    if box.kind == "file" and draw(st.integers(0, 5)):
        return File(draw(FILE_NAMES), draw(FILE_TYPES), draw(CONTENTS))
    if box.offered and draw(st.booleans()):
        return draw(st.sampled_from(box.offered)).encode()
    return draw(VALUES)


@st.composite
def sendings(draw: st.DrawFn, target: Target) -> Sent:
    """Make what is sent of a form: mostly as it should be but for a box or two, which reaches furthest."""
    parts = filled_in(target)
    boxes = [box for box in target.form.boxes.values() if box.name != "csrf_token"]
    has_file = any(box.kind == "file" for box in boxes)
    kind = TYPES[1] if has_file or draw(st.integers(0, 3)) == 0 else TYPES[0]
    mood = draw(
        st.sampled_from(("few", "few", "few", "few", "all", "missing", "doubled", "strange", "broken", "token"))
    )
    if mood == "few" and boxes:
        for box in draw(st.lists(st.sampled_from(boxes), min_size=1, max_size=2, unique_by=lambda one: one.name)):
            parts = [one for one in parts if one[0] != box.name] + [(box.name, _value_for(draw, box))]
    elif mood == "all":
        parts = [(box.name, _value_for(draw, box)) for box in boxes[:40] if draw(st.booleans())]
    elif mood == "missing" and parts:
        gone = draw(st.sets(st.sampled_from(sorted({name for name, _value in parts})), min_size=1))
        parts = [one for one in parts if one[0] not in gone]
    elif mood == "doubled" and boxes:
        box = draw(st.sampled_from(boxes))
        parts += [(box.name, _value_for(draw, box)) for _time in range(draw(st.sampled_from((1, 2, 30))))]
        parts = draw(st.permutations(parts)) if len(parts) < 10 else parts[::-1]
    elif mood == "broken":
        kind = draw(st.sampled_from((*TYPES, *_OTHER_TYPES)))
        whole = Sent(parts, content_type=draw(st.sampled_from(TYPES))).composed("x")
        bodies = (
            whole[: draw(st.integers(0, len(whole)))],
            b'{"a": [1, "\\ud800"]}',
            b"[" * 5_000,
            draw(st.binary(max_size=80)),
        )
        return Sent(content_type=kind, body=draw(st.sampled_from(bodies)))
    if mood == "strange" or not boxes:
        parts += [
            (draw(st.one_of(NAMES, st.text(max_size=20))), draw(VALUES)) for _time in range(draw(st.integers(1, 3)))
        ]
    token = draw(st.sampled_from(("none", "wrong", "twice"))) if mood == "token" else "right"
    return Sent(parts, token, kind)
