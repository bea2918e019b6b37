"""`registry trail`: its endings, what it prints, checkpoints and archives that go out and come back."""

import csv
import io
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from chain_commands import run_group, tamper
from click.testing import Result

from registry.cli.trail import trail_group
from registry.domain.chain import GENESIS
from registry.domain.errors import Refused
from registry.domain.trail import Doer, Tag
from registry.store.engine import open_ready, writing
from registry.work.trace import record

# Older than 200 days by the clock of whatever machine runs this.
OLD = datetime(2024, 6, 1, 8, tzinfo=UTC)
YOUNG = datetime(2999, 6, 1, 8, tzinfo=UTC)
FILE = "registry.sqlite"


@pytest.fixture(autouse=True)
def _trail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three old entries and one that is young for ever."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REGISTRY_DATABASE_URL", f"sqlite:///{FILE}")
    engine = open_ready(f"sqlite:///{FILE}")
    with writing(engine) as session:
        for number, name in enumerate(("陈主任", "=1+1", "王\r\n\x1b[2J")):
            doer = Doer(number, name, address="10.0.0.7")
            at = OLD + timedelta(days=number)
            record(session, Tag.SEAT_GRANTED, doer, now=at, subject=f"person:{number}", after={"n": number})
        record(session, Tag.SESSION_REFUSED, Doer(None, "陌生人"), now=YOUNG)
    engine.dispose()


def run(*arguments: str) -> Result:
    return run_group(trail_group, arguments)


def found(*arguments: str) -> list[int]:
    return [row["seq"] for row in json.loads(run("search", *arguments).stdout)["rows"]]


def test_a_trail_that_holds_ends_with_nought() -> None:
    result = run("verify")

    assert result.exit_code == 0
    assert "留痕完好" in result.output and "4 entries, 0 checkpoints" in result.output


def test_a_break_ends_with_one_and_says_what_where_and_what_to_do() -> None:
    tamper(FILE, "UPDATE trail SET name = '别人' WHERE seq = 2")
    result = run("verify")

    assert result.exit_code == 1
    assert "留痕有误" in result.output and "[chain] trail 2: " in result.output and "backup" in result.output
    assert "seq 1 " in result.output


def test_a_tail_cut_off_is_found_by_the_checkpoint() -> None:
    assert run("checkpoint", "--out", "head.json").exit_code == 0
    kept = json.loads(Path("head.json").read_text("utf-8"))
    assert set(kept) == {"chain", "seq", "hash", "at", "entries", "made_at", "program"}
    assert kept["hash"] == json.loads(run("checkpoint").stdout)["hash"]
    assert run("verify", "--checkpoint", "head.json").exit_code == 0

    tamper(FILE, "DELETE FROM trail WHERE seq = 4")
    assert run("verify").exit_code == 0
    result = run("verify", "--checkpoint", "head.json")
    assert result.exit_code == 1 and "the tail was cut off" in result.output


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        (b"", ""),
        (b"[]", "a checkpoint of the trail expected"),
        # As `registry audit checkpoint` writes it.
        (json.dumps({"seq": 4, "hash": "f" * 64}).encode(), "a checkpoint of the trail expected"),
        (b'{"chain": "trail", "seq": true, "hash": ""}', "seq"),
        (b'{"chain": "trail", "seq": -1, "hash": ""}', "seq"),
        (b'{"chain": "trail", "seq": 5, "hash": "abc"}', "hash"),
        (json.dumps({"chain": "trail", "seq": 0, "hash": "f" * 64}).encode(), "hash"),
    ],
)
def test_a_checkpoint_that_is_none_is_refused(content: bytes | None, said: str) -> None:
    if content is not None:
        Path("head.json").write_bytes(content)
    result = run("verify", "--checkpoint", "head.json")

    assert isinstance(result.exception, Refused)
    assert "head.json" in str(result.exception) and said in str(result.exception)


def test_a_checkpoint_that_cannot_be_written_is_refused() -> None:
    assert "could not be written" in str(run("checkpoint", "--out", "nowhere/head.json").exception)


def test_the_checkpoint_of_an_empty_trail_holds_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_DATABASE_URL", "sqlite:///empty.sqlite")
    run("checkpoint", "--out", "head.json")
    assert json.loads(Path("head.json").read_text("utf-8"))["hash"] == GENESIS

    monkeypatch.setenv("REGISTRY_DATABASE_URL", f"sqlite:///{FILE}")
    assert run("verify", "--checkpoint", "head.json").exit_code == 0


