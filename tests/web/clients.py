"""Browsers that somebody is signed in with, and the cast of people that the tests of pages use."""

from datetime import datetime
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from registry.domain.roles import OfficeKind, Role
from registry.domain.trail import Doer
from registry.domain.uscc import check_character
from registry.store.engine import open_ready, writing
from registry.store.firms import Firm
from registry.store.offices import OfficeRow
from registry.store.people import Person
from registry.store.persons import person_by_email
from registry.store.sign_ins import Factor
from registry.work.join_firm import delegate
from registry.work.open_account import open_account
from registry.work.seat import grant, office_at, open_office
from registry.work.sign_in import begin

DOER = Doer.program("tests")
AGENT = "a browser of tests"
# Who sits where: `firm:` the code of a firm, `office:` one that is opened for the tests, else `office_at`.
CAST = {
    "applicant": (Role.APPLICANT, "firm:1"),
    "other_applicant": (Role.APPLICANT, "firm:2"),
    "delegate": (Role.APPLICANT, "office:intermediary"),
    "district": (Role.DISTRICT_REVIEWER, "370285"),
    "other_district": (Role.DISTRICT_REVIEWER, "370202"),
    "city": (Role.CITY_REVIEWER, "city"),
    "statistician": (Role.STATISTICIAN, "city"),
    "department": (Role.DEPARTMENT_OFFICER, "ecology"),
    "auditor": (Role.AUDITOR, "office:auditor"),
    "system_admin": (Role.SYSTEM_ADMIN, "city"),
    "security_admin": (Role.SECURITY_ADMIN, "city"),
    "audit_admin": (Role.AUDIT_ADMIN, "city"),
}


def email_of(who: str) -> str:
    """Return the address of one of the cast."""
    return f"{who.replace('_', '-')}@example.com"


def seat_cast(file: Path, now: datetime) -> None:
    """Open an account for each of the cast in a database that has the firms 1 and 2, and seat them."""
    from make import code

    engine = open_ready(f"sqlite:///{file}")
    with writing(engine) as session:
        offices = {
            kind: open_office(session, OfficeKind(kind), f"测试{kind}", uscc=_code(letter), doer=DOER, now=now)
            for kind, letter in (("auditor", "A"), ("intermediary", "B"))
        }
        for who, (role, place) in CAST.items():
            person = open_account(session, email=email_of(who), name=f"测试 {who}", doer=DOER, now=now)
            firm, office = None, None
            if place.startswith("firm:"):
                firm = session.scalars(select(Firm).where(Firm.uscc == code(int(place[5:])))).one()
            elif place.startswith("office:"):
                office = offices[place[7:]]
            else:
                office = office_at(session, place)
            grant(session, person, role, office=office, firm=firm, doer=DOER, now=now)
        one = session.scalars(select(Firm).where(Firm.uscc == code(1))).one()
        agency = session.scalars(select(OfficeRow).where(OfficeRow.kind == "intermediary")).one()
        delegate(session, one, agency, now.date(), doer=DOER, now=now)
    engine.dispose()


def sign_in_as(app: Flask, who: str, now: datetime, client: FlaskClient | None = None) -> FlaskClient:
    """Return a browser in which one of the cast is signed in with both factors; `anonymous` is nobody."""
    browser = client or app.test_client()
    if who == "anonymous":
        return browser
    engine = open_ready(app.config["SQLALCHEMY_DATABASE_URI"])
    with writing(engine) as session:
        person = person_by_email(session, email_of(who))
        assert person is not None, who
        token = begin(session, person, Factor.TOTP, doer=_doer(person), agent=AGENT, hours=8, now=now)
    engine.dispose()
    with browser.session_transaction() as cookie:
        cookie["sid"] = token
        cookie["seen"] = cookie["proved"] = int(now.timestamp())
    return browser


def token_of(client: FlaskClient, page: str = "/check") -> str:
    """Return the anti-forgery token of a browser, from a page with a form."""
    text = client.get(page).text
    return text.split('name="csrf_token" value="')[1].split('"')[0]


def _doer(person: Person) -> Doer:
    return Doer(person.id, person.name, "", "127.0.0.1", "tests")


def _code(letter: str) -> str:
    first = f"91370200TESTW{letter}000"[:17].replace("S", "5")
    return first + check_character(first)
