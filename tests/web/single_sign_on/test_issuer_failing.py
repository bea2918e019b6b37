"""An issuer that is down, hangs or says strange things is told in words, and holds up no one."""

import socket
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sso_issuer import Browser, Clock, Issuer, refused

from registry.web import issuer as issuers


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