def test_a_search_gives_what_fits_newest_first() -> None:
    assert found() == [4, 3, 2, 1]
    assert found("--tag", "seat") == found("--tag", "seat.granted") == [3, 2, 1]
    assert found("--person", "1") == found("--subject", "person:1") == [2]
    assert found("--text", "陌生") == [4]
    assert found("--since", "2024-06-02T08:00:00+00:00", "--until", "2024-06-03T08:00:00+00:00") == [2]
    assert found("--limit", "1") == [4]
    assert found("--subject", "person:99") == []


def test_a_tag_that_nobody_knows_is_refused() -> None:
    assert run("search", "--tag", "firm.conquered").exit_code == 2


def test_a_list_runs_nothing_in_a_spreadsheet_and_breaks_no_line() -> None:
    assert run("search", "--format", "csv", "--out", "trail.csv").exit_code == 0
    content = Path("trail.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))

    assert [row["姓名"] for row in rows] == ["陌生人", "王⏎�[2J", "'=1+1", "陈主任"]
    assert rows[-1]["说明"] == "授予席位" and rows[-1]["时刻"] == "2024-06-01T08:00:00.000000+00:00"
    assert len(content.splitlines()) == 5 and "\x1b" not in content


def test_an_archive_goes_out_and_is_proved_with_the_trail() -> None:
    run("checkpoint", "--out", "head.json")
    result = run("archive", "--before", "2024-06-02", "--out", "one.jsonl")
    assert result.exit_code == 0 and "one.jsonl：1 条" in result.output
    assert run("archive", "--before", "2024-12-31", "--out", "two.jsonl").exit_code == 0
    kept = [
        json.loads(line)
        for file in ("one.jsonl", "two.jsonl")
        for line in Path(file).read_text("utf-8").split("\n")
        if line
    ]

    assert [entry["seq"] for entry in kept] == [1, 2, 3]
    assert Path("one.jsonl").stat().st_mode & 0o077 == 0
    assert found() == [6, 5, 4] and found("--tag", "trail.archived") == [6, 5]
    assert run("verify", "--checkpoint", "head.json").exit_code == 0
    whole = run("verify", "--checkpoint", "head.json", "--archive", "one.jsonl", "--archive", "two.jsonl")
    assert whole.exit_code == 0 and "6 entries" in whole.output
    assert run("verify", "--archive", "two.jsonl").exit_code == 1


def test_a_checkpoint_of_what_was_archived_is_said_to_prove_nothing() -> None:
    tail = sqlite3.connect(FILE)
    (told,) = tail.execute("SELECT hash FROM trail WHERE seq = 1").fetchone()
    tail.close()
    Path("head.json").write_text(json.dumps({"chain": "trail", "seq": 1, "hash": told}))
    run("archive", "--before", "2024-12-31", "--out", "one.jsonl")

    result = run("verify", "--checkpoint", "head.json")
    assert result.exit_code == 0 and "give --archive" in result.output
    result = run("verify", "--checkpoint", "head.json", "--archive", "one.jsonl")
    assert result.exit_code == 0 and "give --archive" not in result.output


def test_nothing_young_is_archived_and_no_file_is_left() -> None:
    result = run("archive", "--before", "2999-12-31", "--out", "one.jsonl")

    assert isinstance(result.exception, Refused) and "200 days" in str(result.exception)
    assert not Path("one.jsonl").exists() and found() == [4, 3, 2, 1]


def test_where_nothing_is_so_old_no_file_is_left() -> None:
    result = run("archive", "--before", "2020-01-01", "--out", "one.jsonl")

    assert result.exit_code == 0 and "no entry is so old" in result.output
    assert not Path("one.jsonl").exists() and found() == [4, 3, 2, 1]


@pytest.mark.parametrize("place", ["there.jsonl", "nowhere/one.jsonl"])
def test_a_file_that_is_there_already_or_cannot_be_made_is_refused(place: str) -> None:
    Path("there.jsonl").write_text("precious")
    result = run("archive", "--before", "2024-12-31", "--out", place)

    assert isinstance(result.exception, Refused) and "could not be written" in str(result.exception)
    assert Path("there.jsonl").read_text() == "precious" and found() == [4, 3, 2, 1]


def test_an_archive_that_cannot_be_read_is_refused() -> None:
    Path("one.jsonl").write_text("no entry\n")

    assert "one.jsonl:1" in str(run("verify", "--archive", "one.jsonl").exception)
    assert "cannot be read" in str(run("verify", "--archive", "nowhere.jsonl").exception)


def test_what_the_disk_did_not_take_is_not_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("registry.cli.trail.os.fsync", full)
    result = run("archive", "--before", "2024-12-31", "--out", "one.jsonl")

    assert isinstance(result.exception, Refused) and "No space left" in str(result.exception)
    assert not Path("one.jsonl").exists() and found() == [4, 3, 2, 1]
