"""`registry export snapshot` and `registry screen --input`: what goes out is traced, the list is the same."""

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from make import firm, title
from sqlalchemy.orm import Session

from registry.cli.exports import export_group
from registry.cli.screening import screen
from registry.domain.errors import Refused
from registry.domain.trail import Doer, Tag
from registry.store.engine import open_ready, writing
from registry.store.trail import trail_page
from registry.work.enrol import enrol
from registry.work.file_books import file_titles

NOW = datetime(2025, 1, 10, 1, 0, tzinfo=UTC)
PLACE = "var/registry.sqlite"
SCREEN = ("--tier", "specialized", "--on", "2025-01-10")
INPUT = ("--input", "snapshot")


@pytest.fixture(autouse=True)
def _a_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    engine = open_ready(f"sqlite:///{PLACE}")
    with writing(engine) as session:
        enrol(session, [firm(1), firm(2, district="370211")], now=NOW, on=date(2022, 1, 1), source="企业")
        told = [title(1, recognised_on=date(2024, 5, 1))]
        file_titles(session, told, now=NOW, source="称号")
    engine.dispose()


def run(command: click.Command, *arguments: str) -> Result:
    result = CliRunner().invoke(command, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit | Refused):
        raise result.exception
    return result


@pytest.fixture
def snapshot() -> Result:
    return run(export_group, "snapshot", "--on", "2025-01-10", "--out", "snapshot")


def test_the_trail_tells_of_a_snapshot_that_went_out(snapshot: Result) -> None:
    assert snapshot.exit_code == 0 and "firms 2" in snapshot.stderr

    engine = open_ready(f"sqlite:///{PLACE}")
    with Session(engine) as session:
        (entry,) = trail_page(session, tag=Tag.DATA_EXPORTED)
    engine.dispose()
    assert (entry.name, entry.subject) == (Doer.program("export snapshot").name, "snapshot.parquet")
    assert json.loads(entry.after or "") == {"asked": {"on": "2025-01-10"}, "rows": 2}


@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_snapshot_is_screened_to_the_same_text_without_a_database(
    snapshot: Result, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = run(screen, *SCREEN, "--format", form)
    monkeypatch.setenv("REGISTRY_DATABASE_URL", "sqlite:///nowhere.sqlite")

    told = run(screen, *SCREEN, "--format", form, *INPUT, "--engine", "polars")
    filed = run(screen, *SCREEN, "--format", form, *INPUT, "--out", f"list.{form}")

    assert own.exit_code == told.exit_code == filed.exit_code == 0
    assert own.stdout_bytes == told.stdout_bytes == Path(f"list.{form}").read_bytes()
    assert not Path("nowhere.sqlite").exists()
    # What was needed on the way is gone.
    assert sorted(path.name for path in Path().iterdir()) == [f"list.{form}", "snapshot", "var"]


def test_spark_asks_for_a_snapshot_and_for_what_it_needs(snapshot: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    without = run(screen, *SCREEN, "--engine", "spark")
    assert without.exit_code == 2 and "--input" in without.stderr

    monkeypatch.delitem(sys.modules, "registry.work.run_on_spark", raising=False)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    monkeypatch.setitem(sys.modules, "narwhals", None)
    missing = run(screen, *SCREEN, "--engine", "spark", *INPUT)
    assert isinstance(missing.exception, Refused) and "gradient-registry[spark]" in str(missing.exception)


def test_a_damaged_snapshot_and_a_day_of_another_year_are_refused_by_their_option(snapshot: Result) -> None:
    other = run(screen, "--tier", "specialized", "--on", "2026-01-10", *INPUT)
    assert isinstance(other.exception, Refused) and str(other.exception).startswith("on: ")

    part = Path("snapshot/firms/00000.parquet")
    part.write_bytes(part.read_bytes()[:-1] + b"?")
    damaged = run(screen, *SCREEN, *INPUT)
    assert isinstance(damaged.exception, Refused) and str(damaged.exception).startswith("input: firms/00000.parquet")
