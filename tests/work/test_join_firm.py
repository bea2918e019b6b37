"""A firm's own people: who is invited and joins, who leaves, and what an intermediary may do for how long."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from make import code
from people import NOW, PROGRAM, actor_of, company, doer_of, firm_in, home, person, seat
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.domain.errors import MoveNotAllowed, NotFound, Refused
from registry.domain.roles import OfficeKind, Role
from registry.store.claims import Invitation
from registry.store.engine import writing
from registry.store.firms import Firm
from registry.store.offices import Delegation, OfficeRow, SeatRow
from registry.store.people import Person
from registry.store.persons import seats_of
from registry.store.trail import trail_page
from registry.work.join_firm import (
    INVITATION_DAYS,
    accept,
    delegate,
    invitation_by,
    invite,
    leave,
    revoke_delegation,
    revoke_invitation,
)
from registry.work.open_account import disable
from registry.work.seat import end_seat
from registry.work.sign_in import digest

TODAY = NOW.date()
DAY = timedelta(days=1)
EMAIL = "wang@example.com"


def sent(session: Session, firm: Firm, email: str = EMAIL, *, later: timedelta = timedelta()) -> str:
    return invite(session, firm, email, doer=PROGRAM, now=NOW + later)[1]


def taken(session: Session, token: str, who: Person, *, later: timedelta = timedelta()) -> Firm:
    return accept(session, token, who, doer=doer_of(who), now=NOW + later)


def agent(session: Session) -> tuple[Person, OfficeRow]:
    who, agency = person(session, "代办员"), company(session)
    seat(session, who, Role.APPLICANT, agency)
    return who, agency


def entrust(
    session: Session, firm: Firm, agency: OfficeRow, until: date = TODAY, *, on: timedelta = timedelta()
) -> Delegation:
    return delegate(session, firm, agency, until, doer=PROGRAM, now=NOW + on)


def acts_for(session: Session, who: Person, on: date = TODAY) -> set[int]:
    return {firm for one in seats_of(session, who.id, on) for firm in one.firm_ids}


def test_whoever_was_invited_joins_once(session: Session) -> None:
    firm, who = firm_in(session), person(session, "王经办", email=EMAIL)
    token = sent(session, firm, " Wang@Example.com ")
    assert taken(session, token, who) is firm

    (sits,) = actor_of(session, who).seats
    assert (sits.role, sits.is_own, sits.firm_ids) == (Role.APPLICANT, True, frozenset({firm.id}))
    with pytest.raises(NotFound):
        taken(session, token, who)
    told = [entry.tag for entry in trail_page(session, subject=f"firm:{firm.uscc}")]
    assert told == ["invitation.accepted", "invitation.made"]
    assert token not in str(trail_page(session))
    assert session.scalars(select(Invitation.token_hash)).all() == [digest(token)]


def test_an_invitation_is_no_use_to_another(session: Session) -> None:
    firm, other = firm_in(session), person(session, "别人")
    token = sent(session, firm)
    with pytest.raises(NotFound):
        taken(session, token, other)

    assert actor_of(session, other).seats == ()
    assert invitation_by(session, token, NOW) is not None


@pytest.mark.parametrize("token", ["", "never made", digest("x")])
def test_an_invitation_that_never_was_is_none(session: Session, token: str) -> None:
    sent(session, firm_in(session))
    with pytest.raises(NotFound):
        taken(session, token, person(session, email=EMAIL))


def test_an_invitation_is_good_until_its_line(session: Session) -> None:
    who, token = person(session, email=EMAIL), sent(session, firm_in(session))
    line = timedelta(days=INVITATION_DAYS)
    with pytest.raises(NotFound):
        taken(session, token, who, later=line)

    assert taken(session, token, who, later=line - timedelta(microseconds=1))


def test_an_invitation_that_was_taken_back_is_good_for_nothing(session: Session) -> None:
    firm, who = firm_in(session), person(session, email=EMAIL)
    row, token = invite(session, firm, EMAIL, doer=PROGRAM, now=NOW)
    revoke_invitation(session, row, doer=PROGRAM, now=NOW)
    with pytest.raises(NotFound):
        taken(session, token, who)
    with pytest.raises(MoveNotAllowed):
        revoke_invitation(session, row, doer=PROGRAM, now=NOW)

    row, token = invite(session, firm, EMAIL, doer=PROGRAM, now=NOW)
    taken(session, token, who)
    with pytest.raises(MoveNotAllowed):
        revoke_invitation(session, row, doer=PROGRAM, now=NOW)
    with pytest.raises(IntegrityError, match="accepted_or_revoked"), session.begin_nested():
        row.revoked_at = NOW
        session.flush()


def test_a_newer_invitation_supersedes_that_of_the_same_address_and_firm_only(session: Session) -> None:
    firm, other = firm_in(session), firm_in(session, 2)
    old, kept = sent(session, firm), [sent(session, other), sent(session, firm, "li@example.com")]
    new = sent(session, firm)

    assert invitation_by(session, old, NOW) is None
    assert None not in [invitation_by(session, token, NOW) for token in (*kept, new)]


def test_who_acts_for_the_firm_already_is_not_invited_and_takes_no_second_seat(session: Session) -> None:
    firm, who = firm_in(session), person(session, email=EMAIL)
    token = sent(session, firm)
    sits = seat(session, who, Role.APPLICANT, firm)
    with pytest.raises(MoveNotAllowed, match="already"):
        sent(session, firm)
    with pytest.raises(MoveNotAllowed, match="already"), session.begin_nested():
        taken(session, token, who)

    end_seat(session, sits, doer=PROGRAM, now=NOW)
    assert taken(session, token, who) is firm


def test_an_official_does_not_join_a_firm(session: Session) -> None:
    who, firm = person(session, email=EMAIL), firm_in(session)
    seat(session, who, Role.DISTRICT_REVIEWER)
    with pytest.raises(Refused, match="role"), session.begin_nested():
        taken(session, sent(session, firm), who)

    assert [one.role for one in actor_of(session, who).seats] == [Role.DISTRICT_REVIEWER]


@pytest.mark.parametrize("address", ["", "wang", "wang@example.com, li@example.com", "王@example.com", "a\x00@b.cn"])
def test_only_an_address_is_invited(session: Session, address: str) -> None:
    with pytest.raises(Refused, match="email"):
        sent(session, firm_in(session), address)


def test_the_last_one_stays_until_another_is_there(session: Session) -> None:
    firm, who, other = firm_in(session), person(session), person(session, "王经办")
    mine = seat(session, who, Role.APPLICANT, firm)
    seat(session, person(session, "外人"), Role.APPLICANT, firm_in(session, 2))
    with pytest.raises(MoveNotAllowed, match="last one"):
        leave(session, mine, doer=doer_of(who), now=NOW)

    theirs = seat(session, other, Role.APPLICANT, firm)
    leave(session, mine, doer=doer_of(who), now=NOW)
    assert acts_for(session, who) == set()
    for gone in (mine, theirs):
        with pytest.raises(MoveNotAllowed):
            leave(session, gone, doer=PROGRAM, now=NOW)
    assert acts_for(session, other) == {firm.id}


def test_one_whose_account_is_closed_does_not_count_as_another(session: Session) -> None:
    firm, who, other = firm_in(session), person(session), person(session, "王经办")
    mine = seat(session, who, Role.APPLICANT, firm)
    seat(session, other, Role.APPLICANT, firm)
    disable(session, other, doer=PROGRAM, now=NOW)

    with pytest.raises(MoveNotAllowed, match="last one"):
        leave(session, mine, doer=doer_of(who), now=NOW)


def test_a_seat_at_an_office_is_not_left_by_this_door(session: Session) -> None:
    row = seat(session, person(session), Role.DISTRICT_REVIEWER)
    seat(session, person(session, "王审核"), Role.DISTRICT_REVIEWER)
    with pytest.raises(MoveNotAllowed, match="security administrator"):
        leave(session, row, doer=PROGRAM, now=NOW)

    assert row.ended_at is None


def test_a_delegation_holds_to_its_last_day_and_lets_act_only(session: Session) -> None:
    (who, agency), firm = agent(session), firm_in(session)
    assert acts_for(session, who) == set()

    entrust(session, firm, agency, TODAY + DAY)
    assert [acts_for(session, who, TODAY + days * DAY) for days in range(3)] == [{firm.id}, {firm.id}, set()]
    (sits,) = actor_of(session, who).seats
    assert (sits.is_own, sits.office_id, sits.office_name) == (False, agency.id, agency.name)


def test_a_delegation_that_was_taken_back_gives_nothing_at_the_next_look(session: Session) -> None:
    (who, agency), firm, other = agent(session), firm_in(session), firm_in(session, 2)
    row = entrust(session, firm, agency)
    entrust(session, other, agency)
    revoke_delegation(session, row, firm, doer=PROGRAM, now=NOW)

    assert acts_for(session, who) == {other.id}
    with pytest.raises(MoveNotAllowed):
        revoke_delegation(session, row, firm, doer=PROGRAM, now=NOW)
    with pytest.raises(IntegrityError, match="revoked_by_somebody"), session.begin_nested():
        row.revoked_by = None
        session.flush()


def test_a_delegation_is_to_one_intermediary_and_one_firm(session: Session) -> None:
    (who, agency), firm, other = agent(session), firm_in(session), firm_in(session, 2)
    elsewhere = company(session, number=902)
    seat(session, stranger := person(session, "外人"), Role.APPLICANT, elsewhere)
    entrust(session, firm, agency)
    entrust(session, other, elsewhere)

    assert (acts_for(session, who), acts_for(session, stranger)) == ({firm.id}, {other.id})
    # Whoever sits in both acts for both, each from its own seat.
    seat(session, who, Role.APPLICANT, elsewhere)
    assert [one.firm_ids for one in actor_of(session, who).seats] == [{firm.id}, {other.id}]


@pytest.mark.parametrize(("until", "is_good"), [(-DAY, False), (0 * DAY, True), (365 * DAY, True), (366 * DAY, False)])
def test_a_delegation_runs_from_today_to_a_year(session: Session, until: timedelta, is_good: bool) -> None:
    firm, agency = firm_in(session), company(session)
    if is_good:
        assert entrust(session, firm, agency, TODAY + until).until == TODAY + until
        return
    with pytest.raises(Refused, match="until"):
        entrust(session, firm, agency, TODAY + until)


def test_a_delegation_that_holds_is_not_given_twice_and_one_that_ran_out_is_renewed(session: Session) -> None:
    (who, agency), firm = agent(session), firm_in(session)
    first = entrust(session, firm, agency)
    with pytest.raises(MoveNotAllowed, match="holds"):
        entrust(session, firm, agency, TODAY + DAY)

    entrust(session, firm, agency, TODAY + 9 * DAY, on=DAY)
    assert (first.revoked_at, first.revoked_by) == (NOW + DAY, "到期 (ran out)")
    assert acts_for(session, who, TODAY + DAY) == {firm.id}


def test_one_that_was_taken_back_may_be_given_again(session: Session) -> None:
    (who, agency), firm = agent(session), firm_in(session)
    revoke_delegation(session, entrust(session, firm, agency), firm, doer=PROGRAM, now=NOW)
    entrust(session, firm, agency)

    assert acts_for(session, who) == {firm.id}


def test_only_an_intermediary_that_is_open_is_entrusted(session: Session) -> None:
    firm = firm_in(session)
    closed = company(session)
    closed.closed_at = NOW
    for office in (closed, company(session, OfficeKind.AUDITOR, 901)):
        with pytest.raises(Refused, match="office"):
            entrust(session, firm, office)


def race(url: str, deed: Callable[[Session, int], object]) -> list[bool]:
    """Do a deed twice at once in a database with two people at firm 1; say which of them came through."""
    with home(url) as engine:
        with writing(engine) as session:
            firm = firm_in(session)
            for name in ("凌经办", "王经办"):
                seat(session, person(session, name), Role.APPLICANT, firm)
        ready = Barrier(2)

        def once(place: int) -> bool:
            ready.wait()
            try:
                with writing(engine) as session:
                    deed(session, place)
            except (MoveNotAllowed, NotFound):
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            return sorted(pool.map(once, range(2)))


def test_of_two_who_leave_at_once_one_stays(own_url: str) -> None:
    def go(session: Session, place: int) -> None:
        rows = session.scalars(select(SeatRow).order_by(SeatRow.id)).all()
        leave(session, rows[place], doer=PROGRAM, now=NOW)
        assert session.scalar(select(func.count()).where(SeatRow.ended_at.is_(None))) == 1

    assert race(own_url, go) == [False, True]


def test_an_agency_is_entrusted_once_though_two_ask_at_once(own_url: str) -> None:
    def give(session: Session, _place: int) -> None:
        firm = session.scalars(select(Firm).where(Firm.uscc == code(1))).one()
        agency = session.scalar(select(OfficeRow).where(OfficeRow.uscc == code(900))) or company(session)
        entrust(session, firm, agency)

    assert race(own_url, give) == [False, True]
