"""The wall clock jumps – an hour either way, a day back: nothing is done twice, nothing waits until it comes round."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from make import code, title
from people import NOW, home
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from registry.domain.trail import Doer, Tag
from registry.store.engine import writing
from registry.store.jobs import Job
from registry.store.ledger import Filing, LedgerEntry
from registry.store.trail import TRAIL
from registry.work.audit import verify
from registry.work.file_books import file_titles
from registry.work.keep_trail import verify_trail
from registry.work.queue_job import queue
from registry.work.run_jobs import LEASE, Effect, Result, Running, run_next
from registry.work.send_letters import send_waiting
from registry.work.trace import record

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
JUMPS = [HOUR, -HOUR, -DAY]
DOER = Doer.program("test")


@pytest.fixture
def engine(empty_url: str) -> Iterator[Engine]:
    with home(empty_url) as made:
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


@pytest.mark.parametrize("jump", JUMPS)
def test_a_job_is_done_once_though_the_clock_jumps_under_it(engine: Engine, jump: timedelta) -> None:
    number = queued(engine)

    def interrupted(_running: Running) -> Effect:
        # The clock jumps, and another worker looks for work.
        run(engine, NOW + jump)
        return lambda session: Result({})

    run(engine, NOW, "first", interrupted)
    while run(engine, NOW + jump):
        pass

    assert (job(engine, number).state, effects(engine, number)) == ("done", 1)


@pytest.mark.parametrize("jump", JUMPS)
def test_a_job_that_waits_does_not_wait_until_the_clock_comes_round(engine: Engine, jump: timedelta) -> None:
    number = queued(engine)
    assert run(engine, NOW + jump)

    assert (job(engine, number).state, effects(engine, number)) == ("done", 1)


@pytest.mark.parametrize("jump", [-HOUR, -DAY])
def test_a_job_of_a_dead_worker_is_taken_up_though_its_lease_lies_ahead(engine: Engine, jump: timedelta) -> None:
    class Killed(BaseException):
        pass

    def dies(_running: Running) -> Effect:
        raise Killed

    number = queued(engine)
    with pytest.raises(Killed):
        run(engine, NOW, "dead", dies)
    assert not run(engine, NOW)
    assert run(engine, NOW + jump)

    assert (job(engine, number).state, effects(engine, number)) == ("done", 1)


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


@pytest.mark.parametrize("jump", JUMPS)
def test_what_was_known_at_a_moment_stays_the_same_when_the_clock_jumps(engine: Engine, jump: timedelta) -> None:
    """A filing's moment is later than all before, whatever the clock says; the chains hold."""
    for number, at in enumerate((NOW, NOW + jump, NOW + jump + HOUR, NOW), 1):
        with writing(engine) as session:
            row = title(number, tier="innovative", recognised_on=date(2025, 5, 20))
            file_titles(session, [row], now=at, source="test")
            record(session, Tag.BOOKS_FILED, DOER, now=at, subject=f"firm:{code(number)}")
    with Session(engine) as session:
        moments = list(session.scalars(select(Filing.filed_at).order_by(Filing.id)))
        known = list(session.scalars(select(LedgerEntry.known_at).order_by(LedgerEntry.seq)))
        books, trail = verify(session), verify_trail(session)

    assert len(moments) == 4 and sorted(set(moments)) == moments
    assert sorted(known) == known
    assert not books.findings and trail.holds


@pytest.mark.parametrize("jump", [-HOUR * 6, -DAY])
def test_a_mail_does_not_wait_until_the_clock_comes_round(engine: Engine, jump: timedelta) -> None:
    from test_letters import FROM, KEYS, write

    number, sent = write(engine), []
    told = {"mail_from": FROM, "clock": lambda: NOW + jump, "goes_on": lambda: True}
    assert number and send_waiting(engine, KEYS, sent.append, **told) == 1
    assert send_waiting(engine, KEYS, sent.append, **told) == 0
    assert len(sent) == 1
