"""Tries in vain are counted at each door, and lock it on the line itself."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

from people import NOW, PROGRAM, doer_of, home, person
from sqlalchemy.orm import Session

from registry.domain.lockout import ADDRESS_LIMIT, LIMIT, LOCK, WINDOW
from registry.domain.trail import Tag
from registry.store.engine import writing
from registry.store.people import Person
from registry.store.sign_ins import Factor, FailedTries
from registry.store.trail import trail_page
from registry.work.sign_in import Door, begin, forgive, locked_until, note_failure

SECOND = timedelta(seconds=1)
ACCOUNT, ADDRESS = Door.account("ling@example.com"), Door.address("10.0.0.7")


def fail(session: Session, *doors: Door, now: datetime = NOW) -> datetime | None:
    return note_failure(session, doors, tag=Tag.SESSION_REFUSED, subject="person:1", doer=PROGRAM, now=now)


def start(session: Session, who: Person, factor: Factor = Factor.PASSWORD) -> str:
    return begin(session, who, factor, doer=doer_of(who), agent="Firefox", hours=8, now=NOW)


def test_the_fifth_failure_locks_at_once_and_the_lock_opens_at_its_end(session: Session) -> None:
    told = [fail(session, ACCOUNT, now=NOW + number * SECOND) for number in range(LIMIT)]
    until = NOW + (LIMIT - 1) * SECOND + LOCK

    assert [*[None] * (LIMIT - 1), until] == told
    assert until == locked_until(session, [ACCOUNT], until - timedelta(microseconds=1))
    assert locked_until(session, [ACCOUNT], until) is None
    assert [entry.tag for entry in trail_page(session)] == ["session.locked"] + ["session.refused"] * (LIMIT - 1)


def test_knocking_on_a_locked_door_counts_nothing_and_lengthens_nothing(session: Session) -> None:
    for _ in range(LIMIT):
        fail(session, ACCOUNT, ADDRESS)
    until = fail(session, ACCOUNT, ADDRESS, now=NOW + LOCK / 2)

    assert until == NOW + LOCK
    assert session.get_one(FailedTries, ADDRESS.key).count == LIMIT
    assert trail_page(session, limit=1)[0].after == '{"locked":true}'
    assert fail(session, ACCOUNT, now=NOW + LOCK) is None
    assert session.get_one(FailedTries, ACCOUNT.key).count == 1


def test_the_window_stands_still(session: Session) -> None:
    for _ in range(LIMIT - 1):
        fail(session, ACCOUNT)

    assert fail(session, ACCOUNT, now=NOW + WINDOW + SECOND) is None
    other = Door.account("other@example.com")
    for _ in range(LIMIT - 1):
        fail(session, other)
    assert fail(session, other, now=NOW + WINDOW) is not None


def test_an_address_is_locked_later_and_for_every_account_behind_it(session: Session) -> None:
    for number in range(ADDRESS_LIMIT):
        told = fail(session, Door.account(f"p{number}@example.com"), ADDRESS)
        assert (number == ADDRESS_LIMIT - 1) == (told is not None)

    assert locked_until(session, [Door.account("new@example.com"), ADDRESS], NOW) == NOW + LOCK
    assert locked_until(session, [Door.account("new@example.com"), Door.address("10.0.0.8")], NOW) is None


def test_doors_of_different_kinds_are_never_the_same_and_hide_whose_they_are() -> None:
    doors = {Door.account("1").key, Door.address("1").key, Door.codes(1).key}

    assert len(doors) == 3 and {64} == {len(key) for key in doors}


def test_who_comes_in_is_forgiven_and_his_address_is_not(session: Session) -> None:
    who = person(session, email="ling@example.com")
    codes = Door.codes(who.id)
    for _ in range(LIMIT - 1):
        fail(session, ACCOUNT, ADDRESS, codes)
    start(session, who)

    assert session.get(FailedTries, ACCOUNT.key) is None
    assert session.get_one(FailedTries, ADDRESS.key).count == LIMIT - 1
    # A password alone says nothing of the codes; a code that was right does.
    assert session.get(FailedTries, codes.key) is not None
    start(session, who, Factor.TOTP)
    assert session.get(FailedTries, codes.key) is None
    forgive(session, codes)


def test_failures_at_the_same_time_are_all_counted(own_url: str) -> None:
    with home(own_url) as engine:
        ready = Barrier(LIMIT)

        def knock(_number: int) -> datetime | None:
            ready.wait()
            with writing(engine) as session:
                return fail(session, ACCOUNT)

        with ThreadPoolExecutor(LIMIT) as pool:
            told = list(pool.map(knock, range(LIMIT)))

    assert [one for one in told if one] == [NOW + LOCK]
