"""Single sign-on against an issuer of the tests' own: who comes in, and everything that must keep one out."""

import base64
import hashlib
import hmac
import importlib.util
import json
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Barrier, Thread
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from page_reader import Page
from small_city import NOW, settings
from sqlalchemy import select
from werkzeug.test import TestResponse

from registry.app import create_app
from registry.domain.errors import Refused
from registry.domain.roles import Role
from registry.domain.trail import Doer, Entry
from registry.store.engine import open_engine, open_ready, writing
from registry.store.people import Person
from registry.store.sign_ins import SignIn
from registry.store.trail import trail_page
from registry.web import db
from registry.web import issuer as issuers
from registry.work.open_account import disable, open_account
from registry.work.seat import grant, office_at
from registry.work.secure_account import bind_subject, enrol_codes, set_password

DOER = Doer.program("tests")
CLIENT, SECRET = "registry:one", "a secret & more"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
CURVE = ECKey.generate_key("P-256", {"kid": "curve", "use": "sig"})
BACK = "http://127.0.0.1:8000/sign-in/oidc/back"


def packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


class Issuer:
    """An issuer that keeps to the protocol unless a test tells it otherwise."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.claims: dict[str, Any] = {}
        self.manners: dict[str, Any] = {}
        self.token: Callable[[dict[str, Any]], str] = lambda claims: jwt.encode(
            {"alg": "RS256", "kid": "one"}, claims, KEY
        )
        self.keys: list[dict[str, Any]] = [CURVE.as_dict(private=False), KEY.as_dict(private=False)]
        # What is answered instead, by path.
        self.instead: dict[str, tuple[int, bytes]] = {}
        self.headers: dict[str, str] = {}
        self.pause = 0.0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def allow(self, door: str) -> dict[str, str]:
        """Sign somebody in, as the page behind the door would: return what the browser is sent back with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(door).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def redeem(self, form: dict[str, str], given: str) -> tuple[int, bytes]:
        asked = self.codes.pop(form.get("code", ""), None)
        client, secret = map(unquote_plus, base64.b64decode(given.removeprefix("Basic ")).decode().split(":"))
        if "client_secret_post" in self.manners.get("token_endpoint_auth_methods_supported", ()):
            client, secret = form["client_id"], form["client_secret"]
        digest = packed(hashlib.sha256(form["code_verifier"].encode()).digest())
        if (
            asked is None
            or (client, secret) != (CLIENT, SECRET)
            or asked["code_challenge_method"] != "S256"
            or digest != asked["code_challenge"]
            or form["redirect_uri"] != asked["redirect_uri"]
        ):
            return 400, b'{"error": "invalid_grant"}'
        moment = int(NOW.timestamp())
        claims = {
            "iss": self.address,
            "sub": "7001",
            "aud": CLIENT,
            "exp": moment + 300,
            "iat": moment,
            "nonce": asked["nonce"],
            "email": "Reviewer@Example.com",
            "email_verified": True,
        }
        for name, value in self.claims.items():
            claims[name] = value
            if value is None:
                del claims[name]
        told = {"access_token": "opaque", "token_type": "Bearer", "id_token": self.token(claims)}
        return 200, json.dumps(told).encode()

    def answer(self, path: str, form: dict[str, str], given: str) -> tuple[int, bytes]:
        self.asked.append(path)
        time.sleep(self.pause)
        if path in self.instead:
            return self.instead[path]
        if path == "/.well-known/openid-configuration":
            told = {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize?tenant=1",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
            }
            return 200, json.dumps(told | self.manners).encode()
        if path == "/keys":
            return 200, json.dumps({"keys": self.keys}).encode()
        return self.redeem(form, given)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send(*issuer.answer(self.path, {}, ""))

            def do_POST(self) -> None:
                text = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(text).items()}
                self._send(*issuer.answer(self.path, form, self.headers.get("Authorization", "Basic Og==")))

            def _send(self, status: int, content: bytes) -> None:
                try:
                    self.send_response(status)
                    for name, value in issuer.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)
                except OSError:
                    # The registry had enough of it.
                    self.close_connection = True

            def log_message(self, *_told: object) -> None:
                pass

        return Handler


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    made = Issuer()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def people_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("oidc") / "people.sqlite"
    engine = open_ready(f"sqlite:///{file}")
    with writing(engine) as session:
        reviewer = open_account(session, email="reviewer@example.com", name="何审核", doer=DOER, now=NOW)
        grant(session, reviewer, Role.DISTRICT_REVIEWER, office=office_at(session, "370285"), doer=DOER, now=NOW)
        open_account(session, email="clerk@example.com", name="凌经办", doer=DOER, now=NOW)
        gone = open_account(session, email="gone@example.com", name="钱离任", doer=DOER, now=NOW)
        disable(session, gone, doer=DOER, now=NOW)
    engine.dispose()
    return file


