"""`registry token …`: a token is printed once, listed without itself, and revoked."""

import re
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from registry.cli.main import program
from registry.domain.errors import MoveNotAllowed, NotFound, Refused
from registry.work.keep_tokens import digest


@pytest.fixture(name="run")
def fixture_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("REGISTRY_DATABASE_URL", f"sqlite:///{tmp_path / 'tokens.sqlite'}")
    return lambda *words: CliRunner().invoke(program, ["token", *words])


def test_a_token_is_made_listed_and_revoked(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    made = run("make", "--name", "数据平台", "--scope", "read:books", "--scope", "read:firms")
    token = made.stdout.strip()

    assert made.exit_code == 0
    assert re.fullmatch(r"rgt_[A-Za-z0-9_-]{43}", token)
    with sqlite3.connect(tmp_path / "tokens.sqlite") as connection:
        stored = connection.execute("SELECT name, token_hash, scopes FROM api_token").fetchall()
    assert stored == [("数据平台", digest(token), "read:books read:firms")]
    listed = run("list").stdout
    assert "数据平台\tread:books read:firms\t" in listed and "有效 valid\t—" in listed
    assert token not in listed

    assert run("revoke", "1").stdout == "数据平台：已撤销 (revoked)\n"
    assert "已撤销 revoked" in run("list").stdout
    again = run("revoke", "1")
    assert isinstance(again.exception, MoveNotAllowed)
    assert isinstance(run("revoke", "2").exception, NotFound)


def test_a_day_that_is_over_and_a_scope_that_is_not_known_are_refused(run) -> None:  # type: ignore[no-untyped-def]
    late = run("make", "--name", "甲", "--scope", "read:books", "--expires", "2020-01-01")
    assert isinstance(late.exception, Refused)
    assert [fault.path for fault in late.exception.faults] == ["expires_on"]
    assert run("make", "--name", "甲", "--scope", "write:books").exit_code == 2
    assert run("make", "--name", "甲").exit_code == 2
    assert run("list").stdout == ""
