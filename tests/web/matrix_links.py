"""Where a page leads: the endpoints behind its links and forms."""

import re
from html import unescape

from matrix_city import City
from werkzeug.exceptions import HTTPException

_LINKS = re.compile(r'<(?:a|form)\b[^>]*?\b(?:href|action)="(/[^"#]*)')
_FORM = re.compile(r'<form\b[^>]*method="post"[^>]*action="(/[^"#]*)|<form\b[^>]*action="(/[^"#]*)"[^>]*method="post"')


def endpoints_led_to(city: City, page: str) -> dict[str, str]:
    """Return the endpoints that a page links to or sends a form to, each with an address of it."""
    found = {}
    adapter = city.app.url_map.bind("localhost")
    posted = {one or other for one, other in _FORM.findall(page)}
    for address in dict.fromkeys(_LINKS.findall(page)):
        path = unescape(address).partition("?")[0]
        try:
            endpoint, _values = adapter.match(path, method="POST" if address in posted else "GET")
        except HTTPException:
            # Whether a link leads anywhere at all is asked elsewhere.
            continue
        found[endpoint] = address
    return found
