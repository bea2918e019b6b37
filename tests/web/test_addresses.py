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


@pytest.mark.parametrize("values", [{"q": "长" * 101}, {"q": ["a", "b"]}, {"_external": True}, {"_anchor": "main"}])
def test_what_is_long_changeable_or_told_to_flask_itself_is_never_kept(app: Flask, values: dict[str, object]) -> None:
    made = app.jinja_env.globals["url_for"]
    for host in ("a.example", "b.example"):
        with app.test_request_context("/firms", base_url=f"http://{host}"):
            assert made(".firms", **values) == url_for("bureau.firms", **values)


def test_nobody_fills_the_memory_by_addresses(app: Flask) -> None:
    made = app.jinja_env.globals["url_for"]
    kept = made.__closure__[0].cell_contents.cache_info
    before = kept().currsize
    with app.test_request_context("/sign-in"):
        assert len(made("sign_in.sign_in", next="/" + "x" * 100_000)) > 100_000
        assert kept().currsize == before
        made("sign_in.sign_in", next="/home")
        assert kept().currsize == before + 1


def test_an_address_without_a_room_is_in_the_room_of_the_page(app: Flask) -> None:
    made = app.jinja_env.globals["url_for"]
    with app.test_request_context("/firms"):
        assert made(".firms") == "/firms"
    with app.test_request_context("/titles"):
        assert made(".titles") == "/titles"
