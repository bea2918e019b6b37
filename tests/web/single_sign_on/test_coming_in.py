"""Single sign-on against an issuer of the tests' own: who comes in, once, and how long he may be away."""

import importlib.util
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from page_reader import Page
from small_city import NOW, settings
from sqlalchemy import select
from sso_issuer import CLIENT, DOER, SECRET, Browser, Clock, Issuer, refused, sessions

from registry.app import create_app
from registry.domain.errors import Refused
from registry.domain.trail import Entry
from registry.store.engine import open_engine, writing
from registry.store.people import Person
from registry.store.trail import trail_page
from registry.work.open_account import disable
from registry.work.secure_account import bind_subject, enrol_codes, set_password

BACK = "http://127.0.0.1:8000/sign-in/oidc/back"


def row(app: Flask, email: str) -> Person:
    engine = open_engine(app.config["SQLALCHEMY_DATABASE_URI"])
    with writing(engine) as session:
        found = session.scalars(select(Person).where(Person.email == email)).one()
        session.expunge(found)
    engine.dispose()
    return found


def change(app: Flask, email: str, deed: Callable[..., object], *told: object) -> None:
    engine = open_engine(app.config["SQLALCHEMY_DATABASE_URI"])
    with writing(engine) as session:
        found = session.scalars(select(Person).where(Person.email == email)).one()
        deed(session, found, *told, doer=DOER, now=NOW)
    engine.dispose()


def trail(app: Flask) -> list[Entry]:
    engine = open_engine(app.config["SQLALCHEMY_DATABASE_URI"])
    with writing(engine) as session:
        found = [one for one in reversed(trail_page(session)) if one.name != DOER.name]
    engine.dispose()
    return found


def test_the_button_stands_on_the_sign_in_and_keeps_where_one_wanted_to_go(browser: Browser) -> None:
    page = Page(browser.ask("/sign-in?next=/account").text)

    assert "/sign-in/oidc?next=/account" in page.links


def test_the_issuer_is_asked_with_state_nonce_and_a_digest_of_the_verifier(browser: Browser, issuer: Issuer) -> None:
    first, second = (parse_qs(urlsplit(browser.ask("/sign-in/oidc").location).query) for _ in range(2))

    assert (first["tenant"], first["response_type"], first["client_id"]) == (["1"], ["code"], [CLIENT])
    assert (first["redirect_uri"], first["scope"]) == ([BACK], ["openid email"])
    assert first["code_challenge_method"] == ["S256"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name][0]) >= 43
        assert first[name] != second[name]
    # What it says of itself was asked once.
    assert issuer.asked == ["/.well-known/openid-configuration"]


def test_staff_come_in_by_a_verified_address_and_must_enrol_a_second_factor(
    app: Flask, browser: Browser, issuer: Issuer
) -> None:
    page = browser.come_back()
    assert "以 何审核 身份登录" in page.text and "reviewer@example.com" in page.text
    # Coming back wrote nothing.
    assert (sessions(app), trail(app), row(app, "reviewer@example.com").oidc_subject) == ([], [], None)

    answer = browser.press(page)
    assert (answer.status_code, answer.location) == (303, "/home")
    who = row(app, "reviewer@example.com")
    assert who.oidc_subject == f"{issuer.address} 7001"
    bound, signed_in = trail(app)
    assert (bound.tag, bound.subject, bound.person_id) == ("person.changed", f"person:{who.id}", who.id)
    assert json.loads(bound.after or "") == {"field": "oidc_subject", "value": who.oidc_subject}
    assert signed_in.tag == "session.signed_in" and '"factor":"oidc"' in (signed_in.after or "")
    assert (bound.address, bound.request_id) == ("127.0.0.1", signed_in.request_id)
    # The duty stands before everything else.
    assert browser.ask("/firms").location.startswith("/account/")
    assert browser.ask("/home").status_code == 303


def test_the_second_time_the_subject_finds_the_person_whatever_the_address_is_now(
    app: Flask, browser: Browser, issuer: Issuer, clock: Clock
) -> None:
    browser.come_in()
    clock.now += timedelta(minutes=1)
    issuer.claims = {"email": "clerk@example.com"}
    other = Browser(app, issuer)
    page = other.come_back()

    assert "何审核" in page.text
    assert other.press(page).status_code == 303
    assert [one.tag for one in trail(app)] == ["person.changed", "session.signed_in", "session.signed_in"]


