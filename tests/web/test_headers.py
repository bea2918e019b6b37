"""Every answer is dressed, whoever asks and whatever comes of it; and what the browser is asked to keep is guarded."""

import gzip
import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from matrix_build import fixture_city  # noqa: F401
from matrix_city import City
from matrix_examples import examples
from matrix_objects import address_of, things_of
from page_reader import Page
from small_city import NOW, build_city, settings
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs
from test_matrix import routes
from werkzeug.test import TestResponse

from registry.app import LARGEST_REQUEST, create_app
from registry.store import engine as engines
from registry.web import db

WHOLE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
# A file that somebody uploaded: it may do nothing at all, should a browser show it.
SHUT_IN = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"
HANDED_OUT = {"evidence.download", "objections.download", "jobs.file"}
_NONCE = re.compile(r"'nonce-([A-Za-z0-9_-]{20,})'")


def nonce_of(answer: TestResponse) -> str:
    """Hold an answer to the whole set of headers; return the nonce of its scripts."""
    for name, value in WHOLE.items():
        assert answer.headers.getlist(name) == [value], name
    (stated,) = answer.headers.getlist("Content-Security-Policy")
    policy = dict(part.split(" ", 1) for part in stated.split("; "))
    found = _NONCE.fullmatch(policy.pop("script-src"))
    assert found, stated
    assert policy == POLICY
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["X-Request-ID"])
    assert "Strict-Transport-Security" not in answer.headers
    assert not {"Server", "X-Powered-By", "Access-Control-Allow-Origin"} & set(answer.headers.keys())
    # The few words beside a redirection are the framework's own.
    if answer.mimetype == "text/html" and answer.text and not 300 <= answer.status_code < 400:
        page = Page(answer.text)
        assert [one.get("nonce") for one in page.all("script")] == [found[1]] * len(page.all("script"))
        assert page.faults() == []
    return found[1]


def is_kept_by_nobody(answer: TestResponse) -> bool:
    return answer.headers["Cache-Control"] == "no-store" and "Cookie" in answer.headers.get("Vary", "")


@pytest.mark.slow
def test_every_endpoint_is_dressed_for_whoever_asks(city: City) -> None:
    city.restore()
    nonces: list[str] = []
    valid = examples(city)
    for rule, method, _asked in routes(city):
        who = valid[rule.endpoint].who if method == "POST" else "city"
        for thing in things_of(city, rule.endpoint, rule.arguments)[:2]:
            address = address_of(city, rule.endpoint, thing)
            for asks in {"anonymous", "half", "audit_admin", who}:
                form, more = (valid[rule.endpoint].form, valid[rule.endpoint].more) if method == "POST" else (None, {})
                answer = city.ask(asks, method, address, form, **more)
                if rule.endpoint in HANDED_OUT and answer.status_code == 200:
                    assert answer.headers.getlist("Content-Security-Policy") == [SHUT_IN]
                else:
                    nonces.append(nonce_of(answer))
                # Below /api no cookie is read: an answer is the same for everybody.
                is_for_all = rule.endpoint.startswith(("assets.", "api."))
                signed_in = asks != "anonymous" and not is_for_all
                went = "Clear-Site-Data" in answer.headers
                assert is_kept_by_nobody(answer) or not signed_in or went, (asks, address, answer.headers)
                assert "public" not in answer.headers["Cache-Control"] or is_for_all, address
                if method == "POST":
                    city.restore()

    assert len(nonces) == len(set(nonces)) > 300


def test_pages_with_scripts_are_among_those_looked_at(city: City) -> None:
    """Or that every script has its nonce would be said of none."""
    page = Page(city.ask("city", "GET", "/account/factors").text)

    assert page.all("script")


@pytest.mark.parametrize("who", ["anonymous", "city"])
def test_a_method_that_is_not_offered_says_which_are(city: City, who: str) -> None:
    for rule, _method, _asked in routes(city):
        address = address_of(city, rule.endpoint, things_of(city, rule.endpoint, rule.arguments)[0])
        answer = city.ask(who, "DELETE", address)
        offered = {
            one
            for other in city.app.url_map.iter_rules()
            if other.rule == rule.rule
            for one in (other.methods or set())
        }
        nonce_of(answer)
        assert answer.status_code == 405, address
        assert set(answer.headers["Allow"].split(", ")) >= offered, address
        assert who == "anonymous" or is_kept_by_nobody(answer)


