"""What an issuer signs is believed, and nothing else."""

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from joserfc import jwt
from joserfc.jwk import RSAKey
from small_city import NOW
from sso_issuer import CLIENT, CURVE, KEY, Browser, Issuer, packed, refused, sessions

OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})


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
