"""How many requests one network address may make: a coarse outer ring, counted by each process for itself.

What must hold across processes, failed sign-ins, is counted in the database (`registry.work.sign_in`).
"""

import math
import time
from contextlib import AbstractContextManager

from flask import Flask, current_app, request
from flask_limiter import Limiter
from limits import RateLimitItem

from registry.config import Settings
from registry.web.pace_counts import Counts
from registry.web.signed_in import address

_MEMORY = f"{Counts.STORAGE_SCHEME[0]}://"


def init_app(app: Flask, settings: Settings) -> None:
    """Count requests, apart from those for static files and of machines that watch."""
    limiter = Limiter(address, default_limits=[settings.rate_limit], storage_uri=_MEMORY, headers_enabled=False)
    limiter.request_filter(_is_free)
    limiter.init_app(app)


def _is_free() -> bool:
    return request.endpoint is None or request.endpoint.startswith(("assets.", "health."))


def slowly(limit: str) -> AbstractContextManager[object]:
    """Count what is done inside against a bound of its own as well, as `30 per minute`; beyond it the answer is 429."""
    limiter: Limiter = next(iter(current_app.extensions["limiter"]))
    return limiter.limit(limit)


def spend(limit: RateLimitItem, whose: str) -> int | None:
    """Count a request of somebody against a bound; return None, or beyond it the seconds to wait."""
    limiter: Limiter = next(iter(current_app.extensions["limiter"]))
    if limiter.limiter.hit(limit, "api", whose):
        return None
    return max(1, math.ceil(limiter.limiter.get_window_stats(limit, "api", whose).reset_time - time.time()))
