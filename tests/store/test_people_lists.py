"""Lists of accounts, offices and groups: ordered, a page at a time, each row once, on either database."""

from datetime import datetime, timedelta

import pytest
from make import code
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.conflicts import TieKind
from registry.domain.roles import OfficeKind, Role
from registry.domain.trail import Doer
from registry.store.offices import OfficeRow
from registry.store.people import Person
from registry.store.people_lists import (
    groups_page,
    names_of,
    offices_listed,
    offices_page,
    people_called,
    people_page,
    person_whole,
    ties_listed,
)
from registry.store.sign_ins import Factor
from registry.work.declare_tie import declare, note_group, withdraw_tie
from registry.work.open_account import disable, open_account
from registry.work.seat import close_office, end_seat, grant, open_office
from registry.work.sign_in import begin

DOER = Doer.program("tests")


def account(session: Session, number: int, now: datetime, name: str = "") -> Person:
    called = name or f"众人{number}"
    return open_account(session, email=f"list{number}@example.com", name=called, doer=DOER, now=now)


def office(session: Session, kind: str = "city") -> OfficeRow:
    return session.scalars(select(OfficeRow).where(OfficeRow.kind == kind).order_by(OfficeRow.id)).first()  # type: ignore[return-value]


def test_everybody_is_on_one_page_the_newest_first(session: Session, now: datetime) -> None:
    made = [account(session, number, now).id for number in range(7)]
    after, seen = None, []
    while True:
        page = people_page(session, after=after, limit=3)
        assert page.total == 7
        seen += [one.id for one in page.people]
        if (after := page.after) is None:
            break

    assert seen == made[::-1]


@pytest.mark.parametrize(
    ("query", "is_found"),
    [("甲", True), ("LIST1@", True), ("ist1@", False), ("%", False), ("_", False), ("甲 B", True), ("甲 b", True)],
)
def test_a_name_contains_or_an_address_begins(session: Session, now: datetime, query: str, is_found: bool) -> None:
    one = account(session, 1, now, name="甲 B").id

    assert is_found == (one in [row.id for row in people_page(session, query=query).people])


def test_role_and_office_are_of_one_seat_that_is_held(session: Session, now: datetime) -> None:
    one = account(session, 1, now)
    seat = grant(session, one, Role.CITY_REVIEWER, office=office(session), doer=DOER, now=now)
    other = office(session, "district")
    grant(session, one, Role.DISTRICT_REVIEWER, office=other, doer=DOER, now=now)

    def found(**asked: object) -> int:
        return people_page(session, **asked).total  # type: ignore[arg-type]

    assert found(role="city_reviewer", office_id=office(session).id) == 1
    assert found(role="city_reviewer", office_id=other.id) == 0
    assert [line.role for line in people_page(session).people[0].seats] == ["city_reviewer", "district_reviewer"]
    end_seat(session, seat, doer=DOER, now=now)
    assert found(role="city_reviewer") == 0
    assert [line.role for line in people_page(session).people[0].seats] == ["district_reviewer"]


def test_accounts_are_told_apart_by_their_state(session: Session, now: datetime) -> None:
    one, other = account(session, 1, now), account(session, 2, now)
    disable(session, one, doer=DOER, now=now)

    assert [row.id for row in people_page(session, active=False).people] == [one.id]
    assert [row.id for row in people_page(session, active=True).people] == [other.id]


def test_a_person_is_shown_with_seats_now_and_before_and_live_sessions(session: Session, now: datetime) -> None:
    one = account(session, 1, now)
    first = grant(session, one, Role.CITY_REVIEWER, office=office(session), doer=DOER, now=now)
    end_seat(session, first, doer=DOER, now=now + timedelta(days=1))
    auditor = open_office(session, OfficeKind.AUDITOR, "事务所", uscc=code(1), doer=DOER, now=now)
    second = grant(session, one, Role.AUDITOR, office=auditor, doer=DOER, now=now)
    begin(session, one, Factor.PASSWORD, doer=DOER, agent="", hours=1, now=now)
    close_office(session, auditor, doer=DOER, now=now)
    whole = person_whole(session, one.id, now)

    assert whole is not None
    assert [(line.id, line.office_is_closed) for line in whole.seats] == [(second.id, True), (first.id, False)]
    assert len(whole.sign_ins) == 1
    assert (whole.passkeys, whole.codes_left) == (0, 0)
    later = person_whole(session, one.id, now + timedelta(hours=2))
    assert later is not None
    assert later.sign_ins == ()
    assert person_whole(session, one.id + 1, now) is None
    assert auditor not in offices_listed(session)


def test_people_are_called_by_name_or_address(session: Session, now: datetime) -> None:
    twins = [account(session, number, now, name="双生").id for number in range(2)]

    assert [number for number, _name, _email in people_called(session, "双生")] == twins
    assert [number for number, _name, _email in people_called(session, "LIST1@example.com")] == twins[1:]
    assert people_called(session, "双") == []
    assert names_of(session, twins) == dict.fromkeys(twins, "双生")
    assert names_of(session, ()) == {}


def test_offices_come_a_page_at_a_time_with_the_seats_held(session: Session, now: datetime) -> None:
    grant(session, account(session, 1, now), Role.STATISTICIAN, office=office(session), doer=DOER, now=now)
    after, seen = None, []
    while True:
        rows, after = offices_page(session, after=after, limit=5)
        seen += rows
        if after is None:
            break

    assert [row.id for row, _held in seen] == sorted(session.scalars(select(OfficeRow.id)))
    assert {row.kind: held for row, held in seen if held} == {"city": 1}
    assert [row.department for row, _held in offices_page(session, query="TAX")[0]] == ["tax"]


def test_ties_withdrawn_come_last(session: Session, now: datetime) -> None:
    one = account(session, 1, now).id
    rows = [
        declare(session, one, uscc=code(n), kind=TieKind.FAMILY, ended_on=None, note="", doer=DOER, now=now).id
        for n in range(3)
    ]
    withdraw_tie(session, one, rows[2], doer=DOER, now=now)

    assert [line.row.id for line in ties_listed(session, one)] == [rows[1], rows[0], rows[2]]


def test_firms_of_groups_come_a_page_at_a_time_group_by_group(session: Session, now: datetime) -> None:
    for number in range(9):
        note_group(session, code(number), f"group {number % 2}", source="年报", doer=DOER, now=now)
    after, seen = None, []
    while True:
        rows, after = groups_page(session, after=after, limit=2)
        seen += [(row.group_name, row.uscc) for row, _name in rows]
        if after is None:
            break

    assert seen == sorted((f"group {number % 2}", code(number)) for number in range(9))
    assert groups_page(session, query="GROUP 1", limit=2)[1] is not None
    assert groups_page(session, after="nobody")[0] == []
