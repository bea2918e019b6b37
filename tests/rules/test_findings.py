"""What a finding keeps beside its truth: its node, the numbers compared, the points; and the least numbers."""

from datetime import date
from typing import Any

import pytest

from registry.domain.firms import Firm
from registry.rules import tree
from registry.rules.case import sheet_of
from registry.rules.explain import explain
from registry.rules.explain.findings import Finding
from registry.rules.parse import parse_condition
from registry.rules.ruleset import Criterion, Part, RuleSet

ON = date(2025, 6, 30)
A, B = tree.Is("own_brand"), tree.Is("key_link")


def found(rule: tree.Condition, facts: dict[str, Any] | None = None, years: dict[int, Any] | None = None) -> Finding:
    """Judge a rule beside an indicator that brings 5 points of 10 for an own brand."""
    points = tree.Bands(((5, A),), 0)
    scored = Criterion("scored", "1", "1", "一", "s", points, required=False, part="p", max=10)
    own = Criterion("own", "1", "1", "一", "o", rule)
    parts = (Part("p", "p", "p", 10),)
    rule_set = RuleSet("x", "specialized", "new", "d", "t", "t", None, "sha256:0", parts, (scored, own))
    return explain(rule_set, sheet_of(Firm("", "", facts or {}, years or {}), ON)).findings["own"]


@pytest.mark.parametrize(
    ("entry", "truth"),
    [
        ({"kind": "innovative"}, False),
        ({"kind": "specialized"}, True),
        ({}, None),
    ],
)
def test_what_an_entry_is_not_is_asked_of_the_entry(entry: dict[str, str], truth: bool | None) -> None:
    rule = parse_condition("some(titles, not kind is innovative)")

    assert found(rule, {"titles": (entry,)}).truth is truth


@pytest.mark.parametrize(("base", "truth"), [(0, None), (1, True), (2, False)])
def test_growth_is_known_from_one_fen_on(base: int, truth: bool | None) -> None:
    years = {2024: {"revenue": 2}, 2023: {"revenue": base}}

    assert found(parse_condition("growth(revenue) >= 100%"), years=years).truth is truth


def test_a_compound_growth_keeps_the_last_and_the_first_figure() -> None:
    rule = parse_condition("compound_growth(revenue, 2) >= 5%")
    finding = found(rule, years={2024: {"revenue": 441}, 2022: {"revenue": 400}})

    assert (finding.node, finding.truth, finding.value) == (rule, True, (441, 400))


def test_a_choice_by_trade_keeps_what_was_asked_in_its_place() -> None:
    rule = tree.Choose("industry", ((((600, 4699),), A),), B, label="x", label_en="x")
    inside, outside = (found(rule, {"industry": code, "own_brand": True}) for code in ("3511", "7010"))

    assert (inside.node, inside.truth, inside.children[0].node) == (rule, True, A)
    assert (outside.node, outside.truth, outside.children[0].node) == (rule, None, B)


@pytest.mark.parametrize(
    ("brand", "truth", "points"), [(True, True, (5, 5)), (False, False, (0, 0)), (None, None, (0, 5))]
)
def test_points_that_are_to_be_reached_are_kept(
    brand: bool | None, truth: bool | None, points: tuple[int, int]
) -> None:
    facts = {} if brand is None else {"own_brand": brand}
    finding = found(tree.Reaches("p", 5), facts)

    assert (finding.truth, finding.points) == (truth, points)
