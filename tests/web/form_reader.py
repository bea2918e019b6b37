"""Reads the forms of a page as a browser would send them: every box with what it shows and what it offers."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

# A press of these sends their name; only one of them is pressed.
_PRESSED = ("submit", "image", "button", "reset")
_TICKED = ("checkbox", "radio")


@dataclass(slots=True)
class Box:
    """A control of a form.

    Attributes:
        kind: `text`, `textarea`, `select`, `checkbox`, `radio`, `hidden`, `file`, `submit` and what else there is.
        shown: what would be sent of it untouched.
        offered: what may be chosen.
    """

    name: str
    kind: str
    shown: list[str] = field(default_factory=list)
    offered: list[str] = field(default_factory=list)

    @property
    def is_typed(self) -> bool:
        """Say whether somebody types into it and sees what he typed."""
        return self.kind in ("text", "textarea", "search", "tel", "url", "number", "date", "email")


@dataclass(slots=True)
class Shown:
    """A form of a page."""

    action: str
    method: str
    takes_files: bool
    key: str
    boxes: dict[str, Box] = field(default_factory=dict)

    def box(self, name: str, kind: str) -> Box:
        """Return the control of a name; several of one name are one."""
        return self.boxes.setdefault(name, Box(name, kind))


class _Reader(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Shown] = []
        self._open: Shown | None = None
        self._box: Box | None = None
        self._typing = False
        # Of an option without a value its words are sent.
        self._option: str | None = None
        # What stands outside of the form it belongs to.
        self._loose: dict[str, Shown] = {}
        self.feed(text)
        self.close()
        for form in self.forms:
            if form.key in self._loose:
                form.boxes |= self._loose[form.key].boxes

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        one = {name: value or "" for name, value in attrs}
        if tag == "form":
            files = one.get("enctype") == "multipart/form-data"
            self._open = Shown(one.get("action", ""), one.get("method", "get").lower(), files, one.get("id", ""))
            self.forms.append(self._open)
        elif tag == "option" and self._box is not None:
            value = one.get("value", "")
            self._box.offered.append(value)
            if "selected" in one:
                self._box.shown.append(value)
        elif tag in ("input", "select", "textarea", "button") and one.get("name"):
            if "form" in one:
                key = one["form"]
                self._take(self._loose.setdefault(key, Shown("", "", False, key)), tag, one)
            elif self._open is not None:
                self._take(self._open, tag, one)

    def _take(self, form: Shown, tag: str, one: dict[str, str]) -> None:
        kind = tag if tag in ("select", "textarea") else one.get("type", "submit" if tag == "button" else "text")
        box = form.box(one["name"], kind)
        if tag in ("select", "textarea"):
            self._box, self._typing = box, tag == "textarea"
            if self._typing:
                box.shown.append("")
        elif kind in _TICKED:
            box.offered.append(one.get("value", "on"))
            if "checked" in one:
                box.shown.append(one.get("value", "on"))
        elif kind in _PRESSED:
            box.offered.append(one.get("value", ""))
        elif kind != "file":
            box.shown.append(one.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select" and self._box is not None:
            if not self._box.shown and self._box.offered:
                self._box.shown.append(self._box.offered[0])
            self._box = None
        elif tag == "textarea":
            self._box, self._typing = None, False

    def handle_data(self, data: str) -> None:
        if self._typing and self._box is not None:
            # A browser leaves out the line break that follows the tag.
            self._box.shown[-1] += data


def forms_of(text: str) -> list[Shown]:
    """Return the forms of a page in their order."""
    return _Reader(text).forms