def test_an_applicant_is_in_and_goes_where_he_wanted(app: Flask, browser: Browser, issuer: Issuer) -> None:
    issuer.claims = {"email": "clerk@example.com"}
    answer = browser.come_in(next="/account/factors")

    assert (answer.status_code, answer.location) == (303, "/account/factors")
    assert browser.ask("/account/factors").status_code == 200
    assert sessions(app) == ["oidc"]
    # Whoever is in is not sent out again.
    assert browser.ask("/sign-in/oidc?next=/account/factors").location == "/account/factors"


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example", "/nowhere", "/check?a=" + "x" * 1500])
def test_nobody_is_sent_elsewhere(browser: Browser, issuer: Issuer, where: str) -> None:
    issuer.claims = {"email": "clerk@example.com"}

    assert browser.come_in(next=where).location == "/home"


def test_whoever_has_a_second_factor_shows_it_next(app: Flask, browser: Browser) -> None:
    change(app, "reviewer@example.com", enrol_codes, "sealed", 1)
    answer = browser.come_in(next="/account")

    assert (answer.status_code, answer.location) == (303, "/sign-in/code?next=/account")
    assert sessions(app) == []
    page = Page(browser.ask(answer.location).text)
    assert "请再用一种方式证明是您本人" in page.text and "密码正确" not in page.text
    assert browser.ask("/home").location == "/sign-in/code"


def test_a_password_that_ran_out_is_still_a_duty(app: Flask, browser: Browser, clock: Clock, issuer: Issuer) -> None:
    change(app, "reviewer@example.com", set_password, "a hash")
    clock.now += timedelta(days=400)
    issuer.claims = {"exp": int(clock.now.timestamp()) + 60}
    browser.come_in()

    assert browser.ask("/firms").status_code == 303


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "true"},
        {"email_verified": 1},
        {"email": None},
        {"email": ["reviewer@example.com"]},
        {"email": "no address"},
        {"email": "stranger@example.com"},
        {"email": "gone@example.com"},
    ],
    ids=str,
)
def test_without_an_open_account_of_a_verified_address_nobody_comes_in(
    app: Flask, browser: Browser, issuer: Issuer, claims: dict[str, Any]
) -> None:
    issuer.claims = claims
    assert browser.back(browser.start()).status_code == 303
    page = browser.see(403)

    assert "没有可用的账户" in page.text
    assert (sessions(app), trail(app)) == ([], [])
    # It is forgotten: the button cannot be pressed afterwards either.
    assert browser.client.post("/sign-in/oidc/finish").status_code == 400


def test_a_subject_that_is_bound_to_a_closed_account_opens_no_other(
    app: Flask, browser: Browser, issuer: Issuer
) -> None:
    change(app, "gone@example.com", bind_subject, f"{issuer.address} 7001")
    browser.back(browser.start())

    assert "没有可用的账户" in browser.see(403).text
    assert row(app, "reviewer@example.com").oidc_subject is None


def test_an_account_that_is_bound_is_not_found_by_its_address_any_more(
    app: Flask, browser: Browser, issuer: Issuer
) -> None:
    change(app, "reviewer@example.com", bind_subject, f"{issuer.address} 6000")
    browser.back(browser.start())

    assert "没有可用的账户" in browser.see(403).text
    assert row(app, "reviewer@example.com").oidc_subject == f"{issuer.address} 6000"


def test_an_account_that_is_closed_before_the_button_is_pressed_stays_closed_and_the_trail_says_so(
    app: Flask, browser: Browser
) -> None:
    page = browser.come_back()
    change(app, "reviewer@example.com", disable)

    refused(browser.press(page), 403, "没有可用的账户")
    assert [(one.tag, one.name) for one in trail(app)] == [("session.refused", "reviewer@example.com")]
    assert sessions(app) == []


def test_another_state_or_none_leads_nowhere_and_spoils_nothing(browser: Browser, issuer: Issuer) -> None:
    told = browser.start()
    for state in ("another", "", "é", told["state"] + "x"):
        refused(browser.back({**told, "state": state}), 400, "登录请求已失效")
    assert "/token" not in issuer.asked

    # Whoever made the browser ask that did not take away what was begun.
    assert browser.back(told).location == "/sign-in/oidc/back"


def test_a_callback_without_a_start_leads_nowhere(app: Flask, browser: Browser, issuer: Issuer) -> None:
    told = Browser(app, issuer).start()

    refused(browser.back(told), 400, "登录请求已失效")
    browser.see(400)


