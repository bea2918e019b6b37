"""Fills each volume up under a real server: people read 未保存, machines read 503, nothing is lost, all goes on later.

The database and the files lie on small volumes of their own (tmpfs, which needs the right to mount). Over HTTP,
reviewers move cases and a firm uploads evidence, before, while and after a volume is filled to its last byte, and
while it fills up under them. The server is never restarted.
"""

import json
import os
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from casework import open_hall
from crowd import crowd
from deciders import COOKIE, PATIENCE, Arena, Browser
from evidence_desk import BOUNDARY, body_of
from evidence_files import pdf
from make import code
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from proof.kills import Killed, Server, hold
from registry.domain.trail import Tag
from registry.evidence.vault import Vault
from registry.store.engine import bring_to_newest, open_engine, writing
from registry.store.evidence import Evidence
from registry.store.trail import trail_page

_MIB = 2**20
# What is left free: nothing, and so little that a deed runs out of it half-way.
_LEFT = (0, 8 * 1024, 40 * 1024, 120 * 1024)
# Below what the vault keeps free, and nothing at all.
_LEFT_FOR_FILES = (60 * _MIB, 64 * 1024, 0)
_LARGE = 3 * _MIB


@dataclass
class Filled:
    """What was answered, by what was asked and while what was full."""

    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    steps: Killed = field(default_factory=Killed)
    kept: list[str] = field(default_factory=list)

    def note(self, what: str, status: int, page: str) -> None:
        """Hold an answer to the goals: done, or told as not saved; never a failure of the program."""
        self.statuses.setdefault(what, Counter())[status] += 1
        assert status in (200, 303, 503), f"{what}: {status} {page[:1500]}"
        assert status != 503 or "未保存" in page, f"{what}: 503 without a word {page[:1500]}"

    def told(self) -> str:
        """Say how it went, in a line."""
        lines = [
            f"{what}: {', '.join(f'{count} × {status}' for status, count in sorted(found.items()))}"
            for what, found in self.statuses.items()
        ]
        done = len(self.steps.acknowledged)
        return f"{done} steps and {len(self.kept)} files acknowledged, all there; {'; '.join(lines)}"


