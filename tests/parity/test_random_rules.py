"""Both readings agree on rules that nobody wrote, so that the next document of the law finds them agreeing too."""

from collections import Counter
from datetime import date
from random import Random

import pytest
from both_readings import differences, expected_row, widened
from firms_on_lines import Drawer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rules_at_random import RuleDrawer

from registry.domain.errors import RuleError
from registry.domain.firms import Firm
from registry.rules import tree
from registry.rules.columns import frames_of, judge
from registry.rules.parse import parse_condition
from registry.rules.ruleset import Criterion, RuleSet

DAYS = [date(2024, 2, 29), date(2025, 6, 30), date(2028, 1, 1), date(2023, 12, 31)]
QUIET = settings(
    derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow], max_examples=40
)
SEEDS = st.tuples(st.integers(0, 2**40), st.sampled_from(DAYS), st.booleans())
# The sorts that other nodes are of; no rule holds one of these itself.
SORTS = {tree.Node, tree.Number, tree.Condition, tree.Points}


def agree(seed: int, on: date, huge: bool) -> None:
    rule_set = RuleDrawer(Random(seed)).rule_set()
    firms = Drawer(rule_set, on, Random(seed + 1), huge).firms(25)

    found = differences(rule_set, firms, on, incomplete=frozenset({"titles"} if seed % 3 == 0 else ()))

    assert not found, (found[:2], rule_set.criteria)


@QUIET
@given(drawn=SEEDS)
def test_both_readings_agree_on_rules_drawn_at_random(drawn: tuple) -> None:
    agree(*drawn)


@pytest.mark.slow
@settings(QUIET, max_examples=300)
@given(drawn=SEEDS)
def test_both_readings_agree_on_many_rules_drawn_at_random(drawn: tuple) -> None:
    agree(*drawn)


def test_the_drawn_rules_reach_every_node_and_every_form_of_it() -> None:
    nodes = [
        node
        for seed in range(200)
        for one in RuleDrawer(Random(seed)).rule_set().criteria
        for node in tree.walk(one.rule)
    ]
    every = {
        one for one in vars(tree).values() if isinstance(one, type) and issubclass(one, tree.Node) and one not in SORTS
    }

    assert {type(node) for node in nodes} == every
    assert {node.op for node in nodes if isinstance(node, tree.Compare)} == set(tree.Op)
    assert {node.right.unit for node in nodes if isinstance(node, tree.Compare)} == set(tree.Unit)
    assert {node.key for node in nodes if isinstance(node, tree.Some)} == {"titles", "awards", "contests"}
    assert {node.back for node in nodes if isinstance(node, tree.Is)} == {None, 0, 1, 2}


@pytest.mark.slow
def test_the_drawn_rules_and_firms_reach_every_outcome_in_both_widths() -> None:
    outcomes: Counter = Counter()
    widths: Counter = Counter()
    by_node: dict[type, set] = {}
    for seed in range(80):
        rule_set, on, huge = RuleDrawer(Random(seed)).rule_set(), DAYS[seed % 4], seed % 3 == 0
        firms = Drawer(rule_set, on, Random(seed), huge).firms(20)
        widths[widened(rule_set, firms, on)] += 1
        conditions = {one.key: type(one.rule) for one in rule_set.criteria if not one.part}
        for firm in firms:
            row = expected_row(rule_set, firm, on)
            outcomes[row["verdict"]] += 1
            for key, sort in conditions.items():
                by_node.setdefault(sort, set()).add(row[key])

    assert all(outcomes[truth] for truth in (True, False, None))
    assert widths[True] > 5
    assert widths[False] > 0
    for sort, truths in by_node.items():
        assert truths == {True, False, None}, sort


def test_a_rule_whose_products_pass_128_bits_is_refused_rather_than_wrapped() -> None:
    rule = parse_condition("mean_growth(revenue, 2) >= 12.345%")
    rule_set = RuleSet(
        "x", "specialized", "new", "d", "t", "t", None, "s", (), (Criterion("a", "1", "1", "a", "a", rule),)
    )
    on = date(2024, 5, 10)
    firm = Firm("", "", {}, {year: {"revenue": 10**17 - 1} for year in (2023, 2022, 2021)})

    with pytest.raises(RuleError, match="128 bits"):
        judge(rule_set, frames_of([firm], 2023), on)
