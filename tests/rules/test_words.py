"""A value that misses its line is never told as if it stood on it; what is short is never nothing."""

import json
import re
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.domain.firms import Firm
from registry.policy import load
from registry.rules.case import sheet_of
from registry.rules.explain import explain
from registry.rules.tree import Unit
from registry.rules.wording import document_of
from registry.rules.wording.quantities import compound_rate, gap, shown

WAN = 1_000_000
QUIET = settings(derandomize=True, deadline=None, database=None, max_examples=500)
ON = date(2024, 5, 10)
LINES = {
    Unit.MONEY: st.integers(0, 10**6).map(lambda wan: Fraction(wan * WAN)),
    Unit.SHARE: st.integers(-100, 1000).map(lambda thousandths: Fraction(thousandths, 1000)),
    Unit.SCORE: st.integers(0, 10_000).map(lambda hundredths: Fraction(hundredths, 100)),
    Unit.YEARS: st.integers(0, 30).map(Fraction),
    Unit.COUNT: st.integers(0, 3000).map(Fraction),
}


@st.composite
def beside_a_line(draw) -> tuple[tuple[int, int], Fraction, Unit]:
    """Return a value near its line as firms have it: fen over fen, hundredths of points, whole pieces."""
    unit = draw(st.sampled_from(list(Unit)))
    line = draw(LINES[unit])
    away = draw(st.integers(-3, 3) | st.integers(-(10**6), 10**6))
    if unit is Unit.SHARE:
        base = draw(st.integers(1, 10**11))
        return (int(line * base) + away, base), line, unit
    scale = 100 if unit is Unit.SCORE else 1
    return (int(line * scale) + away, scale), line, unit


@QUIET
@given(beside_a_line(), st.sampled_from(["zh", "en"]))
def test_a_value_off_its_line_is_never_told_as_the_line(drawn, lang) -> None:
    value, line, unit = drawn
    on_it = shown(line.as_integer_ratio(), unit, lang, line)
    told = shown(value, unit, lang, line)

    assert (told == on_it) == (Fraction(*value) == line)
    if Fraction(*value) != line:
        # Nor to the eye that reads numbers: 3.00 and 3.000 are one.
        assert number_in(told) != number_in(on_it)
        assert (number_in(told) < number_in(on_it)) == (Fraction(*value) < line)


@QUIET
@given(beside_a_line(), st.sampled_from(["zh", "en"]))
def test_what_is_short_is_never_nothing_and_never_too_little(drawn, lang) -> None:
    value, line, unit = drawn
    told = gap(value, line, unit, lang)
    distance = abs(line - Fraction(*value))
    if distance == 0:
        assert not re.search(r"\d", told)
        return
    per = {Unit.MONEY: Fraction(WAN), Unit.SHARE: Fraction(1, 100)}.get(unit, Fraction(1))

    assert number_in(told) > 0
    assert distance / per <= number_in(told) < distance / per + Fraction(1, 100)
    assert ("还差" in told or "short" in told) == (Fraction(*value) < line)


def number_in(text: str) -> Fraction:
    found = re.search(r"-?[0-9][0-9,]*(\.[0-9]+)?", text)
    assert found, text
    return Fraction(found.group().replace(",", ""))


@pytest.mark.parametrize(
    ("value", "unit", "line", "expected"),
    [
        ((99_999_999, 1), Unit.MONEY, Fraction(100 * WAN), "99.999999 万元"),
        ((100 * WAN, 1), Unit.MONEY, Fraction(100 * WAN), "100.00 万元"),
        ((123_456_789_000, 1), Unit.MONEY, None, "123,456.79 万元"),
        ((-150 * WAN, 1), Unit.MONEY, None, "-150.00 万元"),
        ((29_999, 1_000_000), Unit.SHARE, Fraction(3, 100), "2.9999%"),
        ((3, 100), Unit.SHARE, Fraction(3, 100), "3.00%"),
        ((5_999, 100), Unit.SCORE, Fraction(60), "59.99 分"),
        ((3, 1), Unit.YEARS, Fraction(3), "3 年"),
        ((1234, 1), Unit.COUNT, None, "1,234"),
    ],
)
def test_numbers_are_told_with_their_unit(value, unit, line, expected) -> None:
    assert shown(value, unit, "zh", line) == expected


@QUIET
@given(st.integers(0, 10**17), st.integers(1, 10**17), st.integers(1, 5))
def test_compound_growth_is_told_rounded_down_to_eight_places(last, first, years) -> None:
    rate = compound_rate(last, first, years)
    step = Fraction(1, 10**8)

    assert (1 + rate) ** years <= Fraction(last, first) < (1 + rate + step) ** years


def test_the_example_of_compound_growth_is_told_as_the_policy_has_it() -> None:
    rate = compound_rate(120, 100, 2)

    assert shown(rate.as_integer_ratio(), Unit.SHARE, "zh") == "9.54%"


