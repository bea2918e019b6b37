"""The administrators and those they look after, over a database of the test's own; clients that are signed in."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from clients import email_of, sign_in_as
from flask import Flask
from flask.testing import FlaskClient
from make import code, firm
from page_reader import Page
from small_city import NOW, settings
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from registry.app import create_app
from registry.domain.roles import OfficeKind, Role
from registry.domain.trail import Doer, Entry
from registry.store.engine import open_engine, open_ready, writing
from registry.store.offices import OfficeRow
from registry.store.people import Person
from registry.store.trail import trail_page
from registry.web import db
from registry.work.enrol import enrol
from registry.work.open_account import open_account
from registry.work.seat import grant, open_office

PROGRAM = Doer.program("tests")
# Who works at the city's desk: the address before the @, the name, the role, the kind of office.
CAST = (
    ("system", "郑系统", Role.SYSTEM_ADMIN, OfficeKind.CITY),
    ("security", "钱安全", Role.SECURITY_ADMIN, OfficeKind.CITY),
    ("audit", "孙审计", Role.AUDIT_ADMIN, OfficeKind.CITY),
    ("reviewer", "吴区审", Role.DISTRICT_REVIEWER, OfficeKind.DISTRICT),
    ("nobody", "赵无席", None, None),
)


def build_desk(file: Path) -> Path:
    engine = open_ready(f"sqlite:///{file}")
    with writing(engine) as session:
        enrol(session, [firm(1), firm(2, name="青岛同组有限公司")], now=NOW, on=NOW.date(), source="企业名单")
        for handle, name, role, kind in CAST:
            row = open_account(session, email=email_of(handle), name=name, doer=PROGRAM, now=NOW)
            if role is not None:
                office = session.scalars(select(OfficeRow).where(OfficeRow.kind == kind).order_by(OfficeRow.id)).first()
                grant(session, row, role, office=office, doer=PROGRAM, now=NOW)
        auditor = "示例会计师事务所"
        open_office(session, OfficeKind.AUDITOR, auditor, uscc=code(900), doer=PROGRAM, now=NOW)
    engine.dispose()
    return file


@contextmanager
def desk_over(built: Path, folder: Path) -> Iterator[Flask]:
    """Give the application over a copy of a database, for one test."""
    made = create_app(settings(shutil.copy(built, folder / "desk.sqlite")), clock=lambda: NOW)
    yield made
    with made.app_context():
        db.engine.dispose()


@contextmanager
def rows(app: Flask) -> Iterator[Session]:
    """Give a session that writes, past the pages."""
    engine = open_engine(app.config["SQLALCHEMY_DATABASE_URI"])
    with writing(engine) as session:
        yield session
    engine.dispose()


def number_of(app: Flask, handle: str) -> int:
    with rows(app) as session:
        return session.scalars(select(Person.id).where(Person.email == email_of(handle))).one()


def entries(app: Flask, **filters: Any) -> list[Entry]:
    with rows(app) as session:
        return trail_page(session, **filters)


class Desk:
    """A client of somebody who is signed in; sends what a page's form would."""

    def __init__(self, app: Flask, handle: str) -> None:
        self.client: FlaskClient = sign_in_as(app, handle, NOW)

    def ask(self, address: str, status: int = 200, lang: str = "zh") -> Page:
        answer = self.client.get(address, headers={"Accept-Language": lang})

        assert status == answer.status_code, answer.text
        page = Page(answer.text)
        assert page.faults() == []
        return page

    def send(self, address: str, seen: str, **boxes: object) -> TestResponse:
        """Send a form from a page, with the token that the page gave."""
        token = Page(self.client.get(seen).text).value_of("csrf_token")
        return self.client.post(address, data={"csrf_token": token, **boxes}, headers={"Accept-Language": "zh"})

    def does(self, address: str, seen: str, **boxes: object) -> Page:
        """Send a form and look at the page one is sent on to."""
        answer = self.send(address, seen, **boxes)

        assert answer.status_code == 303, answer.text
        return self.ask(answer.location)

    def is_refused(self, address: str, seen: str, status: int = 422, **boxes: object) -> Page:
        answer = self.send(address, seen, **boxes)

        assert status == answer.status_code, answer.text
        page = Page(answer.text)
        assert page.faults() == []
        return page


Sit = Callable[[str], Desk]


@contextmanager
def counted_queries(app: Flask) -> Iterator[list[str]]:
    """Note every question to the database; beginnings and ends of transactions are none."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
            asked.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)
