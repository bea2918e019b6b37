"""List facts as columns: whether a firm has an entry of a kind - true, false, or null for open."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from registry.rules import tree
from registry.rules.columns.conditions import Emitter
from registry.rules.columns.dialect import Dialect

# How an entry answers, so that the highest of a firm's entries answers for the firm.
_SURE, _MIGHT, _NOT = 2, 1, 0


def answer_lists(emitter: Emitter, firms: Any, lists: Mapping[str, Any], somes: Mapping[tree.Some, str]) -> Any:
    """Answer what a rule set asks of list facts, in a column for each question.

    Args:
        lists: lazy long frames by list fact.
        somes: the column for each question.
    """
    answer = _join if emitter.dialect.joins else _look_up
    for key in dict.fromkeys(some.key for some in somes):
        asked = {name: emitter.condition(some.when) for some, name in somes.items() if some.key == key}
        firms = answer(emitter.dialect, firms, lists[key], key, asked)
    return firms


def _look_up(dialect: Dialect, firms: Any, entries: Any, key: str, asked: Mapping[str, Any]) -> Any:
    """Answer for frames in memory.

    Few firms have an entry that counts, so their numbers are looked up; a join would gather every column anew.
    """
    found = pl.collect_all(
        entries.select("firm_id", holds=holds).filter(pl.col("holds").fill_null(True)) for holds in asked.values()
    )
    return firms.with_columns(*(_among(key, entries).alias(name) for name, entries in zip(asked, found, strict=True)))


def _among(key: str, found: pl.DataFrame) -> pl.Expr:
    """Return the answer of a list from its entries that count or might."""
    firm = pl.col("firm_id")
    sure = found.filter("holds")["firm_id"].implode()
    might = found.filter(pl.col("holds").is_null())["firm_id"].implode()
    # A list that was never stated may hold more: what it does not show is open, not false.
    shows_none = pl.col(f"{key}_known") & ~firm.is_in(might)
    return pl.when(firm.is_in(sure)).then(pl.lit(True)).otherwise(pl.when(shows_none).then(pl.lit(False)))


def _join(dialect: Dialect, firms: Any, entries: Any, key: str, asked: Mapping[str, Any]) -> Any:
    """Answer for frames on many machines: the highest answer of a firm's entries is joined to the firm."""
    ns = dialect.ns

    def level(number: int) -> Any:
        return ns.lit(number, dtype=ns.Int16)

    levels = [
        dialect.called(
            ns.when(holds)
            .then(level(_SURE))
            .otherwise(ns.when(holds.is_null()).then(level(_MIGHT)).otherwise(level(_NOT))),
            name,
        )
        for name, holds in asked.items()
    ]
    counts = [dialect.col(name) > level(_NOT) for name in asked]
    answers = (
        entries.select("firm_id", *levels)
        .filter(ns.any_horizontal(*counts, ignore_nulls=False))
        .group_by("firm_id")
        .agg(*(dialect.col(name).max() for name in asked))
    )
    told = {name: dialect.col(name).fill_null(_NOT) for name in asked}
    return firms.join(answers, on="firm_id", how="left").with_columns(
        *(
            dialect.called(
                ns.when(highest == level(_SURE))
                .then(ns.lit(True))
                .otherwise(ns.when((highest == level(_NOT)) & ns.col(f"{key}_known")).then(ns.lit(False))),
                name,
            )
            for name, highest in told.items()
        )
    )
