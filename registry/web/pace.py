"""How many requests one network address may make: a coarse outer ring, counted by each process for itself.

What must hold across processes, failed sign-ins, is counted in the database (`registry.work.sign_in`).
"""

from flask import Flask, request
from flask_limiter import Limiter

from registry.config import Settings
from registry.web.signed_in import address


def init_app(app: Flask, settings: Settings) -> None:
    """Count requests, apart from those for static files and of machines that watch."""
    limiter = Limiter(address, default_limits=[settings.rate_limit], storage_uri="memory://", headers_enabled=False)
    limiter.request_filter(_is_free)
    limiter.init_app(app)


def _is_free() -> bool:
    return request.endpoint is None or request.endpoint.startswith(("assets.", "health."))
