"""The reviewers' desk over a database of a test's own: the hall of casework, with a case or many, and browsers."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from casework import MONDAY, Hall, open_hall
from flask import Flask
from flask.testing import FlaskClient
from page_reader import Page
from small_city import settings
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from registry.app import create_app
from registry.domain.trail import Doer, Entry
from registry.store.cases import Application
from registry.store.engine import open_engine, open_ready, writing
from registry.store.people import Person
from registry.store.sign_ins import Factor
from registry.store.trail import trail_page
from registry.web import db
from registry.work.sign_in import begin

FIELD_KEYS = f"tests:{'A' * 43}="


@dataclass
class CaseDesk:
    """The application, and who sits at its desks.

    Attributes:
        people: numbers by the words of the hall.
    """

    app: Flask
    people: dict[str, int]
    at: datetime = MONDAY

    def sit(self, who: str, lang: str = "zh") -> "Reviewer":
        """Sign one of the hall in."""
        with self.rows() as session:
            person = session.get_one(Person, self.people[who])
            doer = Doer(person.id, person.name, "", "127.0.0.1", "tests")
            token = begin(session, person, Factor.TOTP, doer=doer, agent="tests", hours=8, now=self.at)
        client = self.app.test_client()
        with client.session_transaction() as cookie:
            cookie["sid"] = token
            cookie["seen"] = cookie["proved"] = int(self.at.timestamp())
        return Reviewer(client, lang)

    @contextmanager
    def rows(self) -> Iterator[Session]:
        """Give a session that writes, past the pages."""
        engine = open_engine(self.app.config["SQLALCHEMY_DATABASE_URI"])
        with writing(engine) as session:
            session.expire_on_commit = False
            yield session
        engine.dispose()

    def case(self, number: int) -> Application:
        with self.rows() as session:
            return session.get_one(Application, number)

    def entries(self, **filters: Any) -> list[Entry]:
        with self.rows() as session:
            return trail_page(session, **filters)

    def numbers(self) -> list[int]:
        with self.rows() as session:
            return list(session.scalars(select(Application.id).order_by(Application.id)))


@dataclass
class Reviewer:
    """A browser in which somebody is signed in."""

    client: FlaskClient
    lang: str = "zh"

    def get(self, address: str) -> TestResponse:
        return self.client.get(address, headers={"Accept-Language": self.lang}, buffered=True)

    def ask(self, address: str, status: int = 200) -> Page:
        answer = self.get(address)
        assert status == answer.status_code, answer.text
        return whole(answer)

    def post(self, address: str, **boxes: Any) -> TestResponse:
        """Post a form with the token of a page; a box may hold several values."""
        token = Page(self.get("/cases").text).value_of("csrf_token")
        told = MultiDict({"csrf_token": token} | boxes)
        return self.client.post(address, data=told, headers={"Accept-Language": self.lang})


def whole(answer: TestResponse) -> Page:
    """Return a page that has no faults."""
    page = Page(answer.text)
    assert page.faults() == []
    return page


@dataclass(frozen=True)
class Built:
    """A database with a hall that was filled, of which every test takes a copy."""

    file: Path
    people: dict[str, int]
    at: datetime

    @contextmanager
    def opened(self, folder: Path) -> Iterator[CaseDesk]:
        """Give the application over a copy."""
        file = Path(shutil.copy(self.file, folder / "copy.sqlite"))
        app = create_app(settings(file, field_keys=FIELD_KEYS), clock=lambda: self.at)
        yield CaseDesk(app, self.people, self.at)
        with app.app_context():
            db.engine.dispose()


def build_case_desk(folder: Path, fill: Callable[[Hall], object]) -> Built:
    """Fill a hall with cases."""
    file = folder / "built.sqlite"
    engine = open_ready(f"sqlite:///{file}")
    with writing(engine) as session:
        hall = open_hall(session)
        fill(hall)
        built = Built(file, {who: row.id for who, row in hall.people.items()}, hall.now)
    engine.dispose()
    return built
