"""Speaks with the issuer of the single sign-on (OpenID Connect): where a browser is sent, and what a code stands for.

Knows no request and writes nothing. An answer of the issuer is bounded in size and time and sends us nowhere else;
whatever is wrong with it is an `IssuerFailed`, whose reason is for the log.
"""

import base64
import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import quote_plus, urlsplit

from registry.domain.contacts import email as read_email
from registry.domain.errors import Refused, RegistryError

# Seconds that one answer may take, from the first word to the last.
PATIENCE = 10
LARGEST = 256 * 1024
# Seconds by which the issuer's clock may differ from ours.
SKEW = 30
# How long what the issuer says of itself is taken as said.
KEPT = timedelta(minutes=10)
# An issuer that hangs holds up so many threads of the server and no more.
MOST_AT_ONCE = 3
LONGEST_SUBJECT = 255
# Only signatures that somebody without the private key cannot make: neither `none` nor a shared secret.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
_LOOPBACK = "127.0.0.1"


class IssuerFailed(RegistryError):
    """The issuer does not answer, or what it answers cannot be believed."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Whom the issuer has signed in.

    Attributes:
        subject: issuer and subject, parted by a blank.
        email: in lower case; empty unless the issuer says that it is verified.
    """

    subject: str
    email: str


@dataclass(frozen=True, slots=True)
class _Manners:
    """What the issuer says of itself."""

    read_at: datetime
    authorization: str
    token: str
    keys: str
    client_ways: tuple[str, ...]


