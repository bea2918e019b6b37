"""Seats the people of the demo city and makes their links; never where anybody real has an account."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.city.parameters import seed_file
from registry.domain.roles import OfficeKind, Role
from registry.domain.trail import Doer
from registry.domain.uscc import check_character
from registry.store.firms import Firm
from registry.store.offices import Delegation, OfficeRow
from registry.store.people import Person
from registry.store.persons import person_by_email, seats_of
from registry.store.publications import Publication
from registry.store.sign_ins import Purpose
from registry.work.claim_firm import ask_to_represent
from registry.work.found_city import SOURCE
from registry.work.join_firm import delegate
from registry.work.open_account import make_link, open_account
from registry.work.seat import grant, office_at, open_office

DOER = Doer.program("demo")
DOMAIN = "@demo.example"
_DELEGATION_DAYS = 180


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody of the demo city, with the secret of his link."""

    name: str
    role: str
    place: str
    token: str


def has_real_people(session: Session) -> bool:
    """Say whether anybody has an account who is not of the demo city."""
    others = select(func.count()).select_from(Person).where(Person.email.not_like(f"%{DOMAIN}"))
    return bool(session.scalar(others))


def is_demo_city(session: Session) -> bool:
    """Say whether the firms are those of the demo city: it publishes under its own name as it is made."""
    return session.scalar(select(Publication.id).where(Publication.author == SOURCE).limit(1)) is not None


def found_people(session: Session, *, now: datetime) -> list[Invited]:
    """Seat the people of the demo city if they are not there, and return a new link for each.

    Args:
        now: in the zone of the office.
    """
    cast = tomllib.loads(seed_file("people.toml").read_text("utf-8"))
    if person_by_email(session, cast["people"][0]["email"]) is None:
        _seat_all(session, cast, now)
    invited = []
    for row in cast["people"]:
        person = person_by_email(session, row["email"])
        if person is not None and person.active:
            place = next((seat.office_name or seat.place for seat in seats_of(session, person.id, now.date())), "")
            token = make_link(session, person, Purpose.DEMO, doer=DOER, now=now)
            invited.append(Invited(person.name, row["role"], place, token))
    return invited


def _seat_all(session: Session, cast: Mapping[str, Any], now: datetime) -> None:
    offices = {
        row["name"]: open_office(
            session,
            OfficeKind(row["kind"]),
            row["name"],
            uscc=row["code"] + check_character(row["code"]),
            name_en=row["name_en"],
            doer=DOER,
            now=now,
        )
        for row in cast["offices"]
    }
    for row in cast["people"]:
        person = open_account(session, email=row["email"], name=row["name"], doer=DOER, now=now)
        place = str(row["at"])
        if place.startswith("firm:"):
            grant(session, person, Role.APPLICANT, firm=_firm(session, place[5:], 0), doer=DOER, now=now)
            continue
        office = offices.get(place) or office_at(session, place)
        grant(session, person, Role(row["role"]), office=office, doer=DOER, now=now)
        if "firm" in row:
            until = (now + timedelta(days=_DELEGATION_DAYS)).date()
            delegate(session, _firm(session, row["firm"], 0), office, until, doer=DOER, now=now)
    for number, row in enumerate(cast["claims"], 1):
        person = open_account(session, email=row["email"], name=row["name"], doer=DOER, now=now)
        firm = _firm(session, row["district"], number)
        ask_to_represent(
            session,
            person,
            uscc=firm.uscc,
            firm_name=firm.name,
            district=row["district"],
            position=row["position"],
            doer=Doer(person.id, person.name),
            now=now,
        )


def delegate_to_agent(session: Session, firm: Firm, now: datetime) -> None:
    """Let the intermediary of the demo city act for one more firm.

    Args:
        now: in the zone of the office.
    """
    office = session.scalars(select(OfficeRow).where(OfficeRow.kind == OfficeKind.INTERMEDIARY)).first()
    held = select(Delegation.id).where(Delegation.firm_id == firm.id)
    if office is not None and session.scalar(held) is None:
        delegate(session, firm, office, (now + timedelta(days=_DELEGATION_DAYS)).date(), doer=DOER, now=now)


def _firm(session: Session, district: str, place: int) -> Firm:
    """Return one of the first firms of a district, by code; the first of all where the district has none so far."""
    query = select(Firm).order_by(Firm.uscc)
    found = session.scalars(query.where(Firm.district == district).offset(place).limit(1)).first()
    return found or session.scalars(query.limit(1)).one()
