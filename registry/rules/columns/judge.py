"""Judges every firm of a frame by a rule set, in one pass."""

from collections.abc import Mapping
from datetime import date
from functools import reduce
from typing import Any

import polars as pl

from registry.domain.facts import FIRM_FACTS, YEAR_FACTS, Kind
from registry.rules import tree
from registry.rules.columns.conditions import Emitter
from registry.rules.columns.frames import SUFFIXES, Frames, schema
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
    numbers = [
        name
        for name in columns_needed(rule_set) & set(firms.columns)
        if any(
            name == key + suffix
            for suffix in SUFFIXES
            for key, fact in YEAR_FACTS.items()
            if fact.kind is not Kind.BOOL
        )
    ]
    if not numbers or not firms.height:
        return LARGEST_AMOUNT
    largest = firms.select(pl.max_horizontal(pl.col(name).abs().max() for name in numbers)).item()
    return max(int(largest or 0), 1)


def plan(
    rule_set: RuleSet,
    firms: Any,
    lists: Mapping[str, Any],
    on: date,
    *,
    ns: Any = pl,
    wide: Any = pl.Int128,
    largest: int = LARGEST_AMOUNT,
) -> Any:
    """Return the lazy frame of verdicts (see `judge`).

    Args:
        firms: a lazy frame with `firm_id` and every column that the rule set reads.
        lists: lazy long frames by list fact.
        ns, wide: the engine's namespace, and its type beyond 64 bits.
        largest: no yearly number in the frame is larger in size.
    """
    somes = _somes(rule_set)
    numbers = Numbers(ns, on, wide, largest)
    emitter = Emitter(ns, numbers, somes)
    codes = [key for key in ("industry", "district") if key in columns_needed(rule_set)]
    firms = firms.with_columns(*(ns.col(key).cast(ns.Int32) for key in codes)) if codes else firms
    for key in dict.fromkeys(some.key for some in somes):
        firms = _answer_list(
            emitter, firms, lists[key], key, {some: name for some, name in somes.items() if some.key == key}
        )
    scored: list[Any] = []
    for one in rule_set.indicators():
        low, high = emitter.points(one.rule)
        scored += [low.alias(f"{one.key}.low"), high.alias(f"{one.key}.high")]
    if scored:
        firms = firms.with_columns(*scored)
        firms = firms.with_columns(*_totals(ns, rule_set))
        firms = firms.with_columns(
            *(_sum(ns, [part.key for part in rule_set.parts], end).alias(end) for end in ("low", "high"))
        )
    else:
        firms = firms.with_columns(ns.lit(0, dtype=ns.Int16).alias("low"), ns.lit(0, dtype=ns.Int16).alias("high"))
    for stage in _stages(rule_set):
        firms = firms.with_columns(*(emitter.condition(one.rule).alias(one.key) for one in stage))
    required = [ns.col(one.key) for one in rule_set.criteria if one.required]
    verdict = reduce(lambda left, right: left & right, required).alias("verdict")
    outputs = [one.key for one in rule_set.criteria if not one.part]
    ranges = [f"{key}.{end}" for key in _scored_keys(rule_set) for end in ("low", "high")]
    return firms.with_columns(verdict).select("firm_id", "verdict", "low", "high", *outputs, *ranges)


def _scored_keys(rule_set: RuleSet) -> list[str]:
    return [*(one.key for one in rule_set.indicators()), *(part.key for part in rule_set.parts)]


def _totals(ns: Any, rule_set: RuleSet) -> list[Any]:
    return [
        _sum(ns, [one.key for one in rule_set.indicators(part.key)], end).alias(f"{part.key}.{end}")
        for part in rule_set.parts
        for end in ("low", "high")
    ]


def _sum(ns: Any, keys: list[str], end: str) -> Any:
    return reduce(lambda left, right: left + right, (ns.col(f"{key}.{end}") for key in keys))


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


def _answer_list(emitter: Emitter, firms: Any, entries: Any, key: str, somes: Mapping[tree.Some, str]) -> Any:
    """Answer a list fact for the firms: true, false, or null for open.

    Few firms have an entry that counts, so their numbers are looked up; a join would gather every column anew.
    """
    asked = [
        entries.select("firm_id", holds=emitter.condition(some.when)).filter(pl.col("holds").fill_null(True))
        for some in somes
    ]
    return firms.with_columns(
        *(_answer(key, found).alias(name) for name, found in zip(somes.values(), pl.collect_all(asked), strict=True))
    )


def _answer(key: str, found: pl.DataFrame) -> pl.Expr:
    """Return the answer of a list from its entries that count or might."""
    firm = pl.col("firm_id")
    sure = found.filter("holds")["firm_id"].implode()
    might = found.filter(pl.col("holds").is_null())["firm_id"].implode()
    # A list that was never stated may hold more: what it does not show is open, not false.
    shows_none = pl.col(f"{key}_known") & ~firm.is_in(might)
    return pl.when(firm.is_in(sure)).then(pl.lit(True)).otherwise(pl.when(shows_none).then(pl.lit(False)))
