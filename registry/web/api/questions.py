"""What the API may be asked: the parameters of its queries, each read strictly; and the cursor of a page.

A value that cannot be meant is refused at its name, never guessed.
"""

import base64
import json
from datetime import date, datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import request
from marshmallow import Schema, ValidationError, fields, validate

from registry.domain.codes import DISTRICTS, KIND_WORDS, LADDER
from registry.domain.errors import Refused
from registry.domain.facts import FIRST_YEAR, LAST_YEAR
from registry.domain.uscc import canonical, fault_of
from registry.store.books import BREAKDOWNS
from registry.web.asking import day_from, moment_from

MOST = 200
_USUAL = 50
_LONGEST = 100
_LONGEST_CURSOR = 200
_LARGEST = 10**9
_NOT_ONE_OF = "应为 {choices} 之一 (one of {choices} expected)"
_NO_CURSOR = "应为上一页 next 中的 cursor，原样传回 (the cursor of a `next` link expected, as it was)"
_Told = dict[str, Any]


class Place(NamedTuple):
    """Where a page of a list begins."""

    book: str
    at: str | int


class Question(Schema):
    """A query: nothing but what it names."""

    error_messages = {"unknown": "没有这个参数 (no such parameter)"}  # noqa: RUF012

    lang = fields.String(
        validate=validate.OneOf(["zh", "en"], error=_NOT_ONE_OF),
        metadata={"description": "说明文字的语言，默认按 Accept-Language · Language of messages"},
    )


class _Text(fields.Field[Any]):
    """A parameter that is read in a way of its own."""

    default_error_messages = {"required": "必填 (required)"}  # noqa: RUF012

    def _read(self, text: str, name: str) -> Any:
        raise NotImplementedError

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            return self._read(str(value), attr or "")
        except Refused as refused:
            raise ValidationError([fault.message for fault in refused.faults]) from None


class Day(_Text):
    """A day, YYYY-MM-DD, in which the rules may know something."""

    def _read(self, text: str, name: str) -> date:
        return day_from(text, name)


class Moment(_Text):
    """A moment, ISO 8601; without a zone it is that of the office."""

    def _read(self, text: str, name: str) -> datetime:
        return moment_from(text, name, "2024-12-31T18:00:00+08:00，其中 + 写作 %2B")


class Whole(_Text):
    """A whole number in plain digits, within bounds."""

    def __init__(self, low: int, high: int, **told: Any) -> None:
        self.low, self.high = low, high
        super().__init__(**told)

    def _read(self, text: str, name: str) -> int:
        if text.isascii() and text.isdigit() and len(text) <= 6 and self.low <= int(text) <= self.high:
            return int(text)
        raise Refused.at(
            name, f"应为 {self.low}–{self.high} 的整数 (a whole number from {self.low} to {self.high} expected)"
        )


class Part(_Text):
    """A part of a text to look for: some printable characters."""

    def _read(self, text: str, name: str) -> str:
        found = text.strip()
        if not found or len(text) > _LONGEST or not found.isprintable():
            raise Refused.at(name, f"应为 1–{_LONGEST} 个可见字符 (1 to {_LONGEST} printable characters expected)")
        return found


class Code(_Text):
    """The code of a firm."""

    def _read(self, text: str, name: str) -> str:
        return code_from(text, name)


class Breakdown(_Text):
    """What a count is broken down by, with commas between."""

    def _read(self, text: str, name: str) -> tuple[str, ...]:
        words = tuple(text.split(",")) if text else ()
        if not set(words) <= set(BREAKDOWNS) or len(set(words)) < len(words):
            known = ", ".join(BREAKDOWNS)
            raise Refused.at(name, f"应为 {known} 中的若干项，各一次 (some of {known} expected, each once)")
        return words


class Cursor(_Text):
    """Where a page begins, as the page before said it: after the code of a firm, or after a number."""

    def __init__(self, *books: str, **told: Any) -> None:
        self.books = books
        super().__init__(**told)

    def _read(self, text: str, name: str) -> Place:
        try:
            if len(text) > _LONGEST_CURSOR:
                raise ValueError
            book, place = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True))
            if book not in self.books or not _is_place(place) or cursor_of(book, place) != text:
                raise ValueError
        except (ValueError, TypeError, RecursionError):
            raise Refused.at(name, _NO_CURSOR) from None
        return Place(book, place)


