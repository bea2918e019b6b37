"""Judges every firm of a frame by a rule set, in one pass."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import reduce
from typing import Any

import polars as pl

from registry.domain.facts import FIRM_FACTS, YEAR_FACTS, Kind
from registry.rules import tree
from registry.rules.columns.conditions import Emitter
from registry.rules.columns.dialect import POLARS, Dialect
from registry.rules.columns.frames import SUFFIXES, Frames, schema
from registry.rules.columns.lists import answer_lists
from registry.rules.columns.numbers import LARGEST_AMOUNT, Numbers
from registry.rules.explain import in_order
from registry.rules.ruleset import RuleSet


def judge(rule_set: RuleSet, frames: Frames, on: date) -> pl.DataFrame:
    """Judge every firm of a frame by a rule set on a day.

    Returns:
        One row a firm in the same order: `firm_id`, `verdict` (null when undetermined), `low` and `high` points in
        all (0 where the rule set has no score), then a column a condition named by its key, and for each
        indicator and part `KEY.low` and `KEY.high`.
    """
    largest = largest_amount(rule_set, frames.firms)
    lazy = plan(rule_set, complete(rule_set, frames.firms).lazy(), lists_of(frames), on, largest=largest)
    judged: pl.DataFrame = lazy.collect()
    return judged


def lists_of(frames: Frames) -> dict[str, pl.LazyFrame]:
    """Return the long frames, to be read when asked."""
    return {key: frame.lazy() for key, frame in frames.lists.items()}


def columns_needed(rule_set: RuleSet) -> set[str]:
    """Return the names of the columns that a rule set reads, `KEY_known` for a list fact."""
    needed: set[str] = set()
    for criterion in rule_set.criteria:
        for node in tree.walk(criterion.rule):
            needed |= set(_read(node))
    return needed


def _read(node: tree.Node) -> list[str]:
    match node:
        case tree.Figure(key, back) | tree.Is(key, int(back)):
            return [key + SUFFIXES[back]]
        case tree.Growth(key, back):
            return [key + SUFFIXES[back], key + SUFFIXES[back + 1]]
        case tree.Compound(key, years, back):
            return [key + SUFFIXES[back], key + SUFFIXES[back + years]]
        case tree.Some(key):
            return [f"{key}_known"]
        case tree.Met() | tree.Reaches():
            return []
    key = getattr(node, "key", "")
    return [key] if key in FIRM_FACTS else []


def complete(rule_set: RuleSet, firms: pl.DataFrame) -> pl.DataFrame:
    """Return the columns a rule set reads, those that are absent as unknown, in the same order of firms."""
    known = schema()
    needed = sorted(columns_needed(rule_set))
    present = [name for name in needed if name in firms.columns]
    absent = [pl.lit(None, dtype=known[name]).alias(name) for name in needed if name not in firms.columns]
    return firms.select("firm_id", *present, *absent)


def largest_amount(rule_set: RuleSet, firms: pl.DataFrame) -> int:
    """Return a bound on the size of every yearly number that a rule set reads; it decides what must be widened."""
    numbers = yearly_numbers() & columns_needed(rule_set) & set(firms.columns)
    if not numbers or not firms.height:
        return LARGEST_AMOUNT
    largest = firms.select(pl.max_horizontal(pl.col(name).abs().max() for name in sorted(numbers))).item()
    return max(int(largest or 0), 1)


def yearly_numbers() -> set[str]:
    """Return the names of all columns of yearly numbers."""
    return {key + suffix for suffix in SUFFIXES for key, fact in YEAR_FACTS.items() if fact.kind is not Kind.BOOL}


def plan(
    rule_set: RuleSet,
    firms: Any,
    lists: Mapping[str, Any],
    on: date,
    *,
    dialect: Dialect = POLARS,
    largest: int = LARGEST_AMOUNT,
    keep: Sequence[str] = ("firm_id",),
) -> Any:
    """Return the lazy frame of verdicts (see `judge`), its columns named as the dialect names them.

    Args:
        firms: a lazy frame with `firm_id` and every column that the rule set reads.
        lists: lazy long frames by list fact.
        largest: no yearly number in the frame is larger in size.
        keep: columns of the firms that are handed through before the verdict.
    """
    somes = _somes(rule_set)
    emitter = Emitter(Numbers(dialect, on, largest), somes)
    ns, called = dialect.ns, dialect.called
    codes = [key for key in ("industry", "district") if key in columns_needed(rule_set)]
    if codes:
        firms = firms.with_columns(*(called(ns.col(key).cast(ns.Int32), f"{key}.code") for key in codes))
    firms = answer_lists(emitter, firms, lists, somes)
    if rule_set.indicators():
        scored: list[Any] = []
        for one in rule_set.indicators():
            low, high = emitter.points(one.rule)
            scored += [called(low, f"{one.key}.low"), called(high, f"{one.key}.high")]
        firms = firms.with_columns(*scored)
        firms = firms.with_columns(*_totals(dialect, rule_set))
        parts = [part.key for part in rule_set.parts]
        firms = firms.with_columns(*(called(_sum(dialect, parts, end), end) for end in ("low", "high")))
    else:
        firms = firms.with_columns(*(called(ns.lit(0, dtype=ns.Int16), end) for end in ("low", "high")))
    for stage in _stages(rule_set):
        firms = firms.with_columns(*(called(emitter.condition(one.rule), one.key) for one in stage))
    required = [dialect.col(one.key) for one in rule_set.criteria if one.required]
    verdict = called(reduce(lambda left, right: left & right, required), "verdict")
    return firms.with_columns(verdict).select(*keep, *(dialect.named(name) for name in outputs(rule_set)))


def outputs(rule_set: RuleSet) -> list[str]:
    """Return the columns that judging gives beside the firms' own, in their order."""
    conditions = [one.key for one in rule_set.criteria if not one.part]
    ranges = [f"{key}.{end}" for key in _scored_keys(rule_set) for end in ("low", "high")]
    return ["verdict", "low", "high", *conditions, *ranges]


def _scored_keys(rule_set: RuleSet) -> list[str]:
    return [*(one.key for one in rule_set.indicators()), *(part.key for part in rule_set.parts)]


def _totals(dialect: Dialect, rule_set: RuleSet) -> list[Any]:
    return [
        dialect.called(_sum(dialect, [one.key for one in rule_set.indicators(part.key)], end), f"{part.key}.{end}")
        for part in rule_set.parts
        for end in ("low", "high")
    ]


def _sum(dialect: Dialect, keys: list[str], end: str) -> Any:
    return reduce(lambda left, right: left + right, (dialect.col(f"{key}.{end}") for key in keys))


def _stages(rule_set: RuleSet) -> list[list[Any]]:
    """Return the conditions in stages: each names only criteria of earlier ones."""
    depth: dict[str, int] = {}
    stages: list[list[Any]] = []
    for one in in_order(rule_set):
        named = [node.key for node in tree.walk(one.rule) if isinstance(node, tree.Met)]
        depth[one.key] = 1 + max((depth[key] for key in named), default=-1)
        if depth[one.key] == len(stages):
            stages.append([])
        stages[depth[one.key]].append(one)
    return stages


def _somes(rule_set: RuleSet) -> dict[tree.Some, str]:
    found = {node for one in rule_set.criteria for node in tree.walk(one.rule) if isinstance(node, tree.Some)}
    return {some: f"some.{number}" for number, some in enumerate(sorted(found, key=repr))}