class Clock:
    def __init__(self) -> None:
        self.now = NOW


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(people_file: Path, tmp_path: Path, issuer: Issuer, clock: Clock) -> Iterator[Flask]:
    told = {"oidc_issuer": issuer.address, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    file = shutil.copy(people_file, tmp_path / "people.sqlite")
    made = create_app(settings(file, **told), clock=lambda: clock.now)
    yield made
    with made.app_context():
        db.engine.dispose()


class Browser:
    """Somebody on the way through the single sign-on."""

    def __init__(self, app: Flask, issuer: Issuer) -> None:
        self.client: FlaskClient = app.test_client()
        self.issuer = issuer

    def ask(self, address: str, lang: str = "zh") -> TestResponse:
        return self.client.get(address, headers={"Accept-Language": lang})

    def start(self, **asked: str) -> dict[str, str]:
        """Go to the issuer and sign in there; return what it sends back with."""
        answer = self.ask(f"/sign-in/oidc?{urlencode(asked)}")

        assert answer.status_code == 303, answer.text
        return self.issuer.allow(answer.location)

    def back(self, told: dict[str, str]) -> TestResponse:
        return self.ask(f"/sign-in/oidc/back?{urlencode(told)}")

    def come_back(self, **asked: str) -> Page:
        """Come back with a good code and see the button."""
        answer = self.back(self.start(**asked))
        assert (answer.status_code, answer.location) == (303, "/sign-in/oidc/back"), answer.text
        return self.see()

    def see(self, status: int = 200) -> Page:
        answer = self.ask("/sign-in/oidc/back")

        assert status == answer.status_code, answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        page = Page(answer.text)
        assert page.faults() == []
        return page

    def press(self, page: Page) -> TestResponse:
        told = {"csrf_token": page.value_of("csrf_token")}
        return self.client.post("/sign-in/oidc/finish", data=told, headers={"Accept-Language": "zh"})

    def come_in(self, **asked: str) -> TestResponse:
        return self.press(self.come_back(**asked))


@pytest.fixture
def browser(app: Flask, issuer: Issuer) -> Browser:
    return Browser(app, issuer)


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


def sessions(app: Flask) -> list[str]:
    engine = open_engine(app.config["SQLALCHEMY_DATABASE_URI"])
    with writing(engine) as session:
        found = list(session.scalars(select(SignIn.factor).order_by(SignIn.id)))
    engine.dispose()
    return found


def refused(answer: TestResponse, status: int, word: str) -> None:
    assert status == answer.status_code, answer.text
    page = Page(answer.text)
    assert page.faults() == []
    assert word in page.text
    assert "Traceback" not in answer.text and "joserfc" not in answer.text


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


# What must not be believed, each as a claim or as another way to sign.
def unsigned(claims: dict[str, Any]) -> str:
    head = packed(json.dumps({"alg": "none"}).encode())
    return f"{head}.{packed(json.dumps(claims).encode())}."


def by_public_key(claims: dict[str, Any]) -> str:
    """Take the issuer's public key for a shared secret."""
    head = packed(json.dumps({"alg": "HS256", "kid": "one"}).encode())
    text = f"{head}.{packed(json.dumps(claims).encode())}"
    return f"{text}.{packed(hmac.new(KEY.as_pem(private=False), text.encode(), hashlib.sha256).digest())}"


def signed(header: dict[str, Any], key: Any) -> Callable[[dict[str, Any]], str]:
    return lambda claims: jwt.encode(header, claims, key, algorithms=[header["alg"]])


def tampered(claims: dict[str, Any]) -> str:
    head, _body, signature = signed({"alg": "RS256", "kid": "one"}, KEY)(claims).split(".")
    return f"{head}.{packed(json.dumps({**claims, 'sub': '1'}).encode())}.{signature}"


MOMENT = int(NOW.timestamp())


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody-else"},
        {"aud": None},
        {"aud": ["somebody-else", "others"]},
        {"aud": [CLIENT, "others"]},
        {"aud": [CLIENT, "others"], "azp": "others"},
        {"azp": "others"},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"exp": MOMENT - 31},
        {"exp": None},
        {"exp": "never"},
        {"iat": MOMENT + 31},
        {"iat": None},
        {"nbf": MOMENT + 31},
        {"sub": None},
        {"sub": ""},
        {"sub": 7001},
        {"sub": "x" * 256},
        {"sub": "7001\n"},
        {"at_hash": "AAAA"},
    ],
    ids=str,
)
def test_a_token_with_a_wrong_claim_is_not_believed(
    app: Flask, browser: Browser, issuer: Issuer, claims: dict[str, Any]
) -> None:
    issuer.claims = claims

    refused(browser.back(browser.start()), 502, "答复不可信")
    assert issuer.asked[-1] == "/keys"
    browser.see(400)
    assert sessions(app) == []


