"""Takes PostgreSQL away under load and gives it back: clear pages, readiness says so, all goes on, nothing is lost.

Four browsers move cases over HTTP and a worker does jobs, while a PostgreSQL server of the proof's own is cut off as
by a power cut and started again, many times. Neither the pages nor the worker are restarted. Meanwhile every answer is
either a deed done or a page that says what is wrong; in the end every step that was acknowledged is there once.
"""

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from casework import open_hall
from crowd import crowd
from deciders import Arena, Browser, environment
from postgres import CAREFUL, Cluster, cluster
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from proof.kills import Killed, Server, hold
from registry.domain.trail import Tag
from registry.store.engine import bring_to_newest, open_engine, writing
from registry.store.jobs import Job
from registry.store.trail import TRAIL
from registry.work.queue_job import queue

_WORKER = [sys.executable, "-c", "from registry.cli.main import main; main()", "worker"]
_MOVES = ("take_up", "recommend")
_BROWSERS = 4
# Seconds in which the pages must be ready again once the database answers.
_READY_IN = 15
PATIENCE = 300


@dataclass
class Cut:
    """What was answered while the database came and went.

    Attributes:
        seconds_to_ready: how long readiness took, at most, after the database was back.
    """

    outages: int = 0
    steps: Killed = field(default_factory=Killed)
    answers: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    seconds_to_ready: float = 0.0
    jobs: int = 0

    def told(self) -> str:
        """Say how it went, in a line."""
        answers = ", ".join(f"{count} × {said}" for said, count in sorted(self.answers.items()))
        return (
            f"{self.outages} outages, {len(self.steps.acknowledged)} steps acknowledged and there once, {self.jobs} "
            f"jobs done once; ready again within {self.seconds_to_ready:.1f} s; answers: {answers}"
        )

    def note(self, status: int, page: str) -> None:
        """Hold an answer to a deed to the goals."""
        said = {303: "done", 409: "409 done before"}.get(status, str(status))
        if status == 503:
            said += " 可能未保存" if "<title>可能未保存" in page else " 未保存"
        self.answers[said] += 1
        if status not in (303, 409, 503) or (status == 503 and "未保存" not in page):
            self.faults.append(f"{status}: {page[:1500]}")


def work_under_outages(folder: Path, *, cases: int, outages: int, jobs: int, seed: int = 1) -> Cut:
    """Move cases and do jobs while the database comes and goes; return what was answered, after holding all to it."""
    cut, lot = Cut(jobs=jobs), random.Random(seed)
    with cluster(CAREFUL) as server:
        url = server.start().create()
        engine = open_engine(url)
        bring_to_newest(engine)
        with writing(engine) as session:
            hall = open_hall(session)
            numbers = crowd(session, hall, cases)
            reviewers = [hall.people[name].id for name in ("district", "second_district")] * (_BROWSERS // 2)
            for _number in range(jobs):
                queue(session, "screen", {"tier": "innovative", "kind": "new", "on": "2026-11-09"}, now=hall.now)
        pages = Server(url, folder, 0)
        pages.start()
        browsers = Arena(engine, [pages.place], []).enter(reviewers)
        engine.dispose()
        worker = _start_worker(url, folder)
        at_work = [
            Thread(target=_work, args=(browser, numbers[place::_BROWSERS], cut), daemon=True)
            for place, browser in enumerate(browsers)
        ]
        for one in at_work:
            one.start()
        try:
            for _number in range(outages):
                time.sleep(lot.uniform(0.3, 1.5))
                _cut_off(server, pages.place, cut, lot.uniform(0.2, 1.5))
            for one in at_work:
                one.join(PATIENCE)
            assert not any(one.is_alive() for one in at_work), "the work does not end"
            _await_jobs(engine, worker)
        finally:
            pages.kill()
            worker.send_signal(signal.SIGTERM)
            worker.wait(60)
        assert not cut.faults, f"{len(cut.faults)} answers: {cut.faults[0]}"
        hold(engine, cut.steps, numbers)
        _hold_jobs(engine, jobs)
        engine.dispose()
    return cut


def _cut_off(server: Cluster, place: str, cut: Cut, seconds: float) -> None:
    """Take the database away for a while; see what is said meanwhile, and that all is well soon after."""
    server.stop()
    cut.outages += 1
    until = time.monotonic() + seconds
    watch = Browser([place])
    while True:
        ready, told = watch.get("/readyz")
        assert (ready, json.loads(told).get("reason")) == (503, "the database does not answer"), (ready, told)
        assert watch.get("/healthz")[0] == 200
        status, page = watch.get("/")
        assert status == 503 and "暂时无法读取数据" in page, (status, page[:1500])
        if time.monotonic() > until:
            break
    server.start()
    back = time.monotonic()
    while watch.get("/readyz")[0] != 200:
        assert time.monotonic() < back + _READY_IN, "not ready though the database is back"
        time.sleep(0.02)
    cut.seconds_to_ready = max(cut.seconds_to_ready, time.monotonic() - back)
    assert watch.get("/")[0] == 200


def _work(browser: Browser, cases: Sequence[int], cut: Cut) -> None:
    """Move cases one after another; what was not saved is sent again, as a person would."""
    for number in cases:
        for action in _MOVES:
            while True:
                form = {"action": action, "opinion": "情况属实，同意"}
                status, _where, page = browser.post(f"/cases/{number}/move", form)
                cut.note(status, page)
                if status == 303:
                    cut.steps.acknowledged.append((number, action))
                if status != 503:
                    break
                time.sleep(0.1)


def _start_worker(url: str, folder: Path) -> "subprocess.Popen[str]":
    """Start a worker and wait until it is at work: one that finds no database when it starts says so and ends."""
    with (folder / "worker.log").open("a") as log:
        own = environment(url, folder)
        worker = subprocess.Popen(_WORKER, cwd=folder, env=own, stdout=subprocess.PIPE, stderr=log, text=True)
    assert worker.stdout and "working" in worker.stdout.readline()
    return worker


def _await_jobs(engine: Engine, worker: "subprocess.Popen[str]") -> None:
    until = time.monotonic() + PATIENCE
    left = select(func.count()).select_from(Job).where(Job.finished_at.is_(None))
    while True:
        assert worker.poll() is None, "the worker did not outlive an outage"
        with Session(engine) as session:
            if not session.scalar(left):
                return
        assert time.monotonic() < until, "jobs are left"
        time.sleep(0.2)


def _hold_jobs(engine: Engine, jobs: int) -> None:
    """Hold the jobs to it: each done, and said to be done once."""
    with Session(engine) as session:
        states = dict(session.execute(select(Job.state, func.count()).group_by(Job.state)).all())
        assert states == {"done": jobs}, states
        done = select(TRAIL.c.subject, func.count()).where(TRAIL.c.tag == Tag.JOB_DONE).group_by(TRAIL.c.subject)
        assert set(dict(session.execute(done).all()).values()) == {1}, "a job was done more than once"


def prove(folder: Path, small: bool) -> str:
    """Run it at the size of the goal: 20 outages while 2,000 steps are made."""
    told = work_under_outages(folder, cases=40, outages=2, jobs=4) if small else _whole(folder)
    return told.told()


def _whole(folder: Path) -> Cut:
    cut = work_under_outages(folder, cases=1_020, outages=20, jobs=60)
    assert len(cut.steps.acknowledged) >= 2_000, cut.told()
    return cut
