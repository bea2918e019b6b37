"""The cast of the tests: plain functions that open accounts, seat people and found firms; all through the deeds."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from make import DISTRICT, code
from make import firm as stated
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Standing
from registry.domain.roles import DEPARTMENT_WORDS, OfficeKind, Role
from registry.domain.trail import Doer
from registry.store.engine import bring_to_newest, open_engine
from registry.store.firms import Firm
from registry.store.offices import OfficeRow, SeatRow
from registry.store.people import Person
from registry.store.persons import seats_of
from registry.store.queries import firm_by_uscc
from registry.work.enrol import enrol
from registry.work.open_account import open_account
from registry.work.seat import grant, open_office

NOW = datetime(2025, 11, 25, 1, 30, tzinfo=UTC)
# Who does what nobody in a test does himself.
PROGRAM = Doer.program("test")
# Other districts than that of `make`.
OTHER_DISTRICT = "370214"


def person(session: Session, name: str = "凌经办", *, email: str = "", now: datetime = NOW) -> Person:
    """Open an account; of two people without an address given each has his own, made of his name."""
    made_up = f"p{hashlib.sha256(repr(name).encode('ascii', 'backslashreplace')).hexdigest()[:12]}@example.com"
    return open_account(session, email=email or made_up, name=name, doer=PROGRAM, now=now)


def firm_in(session: Session, number: int = 1, district: str | None = DISTRICT, *, now: datetime = NOW) -> Firm:
    """Enrol the n-th firm of a test in a district, or in none."""
    told = stated(number, district=district) if district else stated(number)
    enrol(session, [told], now=now, on=now.date(), source="test")
    found = firm_by_uscc(session, code(number))
    if found is None:
        raise LookupError(number)
    return found


def office(session: Session, place: str) -> OfficeRow:
    """Return a bureau or department of the city: `city`, a district's code, a department's key."""
    if place == "city":
        condition = OfficeRow.kind == OfficeKind.CITY
    elif place in DEPARTMENT_WORDS:
        condition = OfficeRow.department == place
    else:
        condition = OfficeRow.district == place
    return session.scalars(select(OfficeRow).where(condition)).one()


def company(session: Session, kind: OfficeKind = OfficeKind.INTERMEDIARY, number: int = 900) -> OfficeRow:
    """Open an intermediary or an auditor."""
    return open_office(session, kind, f"示例机构{number}", uscc=code(number), doer=PROGRAM, now=NOW)


def seat(
    session: Session, who: Person, role: Role, place: str | OfficeRow | Firm = DISTRICT, *, now: datetime = NOW
) -> SeatRow:
    """Seat a person at a firm, an office, or one of the city's by its word (see `office`)."""
    if isinstance(place, Firm):
        return grant(session, who, role, firm=place, doer=PROGRAM, now=now)
    where = office(session, place) if isinstance(place, str) else place
    return grant(session, who, role, office=where, doer=PROGRAM, now=now)


def place_for(session: Session, role: Role) -> str | OfficeRow | Firm:
    """Return a place in which a role may sit; companies and firms are made when they are not there."""
    if role is Role.APPLICANT:
        return firm_by_uscc(session, code(1)) or firm_in(session)
    if role is Role.AUDITOR:
        found = session.scalar(select(OfficeRow).where(OfficeRow.kind == OfficeKind.AUDITOR))
        return found or company(session, OfficeKind.AUDITOR, 901)
    return {Role.DISTRICT_REVIEWER: DISTRICT, Role.DEPARTMENT_OFFICER: "tax"}.get(role, "city")


def actor_of(session: Session, who: Person, now: datetime = NOW, *, standing: Standing = Standing.FULL) -> Actor:
    """Return a person at work, with the seats held at this moment."""
    seats = seats_of(session, who.id, now.date())
    return Actor(who.id, who.name, who.email, standing, seats, address="10.0.0.7", request_id="r-1")


def doer_of(who: Person) -> Doer:
    """Return how the trail names a person outside any seat."""
    return Doer(who.id, who.name, address="10.0.0.7", request_id="r-1")


def reviewer(session: Session, name: str = "何审核", district: str = DISTRICT) -> Person:
    """Open the account of a district's reviewer and seat him."""
    who = person(session, name)
    seat(session, who, Role.DISTRICT_REVIEWER, district)
    return who


@contextmanager
def home(url: str) -> Iterator[Engine]:
    """Give a database of the test's own at the newest migration, where commits are commits."""
    engine = open_engine(url)
    bring_to_newest(engine)
    try:
        yield engine
    finally:
        engine.dispose()
