"""What an actor may see: every permission in every role, and random seats against a plain reading of the rules."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from make import DISTRICT, code
from people import NOW, OTHER_DISTRICT, PROGRAM, actor_of, company, doer_of, firm_in, person, place_for, seat
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.actors import NOBODY, Actor, Seat, Standing
from registry.domain.permissions import PERMISSIONS, Permission, Reach, permission
from registry.domain.roles import Role
from registry.store.claims import Claim, Invitation
from registry.store.firms import Firm
from registry.store.offices import Delegation, OfficeRow, SeatRow
from registry.store.people import Person
from registry.store.scope import visible_to
from registry.work.claim_firm import ask_to_represent
from registry.work.join_firm import delegate, invite, revoke_delegation
from registry.work.seat import close_office, end_seat

TODAY = NOW.date()
DAY = timedelta(days=1)
FIRMS, CLAIMS = permission("see_firms"), permission("see_claims")
# Firm 1 and 2 lie in the district, 3 in another, 4 nobody knows where.
PLACES = {1: DISTRICT, 2: DISTRICT, 3: OTHER_DISTRICT, 4: None}
HERE, ALL, NONE = {1, 2}, {1, 2, 3, 4}, set[int]()
# By the reach of a role, which of these four firms it sees; the applicant sits at firm 1.
BY_REACH = {Reach.CITY: ALL, Reach.DISTRICT: HERE, Reach.FIRM: {1}, Reach.OWN_FIRM: {1}, Reach.SELF: NONE}
# No department was asked anything here, no auditor given anything.
BY_REACH |= {Reach.ASKED: NONE, Reach.GIVEN: NONE}


def firms(session: Session) -> dict[int, Firm]:
    return {number: firm_in(session, number, district) for number, district in PLACES.items()}


def seen(session: Session, actor: Actor, may: Permission = FIRMS) -> set[int]:
    """Return which of the four firms an actor sees."""
    found = session.scalars(select(Firm).where(visible_to(actor, may, Firm)))
    return {int(firm.uscc[10:17]) for firm in found}


def agent(session: Session) -> tuple[Person, OfficeRow]:
    who, agency = person(session, "代办员"), company(session)
    seat(session, who, Role.APPLICANT, agency)
    return who, agency


def entrust(session: Session, firm: Firm, agency: OfficeRow, until: date = TODAY) -> Delegation:
    return delegate(session, firm, agency, until, doer=PROGRAM, now=NOW)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("may", PERMISSIONS, ids=lambda one: one.key)
def test_every_permission_reaches_as_far_as_the_table_says(session: Session, may: Permission, role: Role) -> None:
    firms(session)
    who = person(session)
    seat(session, who, role, place_for(session, role))
    grants = may.grants or {}

    assert seen(session, actor_of(session, who), may) == (BY_REACH[grants[role]] if role in grants else NONE)


@pytest.mark.parametrize("standing", [one for one in Standing if one is not Standing.FULL])
@pytest.mark.parametrize("role", Role)
def test_who_has_not_wholly_signed_in_sees_no_row(session: Session, role: Role, standing: Standing) -> None:
    firms(session)
    who = person(session)
    seat(session, who, role, place_for(session, role))
    actor = actor_of(session, who, standing=standing)

    assert [may.key for may in PERMISSIONS if seen(session, actor, may)] == []


def test_without_a_seat_nothing_is_seen(session: Session) -> None:
    firms(session)
    for actor in (NOBODY, actor_of(session, person(session))):
        assert [may.key for may in PERMISSIONS if seen(session, actor, may)] == []


def test_a_district_sees_its_own_firms_and_no_others(session: Session) -> None:
    firms(session)
    he, she = person(session, "何审核"), person(session, "于审核")
    seat(session, he, Role.DISTRICT_REVIEWER, OTHER_DISTRICT)
    seat(session, she, Role.DISTRICT_REVIEWER, "370202")
    assert (seen(session, actor_of(session, he)), seen(session, actor_of(session, she))) == ({3}, NONE)

    seat(session, he, Role.DISTRICT_REVIEWER, DISTRICT)
    assert seen(session, actor_of(session, he)) == {1, 2, 3}


def test_a_district_seat_without_a_district_sees_nothing_and_not_what_lies_nowhere(session: Session) -> None:
    firms(session)
    lost = Actor(1, standing=Standing.FULL, seats=(Seat(1, Role.DISTRICT_REVIEWER, "nowhere"),))

    assert seen(session, lost) == NONE


def test_a_firm_that_moves_is_seen_where_it_is_now(session: Session) -> None:
    firms(session)
    seat(session, he := person(session, "何审核"), Role.DISTRICT_REVIEWER, OTHER_DISTRICT)
    firm_in(session, 1, OTHER_DISTRICT, now=NOW + DAY)

    assert seen(session, actor_of(session, he)) == {1, 3}


def test_an_ended_seat_sees_nothing(session: Session) -> None:
    firms(session)
    he = person(session, "何审核")
    row = seat(session, he, Role.CITY_REVIEWER, "city")
    assert seen(session, actor_of(session, he)) == ALL

    end_seat(session, row, doer=PROGRAM, now=NOW)
    assert seen(session, actor_of(session, he)) == NONE


def test_a_delegate_sees_the_firm_until_the_delegation_ends_and_never_runs_it(session: Session) -> None:
    known, (who, agency) = firms(session), agent(session)
    entrust(session, known[2], agency)
    row = entrust(session, known[3], agency, TODAY + DAY)
    assert seen(session, actor_of(session, who)) == {2, 3}
    assert seen(session, actor_of(session, who), permission("run_firm")) == NONE

    # The other ran out at the end of its last day.
    assert seen(session, actor_of(session, who, NOW + DAY)) == {3}
    assert seen(session, actor_of(session, who, NOW + 2 * DAY)) == NONE
    revoke_delegation(session, row, known[3], doer=PROGRAM, now=NOW)
    assert seen(session, actor_of(session, who)) == {2}
    close_office(session, agency, doer=PROGRAM, now=NOW)
    assert seen(session, actor_of(session, who)) == NONE


def test_who_has_a_firm_of_his_own_beside_his_agency_runs_that_one_only(session: Session) -> None:
    known, (who, agency) = firms(session), agent(session)
    seat(session, who, Role.APPLICANT, known[1])
    entrust(session, known[2], agency)

    assert seen(session, actor_of(session, who)) == {1, 2}
    assert seen(session, actor_of(session, who), permission("run_firm")) == {1}


def test_a_firm_runs_its_own_people_invitations_and_delegations(session: Session) -> None:
    known, agency = firms(session), company(session)
    people = {number: person(session, f"经办{number}") for number in (1, 2)}
    for number, who in people.items():
        seat(session, who, Role.APPLICANT, known[number])
        invite(session, known[number], "li@example.com", doer=doer_of(who), now=NOW)
        entrust(session, known[number], agency)
    seat(session, person(session, "何审核"), Role.DISTRICT_REVIEWER)
    may = permission("run_firm")

    for number, who in people.items():
        actor = actor_of(session, who)
        for thing in (SeatRow, Invitation, Delegation):
            table: Any = thing
            rows = session.scalars(select(table).where(visible_to(actor, may, table))).all()
            assert [row.firm_id for row in rows] == [known[number].id], table.__name__


def test_claims_are_seen_by_their_district(session: Session) -> None:
    for number, district in ((7, DISTRICT), (8, OTHER_DISTRICT)):
        who = person(session, f"经办{number}")
        told = {"uscc": code(number), "firm_name": "某厂", "position": "经理"}
        ask_to_represent(session, who, **told, district=district, doer=doer_of(who), now=NOW)
    seat(session, he := person(session, "何审核"), Role.DISTRICT_REVIEWER, OTHER_DISTRICT)
    seat(session, she := person(session, "市审核"), Role.CITY_REVIEWER, "city")

    def districts(who: Person, may: Permission) -> list[str]:
        condition = visible_to(actor_of(session, who), may, Claim)
        return list(session.scalars(select(Claim.district).where(condition)))

    for may in (CLAIMS, permission("decide_claims")):
        assert (districts(he, may), districts(she, may)) == ([OTHER_DISTRICT], [])


def test_a_table_of_neither_district_nor_firm_is_a_slip(session: Session) -> None:
    seat(session, he := person(session, "何审核"), Role.DISTRICT_REVIEWER)
    with pytest.raises(KeyError):
        visible_to(actor_of(session, he), FIRMS, Person)


_SEATS = st.builds(
    Seat,
    st.integers(1, 99),
    st.sampled_from(Role),
    st.just("x"),
    office_id=st.sampled_from([None, 1, 2]),
    district=st.sampled_from([None, DISTRICT, OTHER_DISTRICT, "370202"]),
    firm_ids=st.frozensets(st.integers(1, 5), max_size=3),
    is_own=st.booleans(),
)


def by_hand(actor: Actor, may: Permission) -> set[int]:
    """Read the table once more, a firm and a seat at a time."""
    if actor.standing < may.needs or may.needs is Standing.HALF:
        return set()
    found = set()
    for number, district in PLACES.items():
        for one in actor.seats:
            reach = (may.grants or {}).get(one.role)
            is_city = reach is Reach.CITY
            is_here = reach is Reach.DISTRICT and one.district is not None and one.district == district
            is_theirs = reach is Reach.FIRM and number in one.firm_ids
            is_own = reach is Reach.OWN_FIRM and one.is_own and number in one.firm_ids
            if is_city or is_here or is_theirs or is_own:
                found.add(number)
    return found


@settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=200,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(_SEATS, max_size=4), st.sampled_from(Standing), st.sampled_from(PERMISSIONS))
def test_any_seats_see_what_a_plain_reading_says(
    session: Session, seats: list[Seat], standing: Standing, may: Permission
) -> None:
    if session.scalar(select(Firm.id).limit(1)) is None:
        firms(session)
    ids = {int(firm.uscc[10:17]): firm.id for firm in session.scalars(select(Firm))}
    # Of the five numbers drawn, the last is a firm that is not there.
    real = tuple(replace(one, firm_ids=frozenset(ids.get(number, -1) for number in one.firm_ids)) for one in seats)

    assert seen(session, Actor(1, standing=standing, seats=real), may) == by_hand(
        Actor(1, standing=standing, seats=tuple(seats)), may
    )
