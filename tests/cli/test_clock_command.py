"""`registry clock tick`, and the clock of the server: reminds once, sweeps what no case needs, outlives faults."""

import hashlib
import os
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from casework import MONDAY, SHANGHAI, good_firm, open_hall
from click.testing import CliRunner
from people import actor_of
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from registry.app import create_app
from registry.cli import clock as clock_module
from registry.cli import serving as served
from registry.cli.clock import clock_group, keep_time
from registry.config import load_settings
from registry.domain.errors import Refused
from registry.evidence.vault import Vault
from registry.store.engine import open_ready, writing
from registry.store.evidence import Evidence
from registry.store.firms import Firm
from registry.store.letters import Letter
from registry.store.notices import Notice
from registry.store.offices import SeatRow
from registry.store.people import Person
from registry.work.apply import Submission, open_application, submit
from registry.work.seal import Keys

KEYS = Keys.parse(f"tests:{'A' * 43}=")
NOW = datetime(2027, 5, 15, 9, 0, tzinfo=SHANGHAI)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A database in which a title ends soon by any clock that the machine may have."""
    url = f"sqlite:///{tmp_path / 'x.sqlite'}"
    monkeypatch.setenv("REGISTRY_DATABASE_URL", url)
    engine = open_ready(url)
    with writing(engine) as session:
        hall = open_hall(session)
        hall.hold("innovative", date(2024, 5, 20))
    engine.dispose()
    yield url


def counted(url: str) -> tuple[int, int]:
    engine = open_ready(url)
    with Session(engine) as session:
        found = [session.scalar(select(func.count()).select_from(one)) or 0 for one in (Notice, Letter)]
    engine.dispose()
    return found[0], found[1]


def test_a_tick_tells_with_a_mail_and_the_next_one_does_nothing(place: str) -> None:
    engine = open_ready(place)
    first = keep_time(engine, KEYS, "https://registry.example/", None, NOW)
    second = keep_time(engine, KEYS, "https://registry.example/", None, NOW)
    engine.dispose()

    assert first.ticked is not None and first.ticked.notices == {"title_expiring": 1}
    assert second.ticked is None
    assert counted(place) == (1, 1)


def test_the_command_may_be_repeated_and_says_what_it_did(place: str) -> None:
    results = [CliRunner().invoke(clock_group, ["tick"]) for _ in range(2)]

    assert [one.exit_code for one in results] == [0, 0], results[0].output
    assert "通知 0 条" in results[1].output and "(notices" in results[1].output
    assert counted(place)[0] == counted(place)[1]


def test_a_sweep_leaves_what_was_submitted_with_a_case(place: str, tmp_path: Path) -> None:
    vault, engine = Vault(tmp_path / "files"), open_ready(place)
    digests = {}
    for name in ("submitted", "never"):
        content = name.encode()
        digests[name] = hashlib.sha256(content).hexdigest()
        file = vault.folder / digests[name][:2] / digests[name]
        file.parent.mkdir(parents=True)
        file.write_bytes(content)
        long_ago = (MONDAY - timedelta(days=9)).timestamp()
        os.utime(file, (long_ago, long_ago))
    with writing(engine) as session:
        firm = session.scalars(select(Firm)).one()
        row = Evidence(
            firm_id=firm.id,
            name="a.pdf",
            kind="pdf",
            size=9,
            sha256=digests["submitted"],
            state="clean",
            note="",
            added_at=MONDAY,
            added_by="test",
        )
        session.add(row)
        session.flush()
        who = session.scalars(select(Person).join(SeatRow).where(SeatRow.firm_id == firm.id)).one()
        actor = actor_of(session, who, MONDAY)
        case = open_application(session, actor, actor.seats, firm, tier="above_scale", kind="new", now=MONDAY)
        submit(session, actor, actor.seats, case, Submission(good_firm(), "凌经办"), now=MONDAY)
        # The firm takes it back afterwards: the case still rests on it.
        row.removed_at, row.removed_by = MONDAY, "test"
    swept = keep_time(engine, KEYS, "", vault, MONDAY).swept
    engine.dispose()

    assert swept == 1
    assert [one.name for one in vault.folder.rglob("*") if one.is_file()] == [digests["submitted"]]


def test_the_clock_of_the_server_outlives_whatever_goes_wrong(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    app, stopping, vaults = create_app(settings), Event(), []

    def keep(_engine: Any, _keys: Any, _url: str, vault: Any, _now: datetime) -> None:
        vaults.append(vault)
        if len(vaults) == 4:
            stopping.set()
        if len(vaults) < 3:
            raise [RuntimeError("p1@example.com"), Refused.at("", "locked")][len(vaults) - 1]

    monkeypatch.setattr(clock_module, "keep_time", keep)
    monkeypatch.setattr(served, "_CLOCK_PAUSE", 0.01)
    monkeypatch.setattr(served, "_CLOCK_FIRST", 0.01)
    with capture_logs() as logs:
        served._keep_time(app, settings, stopping)

    told = [(one["event"], one["error"], one["reason"]) for one in logs if one["event"] == "clock.failed"]
    assert told == [("clock.failed", "RuntimeError", ""), ("clock.failed", "Refused", "locked")]
    # Until it went well once a day, the vault is swept; after that no more that day.
    assert [one is not None for one in vaults] == [True, True, True, False]
