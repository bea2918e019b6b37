"""What every application of the tests compiles anew, and would be the same each time: addresses and templates.

A test has an application of its own; to make one took most of its time.
"""

from collections.abc import Callable, Hashable
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


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


def compile_once() -> None:
    """Let every application of this process share them."""
    Flask.jinja_options = {"bytecode_cache": KeptTemplates()}
    Rule._compile_builder = _kept(Rule._compile_builder)  # type: ignore[method-assign]


def _kept(compiles: Callable[[Rule, bool], Any]) -> Callable[..., Any]:
    kept: dict[Hashable, Any] = {}

    def compiled(rule: Rule, append_unknown: bool = True) -> Any:
        defaults = tuple(sorted((key, repr(value)) for key, value in (rule.defaults or {}).items()))
        key = (rule.rule, tuple(rule._trace), defaults, append_unknown)
        if key not in kept:
            kept[key] = compiles(rule, append_unknown)
        return kept[key]

    return compiled
