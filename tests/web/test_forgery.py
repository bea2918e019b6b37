"""No form is taken without the token of the very session that sends it, however much its sender may."""

from collections.abc import Iterator

import pytest
from flask import session
from flask_wtf.csrf import generate_csrf
from matrix_build import fixture_city  # noqa: F401
from matrix_city import RIGHT, City
from matrix_examples import examples
from matrix_objects import address_of, things_of
from matrix_thing import Example
from small_city import NOW
from test_matrix import changes_of, routes

from registry.domain.actors import Standing

# How somebody who forges a request would come by a token.
FORGERIES = ("none", "empty", "made up", "of another browser", "of before signing in", "of the cookie itself", "cut")


def posts(city: City) -> Iterator[tuple[str, str, Example]]:
    """Yield every endpoint that takes a form, an address of it, and a valid form with who is admitted."""
    valid = examples(city)
    for rule, method, _asked in routes(city):
        # Below /api no cookie reaches a view: there is nobody whose request could be forged.
        if method == "POST" and not rule.endpoint.startswith("api."):
            example = valid[rule.endpoint]
            thing = things_of(city, rule.endpoint, rule.arguments)[0]
            yield rule.endpoint, address_of(city, rule.endpoint, thing), example


def forged(city: City, way: str, cookie: dict[str, object]) -> str | None:
    stranger = city.cookie("anonymous", csrf_token="0" * 40)
    right = city.token(cookie)
    return {
        "none": None,
        "empty": "",
        "made up": "IjAwMDAi.aGVsbG8.made-up",
        "of another browser": city.token(city.cookie("audit_admin", csrf_token="f" * 40)),
        # The session is another one since: its token went with the old.
        "of before signing in": city.token(stranger),
        "of the cookie itself": str(cookie["csrf_token"]),
        "cut": right[:-2],
    }[way]


@pytest.mark.parametrize("way", FORGERIES)
def test_no_form_is_taken_without_its_token(city: City, way: str) -> None:
    city.restore()
    wrong = []
    for endpoint, address, example in posts(city):
        cookie, before = city.cookie(example.who, **example.cookie), changes_of(city.file)
        answer = city.ask(example.who, "POST", address, example.form, cookie=cookie, proof=forged(city, way, cookie))
        if answer.status_code != 400 or "表单已失效" not in answer.text or changes_of(city.file) != before:
            wrong.append(f"{endpoint}: {answer.status_code}")
        # It may try again with the right one: nothing was used up.
        assert not [one for one in answer.headers.getlist("Set-Cookie") if "lang" in one]

    assert wrong == []


def test_no_form_is_taken_with_its_token_but_without_its_cookie(city: City) -> None:
    city.restore()
    before = changes_of(city.file)
    for endpoint, address, example in posts(city):
        token = city.token(city.cookie(example.who))
        answer = city.ask("nobody", "POST", address, example.form, cookie={}, proof=token)
        # Nobody is signed in without it, which is said first where it matters.
        asked = city.app.view_functions[endpoint].permission  # type: ignore[attr-defined]
        assert answer.status_code == (400 if asked.needs is Standing.NOBODY else 401), endpoint

    assert changes_of(city.file) == before


def test_the_same_forms_with_their_tokens_are_not_taken_for_forged(city: City) -> None:
    """Or the tests above would prove nothing."""
    for endpoint, address, example in posts(city):
        answer = city.ask(
            example.who, "POST", address, example.form, cookie=city.cookie(example.who, **example.cookie), proof=RIGHT
        )
        assert "表单已失效" not in answer.text, endpoint
        city.restore()


def test_the_token_of_the_tests_is_that_of_the_pages(city: City) -> None:
    cookie = city.cookie("city")
    with city.app.test_request_context():
        session.update(cookie)
        assert generate_csrf() == city.token(cookie)


@pytest.mark.parametrize("name", ["X-CSRFToken", "X-CSRF-Token"])
def test_a_script_of_ours_may_send_it_in_a_header_and_a_wrong_one_there_is_refused(city: City, name: str) -> None:
    city.restore()
    cookie = city.cookie("city")
    for token, status in ((city.token(cookie), 200), ("wrong", 400)):
        answer = city.ask(
            "city", "POST", "/account/passkeys/options", {}, cookie=cookie, proof=None, headers={name: token}
        )
        assert answer.status_code == status


def test_signing_in_gives_another_token(city: City) -> None:
    """A token that somebody planted before the sign-in is worth nothing after it."""
    city.restore()
    client = city.app.test_client()
    page = client.get("/sign-in").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    sent = examples(city)["sign_in.give_password"].form
    answer = client.post("/sign-in", data={**sent, "csrf_token": token})
    assert answer.status_code == 303
    before = changes_of(city.file)
    stale = client.post("/account/contacts", data={"phone": "13812345678", "csrf_token": token})

    assert stale.status_code == 400
    assert changes_of(city.file) == before
    with client.session_transaction() as kept:
        assert kept["seen"] == int(NOW.timestamp())
