"""What it costs a page that somebody is signed in: two questions to the database, and a file of the pages none."""

import pytest
from desk import counted_queries
from flask import Flask
from flask.testing import FlaskClient

from registry.web.assets import address


@pytest.mark.parametrize(("page", "more"), [("/", 2), ("/check", 2), ("/healthz", 0), ("own.css", 0)])
def test_a_page_asks_two_questions_more_about_whoever_is_signed_in(
    app: Flask, client: FlaskClient, stranger: FlaskClient, page: str, more: int
) -> None:
    if page == "own.css":
        with app.test_request_context():
            page = address(page)
    asked = []
    for browser in (stranger, client):
        # What a process remembers is remembered before.
        browser.get(page).close()
        with counted_queries(app) as queries, browser.get(page) as answer:
            assert answer.status_code == 200
        asked.append(len(queries))

    assert asked[0] + more == asked[1]
