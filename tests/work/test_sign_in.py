"""Sessions begin and end, and what one opens is what holds at that moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from people import NOW, PROGRAM, doer_of, firm_in, home, person, seat
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Standing
from registry.domain.passwords import PROFILES, Profile
from registry.domain.roles import Role
from registry.store.engine import writing
from registry.store.people import Person
from registry.store.persons import sign_ins_of
from registry.store.sign_ins import Factor, SignIn
from registry.store.trail import trail_page
from registry.work.open_account import disable, enable
from registry.work.seat import end_seat
from registry.work.secure_account import add_passkey, enrol_codes, set_password
from registry.work.sign_in import (
    MOST_SESSIONS,
    begin,
    digest,
    end,
    end_all,
    recognise,
    take_step,
)

SECOND = timedelta(seconds=1)
DJBH, ASVS = PROFILES["djbh"], PROFILES["asvs"]


def start(session: Session, who: Person, factor: Factor = Factor.PASSWORD, *, now: datetime = NOW) -> str:
    return begin(session, who, factor, doer=doer_of(who), agent="Firefox", hours=8, now=now)


def seen(session: Session, token: str, now: datetime = NOW, profile: Profile = DJBH) -> Actor | None:
    return recognise(session, token, now=now, profile=profile, address="10.0.0.9", request_id="r-2")


def known(session: Session, token: str, now: datetime = NOW, profile: Profile = DJBH) -> Actor:
    found = seen(session, token, now, profile)
    assert found is not None
    return found


def tags(session: Session) -> list[str]:
    return [entry.tag for entry in reversed(trail_page(session))]


def test_the_database_keeps_no_secret_of_a_session(session: Session) -> None:
    who = person(session)
    token = start(session, who)
    row = session.scalars(select(SignIn)).one()

    assert digest(token) == row.token_hash != token
    assert (who.id, "password", "10.0.0.7", "Firefox", NOW, NOW + timedelta(hours=8), None) == (
        row.person_id, row.factor, row.address, row.agent, row.began_at, row.expires_at, row.ended_at
    )  # fmt: skip
    assert who.last_signed_in_at == NOW
    told = " ".join(str(entry) for entry in trail_page(session))
    assert token not in told and row.token_hash not in told


def test_a_browser_that_calls_itself_strange_things_is_let_in_all_the_same(session: Session) -> None:
    who = person(session)
    begin(session, who, Factor.PASSWORD, doer=doer_of(who), agent="a\x00b\u202e" + "x" * 1000, hours=8, now=NOW)
    row = session.scalars(select(SignIn)).one()

    assert len(row.agent) == 300 and "\x00" not in row.agent


def test_the_oldest_of_too_many_sessions_gives_way(session: Session) -> None:
    who = person(session)
    tokens = [start(session, who, now=NOW + number * SECOND) for number in range(MOST_SESSIONS + 1)]
    later = NOW + timedelta(minutes=1)

    assert [seen(session, token, later) is not None for token in tokens] == [False] + [True] * MOST_SESSIONS
    assert len(sign_ins_of(session, who.id, later)) == MOST_SESSIONS
    assert tags(session).count("session.ended") == 1
    assert "crowded" in str(trail_page(session, tag="session.ended")[0].after)


def test_a_session_that_ran_out_makes_no_room_and_needs_none(session: Session) -> None:
    who = person(session)
    for _ in range(MOST_SESSIONS):
        start(session, who)
    start(session, who, now=NOW + timedelta(hours=8))

    assert tags(session).count("session.ended") == 0


def test_a_session_ends_exactly_when_it_expires(session: Session) -> None:
    token = start(session, person(session))
    last = NOW + timedelta(hours=8)

    assert seen(session, token, last - timedelta(microseconds=1)) is not None
    assert seen(session, token, last) is None


def test_a_session_of_no_length_is_refused(session: Session) -> None:
    who = person(session)
    with pytest.raises(IntegrityError, match="lasts_a_while"), session.begin_nested():
        begin(session, who, Factor.TOTP, doer=PROGRAM, agent="", hours=0, now=NOW)


def test_an_ended_session_opens_nothing_and_is_ended_once(session: Session) -> None:
    who = person(session)
    token, other = start(session, who), start(session, who)
    row = session.scalars(select(SignIn).where(SignIn.token_hash == digest(token))).one()
    end(session, row, reason="signed_out", doer=PROGRAM, now=NOW)
    end(session, row, reason="signed_out", doer=PROGRAM, now=NOW + SECOND)

    assert seen(session, token) is None and seen(session, other) is not None
    assert row.ended_at == NOW
    assert tags(session).count("session.signed_out") == 1


def test_all_sessions_but_one_end(session: Session) -> None:
    who, another = person(session), person(session, "王经办")
    tokens = [start(session, who) for _ in range(3)]
    strangers = start(session, another)
    kept = known(session, tokens[1]).sign_in_id

    assert end_all(session, who.id, reason="password", doer=PROGRAM, now=NOW, but=kept) == 2
    assert [seen(session, token) is not None for token in tokens] == [False, True, False]
    assert seen(session, strangers) is not None
    assert end_all(session, who.id, reason="password", doer=PROGRAM, now=NOW) == 1


@pytest.mark.parametrize("token", ["", "x", "' OR 1=1 --", digest("x")])
def test_a_number_that_was_never_given_opens_nothing(session: Session, token: str) -> None:
    start(session, person(session))

    assert seen(session, token) is None


def test_the_hash_that_the_database_holds_opens_nothing(session: Session) -> None:
    start(session, person(session))

    assert seen(session, session.scalars(select(SignIn.token_hash)).one()) is None


def test_a_disabled_person_has_no_session_and_gets_none_back(session: Session) -> None:
    who = person(session)
    token = start(session, who)
    disable(session, who, doer=PROGRAM, now=NOW)
    assert seen(session, token) is None

    enable(session, who, doer=PROGRAM, now=NOW)
    assert seen(session, token) is None


def test_a_session_of_a_disabled_person_opens_nothing_though_none_ended_it(session: Session) -> None:
    who = person(session)
    token = start(session, who)
    who.active = False

    assert seen(session, token) is None


def test_an_actor_has_the_seats_of_this_very_request(session: Session) -> None:
    who = person(session)
    token = start(session, who)
    assert known(session, token).seats == ()

    sits = seat(session, who, Role.APPLICANT, firm_in(session))
    actor = known(session, token)
    assert (who.id, who.name, who.email, Standing.FULL) == (actor.person_id, actor.name, actor.email, actor.standing)
    assert [sits.id] == [one.id for one in actor.seats]
    assert (actor.address, actor.request_id) == ("10.0.0.9", "r-2")

    end_seat(session, sits, doer=PROGRAM, now=NOW)
    assert known(session, token).seats == ()


def test_staff_without_a_second_factor_are_bound_until_they_enrol_one(session: Session) -> None:
    who = person(session)
    token = start(session, who)
    assert Standing.FULL is known(session, token).standing

    seat(session, who, Role.STATISTICIAN, "city")
    actor = known(session, token)
    assert (actor.standing, actor.duties) == (Standing.BOUND, ("factor",))

    enrol_codes(session, who, "encrypted", 5, doer=PROGRAM, now=NOW, but=actor.sign_in_id)
    assert (known(session, token).standing, known(session, token).duties) == (Standing.FULL, ())


def test_a_passkey_settles_the_duty_too(session: Session) -> None:
    who = person(session)
    seat(session, who, Role.AUDIT_ADMIN, "city")
    actor = known(session, token := start(session, who, Factor.OIDC))
    assert actor.duties == ("factor",)

    add_passkey(session, who, name="手机", credential_id=b"1", public_key=b"k", sign_count=0, doer=PROGRAM, now=NOW,
                but=actor.sign_in_id)  # fmt: skip
    assert known(session, token).duties == ()


@pytest.mark.parametrize("factor", [Factor.TOTP, Factor.PASSKEY, Factor.RECOVERY])
def test_who_showed_a_whole_factor_owes_none(session: Session, factor: Factor) -> None:
    who = person(session)
    seat(session, who, Role.CITY_REVIEWER, "city")

    assert known(session, start(session, who, factor)).duties == ()


@pytest.mark.parametrize(("is_staff", "days"), [(True, 90), (False, 180)])
def test_a_password_must_be_changed_from_its_last_moment_on(session: Session, is_staff: bool, days: int) -> None:
    who = person(session)
    if is_staff:
        seat(session, who, Role.CITY_REVIEWER, "city")
    set_password(session, who, "$argon2id$x", doer=PROGRAM, now=NOW)
    line = NOW + timedelta(days=days)
    token = start(session, who, Factor.TOTP, now=line - timedelta(hours=1))

    assert known(session, token, line - timedelta(microseconds=1)).duties == ()
    aged = known(session, token, line)
    assert (aged.standing, aged.duties) == (Standing.BOUND, ("password",))
    assert known(session, token, line, ASVS).duties == ()


def test_both_duties_are_owed_at_once_and_a_link_of_the_demo_city_owes_none(session: Session) -> None:
    who = person(session)
    seat(session, who, Role.CITY_REVIEWER, "city")
    set_password(session, who, "$argon2id$x", doer=PROGRAM, now=NOW)
    later = NOW + timedelta(days=400)

    assert known(session, start(session, who, now=later), later).duties == ("password", "factor")
    assert Standing.FULL is known(session, start(session, who, Factor.LINK, now=later), later).standing


def test_a_code_is_taken_once_and_none_before_it_any_more(session: Session) -> None:
    who = person(session)
    told = [take_step(session, who.id, counter) for counter in (100, 100, 99, 101, 100, 101)]

    assert told == [True, False, False, True, False, False]
    assert not take_step(session, who.id + 1000, 100)


def test_an_authenticator_that_is_enrolled_has_used_up_its_first_code(session: Session) -> None:
    who = person(session)
    enrol_codes(session, who, "encrypted", 100, doer=PROGRAM, now=NOW)
    session.flush()

    assert not take_step(session, who.id, 100)
    assert take_step(session, who.id, 101)


def test_of_two_requests_with_one_code_only_one_gets_in(own_url: str) -> None:
    with home(own_url) as engine:
        with writing(engine) as session:
            who = person(session).id
        ready = Barrier(4)

        def enter(_number: int) -> bool:
            ready.wait()
            with writing(engine) as session:
                return take_step(session, who, 100)

        with ThreadPoolExecutor(4) as pool:
            told = list(pool.map(enter, range(4)))

    assert told.count(True) == 1
