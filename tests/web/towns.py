"""A town of a test's own: a few people with passwords and factors, a clock that the test moves, browsers that post."""

import hashlib
import hmac
import re
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from make import code, firm
from past_pages import rows_of
from small_city import NOW, settings
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from registry.app import create_app
from registry.domain.roles import Role
from registry.domain.trail import Doer, Entry
from registry.store.engine import open_ready, writing
from registry.store.letters import Letter
from registry.store.offices import SeatRow
from registry.store.people import Person
from registry.store.queries import firm_by_uscc
from registry.store.trail import trail_page
from registry.web import db
from registry.web.security import codes, hash_password
from registry.work.enrol import enrol
from registry.work.open_account import disable, make_link, open_account
from registry.work.seal import open_sealed
from registry.work.seat import grant, office_at
from registry.work.secure_account import keep_recovery_codes
from registry.work.sign_in import digest

PROGRAM = Doer.program("tests")
PASSWORD, OTHER_PASSWORD = "Quiet-Harbour-42!", "Northern-Lighthouse-7?"
KEY = b"twenty bytes of test"
RECOVERY = ["abcd-efgh-1234", "wxyz-efgh-5678"]
FIELD_KEYS = f"tests:{'A' * 43}="
# Of the district of firm 1; the city's second factor is an authenticator whose secret is KEY.
APPLICANT, REVIEWER, BARE_STAFF, WELCOMED = "ling@example.com", "wu@example.com", "bare@example.com", "new@example.com"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_CHANGING = re.compile(r'(nonce|value|content)="[^"]*"|<span class="code">[0-9a-f]{16}</span>')


class Clock:
    """The clock of a town; stands still until it is moved."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, **parts: float) -> None:
        self.at += timedelta(**parts)


def code_at(at: datetime, key: bytes = KEY) -> str:
    """Return the code that an authenticator shows (RFC 6238), worked out here and not by the program."""
    mac = hmac.digest(key, (int(at.timestamp()) // 30).to_bytes(8, "big"), hashlib.sha1)
    start = mac[-1] & 15
    return f"{(int.from_bytes(mac[start : start + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


class Browser:
    """A browser that keeps cookies and posts forms with their tokens."""

    def __init__(self, app: Flask, address: str = "127.0.0.1", lang: str = "zh") -> None:
        self.client: FlaskClient = app.test_client()
        self._told: dict[str, Any] = {"headers": {"Accept-Language": lang}, "environ_base": {"REMOTE_ADDR": address}}

    def get(self, address: str) -> TestResponse:
        return self.client.get(address, buffered=True, **self._told)

    def post(self, address: str, seen: str = "/password/forgot", **boxes: str) -> TestResponse:
        """Post a form with the token that some page gave; that page is open to everybody."""
        found = _TOKEN.search(self.get(seen).text)
        assert found, seen
        return self.client.post(address, data={"csrf_token": found[1], **boxes}, **self._told)

    @property
    def cookie(self) -> str:
        found = self.client.get_cookie("registry")
        return found.value if found else ""

    @cookie.setter
    def cookie(self, value: str) -> None:
        self.client.set_cookie("registry", value)

    @property
    def is_in(self) -> bool:
        """Say whether somebody is signed in wholly here."""
        return self.get("/home").status_code == 200

    def give(self, email: str = APPLICANT, password: str = PASSWORD, then: str = "") -> TestResponse:
        return self.post(f"/sign-in{then}", "/sign-in", email=email, password=password)

    def give_code(self, text: str, then: str = "") -> TestResponse:
        return self.post(f"/sign-in/code{then}", code=text)

    def sign_in(self, at: datetime, email: str = REVIEWER) -> "Browser":
        """Sign in, with a code where one is asked for."""
        answer = self.give(email)
        if answer.location and "/sign-in/code" in answer.location:
            answer = self.give_code(code_at(at))
        assert answer.status_code == 303, answer.text
        return self


@dataclass
class Town:
    """The application over a database of a test's own."""

    file: Path
    clock: Clock = field(default_factory=Clock)
    apps: list[Flask] = field(default_factory=list)

    def app(self, **changes: object) -> Flask:
        """Return another process of the application: nothing is shared but the database."""
        self.apps.append(create_app(settings(self.file, **({"field_keys": FIELD_KEYS} | changes)), clock=self.clock))
        return self.apps[-1]

    def browser(self, address: str = "127.0.0.1", lang: str = "zh") -> Browser:
        return Browser(self.apps[0], address, lang)

    def rows(self) -> AbstractContextManager[Session]:
        """Give a session that writes, past the pages."""
        return rows_of(f"sqlite:///{self.file}")

    def close_account(self, email: str) -> None:
        with self.rows() as session:
            disable(session, person_of(session, email), doer=PROGRAM, now=self.clock.at)

    def entries(self, tag: str | None = None) -> list[Entry]:
        """Return the trail, newest first."""
        with self.rows() as session:
            return trail_page(session, tag=tag, limit=1000)

    def letters(self, to: str | None = None) -> list[str]:
        """Return the texts of the mails that wait, opened with the application's own keys, oldest first."""
        keys = self.apps[0].extensions["field_keys"]
        query = select(Letter).order_by(Letter.id)
        with self.rows() as session:
            found = session.scalars(query.where(Letter.to == to) if to else query)
            return [open_sealed(keys, one.body_sealed or "", about=f"letter:{one.id}") for one in found]

    def link(self, email: str, purpose: Any) -> str:
        """Make a link and return its path."""
        with self.rows() as session:
            return f"/link/{make_link(session, person_of(session, email), purpose, doer=PROGRAM, now=self.clock.at)}"

    def close(self) -> None:
        for app in self.apps:
            with app.app_context():
                db.engine.dispose()


