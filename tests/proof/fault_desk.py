"""The two deeds that faults are injected into, on a database that is laid down anew for each: upload and approve.

What is held to after each fault is here as well: no row without its whole file, no corrupt database, no half deed.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from casework import MONDAY, open_hall
from deciders import FIELD_KEYS, SECRET
from evidence_desk import body_of
from evidence_files import pdf
from flask import Flask
from flask.testing import FlaskClient
from make import code
from small_city import settings
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from registry.app import create_app
from registry.domain.trail import Doer
from registry.evidence.vault import ORPHAN_AGE, Vault
from registry.store.cases import Application
from registry.store.engine import bring_to_newest, open_engine, writing
from registry.store.evidence import Evidence
from registry.store.people import Person
from registry.store.sign_ins import Factor
from registry.store.tables import METADATA
from registry.work.keep_evidence import files_needed
from registry.work.keep_trail import verify_trail
from registry.work.sign_in import begin

NAME, CONTENT = "审计报告.pdf", pdf()
DIGEST = sha256(CONTENT).hexdigest()
# A file that was there before: no fault may touch it.
EARLIER = b"what the firm uploaded last year"
_TOKEN = 'name="csrf_token" value="'


@dataclass(frozen=True)
class Place:
    """A folder with the prepared database, and the one that a deed works on."""

    folder: Path

    @property
    def prepared(self) -> Path:
        return self.folder / "prepared.sqlite"

    @property
    def database(self) -> Path:
        return self.folder / "database" / "registry.sqlite"

    @property
    def files(self) -> Path:
        return self.folder / "files"

    @cached_property
    def told(self) -> dict[str, Any]:
        """Return what was prepared: the case, and the session of each person."""
        found: dict[str, Any] = json.loads((self.folder / "told.json").read_text("utf-8"))
        return found

    def renew(self) -> None:
        """Lay database and files down as they were prepared."""
        for one in (self.database.parent, self.files):
            shutil.rmtree(one, ignore_errors=True)
        self.database.parent.mkdir()
        shutil.copy(self.prepared, self.database)
        (self.files / "drafts").mkdir(parents=True, mode=0o700)
        before = sha256(EARLIER).hexdigest()
        (self.files / before[:2]).mkdir(mode=0o700)
        (self.files / before[:2] / before).write_bytes(EARLIER)


@dataclass(frozen=True)
class Deed:
    """A deed of a page: who does it, how, and the status of success."""

    who: str
    page: str
    do: Callable[[FlaskClient, Place], tuple[int, str]]
    done: int = 303

    def enter(self, app: Flask, place: Place) -> FlaskClient:
        """Return a browser that is signed in."""
        browser = app.test_client()
        with browser.session_transaction() as cookie:
            cookie["sid"] = place.told[self.who]
            cookie["seen"] = cookie["proved"] = int(MONDAY.timestamp())
        return browser

    def look(self, browser: FlaskClient, place: Place) -> str:
        """Look at the page of the deed, as whoever does it did; keeps its token in the browser."""
        answer = browser.get(self.page.format(**place.told))
        assert answer.status_code == 200, answer.text[:2000]
        browser.environ_base["token"] = answer.text.split(_TOKEN)[1].split('"')[0]
        return answer.text


def prepare(folder: Path) -> Place:
    """Fill a folder: a firm with its applicant, and a case of it that a district may approve."""
    place = Place(folder)
    engine = open_engine(f"sqlite:///{place.prepared}")
    bring_to_newest(engine)
    with writing(engine) as session:
        hall = open_hall(session)
        case = hall.submitted()
        hall.act("district", case, "take_up")
        told = {"case": case.id, "uscc": code(1)}
        for who in ("applicant", "district"):
            person: Person = hall.people[who]
            doer = Doer(person.id, person.name, "", "127.0.0.1", "tests")
            told[who] = begin(session, person, Factor.TOTP, doer=doer, agent="tests", hours=8, now=MONDAY)
        session.add(_earlier(hall.firm.id))
    engine.dispose()
    (folder / "told.json").write_text(json.dumps(told), "utf-8")
    return place


def _earlier(firm_id: int) -> Evidence:
    row = Evidence(firm_id=firm_id, name="去年.pdf", kind="pdf", size=len(EARLIER), state="clean", note="")
    row.sha256, row.added_by, row.added_at = sha256(EARLIER).hexdigest(), "test", MONDAY
    return row


def open_app(place: Place) -> Flask:
    """Return the application over the database that a deed works on."""
    told = {"secret_key": SECRET, "field_keys": FIELD_KEYS, "files": str(place.files)}
    # Nobody may wait half a minute for a lock that a killed child left: none is left.
    return create_app(settings(place.database, **told, rate_limit="9000000 per minute"), clock=lambda: MONDAY)


def _upload(browser: FlaskClient, place: Place) -> tuple[int, str]:
    body = body_of(browser.environ_base["token"], [(NAME, CONTENT)])
    kind = "multipart/form-data; boundary=a-boundary-of-tests"
    answer = browser.post(f"/firms/{code(1)}/evidence", data=body, content_type=kind)
    return answer.status_code, answer.text


def _approve(browser: FlaskClient, place: Place) -> tuple[int, str]:
    form = {"csrf_token": browser.environ_base["token"], "action": "recommend", "opinion": "情况属实，同意"}
    answer = browser.post(f"/cases/{place.told['case']}/move", data=form)
    return answer.status_code, answer.text


DEEDS = {
    "upload": Deed("applicant", "/firms/{uscc}/evidence", _upload),
    "approve": Deed("district", "/cases/{case}", _approve),
}


@dataclass
class Held:
    """What stands after a fault.

    Attributes:
        counts: the rows of every table, and where the case stands.
        faults: what must not be.
        orphans: files that no row speaks of.
    """

    counts: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    orphans: int = 0


def hold(place: Place, *, sweeps: bool) -> Held:
    """Look at database and vault after a fault, as a program does that comes after; sweep the vault if told to."""
    held = Held()
    engine = open_engine(f"sqlite:///{place.database}")
    vault = Vault(place.files)
    try:
        with Session(engine) as session:
            if (said := session.scalar(text("PRAGMA integrity_check"))) != "ok":
                held.faults.append(f"corrupt: {said}")
            if broken := session.execute(text("PRAGMA foreign_key_check")).all():
                held.faults.append(f"a row without what it speaks of: {broken[:3]}")
            if not (trail := verify_trail(session)).holds:
                held.faults.append(f"the trail is broken: {trail.findings[:2]}")
            held.counts = _counts(session, place)
            held.faults += _rows_without_files(session, vault)
            rows, drafts = set(session.scalars(select(Evidence.sha256))), place.files / "drafts"
            held.orphans = len(set(vault.digests()) - rows) + len(list(drafts.iterdir()))
            if not sweeps:
                return held
            # Two days later they are gone, and nothing else is.
            later = datetime.now(UTC) + 2 * ORPHAN_AGE
            vault.sweep(files_needed(session, later), later)
            if set(vault.digests()) != rows or list(drafts.iterdir()):
                held.faults.append(f"not swept: {sorted(set(vault.digests()) ^ rows)}")
    finally:
        engine.dispose()
    return held


def _counts(session: Session, place: Place) -> dict[str, Any]:
    """Return what tells a deed that was done from one that was not, table by table."""
    found: dict[str, Any] = {
        table.name: session.scalar(select(func.count()).select_from(table)) for table in METADATA.sorted_tables
    }
    case = session.get_one(Application, place.told["case"])
    return found | {"case": (case.state, case.version)}


def _rows_without_files(session: Session, vault: Vault) -> list[str]:
    faults = []
    for row in session.scalars(select(Evidence)):
        file = vault.folder / row.sha256[:2] / row.sha256
        size = file.stat().st_size if file.exists() else -1
        if size != row.size or not vault.verify(row.sha256):
            faults.append(f"a row points to a file of {size} bytes instead of {row.size}: {row.name}")
    return faults
