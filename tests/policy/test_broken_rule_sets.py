"""Rule sets broken by hand: each is refused before its first use, with file, criterion and column."""

from typing import Any

import pytest

from registry.domain.errors import RuleError
from registry.policy.assembly import build, load, size_conditions
from registry.policy.files import parse_file
from registry.rules.parse import parse_condition

RULE = "revenue >= 1000 万元"


def criterion(rule: str = RULE, **changes: Any) -> dict[str, Any]:
    row = {"key": "one", "article": "一", "label": "条款", "label_en": "A criterion", "rule": rule, "file": "broken"}
    return {**row, **changes}


def indicator(**changes: Any) -> dict[str, Any]:
    row = {"key": "points", "part": "growth", "max": 5, "article": "指标1", "label": "指标", "label_en": "An indicator"}
    bands = {"measure": "rd_expense / revenue", "bands": [[5, ">= 5%"], [3, ">= 3%"]], "otherwise": 0, "file": "broken"}
    return {**row, **bands, **changes}


def content(*criteria: dict[str, Any], indicators: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {
        "id": "broken",
        "tier": "specialized",
        "document": {"number": "某文件", "title": "某标准", "title_en": "Some standard"},
        "parts": [{"key": "growth", "label": "成长性", "label_en": "Growth", "max": 5}] if indicators else [],
        "criteria": list(criteria) or [criterion()],
        "indicators": list(indicators),
    }


def refusal(whole: dict[str, Any]) -> RuleError:
    with pytest.raises(RuleError) as refused:
        build(whole, "new")
    return refused.value


def test_the_sound_rule_set_that_the_others_are_broken_from_is_accepted() -> None:
    build(content(), "new")
    build(content(criterion(), indicators=(indicator(),)), "new")


# One text: the column at which it leaves the language.
TEXTS = [
    ("unknown fact", "profit >= 100 万元", 1, "unknown fact"),
    ("unknown fact further on", "own_brand and brand", 15, "unknown fact"),
    ("unit mismatch: money with a share", "rd_expense >= 3%", 12, "unit mismatch"),
    ("unit mismatch: a share with money", "rd_expense / revenue >= 3 万元", 22, "unit mismatch"),
    ("unit mismatch: money with a bare number", "revenue >= 1000", 9, "unit mismatch"),
    ("unit mismatch: years with people", "years(segment_since) >= 3 人", 22, "unit mismatch"),
    ("unlike amounts divided", "rd_expense / employees >= 3%", 12, "same unit"),
    ("unknown choice", "rd_institution is village", 19, "never 'village'"),
    ("unknown choice in a list", "rd_institution in (city, village)", 26, "never 'village'"),
    ("unknown title", "holds(champions)", 7, "no title is called"),
    ("k above the number of parts", "at_least(3, own_brand, quality_award)", 1, "always false"),
    ("k of zero", "at_least(0, own_brand, quality_award)", 1, "always true"),
    ("no criterion of that name", "met(two)", 5, "no criterion is called"),
    ("no part of that name", "part(wealth, 5 分)", 6, "no part is called"),
    ("a list that is none", "some(prizes, rank <= 3 名)", 6, "some() asks one of"),
    ("an empty range of codes", "industry in 4699..0600", 13, "is empty"),
    ("a character the language lacks", "revenue = 1000 万元", 9, "the language has no"),
    ("a call", "open('x')", 6, "the language has no"),
    ("an unfinished comparison", "revenue >=", 11, "expected a constant"),
    ("a missing bracket", "(own_brand or quality_award", 28, "expected ')'"),
    ("more after the end", "own_brand quality_award", 11, "unexpected"),
    ("nothing", "", 1, "expected a name"),
    ("a yes-or-no fact compared", "own_brand >= 1 项", 11, "unexpected"),
    ("a yearly figure that is none", "total(own_brand, 2) >= 2000 万元", 7, "expected a yearly figure"),
    ("too many years", "total(revenue, 9) >= 2000 万元", 16, "years"),
    ("nested too deep", "(" * 60 + "own_brand" + ")" * 60, None, "nested deeper"),
]


@pytest.mark.parametrize(("rule", "column", "says"), [row[1:] for row in TEXTS], ids=[row[0] for row in TEXTS])
def test_a_text_outside_the_language_is_refused_at_its_column(rule: str, column: int | None, says: str) -> None:
    error = refusal(content(criterion(rule)))

    assert (error.file, error.criterion) == ("broken.toml", "one")
    assert says in error.message
    if column is not None:
        assert error.column == column
    assert "broken.toml, criterion one, column" in str(error)


def test_a_text_alone_has_its_column_too() -> None:
    with pytest.raises(RuleError) as refused:
        parse_condition("own_brand and brand")

    assert refused.value.column == 15


# What the parser cannot see in one text alone.
WHOLES = [
    ("always true: no amount is negative", criterion("revenue >= 0 万元"), "always true"),
    ("always false: a share over one", criterion("market_share > 100%"), "always false"),
    ("always false: two lines that exclude each other", criterion(f"{RULE} and revenue < 900 万元"), "always false"),
    ("always true: two lines that leave nothing out", criterion(f"{RULE} or revenue < 1000 万元"), "always true"),
    ("always true: every choice listed", criterion("listing in (listed, regional, none)"), "always true"),
    ("the same thing twice", criterion(f"{RULE} or {RULE}"), "twice"),
    ("a circle of one", criterion("met(one)"), "asks for itself"),
    ("overlapping codes", criterion("industry in (0600..4699, 4600..4700)"), "overlap"),
    ("no article", criterion(article=""), "article is missing"),
    ("no label", criterion(label=""), "label is missing"),
]


@pytest.mark.parametrize(("row", "says"), [row[1:] for row in WHOLES], ids=[row[0] for row in WHOLES])
def test_a_criterion_that_decides_nothing_or_cites_nothing_is_refused(row: dict[str, Any], says: str) -> None:
    error = refusal(content(row))

    assert (error.file, error.criterion) == ("broken.toml", "one")
    assert says in error.message


def test_a_circle_through_two_criteria_is_refused_with_its_way() -> None:
    error = refusal(content(criterion("met(two)"), criterion("met(one)", key="two")))

    assert "one → two → one" in error.message
    assert error.file == "broken.toml"


def test_two_criteria_of_one_key_are_refused() -> None:
    assert "two criteria have this key" in refusal(content(criterion(), criterion())).message


def test_a_rule_set_that_requires_nothing_is_refused() -> None:
    assert "every firm would pass" in refusal(content(criterion(required=False))).message


INDICATORS = [
    ("an unreachable band", {"bands": [[5, ">= 3%"], [3, ">= 5%"]]}, "never be reached"),
    ("the same band twice", {"bands": [[5, ">= 3%"], [3, ">= 3%"]]}, "never be reached"),
    ("bands that look two ways", {"bands": [[5, ">= 5%"], [3, "<= 3%"]]}, "gaps or overlaps"),
    ("points that rise", {"bands": [[3, ">= 5%"], [5, ">= 3%"]]}, "points must fall"),
    ("a band worth what is left anyway", {"bands": [[5, ">= 5%"], [0, ">= 3%"]]}, "points must fall"),
    ("negative points", {"otherwise": -1}, "none be negative"),
    ("points over the maximum", {"bands": [[9, ">= 5%"], [3, ">= 3%"]]}, "its maximum is 5, its bands reach 9"),
    ("a maximum out of reach", {"bands": [[4, ">= 5%"], [3, ">= 3%"]]}, "its maximum is 5, its bands reach 4"),
    ("a band in another unit", {"bands": [[5, ">= 5 万元"]]}, "unit mismatch"),
    ("a part that is none", {"part": "wealth"}, "no part is called"),
    ("no article", {"article": ""}, "article is missing"),
    ("no otherwise", {"otherwise": None}, ""),
]


@pytest.mark.parametrize(("changes", "says"), [row[1:] for row in INDICATORS], ids=[row[0] for row in INDICATORS])
def test_an_indicator_whose_bands_do_not_fit_is_refused(changes: dict[str, Any], says: str) -> None:
    whole = {key: value for key, value in indicator(**changes).items() if value is not None}
    error = refusal(content(criterion(), indicators=(whole,)))

    assert (error.file, error.criterion) == ("broken.toml", "points")
    assert says in error.message


@pytest.mark.parametrize(("each", "cap", "most"), [(3, 9, 6), (0, 5, 0), (6, 5, 5)])
def test_points_for_each_item_must_fit_their_cap(each: int, cap: int, most: int) -> None:
    row = indicator(each=each, cap=cap, items=["own_brand", "quality_award"], max=most)
    for key in ("measure", "bands", "otherwise"):
        del row[key]
    whole = content(criterion(), indicators=(row,))
    whole["parts"][0]["max"] = most

    assert "do not fit together" in refusal(whole).message


def test_a_part_must_hold_what_its_indicators_come_to() -> None:
    whole = content(criterion(), indicators=(indicator(),))
    whole["parts"][0]["max"] = 40

    assert "part growth has 40 points, its indicators come to 5" in refusal(whole).message


@pytest.mark.parametrize(("rule", "says"), [("score(6 分)", "always false"), ("part(growth, 0 分)", "always true")])
def test_a_score_line_out_of_reach_is_refused(rule: str, says: str) -> None:
    error = refusal(content(criterion(rule), indicators=(indicator(),)))

    assert (error.file, error.criterion) == ("broken.toml", "one")
    assert says in error.message


def test_a_wrong_line_of_the_size_table_names_trade_and_size() -> None:
    row = {"key": "other", "label": "其他", "large": "staff >= 300 人", "medium": "", "small": ""}

    with pytest.raises(RuleError) as refused:
        size_conditions({"trades": [row]})

    assert (refused.value.file, refused.value.criterion, refused.value.column) == ("size-2011.toml", "other.large", 1)


def test_a_file_that_is_not_toml_is_refused_by_name() -> None:
    with pytest.raises(RuleError, match=r"^broken\.toml: not TOML"):
        parse_file("id = [", "broken.toml")


def test_an_unknown_rule_set_is_refused_with_those_there_are() -> None:
    with pytest.raises(RuleError, match="little_giant-2026"):
        load("innovative-1999")
