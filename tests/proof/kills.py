"""Kills the server and the clock again and again while reviewers work: what was acknowledged is there, whole and once.

Four browsers move cases over HTTP; the server is killed with SIGKILL at moments drawn by lot and started again, and so
is a clock that ticks beside it. In the end every step that was acknowledged stands in the database exactly once, no
decision is without its step nor a step without its decision, and the chains of trail and books hold.
"""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from threading import Event, Thread

from casework import open_hall
from crowd import crowd
from deciders import Arena, Browser, environment
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from proof.chains import ensure_whole
from proof.homes import both_homes
from registry.store.cases import Application, CaseStep
from registry.store.decisions import Decision
from registry.store.engine import bring_to_newest, open_engine, writing
from registry.store.trail import TRAIL

_PROGRAM = [sys.executable, "-c", "from registry.cli.main import main; main()"]
_MOVES = ("take_up", "recommend")
_BROWSERS = 4


@dataclass
class Killed:
    """What was acknowledged, and how often the programs were killed."""

    acknowledged: list[tuple[int, str]] = field(default_factory=list)
    kills: int = 0
    seconds: float = 0.0
    unanswered: int = 0

    def told(self) -> str:
        """Say how it went, in a line."""
        return (
            f"{len(self.acknowledged)} steps acknowledged, {self.kills} kills, {self.unanswered} requests cut off, "
            f"{self.seconds:.0f} s"
        )


@dataclass
class Server:
    """A server on one port that is killed and started again."""

    url: str
    folder: Path
    port: int
    process: "subprocess.Popen[str] | None" = None

    @property
    def place(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it listens."""
        own = environment(self.url, self.folder) | {"REGISTRY_PORT": str(self.port)}
        log = (self.folder / "server.log").open("a", encoding="utf-8")
        self.process = subprocess.Popen(
            [*_PROGRAM, "serve"], cwd=self.folder, env=own, stdout=subprocess.PIPE, stderr=log, text=True
        )
        assert self.process.stdout
        said = self.process.stdout.readline()
        log.close()
        if "http://" not in said:
            raise RuntimeError(f"no server: {said}{(self.folder / 'server.log').read_text('utf-8')[-2000:]}")
        if not self.port:
            self.port = int(said.rsplit(":", 1)[1])

    def kill(self) -> None:
        """Kill it as the power does."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


def work_under_kills(url: str, folder: Path, *, cases: int, kills: int, seed: int = 1) -> Killed:
    """Move cases while the server is killed; return what was acknowledged, after holding the database to it.

    Args:
        cases: how many; each takes two steps.
        kills: how many times at least; the work goes on until both are reached or all cases are through.
    """
    engine = open_engine(url)
    bring_to_newest(engine)
    with writing(engine) as session:
        hall = open_hall(session)
        numbers = crowd(session, hall, cases)
        reviewers = [hall.people[name].id for name in ("district", "second_district")] * (_BROWSERS // 2)
    server = Server(url, folder, 0)
    server.start()
    killed, lot = Killed(), random.Random(seed)
    started = time.monotonic()
    browsers = Arena(engine, [server.place], []).enter(reviewers)
    done = Event()
    workers = [
        Thread(target=_work, args=(browser, numbers[place::_BROWSERS], killed), daemon=True)
        for place, browser in enumerate(browsers)
    ]
    ticking = Thread(target=_tick_and_kill, args=(url, folder, done, lot.random()), daemon=True)
    ticking.start()
    for one in workers:
        one.start()
    while any(one.is_alive() for one in workers):
        time.sleep(lot.uniform(0.1, 1.2))
        if killed.kills < kills:
            server.kill()
            killed.kills += 1
            server.start()
    done.set()
    ticking.join(60)
    server.kill()
    killed.seconds = time.monotonic() - started
    hold(engine, killed, numbers)
    engine.dispose()
    return killed


def _work(browser: Browser, cases: Sequence[int], killed: Killed) -> None:
    """Move cases one after another; a request that the kill cut off is asked again, as a person would."""
    for number in cases:
        for action in _MOVES:
            while True:
                try:
                    status, _where, page = browser.post(
                        f"/cases/{number}/move", {"action": action, "opinion": "情况属实，同意"}
                    )
                except (OSError, HTTPException):
                    killed.unanswered += 1
                    browser.close()
                    time.sleep(0.05)
                    continue
                if status == 303:
                    killed.acknowledged.append((number, action))
                elif status == 503:
                    # “Try again later” is what the page says: nothing was done.
                    killed.unanswered += 1
                    continue
                # Done before the answer was cut off: whoever asks again is told so.
                elif status != 409:
                    raise AssertionError((status, page[:2000]))
                break


def _tick_and_kill(url: str, folder: Path, done: Event, lot: float) -> None:
    """Let the clock tick in a process of its own, and kill it after a moment, until the work is done."""
    while not done.is_set():
        ticking = subprocess.Popen(
            [*_PROGRAM, "clock", "tick"],
            cwd=folder,
            env=environment(url, folder),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        done.wait(1.0 + lot * 2)
        ticking.kill()
        ticking.wait()


def hold(engine: Engine, killed: Killed, cases: Sequence[int]) -> None:
    """Hold the database to what was acknowledged.

    Raises:
        AssertionError: something was lost, done twice, or done by half.
    """
    with Session(engine) as session:
        steps = select(CaseStep.application_id, CaseStep.action, func.count()).group_by(
            CaseStep.application_id, CaseStep.action
        )
        stored = {(case, action): count for case, action, count in session.execute(steps)}
        lost = [one for one in killed.acknowledged if stored.get(one) != 1]
        assert not lost, f"acknowledged and not there once: {lost[:5]}"
        twice = [one for one, count in stored.items() if count != 1]
        assert not twice, f"done more than once: {twice[:5]}"
        for case in session.scalars(select(Application).where(Application.id.in_(cases))):
            made = sum(1 for number, _action in stored if number == case.id)
            assert made == case.version, (case.id, made, case.version)
        decided = {number for number, action in stored if action == "recommend"}
        decisions = set(session.scalars(select(Decision.matter_id).where(Decision.matter == "application")))
        assert decided == decisions, f"half decided: {sorted(decided ^ decisions)[:5]}"
        moved = session.scalar(select(func.count()).select_from(TRAIL).where(TRAIL.c.tag == "case.moved"))
        assert moved == sum(stored.values()), (moved, sum(stored.values()))
        ensure_whole(session)


def prove(folder: Path, small: bool) -> str:
    """Run it at the size of the goal: 2,000 steps acknowledged, at least 50 kills, on SQLite and on PostgreSQL."""
    cases, wanted = (30, 3) if small else (1_020, 50)
    told = []
    for name, url, own in both_homes(folder):
        killed = work_under_kills(url, own, cases=cases, kills=wanted)
        assert small or len(killed.acknowledged) >= 2_000, killed.told()
        assert killed.kills >= wanted or small, killed.told()
        told.append(f"{name}: {killed.told()}")
    return "; ".join(told)
