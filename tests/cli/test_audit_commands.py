"""`registry audit`: its endings, what it prints, and checkpoints that go out and come back."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from chain_commands import run_group, tamper
from click.testing import Result
from make import code, stay, title

import registry
from registry.cli.audit import audit_group
from registry.domain.chain import GENESIS
from registry.domain.errors import Refused
from registry.store.engine import open_ready, writing
from registry.work.file_books import file_stays, file_titles

NOW = datetime(2025, 11, 25, 1, 30, tzinfo=UTC)
FILE = "books.sqlite"


@pytest.fixture(autouse=True)
def _books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REGISTRY_DATABASE_URL", f"sqlite:///{FILE}")
    engine = open_ready(f"sqlite:///{FILE}")
    with writing(engine) as session:
        file_titles(session, [title(1), title(2)], now=NOW, source="公告.xlsx")
        file_stays(session, [stay(1)], now=NOW, source="名录.csv")
    engine.dispose()


def run(*arguments: str) -> Result:
    return run_group(audit_group, arguments)


def test_books_that_hold_end_with_nought() -> None:
    result = run("verify")

    assert result.exit_code == 0
    assert "账目完好" in result.output and "5 entries, 2 firms, 0 checkpoints" in result.output


def test_a_checkpoint_goes_out_and_comes_back() -> None:
    printed = json.loads(run("checkpoint").stdout)
    assert run("checkpoint", "--out", "head.json").exit_code == 0
    kept = json.loads(Path("head.json").read_text("utf-8"))

    assert set(kept) == {"seq", "hash", "known_at", "entries", "made_at", "program"}
    assert (kept["seq"], kept["entries"], kept["program"]) == (5, 5, registry.__version__)
    assert (printed["seq"], printed["hash"]) == (kept["seq"], kept["hash"])
    result = run("verify", "--checkpoint", "head.json", "--checkpoint", "head.json")
    assert result.exit_code == 0
    assert "2 checkpoints" in result.output


def test_a_break_ends_with_one_and_says_what_where_and_what_to_do() -> None:
    tamper(FILE, "UPDATE ledger SET district = '370202' WHERE seq = 2")
    result = run("verify")

    assert result.exit_code == 1
    assert "账目有误" in result.output
    assert "ledger 2: " in result.output and code(1) in result.output and "backup" in result.output
    assert "seq 1 " in result.output


def test_a_tail_cut_off_is_found_by_the_checkpoint() -> None:
    run("checkpoint", "--out", "head.json")
    tamper(FILE, "DELETE FROM ledger WHERE seq = 5", "DELETE FROM standing_span", "DELETE FROM standing_change")
    tamper(FILE, "DELETE FROM tally")

    assert "[chain]" not in run("verify").output
    result = run("verify", "--checkpoint", "head.json")
    assert result.exit_code == 1
    assert "ledger 5: " in result.output and "the tail was cut off" in result.output


def test_standing_that_does_not_follow_is_found() -> None:
    tamper(FILE, "UPDATE standing_span SET ends_on = '2030-01-01' WHERE tier = 'specialized'")
    result = run("verify")

    assert result.exit_code == 1
    assert "[standing]" in result.output and "[chain]" not in result.output
    assert f"{code(1)} standing_span" in result.output


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        (b"", ""),
        (b"\xff\xfe", ""),
        (b"[]", "a checkpoint expected"),
        # Of the other chain, which would seem to prove that the ledger was tampered with.
        (json.dumps({"chain": "trail", "seq": 1, "hash": "f" * 64}).encode(), "a checkpoint expected"),
        (b"{}", "seq"),
        (b'{"seq": "5", "hash": ""}', "seq"),
        (b'{"seq": true, "hash": ""}', "seq"),
        (b'{"seq": -1, "hash": ""}', "seq"),
        (b'{"seq": 5}', "hash"),
        (b'{"seq": 5, "hash": "abc"}', "hash"),
        (json.dumps({"seq": 0, "hash": "f" * 64}).encode(), "hash"),
        (json.dumps({"seq": 5, "hash": "F" * 64}).encode(), "hash"),
    ],
)
def test_a_checkpoint_that_is_none_is_refused(content: bytes | None, said: str) -> None:
    if content is not None:
        Path("head.json").write_bytes(content)
    result = run("verify", "--checkpoint", "head.json")

    assert isinstance(result.exception, Refused)
    assert "head.json" in str(result.exception) and said in str(result.exception)


def test_a_checkpoint_that_cannot_be_written_is_refused() -> None:
    result = run("checkpoint", "--out", "nowhere/head.json")

    assert isinstance(result.exception, Refused)
    assert "could not be written" in str(result.exception)


def test_the_checkpoint_of_an_empty_ledger_holds_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_DATABASE_URL", "sqlite:///empty.sqlite")
    run("checkpoint", "--out", "head.json")
    assert json.loads(Path("head.json").read_text("utf-8"))["hash"] == GENESIS

    monkeypatch.setenv("REGISTRY_DATABASE_URL", f"sqlite:///{FILE}")
    assert run("verify", "--checkpoint", "head.json").exit_code == 0
