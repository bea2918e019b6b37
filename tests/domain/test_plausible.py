"""What reviewers compare by hand: each doubt at its line, just below it, just above it, and with a side missing."""

from datetime import date

import pytest
from make import code

from registry.domain.contradictions import contradictions
from registry.domain.errors import Fault
from registry.domain.facts import YEAR_FACTS
from registry.domain.firms import Firm
from registry.domain.plausible import differing, doubts, written

TODAY = date(2026, 11, 9)


def found(facts=None, years=None, *, on: date = TODAY, uscc: str = code(1)) -> list[tuple[str, str]]:
    return [(one.path, one.message) for one in doubts(Firm(uscc, "示例", facts or {}, years or {}), on)]


def paths(facts=None, years=None, **more) -> list[str]:
    return [path for path, _message in found(facts, years, **more)]


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        ("ip_class1_own", "ip_class1"),
        ("ip_class1_high_value", "ip_class1"),
        ("ip_class1_original", "ip_class1"),
    ],
)
def test_a_part_of_the_firm_above_its_whole_is_told(part: str, whole: str) -> None:
    assert paths({part: 4, whole: 3}) == [f"facts.{part}"]
    assert paths({part: 3, whole: 3}) == []
    assert paths({part: 2, whole: 3}) == []
    assert paths({part: 4}) == []
    assert paths({whole: 3}) == []


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        ("main_revenue", "revenue"),
        ("main_product_revenue", "revenue"),
        ("main_product_revenue", "main_revenue"),
        ("rd_staff", "employees"),
        ("value_added", "industrial_output"),
        ("total_liabilities", "total_assets"),
        ("rd_expense", "revenue"),
    ],
)
def test_a_figure_above_what_it_belongs_to_is_told(part: str, whole: str) -> None:
    assert paths(None, {2025: {part: 101, whole: 100}}) == [f"years.2025.{part}"]
    assert paths(None, {2025: {part: 100, whole: 100}}) == []
    assert paths(None, {2025: {part: 99, whole: 100}}) == []
    assert paths(None, {2025: {part: 101}}) == []
    assert paths(None, {2025: {whole: 100}}) == []
    # Figures of two years are never held against each other here.
    assert paths(None, {2025: {part: 101}, 2024: {whole: 100}}) == []


def test_both_numbers_are_told_in_both_languages() -> None:
    assert found(None, {2025: {"total_liabilities": 900_000_000, "total_assets": 123_456_700}}) == [
        (
            "years.2025.total_liabilities",
            "900.00 万元，大于资产总计 123.4567 万元 "
            "(900.00 x 10,000 yuan is above total assets: 123.4567 x 10,000 yuan)",
        )
    ]
    assert found(None, {2025: {"rd_staff": 1031, "employees": 1030}}) == [
        ("years.2025.rd_staff", "1,031，大于从业人员 1,030 (1,031 is above employees: 1,030)")
    ]


@pytest.mark.parametrize("key", ["revenue", "employees", "total_assets"])
def test_a_figure_that_trebles_or_falls_to_a_third_is_told_beyond_the_line_only(key: str) -> None:
    def told(now: int | None, then: int | None) -> list[str]:
        years = {2025: {key: now} if now is not None else {}, 2024: {key: then} if then is not None else {}}
        return paths(None, years)

    assert told(301, 100) == [f"years.2025.{key}"]
    assert told(300, 100) == []
    assert told(299, 100) == []
    assert told(100, 301) == [f"years.2025.{key}"]
    assert told(100, 300) == []
    assert told(100, 299) == []
    assert told(1, 0) == [f"years.2025.{key}"]
    assert told(0, 1) == [f"years.2025.{key}"]
    assert told(0, 0) == []
    assert told(100, None) == []
    assert told(None, 100) == []
    # Of years with another between them nothing is said.
    assert paths(None, {2025: {key: 301}, 2023: {key: 100}}) == []


def test_a_figure_that_trebled_says_what_it_was() -> None:
    assert found(None, {2025: {"employees": 31}, 2024: {"employees": 10}}) == [
        (
            "years.2025.employees",
            "31，上年 10，增至 3 倍以上，请核对 (31 after 10 the year before: more than three times)",
        )
    ]
    assert found(None, {2025: {"employees": 3}, 2024: {"employees": 10}})[0][1] == (
        "3，上年 10，降至三分之一以下，请核对 (3 after 10 the year before: less than a third)"
    )


def test_what_may_do_without_a_year_before_is_not_folded() -> None:
    assert paths(None, {2025: {"net_profit": 900}, 2024: {"net_profit": 1}}) == []


def test_figures_of_a_year_that_is_not_over_are_told() -> None:
    assert paths(None, {2026: {"employees": 1}}) == ["years.2026.employees"]
    assert paths(None, {2025: {"employees": 1}}) == []
    assert paths(None, {2026: {}}) == []
    assert paths(None, {2026: {"employees": 1}}, on=date(2027, 1, 1)) == []


def test_figures_of_before_the_firm_was_founded_are_told() -> None:
    founded = {"established_on": date(2024, 12, 31)}
    assert paths(founded, {2023: {"employees": 1}}) == ["years.2023.employees"]
    assert paths(founded, {2024: {"employees": 1}}) == []
    assert paths({}, {2023: {"employees": 1}}) == []


