"""The published numbers, counted from the rows as any reader of the lists would count them."""

from collections import Counter
from datetime import date
from itertools import pairwise

import pytest

from registry.city import City, build_city
from registry.domain.firms import Firm, TitleRow
from registry.domain.periods import last_valid_day
from registry.domain.trades import HIGH_TECH, INDUSTRY

pytestmark = pytest.mark.slow

NOVEMBER = date(2025, 11, 7)
END_OF_2024 = date(2024, 12, 31)
LINE_FEN = 2_000 * 10_000 * 100


def last_day(row: TitleRow) -> date:
    return row.valid_until or last_valid_day(row.recognised_on)


def holders(city: City, tier: str, on: date) -> int:
    return len({row.uscc for row in city.titles if row.tier == tier and row.recognised_on <= on <= last_day(row)})


def stock(city: City, on: date) -> set[str]:
    return {row.uscc for row in city.scale if row.entered_on <= on and (row.exited_on is None or row.exited_on > on)}


def industrial(city: City) -> list[Firm]:
    return [firm for firm in city.firms if str(firm.facts["industry"])[:2] in INDUSTRY]


def main_revenue(firm: Firm, year: int = 2024) -> int:
    return firm.years.get(year, {}).get("main_revenue", 0)


def test_titles_in_force_in_november_2025_are_as_published(city: City) -> None:
    counted = {tier: holders(city, tier, NOVEMBER) for tier in ("innovative", "specialized", "little_giant")}

    assert counted == {"innovative": 5510, "specialized": 3315, "little_giant": 216}


def test_little_giants_at_mid_2025_are_as_published(city: City) -> None:
    assert holders(city, "little_giant", date(2025, 6, 30)) == 193


def test_new_specialized_firms_of_2023_and_2024_are_as_calibrated(city: City) -> None:
    new = Counter(row.recognised_on.year for row in city.titles if row.tier == "specialized" and row.kind == "new")

    assert (new[2023], new[2024]) == (503, 318)


def test_above_scale_stock_is_a_little_over_five_thousand(city: City) -> None:
    assert len(stock(city, END_OF_2024)) == 5036
    assert 5000 < len(stock(city, NOVEMBER)) < 5100


@pytest.mark.parametrize("seed", [2, 11])
def test_another_seed_gives_another_city_with_the_same_counts(city: City, seed: int) -> None:
    other = build_city(seed)

    assert city.firms[0] != other.firms[0]
    assert [holders(other, tier, NOVEMBER) for tier in ("innovative", "specialized", "little_giant")] == [
        5510,
        3315,
        216,
    ]
    assert len(stock(other, END_OF_2024)) == 5036


def test_three_quarters_of_the_firms_are_industrial(city: City) -> None:
    assert 0.74 < len(industrial(city)) / len(city.firms) < 0.78


def test_high_tech_makes_about_thirteen_percent_of_the_value_added_above_scale(city: City) -> None:
    listed = stock(city, END_OF_2024)
    total = high_tech = 0
    for firm in city.firms:
        if firm.uscc in listed:
            added = firm.years.get(2024, {}).get("value_added", 0)
            total += added
            high_tech += added if firm.facts["industry"] in HIGH_TECH else 0

    assert 0.125 < high_tech / total < 0.14


def test_about_ninety_two_percent_of_the_listed_firms_have_gone_digital(city: City) -> None:
    listed = stock(city, END_OF_2024)
    told = [
        firm.years[2024]["digitally_transformed"]
        for firm in city.firms
        if firm.uscc in listed and "digitally_transformed" in firm.years.get(2024, {})
    ]

    assert 0.915 < sum(told) / len(told) < 0.935


def test_a_few_firms_are_over_the_line_and_not_listed_and_a_few_listed_and_below_it(city: City) -> None:
    listed = stock(city, END_OF_2024)
    over = [firm for firm in industrial(city) if main_revenue(firm) >= LINE_FEN and firm.uscc not in listed]
    below = [
        firm for firm in city.firms if firm.uscc in listed and main_revenue(firm) < LINE_FEN and firm.years.get(2024)
    ]

    assert 20 <= len(over) <= 200
    assert 20 <= len(below) <= 120


def test_there_is_a_pool_of_seedlings(city: City) -> None:
    assert 1_500 < sum(LINE_FEN // 2 <= main_revenue(firm) < LINE_FEN for firm in industrial(city)) < 4_000


def test_renewals_come_in_time_late_or_never(city: City) -> None:
    runs: dict[tuple[str, str], list[TitleRow]] = {}
    for row in city.titles:
        runs.setdefault((row.uscc, row.tier), []).append(row)
    fates: Counter[str] = Counter()
    for run in runs.values():
        for former, later in pairwise(run):
            fates["in time" if (later.recognised_on - last_day(former)).days <= 1 else "late"] += 1
        fates["given up"] += last_day(run[-1]) < NOVEMBER

    assert fates["in time"] > 2_000
    assert fates["late"] > 50
    assert fates["given up"] > 200


def test_firms_leave_return_and_move(city: City) -> None:
    stays: dict[str, list[date]] = {}
    districts: dict[str, set[str]] = {}
    for row in city.scale:
        stays.setdefault(row.uscc, []).append(row.entered_on)
        districts.setdefault(row.uscc, set()).add(row.district)

    assert {"annual", "monthly"} == {row.entry for row in city.scale}
    assert {None, "below_threshold", "deregistered", "stopped", "moved_out", "changed_trade", "misclassified"} <= {
        row.exit_reason for row in city.scale
    }
    assert sum(len(days) > 1 for days in stays.values()) > 50
    assert sum(len(places) > 1 for places in districts.values()) >= 3


def test_some_firms_are_incomplete_and_some_had_no_revenue_before(city: City) -> None:
    incomplete = sum("titles" not in firm.facts or "awards" not in firm.facts for firm in city.firms)
    without_revenue = sum(any(not year.get("revenue", 1) for year in firm.years.values()) for firm in city.firms)

    assert 100 < incomplete < 1_500
    assert 10 < without_revenue < 400


def test_some_firms_stand_exactly_on_a_line(city: City) -> None:
    at_three_percent = [
        firm
        for firm in city.firms
        if (figures := firm.years.get(2024, {})).get("revenue")
        and figures.get("rd_expense", 0) * 100 == figures["revenue"] * 3
    ]
    at_the_threshold = [firm for firm in city.firms if main_revenue(firm) == LINE_FEN]

    assert len(at_three_percent) >= 4
    assert len(at_the_threshold) >= 4


def test_holders_mostly_meet_what_their_rung_asks_for(city: City) -> None:
    firms = {firm.uscc: firm for firm in city.firms}
    figures = [
        firms[row.uscc].years.get(2024, {})
        for row in city.titles
        if row.tier == "specialized" and row.recognised_on <= NOVEMBER <= last_day(row)
    ]
    told = [year for year in figures if "rd_expense" in year and "revenue" in year]
    meeting = sum(
        year["rd_expense"] >= 100 * 10_000 * 100 and year["rd_expense"] * 100 >= 3 * year["revenue"] for year in told
    )

    assert 0.90 < meeting / len(told) < 1