@contextmanager
def volume(place: Path, size: int) -> Iterator[Path]:
    """Mount a small volume.

    Raises:
        PermissionError: we may not.
    """
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", str(place)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise PermissionError(done.stderr.strip())
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@contextmanager
def filled(place: Path, left: int) -> Iterator[None]:
    """Fill a volume up to so many bytes, as something else on it would."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file:
        found = os.statvfs(place)
        wanted = found.f_bavail * found.f_frsize - left
        while wanted > 0:
            # A volume counts whole pages; the last bytes are refused.
            try:
                wanted -= file.write(bytes(min(wanted, _MIB)))
            except OSError:
                break
    try:
        yield
    finally:
        ballast.unlink()


@dataclass
class Town:
    """The server, who sits before it, and what it was asked so far."""

    folder: Path
    server: Server
    reviewer: Browser
    applicant: Browser
    cases: list[int]
    filled: Filled = field(default_factory=Filled)
    files: int = 0

    def move(self, what: str, case: int, action: str) -> int:
        """Make a move; return the status."""
        form = {"action": action, "opinion": "情况属实，同意"}
        status, _where, page = self.reviewer.post(f"/cases/{case}/move", form)
        self.filled.note(what, status, page)
        if status == 303:
            self.filled.steps.acknowledged.append((case, action))
        return status

    def upload(self, what: str, size: int = 0) -> int:
        """Upload another file; return the status."""
        self.files += 1
        name = f"{self.files}.pdf"
        content = pdf({9: b"<< /Note (%d) >>" % self.files, 10: b"(" + os.urandom(size // 2).hex().encode() + b")"})
        body = body_of(self.applicant.token, [(name, content)])
        line = HTTPConnection(urlsplit(self.server.place).netloc, timeout=PATIENCE)
        headers = {"Cookie": f"{COOKIE}={self.applicant.cookie}", "Accept-Language": "zh"}
        headers["Content-Type"] = f"multipart/form-data; boundary={BOUNDARY}"
        try:
            line.request("POST", f"/firms/{code(1)}/evidence", body, headers)
            answer = line.getresponse()
            page = answer.read().decode()
        finally:
            line.close()
        self.filled.note(what, answer.status, page)
        if answer.status == 303:
            self.filled.kept.append(name)
        return answer.status

    def look(self, what: str) -> None:
        """Look at pages: they are there, whatever is full."""
        for browser, page in ((self.reviewer, "/cases"), (self.applicant, f"/firms/{code(1)}/evidence")):
            status, text = browser.get(page)
            self.filled.note(what, status, text)
            assert status == 200, (what, page, text[:1500])

    def ready(self) -> tuple[int, str]:
        """Ask whether it is ready; return the status and the reason."""
        status, text = Browser([self.server.place]).get("/readyz")
        return status, str(json.loads(text).get("reason", ""))


def _fill_database(town: Town, volume_of: Path, cases: Sequence[int], left: int) -> None:
    """Fill the volume of the database, move cases on it, and move them again when there is room."""
    what, refused = f"database volume with {left // 1024} KiB", []
    with filled(volume_of, left):
        assert town.ready() == (503, "the disk of the database is full"), town.ready()
        for case in cases:
            if town.move(what, case, "take_up") != 303:
                refused.append(case)
        assert refused or left, "a full volume took everything"
        if refused:
            assert town.upload(what) == 503 or left, "a full volume took a row"
        town.look(f"{what}, pages")
    assert town.ready()[0] == 200, town.ready()
    for case in refused:
        assert town.move("database with room again", case, "take_up") == 303
    for case in cases:
        assert town.move("database with room again", case, "recommend") == 303
    assert town.upload("database with room again") == 303


def _fill_files(town: Town, volume_of: Path, cases: Sequence[int], left: int) -> None:
    """Fill the volume of the files: nothing is uploaded, small or large, while cases move on."""
    what = f"file volume with {left // 1024} KiB"
    with filled(volume_of, left):
        assert town.ready() == (503, "the disk of the files is full"), town.ready()
        for size in (0, 0, _LARGE):
            assert town.upload(f"{what}, uploads", size) == 503, what
        for case in cases:
            assert town.move(f"{what}, moves", case, "take_up") == 303
        town.look(f"{what}, pages")
    assert town.ready()[0] == 200, town.ready()
    for size in (0, _LARGE):
        assert town.upload("files with room again", size) == 303


def fill_up(folder: Path, *, cases: int) -> Filled:
    """Fill both volumes again and again; return what was answered, after holding everything to it.

    Args:
        cases: how many are moved while a volume is full, each time.
    """
    with ExitStack() as stack:
        database = stack.enter_context(volume(folder / "database", 48 * _MIB))
        files = stack.enter_context(volume(folder / "files", 192 * _MIB))
        url = f"sqlite:///{database / 'registry.sqlite'}"
        engine = open_engine(url)
        bring_to_newest(engine)
        rounds = len(_LEFT) + len(_LEFT_FOR_FILES)
        with writing(engine) as session:
            hall = open_hall(session)
            numbers = crowd(session, hall, rounds * cases)
            people = [hall.people[name].id for name in ("district", "applicant")]
        server = Server(url, folder, 0)
        stack.callback(server.kill)
        server.start()
        reviewer, applicant = Arena(engine, [server.place], []).enter(people)
        town = Town(folder, server, reviewer, applicant, numbers)
        assert town.ready() == (200, ""), town.ready()
        shares = [numbers[place::rounds] for place in range(rounds)]
        for left in _LEFT:
            _fill_database(town, database, shares.pop(), left)
        for left in _LEFT_FOR_FILES:
            _fill_files(town, files, shares.pop(), left)
        server.kill()
        hold(engine, town.filled.steps, numbers)
        _hold_files(engine, Vault(files), town.filled)
        engine.dispose()
    return town.filled


def _hold_files(engine: Engine, vault: Vault, came: Filled) -> None:
    """Hold the rows to the files: every file that was acknowledged is there once, whole, and traced."""
    with Session(engine) as session:
        rows = list(session.scalars(select(Evidence)))
        assert sorted(row.name for row in rows) == sorted(came.kept), "acknowledged and not there, or the other way"
        assert all(vault.verify(row.sha256) for row in rows), "a row points to a file that is not whole"
        traced = trail_page(session, tag=Tag.EVIDENCE_ADDED, limit=10_000)
        assert len(traced) == len(rows), (len(traced), len(rows))
    assert not list(vault.drafts().iterdir()), "drafts are left over"


def prove(folder: Path, small: bool) -> str:
    """Run it at the size of the goal: each volume, filled to the last byte and almost."""
    started = time.monotonic()
    try:
        came = fill_up(folder, cases=3 if small else 40)
    except PermissionError as refused:
        return f"NOT RUN, it needs the right to mount volumes of its own, as root has: {refused}"
    assert {503, 303} <= {status for found in came.statuses.values() for status in found}, came.told()
    return f"{came.told()}; {time.monotonic() - started:.0f} s"