def _is_place(place: Any) -> bool:
    """Say whether a page can begin there: at the code of a firm, or at a number that either database takes."""
    if isinstance(place, str):
        return fault_of(place) is None
    return type(place) is int and 0 <= place < _LARGEST


def code_in(asked: _Told, book: str) -> str | None:
    """Return after which firm's code to go on in a list, None for its beginning.

    Raises:
        Refused: the cursor is of another list.
    """
    place = _place_in(asked, book, str)
    return None if place is None else str(place)


def number_in(asked: _Told, book: str) -> int:
    """Return after which number to go on in a list, 0 for its beginning.

    Raises:
        Refused: the cursor is of another list.
    """
    return int(_place_in(asked, book, int) or 0)


def _place_in(asked: _Told, book: str, kind: type) -> str | int | None:
    place: Place | None = asked.get("cursor")
    if place is not None and (place.book != book or not isinstance(place.at, kind)):
        raise Refused.at("cursor", _NO_CURSOR)
    return place.at if place else None


def code_from(text: str, path: str) -> str:
    """Return a firm's code in its canonical form.

    Raises:
        Refused: at the path.
    """
    code = canonical(text) if len(text) <= _LONGEST else text
    wrong = fault_of(code)
    if wrong:
        raise Refused.at(path, wrong)
    return code


def cursor_of(book: str, place: str | int) -> str:
    """Return what asks for the page after a place of a list; nobody needs to know what it says."""
    told = json.dumps([book, place], separators=(",", ":")).encode("ascii")
    return base64.urlsafe_b64encode(told).decode("ascii").rstrip("=")


def next_page(book: str, place: str | int | None) -> str | None:
    """Return the address of the page after a place, None where there is none."""
    if place is None:
        return None
    asked = [(name, value) for name, value in request.args.items() if name != "cursor"]
    return f"{request.path}?{urlencode([*asked, ('cursor', cursor_of(book, place))])}"


# How the document tells these fields to clients.
def tell(field: Any, **_told: Any) -> _Told:
    """Return what OpenAPI says of a parameter."""
    if isinstance(field, Day):
        return {"type": "string", "format": "date"}
    if isinstance(field, Moment):
        return {"type": "string", "format": "date-time"}
    if isinstance(field, Whole):
        return {"type": "integer", "minimum": field.low, "maximum": field.high}
    if isinstance(field, Part):
        return {"type": "string", "minLength": 1, "maxLength": _LONGEST}
    if isinstance(field, Code):
        return {"type": "string", "format": "uscc", "minLength": 18}
    if isinstance(field, Breakdown):
        return {"type": "array", "items": {"type": "string", "enum": list(BREAKDOWNS)}, "uniqueItems": True}
    if isinstance(field, Cursor):
        return {"type": "string", "maxLength": _LONGEST_CURSOR}
    return {}


def tell_parameter(field: Any, **_told: Any) -> _Told:
    """Return how a parameter is written into the address."""
    return {"explode": False, "style": "form"} if isinstance(field, Breakdown) else {}


def said(meaning: str) -> _Told:
    """Return the meaning of a parameter."""
    return {"metadata": {"description": meaning}}


def one_of(words: Any, meaning: str) -> fields.String:
    """Return a parameter that is one of a few words."""
    return fields.String(validate=validate.OneOf(list(words), error=_NOT_ONE_OF), **said(meaning))


def limit() -> Whole:
    """Return how many a page holds."""
    return Whole(1, MOST, load_default=_USUAL, **said("每页条数，默认 50 · Entries on a page, 50 unless asked"))


def on() -> Day:
    """Return the day of which an answer speaks."""
    return Day(**said("哪一天，默认今天 · The day asked about, today unless given"))


def district() -> fields.String:
    """Return a district to narrow to."""
    return one_of(DISTRICTS, "区市代码 · District code")


def rung() -> fields.String:
    """Return a title to narrow to."""
    return one_of(LADDER, "称号 · Title")


def kind() -> fields.String:
    """Return a kind of case."""
    return one_of(KIND_WORDS, "首次或复核，默认首次 · New application (unless given) or re-review")


def year() -> Whole:
    """Return a year to be counted."""
    return Whole(FIRST_YEAR + 1, LAST_YEAR, required=True, **said("年度 · Year"))


def as_of() -> Day:
    """Return the last day of a year that is counted."""
    return Day(**said("截至哪一天，默认年末或今天 · Last day counted, year's end or today unless given"))
