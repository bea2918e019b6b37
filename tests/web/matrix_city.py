"""The city that the hostile tests walk through: every kind of person, and things of their own and of strangers.

Firm 1 lies in 370285 and is everybody's example; firm 2 in 370202; firm 4 in 370203 is a stranger to all who ask, and
every text of it is a canary (see `matrix_canaries`).
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_wtf.csrf import URLSafeTimedSerializer
from small_city import NOW
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from registry.domain.actors import Standing
from registry.domain.roles import Role
from registry.store.engine import open_engine, writing
from registry.store.remembered import forget
from registry.web import db
from registry.web.security import codes
from registry.work.seal import new_key_text
from registry.work.sign_in import digest

PASSWORD = "Harbour-7-lantern!Qd"
NEW_PASSWORD = "Lighthouse-9-quay?Td"
RECOVERY = ["abcd-efgh-ijkl", "mnop-qrst-uvwx"]
FIELD_KEYS = new_key_text("m1")
FOREIGN_DISTRICT = "370203"
# Of the newcomer, whose request the district may see: in full only by the deed that traces it.
NEAR_PHONE = "13800001111"
# The token that the pages of whoever asks would give him.
RIGHT = "right"
TODAY = NOW.date()


@dataclass(frozen=True, slots=True)
class Kind:
    """Somebody who asks, as the expectations see him: no word of it comes from the program's own actor."""

    standing: Standing
    role: Role | None = None
    district: str | None = None
    firms: frozenset[int] = frozenset()
    is_own: bool = False
    department: str | None = None


_ONE, _TWO, _NO = frozenset({1}), frozenset({2}), Standing.NOBODY
_FULL = Standing.FULL
KINDS: dict[str, Kind] = {
    "anonymous": Kind(_NO),
    "half": Kind(Standing.HALF, Role.DISTRICT_REVIEWER, "370285"),
    "bound": Kind(Standing.BOUND, Role.DISTRICT_REVIEWER, "370285"),
    "newcomer": Kind(_FULL),
    "applicant": Kind(_FULL, Role.APPLICANT, firms=_ONE, is_own=True),
    "other_applicant": Kind(_FULL, Role.APPLICANT, firms=_TWO, is_own=True),
    "delegate": Kind(_FULL, Role.APPLICANT, firms=_ONE),
    "delegate_revoked": Kind(_FULL, Role.APPLICANT),
    "delegate_late": Kind(_FULL, Role.APPLICANT),
    "district": Kind(_FULL, Role.DISTRICT_REVIEWER, "370285"),
    "other_district": Kind(_FULL, Role.DISTRICT_REVIEWER, "370202"),
    "city": Kind(_FULL, Role.CITY_REVIEWER),
    "statistician": Kind(_FULL, Role.STATISTICIAN),
    "department": Kind(_FULL, Role.DEPARTMENT_OFFICER, department="ecology"),
    "auditor": Kind(_FULL, Role.AUDITOR),
    "system_admin": Kind(_FULL, Role.SYSTEM_ADMIN),
    "security_admin": Kind(_FULL, Role.SECURITY_ADMIN),
    "audit_admin": Kind(_FULL, Role.AUDIT_ADMIN),
    "disabled": Kind(_NO),
    "unseated": Kind(_FULL),
    "signed_out": Kind(_NO),
}


# Each of these has what another kind has, elsewhere, or no more than a stranger: their walk belongs to the long proof.
RARER = (
    *("other_applicant", "other_district", "delegate_revoked", "delegate_late"),
    *("disabled", "unseated", "signed_out"),
)
EVERYBODY = [pytest.param(who, marks=pytest.mark.long) if who in RARER else who for who in KINDS]


@dataclass
class City:
    """The application over a copy of the city, and the numbers of what lies in it."""

    app: Flask
    file: Path
    ids: dict[str, Any]
    master: Path
    sent: int = 0
    cookies: dict[str, dict[str, Any]] = field(default_factory=dict)

    def restore(self) -> None:
        """Put the city back as it was built."""
        with self.app.app_context():
            db.engine.dispose()
        shutil.copy(self.master, self.file)
        forget()
        # Everybody who asks here has one address: none is to wait for what another asked.
        for limiter in self.app.extensions["limiter"]:
            limiter.reset()

    def cookie(self, who: str, **more: Any) -> dict[str, Any]:
        """Return what the cookie of somebody holds."""
        return {"csrf_token": digest(who)[:40], **self.cookies.get(who, {}), **more}

    def token(self, cookie: dict[str, Any]) -> str:
        """Return the anti-forgery token that a page would give to whoever holds a cookie."""
        signer = URLSafeTimedSerializer(self.app.secret_key or "", salt="wtf-csrf-token")
        return str(signer.dumps(cookie["csrf_token"]))

    def ask(
        self,
        who: str,
        method: str,
        address: str,
        form: dict[str, Any] | None = None,
        *,
        cookie: dict[str, Any] | None = None,
        proof: str | None = RIGHT,
        **more: Any,
    ) -> TestResponse:
        """Send one request of somebody; a form goes with the token of his own pages unless another is given."""
        held = self.cookie(who) if cookie is None else cookie
        signer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        name = self.app.config["SESSION_COOKIE_NAME"]
        data = dict(form or {})
        # A program sends JSON and no form.
        if method == "POST" and proof is not None and "json" not in more:
            data["csrf_token"] = self.token(held) if proof == RIGHT else proof
        self.sent += 1
        headers = {"Cookie": f"{name}={signer.dumps(held)}", "Accept-Language": "zh", **more.pop("headers", {})}
        browser = self.app.test_client(use_cookies=False)
        return browser.open(address, method=method, data=data or None, headers=headers, buffered=True, **more)

    @contextmanager
    def rows(self) -> Iterator[Session]:
        """Give a session that writes, past the pages."""
        engine = open_engine(f"sqlite:///{self.file}")
        with writing(engine) as session:
            yield session
        engine.dispose()


def totp_code(city: City) -> str:
    """Return the code that an authenticator shows now."""
    with city.app.app_context():
        return str(codes()._totp.from_source(city.ids["totp_secret"]).generate(time=NOW).token)
