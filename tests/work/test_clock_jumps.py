"""The wall clock jumps – an hour either way, a day back: nothing is done twice, nothing waits until it comes round."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from casework import SHANGHAI, open_hall, window
from make import code, title
from people import NOW, home
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from registry.domain.errors import MoveNotAllowed
from registry.domain.trail import Doer, Tag
from registry.policy.procedures import procedures
from registry.store.engine import writing
from registry.store.jobs import Job
from registry.store.ledger import Filing, LedgerEntry
from registry.store.trail import TRAIL
from registry.work.audit import verify
from registry.work.case_bars import procedure_of
from registry.work.file_books import file_titles
from registry.work.keep_trail import verify_trail
from registry.work.queue_job import queue
from registry.work.run_jobs import LEASE, Effect, Result, Running, run_next
from registry.work.seal import Keys, new_key_text
from registry.work.send_letters import send_waiting
from registry.work.trace import record
from registry.work.write_letter import write_letter

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
JUMPS = [HOUR, -HOUR, -DAY]
DOER = Doer.program("test")


@pytest.fixture
def engine(own_url: str) -> Iterator[Engine]:
    with home(own_url) as made:
        yield made


def queued(engine: Engine, now: datetime = NOW) -> int:
    with writing(engine) as session:
        return queue(session, "count", {}, now=now).id


def job(engine: Engine, number: int) -> Job:
    with Session(engine) as session:
        return session.get_one(Job, number)


def effects(engine: Engine, number: int) -> int:
    done = (
        select(func.count()).select_from(TRAIL).where(TRAIL.c.tag == Tag.JOB_DONE, TRAIL.c.subject == f"job:{number}")
    )
    with Session(engine) as session:
        return session.scalar(done) or 0


def run(engine: Engine, at: datetime, worker: str = "other", handler: Any = None) -> bool:
    handler = handler or (lambda running: lambda session: Result({}))
    return run_next(engine, {"count": handler}, worker=worker, clock=lambda: at)


def test_a_job_is_done_once_though_the_clock_jumps_under_it(engine: Engine) -> None:
    for jump in JUMPS:
        number = queued(engine)

        def interrupted(_running: Running, at: datetime = NOW + jump) -> Effect:
            # The clock jumped, and another worker looks for work.
            run(engine, at)
            return lambda session: Result({})

        run(engine, NOW, "first", interrupted)
        while run(engine, NOW + jump):
            pass

        assert (job(engine, number).state, effects(engine, number)) == ("done", 1), jump


def test_a_job_that_waits_does_not_wait_until_the_clock_comes_round(engine: Engine) -> None:
    for jump in JUMPS:
        number = queued(engine)
        assert run(engine, NOW + jump)

        assert (job(engine, number).state, effects(engine, number)) == ("done", 1), jump


def test_a_job_of_a_dead_worker_is_taken_up_though_its_lease_lies_ahead(engine: Engine) -> None:
    class Killed(BaseException):
        pass

    def dies(_running: Running) -> Effect:
        raise Killed

    for jump in (-HOUR, -DAY):
        number = queued(engine)
        with pytest.raises(Killed):
            run(engine, NOW, "dead", dies)
        assert not run(engine, NOW)
        assert run(engine, NOW + jump)

        assert (job(engine, number).state, effects(engine, number)) == ("done", 1), jump


def test_clocks_of_two_machines_may_differ_without_taking_each_others_jobs(engine: Engine) -> None:
    number = queued(engine)
    looked = []

    def slow(_running: Running) -> Effect:
        looked.append(run(engine, NOW - timedelta(minutes=10), "behind"))
        looked.append(run(engine, NOW + LEASE, "ahead"))
        return lambda session: Result({})

    run(engine, NOW, "first", slow)
    assert looked == [False, False]
    assert (job(engine, number).attempts, effects(engine, number)) == (1, 1)


def test_what_was_known_at_a_moment_stays_the_same_when_the_clock_jumps(engine: Engine) -> None:
    """A filing's moment is later than all before, whatever the clock says; the chains hold."""
    for number, at in enumerate((NOW, NOW + HOUR, NOW, NOW - DAY, NOW), 1):
        with writing(engine) as session:
            row = title(number, tier="innovative", recognised_on=date(2025, 5, 20))
            file_titles(session, [row], now=at, source="test")
            record(session, Tag.BOOKS_FILED, DOER, now=at, subject=f"firm:{code(number)}")
    with Session(engine) as session:
        moments = list(session.scalars(select(Filing.filed_at).order_by(Filing.id)))
        known = list(session.scalars(select(LedgerEntry.known_at).order_by(LedgerEntry.seq)))
        books, trail = verify(session), verify_trail(session)

    assert len(moments) == 5 and sorted(set(moments)) == moments
    assert sorted(known) == known
    assert not books.findings and trail.holds


def test_a_mail_does_not_wait_until_the_clock_comes_round(engine: Engine) -> None:
    keys, sent = Keys.parse(new_key_text("one")), []
    with writing(engine) as session:
        write_letter(session, keys, to="p1@example.com", subject="信", body="您好", now=NOW)
    told = {"mail_from": "registry@city.example", "clock": lambda: NOW - DAY, "goes_on": lambda: True}
    assert send_waiting(engine, keys, sent.append, **told) == 1
    assert send_waiting(engine, keys, sent.append, **told) == 0
    assert len(sent) == 1


def test_a_draft_begun_in_the_first_hours_of_a_procedure_is_handled_by_it(session: Session) -> None:
    """In UTC, as moments are kept, that is still the day before, on which no procedure was in force."""
    hall = open_hall(session)
    first = min(one.in_force_from for one in procedures() if one.tier == "innovative")
    hall.now = datetime.combine(first, datetime.min.time(), SHANGHAI) + timedelta(minutes=30)
    case = hall.begin("innovative")
    session.expire_all()
    assert case.opened_at.astimezone(UTC).date() < first

    assert procedure_of(case).in_force_from == first


@pytest.mark.parametrize("last", [date(2026, 12, 31), date(2026, 11, 30), date(2028, 2, 29)])
def test_the_last_day_of_a_batch_ends_at_midnight_of_the_office(session: Session, last: date) -> None:
    """At a quarter to midnight UTC is still on the same day, and a second after it too."""
    hall = open_hall(session, windows=False)
    session.add(window("specialized", last - DAY, last))
    hall.now = datetime.combine(last, datetime.min.time(), SHANGHAI)
    hall.hold("innovative", since=last - 30 * DAY)
    case = hall.begin("specialized")
    hall.now = datetime.combine(last + DAY, datetime.min.time(), SHANGHAI)
    with pytest.raises(MoveNotAllowed, match="申报期"):
        hall.submit(case)
    hall.now -= timedelta(microseconds=1)
    hall.submit(case)

    assert case.submitted_on == last
