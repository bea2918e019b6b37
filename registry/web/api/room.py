"""The room of the API: one blueprint, whose views are documented as they are declared; what each asks for is its query.

A view says who may (`@may("public")`, or `@scope(…)` for a token) and nothing is taken that it does not name.
"""

from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar

import marshmallow as ma
from flask import Request, Response, request
from flask_smorest import Blueprint as SmorestBlueprint
from webargs.flaskparser import FlaskParser
from werkzeug.wrappers import Response as Answer

from registry.domain.errors import Fault, Refused
from registry.store.tokens import Scope
from registry.web.access import may
from registry.web.api.shapes_common import Problem

View = TypeVar("View", bound=Callable[..., Any])
PREFIX = "/api/v1"
# What any operation may answer besides its own answers.
_ALWAYS = (422, 429, 500, 503)
_PHRASES: Mapping[int, str] = {
    304: "未变更 Not modified",
    400: "请求无法识别 The body is no JSON of ours",
    401: "没有令牌，或令牌无效 No token, or none that holds",
    403: "令牌无此权限 The token lacks the scope",
    404: "没有找到 Not found",
    413: "内容过大 The body is too large",
    415: "不是 JSON The body is not declared as JSON",
    422: "内容有误，逐项列出 Refused, with every fault by its path",
    429: "请求过于频繁 Too many requests; see Retry-After",
    500: "系统出错 The program failed",
    503: "数据库没有应答 The database does not answer",
}
_WHOLE = {"schema": {"type": "integer", "minimum": 0}}
_HEADERS: Mapping[int, Mapping[str, Any]] = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}}},
    403: {"WWW-Authenticate": {"schema": {"type": "string"}}},
    429: {"Retry-After": _WHOLE},
    503: {"Retry-After": _WHOLE},
    304: {"ETag": {"schema": {"type": "string"}}},
}
# Which permission of the table stands behind a scope.
_PERMISSIONS = {Scope.BOOKS: "api_books", Scope.FIRMS: "api_firms"}


class _Parser(FlaskParser):
    """Reads a query by its schema: what it does not name, or names twice, is refused with the other faults."""

    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {"query": ma.RAISE}

    def load_querystring(self, req: Request, schema: ma.Schema) -> Any:
        """Return the query.

        Raises:
            Refused: a parameter that stands there twice.
        """
        twice = [name for name, values in req.args.lists() if len(values) > 1]
        if twice:
            raise Refused(Fault(name[:40], "只能给出一次 (given twice)") for name in twice)
        return super().load_querystring(req, schema)

    def handle_error(self, error: ma.ValidationError, *_args: Any, **_told: Any) -> NoReturn:
        """Refuse, each fault at the name of its parameter."""
        messages: Any = error.messages
        if isinstance(messages, dict) and set(messages) == {"query"}:
            messages = messages["query"]
        raise Refused(Fault(str(name)[:40], str(one)) for name, told in messages.items() for one in told)


class Room(SmorestBlueprint):  # type: ignore[misc]
    """A blueprint whose views take their query by a schema of ours."""

    ARGUMENTS_PARSER = _Parser()

    def add_url_rule(self, rule: str, *args: Any, **options: Any) -> None:
        """Register a view; a code may hold a slash, which must not make another address of it."""
        super().add_url_rule(rule, *args, **{"merge_slashes": False, **options})

    def get(self, rule: str, **parameters: Mapping[str, Any]) -> Callable[[View], View]:
        """Register a view that looks, with what the parts of its address are."""
        told = [{"in": "path", "name": name, **about} for name, about in parameters.items()]
        declared: Callable[[View], View] = self.route(rule, methods=["GET"], parameters=told)
        return declared

    def post(self, rule: str) -> Callable[[View], View]:
        """Register a view that takes a body."""
        declared: Callable[[View], View] = self.route(rule, methods=["POST"])
        return declared

    def asks(self, schema: type[ma.Schema]) -> Callable[[View], View]:
        """Declare what the query of a view may hold."""
        declared: Callable[[View], View] = self.arguments(schema, location="query")
        return declared

    def answers(
        self, schema: Any, *refusals: int, name: str, example: Any = None, tag: str, **more: Any
    ) -> Callable[[View], View]:
        """Declare what a view answers, and with which refusals.

        Args:
            name: of the operation, as clients call it; stable.
            tag: under which heading it stands in the document.
            more: further words of the OpenAPI document for this operation.
        """

        def declare(view: View) -> View:
            told = view
            for status in sorted({*_ALWAYS, *refusals}):
                told = self.alt_response(
                    status,
                    schema=None if status == 304 else Problem,
                    content_type="application/problem+json",
                    description=_PHRASES[status],
                    headers=_HEADERS.get(status),
                )(told)
            told = self.response(200, schema, description="成功 Done", example=example)(told)
            told = self.doc(operationId=name, tags=[tag], **more)(told)
            return told

        return declare


def scope(asked: Scope) -> Callable[[View], View]:
    """Declare that a view asks for a token with a scope."""

    def declare(view: View) -> View:
        view.scope = asked  # type: ignore[attr-defined]
        return may(_PERMISSIONS[asked])(view)

    return declare


def needs_token(asked: Scope) -> dict[str, Any]:
    """Return how the document says that an operation needs a token."""
    return {"security": [{"token": [asked.value]}]}


def conditional(view: View) -> View:
    """Declare that an answer changes seldom: it carries its ETag, and 304 comes of asking again with it."""
    view.is_conditional = True  # type: ignore[attr-defined]
    return view


def kept(answer: Response) -> Answer:
    """Give an answer its ETag; shrink it to 304 where the reader has it already."""
    answer.headers["Cache-Control"] = "public, no-cache"
    answer.add_etag()
    return answer.make_conditional(request)


blueprint = Room("api", __name__, url_prefix=PREFIX, description="优质中小企业梯度培育库接口")
