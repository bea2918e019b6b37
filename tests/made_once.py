"""What the tests of a process make once, and would be the same each time: addresses, templates, an empty register.

A test has an application and often a register of its own; to make them took most of its time.
"""

import sqlite3
from collections.abc import Callable, Hashable
from contextlib import closing
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from werkzeug.routing import Rule

from registry.store import engine as engines
from registry.store.migrate import upgrade, version_of


class KeptTemplates(BytecodeCache):
    """Templates in the memory of this process, by name and by a digest of their text."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        kept = self._kept.get((bucket.key, bucket.checksum))
        if kept is not None:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


def make_once() -> None:
    """Let every application of this process share them, and every new SQLite register be a copy of the first."""
    Flask.jinja_options = {"bytecode_cache": KeptTemplates()}
    Rule._compile_builder = _kept(Rule._compile_builder)  # type: ignore[method-assign]
    engines.upgrade = _copied(upgrade)  # type: ignore[attr-defined, assignment]


def _kept(compiles: Callable[[Rule, bool], Any]) -> Callable[..., Any]:
    kept: dict[Hashable, Any] = {}

    def compiled(rule: Rule, append_unknown: bool = True) -> Any:
        defaults = tuple(sorted((key, repr(value)) for key, value in (rule.defaults or {}).items()))
        key = (rule.rule, tuple(rule._trace), defaults, append_unknown)
        if key not in kept:
            kept[key] = compiles(rule, append_unknown)
        return kept[key]

    return compiled


def _copied(upgrades: Callable[[Engine], None]) -> Callable[[Engine], None]:
    """Bring an empty SQLite database to the newest migration by copying what the migrations made before."""
    kept: list[bytes] = []

    def upgraded(engine: Engine) -> None:
        with engine.connect() as connection:
            is_new = engine.dialect.name == "sqlite" and version_of(connection) is None
        if not is_new or not kept:
            upgrades(engine)
        with closing(engine.raw_connection()) as pooled:
            raw: Any = pooled.driver_connection
            if is_new and not kept:
                kept.append(raw.serialize())
            elif is_new:
                with closing(sqlite3.connect(":memory:")) as first:
                    first.deserialize(kept[0])
                    first.backup(raw)

    return upgraded
