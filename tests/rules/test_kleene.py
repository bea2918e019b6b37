"""Kleene's tables, written out, against every connective of the language and the points made of them."""

import itertools
from datetime import date

import pytest

from registry.domain.firms import Firm
from registry.rules import tree
from registry.rules.case import sheet_of
from registry.rules.explain import explain
from registry.rules.explain.entries import kleene_all, kleene_any
from registry.rules.ruleset import Criterion, Part, RuleSet

T, F, U = True, False, None
ON = date(2024, 5, 10)
A, B, C = tree.Is("own_brand"), tree.Is("key_link"), tree.Is("reputation")
AND = [(T, T, T), (T, F, F), (T, U, U), (F, T, F), (F, F, F), (F, U, F), (U, T, U), (U, F, F), (U, U, U)]
OR = [(T, T, T), (T, F, T), (T, U, T), (F, T, T), (F, F, F), (F, U, U), (U, T, T), (U, F, U), (U, U, U)]


def judgement_of(rule, a=U, b=U, c=U):
    facts = {
        key: value
        for key, value in zip(("own_brand", "key_link", "reputation"), (a, b, c), strict=True)
        if value is not U
    }
    points = isinstance(rule, tree.Points)
    one = Criterion("one", "1", "1", "一", "one", rule, required=not points, part="p" if points else None, max=20)
    parts = (Part("p", "p", "p", 20),) if points else ()
    rule_set = RuleSet("one", "specialized", "new", "d", "t", "t", None, "sha256:0", parts, (one,))
    return explain(rule_set, sheet_of(Firm("", "", facts), ON))


def truth(rule, *values):
    return judgement_of(rule, *values).truth


@pytest.mark.parametrize(("a", "b", "both"), AND)
def test_and_is_false_when_one_is_false_and_else_unknown_when_one_is(a, b, both) -> None:
    assert truth(tree.All((A, B)), a, b) is both
    assert kleene_all([a, b]) is both


@pytest.mark.parametrize(("a", "b", "either"), OR)
def test_or_is_true_when_one_is_true_and_else_unknown_when_one_is(a, b, either) -> None:
    assert truth(tree.Any((A, B)), a, b) is either
    assert kleene_any([a, b]) is either


@pytest.mark.parametrize(("a", "opposite"), [(T, F), (F, T), (U, U)])
def test_the_opposite_of_unknown_is_unknown(a, opposite) -> None:
    assert truth(tree.Not(A), a) is opposite


@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("values", list(itertools.product((T, F, U), repeat=3)))
def test_k_of_n_is_open_while_it_could_still_go_either_way(k, values) -> None:
    completions = {
        sum(known) >= k
        for known in itertools.product(*([(True, False) if value is U else (value,) for value in values]))
    }
    expected = completions.pop() if len(completions) == 1 else None

    assert truth(tree.AtLeast(k, (A, B, C)), *values) is expected


@pytest.mark.parametrize("values", list(itertools.product((T, F, U), repeat=2)))
def test_both_de_morgan_laws_hold_with_the_unknown(values) -> None:
    assert truth(tree.Not(tree.All((A, B))), *values) is truth(tree.Any((tree.Not(A), tree.Not(B))), *values)
    assert truth(tree.Not(tree.Any((A, B))), *values) is truth(tree.All((tree.Not(A), tree.Not(B))), *values)


@pytest.mark.parametrize("values", list(itertools.product((T, F, U), repeat=3)))
def test_a_cascade_scores_every_band_that_is_open_up_to_the_first_that_holds(values) -> None:
    """Policy §7, spelled out: the points of every band true or undetermined up to the first that is true."""
    possible = []
    for points, value in zip((10, 6, 2), values, strict=True):
        if value is not F:
            possible.append(points)
        if value is T:
            break
    else:
        possible.append(0)

    found = judgement_of(tree.Bands(((10, A), (6, B), (2, C)), 0), *values)

    assert found.scores[None] == (min(possible), max(possible))


def test_the_better_of_two_takes_the_better_low_and_the_better_high() -> None:
    better = tree.Better((tree.Bands(((10, A),), 4), tree.Bands(((8, B),), 0)))

    assert judgement_of(better, U, U).scores[None] == (4, 10)
    assert judgement_of(better, F, U).scores[None] == (4, 8)
    assert judgement_of(better, F, T).scores[None] == (8, 8)
    assert judgement_of(better, U, T).scores[None] == (8, 10)


@pytest.mark.parametrize(
    ("values", "expected"),
    [((T, T, T), (5, 5)), ((T, U, U), (3, 5)), ((T, F, F), (3, 3)), ((F, U, F), (0, 3)), ((U, U, U), (0, 5))],
)
def test_points_an_item_count_the_certain_for_the_low_and_the_possible_for_the_high(values, expected) -> None:
    assert judgement_of(tree.PerItem(3, 5, (A, B, C)), *values).scores[None] == expected


@pytest.mark.parametrize(("points", "expected"), [(3, True), (4, None), (5, None), (6, False)])
def test_a_total_is_met_by_its_low_missed_by_its_high_and_else_open(points, expected) -> None:
    scored = Criterion("one", "1", "1", "一", "one", tree.PerItem(3, 5, (A, B)), required=False, part="p", max=5)
    for part in ("p", None):
        line = Criterion("line", "1", "1", "线", "line", tree.Reaches(part, points))
        rule_set = RuleSet(
            "x", "specialized", "new", "d", "t", "t", None, "s", (Part("p", "p", "p", 5),), (scored, line)
        )

        assert explain(rule_set, sheet_of(Firm("", "", {"own_brand": True}), ON)).truth is expected


def test_a_criterion_not_required_does_not_decide_the_verdict() -> None:
    wanted = Criterion("a", "1", "1", "甲", "a", A)
    served = Criterion("b", "1", "1", "乙", "b", B, required=False)
    rule_set = RuleSet("x", "specialized", "new", "d", "t", "t", None, "s", (), (wanted, served))

    assert explain(rule_set, sheet_of(Firm("", "", {"own_brand": True, "key_link": False}), ON)).truth is True


def test_a_false_requirement_decides_whatever_is_unknown_before_or_after_it() -> None:
    criteria = tuple(
        Criterion(key, "1", "1", key, key, tree.Is(key)) for key in ("own_brand", "key_link", "reputation")
    )
    rule_set = RuleSet("x", "specialized", "new", "d", "t", "t", None, "s", (), criteria)

    for key in ("own_brand", "key_link", "reputation"):
        assert explain(rule_set, sheet_of(Firm("", "", {key: False}), ON)).truth is False
    assert explain(rule_set, sheet_of(Firm("", "", {"own_brand": True}), ON)).truth is None
