"""Lists of firms that the command line hands out: the trail tells of each, once it went out."""

import csv
import io
import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import click
import postgres
import pytest
from click.testing import CliRunner, Result
from make import firm, stay, title
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from registry.cli.exports import export_group
from registry.cli.screening import screen
from registry.cli.watching import watch
from registry.domain.errors import Refused
from registry.domain.trail import Doer, Entry, Tag
from registry.store.engine import open_ready, writing
from registry.store.trail import trail_page
from registry.work.enrol import enrol
from registry.work.file_books import file_stays, file_titles

NOW = datetime(2025, 1, 10, 1, 0, tzinfo=UTC)
PLACE = "var/registry.sqlite"
SCREEN = ("--tier", "specialized", "--on", "2025-01-10")
WATCH = ("expiring", "--on", "2025-01-10")


@pytest.fixture(autouse=True)
def _a_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    fill(f"sqlite:///{PLACE}")


def fill(url: str) -> None:
    engine = open_ready(url)
    with writing(engine) as session:
        listed = [firm(1, district="370285"), firm(2, district="370211")]
        enrol(session, listed, now=NOW, on=date(2022, 1, 1), source="企业")
        told = [title(1, recognised_on=date(2024, 5, 1), valid_until=date(2025, 1, 31))]
        file_titles(session, told, now=NOW, source="称号")
        file_stays(session, [stay(1), stay(2, district="370211")], now=NOW, source="规上")
    engine.dispose()


def run(command: click.Command, *arguments: str) -> Result:
    result = CliRunner().invoke(command, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit | Refused):
        raise result.exception
    return result


def exported(url: str = f"sqlite:///{PLACE}") -> list[Entry]:
    engine = open_ready(url)
    with Session(engine) as session:
        found = trail_page(session, tag=Tag.DATA_EXPORTED)
    engine.dispose()
    return found


@pytest.mark.parametrize(
    ("command", "arguments", "doer", "subject", "asked", "rows"),
    [
        (export_group, ("firms",), "export firms", "firms.xlsx", {}, 2),
        (export_group, ("firms", "--district", "370211"), "export firms", "firms.xlsx", {"district": "370211"}, 1),
        (export_group, ("titles", "--format", "csv"), "export titles", "titles.csv", {}, 1),
        (export_group, ("scale", "--format", "csv"), "export scale", "scale.csv", {}, 2),
        (screen, SCREEN, "screen", "screen.json", {"kind": "new", "on": "2025-01-10", "tier": "specialized"}, 2),
        (
            watch,
            (*WATCH, "--days", "30", "--author", "吴科长", "--format", "csv"),
            "watch",
            "watch/expiring.csv",
            {"author": "吴科长", "days": 30, "on": "2025-01-10"},
            1,
        ),
    ],
)
@pytest.mark.parametrize("out", [True, False])
def test_the_trail_tells_of_a_list_that_went_out(
    command: click.Command,
    arguments: tuple[str, ...],
    doer: str,
    subject: str,
    asked: dict[str, object],
    rows: int,
    out: bool,
) -> None:
    result = run(command, *arguments, *(("--out", "list") if out else ()))
    assert result.exit_code == 0 and "trail" not in result.stderr
    assert not out or Path("list").stat().st_size

    (entry,) = exported()
    whose = Doer.program(doer)
    assert (entry.name, entry.seat, entry.subject) == (whose.name, whose.seat, subject)
    assert json.loads(entry.after or "") == {"asked": asked, "rows": rows}


def test_a_list_that_did_not_go_out_is_none() -> None:
    for command, arguments in (
        (export_group, ("firms", "--out", "nowhere/list.xlsx")),
        (watch, ("no_such_list", "--on", "2025-01-10")),
        (watch, ("--list",)),
        (screen, (*SCREEN, "--district", "abc")),
    ):
        run(command, *arguments)

    assert exported() == []


@pytest.mark.parametrize("command", ["export", "watch", "screen"])
def test_a_database_that_is_only_read_gives_its_lists_and_says_what_is_missing(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISTRY_DATABASE_URL", f"sqlite:///file:{PLACE}?mode=ro&uri=true")
    commands = {
        "export": (export_group, ("titles", "--format", "csv")),
        "watch": (watch, (*WATCH, "--format", "csv")),
        "screen": (screen, (*SCREEN, "--format", "csv")),
    }
    result = run(commands[command][0], *commands[command][1])

    assert result.exit_code == 0
    assert "the trail could not tell of it" in result.stderr and "readonly" in result.stderr
    assert len(list(csv.reader(io.StringIO(result.stdout.removeprefix("\ufeff"))))) > 1
    assert exported() == []


@pytest.mark.postgresql
def test_whoever_only_reads_a_server_gets_lists_too(
    server: postgres.Server, migrated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.create(migrated)
    only_reads = make_url(url).update_query_dict({"options": "-c default_transaction_read_only=on"})
    monkeypatch.setenv("REGISTRY_DATABASE_URL", only_reads.render_as_string(hide_password=False))
    result = run(export_group, "titles", "--format", "csv")

    assert result.exit_code == 0
    assert "the trail could not tell of it" in result.stderr and "read-only" in result.stderr
    assert exported(url) == []
    server.drop(url)


def test_whoever_takes_the_beginning_only_is_told_of_too() -> None:
    engine = open_ready(f"sqlite:///{PLACE}")
    with writing(engine) as session:
        many = [firm(number) for number in range(3, 2000)]
        enrol(session, many, now=NOW, on=date(2022, 1, 1), source="企业")
    engine.dispose()
    reading, taking = os.pipe()
    command = [sys.executable, "-c", "from registry.cli.main import main; main()", "export", "firms", "--format", "csv"]
    os.close(reading)
    done = subprocess.run(command, stdout=taking, stderr=subprocess.PIPE, timeout=60)
    os.close(taking)

    assert done.returncode == 1
    (entry,) = exported()
    assert entry.subject == "firms.csv"
