"""The program itself: its commands, its help, its version, its endings."""

import os
import subprocess
import sys

import pytest

import registry
from registry.cli.main import COMMANDS


def program(*arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-c", "from registry.cli.main import main; main()", *arguments],
        env=os.environ | {"PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_tells_what_it_does(command: str) -> None:
    done = program(command, "--help")

    assert done.returncode == 0
    assert "Usage: registry " + command in done.stdout


def test_the_program_lists_its_commands_and_its_version() -> None:
    help_text = program("--help").stdout

    assert all(command in help_text for command in COMMANDS)
    assert program("--version").stdout.strip().endswith(registry.__version__)


def test_an_unknown_command_ends_with_two() -> None:
    done = program("conquer")

    assert done.returncode == 2
    assert "conquer" in done.stderr


def test_a_reader_who_has_enough_sees_no_traceback() -> None:
    code = "from registry.cli.main import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "rules", "handbook", "specialized-2022"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        running.stdout.close()
        assert running.stderr is not None
        assert b"Traceback" not in running.stderr.read()
