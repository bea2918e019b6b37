"""A town of applications: two firms and the cast, on Monday 2026-11-09 with windows open, and browsers that fill in.

Firm 1 stands in the register with all its facts, firm 2 with its name and district alone.
"""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from casework import MONDAY, good_firm, window
from clients import DOER, email_of, seat_cast, sign_in_as
from flask import Flask
from flask.testing import FlaskClient
from make import firm as stated
from page_reader import Page
from past_pages import rows_of
from people import actor_of
from small_city import settings
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from towns import FIELD_KEYS, Clock
from werkzeug.test import TestResponse

from registry.app import create_app
from registry.domain.actors import Actor
from registry.store.cases import Application
from registry.store.engine import open_ready, writing
from registry.store.persons import person_by_email
from registry.web import db
from registry.web.typed import typed_of
from registry.work.case_guards import Given
from registry.work.enrol import enrol
from registry.work.keep_calendar import ensure_calendar
from registry.work.move_case import make_move
from registry.work.return_case import Part, return_case

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
SIGNED = {"declared": "1", "signed_as": "凌经办"}


def build_applications(file: Path) -> Path:
    """Enrol the firms, seat the cast, open the batches of specialized and little giant for November and December."""
    engine = open_ready(f"sqlite:///{file}")
    with writing(engine) as session:
        ensure_calendar(session, MONDAY, DOER)
        second = stated(2, name="青岛同组有限公司", district="370202")
        enrol(session, [good_firm(1), second], now=MONDAY, on=MONDAY.date(), source="企业名单")
        session.add_all([window("specialized"), window("little_giant")])
    engine.dispose()
    seat_cast(file, MONDAY)
    return file


@dataclass
class Filer:
    """A browser of somebody who fills in applications."""

    client: FlaskClient
    lang: str = "zh"

    def get(self, address: str, status: int = 200) -> Page:
        """Ask for a page and take it apart."""
        answer = self.client.get(address, headers={"Accept-Language": self.lang})
        assert answer.status_code == status, (answer.status_code, answer.location, answer.text[-3000:])
        page = Page(answer.text)
        assert page.faults() == [], page.faults()
        return page

    def send(self, address: str, seen: str, **boxes: str) -> TestResponse:
        """Post the boxes with what the page that was seen holds hidden: its token, its version, its mark."""
        page = Page(self.client.get(seen, headers={"Accept-Language": self.lang}).text)
        return self.send_as(address, hidden_of(page), **boxes)

    def send_as(self, address: str, hidden: dict[str, str], **boxes: str) -> TestResponse:
        """Post the boxes with what a form held hidden when it was looked at."""
        return self.client.post(address, data={**hidden, **boxes}, headers={"Accept-Language": self.lang})

    def begin(self, uscc: str, tier: str, kind: str = "new") -> int:
        """Begin an application; return its number."""
        answer = self.send("/applications/new", f"/applications/new?firm={uscc}", firm=uscc, tier=tier, kind=kind)
        assert answer.status_code == 303, answer.text[-3000:]
        return int(answer.location.rsplit("/", 1)[1])

    def fill(self, number: int, typed: dict[str, str], then: str = "next") -> None:
        """Fill in every part of a draft by its pages."""
        for part in ("basic", "years", "titles", "innovation", "chain", "management", "local"):
            answer = self.save(number, part, typed, then)
            assert answer.status_code == 303, (part, answer.text[-3000:])

    def save(self, number: int, part: str, typed: dict[str, str], then: str = "next") -> TestResponse:
        """Fill in one part: all its boxes, those that are not typed blank."""
        address = f"/applications/{number}/part/{part}"
        page = self.get(address)
        names = {one["name"] for tag in ("input", "select") for one in page.all(tag) if "." in one.get("name", "")}
        boxes = {name: text for name, text in typed.items() if name in names}
        return self.send_as(address, hidden_of(page), **boxes, then=then)

    def submit(self, number: int, **changes: str) -> TestResponse:
        """Look at everything, sign, and submit."""
        return self.send(f"/applications/{number}/submit", f"/applications/{number}/check", **SIGNED | changes)


def hidden_of(page: Page) -> dict[str, str]:
    """Return what a page's forms hold hidden, but for what a button of its own brings."""
    found = {one["name"]: one["value"] for one in page.all("input", type="hidden")}
    return {name: found[name] for name in ("csrf_token", "version", "mark") if name in found}


@dataclass
class Bureau:
    """The application over a database of a test's own, its clock, and those at work past the pages."""

    app: Flask
    file: Path
    clock: Clock

    def filer(self, who: str = "applicant", lang: str = "zh") -> Filer:
        """Sign somebody in."""
        return Filer(sign_in_as(self.app, who, self.clock.at), lang)

    def rows(self) -> AbstractContextManager[Session]:
        """Give a session that writes, past the pages."""
        return rows_of(f"sqlite:///{self.file}")

    def case(self, number: int) -> Application:
        """Return a case as it stands."""
        with self.rows() as session:
            return session.get_one(Application, number)

    def answers(self, number: int) -> dict[str, str]:
        """Return what is typed of a case."""
        found: dict[str, str] = json.loads(self.case(number).answers)
        return found

    def count(self, table: type) -> int:
        """Count the rows of a table."""
        with self.rows() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    def act(self, who: str, number: int, action: str, opinion: str = "情况属实，同意", **given: Any) -> None:
        """Make a move past the pages."""
        with self.rows() as session:
            actor = self._actor(session, who)
            case = session.get_one(Application, number)
            make_move(session, actor, actor.seats, case, action, Given(opinion=opinion, **given), now=self.clock.at)

    def give_back(self, who: str, number: int, *parts: Part, opinion: str = "请补正下列内容") -> None:
        """Return a case for correction."""
        with self.rows() as session:
            actor = self._actor(session, who)
            case = session.get_one(Application, number)
            return_case(session, actor, actor.seats, case, parts, opinion=opinion, now=self.clock.at)

    def _actor(self, session: Session, who: str) -> Actor:
        person = person_by_email(session, email_of(who))
        assert person is not None
        return actor_of(session, person, self.clock.at)


@contextmanager
def bureau_over(built: Path, folder: Path) -> Iterator[Bureau]:
    """Give the application over a copy of the town."""
    file, clock = folder / "town.sqlite", Clock(MONDAY)
    shutil.copy(built, file)
    app = create_app(settings(file, field_keys=FIELD_KEYS, rate_limit="9000000 per minute"), clock=clock)
    yield Bureau(app, file, clock)
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module", name="built_applications")
def fixture_built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town as it was built; nobody writes in it."""
    return build_applications(tmp_path_factory.mktemp("applications") / "built.sqlite")


@pytest.fixture(name="bureau")
def fixture_bureau(built_applications: Path, tmp_path: Path) -> Iterator[Bureau]:
    """The application over a town of the test's own."""
    with bureau_over(built_applications, tmp_path) as made:
        yield made


@pytest.fixture(name="filer")
def fixture_filer(bureau: Bureau) -> Filer:
    """The browser of the applicant of firm 1."""
    return bureau.filer()


def good_answers() -> dict[str, str]:
    """Return what is typed for the firm that meets what can be met."""
    return typed_of(good_firm())
