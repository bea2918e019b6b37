"""Screens a snapshot of the register, on this machine or on Spark: the same plan, the same list. Needs no database."""

import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Literal

import polars as pl

from registry.domain.errors import Refused
from registry.domain.facts import ENTRY_FACTS
from registry.policy import DEFAULTS, Options, choose
from registry.rules.case import FactSheet, sheet_of
from registry.rules.columns import POLARS, Dialect, Frames, columns_needed, outputs, plan
from registry.rules.columns.frames import firms_of
from registry.rules.columns.judge import yearly_numbers
from registry.rules.columns.numbers import LARGEST_AMOUNT
from registry.rules.ruleset import RuleSet
from registry.work.recheck import recheck, spread
from registry.work.screen import Screening, in_order
from registry.work.snapshot_file import TABLES, Snapshot, ensure_serves, opened, verify_parts

Engine = Literal["polars", "spark"]
# Who a firm is; handed through the plan to the list.
KEPT = ("firm_id", "uscc", "name", "district")
VERDICTS = "verdicts.parquet"
# Spark on all cores of this machine.
HERE = "local[*]"


def screen_snapshot(
    folder: Path,
    tier: str,
    kind: str,
    on: date,
    *,
    engine: Engine = "polars",
    district: str | None = None,
    rule_set: str | None = None,
    options: Options = DEFAULTS,
    scratch: Path | None = None,
    master: str = HERE,
    progress: Callable[[int], None] = lambda count: None,
) -> Screening:
    """Judge every firm of a snapshot; the list is that of `screen`.

    Args:
        rule_set: judge by this one instead of the one that applies on the day; to compare.
        scratch: a folder for the verdicts on their way; on a cluster every machine must see it, as it does `folder`.
        master: where Spark runs (see `run_on_spark.spark_session`).
        progress: is told how many more bytes of the snapshot were held to the manifest.

    Raises:
        Refused: the snapshot is damaged, another program's, or of another fiscal year; no rule set applies on the day;
            Spark is not there.
        ReadingsDisagree: a firm judged again one by one came out otherwise.
    """
    snapshot = opened(folder)
    ensure_serves(snapshot, on)
    chosen = choose(tier, kind, on, options, rule_set=rule_set)
    verify_parts(snapshot, progress)
    with tempfile.TemporaryDirectory(prefix=".screening-", dir=scratch) as place:
        judged = judge_snapshot(snapshot, chosen.rule_set, on, Path(place), engine, district=district, master=master)
        recheck_snapshot(snapshot, chosen.rule_set, judged, on)
        return Screening(chosen, on, district, in_order(chosen.rule_set, judged))


def judge_snapshot(
    snapshot: Snapshot,
    rule_set: RuleSet,
    on: date,
    place: Path,
    engine: Engine,
    *,
    district: str | None = None,
    master: str = HERE,
) -> pl.LazyFrame:
    """Judge the firms of a snapshot into a folder, and return what is there to be read: who it is, then the outputs."""
    if engine == "spark":
        try:
            from registry.work.run_on_spark import judge_on_spark
        except ImportError as missing:
            raise Refused.at(
                "engine",
                f"缺少 {missing.name}：pip install 'gradient-registry[spark]' (not installed; polars needs no more)",
            ) from missing
        names = judge_on_spark(
            snapshot,
            rule_set,
            lambda tables, dialect: plan_of(snapshot, rule_set, on, tables, dialect, district),
            place / VERDICTS,
            master=master,
        )
        return pl.scan_parquet(place / VERDICTS / "*.parquet").select(
            *KEPT, *(pl.col(within).alias(name) for name, within in names.items())
        )
    tables = {name: snapshot.scan(name) for name in TABLES}
    lazy = plan_of(snapshot, rule_set, on, tables, POLARS, district)
    lazy.sink_parquet(place / VERDICTS)
    return pl.scan_parquet(place / VERDICTS)


def plan_of(
    snapshot: Snapshot, rule_set: RuleSet, on: date, tables: dict[str, Any], dialect: Dialect, district: str | None
) -> Any:
    """Return the plan that judges a snapshot's tables in an engine: the same for all."""
    needed = columns_needed(rule_set)
    firms = tables["firms"].select(*dict.fromkeys((*KEPT, *sorted(needed))))
    if district is not None:
        firms = firms.filter(dialect.ns.col("district") == district)
    lists = {key: tables[key] for key in ENTRY_FACTS}
    return plan(rule_set, firms, lists, on, dialect=dialect, largest=_largest(snapshot, rule_set), keep=KEPT)


def _largest(snapshot: Snapshot, rule_set: RuleSet) -> int:
    """Return a bound on the yearly numbers that a rule set reads, as the manifest says it."""
    read = columns_needed(rule_set) & yearly_numbers()
    return max(1, *(snapshot.manifest.largest.get(name, LARGEST_AMOUNT) for name in read)) if read else LARGEST_AMOUNT


def recheck_snapshot(snapshot: Snapshot, rule_set: RuleSet, judged: pl.LazyFrame, on: date) -> None:
    """Judge firms spread over a snapshot again, one by one, by the reading that is the meaning.

    Raises:
        ReadingsDisagree: one came out otherwise.
    """
    numbers = judged.select("firm_id").collect().to_series().sort()
    of_these = pl.col("firm_id").is_in(numbers[spread(len(numbers))].implode())
    tables = {name: snapshot.scan(name).filter(of_these).collect() for name in TABLES}
    firms = firms_of(Frames(tables.pop("firms"), tables), snapshot.manifest.on.year - 1)

    def sheet(row: dict[str, Any]) -> FactSheet:
        firm, incomplete = firms[row["firm_id"]]
        return sheet_of(firm, on, incomplete)

    rows = judged.filter(of_these).select("firm_id", "uscc", *outputs(rule_set)).collect()
    recheck(rule_set, rows, sheet)
