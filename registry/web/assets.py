"""Static files under a URL that names their content, so that a browser may keep them for a year; sent packed.

Pages are not packed: they hold secrets beside what somebody else may have typed, and the length would tell of both.
"""

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, request, send_from_directory, url_for

from registry.web.access import may

FOLDER = Path(__file__).with_name("static")
_ONE_YEAR = 365 * 24 * 3600
# What is text, and long enough for packing to save a parcel of the network.
_PACKED, _SHORTEST = (".css", ".js", ".svg"), 1400

blueprint = Blueprint("assets", __name__)
_digests: dict[str, str] = {}


def init_app(app: Flask) -> None:
    """Give templates `asset('own.css')`, the address of a static file."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["asset"] = address


def address(name: str) -> str:
    """Return the address of a static file: its digest, then its name."""
    if name not in _digests:
        _digests[name] = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:12]
    return url_for("assets.static", digest=_digests[name], name=name)


@blueprint.get("/static/<digest>/<path:name>")
@may("public")
def static(digest: str, name: str) -> Response:
    """Serve a static file; one asked for by an older digest is served too, but not to be kept."""
    if name.startswith(".") or name.endswith(".py"):
        abort(404)
    response = send_from_directory(FOLDER, name)
    if name.endswith(_PACKED):
        response.vary.add("Accept-Encoding")
        if response.status_code == 200 and request.accept_encodings["gzip"] and "Range" not in request.headers:
            _pack(response, name)
    if digest == _digests.get(name):
        response.cache_control.max_age = _ONE_YEAR
        response.cache_control.public = True
        response.cache_control.immutable = True
        response.cache_control.no_cache = None
    return response


def _pack(response: Response, name: str) -> None:
    place = FOLDER / name
    if place.stat().st_size < _SHORTEST:
        return
    # The opened file is let go; what is sent is in memory.
    response.close()
    response.direct_passthrough = False
    response.set_data(_packed(name, place.stat().st_mtime_ns))
    response.headers["Content-Encoding"] = "gzip"
    response.headers.pop("Accept-Ranges", None)
    if response.get_etag()[0]:
        # Other bytes, thus another name of them.
        response.set_etag(f"{response.get_etag()[0]}-gzip")
        response.make_conditional(request.environ)


@lru_cache(maxsize=64)
def _packed(name: str, _changed_at: int) -> bytes:
    """Return a static file packed; packed anew when it changes."""
    return gzip.compress((FOLDER / name).read_bytes(), 9, mtime=0)


@blueprint.get("/favicon.ico")
@may("public")
def favicon() -> Response:
    """Serve the mark of the site where browsers look for it."""
    return send_from_directory(FOLDER, "mark.svg", max_age=_ONE_YEAR)
