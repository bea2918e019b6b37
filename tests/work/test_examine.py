"""What the doctor finds: each thing that may be wrong with an installation, and what to do about it."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from casework import MONDAY
from people import home
from sqlalchemy import Engine, create_engine, text

from registry.config import Settings
from registry.evidence.vault import Vault
from registry.store.engine import open_engine, writing
from registry.store.letters import Letter
from registry.store.migrate import upgrade
from registry.work.examine import Finding, examine
from registry.work.keep_calendar import ensure_calendar
from registry.work.seal import Keys

KEYS = Keys.parse(f"tests:{'A' * 43}=")
# Of a year whose holidays come with the program.
NOW = MONDAY


def settings_of(file: Path, **changes: object) -> Settings:
    told = {"local_table": "shandong-2022", "higher_title_counts": False, "secret_key": "s" * 64, "host": "127.0.0.1"}
    told |= {"port": 0, "time_zone": "Asia/Shanghai", "language": "zh", **changes}
    return Settings(database_url=f"sqlite:///{file}", **told)  # type: ignore[arg-type]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder with a register that nothing is wrong with, and which only its owner may enter."""
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    with home(f"sqlite:///{folder / 'registry.sqlite'}") as engine, writing(engine) as session:
        ensure_calendar(session, NOW)
    yield folder


def found(place: Path, **changes: object) -> dict[str, Finding]:
    told = settings_of(place / "registry.sqlite", public_url="https://pygx.example.gov.cn", **changes)
    engine = open_engine(f"sqlite:///{place / 'registry.sqlite'}")
    try:
        return look(engine, told, Vault(place / "files"))
    finally:
        engine.dispose()


def look(engine: Engine, told: Settings, vault: Vault) -> dict[str, Finding]:
    return {one.what: one for one in examine(engine, told, vault, KEYS, now=NOW, deep=True)}


def test_nothing_is_wrong_with_an_installation_as_the_guide_makes_it(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISTRY_SECRET_KEY", "s" * 64)

    assert {one.what: one.state for one in found(place).values() if one.state != "good"} == {}


def test_a_calendar_that_came_with_the_program_and_was_not_filed_is_filed_by_an_upgrade(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    upgrade(engine)
    told = look(engine, settings_of(tmp_path / "registry.sqlite"), Vault(tmp_path / "files"))["calendar"]
    engine.dispose()

    assert told.state == "wrong" and "registry upgrade" in told.told


def test_of_an_older_database_only_that_is_said(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    told = settings_of(tmp_path / "registry.sqlite")
    empty = look(engine, told, Vault(tmp_path / "files"))
    upgrade(engine, "0016")
    older = look(engine, told, Vault(tmp_path / "files"))
    engine.dispose()

    for one in (empty, older):
        assert one["database"].state == "wrong" and "registry upgrade" in one["database"].told
        assert "mail" not in one and one["rest"].state == "doubtful"


def test_a_newer_database_asks_for_a_newer_program(place: Path) -> None:
    engine = create_engine(f"sqlite:///{place / 'registry.sqlite'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    assert "请更新程序" in found(place)["database"].told


@pytest.mark.parametrize("name", ["registry.sqlite", "field-keys", "files"])
def test_what_others_on_the_machine_may_read_is_told(place: Path, name: str) -> None:
    place.chmod(0o755)
    for one in ("registry.sqlite", "field-keys", "files"):
        (place / one).mkdir(exist_ok=True) if one == "files" else (place / one).touch()
        (place / one).chmod(0o700)
    assert found(place)["rights"].state == "good"
    (place / name).chmod(0o744)
    told = found(place)["rights"]

    assert told.state == "doubtful" and name in told.told


def test_mails_that_wait_too_long_are_told(place: Path) -> None:
    engine = open_engine(f"sqlite:///{place / 'registry.sqlite'}")
    with writing(engine) as session:
        moments = {"written_at": NOW, "due_at": NOW - timedelta(hours=2)}
        session.add(Letter(to="x@example.com", subject="x", state="waiting", tries=0, fault="", **moments))
    engine.dispose()

    assert found(place)["mail"].state == "wrong"


def test_a_scanner_that_does_not_answer_is_told(place: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as daemon:
        address = f"127.0.0.1:{daemon.getsockname()[1]}"

        def pong() -> None:
            line, _where = daemon.accept()
            with line:
                assert line.recv(100) == b"zPING\0"
                line.sendall(b"PONG\0")

        answering = Thread(target=pong)
        answering.start()
        assert found(place, clamd=address)["scanner"].state == "good"
        answering.join()
    assert found(place, clamd=address)["scanner"].state == "wrong"
    assert "scanner" not in found(place)


def test_a_folder_of_files_that_cannot_be_written_is_told(place: Path) -> None:
    (place / "files").write_text("a file where the folder should be")

    assert found(place)["files"].state == "wrong"
