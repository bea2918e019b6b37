"""Numbers in words, each at its line: what is shown, how far it is, and what it is called in both languages."""

from fractions import Fraction

import pytest

from registry.rules import tree
from registry.rules.tree import Unit
from registry.rules.wording.quantities import as_shown, compound_rate, fact_called, gap, name_of, shown

WAN = 1_000_000


@pytest.mark.parametrize(
    ("value", "unit", "line", "chinese", "english"),
    [
        ((123_456_789_000, 1), Unit.MONEY, None, "123,456.79 万元", "123,456.79 万元"),
        ((-150 * WAN, 1), Unit.MONEY, None, "-150.00 万元", "-150.00 万元"),
        ((-1, 1), Unit.MONEY, None, "0.00 万元", "0.00 万元"),
        # Halves go up.
        ((5_000, 1), Unit.MONEY, None, "0.01 万元", "0.01 万元"),
        ((4_999, 1), Unit.MONEY, None, "0.00 万元", "0.00 万元"),
        # On its line, and a fen to either side of it.
        ((100 * WAN, 1), Unit.MONEY, 100 * WAN, "100.00 万元", "100.00 万元"),
        ((100 * WAN - 1, 1), Unit.MONEY, 100 * WAN, "99.999999 万元", "99.999999 万元"),
        ((100 * WAN + 1, 1), Unit.MONEY, 100 * WAN, "100.000001 万元", "100.000001 万元"),
        ((3, 100), Unit.SHARE, Fraction(3, 100), "3.00%", "3.00%"),
        ((29_999, 1_000_000), Unit.SHARE, Fraction(3, 100), "2.9999%", "2.9999%"),
        ((1, 3), Unit.SHARE, Fraction(3, 100), "33.33%", "33.33%"),
        ((12_345, 1), Unit.COUNT, None, "12,345", "12,345"),
        ((5, 2), Unit.COUNT, None, "2.50", "2.50"),
        ((3, 1), Unit.YEARS, 3, "3 年", "3 years"),
        ((121, 2), Unit.SCORE, 60, "60.50 分", "60.50 points"),
        ((60, 1), Unit.SCORE, 60, "60.00 分", "60.00 points"),
    ],
)
def test_a_number_is_shown_with_its_unit_and_never_onto_a_line_it_misses(
    value: tuple[int, int], unit: Unit, line: Fraction | int | None, chinese: str, english: str
) -> None:
    at = None if line is None else Fraction(line)

    assert (shown(value, unit, "zh", at), shown(value, unit, "en", at)) == (chinese, english)


def test_a_number_closer_than_can_be_shown_ends_at_twelve_places() -> None:
    close = Fraction(3, 100) - Fraction(1, 10**30)

    assert shown(close.as_integer_ratio(), Unit.SHARE, "zh", Fraction(3, 100)) == f"3.{'0' * 12}%"


@pytest.mark.parametrize(
    ("value", "line", "unit", "chinese", "english"),
    [
        ((100 * WAN, 1), 100 * WAN, Unit.MONEY, "须超过该值，恰好等于不算", "must be beyond it, not on it"),
        ((99 * WAN, 1), 100 * WAN, Unit.MONEY, "还差 1.00 万元", "1.00 万元 short"),
        # Rounded up, so that it is never nothing.
        ((100 * WAN - 1, 1), 100 * WAN, Unit.MONEY, "还差 0.01 万元", "0.01 万元 short"),
        ((100 * WAN + 1, 1), 100 * WAN, Unit.MONEY, "超出 0.01 万元", "0.01 万元 over"),
        ((0, 1), 123_456 * WAN, Unit.MONEY, "还差 123,456.00 万元", "123,456.00 万元 short"),
        ((2, 100), Fraction(3, 100), Unit.SHARE, "还差 1.00 个百分点", "1.00 percentage points short"),
        ((71, 100), Fraction(70, 100), Unit.SHARE, "超出 1.00 个百分点", "1.00 percentage points over"),
        ((1, 1), 3, Unit.COUNT, "还差 2 项", "2 short"),
        ((0, 1), 1_500, Unit.COUNT, "还差 1,500 项", "1,500 short"),
        ((1, 2), 3, Unit.COUNT, "还差 2.50", "2.50 short"),
        ((1, 1), 3, Unit.YEARS, "还差 2 年", "2 years short"),
        ((59, 1), 60, Unit.SCORE, "还差 1.00 分", "1.00 points short"),
    ],
)
def test_a_distance_is_rounded_up_and_says_to_which_side(
    value: tuple[int, int], line: Fraction | int, unit: Unit, chinese: str, english: str
) -> None:
    assert gap(value, Fraction(line), unit, "zh") == chinese
    assert gap(value, Fraction(line), unit, "en") == english


REVENUE = tree.Figure("revenue")
YEARS = tuple(tree.Figure("revenue", back) for back in range(2))


@pytest.mark.parametrize(
    ("node", "chinese", "english"),
    [
        (REVENUE, "营业收入", "Revenue"),
        (tree.Figure("revenue", 2), "2022年营业收入", "Revenue 2022"),
        (tree.YearsIn("segment_since"), "从事细分市场年限", "years in the segment"),
        (tree.Ratio(tree.Figure("net_profit"), REVENUE), "净利润率", "net margin"),
        (tree.Ratio(tree.Figure("net_profit", 1), tree.Figure("revenue", 1)), "2023年净利润率", "net margin 2023"),
        (tree.Growth("revenue"), "2024年营业收入增长率", "growth of revenue 2024"),
        (tree.Growth("revenue", 1), "2023年营业收入增长率", "growth of revenue 2023"),
        (tree.Compound("revenue", 2), "近2年营业收入复合增长率", "compound growth of revenue, 2 years"),
        (tree.Sum(YEARS), "近2年营业收入合计", "Revenue, 2 years together"),
        (tree.Mean(YEARS), "近2年营业收入均值", "mean revenue, 2 years"),
        (
            tree.Mean((tree.Growth("revenue"), tree.Growth("revenue", 1))),
            "近2年营业收入平均增长率",
            "average growth of revenue, 2 years",
        ),
        (tree.Amount("rank"), "rank", "rank"),
    ],
)
def test_a_number_is_called_by_its_word_and_its_year(node: tree.Number, chinese: str, english: str) -> None:
    assert (name_of(node, "zh", 2024), name_of(node, "en", 2024)) == (chinese, english)


def test_a_key_is_that_of_an_entry_where_a_list_is_named() -> None:
    assert fact_called("level", "awards").key == "level"
    assert fact_called("own_brand").key == "own_brand"
    assert fact_called("revenue").key == "revenue"
    with pytest.raises(KeyError):
        fact_called("level")


@pytest.mark.parametrize(
    ("last", "first", "years", "rate"),
    [
        (121, 100, 2, Fraction(1, 10)),
        (1_331, 1_000, 3, Fraction(1, 10)),
        (100, 100, 2, Fraction(0)),
        (100, 100, 3, Fraction(0)),
        (0, 100, 3, Fraction(-1)),
        (64, 1, 3, Fraction(3)),
        (2, 1, 2, Fraction(41_421_356, 10**8)),
        (2, 1, 3, Fraction(25_992_104, 10**8)),
    ],
)
def test_compound_growth_is_told_rounded_down(last: int, first: int, years: int, rate: Fraction) -> None:
    assert compound_rate(last, first, years) == rate


def test_only_compound_growth_is_told_as_another_number_than_was_compared() -> None:
    assert as_shown(tree.Compound("revenue", 2), (121, 100)) == (1, 10)
    assert as_shown(tree.Growth("revenue"), (121, 100)) == (121, 100)
