"""A rule set is looked over before it is used: each slip is named with file and criterion."""

import pytest

from registry.domain.errors import RuleError
from registry.rules import tree
from registry.rules.check import check
from registry.rules.parse import Scope, parse_band, parse_condition, parse_number
from registry.rules.ruleset import Criterion, Part, RuleSet

SCOPE = Scope({}, frozenset({"first", "second", "third"}), frozenset({"growth"}))


def condition(text: str, key: str = "first", **changes) -> Criterion:
    return Criterion(
        **({"key": key, "article": "一", "source": "某号 一", "label": key, "label_en": key} | changes),
        rule=(parse_condition(text, SCOPE)),
    )


def bands(
    *rows: tuple[int, str], otherwise: int = 0, measure: str = "rd_expense / revenue", most: int = 20
) -> Criterion:
    left = parse_number(measure)
    rule = tree.Bands(tuple((points, parse_band(left, text)) for points, text in rows), otherwise)
    return Criterion("scored", "一", "某号 一", "s", "s", rule, required=False, part="growth", max=most)


def rule_set(*criteria: Criterion, most: int | None = None) -> RuleSet:
    held = sum(one.max for one in criteria)
    parts = (Part("growth", "g", "g", held if most is None else most),) if held else ()
    return RuleSet("x", "specialized", "new", "d", "t", "t", None, "s", parts, criteria)


def refused(*criteria: Criterion, most: int | None = None) -> RuleError:
    with pytest.raises(RuleError) as caught:
        check(rule_set(*criteria, most=most), file="x.toml")
    assert caught.value.file == "x.toml"
    return caught.value


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("revenue >= 0 元", "always true"),
        ("revenue < 0 元", "always false"),
        ("market_share > 100%", "always false"),
        ("market_share <= 100%", "always true"),
        ("development_score > 100 分", "always false"),
        ("digital_level >= 5 级", "always false"),
        ("digital_level <= 4 级", "always true"),
        ("market_rank_national >= 1 名", "always true"),
        ("years(segment_since) >= 0 年", "always true"),
        ("rd_expense / revenue < 0%", "always false"),
        ("own_brand and own_brand", "same thing twice"),
        ("own_brand or own_brand", "same thing twice"),
        ("revenue >= 2 元 and revenue < 2 元", "always false"),
        ("revenue > 2 元 and revenue <= 2 元", "always false"),
        ("revenue >= 2 元 or revenue < 2 元", "always true"),
        ("revenue > 1 元 or revenue <= 5 元", "always true"),
        ("local_field in (provincial_chain, provincial, city, county, none)", "always true"),
        ("total(revenue, 2) >= 0 元", "always true"),
        ("mean(revenue, 2) < 0 元", "always false"),
        # Also behind a line on another number, and behind one that looks the same way.
        ("revenue >= 2 元 and employees >= 2 人 and revenue < 2 元", "always false"),
        ("revenue >= 2 元 and revenue > 3 元 and revenue < 2 元", "always false"),
        ("local_field in (city, city)", "stands twice"),
        ("industry in (0600..0700, 0700..0800)", "overlap"),
    ],
)
def test_what_is_always_true_or_always_false_is_refused(text: str, word: str) -> None:
    error = refused(condition(text))

    assert word in error.message
    assert error.criterion == "first"


@pytest.mark.parametrize(
    "text",
    [
        "revenue >= 2 元 and revenue <= 2 元",
        "net_profit >= 0 元",
        "revenue > 2 元 or revenue < 2 元",
        "revenue >= 5000 万元 and revenue < 10000 万元",
        "growth(revenue) >= 0%",
        "net_profit / revenue < 0%",
    ],
)
def test_what_can_go_either_way_is_let_pass(text: str) -> None:
    check(rule_set(condition(text)))


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        (((20, ">= 5%"), (20, ">= 3%")), "must fall"),
        (((15, ">= 5%"), (20, ">= 3%")), "must fall"),
        (((20, ">= 3%"), (15, ">= 5%")), "never be reached"),
        (((20, ">= 5%"), (15, ">= 5%")), "never be reached"),
        (((20, ">= 5%"), (15, "<= 3%")), "look one way"),
        (((20, ">= 5%"), (0, ">= 3%")), "must fall"),
    ],
)
def test_bands_with_gap_overlap_or_a_step_out_of_reach_are_refused(rows: tuple, word: str) -> None:
    assert word in refused(bands(*rows), condition("own_brand")).message


@pytest.mark.parametrize(
    "text",
    [
        "mean_growth(revenue, 3) >= 5%",
        "compound_growth(revenue, 3) >= 5%",
        "in_each(3, growth(revenue) >= 0%)",
        "in_each(2, total(revenue, 3) >= 3 元)",
    ],
)
def test_a_rule_that_looks_back_further_than_the_figures_reach_is_refused(text: str) -> None:
    assert "looks back further" in refused(condition(text)).message


def test_points_stay_within_their_maximum_and_parts_add_up() -> None:
    good = bands((20, ">= 5%"), (5, ">= 1%"))

    check(rule_set(good, condition("own_brand")))
    assert "its bands reach 20" in refused(bands((20, ">= 5%"), most=15), condition("own_brand")).message
    assert "come to 20" in refused(good, condition("own_brand"), most=30).message


@pytest.mark.parametrize("text", ["score(21 分)", "part(growth, 21 分)", "score(0 分)"])
def test_a_score_out_of_reach_is_refused(text: str) -> None:
    assert "points is always" in refused(bands((20, ">= 5%")), condition(text)).message


def test_every_criterion_is_cited_and_named_once() -> None:
    assert "citation" in refused(condition("own_brand", source=" ")).message
    assert "citation" in refused(condition("own_brand", article="")).message
    assert "two criteria" in refused(condition("own_brand"), condition("key_link")).message


def test_a_circle_of_criteria_is_refused_with_its_way() -> None:
    error = refused(condition("met(second)"), condition("met(third)", "second"), condition("met(first)", "third"))

    assert "first → second → third → first" in error.message
    assert "asks for itself" in refused(condition("met(first)")).message


def test_a_rule_set_that_every_firm_would_pass_is_refused() -> None:
    assert "every firm would pass" in refused(condition("own_brand", required=False)).message


def test_points_an_item_must_be_able_to_fill_their_cap() -> None:
    items = (tree.Is("own_brand"), tree.Is("key_link"))
    for each, cap in ((3, 7), (0, 0), (6, 5)):
        rule = tree.PerItem(each, cap, items)
        one = Criterion("scored", "一", "s", "s", "s", rule, required=False, part="growth", max=min(cap, each * 2))
        parts = (Part("growth", "g", "g", one.max),)
        with pytest.raises(RuleError, match="do not fit"):
            check(RuleSet("x", "specialized", "new", "d", "t", "t", None, "s", parts, (one, condition("own_brand"))))
