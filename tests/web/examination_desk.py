"""The application over a hall of casework: cases at the stages that examine, and browsers of those who work there."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from casework import MONDAY, Hall, open_hall
from clients import AGENT
from examined_cases import cases_at
from flask import Flask
from flask.testing import FlaskClient
from page_reader import Page
from people import doer_of
from small_city import settings
from sqlalchemy import select
from sqlalchemy.orm import Session
from towns import FIELD_KEYS
from werkzeug.test import TestResponse

from registry.app import create_app
from registry.domain.roles import Role
from registry.store.cases import Application
from registry.store.engine import open_engine, open_ready, writing
from registry.store.offices import OfficeRow, SeatRow
from registry.store.people import Person
from registry.store.sign_ins import Factor
from registry.web import db
from registry.work.sign_in import begin

OTHER = "370214"


def build(file: Path) -> Path:
    """Three specialized cases to ask about and one of another district, eleven to audit, two to inspect."""
    engine = open_ready(f"sqlite:///{file}")
    with writing(engine) as session:
        hall = open_hall(session)
        cases_at(hall, "specialized", "inquiries", 3)
        cases_at(hall, "specialized", "inquiries", 1, start=1100, district=OTHER)
        cases_at(hall, "specialized", "city_audit", 11, start=1200)
        cases_at(hall, "innovative", "city_sample", 2, start=1300)
    engine.dispose()
    return file


class Browser:
    """Somebody's browser; sends what a page's form would."""

    def __init__(self, app: Flask, token: str, lang: str) -> None:
        self.client: FlaskClient = app.test_client()
        self._headers = {"Accept-Language": lang}
        with self.client.session_transaction() as cookie:
            cookie["sid"] = token
            cookie["seen"] = cookie["proved"] = int(MONDAY.timestamp())

    def get(self, address: str) -> TestResponse:
        return self.client.get(address, headers=self._headers)

    def page(self, address: str, status: int = 200) -> Page:
        return checked(self.get(address), status)

    def post(self, address: str, /, **boxes: object) -> TestResponse:
        """Send a form with the token of a page that is open to whoever signed in."""
        token = Page(self.get("/home").text).value_of("csrf_token")
        return self.client.post(address, data={"csrf_token": token, **boxes}, headers=self._headers)

    def does(self, address: str, /, **boxes: object) -> Page:
        """Send a form and look at the page one is sent on to."""
        answer = self.post(address, **boxes)

        assert answer.status_code == 303, answer.text[:2000]
        return self.page(answer.location)


def checked(answer: TestResponse, status: int) -> Page:
    """Return an answer as a page without faults."""
    assert status == answer.status_code, answer.text[:2000]
    page = Page(answer.text)
    assert page.faults() == []
    return page


@dataclass
class Examined:
    """The application, and who works in it."""

    app: Flask

    def browser(self, who: str, lang: str = "zh") -> Browser:
        """Sign one of the hall in."""
        with self.rows() as session:
            row = session.scalars(select(Person).where(Person.name == f"测试{who}")).one()
            token = begin(session, row, Factor.TOTP, doer=doer_of(row), agent=AGENT, hours=8, now=MONDAY)
        return Browser(self.app, token, lang)

    @contextmanager
    def rows(self) -> Iterator[Session]:
        """Give a session that writes, past the pages."""
        engine = open_engine(self.app.config["SQLALCHEMY_DATABASE_URI"])
        with writing(engine) as session:
            session.expire_on_commit = False
            yield session
        engine.dispose()

    @contextmanager
    def hall(self) -> Iterator[Hall]:
        """Give the hall again, over the database of this test."""
        with self.rows() as session:
            people = {row.name.removeprefix("测试"): row for row in session.scalars(select(Person))}
            auditor = session.scalars(
                select(OfficeRow).join(SeatRow, SeatRow.office_id == OfficeRow.id).where(SeatRow.role == Role.AUDITOR)
            ).one()
            yield Hall(session, None, people, auditor)  # type: ignore[arg-type]

    def cases(self, stage: str, district: str | None = None) -> list[Application]:
        """Return the cases at a stage, by number."""
        query = select(Application).where(Application.state == f"stage:{stage}")
        if district:
            query = query.where(Application.district == district)
        with self.rows() as session:
            return list(session.scalars(query.order_by(Application.id)))


@contextmanager
def examined_over(built: Path, folder: Path) -> Iterator[Examined]:
    """Give the application over a copy of a database, for one test."""
    file = Path(shutil.copy(built, folder / "examined.sqlite"))
    app = create_app(settings(file, field_keys=FIELD_KEYS), clock=lambda: MONDAY)
    yield Examined(app)
    with app.app_context():
        db.engine.dispose()