@pytest.mark.parametrize("key", ["established_on", "segment_since", "serious_incident_on"])
def test_a_day_after_today_is_told(key: str) -> None:
    assert paths({key: date(2026, 11, 10)}) == [f"facts.{key}"]
    assert paths({key: date(2026, 11, 9)}) == []
    assert paths({key: date(2026, 11, 8)}) == []
    assert paths({key: date.min}) == []
    assert paths({}) == []


def test_a_segment_before_the_firm_was_founded_is_told() -> None:
    founded = date(2012, 5, 8)
    assert found({"segment_since": date(2012, 5, 7), "established_on": founded}) == [
        (
            "facts.segment_since",
            "2012-05-07，早于成立日期 2012-05-08 (2012-05-07 is before the firm was founded: 2012-05-08)",
        )
    ]
    assert paths({"segment_since": founded, "established_on": founded}) == []
    assert paths({"segment_since": date(2012, 5, 7)}) == []
    assert paths({"established_on": founded}) == []


def test_a_title_that_ends_before_it_begins_is_told() -> None:
    first = date(2024, 5, 10)

    def told(**title: object) -> list[str]:
        return paths({"titles": ({"kind": "hi_tech"}, {"kind": "hi_tech", **title})})

    assert told(**{"from": first, "until": date(2024, 5, 9)}) == ["facts.titles[1].until"]
    assert told(**{"from": first, "until": first}) == []
    assert told(**{"from": first, "until": date(2027, 5, 9)}) == []
    assert told(until=date(2024, 5, 9)) == []
    assert told(**{"from": first}) == []


@pytest.mark.parametrize(("key", "part"), [("titles", "from"), ("awards", "on"), ("contests", "on")])
def test_an_entry_dated_after_today_is_told(key: str, part: str) -> None:
    assert paths({key: ({part: date(2026, 11, 10)},)}) == [f"facts.{key}[0].{part}"]
    assert paths({key: ({part: TODAY},)}) == []
    assert paths({key: ({},)}) == []


def test_a_share_above_the_whole_is_told() -> None:
    assert found({"market_share": 10**12 + 1}) == [
        ("facts.market_share", "100.0000000001%，超过 100% (100.0000000001% is above 100%)")
    ]
    assert paths({"market_share": 10**12}) == []
    assert paths({"market_share": 0}) == []


@pytest.mark.parametrize("key", ["market_rank_national", "market_rank_provincial"])
def test_a_rank_without_a_share_is_told(key: str) -> None:
    assert paths({key: 3}) == ["facts.market_share"]
    assert "3" in found({key: 3})[0][1]
    assert paths({key: 3, "market_share": 1}) == []
    assert paths({"market_share": 1}) == []


def test_a_trade_that_no_division_has_is_told() -> None:
    assert paths({"industry": "9810"}) == ["facts.industry"]
    assert paths({"industry": "0011"}) == ["facts.industry"]
    assert paths({"industry": "9700"}) == []
    assert paths({"industry": "0111"}) == []
    assert paths({}) == []


def test_a_code_whose_last_character_does_not_hold_is_told() -> None:
    good = code(1)
    wrong = good[:17] + ("0" if good[17] != "0" else "1")
    assert paths(uscc=wrong) == ["uscc"]
    assert found(uscc=wrong)[0][1].startswith("统一社会信用代码校验位不符")
    assert paths(uscc=good) == []


def test_what_the_form_says_otherwise_than_the_register_is_told_with_both() -> None:
    stated = Firm(code(1), "示例", {}, {2025: {"revenue": 1_000_001, "employees": 12}, 2024: {"revenue": 7}})
    known = Firm(code(1), "示例", {}, {2025: {"revenue": 1_000_000, "employees": 12}, 2023: {"revenue": 8}})

    assert list(differing(stated, known)) == [
        Fault(
            "years.2025.revenue",
            "填报 1.000001 万元，库中为 1.00 万元，请核对 "
            "(stated 1.000001 x 10,000 yuan, the register has 1.00 x 10,000 yuan)",
        )
    ]
    assert next(differing(known, stated)).path == "years.2025.revenue"
    assert list(differing(stated, Firm(code(1), "示例"))) == []
    assert list(differing(stated, stated)) == []


def test_whatever_contradicts_itself_is_among_the_doubts() -> None:
    firm = Firm(
        code(1),
        "示例",
        {
            "ip_class1": 1,
            "ip_class1_own": 2,
            "market_share": 1,
            "market_rank_national": 1,
            "market_rank_provincial": 2,
            "segment_since": date(2001, 1, 1),
            "established_on": date(2002, 1, 1),
            "titles": ({"from": date(2024, 1, 2), "until": date(2024, 1, 1)},),
        },
        {2025: {"main_revenue": 2, "revenue": 1, "rd_staff": 3, "employees": 2}},
    )

    told = {one.path for one in doubts(firm, TODAY)}
    named = [one.path for one in contradictions(firm)]
    assert len(named) == 6
    assert set(named) <= told


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("revenue", 1_234_567_890, ("1,234.56789 万元", "1,234.56789 x 10,000 yuan")),
        ("net_profit", -5_000_000, ("-5.00 万元", "-5.00 x 10,000 yuan")),
        ("development_score", 6650, ("66.5", "66.5")),
        ("digitally_transformed", True, ("是", "yes")),
        ("digitally_transformed", False, ("否", "no")),
        ("employees", 1200, ("1,200", "1,200")),
    ],
)
def test_a_value_is_written_whole(key: str, value: int, words: tuple[str, str]) -> None:
    assert written(YEAR_FACTS[key], value) == words