def told(facts=None, years=None, name="specialized-2022", kind="new", lang="zh", on=ON):
    firm = Firm("", "", facts or {}, years or {})
    document = document_of(explain(load(name, kind), sheet_of(firm, on)), lang=lang)
    return {one["key"]: one for one in document["criteria"]}


def test_the_example_of_the_contract_is_told_as_it_stands_there() -> None:
    years = {2023: {"rd_expense": 99 * WAN, "revenue": 309_375 * WAN // 100}}
    one = told(years=years)["rd_expense_and_share"]

    assert one["verdict"] == "not_met"
    assert one["value"].startswith("研发费用 99.00 万元；")
    assert one["value"].endswith("3.20%")
    assert one["needs"].startswith("研发费用 ≥ 100 万元 且 ")
    assert "≥ 3%" in one["needs"]
    assert "还差 1.00 万元" in one["shortfall"]
    assert one["missing"] == []
    assert one["source"] == "工信部企业〔2022〕63号 附件2 一(二)"


def test_one_fen_below_a_line_is_told_as_below() -> None:
    one = told(years={2023: {"rd_expense": 100 * WAN - 1, "revenue": 1000 * WAN}})["rd_expense_and_share"]

    assert "99.999999 万元" in one["value"]
    assert "还差 0.01 万元" in one["shortfall"]


@pytest.mark.parametrize(
    ("key", "facts", "years", "missing"),
    [
        ("rd_expense_and_share", {}, {}, ["years.2023.rd_expense", "years.2023.revenue"]),
        ("rd_expense_and_share", {}, {2023: {"revenue": WAN}}, ["years.2023.rd_expense"]),
        ("revenue_or_equity", {}, {2023: {"revenue": WAN}}, ["years.2023.equity_paid_in", "years.2022.equity_paid_in"]),
        ("years_in_segment", {}, {}, ["facts.segment_since"]),
        ("rung_below", {}, {}, ["facts.titles"]),
        (
            "rung_below",
            {"titles": ({"kind": "innovative", "from": date(2023, 1, 1)}, {"kind": "hi_tech"})},
            {},
            ["facts.titles[0].until"],
        ),
        ("direct_award", {"awards": ({"level": "national", "on": ON},)}, {}, ["facts.awards[0].rank"]),
        ("general.sme", {}, {}, ["facts.industry"]),
        ("general.sme", {"industry": "3451"}, {}, ["years.2023.employees", "years.2023.revenue"]),
        (
            "main_revenue_growth",
            {},
            {2022: {"main_revenue": 5}},
            ["years.2023.main_revenue", "years.2021.main_revenue"],
        ),
        ("liability_ratio", {}, {}, ["years.2023.total_liabilities", "years.2023.total_assets"]),
        ("quality_management", {"own_brand": True, "quality_award": True}, {}, []),
        (
            "quality_management",
            {"own_brand": True},
            {},
            ["facts.quality_award", "facts.system_certified", "facts.standard_participation"],
        ),
    ],
)
def test_missing_names_every_unknown_fact_that_was_asked_for(key, facts, years, missing) -> None:
    assert told(facts, years)[key]["missing"] == missing


def test_a_criterion_that_is_decided_misses_nothing() -> None:
    one = told(years={2023: {"rd_expense": 1}})["rd_expense_and_share"]

    assert (one["verdict"], one["missing"]) == ("not_met", [])


def test_a_base_of_zero_is_undetermined_though_nothing_is_missing() -> None:
    one = told(years={2023: {"rd_expense": 200 * WAN, "revenue": 0}})["rd_expense_and_share"]

    assert (one["verdict"], one["missing"]) == ("undetermined", [])
    assert "未知" in one["value"]


def test_a_score_line_misses_what_its_indicators_miss_each_once() -> None:
    missing = told()["score_line"]["missing"]

    assert len(missing) == len(set(missing))
    assert "years.2021.main_revenue" in missing
    assert "facts.chain_role" in missing


def test_compound_growth_misses_its_first_and_last_figure_only() -> None:
    found = told(name="little_giant-2026", on=date(2026, 5, 1))["revenue_growth"]

    assert found["missing"] == ["years.2025.revenue", "years.2023.revenue"]


def test_the_document_is_plain_json_of_the_shape_in_the_contract() -> None:
    document = document_of(explain(load("specialized-2022"), sheet_of(Firm("", ""), ON)))

    assert json.loads(json.dumps(document)) == document
    assert set(document) >= {"tier", "kind", "on", "rule_set", "verdict", "score", "criteria", "warnings"}
    assert document["score"]["max"] == 100
    assert [part["key"] for part in document["score"]["parts"]] == [
        "specialisation",
        "refinement",
        "local_features",
        "innovation",
    ]
    for one in document["criteria"]:
        assert set(one) >= {"key", "label", "source", "verdict", "value", "needs", "shortfall", "missing"}
    assert document_of(explain(load("above_scale-2011"), sheet_of(Firm("", ""), ON)))["score"] is None
