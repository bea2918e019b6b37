"""Snapshots of invented firms: drawn at random, and drawn onto every line of every rule set."""

import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1] / "parity"))

from firms_on_lines import Drawer

from registry.domain.facts import ENTRY_FACTS
from registry.policy import load, rule_set_ids
from registry.rules.columns import Frames, frames_of
from registry.work.snapshot_file import types_of
from registry.work.take_snapshot import writing_into
from tests.bench.firms import ON, draw

EVERY = [(name, kind) for name in rule_set_ids() for kind in ("new", "re_review")]
NOW = datetime(2024, 5, 20, tzinfo=UTC)
DISTRICTS = {0: "370202", 1: "370211", 2: "370285"}
# So many are drawn at once, which a gigabyte holds.
_AT_ONCE = 1_000_000


def save_drawn(folder: Path, count: int) -> None:
    """Write a snapshot of firms drawn at random: sizes as in a real register."""
    _save(folder, _drawn(count))


def save_mixed(folder: Path, count: int, on_lines: int) -> int:
    """Write a snapshot of firms drawn at random, after some on the lines of each rule set; return how many of those."""

    def frames() -> Iterator[Frames]:
        for seed, (name, kind) in enumerate(EVERY):
            # The other half states amounts up to the largest that the contract takes.
            for huge in (False, True):
                drawer = Drawer(load(name, kind), ON, Random(2 * seed + huge), huge)
                yield frames_of(drawer.firms(on_lines // 2), ON.year - 1)
        yield from _drawn(count - len(EVERY) * on_lines)

    _save(folder, frames())
    return len(EVERY) * on_lines


def _drawn(count: int) -> Iterator[Frames]:
    for seed, start in enumerate(range(0, count, _AT_ONCE)):
        yield draw(min(_AT_ONCE, count - start), seed + 1)


def _save(folder: Path, parts: Iterator[Frames]) -> None:
    """Write frames one after another, their firms numbered on, each with a code, a name and perhaps a district."""
    first = 0
    with writing_into(folder) as writer:
        for frames in parts:
            number = pl.col("firm_id") + first
            firms = frames.firms.with_columns(
                number,
                uscc=pl.format("FIRM{}", number.cast(pl.String).str.zfill(14)),
                name=pl.format("示例企业{}", number),
            )
            if "district" not in firms.columns:
                firms = firms.with_columns(district=(number % len(DISTRICTS)).replace_strict(DISTRICTS))
            writer.add("firms", _whole(firms, types_of("firms")))
            for key in ENTRY_FACTS:
                writer.add(key, frames.lists[key].with_columns(number))
            first += firms.height
        writer.close(on=ON, known_at="", ledger=(0, ""), now=NOW)


def _whole(frame: pl.DataFrame, types: Mapping[str, Any]) -> pl.DataFrame:
    """Return a frame with every column, those that were not drawn as unknown."""
    return frame.with_columns(
        pl.lit(None, dtype=kind).alias(name) for name, kind in types.items() if name not in frame.columns
    )
