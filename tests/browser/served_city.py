"""The small city behind the real program on a port of its own, with the cast and what the pages of accounts show."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any, TypeVar

from clients import AGENT, DOER, email_of, seat_cast
from deciders import FIELD_KEYS, SECRET, environment, signed
from flask import Flask
from make import code
from passlib.totp import TOTP
from small_city import build_city, settings
from sqlalchemy.orm import Session

from registry.app import create_app
from registry.domain.actors import Actor, Standing
from registry.domain.conflicts import TieKind
from registry.domain.roles import Role
from registry.domain.trail import Doer
from registry.store.claims import Claim
from registry.store.engine import open_ready, writing
from registry.store.people import Passkey, Person
from registry.store.persons import person_by_email, seats_of
from registry.store.queries import firm_by_uscc
from registry.store.sign_ins import Factor, Purpose
from registry.web.security import codes, hash_password, keys
from registry.work.claim_firm import ask_to_represent, refuse, withdraw
from registry.work.declare_tie import declare, note_group
from registry.work.join_firm import invite
from registry.work.open_account import make_link, open_account
from registry.work.seat import grant, office_at
from registry.work.secure_account import keep_recovery_codes, set_contact, set_password
from registry.work.sign_in import begin

PASSWORD = "Harbour-7-lantern!Qd"
HOST = "localhost"
_PROGRAM = [sys.executable, "-c", "from registry.cli.main import main; main()", "serve"]
Found = TypeVar("Found")


@dataclass
class ServedCity:
    """A city that is being served, and the way to its database past the pages."""

    url: str
    file: Path
    app: Flask
    mails: Path
    ids: dict[str, Any] = field(default_factory=dict)
    _cookies: dict[str, str] = field(default_factory=dict)

    def write(self, deed: Callable[[Session], Found]) -> Found:
        """Do something in a transaction of its own and return what it returns."""
        engine = open_ready(f"sqlite:///{self.file}")
        try:
            with self.app.app_context(), writing(engine) as session:
                return deed(session)
        finally:
            engine.dispose()

    def person(self, who: str, role: Role | None = None, place: str = "370285", *, password: bool = True) -> int:
        """Open an account, with a password and a seat at an office; return its number."""
        with self.app.app_context():
            hashed = hash_password(PASSWORD) if password else ""

        def deed(session: Session) -> int:
            row = open_account(session, email=email_of(who), name=f"测试 {who}", doer=DOER, now=moment())
            if password:
                set_password(session, row, hashed, doer=DOER, now=moment())
                row.email_proved_at = moment()
            if role:
                grant(session, row, role, office=office_at(session, place), doer=DOER, now=moment())
            return row.id

        return self.write(deed)

    def cookie(self, who: str, factor: Factor = Factor.TOTP) -> str:
        """Return the cookie of somebody who signed in once, however many browsers show it."""
        if who not in self._cookies:

            def deed(session: Session) -> str:
                row = found(session, who)
                doer = Doer(row.id, row.name, "", "127.0.0.1", "tests")
                return begin(session, row, factor, doer=doer, agent=AGENT, hours=8, now=moment())

            at = int(moment().timestamp())
            self._cookies[who] = signed({"sid": self.write(deed), "seen": at, "proved": at})
        return self._cookies[who]

    def half_cookie(self, who: str) -> str:
        """Return the cookie of somebody whose password was right and whose second factor is awaited."""
        handle = self.write(lambda session: found(session, who).fs_uniquifier)
        return signed({"half": {"who": handle, "by": "password", "at": int(moment().timestamp())}})

    def link_mailed_to(self, address: str) -> str:
        """Return the link in the mail to an address, once the program has sent it."""
        until = time.monotonic() + 30
        while time.monotonic() < until:
            for file in self.mails.glob("*"):
                mail = message_from_bytes(file.read_bytes(), policy=default)
                body = mail.get_body(("plain",))
                if mail["To"] == address and body is not None:
                    links = re.findall(r"http://\S+", body.get_content())
                    assert links, body.get_content()
                    return str(links[0])
            time.sleep(0.2)
        raise AssertionError(f"no mail to {address} among {sorted(self.mails.glob('*'))}")

    def enrol_codes(self, who: str) -> TOTP:
        """Give somebody an authenticator, and return it."""
        with self.app.app_context():
            secret = codes().generate_totp_secret()
            made: TOTP = codes()._totp.from_source(secret)  # type: ignore[attr-defined]

        def deed(session: Session) -> None:
            row = found(session, who)
            row.tf_totp_secret, row.totp_enrolled_at = secret, moment()

        self.write(deed)
        return made


def moment() -> datetime:
    """Return the present moment: the program that is served has a clock of its own, the real one."""
    return datetime.now(UTC)


def found(session: Session, who: str) -> Person:
    """Return somebody by the name he goes by in the tests."""
    row = person_by_email(session, email_of(who))
    assert row is not None, who
    return row


@contextmanager
def served_city(folder: Path) -> Iterator[ServedCity]:
    """Build the city, serve it until the end, and hold the program to a log without complaints."""
    file, log = folder / "city.sqlite", folder / "server.log"
    build_city(file, crowd_size=3)
    seat_cast(file, moment())
    port = _free_port()
    url = f"http://{HOST}:{port}"
    app = create_app(settings(file, secret_key=SECRET, field_keys=FIELD_KEYS, public_url=url))
    city = ServedCity(url, file, app, folder / "mail")
    _furnish(city)
    own = environment(f"sqlite:///{file}", folder) | {"REGISTRY_PORT": str(port), "REGISTRY_PUBLIC_URL": url}
    with (
        log.open("w", encoding="utf-8") as said,
        subprocess.Popen(_PROGRAM, cwd=folder, env=own, stdout=subprocess.PIPE, stderr=said, text=True) as process,
    ):
        assert process.stdout
        try:
            if "http://" not in process.stdout.readline():
                raise RuntimeError(f"no server: {log.read_text('utf-8')}")
            yield city
        finally:
            process.terminate()
    complaints = [line for line in log.read_text("utf-8").splitlines() if '"level": "error"' in line]
    assert not complaints, complaints


def picture_folder() -> Path | None:
    """Return where pictures of the pages are wanted, if anywhere."""
    asked = os.environ.get("PICTURES")
    return Path(asked) if asked else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _furnish(city: ServedCity) -> None:
    """Put into the city what the pages of accounts are looked at with; nothing that others of the tests change."""
    city.person("bound", Role.DISTRICT_REVIEWER)
    city.person("overdue", Role.DISTRICT_REVIEWER)
    city.person("single", Role.DISTRICT_REVIEWER)
    city.person("barred", Role.DISTRICT_REVIEWER)
    city.person("asker")
    city.person("claimant")
    city.enrol_codes("single")
    city.enrol_codes("district")
    city.enrol_codes("security_admin")
    with city.app.app_context():
        city.write(lambda session: _fill(session, city))


def _fill(session: Session, city: ServedCity) -> None:
    now, ids = moment(), city.ids
    found(session, "overdue").password_set_at = now - timedelta(days=4000)
    district = found(session, "district")
    kept = {"credential_id": b"furnished", "public_key": b"k", "sign_count": 0, "name": "值班室电脑"}
    session.add(Passkey(person_id=district.id, added_at=now, **kept))
    keep_recovery_codes(session, district, ["abcd-efgh-ijkl", "mnop-qrst-uvwx"], doer=DOER, now=now)
    for who in ("district", "claimant"):
        set_contact(session, keys(), found(session, who), "phone", "13805320000", doer=DOER, now=now)
    ids["open"] = _ask(session, "claimant", 1)
    ids["unknown_firm"] = _ask(session, "claimant", 900)
    gone = _ask(session, "asker", 901)
    withdraw(session, session.get_one(Claim, gone), doer=DOER, now=now)
    ids["refused"] = _ask(session, "asker", 902)
    judge = Actor(district.id, district.name, standing=Standing.FULL, seats=seats_of(session, district.id, now.date()))
    case = session.get_one(Claim, ids["refused"])
    refuse(session, judge, judge.seats, case, reason="电话核实未接通，请由法定代表人确认后重新申请", now=now)
    _ask(session, "asker", 903)
    told = {"kind": TieKind.FAMILY, "ended_on": None, "note": "配偶在该企业任职"}
    declare(session, found(session, "barred").id, uscc=code(1), doer=DOER, now=now, **told)
    note_group(session, code(1), "青岛示例集团", source="2024 年年报", doer=DOER, now=now)
    note_group(session, code(2), "青岛示例集团", source="2024 年年报", doer=DOER, now=now)
    one = firm_by_uscc(session, code(1))
    assert one is not None
    applicant = found(session, "applicant")
    doer = Doer(applicant.id, applicant.name)
    ids["invitation_new"] = invite(session, one, "newcomer@example.com", doer=doer, now=now)[1]
    ids["invitation_known"] = invite(session, one, email_of("asker"), doer=doer, now=now)[1]
    ids["welcome"] = make_link(session, found(session, "statistician"), Purpose.WELCOME, doer=DOER, now=now)
    ids["demo"] = make_link(session, found(session, "auditor"), Purpose.DEMO, doer=DOER, now=now)
    ids["person"], ids["uscc"] = district.id, code(1)


def _ask(session: Session, who: str, number: int) -> int:
    row = found(session, who)
    claim = ask_to_represent(
        session,
        row,
        uscc=code(number),
        firm_name=f"青岛示例第{number}精密机械制造股份有限公司",
        district="370285",
        position="财务主管",
        doer=Doer(row.id, row.name),
        now=moment(),
    )
    return claim.id
