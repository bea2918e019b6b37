"""The log: a JSON line for each request and event, on standard error. Query strings, forms and secrets stay out."""

import logging
import sys
import time
from contextlib import suppress
from threading import Lock
from typing import Any, TextIO

import structlog
from flask import Flask, Response, g, request

from registry.web.headers import request_id

_log = structlog.get_logger(__name__)
# Arguments of addresses that let somebody in: of a link, and of an answer to an objection or a report.
_SECRET = {"token", "code"}


class _Lines:
    """Writes a line an event; a log that takes none, its disk being full, is no reason to fail a request."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = Lock()

    def msg(self, message: str) -> None:
        """Write a line, if it is taken; ValueError is what a closed stream raises."""
        with self._lock, suppress(OSError, ValueError):
            self._stream.write(f"{message}\n")
            self._stream.flush()

    log = debug = info = warn = warning = error = critical = fatal = failure = err = exception = msg


def configure(stream: TextIO | None = None) -> None:
    """Write events as JSON lines; called by the command that serves, not by the factory."""
    # The server's own word on its queue would stand in the middle of our lines.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    lines = _Lines(stream or sys.stderr)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=lambda *_names: lines,
        cache_logger_on_first_use=True,
    )


def init_app(app: Flask) -> None:
    """Log every request when it has been answered."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id())


def _end(response: Response) -> Response:
    took: dict[str, Any] = {"ms": round((time.perf_counter() - g.began) * 1000, 1)} if "began" in g else {}
    _log.info("request", method=request.method, path=_path(), status=response.status_code, **took)
    return response


def _path() -> str:
    """Return the path; where it holds the secret of a link, the rule that it follows instead."""
    if request.url_rule is not None and _SECRET & (request.view_args or {}).keys():
        return request.url_rule.rule
    return request.path
