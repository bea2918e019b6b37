"""Where a page may send its reader afterwards: to a page of ours that can be looked at, and nowhere else."""

from urllib.parse import unquote, urlsplit

from flask import current_app, url_for
from werkzeug.exceptions import HTTPException

LONGEST = 2000


def safe_next(address: str | None) -> str:
    """Return an address of ours that was asked for, or the home of whoever signed in.

    Refused are other hosts and schemes in whatever spelling, and pages that only take what is posted.
    """
    home = url_for("home.home")
    if not address or len(address) > LONGEST or not address.startswith("/") or address[1:2] in ("/", "\\"):
        return home
    if not address.isascii() or not address.isprintable() or "\\" in address or " " in address:
        return home
    try:
        parts = urlsplit(address)
    except ValueError:
        return home
    if parts.scheme or parts.netloc:
        return home
    # A browser folds these away, written out or not, and would end at another page than was looked up here.
    if any(part in ("", ".", "..") for part in unquote(parts.path).split("/")[1:]) and parts.path != "/":
        return home
    try:
        current_app.url_map.bind("localhost").match(parts.path, "GET")
    except HTTPException:
        return home
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
