"""A third reading, written straight from the definitions with fractions and calendars, against `explain`."""

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from random import Random

import pytest
from firms_on_lines import Drawer
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.domain.firms import Firm
from registry.policy import load
from registry.rules import tree
from registry.rules.case import sheet_of
from registry.rules.explain import explain
from registry.rules.parse import parse_condition, parse_number
from registry.rules.ruleset import Criterion, RuleSet
from registry.rules.tree import Compare, Condition, Const, Op

ON = date(2024, 5, 10)
QUIET = settings(derandomize=True, deadline=None, database=None, max_examples=300)
SHARES = [Fraction(line, 1000) for line in (-200, -10, 0, 15, 30, 50, 55, 100, 550, 750)]
# Small numbers meet lines often; the others are what the contract allows at most.
AMOUNTS = st.none() | st.integers(0, 50) | st.sampled_from([97, 100, 103, 10**17 - 1]) | st.integers(0, 10**17 - 1)
SIGNED = st.none() | st.integers(-50, 50) | st.integers(-(10**17) + 1, 10**17 - 1)


def rule_set_of(rule: Condition) -> RuleSet:
    one = Criterion("one", "1", "1", "一", "one", rule)
    return RuleSet("one", "specialized", "new", "d", "t", "t", None, "sha256:0", (), (one,))


def truth_of(rule: Condition, years: Mapping[int, Mapping[str, int | None]], **facts: object) -> bool | None:
    known = {year: {key: value for key, value in row.items() if value is not None} for year, row in years.items()}
    firm = Firm("", "", {key: value for key, value in facts.items() if value is not None}, known)  # type: ignore[misc]
    return explain(rule_set_of(rule), sheet_of(firm, ON)).truth


def answer(op: Op, left: Fraction | None, right: Fraction) -> bool | None:
    if left is None:
        return None
    return {Op.AT_LEAST: left >= right, Op.OVER: left > right, Op.AT_MOST: left <= right, Op.UNDER: left < right}[op]


OPS, LINES = st.sampled_from(list(Op)), st.sampled_from(SHARES)


@QUIET
@given(top=SIGNED, base=AMOUNTS, op=OPS, line=LINES)
def test_a_share_is_one_divided_by_the_other_when_the_base_is_positive(top, base, op, line) -> None:
    rule = Compare(parse_number("net_profit / revenue"), op, Const(line, tree.Unit.SHARE, ""))
    quotient = None if top is None or base is None or base <= 0 else Fraction(top, base)

    assert truth_of(rule, {2023: {"net_profit": top, "revenue": base}}) is answer(op, quotient, line)


@QUIET
@given(last=SIGNED, base=SIGNED, op=OPS, line=LINES)
def test_growth_is_last_over_before_minus_one_when_the_base_is_positive(last, base, op, line) -> None:
    rule = Compare(parse_number("growth(net_profit)"), op, Const(line, tree.Unit.SHARE, ""))
    rate = None if last is None or base is None or base <= 0 else Fraction(last, base) - 1

    assert truth_of(rule, {2023: {"net_profit": last}, 2022: {"net_profit": base}}) is answer(op, rate, line)


@QUIET
@given(figures=st.tuples(AMOUNTS, AMOUNTS, AMOUNTS), op=OPS, line=LINES)
def test_average_growth_is_the_mean_of_two_yearly_rates(figures, op, line) -> None:
    rule = Compare(parse_number("mean_growth(main_revenue, 2)"), op, Const(line, tree.Unit.SHARE, ""))
    last, before, first = figures
    rate = None if None in figures or not before or not first else Fraction(last, before) + Fraction(before, first) - 2

    assert truth_of(rule, by_year("main_revenue", figures)) is answer(op, rate / 2 if rate is not None else None, line)


@QUIET
@given(figures=st.tuples(AMOUNTS, AMOUNTS, AMOUNTS), op=OPS, line=LINES)
def test_compound_growth_compares_the_last_with_the_first_grown_twice(figures, op, line) -> None:
    rule = Compare(parse_number("compound_growth(revenue, 2)"), op, Const(line, tree.Unit.SHARE, ""))
    last, _, first = figures
    # (last / first) ** (1/2) - 1 ≥ t says the same as last / first ≥ (1 + t) ** 2, since both are positive.
    whole = None if last is None or first is None or first <= 0 else Fraction(last, first)

    assert truth_of(rule, by_year("revenue", figures)) is answer(op, whole, (1 + line) ** 2)


