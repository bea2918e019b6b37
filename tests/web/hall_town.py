"""The application over a hall of casework: one file a test, a clock that moves, browsers of the hall's people."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from casework import MONDAY, Hall, open_hall
from flask import Flask
from flask.testing import FlaskClient
from small_city import settings
from sqlalchemy import select
from sqlalchemy.orm import Session
from towns import FIELD_KEYS, Clock
from werkzeug.test import TestResponse

from registry.app import create_app
from registry.domain.trail import Doer
from registry.store.engine import open_ready, writing
from registry.store.people import Person
from registry.store.sign_ins import Factor
from registry.web import db
from registry.work.sign_in import begin

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class HallTown:
    """The application, its clock and its people."""

    app: Flask
    clock: Clock
    url: str

    def rows(self) -> Any:
        """Give a session that writes, past the pages."""
        return _rows(self.url)

    def browser(self, who: str, lang: str = "zh") -> "Visitor":
        """Return a browser in which one of the hall's people is signed in; `nobody` is not."""
        client = self.app.test_client()
        if who != "nobody":
            with self.rows() as session:
                person = session.scalars(select(Person).where(Person.name == f"测试{who}")).one()
                doer = Doer(person.id, person.name, "", "127.0.0.1", "tests")
                token = begin(session, person, Factor.TOTP, doer=doer, agent="tests", hours=8, now=self.clock.at)
            with client.session_transaction() as cookie:
                cookie["sid"] = token
                cookie["seen"] = cookie["proved"] = int(self.clock.at.timestamp())
        return Visitor(client, lang)


@dataclass
class Visitor:
    """A browser that posts forms with the token of a page."""

    client: FlaskClient
    lang: str

    def get(self, address: str, status: int = 200) -> str:
        """Return a page."""
        answer = self.client.get(address, headers={"Accept-Language": self.lang})

        assert status == answer.status_code, answer.text
        return answer.text

    def post(self, address: str, seen: str = "/password/forgot", **boxes: Any) -> TestResponse:
        """Post a form with the token that a page gave."""
        found = _TOKEN.search(self.client.get(seen).text) or _TOKEN.search(self.client.get("/check").text)
        assert found, seen
        return self.client.post(address, data={"csrf_token": found[1], **boxes}, headers={"Accept-Language": self.lang})


@contextmanager
def _rows(url: str) -> Iterator[Session]:
    engine = open_ready(url)
    with writing(engine) as session:
        session.expire_on_commit = False
        yield session
    engine.dispose()


@contextmanager
def hall_town(folder: Path, prepare: Callable[[Hall], None] = lambda hall: None) -> Iterator[HallTown]:
    """Build the application over a hall.

    Args:
        prepare: does what happened before, by the deeds.
    """
    url = f"sqlite:///{folder / 'hall.sqlite'}"
    clock = Clock(MONDAY)
    with _rows(url) as session:
        hall = open_hall(session)
        prepare(hall)
        clock.at = hall.now
    app = create_app(
        settings(folder / "hall.sqlite", field_keys=FIELD_KEYS, public_url="http://127.0.0.1:8000"), clock=clock
    )
    yield HallTown(app, clock, url)
    with app.app_context():
        db.engine.dispose()


def moved_to(town: HallTown, at: datetime) -> None:
    """Move the clock of a town to a moment."""
    town.clock.at = at