@pytest.fixture
def broken(city: City, monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """Let the first page fail in a way."""
    monkeypatch.setitem(city.app.config, "PROPAGATE_EXCEPTIONS", False)

    def breaks(failure: Exception) -> None:
        def fails(*_args: object, **_told: object) -> None:
            raise failure

        monkeypatch.setattr("registry.web.public.board", fails)

    return breaks


@pytest.mark.parametrize("who", ["anonymous", "city"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_of_an_error_is_dressed_and_says_nothing_of_the_inside(
    city: City, broken: Callable[[Exception], None], who: str, lang: str
) -> None:
    city.restore()
    spoken = {"headers": {"Accept-Language": lang}}
    found = {
        400: city.ask(who, "GET", "/?on=never", **spoken),
        403: city.ask("newcomer" if who == "anonymous" else who, "GET", "/people", **spoken),
        404: city.ask(who, "GET", "/nothing/of/the/kind", **spoken),
        405: city.ask(who, "PUT", "/", **spoken),
        413: city.ask(who, "POST", "/check", {"facts.functional_area": "x" * (LARGEST_REQUEST + 1)}, **spoken),
    }
    (claim,) = (city.ids["closed_claim"],)
    found[409] = city.ask("newcomer", "POST", f"/represent/{claim}/withdraw", {}, **spoken)
    with capture_logs():
        broken(OperationalError("SELECT secret FROM person", {}, Exception("disk I/O error")))
        found[503] = city.ask(who, "GET", "/", **spoken)
        broken(RuntimeError("secret of the inside"))
        found[500] = city.ask(who, "GET", "/", **spoken)
    for status, answer in found.items():
        assert answer.status_code == status
        nonce_of(answer)
        assert answer.mimetype == "text/html"
        assert not re.search(r"secret|Traceback|SELECT|sqlite|RuntimeError", answer.text), status
        assert answer.headers["X-Request-ID"] in answer.text
        assert who == "anonymous" or is_kept_by_nobody(answer), status
    assert found[503].headers["Retry-After"]
    assert {"GET", "HEAD", "OPTIONS"} == set(found[405].headers["Allow"].split(", "))


def test_too_many_requests_are_told_as_that(city: City, tmp_path: Path) -> None:
    made = create_app(settings(build_city(tmp_path / "few.sqlite", 0), rate_limit="2 per minute"), clock=lambda: NOW)
    client = made.test_client()
    answers = [client.get("/check") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    nonce_of(answers[2])
    assert "请求过于频繁" in Page(answers[2].text).text
    assert client.get("/healthz").status_code == 200
    dispose(made)


def dispose(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def impatient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[FlaskClient, Path]]:
    """A browser of a registry that waits for no other writer."""
    monkeypatch.setattr(engines, "PATIENCE", 0.05)
    file = build_city(tmp_path / "busy.sqlite", 0)
    made = create_app(settings(file), clock=lambda: NOW)
    yield made.test_client(), file
    dispose(made)


@pytest.mark.parametrize("address", ["/password/forgot", "/sign-in"])
def test_a_database_that_cannot_be_written_is_told_as_that_and_not_by_its_address(
    impatient: tuple[FlaskClient, Path], address: str
) -> None:
    """It is no fault of whoever asks, and where the database lies is not for him to read."""
    client, file = impatient
    token = client.get(address).text.split('name="csrf_token" value="')[1].split('"')[0]
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with capture_logs():
        sent = {"csrf_token": token, "email": "a@example.com", "password": "x"}
        answer = client.post(address, data=sent)
    other.execute("ROLLBACK")
    other.close()

    assert answer.status_code == 503
    assert str(file.name) not in answer.text
    assert "sqlite" not in answer.text
    assert "locked" not in answer.text
    nonce_of(answer)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_cookie_goes_only_where_it_may(tmp_path: Path, scheme: str) -> None:
    made = create_app(
        settings(build_city(tmp_path / "c.sqlite", 0), public_url=f"{scheme}://registry.example"), clock=lambda: NOW
    )
    answer = made.test_client().get("/sign-in?lang=en", base_url=f"{scheme}://registry.example")
    dispose(made)
    kept = {
        line.split("=")[0]: [part.strip() for part in line.split(";")[1:]]
        for line in answer.headers.getlist("Set-Cookie")
    }
    name = "__Host-registry" if scheme == "https" else "registry"

    assert set(kept) == {name, "lang"}
    for flags in kept.values():
        assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(flags)
        assert ("Secure" in flags) is (scheme == "https")
        assert not any(flag.startswith("Domain") for flag in flags)
    # The session ends with the browser; the language is kept.
    assert not any(flag.startswith(("Max-Age", "Expires")) for flag in kept[name])


def test_strict_transport_is_asked_for_over_https_only_and_by_nobody_who_only_says_so(tmp_path: Path) -> None:
    made = create_app(settings(build_city(tmp_path / "h.sqlite", 0)), clock=lambda: NOW)
    client = made.test_client()
    for address in ("/", "/nothing", "/healthz", "/static/0/own.css", "/home"):
        over = client.get(address, base_url="https://registry.example", buffered=True)
        plain = client.get(address, headers={"X-Forwarded-Proto": "https", "Forwarded": "proto=https"}, buffered=True)
        assert over.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert "Strict-Transport-Security" not in plain.headers
    dispose(made)


FORGED = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-For": "6.6.6.6",
    "X-Original-URL": "/people",
    "X-Rewrite-URL": "/people",
}


def test_names_and_ways_that_a_request_makes_up_lead_nowhere(city: City) -> None:
    for who in ("anonymous", "city"):
        for address in ("/", "/home", "/people", "/nothing", "/sign-in", "/firms/x"):
            answer = city.ask(who, "GET", address, headers={"Host": "evil.example", **FORGED})
            assert "evil.example" not in answer.text + answer.headers.get("Location", "")
            same = city.ask(who, "GET", address)
            assert answer.status_code == same.status_code, address
    override = {"X-HTTP-Method-Override": "POST", "X-Method-Override": "DELETE"}
    assert city.ask("city", "GET", "/account/contacts", headers=override).status_code == 405


NEXT = (
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example",
    "http:evil.example", "javascript:alert(1)", "data:text/html,x", "/%09/evil.example", "/\t/evil.example",
    "/\n/evil.example", "/%0d%0aX: y", "/\r\nSet-Cookie: a=b", " //evil.example", "evil.example",
    "@evil.example", "/@evil.example", "/.evil.example", "https:evil.example", "https:///evil.example",
    "//evil.example/%2f..", "/firms/../../evil.example", "/sign-out", "//127.0.0.1@evil.example",
    "/\u2215evil.example", "／／evil.example", "?next=//evil.example", "#//evil.example", "/" * 3000, "/nothing",
    "https://127.0.0.1.evil.example/", "/;//evil.example",
)  # fmt: skip


@pytest.mark.parametrize("asked", NEXT)
def test_whoever_signs_in_is_sent_to_a_page_of_ours(city: City, asked: str) -> None:
    answer = city.ask("city", "GET", "/sign-in", query_string={"next": asked})

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/home"
    assert "Set-Cookie" not in answer.headers or "a=b" not in answer.headers["Set-Cookie"]


def test_a_style_sheet_is_sent_packed_to_whoever_takes_it_and_a_page_never(client: FlaskClient) -> None:
    packed = client.get("/static/0/own.css", headers={"Accept-Encoding": "br, gzip"})
    plain = client.get("/static/0/own.css", buffered=True)

    assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data) == plain.data and len(packed.data) < len(plain.data) / 2
    assert "Accept-Encoding" in packed.headers["Vary"] and "Accept-Encoding" in plain.headers["Vary"]
    assert packed.headers["ETag"] != plain.headers["ETag"]
    again = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]}
    assert client.get("/static/0/own.css", headers=again).status_code == 304
    assert "Content-Encoding" not in client.get("/check", headers={"Accept-Encoding": "gzip"}).headers
