"""Facts that contradict each other are named, each at the path of the part that is too large or too late."""

from datetime import date

import pytest

from registry.domain.contradictions import contradictions
from registry.domain.firms import Firm


def warned(facts=None, years=None) -> list[str]:
    return [fault.path for fault in contradictions(Firm("", "", facts or {}, years or {}))]


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        ("ip_class1_own", "ip_class1"),
        ("ip_class1_high_value", "ip_class1"),
        ("ip_class1_original", "ip_class1"),
        ("market_rank_provincial", "market_rank_national"),
    ],
)
def test_a_part_of_the_firm_larger_than_its_whole_is_named(part: str, whole: str) -> None:
    assert warned({part: 3, whole: 2}) == [f"facts.{part}"]
    assert warned({part: 2, whole: 2}) == []
    assert warned({part: 3}) == []
    assert warned({whole: 2}) == []


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        ("main_revenue", "revenue"),
        ("main_product_revenue", "revenue"),
        ("main_product_revenue", "main_revenue"),
        ("rd_staff", "employees"),
        ("value_added", "industrial_output"),
    ],
)
def test_a_part_of_a_year_larger_than_its_whole_is_named_with_the_year(part: str, whole: str) -> None:
    assert warned(years={2023: {part: 3, whole: 2}, 2022: {part: 3}}) == [f"years.2023.{part}"]
    assert warned(years={2023: {part: 2, whole: 2}}) == []
    assert warned(years={2023: {part: 3}, 2022: {whole: 2}}) == []


def test_liabilities_over_assets_and_losses_are_no_contradiction() -> None:
    assert warned(years={2023: {"total_liabilities": 9, "total_assets": 1, "net_profit": -5, "revenue": 1}}) == []


def test_a_title_that_ends_before_it_begins_is_named_by_its_place() -> None:
    titles = (
        {"kind": "innovative", "from": date(2023, 1, 1), "until": date(2023, 1, 1)},
        {"kind": "innovative", "from": date(2023, 1, 2), "until": date(2023, 1, 1)},
        {"until": date(2023, 1, 1)},
        {},
    )

    assert warned({"titles": titles}) == ["facts.titles[1].until"]


def test_a_segment_older_than_the_firm_is_named() -> None:
    assert warned({"segment_since": date(2012, 5, 7), "established_on": date(2012, 5, 8)}) == ["facts.segment_since"]
    assert warned({"segment_since": date(2012, 5, 8), "established_on": date(2012, 5, 8)}) == []


def test_years_are_named_from_the_earliest_on() -> None:
    years = {2023: {"rd_staff": 2, "employees": 1}, 2021: {"rd_staff": 2, "employees": 1}}

    assert warned(years=years) == ["years.2021.rd_staff", "years.2023.rd_staff"]


def test_an_empty_firm_contradicts_nothing() -> None:
    assert warned() == []
