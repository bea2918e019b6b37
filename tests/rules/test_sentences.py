"""Rules and what firms bring to them in words: every node of the language, in both languages, word for word."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from registry.domain.errors import Fault
from registry.domain.firms import Firm
from registry.rules import tree
from registry.rules.case import sheet_of
from registry.rules.explain import explain
from registry.rules.parse import Scope, parse_band, parse_condition, parse_number
from registry.rules.ruleset import Criterion, Part, RuleSet
from registry.rules.wording import document_of
from registry.rules.wording.sentences import Writer, rule_text

ON = date(2025, 6, 30)
TRADE = tree.Choose(
    "industry", ((((600, 4699),), tree.Is("own_brand")),), tree.Is("key_link"), label="大型", label_en="large"
)
SCOPE = Scope({"size.large": TRADE}, frozenset({"first", "second"}), frozenset({"growth"}))
SHARE = parse_number("rd_expense / revenue")
BANDS = tree.Bands(((20, parse_band(SHARE, ">= 5%")), (10, parse_band(SHARE, ">= 3%"))), 0)
STEPS = tree.Bands(((20, parse_condition("rd_institution is national")), (10, parse_condition("own_brand"))), 2)
ITEMS = tree.PerItem(3, 5, (tree.Is("own_brand"), tree.Is("key_link")))
WORDS = tomllib.loads(Path(__file__).with_name("rules_in_words.toml").read_text("utf-8"))


def criterion(key: str, rule: tree.Condition | tree.Points, **more: Any) -> Criterion:
    return Criterion(key, "一", "某号 一", f"条款{key}", f"Criterion {key}", rule, **more)


def rule_set(rule: tree.Condition | tree.Points, **more: Any) -> RuleSet:
    """A rule set of its own for each rule: phrases are remembered by the nodes of a rule set."""
    parts = (Part("growth", "成长性", "Growth", 20),)
    criteria = (
        criterion("one", rule, **more),
        criterion("first", parse_condition("own_brand"), short="直通", short_en="direct"),
        criterion("second", parse_condition("key_link"), required=False),
    )
    return RuleSet(
        "x-1", "specialized", "new", "某号", "某标准", "Some standard", date(2022, 6, 1), "sha256:x", parts, criteria
    )


@pytest.mark.parametrize("row", WORDS["rule"], ids=lambda row: row["rule"])
def test_a_rule_is_told_in_both_languages(row: dict[str, str]) -> None:
    node = parse_condition(row["rule"], SCOPE)
    told = rule_set(node)

    assert Writer(told, 2024, "zh").text(node) == row["zh"]
    assert Writer(told, 2024, "en").text(node) == row["en"]


@pytest.mark.parametrize(
    ("node", "chinese", "english"),
    [
        (
            BANDS,
            "研发费用占营业收入比重：≥ 5% → 20；≥ 3% → 10；其他 → 0",
            "R&D share of revenue: ≥ 5% → 20; ≥ 3% → 10; else → 0",
        ),
        (
            STEPS,
            "研发机构级别：国家级 → 20；拥有自主品牌：是 → 10；其他 → 2",
            "Level of R&D institution: national → 20; Own brand: yes → 10; else → 2",
        ),
        (
            ITEMS,
            "每项 3 分、最高 5 分：拥有自主品牌：是、位于产业链关键环节并有实效：是",
            "3 points each, at most 5: Own brand: yes, At a key link of a chain, with effect: yes",
        ),
        (
            tree.Better((BANDS, ITEMS)),
            "以下取优：研发费用占营业收入比重：≥ 5% → 20；≥ 3% → 10；其他 → 0"
            " | 每项 3 分、最高 5 分：拥有自主品牌：是、位于产业链关键环节并有实效：是",
            "the better of: R&D share of revenue: ≥ 5% → 20; ≥ 3% → 10; else → 0"
            " | 3 points each, at most 5: Own brand: yes, At a key link of a chain, with effect: yes",
        ),
    ],
)
def test_points_are_told_in_both_languages(node: tree.Points, chinese: str, english: str) -> None:
    told = rule_set(node)

    assert (Writer(told, 2024, "zh").text(node), Writer(told, 2024, "en").text(node)) == (chinese, english)


def test_the_handbook_tells_earlier_years_by_how_far_they_lie_back() -> None:
    node = parse_condition("in_each(2, digitally_transformed)")

    assert rule_text(rule_set(node), node) == "完成数字化转型：是 且 -1年完成数字化转型：是"


@pytest.mark.parametrize("row", WORDS["found"], ids=lambda row: row["rule"])
def test_what_was_found_and_what_is_short_are_told_in_both_languages(row: dict[str, Any]) -> None:
    facts = {key: tuple(one) if isinstance(one, list) else one for key, one in row["facts"].items()}
    years = {int(year): figures for year, figures in row["years"].items()}
    judged = explain(rule_set(parse_condition(row["rule"], SCOPE)), sheet_of(Firm("", "", facts, years), ON))
    for lang in ("zh", "en"):
        one = document_of(judged, lang=lang)["criteria"][0]
        assert one["verdict"] == row["verdict"]
        assert [one["value"], one["shortfall"]] == row[lang]


@pytest.mark.parametrize(
    ("rule", "facts", "years", "verdict", "chinese", "english"),
    [
        (
            BANDS,
            {},
            {2024: {"rd_expense": 4, "revenue": 100}},
            "met",
            ("研发费用占营业收入比重 4.00%", "距 20 分档还差 1.00 个百分点"),
            ("R&D share of revenue 4.00%", "1.00 percentage points short to the band of 20"),
        ),
        (
            BANDS,
            {},
            {2024: {"rd_expense": 2, "revenue": 100}},
            "not_met",
            ("研发费用占营业收入比重 2.00%", "距 10 分档还差 1.00 个百分点"),
            ("R&D share of revenue 2.00%", "1.00 percentage points short to the band of 10"),
        ),
        (
            BANDS,
            {},
            {2024: {"rd_expense": 5, "revenue": 100}},
            "met",
            ("研发费用占营业收入比重 5.00%", ""),
            ("R&D share of revenue 5.00%", ""),
        ),
        (BANDS, {}, {}, "undetermined", ("研发费用占营业收入比重 未知", ""), ("R&D share of revenue unknown", "")),
        (
            STEPS,
            {"rd_institution": "none", "own_brand": True},
            {},
            "met",
            ("研发机构级别 无；拥有自主品牌 是", ""),
            ("Level of R&D institution none; Own brand yes", ""),
        ),
        (
            ITEMS,
            {"own_brand": True, "key_link": False},
            {},
            "met",
            ("拥有自主品牌 是；位于产业链关键环节并有实效 否", ""),
            ("Own brand yes; At a key link of a chain, with effect no", ""),
        ),
    ],
)
def test_points_and_the_next_band_are_told_in_both_languages(
    rule: tree.Points,
    facts: dict[str, Any],
    years: dict[int, Any],
    verdict: str,
    chinese: tuple[str, str],
    english: tuple[str, str],
) -> None:
    told = rule_set(rule, part="growth", required=False, max=20)
    judged = explain(told, sheet_of(Firm("", "", facts, years), ON))
    one, other = (document_of(judged, lang=lang)["criteria"][0] for lang in ("zh", "en"))

    assert one["verdict"] == other["verdict"] == verdict
    assert (one["value"], one["shortfall"]) == chinese
    assert (other["value"], other["shortfall"]) == english


def test_a_document_holds_all_of_it_with_its_tree() -> None:
    told = rule_set(BANDS, part="growth", required=False, max=20, note="[D]")
    judged = explain(
        told,
        sheet_of(Firm("", "", {"own_brand": True, "key_link": False}, {2024: {"rd_expense": 4, "revenue": 100}}), ON),
    )
    document = document_of(judged, why="因为", warnings=[Fault("facts.x", "不符")], with_tree=True)

    assert document.pop("warnings") == [str(Fault("facts.x", "不符"))]
    criteria = document.pop("criteria")
    assert document == {
        "tier": "specialized",
        "kind": "new",
        "on": "2025-06-30",
        "rule_set": {"id": "x-1", "document": "某号", "digest": "sha256:x", "title": "某标准", "why": "因为"},
        "verdict": "met",
        "score": {
            "low": 10,
            "high": 10,
            "max": 20,
            "parts": [{"key": "growth", "label": "成长性", "label_en": "Growth", "low": 10, "high": 10, "max": 20}],
        },
    }
    assert criteria[0] == {
        "key": "one",
        "label": "条款one",
        "label_en": "Criterion one",
        "article": "一",
        "source": "某号 一",
        "required": False,
        "verdict": "met",
        "value": "研发费用占营业收入比重 4.00%",
        "needs": "研发费用占营业收入比重：≥ 5% → 20；≥ 3% → 10；其他 → 0",
        "shortfall": "距 20 分档还差 1.00 个百分点",
        "missing": [],
        "note": "[D]",
        "part": "growth",
        "points": {"low": 10, "high": 10, "max": 20},
        "tree": {
            "text": "研发费用占营业收入比重：≥ 5% → 20；≥ 3% → 10；其他 → 0",
            "verdict": "met",
            "value": "研发费用占营业收入比重 4.00%",
            "needs": "研发费用占营业收入比重：≥ 5% → 20；≥ 3% → 10；其他 → 0",
            "shortfall": "距 20 分档还差 1.00 个百分点",
            "missing": [],
            "children": [],
        },
    }
    assert [(one["key"], one["verdict"], one["needs"]) for one in criteria[1:]] == [
        ("first", "met", "拥有自主品牌：是"),
        ("second", "not_met", "位于产业链关键环节并有实效：是"),
    ]
    assert "tree" not in document_of(judged)["criteria"][0]
    assert document_of(judged, lang="en")["rule_set"]["title"] == "Some standard"
