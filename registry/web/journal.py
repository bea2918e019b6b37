"""The log: one JSON line a request and one an event, on standard error. Query strings and forms stay out of it."""

import sys
import time
from typing import Any, TextIO

import structlog
from flask import Flask, Response, g, request

from registry.web.headers import request_id

_log = structlog.get_logger(__name__)


def configure(stream: TextIO | None = None) -> None:
    """Write events as JSON lines; called by the command that serves, not by the factory."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(stream or sys.stderr),
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
    _log.info("request", method=request.method, path=request.path, status=response.status_code, **took)
    return response
