"""`registry backup`, `restore` and checkpoints as a timer and an operator use them: into folders, read again."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from registry.cli.main import program
from registry.domain.errors import Refused


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an empty register and one for its backups."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REGISTRY_DATABASE_URL", f"sqlite:///{tmp_path / 'state' / 'registry.sqlite'}")
    (tmp_path / "kept").mkdir()
    (tmp_path / "state").mkdir()
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(program, list(words))


def refusal(*words: str) -> str:
    result = run(*words)
    assert isinstance(result.exception, Refused), result.output
    return str(result.exception)


def test_into_a_folder_a_backup_is_named_by_its_moment_and_read_again(place: Path) -> None:
    result = run("backup", "make", "kept", "--verify")
    assert result.exit_code == 0, result.output
    (made,) = (place / "kept").iterdir()

    assert re.fullmatch(r"registry-\d{4}-\d\d-\d\d-\d{6}\.zip", made.name)
    assert "完整 (whole)" in result.output
    assert run("backup", "verify", str(made)).exit_code == 0


def test_what_was_backed_up_goes_into_another_database(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("backup", "make", "kept/a.zip")
    assert "不是空的" in refusal("restore", "kept/a.zip")
    (place / "other").mkdir()
    monkeypatch.setenv("REGISTRY_DATABASE_URL", f"sqlite:///{place / 'other' / 'registry.sqlite'}")

    assert run("restore", "kept/a.zip").exit_code == 0
    assert run("trail", "verify").exit_code == 0


@pytest.mark.parametrize("name", ["kept/nothing.zip", "kept", "state/registry.sqlite"])
def test_what_is_no_backup_is_refused_in_words(name: str) -> None:
    run("audit", "checkpoint")

    assert "backup: " in refusal("backup", "verify", name)
    assert "backup: " in refusal("restore", name)


def test_a_place_that_cannot_be_written_is_refused_in_words() -> None:
    assert "写不出" in refusal("backup", "make", "nowhere/a.zip")


def test_checkpoints_in_a_folder_are_named_by_chain_and_day(place: Path) -> None:
    for chain in ("audit", "trail"):
        assert run(chain, "checkpoint", "--out", "kept").exit_code == 0
    names = sorted(one.name for one in (place / "kept").iterdir())

    assert [re.sub(r"\d", "0", name) for name in names] == ["ledger-0000-00-00.json", "trail-0000-00-00.json"]
    assert json.loads((place / "kept" / names[0]).read_text("utf-8"))["seq"] == 0
    assert run("audit", "verify", "--checkpoint", f"kept/{names[0]}").exit_code == 0
    assert run("trail", "verify", "--checkpoint", f"kept/{names[1]}").exit_code == 0
