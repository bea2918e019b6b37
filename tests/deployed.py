"""The files of docs/deploy, taken apart: units of systemd, the file of nginx, the settings."""

import re
from collections import defaultdict
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "docs" / "deploy"
COMMON = FOLDER / "registry-.service.d" / "common.conf"
UNITS = sorted([*FOLDER.glob("*.service"), *FOLDER.glob("*.timer")])
PROGRAM = "/opt/registry/.venv/bin/registry"


def directives(file: Path) -> dict[str, list[str]]:
    """Return what a unit states, by `Section.Name`, in its order."""
    found: dict[str, list[str]] = defaultdict(list)
    section = ""
    for line in file.read_text("utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found[f"{section}.{name}"].append(value)
    return found


def started(file: Path) -> list[list[str]]:
    """Return the words of every command of the program that a unit starts."""
    told = directives(file)
    commands = [line.split() for name in ("ExecStart", "ExecStartPost") for line in told[f"Service.{name}"]]
    return [words[1:] for words in commands if words[0] == PROGRAM]


def settings_named(text: str) -> set[str]:
    """Return the settings that a text names."""
    return set(re.findall(r"\bREGISTRY_[A-Z]+(?:_[A-Z]+)*\b", text))
