"""What every answer carries: the security headers, a request id, and how long it may be kept."""

import secrets
import uuid

from flask import Flask, Response, g, request, session

# Nothing but our own files; a script only if this very page names it by its nonce, no style inside a tag, nobody's
# frame.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "script-src 'nonce-{nonce}'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def init_app(app: Flask) -> None:
    """Name each request and dress each answer; give templates the nonce of their scripts."""
    app.jinja_env.globals["nonce"] = nonce
    app.before_request(_name_the_request)
    app.after_request(_dress)


def request_id() -> str:
    """Return the id of this request, which also stands in the log."""
    if "request_id" not in g:
        g.request_id = uuid.uuid4().hex[:16]
    return str(g.request_id)


def nonce() -> str:
    """Return the word by which this answer names its own scripts; another in every answer."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(18)
    return str(g.nonce)


def _name_the_request() -> None:
    request_id()


def _dress(response: Response) -> Response:
    for name, value in SECURITY_HEADERS.items():
        response.headers[name] = value
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.format(nonce=nonce())
    response.headers["X-Request-ID"] = request_id()
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if ("sid" in session or "half" in session) and not (request.endpoint or "").startswith("assets."):
        # Of whoever is signed in nothing is kept: the next at the same screen sees nothing of it.
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
    elif "Cache-Control" not in response.headers:
        # A page is one reader's, in his language; he may keep it but asks again each time.
        response.headers["Cache-Control"] = "private, no-cache"
        response.vary.update(("Accept-Language", "Cookie"))
    return response
