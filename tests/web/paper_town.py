"""The application over a copy of the small city, with a clock that the test moves, for the pages of firms' papers."""

import json
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from clients import email_of, sign_in_as
from flask import Flask
from flask.testing import FlaskClient
from make import code
from page_reader import Page
from past_pages import rows_of
from small_city import settings
from sqlalchemy import select
from sqlalchemy.orm import Session
from towns import FIELD_KEYS
from werkzeug.test import TestResponse

from registry.app import create_app
from registry.domain.trail import Entry
from registry.store.letters import Letter
from registry.store.papers import Profile
from registry.store.people import Person
from registry.store.queries import firm_by_uscc
from registry.store.trail import trail_page
from registry.web import db
from registry.work.seal import open_sealed

SHANGHAI = timezone(timedelta(hours=8))
# A Thursday in the month in which updates are due; the titles of firm 1 run to 2028.
MAY = datetime(2027, 5, 20, 10, 0, tzinfo=SHANGHAI)
FIRM, OTHER = code(1), code(2)
FIGURES = {"years.2026.revenue": "5000", "years.2026.main_revenue": "4800", "years.2026.employees": "120"}


@dataclass
class PaperTown:
    """An application and its clock."""

    file: Path
    at: datetime = MAY
    app: Flask = None  # type: ignore[assignment]

    def sit(self, who: str, lang: str = "zh") -> "Seated":
        return Seated(self, sign_in_as(self.app, who, self.at), lang)

    def rows(self) -> AbstractContextManager[Session]:
        """Give a session that writes, past the pages."""
        return rows_of(f"sqlite:///{self.file}")

    def fill_in(self, answers: dict[str, str] | None = None, uscc: str = FIRM) -> None:
        """Let a firm have typed its own information."""
        with self.rows() as session:
            firm = firm_by_uscc(session, uscc)
            assert firm
            text = json.dumps(FIGURES if answers is None else answers)
            session.merge(Profile(firm_id=firm.id, answers=text, version=1, saved_at=self.at, saved_by="test"))

    def entries(self, tag: str) -> list[Entry]:
        with self.rows() as session:
            return trail_page(session, tag=tag, limit=100)

    def person(self, who: str) -> Person:
        with self.rows() as session:
            return session.scalars(select(Person).where(Person.email == email_of(who))).one()

    def mails(self, who: str) -> list[str]:
        """Return subject and text of the mails to somebody, the oldest first."""
        keys = self.app.extensions["field_keys"]
        with self.rows() as session:
            found = session.scalars(select(Letter).where(Letter.to == email_of(who)).order_by(Letter.id)).all()
            return [
                f"{one.subject}\n{open_sealed(keys, one.body_sealed or '', about=f'letter:{one.id}')}" for one in found
            ]


@dataclass
class Seated:
    """Somebody in front of the pages."""

    town: PaperTown
    client: FlaskClient
    lang: str

    def ask(self, address: str, status: int = 200) -> Page:
        answer = self.client.get(address, headers={"Accept-Language": self.lang})

        assert answer.status_code == status, answer.text
        page = Page(answer.text)
        assert page.faults() == []
        return page

    def send(self, address: str, seen: str = "/check", **boxes: str) -> TestResponse:
        """Send a form with the token that some page gave."""
        token = Page(self.client.get(seen).text).value_of("csrf_token")
        return self.client.post(address, data={"csrf_token": token, **boxes}, headers={"Accept-Language": self.lang})

    def does(self, address: str, seen: str = "/check", **boxes: str) -> Page:
        """Send a form and look at the page one is sent on to."""
        answer = self.send(address, seen, **boxes)

        assert answer.status_code == 303, answer.text
        return self.ask(answer.location)

    def is_refused(self, address: str, status: int = 422, **boxes: str) -> Page:
        answer = self.send(address, **boxes)

        assert answer.status_code == status, answer.text
        page = Page(answer.text)
        assert page.faults() == []
        return page


@contextmanager
def paper_town(city_file: Path, folder: Path, **changes: object) -> Iterator[PaperTown]:
    """Give a town over a copy of the small city, for one test."""
    town = PaperTown(Path(shutil.copy(city_file, folder / "papers.sqlite")))
    told = {"field_keys": FIELD_KEYS, "rate_limit": "9000000 per minute", "public_url": "https://registry.example"}
    town.app = create_app(settings(town.file, **(told | changes)), clock=lambda: town.at)
    yield town
    with town.app.app_context():
        db.engine.dispose()
