"""Both readings of every rule set agree on firms that stand on its lines."""

from collections import Counter
from datetime import date
from random import Random

import pytest
from both_readings import compared, differences, widened
from firms_on_lines import Drawer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.policy import Options, load, rule_set_ids
from registry.rules import tree
from registry.rules.ruleset import RuleSet

EVERY = [(name, kind) for name in rule_set_ids() for kind in ("new", "re_review")]
# Leap days and the days at which one rule set follows another, and one year in which the figures begin.
DAYS = [
    date(2022, 8, 1),
    date(2024, 2, 29),
    date(2024, 5, 10),
    date(2025, 2, 28),
    date(2025, 12, 31),
    date(2026, 1, 1),
    date(2026, 4, 1),
    date(2027, 3, 1),
    date(2028, 2, 29),
]
QUIET = settings(
    derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow], max_examples=2
)
A_BATCH = 120
SEEDS = st.tuples(st.integers(0, 2**40), st.sampled_from(DAYS), st.booleans())


def agree(rule_set: RuleSet, seed: int, on: date, huge: bool, count: int = A_BATCH) -> None:
    firms = Drawer(rule_set, on, Random(seed), huge).firms(count)

    found = differences(rule_set, firms, on)

    assert not found, found[:3]


@pytest.mark.parametrize(("name", "kind"), EVERY)
@QUIET
@given(drawn=SEEDS)
def test_both_readings_agree_on_the_lines_of_every_rule_set(name: str, kind: str, drawn: tuple) -> None:
    agree(load(name, kind), *drawn)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "kind"), EVERY)
@settings(QUIET, max_examples=14)
@given(drawn=SEEDS)
def test_both_readings_agree_on_twenty_thousand_firms_on_the_lines(name: str, kind: str, drawn: tuple) -> None:
    agree(load(name, kind), *drawn)


@pytest.mark.slow
def test_twenty_thousand_firms_went_through_both_readings() -> None:
    """Counted anew, so that it holds also where tests are shared out among processes."""
    before = sum(compared.values())
    for place, (name, kind) in enumerate(EVERY):
        for seed in range(3):
            agree(load(name, kind), 1000 * place + seed, DAYS[(place + seed) % len(DAYS)], seed == 2, 500)

    assert len(EVERY) == 14
    assert sum(compared.values()) - before >= 20_000


@pytest.mark.parametrize(("name", "kind"), EVERY)
@QUIET
@given(drawn=SEEDS)
def test_both_readings_agree_where_the_books_know_only_some_titles(name: str, kind: str, drawn: tuple) -> None:
    seed, on, huge = drawn
    rule_set = load(name, kind)
    firms = Drawer(rule_set, on, Random(seed), huge).firms(A_BATCH)

    assert differences(rule_set, firms, on, incomplete=frozenset({"titles"})) == []


def test_a_title_that_the_books_do_not_show_is_open_and_one_they_show_is_certain() -> None:
    rule_set, on = load("specialized-2022"), date(2024, 5, 10)
    firms = Drawer(rule_set, on, Random(5)).firms(400)
    outcomes: Counter = Counter()

    assert differences(rule_set, firms, on, incomplete=frozenset({"titles"}), outcomes=outcomes) == []
    assert outcomes["rung_below", False] == 0
    assert outcomes["rung_below", None] > 0
    assert outcomes["rung_below", True] > 0


@pytest.mark.parametrize("name", rule_set_ids())
def test_both_readings_agree_where_a_higher_title_counts(name: str) -> None:
    rule_set, on = load(name, "new", Options(higher_title_counts=True)), date(2026, 5, 1)
    firms = Drawer(rule_set, on, Random(8)).firms(A_BATCH)

    assert differences(rule_set, firms, on) == []


def test_a_firm_of_which_nothing_is_known_is_undetermined_in_both_readings() -> None:
    for name, kind in EVERY:
        firm = Drawer(load(name, kind), DAYS[2], Random(1)).firm()
        empty = type(firm)(firm.uscc, firm.name)
        outcomes: Counter = Counter()

        assert differences(load(name, kind), [empty], DAYS[2], outcomes=outcomes) == []
        assert outcomes["verdict", None] == 1


@pytest.mark.parametrize("name", rule_set_ids())
def test_the_drawn_firms_reach_every_verdict_of_every_criterion(name: str) -> None:
    rule_set, on = load(name), date(2026, 5, 1)
    outcomes: Counter = Counter()
    for seed in range(4):
        firms = Drawer(rule_set, on, Random(seed), huge=seed == 3).firms(500)
        assert differences(rule_set, firms, on, outcomes=outcomes) == []

    conditions = [one.key for one in rule_set.criteria if not one.part]
    for key in ("verdict", *conditions):
        seen = {truth for truth in (True, False, None) if outcomes[key, truth]}
        assert seen == {True, False, None}, (key, seen)
    for one in rule_set.indicators():
        lows = {value for key, value in outcomes if key == f"{one.key}.low"}
        highs = {value for key, value in outcomes if key == f"{one.key}.high"}
        assert lows >= every_point(one.rule), (one.key, lows)
        assert max(highs) == one.max


def every_point(node: tree.Node) -> set[int]:
    match node:
        case tree.Bands(bands, otherwise):
            return {otherwise} | {points for points, _ in bands}
        case tree.Better(parts):
            return set().union(*(every_point(part) for part in parts))
        case tree.PerItem(each, cap, items):
            return {min(cap, each * number) for number in range(len(items) + 1)}
    raise TypeError(node)


def test_ordinary_firms_are_reckoned_in_64_bits_and_huge_ones_beyond() -> None:
    rule_set, on = load("innovative-2022"), date(2024, 5, 10)
    ordinary = [firm for firm in Drawer(rule_set, on, Random(1)).firms(50) if is_modest(firm)]
    huge = Drawer(rule_set, on, Random(1), huge=True).firms(50)

    assert len(ordinary) > 20
    assert not widened(rule_set, ordinary, on)
    assert widened(rule_set, huge, on)


def is_modest(firm: object) -> bool:
    return all(
        abs(value) < 10**12
        for figures in firm.years.values()  # type: ignore[attr-defined]
        for value in figures.values()
    )
