"""The commands that prove a chain, run, and a database file that somebody tampers with."""

import sqlite3
from contextlib import closing

import click
from click.testing import CliRunner, Result

from registry.domain.errors import Refused


def run_group(group: click.Group, arguments: tuple[str, ...]) -> Result:
    """Run a command of a group; what it did not refuse on purpose goes through."""
    result = CliRunner().invoke(group, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit | Refused):
        raise result.exception
    return result


def tamper(file: str, *statements: str) -> None:
    """Change a database file as its owner can: the rules taken away first, then plain SQL."""
    with closing(sqlite3.connect(file)) as raw, raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            raw.execute(statement)
