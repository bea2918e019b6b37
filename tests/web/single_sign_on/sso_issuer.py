"""An issuer that signs people in as a test tells it to, and somebody on the way through it."""

import base64
import hashlib
import json
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from page_reader import Page
from small_city import NOW
from sqlalchemy import select
from werkzeug.test import TestResponse

from registry.domain.trail import Doer
from registry.store.engine import open_engine, writing
from registry.store.sign_ins import SignIn

DOER = Doer.program("tests")
CLIENT, SECRET = "registry:one", "a secret & more"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
CURVE = ECKey.generate_key("P-256", {"kid": "curve", "use": "sig"})


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


class Clock:
    def __init__(self) -> None:
        self.now = NOW


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