def build_town(file: Path) -> Path:
    """Firms 1 and 2; an applicant of firm 1, a reviewer with both factors, staff without, and a new account."""
    app = create_app(settings(file, field_keys=FIELD_KEYS), clock=lambda: NOW)
    with app.app_context():
        hashed = hash_password(PASSWORD)
        secret = str(codes()._totp(key=KEY, format="raw").to_json(encrypt=True))
    engine = open_ready(f"sqlite:///{file}")
    with writing(engine) as session:
        firms = [firm(1, district="370285"), firm(2, name="青岛同组有限公司", district="370202")]
        enrol(session, firms, now=NOW, on=NOW.date(), source="企业名单")
        names = {APPLICANT: "凌经办", REVIEWER: "吴审核", BARE_STAFF: "何无码", WELCOMED: "新来人"}
        people = {one: open_account(session, email=one, name=names[one], doer=PROGRAM, now=NOW) for one in names}
        for one in (APPLICANT, REVIEWER, BARE_STAFF):
            people[one].password, people[one].password_set_at = hashed, NOW
            people[one].email_proved_at = NOW
        people[REVIEWER].tf_totp_secret, people[REVIEWER].totp_enrolled_at = secret, NOW
        keep_recovery_codes(session, people[REVIEWER], RECOVERY, doer=PROGRAM, now=NOW)
        grant(session, people[APPLICANT], Role.APPLICANT, firm=firm_by_uscc(session, code(1)), doer=PROGRAM, now=NOW)
        for one in (REVIEWER, BARE_STAFF):
            grant(
                session, people[one], Role.DISTRICT_REVIEWER, office=office_at(session, "370285"), doer=PROGRAM, now=NOW
            )
    engine.dispose()
    return file


@contextmanager
def town_over(built: Path, folder: Path) -> Iterator[Town]:
    """Give a town over a copy of a database, for one test."""
    town = Town(Path(shutil.copy(built, folder / "town.sqlite")))
    town.app()
    yield town
    town.close()


def person_of(session: Session, email: str) -> Person:
    """Return the person with an address."""
    return session.scalars(select(Person).where(Person.email == email)).one()


def seat_of(session: Session, email: str) -> SeatRow:
    """Return the one seat of a person."""
    return session.scalars(select(SeatRow).join(Person).where(Person.email == email, SeatRow.ended_at.is_(None))).one()


def same_words(page: str, *but: str) -> str:
    """Return a page without what is new in every answer, and without these words."""
    for word in but:
        page = page.replace(word, "…")
    return _CHANGING.sub("…", page)


def token_hash(cookie: str, app: Flask) -> str:
    """Return under which hash the session that a cookie names is kept."""
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return digest(signer.loads(cookie)["sid"])
