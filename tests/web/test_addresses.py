"""The addresses that templates write: kept from page to page, and yet those that Flask makes."""

from datetime import date

import pytest
from flask import Flask, url_for

from registry.app import create_app

PAGES = (
    ("bureau.firms", {}),
    ("bureau.firm", {"uscc": "91370200MA3C0A0A0A", "on": date(2026, 11, 26)}),
    ("bureau.firm", {"uscc": "91370200MA3C0A0A0A", "on": None}),
    ("public_lists.listed", {"number": 1, "q": "名称 & 100%"}),
    ("cases.case", {"number": 7}),
    # Alike to a cache that does not tell kinds of values apart.
    ("desk_cases.cases", {"after": 1}),
    ("desk_cases.cases", {"after": "1"}),
    ("desk_cases.cases", {"after": True}),
)


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app()


@pytest.mark.parametrize("root", ["", "/ladder"])
def test_an_address_is_flasks_whoever_asked_for_it_before(app: Flask, root: str) -> None:
    made = app.jinja_env.globals["url_for"]
    for _again in range(2):
        with app.test_request_context("/firms", environ_overrides={"SCRIPT_NAME": root}):
            for endpoint, values in PAGES:
                assert made(endpoint, **values) == url_for(endpoint, **values)
                assert made(endpoint, **values).startswith(f"{root}/")


def test_an_address_without_a_room_is_in_the_room_of_the_page(app: Flask) -> None:
    made = app.jinja_env.globals["url_for"]
    with app.test_request_context("/firms"):
        assert made(".firms") == "/firms"
    with app.test_request_context("/titles"):
        assert made(".titles") == "/titles"
