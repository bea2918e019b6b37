"""Kills workers again and again while jobs are done: each job's effect is there exactly once, and no list half filed.

Real `registry worker` processes do screenings and file lists of titles, side by side; one after another is killed with
SIGKILL at a moment drawn by lot and another started. In the end every job is done, with one entry in the trail saying
so; each list was filed once and stands whole in the books; and the chains of trail and books hold.
"""

import json
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from casework import open_hall
from deciders import environment
from make import code
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from proof.chains import ensure_whole
from proof.homes import both_homes
from registry.domain.trail import Tag
from registry.evidence.vault import Vault
from registry.store.engine import bring_to_newest, open_engine, writing
from registry.store.jobs import Job
from registry.store.ledger import Filing
from registry.store.statements import Title
from registry.store.trail import TRAIL
from registry.work.queue_job import queue

_PROGRAM = [sys.executable, "-c", "from registry.cli.main import main; main()", "worker"]
_WORKERS = 2
_HEAD = "统一社会信用代码,企业名称,区市,梯度,类型,公告日期"
# Every so many jobs is a screening; the others file a list.
_SCREENING_EACH = 5


@dataclass
class Killed:
    """What was done, and how often a worker was killed.

    Attributes:
        interrupted: kills that hit a job under way.
    """

    jobs: int = 0
    kills: int = 0
    interrupted: int = 0
    seconds: float = 0.0

    def told(self) -> str:
        """Say how it went, in a line."""
        return (
            f"{self.jobs} jobs done once each, {self.kills} workers killed, {self.interrupted} of them at work, "
            f"{self.seconds:.0f} s"
        )


def work_under_kills(url: str, folder: Path, *, jobs: int, kills: int, rows: int, seed: int = 1) -> Killed:
    """Let workers do jobs while they are killed; return what came of it, after holding the database to it.

    Args:
        rows: titles in each list.
    """
    engine = open_engine(url)
    bring_to_newest(engine)
    vault = Vault(Path(environment(url, folder)["REGISTRY_FILES"]))
    with writing(engine) as session:
        hall = open_hall(session)
        now = hall.now
        for number in range(jobs):
            if number % _SCREENING_EACH:
                told = {"list": "titles", "name": f"{number}.csv", "sha256": _list(vault, folder, number, rows)}
                queue(session, "file_list", told | {"skip": False, "checked": 0}, now=now)
            else:
                queue(session, "screen", {"tier": "innovative", "kind": "new", "on": "2026-11-09"}, now=now)
    killed, lot = Killed(jobs), random.Random(seed)
    started = time.monotonic()
    workers = [_start(url, folder) for _ in range(_WORKERS)]
    last = 0
    while (left := _left(engine)) > 0:
        assert time.monotonic() - started < 60 + 20 * jobs, f"{left} jobs are left"
        time.sleep(lot.uniform(0.05, 0.25))
        # After as many jobs as it takes to spread the kills over all of them.
        if killed.kills < kills and jobs - left >= last + max(1, (jobs - 2) // kills):
            place = lot.randrange(_WORKERS)
            _await_work(engine, workers[place].pid)
            workers[place].send_signal(signal.SIGKILL)
            workers[place].wait()
            killed.kills += 1
            killed.interrupted += _held_by(engine, workers[place].pid)
            last = jobs - left
            workers[place] = _start(url, folder)
    killed.seconds = time.monotonic() - started
    for one in workers:
        one.terminate()
        one.wait(30)
    _hold(engine, jobs, rows)
    engine.dispose()
    return killed


def _list(vault: Vault, folder: Path, number: int, rows: int) -> str:
    """Lay a list into the vault: titles of firms that no other list names."""
    place = folder / "list.csv"
    lines = [
        f"{code(100 + number * rows + one)},青岛第{number}单{one}有限公司,370285,创新型中小企业,首次,2026-05-09"
        for one in range(rows)
    ]
    place.write_text("\n".join([_HEAD, *lines]), "utf-8")
    with place.open("rb") as content, vault.draft(content, 2**20) as draft:
        vault.keep(draft)
        return draft.sha256


def _start(url: str, folder: Path) -> "subprocess.Popen[bytes]":
    with (folder / "worker.log").open("ab") as log:
        own = environment(url, folder)
        return subprocess.Popen(_PROGRAM, cwd=folder, env=own, stdout=subprocess.DEVNULL, stderr=log)


def _left(engine: Engine) -> int:
    with Session(engine) as session:
        return session.scalar(select(func.count()).select_from(Job).where(Job.finished_at.is_(None))) or 0


def _held_by(engine: Engine, pid: int) -> int:
    held = select(func.count()).select_from(Job).where(Job.state == "running", Job.worker.contains(f":{pid}:"))
    with Session(engine) as session:
        return session.scalar(held) or 0


def _await_work(engine: Engine, pid: int) -> None:
    """Wait a little until a worker has a job, so that most kills hit one."""
    until = time.monotonic() + 5
    while time.monotonic() < until and _left(engine) and not _held_by(engine, pid):
        time.sleep(0.002)


def _hold(engine: Engine, jobs: int, rows: int) -> None:
    """Hold the database to it.

    Raises:
        AssertionError: a job was lost or done twice, or a list filed by half.
    """
    with Session(engine) as session:
        states = dict(session.execute(select(Job.state, func.count()).group_by(Job.state)).all())
        failed = list(session.scalars(select(Job.fault).where(Job.state == "failed").limit(3)))
        assert states == {"done": jobs}, (states, failed)
        done = select(TRAIL.c.subject, func.count()).where(TRAIL.c.tag == Tag.JOB_DONE).group_by(TRAIL.c.subject)
        said = dict(session.execute(done).all())
        assert len(said) == jobs and set(said.values()) == {1}, "said to be done more than once"
        filed = select(Filing.source, func.count()).where(Filing.deed == "import titles").group_by(Filing.source)
        lists = [number for number in range(jobs) if number % _SCREENING_EACH]
        assert dict(session.execute(filed).all()) == {f"{number}.csv": 1 for number in lists}, "filed more than once"
        titles = select(func.count()).select_from(Title).where(Title.recognised_on == date(2026, 5, 9))
        assert session.scalar(titles) == len(lists) * rows, "a list is there by half"
        for outcome in session.scalars(select(Job.outcome).where(Job.kind == "file_list")):
            assert json.loads(outcome)["added"] == rows, outcome
        ensure_whole(session)


def prove(folder: Path, small: bool) -> str:
    """Run it at the size of the goal: 200 jobs, 20 workers killed, on SQLite and on PostgreSQL."""
    jobs, wanted = (12, 3) if small else (200, 20)
    told = []
    for name, url, own in both_homes(folder):
        killed = work_under_kills(url, own, jobs=jobs, kills=wanted, rows=300)
        assert killed.kills == wanted, killed.told()
        assert killed.interrupted, killed.told()
        told.append(f"{name}: {killed.told()}")
    return "; ".join(told)
