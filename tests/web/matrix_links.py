"""Where a page leads: to nothing that is closed to whoever reads it."""

import re
from html import unescape

from matrix_city import KINDS, City
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from registry.domain.actors import Standing

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


def closed_to(city: City, who: str, answer: TestResponse) -> list[str]:
    """Return where a page leads somebody who is signed in that the table does not let him in."""
    # The walk imports this module, which asks the walk's own reading of the table.
    from test_matrix import admitted

    kind = KINDS[who]
    if kind.standing is not Standing.FULL or answer.status_code != 200 or answer.mimetype != "text/html":
        return []
    views = city.app.view_functions
    return [
        address
        for endpoint, address in endpoints_led_to(city, answer.text).items()
        if not admitted(kind, views[endpoint].permission)  # type: ignore[attr-defined]
    ]
