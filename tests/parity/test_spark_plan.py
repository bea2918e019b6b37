"""The plan for Spark, which is written through Narwhals, gives what the other does; here Polars carries it out.

On Spark itself `make proof PROOFS=spark` compares a million firms. Here it is what the emitter writes that is compared:
the joins of lists, the names of columns, the numbers beyond 64 bits.
"""

from collections.abc import Callable
from datetime import date
from random import Random

import narwhals as nw
import polars as pl
import pytest
from both_readings import with_lists_open
from firms_on_lines import Drawer
from rules_at_random import RuleDrawer

from registry.domain.firms import Firm
from registry.policy import load, rule_set_ids
from registry.rules.columns import POLARS, Dialect, frames_of, judge, plan, spark_dialect
from registry.rules.columns.dialect import INT64
from registry.rules.columns.judge import complete, largest_amount, lists_of
from registry.rules.ruleset import RuleSet

ON = date(2025, 6, 30)
DAYS = [date(2024, 2, 29), ON, date(2028, 1, 1), date(2023, 12, 31)]


def unlike(rule_set: RuleSet, firms: list[Firm], on: date, incomplete: frozenset[str] = frozenset()) -> list[str]:
    """Return the outputs of which the two plans say something else of any firm."""
    frames = with_lists_open(frames_of(firms, on.year - 1), incomplete)
    ours = judge(rule_set, frames, on)
    dialect = spark_dialect()
    read = nw.from_native(complete(rule_set, frames.firms).lazy())
    lists = {key: nw.from_native(frame) for key, frame in lists_of(frames).items()}
    largest = largest_amount(rule_set, frames.firms)
    theirs = nw.to_native(plan(rule_set, read, lists, on, dialect=dialect, largest=largest)).sort("firm_id").collect()
    assert theirs.columns == [dialect.named(name) for name in ours.columns]
    assert len(theirs) == len(ours) == len(firms)
    return [
        name for name in ours.columns if ours[name].ne_missing(theirs[dialect.named(name)].cast(ours[name].dtype)).any()
    ]


@pytest.mark.parametrize("name", rule_set_ids())
def test_the_shipped_rules_are_judged_alike(name: str) -> None:
    rule_set = load(name)
    firms = Drawer(rule_set, ON, Random(7), False).firms(300)

    assert unlike(rule_set, firms, ON) == []
    assert unlike(rule_set, firms, ON, frozenset({"titles"})) == []


@pytest.mark.parametrize("seed", range(20))
def test_drawn_rules_are_judged_alike(seed: int) -> None:
    rule_set, on, huge = RuleDrawer(Random(seed)).rule_set(), DAYS[seed % 4], seed % 3 == 0
    firms = Drawer(rule_set, on, Random(seed + 1), huge).firms(25)

    assert unlike(rule_set, firms, on, frozenset({"titles"} if seed % 3 == 1 else ())) == []


@pytest.mark.parametrize("engine", [lambda: POLARS, spark_dialect], ids=["polars", "spark"])
@pytest.mark.parametrize("number", [INT64, -INT64, INT64 + 1, -INT64 - 1, 10**37])
def test_a_whole_number_is_a_constant_of_the_same_size_on_either_side_of_64_bits(
    engine: Callable[[], Dialect], number: int
) -> None:
    dialect = engine()
    frame = nw.from_native(pl.LazyFrame({"one": [1]})) if dialect.joins else pl.LazyFrame({"one": [1]})
    told = frame.select(dialect.called(dialect.whole(number), "a.number"))
    (name,) = told.collect_schema().names()

    assert name == ("a/number" if dialect.joins else "a.number")
    assert int(told.collect()[name][0]) == number
    assert told.collect_schema()[name] == (dialect.ns.Int64 if abs(number) <= INT64 else dialect.wide)


def test_what_the_engines_hold_is_what_they_say() -> None:
    spark = spark_dialect()

    assert (POLARS.wide, POLARS.widest, POLARS.reach) == (pl.Int128, 2**127 - 1, "128 bits")
    assert (spark.wide, spark.widest, spark.reach) == (nw.Decimal(38, 0), 10**38 - 1, "38 digits")
