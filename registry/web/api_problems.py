"""Errors of the API as problem+json (RFC 9457): what is wrong, at which path, in the reader's language.

Every answer below `/api` that is an error is made here, also where no view was found; pages have `registry.web.errors`.
"""

import json
from collections.abc import Iterable, Mapping

from flask import Response, request
from werkzeug.exceptions import BadRequest, Forbidden, HTTPException, Unauthorized

from registry.domain.errors import Barred, Fault, MoveNotAllowed, NotFound, Refused, RegistryError
from registry.web.headers import request_id
from registry.web.language import current, of_both

MEDIA_TYPE = "application/problem+json"
_TYPE = "urn:gradient-registry:problem:"
# What a problem is called in its type, its title, and what is said where nothing closer is known.
_WORDS: Mapping[int, tuple[str, str, str]] = {
    400: ("malformed", "请求无法识别 (the request cannot be read)", "请求的格式有误 (the request is malformed)"),
    401: ("unauthorised", "需要令牌 (a token is needed)", "此接口须带有效令牌 (this needs a valid bearer token)"),
    403: ("forbidden", "令牌无此权限 (the token does not allow this)", "此接口未对您开放 (this is not open to you)"),
    404: ("not_found", "没有找到 (not found)", "地址有误，或没有这一项 (no such address, or no such thing)"),
    405: ("method", "不支持这种请求方式 (method not allowed)", "可用的方式见 Allow 标头 (see the Allow header)"),
    409: ("conflict", "现在不能这样办理 (not possible now)", "与现有状态不符 (it does not go with the present state)"),
    413: ("too_large", "内容过大 (too large)", "请求内容超过上限 (the content is larger than is taken)"),
    415: ("media_type", "不支持这种内容类型 (unsupported media type)", "应为 application/json (JSON is expected)"),
    422: ("refused", "内容有误 (refused)", "请按 faults 所列逐项更正 (correct what is listed in faults)"),
    429: (
        "too_many",
        "请求过于频繁 (too many requests)",
        "请在 Retry-After 秒后再试 (retry after Retry-After seconds)",
    ),
    500: ("failed", "系统出错 (the program failed)", "错误已记录，请提供 request_id (it is logged: quote request_id)"),
    503: ("unavailable", "暂时无法办理 (unavailable)", "数据库没有应答，请稍后再试 (the database does not answer)"),
}
_OTHER = ("other", "请求未能完成 (the request was not answered)", "请求未能完成 (the request was not answered)")


class Malformed(BadRequest):
    """A body that is no JSON of ours; holds what is wrong with it."""

    def __init__(self, refused: Refused) -> None:
        super().__init__()
        self.faults = refused.faults


class NoToken(Unauthorized):
    """No token was sent, or none that holds."""

    def __init__(self, detail: str, *, is_wrong: bool) -> None:
        super().__init__(detail)
        self.challenge = 'Bearer realm="registry"' + (', error="invalid_token"' if is_wrong else "")


class OtherScope(Forbidden):
    """A token that holds, but not for this."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"令牌须含权限 {scope} (the token needs the scope {scope})")
        self.challenge = f'Bearer realm="registry", error="insufficient_scope", scope="{scope}"'


def is_api() -> bool:
    """Say whether a request is for the API, be there a view for it or not."""
    return request.path == "/api" or request.path.startswith("/api/")


def problem(status: int, detail: str = "", faults: Iterable[Fault] = ()) -> Response:
    """Return a problem as an answer."""
    name, title, usual = _WORDS.get(status, _OTHER)
    document = {
        "type": _TYPE + name,
        "title": of_both(title),
        "status": status,
        "detail": of_both(detail or usual),
        "faults": [{"path": fault.path, "message": of_both(fault.message)} for fault in faults],
        "request_id": request_id(),
    }
    # What was sent may hold halves of characters, and a fault may quote it.
    text = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
    answer = Response(text, status, mimetype=MEDIA_TYPE)
    answer.headers["Content-Language"] = current()
    answer.headers["Cache-Control"] = "no-store"
    if status == 503:
        answer.headers["Retry-After"] = "30"
    return answer


def of_http(error: HTTPException) -> Response:
    """Return the problem of an error of the protocol; what the protocol asks for, as Allow with 405, stays."""
    # Whatever else the framework says of it is in its own words and about its own inside.
    own = error.description if isinstance(error, NoToken | OtherScope) else ""
    answer = problem(error.code or 500, own or "", getattr(error, "faults", ()))
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length", "WWW-Authenticate"):
            answer.headers[name] = value
    if isinstance(error, NoToken | OtherScope):
        answer.headers["WWW-Authenticate"] = error.challenge
    if error.code == 429:
        # The outer ring of `registry.web.pace` counts by the minute.
        answer.headers.setdefault("Retry-After", "60")
    return answer


def of_ours(error: RegistryError) -> Response:
    """Return the problem of what a floor below refused."""
    if isinstance(error, NotFound):
        return problem(404, str(error))
    if isinstance(error, MoveNotAllowed):
        return problem(409, str(error))
    if isinstance(error, Barred):
        return problem(403, str(error))
    if isinstance(error, Refused):
        return problem(422, faults=error.faults)
    return problem(422, str(error))