@pytest.mark.parametrize(
    "token",
    [
        unsigned,
        by_public_key,
        tampered,
        signed({"alg": "RS256", "kid": "one"}, OTHER),
        signed({"alg": "RS256", "kid": "unknown"}, KEY),
        signed({"alg": "RS256"}, KEY),
        signed({"alg": "RS256", "kid": "curve"}, KEY),
        lambda claims: "no.token.at.all",
        lambda claims: "",
        lambda claims: packed(b"[" * 100_000) + ".e30.e30",
        lambda claims: packed(b'{"alg": "RS256", "kid": ["one"]}') + ".e30.e30",
    ],
    ids=[
        "alg none", "HS256 with the public key", "tampered", "another key", "unknown key id", "no key id of several",
        "key of another kind", "no token", "empty", "deep", "key id no text",
    ],
)  # fmt: skip
def test_a_token_that_the_issuer_did_not_sign_is_not_believed(
    app: Flask, browser: Browser, issuer: Issuer, token: Callable[[dict[str, Any]], str]
) -> None:
    issuer.token = token

    refused(browser.back(browser.start()), 502, "答复不可信")
    assert issuer.asked[-1] == "/keys"
    assert sessions(app) == []


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ({"alg": "ES256", "kid": "curve"}, CURVE),
        ({"alg": "PS256", "kid": "one"}, KEY),
    ],
)
def test_other_signatures_of_public_keys_are_good(
    browser: Browser, issuer: Issuer, header: dict[str, Any], key: Any
) -> None:
    issuer.token = signed(header, key)

    assert browser.come_in().location == "/home"


def test_words_of_the_issuers_own_in_the_header_do_no_harm(browser: Browser, issuer: Issuer) -> None:
    def token(claims: dict[str, Any]) -> str:
        head = packed(json.dumps({"alg": "RS256", "kid": "one", "org.example.service": "1"}).encode())
        text = f"{head}.{packed(json.dumps(claims).encode())}"
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        return f"{text}.{packed(KEY.private_key.sign(text.encode(), PKCS1v15(), SHA256()))}"

    issuer.token = token

    assert browser.come_in().location == "/home"


