"""One measurement a process: `python -m tests.bench.child DEED FOLDER RUNS` prints its times and memory as JSON."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from registry.rules.columns import Frames, judge
from registry.rules.explain import explain
from registry.rules.wording.document import document_of
from tests.bench import hand_written
from tests.bench.firms import ON, RULE_SET, complete_only, saved, sheets
from tests.bench.timing import Timed, repeat

SAMPLE = 5_000
KNOWN_SAMPLE = 2_000


def columns(frames: Frames, runs: int) -> Timed:
    """Judge all firms as columns."""
    return repeat(lambda _: judge(RULE_SET, frames, ON), runs)


def by_hand(frames: Frames, runs: int) -> Timed:
    """Judge all firms by the query written by hand."""
    return repeat(lambda _: hand_written.judge(frames, ON), runs)


def openfisca(frames: Frames, runs: int) -> Timed:
    """Judge all firms in OpenFisca; setting the facts is not timed."""
    from tests.bench import peers_openfisca

    rules = peers_openfisca.system(ON)
    return repeat(
        lambda made: peers_openfisca.calculate(made, ON), runs, lambda: peers_openfisca.simulation(rules, frames, ON)
    )


def openfisca_whole(frames: Frames, runs: int) -> Timed:
    """Judge all firms in OpenFisca from the same columns: setting the facts is timed too."""
    from tests.bench import peers_openfisca

    rules = peers_openfisca.system(ON)
    return repeat(lambda _: peers_openfisca.calculate(peers_openfisca.simulation(rules, frames, ON), ON), runs)


def explained(frames: Frames, runs: int) -> Timed:
    """Explain a sample of all firms, one by one."""
    some = sheets(frames, sample_of(frames))
    return repeat(lambda _: [explain(RULE_SET, sheet) for sheet in some], runs)


def documented(frames: Frames, runs: int) -> Timed:
    """Explain a sample and write each as the JSON document of the contract."""
    some = sheets(frames, sample_of(frames))
    return repeat(
        lambda _: [json.dumps(document_of(explain(RULE_SET, sheet)), ensure_ascii=False) for sheet in some], runs
    )


def explained_known(frames: Frames, runs: int) -> Timed:
    """Explain the firms that Zen can judge too."""
    some = sheets(frames, known_sample_of(frames))
    return repeat(lambda _: [explain(RULE_SET, sheet) for sheet in some], runs)


def documented_known(frames: Frames, runs: int) -> Timed:
    """Explain the firms that Zen can judge too, and write each as a JSON document."""
    some = sheets(frames, known_sample_of(frames))
    return repeat(
        lambda _: [json.dumps(document_of(explain(RULE_SET, sheet)), ensure_ascii=False) for sheet in some], runs
    )


def zen(frames: Frames, runs: int, options: dict[str, Any] | None = None) -> Timed:
    """Judge firms in Zen, one by one."""
    from tests.bench import peers_zen

    decision = peers_zen.decision(ON)
    some = [peers_zen.context(sheet) for sheet in sheets(frames, known_sample_of(frames))]
    return repeat(lambda _: [decision.evaluate(one, options) for one in some], runs)


def zen_traced(frames: Frames, runs: int) -> Timed:
    """Judge firms in Zen, which tells how it came to each answer."""
    return zen(frames, runs, {"trace": True})


def sample_of(frames: Frames) -> pl.Series:
    """Return the numbers of firms spread evenly over all."""
    count = frames.firms.height
    return pl.int_range(0, count, max(1, count // SAMPLE), eager=True).head(SAMPLE)


def known_sample_of(frames: Frames) -> pl.Series:
    """Return the numbers of some firms of which everything is known."""
    known = pl.arange(frames.firms.height, eager=True).filter(complete_only(frames))
    return known.gather_every(max(1, len(known) // KNOWN_SAMPLE)).head(KNOWN_SAMPLE)


DEEDS: dict[str, Callable[[Frames, int], Timed]] = {
    deed.__name__: deed
    for deed in (
        columns,
        by_hand,
        openfisca,
        openfisca_whole,
        explained,
        documented,
        explained_known,
        documented_known,
        zen,
        zen_traced,
    )
}

if __name__ == "__main__":
    name, folder, runs = sys.argv[1:]
    sys.stdout.write(json.dumps(asdict(DEEDS[name](saved(Path(folder)), int(runs)))))