def test_a_callback_is_taken_once(browser: Browser, issuer: Issuer) -> None:
    told = browser.start()
    assert browser.back(told).status_code == 303

    refused(browser.back(told), 400, "登录请求已失效")
    assert issuer.asked.count("/token") == 1


def test_a_cookie_that_was_copied_redeems_no_code_twice(browser: Browser) -> None:
    told = browser.start()
    kept = browser.client.get_cookie("registry")
    assert kept
    browser.back(told)
    browser.client.set_cookie("registry", kept.value)

    refused(browser.back(told), 502, "答复不可信")


def test_a_cookie_that_was_copied_brings_nobody_in_twice(
    app: Flask, browser: Browser, issuer: Issuer, clock: Clock
) -> None:
    page = browser.come_back()
    kept = browser.client.get_cookie("registry")
    assert kept
    clock.now += timedelta(minutes=1)
    assert browser.press(page).location == "/home"
    browser.client.set_cookie("registry", kept.value)

    refused(browser.press(page), 400, "已登录过")
    assert sessions(app) == ["oidc"]
    assert [one.tag for one in trail(app)] == ["person.changed", "session.signed_in", "session.refused"]


@pytest.mark.parametrize(("minutes", "status"), [(4, 303), (5, 400)])
def test_the_button_may_wait_five_minutes(browser: Browser, clock: Clock, minutes: int, status: int) -> None:
    page = browser.come_back()
    clock.now += timedelta(minutes=minutes)

    assert browser.press(page).status_code == status
    assert browser.press(page).status_code == 400


@pytest.mark.parametrize(("minutes", "status"), [(9, 303), (10, 400)])
def test_one_may_be_away_for_ten_minutes(
    browser: Browser, issuer: Issuer, clock: Clock, minutes: int, status: int
) -> None:
    told = browser.start()
    clock.now += timedelta(minutes=minutes)
    issuer.claims = {"exp": int(clock.now.timestamp()) + 60}

    assert browser.back(told).status_code == status


def test_the_button_needs_the_token_of_the_form(app: Flask, browser: Browser) -> None:
    browser.come_back()
    app.config["WTF_CSRF_ENABLED"] = True

    assert browser.client.post("/sign-in/oidc/finish").status_code == 400
    assert sessions(app) == []


@pytest.mark.parametrize("told", [{"error": "access_denied"}, {"code": "1", "iss": "https://evil.example"}, {}])
def test_who_gave_up_at_the_issuer_or_comes_from_another_is_told(
    browser: Browser, issuer: Issuer, told: dict[str, str]
) -> None:
    state = browser.start()["state"]
    answer = browser.back({"state": state, **told})

    refused(answer, 400, "重新登录" if not told else "统一身份认证没有完成")
    assert "/token" not in issuer.asked


def test_without_a_setting_there_are_no_such_pages(people_file: Path) -> None:
    made = create_app(settings(people_file), clock=lambda: NOW)

    assert "oidc" not in made.blueprints
    assert made.test_client().get("/sign-in/oidc").status_code == 404


def test_without_the_extra_or_a_client_id_the_program_says_what_is_missing(
    people_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"oidc_issuer": "https://id.example"}
    with pytest.raises(Refused, match="REGISTRY_OIDC_CLIENT_ID"):
        create_app(settings(people_file, **told), clock=lambda: NOW)
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name == "authlib" else real(name, *more)
    )
    with pytest.raises(Refused, match=r"REGISTRY_OIDC_ISSUER: .*\[oidc\]"):
        create_app(settings(people_file, **told, oidc_client_id="1"), clock=lambda: NOW)


def test_the_pages_declare_who_may(app: Flask) -> None:
    from registry.web.access import permission_of

    found = {name: permission_of(view) for name, view in app.view_functions.items() if name.startswith("oidc.")}
    assert {name: asked and asked.key for name, asked in found.items()} == dict.fromkeys(
        ("oidc.start", "oidc.back", "oidc.finish"), "sign_in"
    )


def test_no_secret_reaches_the_log(browser: Browser, issuer: Issuer, capsys: pytest.CaptureFixture[str]) -> None:
    told = browser.start()
    issuer.claims = {"nonce": "another"}
    browser.back(told)
    said = "".join(capsys.readouterr())

    assert "oidc.failed" in said
    for secret in (*told.values(), SECRET, "Reviewer@Example.com", "opaque"):
        assert secret not in said