def test_clocks_may_differ_by_half_a_minute(browser: Browser, issuer: Issuer) -> None:
    issuer.claims = {"iat": MOMENT + 29, "exp": MOMENT - 29}

    assert browser.come_in().location == "/home"


def test_an_issuer_that_takes_the_secret_in_the_form_gets_it_there(browser: Browser, issuer: Issuer) -> None:
    issuer.manners = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}

    assert browser.come_in().location == "/home"


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


def test_an_issuer_that_is_down_is_said_in_words(app: Flask, browser: Browser, issuer: Issuer) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        app.extensions["oidc"].address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        refused(browser.ask("/sign-in/oidc"), 502, "没有应答")


def test_an_issuer_that_goes_down_on_the_way_is_said_in_words(browser: Browser, issuer: Issuer) -> None:
    told = browser.start()
    issuer.instead = {"/token": (503, b"")}

    refused(browser.back(told), 502, "没有应答")


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/keys"])
@pytest.mark.parametrize(
    ("status", "content"),
    [
        (200, b'{"keys": "' + b"x" * issuers.LARGEST + b'"}'),
        (200, b"[" * 100_000),
        (200, b"[]"),
        (200, b"\xff\xfe{}"),
        (200, b"{}"),
        (200, b'{"keys": [{"kty": "RSA"}], "id_token": 1}'),
        (200, b'{"keys": {"kid": "one"}, "id_token": "a.b.c"}'),
        (302, b"{}"),
        (500, b"<html>a traceback</html>"),
    ],
    ids=["huge", "deep", "list", "no text", "empty", "half", "wrong kinds", "elsewhere", "fault"],
)
def test_an_answer_that_makes_no_sense_is_said_in_words(
    browser: Browser, issuer: Issuer, path: str, status: int, content: bytes
) -> None:
    issuer.instead = {path: (status, content)}
    issuer.headers = {"Location": f"{issuer.address}/elsewhere"}
    answer = browser.ask("/sign-in/oidc")
    if answer.status_code == 303:
        answer = browser.back(issuer.allow(answer.location))

    refused(answer, 502, "没有应答")
    assert "/elsewhere" not in issuer.asked


@pytest.mark.parametrize(
    "manners",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "http://127.0.0.1.evil.example/keys"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
        {"jwks_uri": "https://[bad"},
    ],
    ids=str,
)
def test_an_issuer_that_says_strange_things_of_itself_is_not_followed(
    browser: Browser, issuer: Issuer, manners: dict[str, Any]
) -> None:
    issuer.manners = manners

    refused(browser.ask("/sign-in/oidc"), 502, "答复不可信")
    assert issuer.asked == ["/.well-known/openid-configuration"]


def test_an_issuer_that_hangs_is_given_up(browser: Browser, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuers, "PATIENCE", 0.2)
    issuer.pause = 0.6

    refused(browser.ask("/sign-in/oidc"), 502, "没有应答")


def test_an_issuer_that_hangs_holds_up_a_few_and_no_more(app: Flask, issuer: Issuer) -> None:
    issuer.pause = 1
    crowd = issuers.MOST_AT_ONCE + 2
    together, answers = Barrier(crowd), []

    def ask() -> None:
        together.wait()
        answers.append(app.test_client().get("/sign-in/oidc").status_code)

    threads = [Thread(target=ask) for _ in range(crowd)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sorted(answers) == [303] * issuers.MOST_AT_ONCE + [502] * 2
    issuer.pause = 0
    assert Browser(app, issuer).come_in().location == "/home"


def test_what_the_issuer_says_of_itself_is_asked_again_after_a_while(
    browser: Browser, issuer: Issuer, clock: Clock
) -> None:
    for minutes in (0, 9, 2):
        clock.now += timedelta(minutes=minutes)
        browser.ask("/sign-in/oidc")

    assert issuer.asked == ["/.well-known/openid-configuration"] * 2


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
