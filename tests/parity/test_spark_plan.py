"""The plan for Spark, which is written through Narwhals, gives what the other does; here Polars carries it out.

On Spark itself `make proof PROOFS=spark` compares a million firms. Here it is what the emitter writes that is compared:
the joins of lists, the names of columns, the numbers beyond 64 bits.
"""

from datetime import date
from random import Random

import narwhals as nw
import polars as pl
import pytest
from firms_on_lines import Drawer
from rules_at_random import RuleDrawer

from registry.domain.firms import Firm
from registry.policy import load, rule_set_ids
from registry.rules.columns import Frames, frames_of, judge, plan, spark_dialect
from registry.rules.columns.judge import complete, largest_amount, lists_of
from registry.rules.ruleset import RuleSet

ON = date(2025, 6, 30)
DAYS = [date(2024, 2, 29), ON, date(2028, 1, 1), date(2023, 12, 31)]


def unlike(rule_set: RuleSet, firms: list[Firm], on: date, incomplete: frozenset[str] = frozenset()) -> list[str]:
    """Return the outputs of which the two plans say something else of any firm."""
    frames = frames_of(firms, on.year - 1)
    for key in incomplete:
        frames = Frames(frames.firms.with_columns(pl.lit(False).alias(f"{key}_known")), frames.lists)
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
