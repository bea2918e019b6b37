"""Judges the same firms by both readings and names every difference."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

import polars as pl

from registry.domain.firms import Firm
from registry.rules.case import sheet_of
from registry.rules.columns import Frames, frames_of, judge, plan
from registry.rules.columns.judge import complete, largest_amount, lists_of
from registry.rules.explain import explain
from registry.rules.ruleset import RuleSet

# How many firms went through both readings in this run, by rule set.
compared: Counter[str] = Counter()


def differences(
    rule_set: RuleSet,
    firms: Sequence[Firm],
    on: date,
    incomplete: frozenset[str] = frozenset(),
    frames: Frames | None = None,
    outcomes: Counter[tuple[str, object]] | None = None,
) -> list[str]:
    """Return what the two readings say differently of some firms, a line each; empty when they agree.

    Args:
        incomplete: list facts of which the books know only some entries.
        frames: the firms in columns, where they are not simply laid out.
        outcomes: counts what came out, by criterion.
    """
    frames = with_lists_open(frames or frames_of(firms, on.year - 1), incomplete)
    judged = judge(rule_set, frames, on)
    compared[rule_set.id] += len(firms)
    found: list[str] = []
    if judged.get_column("firm_id").to_list() != list(range(len(firms))):
        found.append("the order of firms changed")
    for firm, row in zip(firms, judged.iter_rows(named=True), strict=True):
        expected = expected_row(rule_set, firm, on, incomplete)
        for name, value in expected.items():
            if outcomes is not None:
                outcomes[name, value] += 1
            if row[name] is not value if isinstance(value, bool | None) else row[name] != value:
                found.append(f"{rule_set.id} {on} {name}: explain {value}, columns {row[name]}, {firm}")
        if set(expected) != set(row) - {"firm_id"}:
            found.append(f"columns named {sorted(set(expected) ^ set(row))}")
    return found


def with_lists_open(frames: Frames, keys: Iterable[str]) -> Frames:
    """Return frames of which some lists were never stated, so that they may lack entries."""
    return Frames(frames.firms.with_columns(pl.lit(False).alias(f"{key}_known") for key in keys), frames.lists)


def expected_row(
    rule_set: RuleSet, firm: Firm, on: date, incomplete: frozenset[str] = frozenset()
) -> dict[str, bool | int | None]:
    """Return what `explain` says of a firm, under the names that `judge` gives its columns."""
    judgement = explain(rule_set, sheet_of(firm, on, incomplete))
    low, high = judgement.scores[None]
    row: dict[str, bool | int | None] = {"verdict": judgement.truth, "low": low, "high": high}
    for one in rule_set.criteria:
        finding = judgement.findings[one.key]
        if one.part:
            row[f"{one.key}.low"], row[f"{one.key}.high"] = finding.points or (None, None)
        else:
            row[one.key] = finding.truth
    for part in rule_set.parts:
        row[f"{part.key}.low"], row[f"{part.key}.high"] = judgement.scores[part.key]
    return row


def widened(rule_set: RuleSet, firms: Iterable[Firm], on: date) -> bool:
    """Say whether the columns of a rule set reckon these firms beyond 64 bits."""
    frames = frames_of(firms, on.year - 1)
    largest = largest_amount(rule_set, frames.firms)
    lazy = plan(rule_set, complete(rule_set, frames.firms).lazy(), lists_of(frames), on, largest=largest)
    return "128" in lazy.explain(optimized=False)