@QUIET
@given(figures=st.tuples(AMOUNTS, AMOUNTS, AMOUNTS), op=OPS, line=st.integers(0, 200) | st.integers(0, 3 * 10**17))
def test_a_sum_of_years_is_unknown_when_one_is(figures, op, line) -> None:
    total = None if None in figures else Fraction(sum(figures))
    right = Const(Fraction(line), tree.Unit.MONEY, "")

    for text, wanted in (("total(rd_expense, 3)", total), ("mean(rd_expense, 3)", total and total / 3)):
        rule = Compare(parse_number(text), op, right)
        assert truth_of(rule, by_year("rd_expense", figures)) is answer(op, wanted, right.value)


def by_year(key: str, figures: tuple[int | None, ...]) -> dict[int, dict[str, int | None]]:
    return {2023 - back: {key: value} for back, value in enumerate(figures)}


@QUIET
@given(since=st.dates(date(2005, 1, 1), date(2024, 5, 10)), line=st.integers(1, 15))
def test_full_years_are_counted_one_by_one_on_the_calendar(since, line) -> None:
    end = date(2023, 12, 31) + timedelta(1)
    # A full year is over when the same day of the next year begins; 29 February ends on 1 March in common years.
    full = 0
    while anniversary(since, full + 1) <= end:
        full += 1
    rule = parse_condition(f"years(segment_since) >= {line} 年")

    assert truth_of(rule, {}, segment_since=since) is (full >= line)


def anniversary(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


@pytest.mark.parametrize(
    ("last", "before", "first", "mean", "compound"), [(120, 150, 100, "15.0", "9.54"), (100, 100, 100, "0", "0")]
)
def test_the_example_of_the_policy_comes_out(last, before, first, mean, compound) -> None:
    """100 → 150 → 120: mean 15.0%, compound 9.54% (policy §7)."""
    years = by_year("revenue", (last, before, first))

    assert truth_of(parse_condition(f"mean_growth(revenue, 2) >= {mean}%"), years) is True
    assert truth_of(parse_condition(f"mean_growth(revenue, 2) > {mean}%"), years) is False
    assert truth_of(parse_condition(f"compound_growth(revenue, 2) >= {compound}%"), years) is True
    assert truth_of(parse_condition("compound_growth(revenue, 2) >= 9.55%"), years) is False


def test_the_score_of_an_innovative_firm_is_the_table_of_the_policy() -> None:
    """63号 annex 1, indicators 2, 3, 4 and 6, each read again here from the table of policy §3."""
    rule_set, on = load("innovative-2022"), date(2024, 5, 10)
    firms = [firm for seed in range(4) for firm in Drawer(rule_set, on, Random(seed), seed == 3).firms(300)]
    seen = set()
    for firm in firms:
        findings = explain(rule_set, sheet_of(firm, on)).findings
        last, before = firm.years.get(2023, {}), firm.years.get(2022, {})
        expected = {
            "rd_share": rising(share(last, "rd_expense", "revenue"), {5: 20, 3: 15, 2: 10, 1: 5}, 20),
            "main_revenue_share": rising(share(last, "main_revenue", "revenue"), {70: 20, 60: 15, 55: 10, 50: 5}, 20),
            "main_revenue_growth": rising(growth(last, before, "main_revenue"), {15: 20, 10: 15, 5: 10, 0: 5}, 20),
            "liability_ratio": falling(share(last, "total_liabilities", "total_assets")),
        }
        for key, points in expected.items():
            assert findings[key].points == points, (key, firm)
            seen.add((key, points))
    assert len(seen) == 3 * 6 + 4


def share(figures: Mapping[str, int], top: str, base: str) -> Fraction | None:
    if top not in figures or figures.get(base, 0) <= 0:
        return None
    return Fraction(figures[top], figures[base])


def growth(last: Mapping[str, int], before: Mapping[str, int], key: str) -> Fraction | None:
    if key not in last or before.get(key, 0) <= 0:
        return None
    return Fraction(last[key], before[key]) - 1


def rising(value: Fraction | None, bands: Mapping[int, int], highest: int) -> tuple[int, int]:
    if value is None:
        return 0, highest
    points = max((points for line, points in bands.items() if value * 100 >= line), default=0)
    return points, points


def falling(value: Fraction | None) -> tuple[int, int]:
    if value is None:
        return 0, 10
    points = 10 if value * 100 <= 55 else 5 if value * 100 <= 75 else 0
    return points, points