class Issuer:
    """The issuer of the settings."""

    def __init__(self, address: str, client_id: str, client_secret: str) -> None:
        self.address = address
        self._client_id, self._client_secret = client_id, client_secret
        self._places = BoundedSemaphore(MOST_AT_ONCE)
        self._manners: _Manners | None = None

    def door(self, *, state: str, nonce: str, verifier: str, back: str, now: datetime) -> str:
        """Return the address at the issuer to which a browser is sent.

        Args:
            verifier: whose S256 digest goes along; who redeems the code shows the verifier itself (RFC 7636).
            back: our address to which the issuer sends the browser afterwards.

        Raises:
            IssuerFailed: it does not say where its door is.
        """
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # type: ignore[import-untyped]
        from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]

        told = {"nonce": nonce, "code_challenge": create_s256_code_challenge(verifier), "code_challenge_method": "S256"}
        place = self._read_manners(now).authorization
        return str(prepare_grant_uri(place, self._client_id, "code", back, "openid email", state, **told))

    def redeem(self, code: str, *, nonce: str, verifier: str, back: str, now: datetime) -> Shown:
        """Return whom a code stands for.

        Raises:
            IssuerFailed: the issuer refuses the code, or its ID token cannot be believed.
        """
        manners = self._read_manners(now)
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        answer = self._ask(manners.token, *self._as_client(manners, form))
        id_token, access_token = answer.get("id_token"), answer.get("access_token")
        if not isinstance(id_token, str):
            raise IssuerFailed("no ID token")
        claims = self._believed(id_token, self._ask(manners.keys), nonce, access_token, now)
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
            raise IssuerFailed("no usable subject")
        return Shown(f"{self.address} {subject}", _verified_email(claims))

    def _read_manners(self, now: datetime) -> _Manners:
        kept = self._manners
        if kept is not None and now - kept.read_at < KEPT:
            return kept
        told = self._ask(f"{self.address.rstrip('/')}/.well-known/openid-configuration")
        if told.get("issuer") != self.address:
            raise IssuerFailed("it calls itself otherwise than REGISTRY_OIDC_ISSUER")
        door, token, keys = (str(told.get(name)) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"))
        if not all(map(self._is_safe, (door, token, keys))):
            raise IssuerFailed("an endpoint is missing, or is not reached over https")
        ways = told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        said = tuple(way for way in ways if isinstance(way, str)) if isinstance(ways, list) else ()
        self._manners = _Manners(now, door, token, keys, said)
        return self._manners

    def _is_safe(self, place: str) -> bool:
        """Say whether an address is encrypted; an issuer on this very machine may have others here too."""
        try:
            parts, own = urlsplit(place), urlsplit(self.address)
        except ValueError:
            return False
        if parts.scheme == "https":
            return bool(parts.hostname)
        return own.scheme == parts.scheme == "http" and own.hostname == parts.hostname == _LOOPBACK

    def _as_client(self, manners: _Manners, form: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        """Return a form and headers in which we say who we are, in a way that the issuer takes (RFC 6749, 2.3.1)."""
        if not self._client_secret:
            return form | {"client_id": self._client_id}, {}
        if "client_secret_basic" not in manners.client_ways and "client_secret_post" in manners.client_ways:
            return form | {"client_id": self._client_id, "client_secret": self._client_secret}, {}
        pair = f"{quote_plus(self._client_id)}:{quote_plus(self._client_secret)}"
        return form, {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode('ascii')}"}

    def _ask(
        self, place: str, form: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """Return the JSON object that an address of the issuer answers."""
        import requests
        from urllib3.exceptions import HTTPError

        if not self._places.acquire(blocking=False):
            raise IssuerFailed("too many wait for it already")
        # Unpacked content could be far larger than what came over the line.
        asked = {"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})}
        try:
            with (
                requests.Session() as http,
                http.request(
                    "GET" if form is None else "POST",
                    place,
                    data=form,
                    headers=asked,
                    timeout=PATIENCE,
                    allow_redirects=False,
                    stream=True,
                ) as answer,
            ):
                status, content = answer.status_code, _bounded(answer.raw)
        except (requests.RequestException, HTTPError, OSError, ValueError) as failure:
            raise IssuerFailed(f"no answer: {type(failure).__name__}") from None
        finally:
            self._places.release()
        return _object(status, content)

    def _believed(
        self, id_token: str, keys: dict[str, Any], nonce: str, access_token: object, now: datetime
    ) -> dict[str, Any]:
        """Return what an ID token claims, when signature, issuer, audience, nonce and time are right."""
        from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet
        from joserfc.jws import JWSRegistry

        options = {
            "iss": {"essential": True, "value": self.address},
            "aud": {"essential": True, "value": self._client_id},
        }
        params = {"nonce": nonce, "client_id": self._client_id}
        if isinstance(access_token, str):
            params["access_token"] = access_token
        try:
            # Issuers put words of their own into the header; those that must be understood stand in `crit`.
            manners = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
            known = KeySet.import_key_set(keys)  # type: ignore[arg-type]
            read = jwt.decode(id_token, known, algorithms=ALGORITHMS, registry=manners)
            claims = CodeIDToken(read.claims, read.header, options, params)
            claims.validate(now=int(now.timestamp()), leeway=SKEW)
        except JoseError as failure:
            # Its kind alone: what the token says is a person's, and reaches the log.
            raise IssuerFailed(f"the ID token is refused: {type(failure).__name__} {failure.error}") from None
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as failure:
            raise IssuerFailed(f"no readable ID token or keys: {type(failure).__name__}") from None
        return dict(claims)


def _bounded(raw: Any) -> bytes:
    """Return a whole answer; TimeoutError or ValueError when it takes too long or is too large."""
    until, content = time.monotonic() + PATIENCE, b""
    while part := raw.read1(LARGEST + 1 - len(content), decode_content=False):
        content += part
        if len(content) > LARGEST:
            raise ValueError("too large")
        if time.monotonic() > until:
            raise TimeoutError("too slow")
    return content


def _object(status: int, content: bytes) -> dict[str, Any]:
    if status != 200:
        raise IssuerFailed(f"it answered {status}")
    try:
        read = json.loads(content)
    except (ValueError, RecursionError):
        raise IssuerFailed("its answer is no JSON") from None
    if not isinstance(read, dict):
        raise IssuerFailed("its answer is no JSON object")
    return read


def _verified_email(claims: dict[str, Any]) -> str:
    email = claims.get("email")
    # A text "true" is not what the standard says, and may well be what a person entered.
    if claims.get("email_verified") is not True or not isinstance(email, str):
        return ""
    try:
        return read_email(email)
    except Refused:
        return ""
