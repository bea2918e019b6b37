"""What the documents of the API are made of: fields with their meaning and an example; the problem. Reads nothing."""

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from registry.domain.codes import DISTRICTS, KIND_WORDS, TIER_WORDS, TIER_WORDS_EN

# A mapping of a code to its Chinese word, as documents tell it.
Words = Mapping[str, str]


class Shape(Schema):
    """A document of ours: what it holds stands there in this order."""


def text(meaning: str, *, none: bool = False, **told: Any) -> fields.String:
    """Return a text."""
    return fields.String(required=True, allow_none=none, metadata={"description": meaning, **told})


def word(meaning: str, words: Iterable[str], *, none: bool = False) -> fields.String:
    """Return one of a few words."""
    known = list(words)
    return fields.String(
        required=True, allow_none=none, validate=validate.OneOf(known), metadata={"description": meaning}
    )


def day(meaning: str, *, none: bool = False) -> fields.String:
    """Return a day, written YYYY-MM-DD; given as such."""
    return _Day(required=True, allow_none=none, metadata={"description": meaning, "format": "date"})


def moment(meaning: str, *, none: bool = False) -> fields.String:
    """Return a moment with its zone, written as ISO 8601."""
    return _Day(required=True, allow_none=none, metadata={"description": meaning, "format": "date-time"})


def whole(meaning: str, *, least: int = 0, none: bool = False) -> fields.Integer:
    """Return a whole number."""
    return fields.Integer(
        required=True, allow_none=none, validate=validate.Range(min=least), metadata={"description": meaning}
    )


def number(meaning: str) -> fields.Float:
    """Return an exact number, or null where it is unknown; for the document alone."""
    return fields.Float(required=True, allow_none=True, metadata={"description": meaning})


def truth(meaning: str, *, none: bool = False) -> fields.Boolean:
    """Return true or false."""
    return fields.Boolean(required=True, allow_none=none, metadata={"description": meaning})


def several(inner: Any, meaning: str) -> fields.List[Any]:
    """Return a list of fields, or of documents."""
    held = fields.Nested(inner) if isinstance(inner, type) and issubclass(inner, Schema) else inner
    return fields.List(held, required=True, metadata={"description": meaning})


def part(inner: type[Schema], *, none: bool = False) -> fields.Nested:
    """Return a document within a document."""
    return fields.Nested(inner, required=True, allow_none=none)


def link() -> fields.String:
    """Return the address of the next page."""
    return text("下一页的地址；已是最后一页时为 null · Address of the next page; null on the last one", none=True)


def tier() -> fields.String:
    """Return a tier of the city."""
    told = "；".join(f"{key} {TIER_WORDS[key]} {TIER_WORDS_EN[key]}" for key in TIER_WORDS)
    return word(f"梯度 Tier: {told}", TIER_WORDS)


def rung() -> fields.String:
    """Return a title of the ladder."""
    return word("称号 Title", [key for key in TIER_WORDS if key != "above_scale"])


def kind() -> fields.String:
    """Return a kind of case."""
    return word("首次或复核 New application or re-review", KIND_WORDS)


def uscc() -> fields.String:
    """Return the code of a firm."""
    return text("统一社会信用代码 Unified social credit code", minLength=18, maxLength=18)


def district(*, none: bool = False) -> fields.String:
    """Return a district by its code; a list may name one that the table does not know."""
    known = "、".join(f"{code} {name}" for code, name in DISTRICTS.items())
    return text(f"区市代码 District, GB/T 2260: {known}", none=none)


class _Day(fields.String):
    """A day or a moment, told as ISO 8601."""

    def _serialize(self, value: Any, *_rest: Any, **_told: Any) -> str | None:
        if value is None:
            return None
        return value if isinstance(value, str) else str(value.isoformat())


class Fault(Shape):
    """One thing wrong with a request."""

    path = text("哪一项：参数名，或内容中的位置如 years.2023.revenue；整体有误时为空 · Where; empty: the whole")
    message = text("哪里不对、应该怎样 · What is wrong and what is expected")


class Problem(Shape):
    """An error, as RFC 9457 has it."""

    type = text("这类错误的名称 · Name of this kind of error", format="uri")
    title = text("这类错误 · This kind of error in words")
    status = whole("HTTP 状态码 · The status", least=400)
    detail = text("说明与下一步 · What happened and what to do")
    faults = several(Fault, "逐项的错误 · What is wrong, item by item")
    request_id = text("请求编号，报告问题时请提供 · Id of the request, to be quoted")
