"""Who asks the API and how often: a token where one is asked for, a count of requests, no cookies at all."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, current_app, request
from limits import parse
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response as Answer

from registry.config import Settings
from registry.store.tokens import ApiToken, Scope
from registry.web import api_problems, db
from registry.web.api.room import kept
from registry.web.asking import now, today
from registry.web.deeds import deed
from registry.web.pace import spend
from registry.web.signed_in import address
from registry.work.keep_tokens import is_use_to_note, note_use, recognise_token

Start = Callable[..., Any]
_BEARER = "bearer "


class Cookieless:
    """Takes the cookies away from every request below `/api`, and lets none be set: nobody is signed in there."""

    def __init__(self, inner: Callable[[dict[str, Any], Start], Iterable[bytes]]) -> None:
        self._inner = inner

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """Answer a request."""
        path = environ.get("PATH_INFO", "")
        if path != "/api" and not path.startswith("/api/"):
            return self._inner(environ, start)
        environ.pop("HTTP_COOKIE", None)

        def begin(status: str, headers: list[tuple[str, str]], *told: Any) -> Any:
            return start(status, [one for one in headers if one[0].lower() != "set-cookie"], *told)

        return self._inner(environ, begin)


def init_app(app: Flask, settings: Settings) -> None:
    """Take the cookies away, and read the bound of requests once."""
    app.extensions["api_pace"] = parse(settings.api_rate_limit)
    app.wsgi_app = Cookieless(app.wsgi_app)  # type: ignore[method-assign, assignment]


def admit() -> None:
    """Count the request, and let it through with a token where its view asks for one."""
    asked: Scope | None = getattr(_view(), "scope", None)
    if asked is None:
        _count(f"address {address()}")
        return
    row = _token_of_request()
    if row is None:
        # Whoever tries tokens is counted as well.
        _count(f"address {address()}")
        is_wrong = "Authorization" in request.headers
        detail = "令牌无效、已过期或已撤销 (the token is unknown, expired or revoked)" if is_wrong else ""
        raise api_problems.NoToken(detail, is_wrong=is_wrong)
    number, scopes, is_noted = row.id, row.scope_set, not is_use_to_note(row, now())
    _count(f"token {number}")
    if asked not in scopes:
        raise api_problems.OtherScope(asked.value)
    if not is_noted:
        with deed() as session:
            note_use(session, number, now())


def dress(answer: Response) -> Answer:
    """Say how long an answer may be kept: what seldom changes until it is asked for again, anything else not at all."""
    if getattr(_view(), "is_conditional", False) and answer.status_code == 200:
        return kept(answer)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _view() -> Callable[..., Any] | None:
    return current_app.view_functions.get(request.endpoint or "")


def _token_of_request() -> ApiToken | None:
    sent = request.headers.get("Authorization", "")
    if sent[: len(_BEARER)].lower() != _BEARER:
        return None
    return recognise_token(db.session(), sent[len(_BEARER) :].strip(), today=today())


def _count(whose: str) -> None:
    """Count a request of a token or an address.

    Raises:
        TooManyRequests: with how many seconds to wait.
    """
    wait = spend(current_app.extensions["api_pace"], whose)
    if wait is not None:
        raise TooManyRequests(retry_after=wait)
