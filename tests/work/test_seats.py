"""Who may be seated where, and that a seat that ended, or whose office closed, gives nothing at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import permutations
from threading import Barrier
from typing import Any

import pytest
from make import code
from people import NOW, PROGRAM, actor_of, company, doer_of, firm_in, home, office, person, place_for, seat
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.domain.codes import DISTRICTS
from registry.domain.errors import MoveNotAllowed, NotFound, Refused
from registry.domain.roles import ADMINISTRATORS, DEPARTMENT_WORDS, EXCLUDED, OFFICE_WORDS, SEATED_IN, OfficeKind, Role
from registry.store.engine import writing
from registry.store.offices import OfficeRow, SeatRow
from registry.store.people import Person
from registry.store.persons import seats_of
from registry.store.sign_ins import Purpose
from registry.store.trail import trail_page
from registry.work.join_firm import delegate
from registry.work.open_account import disable, enable, make_link, use_link
from registry.work.seat import close_office, end_seat, grant, office_at, office_of, open_office, seats_held
from registry.work.secure_account import set_password

BY_PROGRAM: dict[str, Any] = {"doer": PROGRAM, "now": NOW}
STAFF_ROLES = [role for role in Role if role is not Role.APPLICANT]
ORDERED = [pair for pair in permutations(Role, 2) if frozenset(pair) in EXCLUDED]


def offices_of_every_kind(session: Session) -> list[OfficeRow]:
    made = [company(session, OfficeKind.AUDITOR, 801), company(session, OfficeKind.INTERMEDIARY, 802)]
    return [office(session, "city"), office(session, "370202"), office(session, "tax"), *made]


def test_the_offices_of_the_city_are_there(session: Session) -> None:
    found = list(session.scalars(select(OfficeRow)))

    assert {one.district for one in found} - {None} == set(DISTRICTS)
    assert {one.department for one in found} - {None} == set(DEPARTMENT_WORDS)
    assert {one.kind for one in found} == {OfficeKind.CITY, OfficeKind.DISTRICT, OfficeKind.DEPARTMENT}


@pytest.mark.parametrize(("held", "wanted"), ORDERED)
def test_excluded_seats_are_refused_both_ways_round(session: Session, held: Role, wanted: Role) -> None:
    who = person(session)
    seat(session, who, held, place_for(session, held))
    with pytest.raises(Refused, match="role"):
        seat(session, who, wanted, place_for(session, wanted))

    assert [one.role for one in seats_held(session, who.id)] == [held]


def test_excluded_seats_may_follow_each_other(session: Session) -> None:
    who = person(session)
    first = seat(session, who, Role.SYSTEM_ADMIN, "city")
    seat(session, person(session, "接任者"), Role.SYSTEM_ADMIN, "city")
    end_seat(session, first, doer=PROGRAM, now=NOW)
    second = seat(session, who, Role.AUDIT_ADMIN, "city")

    assert [one.id for one in seats_of(session, who.id, NOW.date())] == [second.id]


def test_a_seat_at_a_closed_office_still_excludes(session: Session) -> None:
    who, agency = person(session), company(session)
    seat(session, who, Role.APPLICANT, agency)
    close_office(session, agency, doer=PROGRAM, now=NOW)

    with pytest.raises(Refused, match="role"):
        seat(session, who, Role.CITY_REVIEWER, "city")


def test_the_same_role_may_be_held_at_several_places_but_no_seat_twice(session: Session) -> None:
    who = person(session)
    for place in ("370202", "370203"):
        seat(session, who, Role.DISTRICT_REVIEWER, place)
    seat(session, other := person(session, "王经办"), Role.APPLICANT, firm := firm_in(session))
    with pytest.raises(MoveNotAllowed, match="held already"):
        seat(session, who, Role.DISTRICT_REVIEWER, "370203")
    with pytest.raises(MoveNotAllowed, match="held already"):
        seat(session, other, Role.APPLICANT, firm)

    assert [one.district for one in actor_of(session, who).seats] == ["370202", "370203"]


@pytest.mark.parametrize("role", Role)
def test_every_role_sits_in_its_kind_of_office_only(session: Session, role: Role) -> None:
    for number, place in enumerate(offices_of_every_kind(session)):
        who = person(session, f"人员{number}")
        if place.kind == SEATED_IN[role]:
            assert seat(session, who, role, place).office_id == place.id
            continue
        with pytest.raises(Refused, match="office"):
            seat(session, who, role, place)


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_only_an_applicant_sits_at_a_firm(session: Session, role: Role) -> None:
    with pytest.raises(Refused, match="office"):
        grant(session, person(session), role, firm=firm_in(session), doer=PROGRAM, now=NOW)


def test_a_seat_is_at_one_place(session: Session) -> None:
    who = person(session)
    with pytest.raises(Refused, match="office"):
        grant(session, who, Role.APPLICANT, doer=PROGRAM, now=NOW)
    with pytest.raises(Refused, match="office"):
        grant(session, who, Role.APPLICANT, office=company(session), firm=firm_in(session), doer=PROGRAM, now=NOW)

    assert seats_held(session, who.id) == []


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_nobody_grants_himself_a_seat(session: Session, role: Role) -> None:
    who, place = person(session), place_for(session, role)
    assert isinstance(place, str | OfficeRow)
    where = office(session, place) if isinstance(place, str) else place
    with pytest.raises(MoveNotAllowed, match="himself"):
        grant(session, who, role, office=where, doer=doer_of(who), now=NOW)


def test_an_administrator_cannot_make_himself_an_applicant_either(session: Session) -> None:
    who = person(session)
    seat(session, who, Role.SECURITY_ADMIN, "city")
    with pytest.raises(Refused, match="role"):
        grant(session, who, Role.APPLICANT, office=company(session), doer=doer_of(who), now=NOW)


def test_an_ended_seat_gives_nothing_and_stays_on_record(session: Session) -> None:
    who, chief = person(session), person(session, "安全管理员")
    row = seat(session, who, Role.DISTRICT_REVIEWER)
    end_seat(session, row, doer=doer_of(chief), now=NOW + timedelta(hours=1))

    assert actor_of(session, who).seats == ()
    assert (row.ended_at, row.ended_by) == (NOW + timedelta(hours=1), "安全管理员")
    with pytest.raises(MoveNotAllowed, match="2025-11-25"):
        end_seat(session, row, doer=PROGRAM, now=NOW)
    assert [entry.tag for entry in trail_page(session, tag="seat")] == ["seat.ended", "seat.granted"]


def test_a_seat_can_be_ended_though_the_clock_went_back(session: Session) -> None:
    row = seat(session, person(session), Role.DISTRICT_REVIEWER)
    end_seat(session, row, doer=PROGRAM, now=NOW - timedelta(minutes=5))

    assert row.ended_at == NOW


def test_a_seat_says_where_it_is(session: Session) -> None:
    who, firm = person(session), firm_in(session)
    seat(session, who, Role.APPLICANT, firm)
    official = person(session, "何审核")
    for role, place in ((Role.DISTRICT_REVIEWER, "370202"), (Role.DEPARTMENT_OFFICER, "tax")):
        seat(session, official, role, place)

    (own,) = actor_of(session, who).seats
    assert (str(own), own.firm_ids, own.is_own) == (f"applicant@{code(1)}", frozenset({firm.id}), True)
    assert [str(one) for one in actor_of(session, official).seats] == ["district_reviewer@370202",
                                                                        "department_officer@tax"]  # fmt: skip
    assert {one.firm_ids for one in actor_of(session, official).seats} == {frozenset()}


def test_the_seats_of_a_closed_office_give_nothing(session: Session) -> None:
    who, agency = person(session), company(session)
    seat(session, who, Role.APPLICANT, agency)
    close_office(session, agency, doer=PROGRAM, now=NOW)

    assert actor_of(session, who).seats == ()
    with pytest.raises(MoveNotAllowed, match="closed"):
        seat(session, person(session, "王经办"), Role.APPLICANT, agency)
    with pytest.raises(MoveNotAllowed, match="closed"):
        close_office(session, agency, doer=PROGRAM, now=NOW)


@pytest.mark.parametrize("place", ["city", "370202", "tax"])
def test_what_belongs_to_the_city_is_never_closed(session: Session, place: str) -> None:
    with pytest.raises(MoveNotAllowed):
        close_office(session, office(session, place), doer=PROGRAM, now=NOW)


def test_only_companies_are_opened_and_each_once(session: Session) -> None:
    for kind in set(OFFICE_WORDS) - {OfficeKind.AUDITOR, OfficeKind.INTERMEDIARY}:
        with pytest.raises(Refused, match="kind"):
            open_office(session, kind, "某局", uscc=code(5), doer=PROGRAM, now=NOW)
    company(session, number=5)
    with pytest.raises(Refused, match="uscc"):
        company(session, OfficeKind.AUDITOR, number=5)
    with pytest.raises(Refused, match="uscc"):
        open_office(session, OfficeKind.AUDITOR, "某所", uscc=code(6)[:-1] + "!", doer=PROGRAM, now=NOW)
    with pytest.raises(Refused, match="name"):
        open_office(session, OfficeKind.AUDITOR, "\x00", uscc=code(6), doer=PROGRAM, now=NOW)

    assert office_of(session, office(session, "tax").id).department == "tax"
    with pytest.raises(NotFound):
        office_of(session, 10_000)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"role": "king"}, "role_is_known"),
        ({"firm_id": 1}, r"at_an_office_or_a_firm|only_applicants_sit_at_firms"),
        ({"office_id": None}, "at_an_office_or_a_firm"),
        ({"ended_at": NOW - timedelta(days=1)}, "ended_after_it_was_granted"),
    ],
)
def test_the_database_refuses_what_is_no_seat(session: Session, change: dict[str, object], rule: str) -> None:
    row = seat(session, person(session), Role.DISTRICT_REVIEWER)
    firm_in(session)
    with pytest.raises(IntegrityError, match=rule), session.begin_nested():
        session.execute(SeatRow.__table__.update().where(SeatRow.id == row.id).values(**change))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "roles",
    [(Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN), (Role.CITY_REVIEWER, Role.SECURITY_ADMIN), (Role.STATISTICIAN,) * 2],
)
def test_of_two_excluded_seats_granted_at_once_one_holds(own_url: str, roles: tuple[Role, Role]) -> None:
    with home(own_url) as engine:
        with writing(engine) as session:
            number = person(session).id
        ready = Barrier(2)

        def seated(role: Role) -> bool:
            ready.wait()
            try:
                with writing(engine) as session:
                    seat(session, session.get_one(Person, number), role, "city")
            except (Refused, MoveNotAllowed):
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            told = list(pool.map(seated, roles))
        with Session(engine) as session:
            held = session.scalar(select(func.count()).where(SeatRow.person_id == number, SeatRow.ended_at.is_(None)))

    assert (sorted(told), held) == ([False, True], 1)


def test_who_registered_by_himself_gets_no_seat_of_staff_before_he_proved_his_address(session: Session) -> None:
    who = person(session)
    set_password(session, who, "$argon2id$1", doer=PROGRAM, now=NOW)
    office = office_at(session, "370285")
    with pytest.raises(MoveNotAllowed, match="not proved"):
        grant(session, who, Role.DISTRICT_REVIEWER, office=office, doer=PROGRAM, now=NOW)
    token = make_link(session, who, Purpose.RESET, doer=PROGRAM, now=NOW)
    use_link(session, token, doer=PROGRAM, now=NOW)

    assert grant(session, who, Role.DISTRICT_REVIEWER, office=office, doer=PROGRAM, now=NOW).ended_at is None


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
def test_the_last_administrator_of_a_kind_is_neither_unseated_nor_disabled(session: Session, role: Role) -> None:
    who, other = person(session), person(session, "接任者")
    held = seat(session, who, role, "city")
    for deed in (lambda: end_seat(session, held, doer=PROGRAM, now=NOW), lambda: disable(session, who, **BY_PROGRAM)):
        with pytest.raises(MoveNotAllowed, match="seat another first"):
            deed()
    seat(session, other, role, "city")
    disable(session, other, **BY_PROGRAM)
    # One whose account is closed administers nothing.
    with pytest.raises(MoveNotAllowed, match="seat another first"):
        end_seat(session, held, doer=PROGRAM, now=NOW)
    enable(session, other, **BY_PROGRAM)
    end_seat(session, held, doer=PROGRAM, now=NOW)

    assert seats_of(session, who.id, NOW.date()) == ()


def test_nobody_is_seated_while_his_account_is_closed(session: Session) -> None:
    who = person(session)
    disable(session, who, **BY_PROGRAM)

    with pytest.raises(MoveNotAllowed, match="disabled"):
        seat(session, who, Role.CITY_REVIEWER, "city")


def test_what_firms_entrusted_to_an_intermediary_ends_with_it(session: Session) -> None:
    agency, firm = company(session), firm_in(session, 1, "370285")
    entrusted = delegate(session, firm, agency, NOW.date(), doer=PROGRAM, now=NOW)
    close_office(session, agency, doer=PROGRAM, now=NOW)
    session.refresh(entrusted)

    assert (entrusted.revoked_at, entrusted.revoked_by) == (NOW, PROGRAM.signature)
