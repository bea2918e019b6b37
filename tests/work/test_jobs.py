"""Jobs: queued with the deed, run under a lease, their effect once; stopped, failed, taken over."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from people import NOW, actor_of, home, person
from proof.jobs import work_under_kills
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from registry.cli.worker import is_gone
from registry.domain.errors import MoveNotAllowed, Refused
from registry.domain.trail import Doer, Tag
from registry.store.engine import writing
from registry.store.jobs import Job
from registry.store.papers import Profile
from registry.store.trail import trail_page
from registry.work import run_jobs
from registry.work.queue_job import MOST_WAITING, cancel, outcome_of, queue
from registry.work.run_jobs import LEASE, MOST_ATTEMPTS, Effect, Result, Running, release_gone, run_next

DOER = Doer.program("test")


@dataclass
class Shop:
    """A database and a clock that tests move."""

    engine: Engine
    at: datetime = NOW
    seen: list[Any] = field(default_factory=list)

    def clock(self) -> datetime:
        return self.at

    def queue(self, kind: str = "count", **told: Any) -> int:
        with writing(self.engine) as session:
            return queue(session, kind, told, now=self.at).id

    def run(self, worker: str = "w1", **handlers: Any) -> bool:
        return run_next(self.engine, {"count": self.count, **handlers}, worker=worker, clock=self.clock)

    def count(self, running: Running) -> Effect:
        self.seen.append(running.told)
        running.note(1, 2, "一半 (half)", now=True)
        return lambda session: Result({"rows": 2})

    def job(self, number: int) -> Job:
        with Session(self.engine) as session:
            return session.get_one(Job, number)


@pytest.fixture
def shop(own_url: str) -> Iterator[Shop]:
    with home(own_url) as engine:
        yield Shop(engine)


def test_a_job_is_done_once_with_what_came_of_it(shop: Shop) -> None:
    number = shop.queue(day="2026-11-09")
    assert shop.run() and not shop.run()

    job = shop.job(number)
    assert shop.seen == [{"day": "2026-11-09"}]
    assert (job.state, job.attempts, outcome_of(job), job.step) == ("done", 1, {"rows": 2}, "一半 (half)")
    with Session(shop.engine) as session:
        tags = [one.tag for one in trail_page(session, subject=f"job:{number}")]
    assert tags == [Tag.JOB_DONE, Tag.JOB_QUEUED]


def test_the_same_job_is_queued_once(shop: Shop) -> None:
    with writing(shop.engine) as session:
        first = queue(session, "count", {}, once="today", now=NOW)
        assert queue(session, "count", {}, once="today", now=NOW) is first
        assert session.scalar(select(func.count()).select_from(Job)) == 1


def test_nobody_fills_the_queue_alone(shop: Shop) -> None:
    with writing(shop.engine) as session:
        actor = actor_of(session, person(session))
        for _ in range(MOST_WAITING):
            queue(session, "count", {}, actor=actor, now=NOW)
        with pytest.raises(MoveNotAllowed, match="20"):
            queue(session, "count", {}, actor=actor, now=NOW)


def test_a_job_that_waits_is_cancelled_at_once_and_one_that_runs_at_its_next_step(shop: Shop) -> None:
    waiting, running = shop.queue(), shop.queue()
    with writing(shop.engine) as session:
        cancel(session, session.get_one(Job, waiting), doer=DOER, now=shop.at)

    def stopped(under_way: Running) -> Effect:
        with writing(shop.engine) as session:
            cancel(session, session.get_one(Job, under_way.id), doer=DOER, now=shop.at)
        under_way.note(1, now=True)
        raise AssertionError("it went on")

    assert shop.run(count=stopped)
    assert [shop.job(one).state for one in (waiting, running)] == ["cancelled", "cancelled"]
    with writing(shop.engine) as session, pytest.raises(MoveNotAllowed):
        cancel(session, session.get_one(Job, running), doer=DOER, now=shop.at)


def test_what_was_refused_is_told_and_not_tried_again(shop: Shop) -> None:
    number = shop.queue()

    def refused(_running: Running) -> Effect:
        raise Refused.at("file", "第 3 行有错 (row 3 is wrong)")

    assert shop.run(count=refused) and not shop.run(count=refused)
    assert (shop.job(number).state, shop.job(number).fault) == ("failed", "file: 第 3 行有错 (row 3 is wrong)")


def test_a_defect_is_tried_again_later_and_given_up_in_the_end(shop: Shop) -> None:
    number = shop.queue()

    def broken(_running: Running) -> Effect:
        raise ZeroDivisionError

    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert shop.run(count=broken)
        assert shop.job(number).attempts == attempt
        assert not shop.run(count=broken), "it waits"
        shop.at += timedelta(hours=1)

    assert shop.job(number).state == "failed" and "管理员" in shop.job(number).fault


def test_a_job_whose_worker_died_is_taken_over_when_its_lease_runs_out(shop: Shop) -> None:
    number = shop.queue()

    def dies(_running: Running) -> Effect:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shop.run(count=dies)
    shop.at += LEASE
    assert not shop.run("w2"), "the lease still holds"
    shop.at += timedelta(microseconds=1)
    assert shop.run("w2")
    assert (shop.job(number).state, shop.job(number).worker, shop.job(number).attempts) == ("done", "w2", 2)


def test_who_lost_the_lease_writes_nothing(shop: Shop) -> None:
    number = shop.queue()

    def slow(_running: Running) -> Effect:
        shop.at += LEASE + timedelta(seconds=1)
        assert shop.run("w2")

        def effect(session: Session) -> Result:
            raise AssertionError("written twice")

        return effect

    assert shop.run("w1", count=slow)
    assert (shop.job(number).state, shop.job(number).worker) == ("done", "w2")


def test_an_effect_that_fails_leaves_nothing_and_the_job_to_be_done(shop: Shop) -> None:
    number = shop.queue()

    def half(_running: Running) -> Effect:
        def effect(session: Session) -> Result:
            session.add(Profile(firm_id=1, answers="{}", version=0, saved_at=NOW, saved_by=""))
            raise RuntimeError("power cut")

        return effect

    assert shop.run(count=half)
    with Session(shop.engine) as session:
        assert session.scalar(select(func.count()).select_from(Profile)) == 0
    assert shop.job(number).state == "waiting"


def test_an_unknown_kind_fails_in_words(shop: Shop) -> None:
    number = shop.queue("conquer")
    assert shop.run()
    assert "conquer" in shop.job(number).fault and shop.job(number).state == "failed"


def test_a_job_of_a_worker_known_to_be_dead_is_taken_at_once(shop: Shop) -> None:
    number, other = shop.queue(), shop.queue()

    def dies(_running: Running) -> Effect:
        raise KeyboardInterrupt

    for worker in ("here:1:1", "elsewhere:1:1"):
        with pytest.raises(KeyboardInterrupt):
            shop.run(worker, count=dies)
    assert not shop.run("w2"), "both leases hold"
    assert release_gone(shop.engine, lambda worker: worker.startswith("here:")) == 1
    assert shop.run("w2") and not shop.run("w2")
    assert (shop.job(number).state, shop.job(other).state) == ("done", "running")


def test_only_a_dead_process_of_this_machine_is_known_to_be_gone() -> None:
    host = socket.gethostname()
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert is_gone(f"{host}:{process.pid}:1")
    for worker in (f"{host}:{os.getpid()}:1", f"elsewhere:{process.pid}:1", "w1", "", f"{host}:x:1"):
        assert not is_gone(worker), worker


def test_the_lease_is_renewed_while_a_handler_is_at_work(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_jobs, "_RENEWED", 0.001)
    number = shop.queue()
    renewed = threading.Event()
    renew = Running.renew

    def noted(running: Running) -> None:
        renew(running)
        renewed.set()

    monkeypatch.setattr(Running, "renew", noted)

    def slow(running: Running) -> Effect:
        shop.at += LEASE * 2
        # The second of two began after the clock moved, whatever the first saw.
        for _ in range(2):
            renewed.clear()
            assert renewed.wait(30)
        assert not shop.run("w2"), "it is still the first one's"
        return lambda session: Result({})

    assert shop.run("w1", count=slow)
    assert (shop.job(number).state, shop.job(number).worker) == ("done", "w1")


def test_what_a_page_shows_of_a_job_is_kept_whole_and_not_in_the_trail(shop: Shop) -> None:
    number = shop.queue()
    long = ["x" * 1_000] * 40

    assert shop.run(count=lambda running: lambda session: Result({"rows": 1}, shown={"first": long}))
    assert outcome_of(shop.job(number)) == {"rows": 1, "first": long}
    with Session(shop.engine) as session:
        assert "xxx" not in str(trail_page(session, subject=f"job:{number}"))


def test_workers_that_are_killed_lose_nothing_and_do_nothing_twice(tmp_path: Path) -> None:
    killed = work_under_kills(f"sqlite:///{tmp_path / 'r.sqlite'}", tmp_path, jobs=6, kills=2, rows=300)
    assert killed.kills == 2
