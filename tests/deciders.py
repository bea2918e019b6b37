"""Many people at once, over real HTTP: two servers on one database, browsers that are signed in, and a race to count.

Knows no kind of case. A test makes its cases, says what may be posted on each as (address, form) with `{case}` in the
address, and counts what came of it:

    with arena(url, folder) as place:
        browsers = place.enter(person_ids)
        race = place.race(browsers, cases, [("/claims/{case}/confirm", {}), ("/claims/{case}/refuse", {"reason": "…"})])
        assert all(won == 1 for won in race.won_by_case().values())
"""

import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier, Lock
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from registry.config import PREFIX
from registry.domain.trail import Doer
from registry.store.engine import bring_to_newest, open_engine, writing
from registry.store.people import Person
from registry.store.sign_ins import Factor
from registry.work.keep_trail import TrailAudit, verify_trail
from registry.work.sign_in import begin

SECRET = "a key of tests, long enough to be one"
FIELD_KEYS = f"tests:{'A' * 43}="
COOKIE = "registry"
# What an answer may take at most; a writer of the registry waits 30 seconds for the one before.
PATIENCE = 60
_PROGRAM = [sys.executable, "-c", "from registry.cli.main import main; main()", "serve"]
# Waitress writes this into the middle of other lines.
_QUEUE = re.compile(r"Task queue depth is \d+")
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
Choice = tuple[str, Mapping[str, str]]
Counted = TypeVar("Counted")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one post: by the n-th browser, on a case."""

    browser: int
    case: int
    address: str
    status: int
    location: str
    text: str

    @property
    def won(self) -> bool:
        """Say whether the deed was done: the browser is sent on."""
        return self.status == 303


@dataclass
class Race:
    """All that was answered."""

    answers: list[Answer]
    seconds: float

    @property
    def statuses(self) -> Counter[int]:
        """Count the answers by status."""
        return Counter(one.status for one in self.answers)

    @property
    def per_second(self) -> float:
        """Return how many posts were answered in a second."""
        return len(self.answers) / self.seconds

    def won_by_case(self) -> dict[int, list[Answer]]:
        """Return the answers that did something, by case; a case of which nothing came has none."""
        found: dict[int, list[Answer]] = {one.case: [] for one in self.answers}
        for one in self.answers:
            if one.won:
                found[one.case].append(one)
        return found

    def told(self, title: str) -> str:
        """Say how it went, in a line."""
        statuses = ", ".join(f"{count} × {status}" for status, count in sorted(self.statuses.items()))
        count = len(self.answers)
        return f"{title}: {count} posts in {self.seconds:.1f} s, {self.per_second:.0f} requests/s ({statuses})"


@dataclass
class Browser:
    """A browser with a cookie; keeps a connection to each server, and may be used by several threads in turn."""

    places: Sequence[str]
    cookie: str = ""
    token: str = ""
    _lines: dict[str, HTTPConnection] = field(default_factory=dict)

    def get(self, address: str, place: str | None = None) -> tuple[int, str]:
        """Ask for a page; keep the cookie that comes with it, and the anti-forgery token of its forms."""
        status, _location, text = self._send("GET", address, None, place, keeps=True)
        self.close()
        found = _TOKEN.search(text)
        if found:
            self.token = found[1]
        return status, text

    def post(self, address: str, form: Mapping[str, str], place: str | None = None) -> tuple[int, str, str]:
        """Send a form with a valid token; return status, where one is sent on to, and the page."""
        return self._send("POST", address, urlencode({"csrf_token": self.token, **form}), place)

    def twin(self) -> "Browser":
        """Return the same browser with connections of its own: a second tab, or a second click."""
        return Browser(self.places, self.cookie, self.token)

    def close(self) -> None:
        """Let the connections go."""
        for line in self._lines.values():
            line.close()
        self._lines.clear()

    def _send(
        self, method: str, address: str, body: str | None, place: str | None, keeps: bool = False
    ) -> tuple[int, str, str]:
        where = place or self.places[0]
        if where not in self._lines:
            self._lines[where] = HTTPConnection(urlsplit(where).netloc, timeout=PATIENCE)
        line = self._lines[where]
        headers = {"Cookie": f"{COOKIE}={self.cookie}", "Accept-Language": "zh"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        line.request(method, address, body, headers)
        answer = line.getresponse()
        text = answer.read().decode("utf-8")
        for one in answer.headers.get_all("Set-Cookie") or [] if keeps else []:
            name, _, rest = one.partition("=")
            if name == COOKIE:
                self.cookie = rest.partition(";")[0]
        return answer.status, answer.headers.get("Location", ""), text


@dataclass
class Arena:
    """A database, and the addresses of the servers that serve it."""

    engine: Engine
    places: Sequence[str]
    logs: Sequence[Path]

    def enter(self, person_ids: Sequence[int], page: str = "/home") -> list[Browser]:
        """Sign people in, with both factors; each browser has looked at a page and holds its token."""
        now = datetime.now(UTC)
        with writing(self.engine) as session:
            tokens = [_begin(session, session.get_one(Person, one), now) for one in person_ids]
        moment = int(now.timestamp())
        browsers = [Browser(self.places, signed({"sid": one, "seen": moment, "proved": moment})) for one in tokens]
        for browser in browsers:
            status, text = browser.get(page)
            assert status == 200 and browser.token, (status, text[:2000])
        return browsers

    def anonymous(self, page: str = "/sign-in") -> Browser:
        """Return the browser of somebody who is not signed in, with a token."""
        browser = Browser(self.places)
        status, text = browser.get(page)
        assert status == 200 and browser.token, (status, text[:2000])
        return browser

    def race(self, browsers: Sequence[Browser], cases: Sequence[int], choices: Sequence[Choice], seed: int = 1) -> Race:
        """Let every browser post one of the choices, by lot, on every case, in an order of its own, all at once.

        Each post goes to one of the servers, by lot; the seed says which lots.
        """
        lists = []
        for number in range(len(browsers)):
            lot = random.Random(f"{seed} {number}")
            order = lot.sample(cases, len(cases))
            lists.append([(case, *lot.choice(choices), lot.choice(self.places)) for case in order])
        return self.run(browsers, lists)

    def run(
        self, browsers: Sequence[Browser], lists: Sequence[Sequence[tuple[int, str, Mapping[str, str], str]]]
    ) -> Race:
        """Let every browser post its own list of (case, address, form, server), one after another, all at once."""
        ready, answers, keeping = Barrier(len(browsers) + 1), [], Lock()

        def work(number: int) -> None:
            ready.wait(PATIENCE)
            mine = []
            for case, address, form, place in lists[number]:
                where = address.format(case=case)
                mine.append(Answer(number, case, where, *browsers[number].post(where, form, place)))
            browsers[number].close()
            with keeping:
                answers.extend(mine)

        with ThreadPoolExecutor(len(browsers)) as pool:
            working = [pool.submit(work, number) for number in range(len(browsers))]
            ready.wait(PATIENCE)
            started = time.monotonic()
            for one in working:
                one.result()
            seconds = time.monotonic() - started
        return Race(answers, seconds)

    def count(self, counting: Callable[[Session, int], Counted], cases: Sequence[int]) -> dict[int, Counted]:
        """Count effects, case by case, in one look at the database."""
        with Session(self.engine) as session:
            return {case: counting(session, case) for case in cases}

    def trail(self) -> TrailAudit:
        """Prove the trail."""
        with Session(self.engine) as session:
            return verify_trail(session)

    def complaints(self) -> list[str]:
        """Return what the servers logged above the level of information; that requests queue is no complaint."""
        lines = [_QUEUE.sub("", line) for log in self.logs for line in log.read_text("utf-8").splitlines()]
        return [line for line in lines if line and '"level": "info"' not in line]


@contextmanager
def arena(url: str, folder: Path, servers: int = 2) -> Iterator[Arena]:
    """Bring a database to the newest migration, serve it by several processes, and stop them in the end."""
    engine = open_engine(url)
    bring_to_newest(engine)
    try:
        with ExitStack() as stack:
            logs = [folder / f"server-{number}.log" for number in range(servers)]
            processes = [stack.enter_context(_serving(url, folder, log)) for log in logs]
            yield Arena(engine, [_address_of(one, log) for one, log in zip(processes, logs, strict=True)], logs)
    finally:
        engine.dispose()


def signed(contents: Mapping[str, Any]) -> str:
    """Return a cookie as the servers sign theirs."""
    app = Flask(__name__)
    app.secret_key = SECRET
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    return str(signer.dumps(dict(contents)))


def environment(url: str, folder: Path) -> dict[str, str]:
    """Return the environment of a server: nothing of the machine's own settings, and no bound on requests."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return own | {
        "REGISTRY_DATABASE_URL": url,
        "REGISTRY_SECRET_KEY": SECRET,
        "REGISTRY_FIELD_KEYS": FIELD_KEYS,
        # Beside PostgreSQL there is no folder of its own accord.
        "REGISTRY_FILES": str(folder / "files"),
        "REGISTRY_HOST": "127.0.0.1",
        "REGISTRY_PORT": "0",
        "REGISTRY_RATE_LIMIT": "1000000 per minute",
        "REGISTRY_MAIL_URL": (folder / "mail").as_uri(),
    }


@contextmanager
def _serving(url: str, folder: Path, log: Path) -> Iterator["subprocess.Popen[str]"]:
    with (
        log.open("w", encoding="utf-8") as said,
        subprocess.Popen(
            _PROGRAM, cwd=folder, env=environment(url, folder), stdout=subprocess.PIPE, stderr=said, text=True
        ) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def _address_of(process: "subprocess.Popen[str]", log: Path) -> str:
    assert process.stdout
    said = process.stdout.readline()
    found = re.search(r"http://\S+", said)
    if found is None:
        raise RuntimeError(f"no server: {said}{log.read_text('utf-8')}")
    return found[0]


def _begin(session: Session, person: Person, now: datetime) -> str:
    doer = Doer(person.id, person.name, "", "127.0.0.1", "tests")
    return begin(session, person, Factor.TOTP, doer=doer, agent="a browser of tests", hours=8, now=now)
