"""Pages of publicity, read."""

from evidence_desk import page_of
from flask.testing import FlaskClient
from page_reader import Page
from publicity_pages import Hall

LIST, OBJECTING = "/public/lists/1", "/public/lists/1/1/objection"


def read(hall: Hall, client: FlaskClient, address: str, status: int = 200, lang: str = "zh") -> Page:
    page = page_of(hall.get(client, address, lang), status)
    assert page.faults() == []
    return page
