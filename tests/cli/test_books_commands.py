"""`registry books`: deeds on the command line, what they print and refuse, and the ledger of a firm."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from make import code, stay, title

from registry.cli.audit import audit_group
from registry.cli.books import books_group
from registry.domain.errors import Refused
from registry.store.engine import open_ready, writing
from registry.work.file_books import file_stays, file_titles

NOW = datetime(2025, 11, 25, 1, 30, tzinfo=UTC)
BY = ("--by", "王工")
REVOKE = ("--tier", "specialized", "--on", "2024-06-01", "--cause", "弄虚作假", "--source", "9号文", *BY)
TITLE = ("--tier", "specialized", "--recognised-on", "2023-04-19", "--why", "录错企业", *BY)


@pytest.fixture(autouse=True)
def _books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    url = "sqlite:///books.sqlite"
    monkeypatch.setenv("REGISTRY_DATABASE_URL", url)
    engine = open_ready(url)
    with writing(engine) as session:
        file_titles(session, [title(1), title(2)], now=NOW, source="公告.xlsx")
        exited = date(2024, 12, 31)
        file_stays(session, [stay(1, exited_on=exited)], now=NOW, source="名录.csv")
    engine.dispose()


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(books_group, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit | Refused):
        raise result.exception
    return result


def log(number: int = 1) -> list[dict[str, Any]]:
    told = json.loads(run("log", code(number), "--format", "json").stdout)
    assert told["uscc"] == code(number)
    entries: list[dict[str, Any]] = told["entries"]
    return entries


def test_every_deed_leaves_books_that_hold() -> None:
    deeds = [
        ("revoke", code(1), *REVOKE),
        ("merge", code(2), "--into", code(1), "--on", "2024-06-01", "--source", "9号文", *BY),
        ("reopen", code(1), "--entered-on", "2022-01-31", "--why", "误登", *BY),
        ("withdraw", code(1), "--tier", "specialized", "--revoked-on", "2024-06-01", "--why", "误撤", *BY),
        ("withdraw", code(1), *TITLE),
        ("withdraw", code(1), "--entered-on", "2022-01-31", "--why", "录错企业", *BY),
        ("withdraw", code(2), "--merged-on", "2024-06-01", "--why", "误登", *BY),
    ]
    for deed in deeds:
        done = run(*deed)
        assert done.exit_code == 0, done.output
        assert done.output.startswith("#")

    assert CliRunner().invoke(audit_group, ["verify"]).exit_code == 0


def test_a_deed_prints_what_the_ledger_says_after_it() -> None:
    printed = run("revoke", code(1), *REVOKE).output

    assert "收回 #" in printed and "撤销" in printed and "cause=弄虚作假" in printed


def test_the_log_tells_who_took_back_what() -> None:
    run("revoke", code(1).lower(), *REVOKE)
    entries = {entry["seq"]: entry for entry in log()}

    (correction,) = (entry for entry in entries.values() if entry["tag"] == "corrected")
    expired = entries[correction["voids"]]
    assert (expired["tag"], expired["takes_effect_on"], expired["voided_by"]) == (
        "expired",
        "2026-04-19",
        correction["seq"],
    )
    assert (expired["deed"], expired["source"], expired["by"]) == ("import titles", "公告.xlsx", "")
    assert (correction["deed"], correction["source"], correction["by"]) == ("revoke", "9号文", "王工")
    assert list(entries) == sorted(entries)
    text = run("log", code(1)).output
    assert f"已被 #{correction['seq']} 收回" in text and "revoke  9号文  王工" in text


def test_a_firm_without_entries_and_one_that_is_not_there() -> None:
    assert isinstance(run("log", code(7)).exception, Refused)
    assert isinstance(run("log", "91").exception, Refused)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("revoke", code(1), *REVOKE[:3], "2020-01-01", *REVOKE[4:]), "no title in force"),
        (("revoke", code(1), *REVOKE[:3], "2024-02-30", *REVOKE[4:]), "a date expected"),
        (("revoke", code(7), *REVOKE), "no such firm"),
        (("merge", code(1), "--into", code(1), "--on", "2024-06-01", "--source", "9号文", *BY), "into itself"),
        (("merge", code(1), "--into", code(7), "--on", "2024-06-01", "--source", "9号文", *BY), "no such firm"),
        (("withdraw", code(1), "--entered-on", "2022-02-01", "--why", "误登", *BY), "no such statement"),
        (("reopen", code(1), "--entered-on", "2022-02-01", "--why", "误登", *BY), "no such statement"),
        (("withdraw", code(1), *TITLE[:-1], " "), "must not be empty"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(arguments: tuple[str, ...], said: str) -> None:
    before = log()
    refused = run(*arguments)

    assert isinstance(refused.exception, Refused)
    assert said in str(refused.exception)
    assert log() == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("withdraw", code(1), "--why", "误登", *BY),
        ("withdraw", code(1), *TITLE, "--entered-on", "2022-01-31"),
        ("withdraw", code(1), "--recognised-on", "2023-04-19", "--why", "误登", *BY),
        ("withdraw", code(1), "--tier", "specialized", "--entered-on", "2022-01-31", "--why", "误登", *BY),
        ("revoke", code(1), *REVOKE[:-2]),
        ("revoke", code(1), "--tier", "above_scale", *REVOKE[2:]),
    ],
)
def test_a_deed_that_is_not_whole_ends_with_two(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2
