"""The parser takes the language and nothing else; what it refuses, it refuses with the column."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.domain.errors import RuleError
from registry.rules import tree
from registry.rules.parse import Scope, parse_band, parse_condition, parse_number
from registry.rules.tree import Compare, Const, Op, Unit

SCOPE = Scope(
    {"rung.innovative": tree.Is("own_brand"), "size.large": tree.Is("key_link")},
    frozenset({"direct_award"}),
    frozenset({"growth"}),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("own_brand", tree.Is("own_brand")),
        ("digitally_transformed", tree.Is("digitally_transformed", 0)),
        ("not own_brand", tree.Not(tree.Is("own_brand"))),
        ("(own_brand)", tree.Is("own_brand")),
        ("rung.innovative", tree.Is("own_brand")),
        ("at_least(1, own_brand)", tree.AtLeast(1, (tree.Is("own_brand"),))),
        ("at_least(2, own_brand, key_link)", tree.AtLeast(2, (tree.Is("own_brand"), tree.Is("key_link")))),
        ("met(direct_award)", tree.Met("direct_award")),
        ("score(60 分)", tree.Reaches(None, 60)),
        ("part(growth, 15)", tree.Reaches("growth", 15)),
        ("rd_institution is none", tree.OneOf("rd_institution", ("none",))),
        ("rd_institution in (provincial, national)", tree.OneOf("rd_institution", ("provincial", "national"))),
        ("industry in 0600..4699", tree.InCodes("industry", ((600, 4699),))),
        ("industry in (0600..4699, 7010)", tree.InCodes("industry", ((600, 4699), (7010, 7010)))),
        ("serious_incident_on within 3 年", tree.Within("serious_incident_on", 3)),
        ("banned_until ahead", tree.Ahead("banned_until")),
    ],
)
def test_plain_conditions_are_read(text: str, expected: tree.Condition) -> None:
    assert parse_condition(text, SCOPE) == expected


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("rd_expense >= 100 万元", 100 * 10**6, Unit.MONEY),
        ("rd_expense >= 1.01 元", 101, Unit.MONEY),
        ("rd_expense >= 2 亿元", 2 * 10**10, Unit.MONEY),
        ("rd_expense / revenue >= 3%", Fraction(3, 100), Unit.SHARE),
        ("rd_expense / revenue >= 3.50%", Fraction(35, 1000), Unit.SHARE),
        ("market_share > 0.1%", Fraction(1, 1000), Unit.SHARE),
        ("development_score >= 60.5 分", Fraction(121, 2), Unit.SCORE),
        ("years(segment_since) >= 3 年", 3, Unit.YEARS),
        ("ip_class1 >= 2 项", 2, Unit.COUNT),
        ("employees >= 20 人", 20, Unit.COUNT),
        ("digital_level >= 3 级", 3, Unit.COUNT),
        ("market_rank_national <= 3", 3, Unit.COUNT),
    ],
)
def test_constants_are_exact_and_keep_their_unit(text: str, value: Fraction, unit: Unit) -> None:
    read = parse_condition(text)

    assert isinstance(read, Compare)
    assert (read.right.value, read.right.unit) == (value, unit)


def test_and_binds_closer_than_or_and_not_closer_than_both() -> None:
    a, b, c = tree.Is("own_brand"), tree.Is("key_link"), tree.Is("reputation")

    assert parse_condition("own_brand or key_link and reputation") == tree.Any((a, tree.All((b, c))))
    assert parse_condition("(own_brand or key_link) and reputation") == tree.All((tree.Any((a, b)), c))
    assert parse_condition("not own_brand and key_link") == tree.All((tree.Not(a), b))


def test_in_each_and_in_either_read_the_same_condition_a_year_earlier() -> None:
    last = Compare(tree.Ratio(tree.Figure("rd_expense"), tree.Figure("revenue")), Op.AT_LEAST, THREE_PERCENT)
    before = Compare(tree.Ratio(tree.Figure("rd_expense", 1), tree.Figure("revenue", 1)), Op.AT_LEAST, THREE_PERCENT)

    assert parse_condition("in_each(2, rd_expense / revenue >= 3%)") == tree.All((last, before))
    assert parse_condition("in_either(2, rd_expense / revenue >= 3%)") == tree.Any((last, before))


THREE_PERCENT = Const(Fraction(3, 100), Unit.SHARE, "3%")


def test_numbers_of_several_years_are_read() -> None:
    revenue = tuple(tree.Figure("revenue", back) for back in range(3))

    assert parse_number("total(revenue, 3)") == tree.Sum(revenue)
    assert parse_number("mean(revenue, 3)") == tree.Mean(revenue)
    assert parse_number("growth(revenue)") == tree.Growth("revenue")
    assert parse_number("mean_growth(revenue, 2)") == tree.Mean((tree.Growth("revenue"), tree.Growth("revenue", 1)))
    assert parse_number("compound_growth(revenue, 2)") == tree.Compound("revenue", 2)


def test_an_entry_of_a_list_is_asked_by_its_own_keys() -> None:
    found = parse_condition("some(awards, level is national and rank <= 3 名 and on within 3 年)")

    assert found == tree.Some(
        "awards",
        tree.All(
            (
                tree.OneOf("level", ("national",)),
                Compare(tree.Amount("rank"), Op.AT_MOST, Const(Fraction(3), Unit.COUNT, "3 名")),
                tree.Within("on", 3),
            )
        ),
    )
    assert parse_condition("holds(hi_tech)") == tree.Some(
        "titles", tree.All((tree.OneOf("kind", ("hi_tech",)), tree.InForce()))
    )


def test_a_band_that_begins_with_a_sign_speaks_of_the_measure() -> None:
    measure = parse_number("rd_expense / revenue")

    assert parse_band(measure, ">= 3%") == Compare(measure, Op.AT_LEAST, THREE_PERCENT)
    assert parse_band(measure, "own_brand") == tree.Is("own_brand")


@pytest.mark.parametrize(
    ("text", "column", "word"),
    [
        ("", 1, "expected a name"),
        ("and", 1, "expected a name"),
        ("own_brand and", 14, "expected a name"),
        ("own_brand own_brand", 11, "after the end"),
        ("(own_brand", 11, "expected ')'"),
        ("own_brand)", 10, "after the end"),
        ("__import__('os')", 12, 'has no "\'"'),
        ("__import__(os)", 1, "unknown fact"),
        ("revenue ** 2 >= 1 元", 9, "has no '*'"),
        ("revenue.__class__ >= 1 元", 8, "has no '.'"),
        ("revenue >= -1 元", 12, "has no '-'"),
        ("revenue = 1 元", 9, "has no '='"),
        ("revenue == 1 元", 9, "has no '='"),
        ("lambda: 1", 7, "has no ':'"),
        ("own_brand; own_brand", 10, "has no ';'"),
        ("own_brand # 注", 11, "has no '#'"),
        ("自主品牌", 1, "has no"),
        ("own_brand\x00", 10, "has no"),
        ("Own_Brand", 1, "has no 'O'"),
        ("1 元 <= revenue", 1, "expected a name"),
        ("1 元 <= revenue <= 2 元", 1, "expected a name"),
        ("revenue >= 1 元 >= 2 元", 16, "after the end"),
        ("revenue >= 1 元 2", 16, "after the end"),
        ("revenue >= rd_expense", 12, "expected a constant"),
        ("revenue >= 元", 12, "expected a constant"),
        ("revenue >= 1", 9, "unit mismatch"),
        ("revenue >= 1%", 9, "unit mismatch"),
        ("rd_expense / revenue >= 3 万元", 22, "unit mismatch"),
        ("employees >= 3 年", 11, "unit mismatch"),
        ("revenue / employees >= 3%", 9, "same unit"),
        ("growth(revenue) / revenue >= 3%", 17, "same unit"),
        ("revenue", 8, "expected a comparison"),
        ("nobody_knows", 1, "unknown fact"),
        ("titles", 1, "cannot stand alone"),
        ("functional_area", 1, "cannot stand alone"),
        ("growth(own_brand) >= 3%", 8, "expected a yearly figure"),
        ("growth(market_share) >= 3%", 8, "expected a yearly figure"),
        ("total(revenue, 6) >= 1 元", 16, "from 1 to"),
        ("total(revenue, 0) >= 1 元", 16, "from 1 to"),
        ("total(revenue, 1.5) >= 1 元", 16, "whole number"),
        ("years(own_brand) >= 3 年", 7, "expected a date fact"),
        ("rd_institution is galactic", 19, "never 'galactic'"),
        ("rd_institution = none", 16, "has no"),
        ("rd_institution", 15, "expected 'in'"),
        ("serious_incident_on", 20, "expected 'within'"),
        ("serious_incident_on within 3", 29, "expected '年'"),
        ("industry in 4699..0600", 13, "is empty"),
        ("industry in abc", 13, "whole number"),
        ("holds(emperor)", 7, "no title"),
        ("holds()", 7, "expected a name"),
        ("met(nothing)", 5, "no criterion"),
        ("part(nothing, 3)", 6, "no part"),
        ("some(revenue, own_brand)", 6, "some() asks one of"),
        ("some(awards, own_brand)", 14, "unknown fact"),
        ("some(awards, in_force)", 14, "titles only"),
        ("some(awards, some(awards, level is national))", 14, "keys of an entry"),
        ("some(awards, holds(champion))", 14, "keys of an entry"),
        ("some(awards, at_least(1, level is national))", 14, "keys of an entry"),
        ("some(awards, score(60 分))", 14, "keys of an entry"),
        ("in_force", 1, "expected a name"),
        ("at_least(3, own_brand, key_link)", 1, "always false"),
        ("at_least(0, own_brand)", 1, "always true"),
        ("eval(own_brand)", 1, "unknown fact"),
    ],
)
def test_what_is_not_in_the_language_is_refused_with_its_column(text: str, column: int, word: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse_condition(text, SCOPE)

    assert caught.value.column == column
    assert word in caught.value.message


@pytest.mark.parametrize("text", ["(" * 10_000, ")" * 10_000, "()" * 5_000, "(" * 5_000 + "own_brand" + ")" * 5_000])
def test_ten_kilobytes_of_brackets_are_refused(text: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse_condition(text)

    assert caught.value.column


def test_forty_brackets_deep_is_the_end() -> None:
    assert parse_condition("(" * 39 + "own_brand" + ")" * 39) == tree.Is("own_brand")
    with pytest.raises(RuleError, match="nested deeper than 40"):
        parse_condition("(" * 40 + "own_brand" + ")" * 40)


def test_brackets_side_by_side_are_not_deep() -> None:
    parts = parse_condition(" or ".join(["(own_brand and key_link)"] * 200))

    assert isinstance(parts, tree.Any)
    assert len(parts.parts) == 200


def test_a_long_constant_stays_exact() -> None:
    read = parse_condition("revenue >= 12345678901234567.89 元")

    assert isinstance(read, Compare)
    assert read.right.value == 1234567890123456789


@pytest.mark.parametrize(
    "text",
    [
        "not " * 5_000 + "own_brand",
        f"revenue >= {'9' * 5_000} 元",
        f"in_each({'9' * 5_000}, own_brand)",
        f"total(revenue, {'9' * 5_000}) >= 1 元",
        "in_each(0, digitally_transformed)",
        "in_either(0, digitally_transformed)",
        "in_each(100000, digitally_transformed)",
        "in_each(2, " * 60 + "digitally_transformed" + ")" * 60,
        "established_on within 9999999 年",
        "compound_growth(revenue, 5) >= 5%",
        "some(awards, years(segment_since) >= 3 年)",
        "some(awards, rank / rank >= 3%)",
        "some(awards, total(revenue, 2) >= 3 元)",
        "revenue >= ٣ 元",
        "revenue >= ３ 元",
    ],
)
def test_hostile_rules_are_refused_with_a_column_and_at_once(text: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse_condition(text)

    assert caught.value.column


WORDS = [
    *("own_brand", "revenue", "rd_expense", "titles", "awards", "national", "rank", "level", "in_force", "on"),
    *("some", "holds", "met", "score", "total", "mean", "growth", "years", "at_least", "in_each", "part"),
    *("(", "(", ")", ")", ",", "/", "+", "..", ">=", "<", ">", "3", "100", "0.5", "%", "万元", "年"),
    *("and", "or", "not", "is", "in", "within", "ahead"),
]


@settings(derandomize=True, deadline=None, database=None, max_examples=400)
@given(
    st.lists(
        st.sampled_from(WORDS),
        max_size=12,
    )
)
def test_any_row_of_words_is_read_or_refused_with_a_column(words: list[str]) -> None:
    try:
        read = parse_condition(" ".join(words))
    except RuleError as error:
        assert error.column is not None
    else:
        assert isinstance(read, tree.Condition)


@settings(derandomize=True, deadline=None, database=None, max_examples=300)
@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_with_a_column(text: str) -> None:
    try:
        parse_condition(text)
    except RuleError as error:
        assert error.column is not None
