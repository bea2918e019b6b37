"""Every row of the city holds together, whatever the size: checked on a town of a thousand firms."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from registry.city import City, build_city
from registry.domain import uscc
from registry.domain.codes import DISTRICTS, EXIT_REASONS, KIND_WORDS, LADDER
from registry.domain.contradictions import contradictions
from registry.domain.facts import ENTRY_FACTS, FIRM_FACTS, YEAR_FACTS, Kind
from registry.domain.firms import ScaleRow, TitleRow
from registry.domain.periods import last_valid_day
from registry.domain.trades import INDUSTRY

MEASURES_ON = date(2022, 8, 1)
FEN_PER_WAN = 10_000 * 100


def in_force(titles: list[TitleRow], tier: str, on: date) -> bool:
    return any(
        row.tier == tier and row.recognised_on <= on <= (row.valid_until or last_valid_day(row.recognised_on))
        for row in titles
    )


def by_firm(rows: list[Any]) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
    for row in rows:
        groups.setdefault(row.uscc, []).append(row)
    return groups


def test_every_code_holds_and_none_is_given_twice(town: City) -> None:
    codes = [firm.uscc for firm in town.firms]

    assert {None} == {uscc.fault_of(code) for code in codes}
    assert len(codes) == len(set(codes))


def test_every_name_is_marked_as_a_sample_and_none_is_given_twice(town: City) -> None:
    names = [firm.name for firm in town.firms]

    assert all("示例" in name and "青岛" in name for name in names)
    assert len(names) == len(set(names))


def test_every_fact_is_in_the_dictionary_and_of_its_kind(town: City) -> None:
    types: dict[Kind, type] = {
        Kind.BOOL: bool,
        Kind.DATE: date,
        Kind.DATE_OR_NONE: date,
        Kind.CHOICE: str,
        Kind.TEXT: str,
        Kind.CODE: str,
        Kind.LIST: tuple,
    }
    for firm in town.firms:
        for key, value in firm.facts.items():
            fact = FIRM_FACTS[key]
            assert isinstance(value, types.get(fact.kind, int)), (key, value)
            if fact.kind is Kind.COUNT:
                assert fact.low <= int(str(value)) <= fact.high
            if fact.choices is not None:
                assert value in fact.choices
            if fact.kind is Kind.LIST:
                assert all(set(entry) <= set(ENTRY_FACTS[key]) for entry in value)  # type: ignore[union-attr]
        for figures in firm.years.values():
            assert set(figures) <= set(YEAR_FACTS)
            assert all(value >= 0 or YEAR_FACTS[key].signed for key, value in figures.items())


def test_no_firm_contradicts_itself(town: City) -> None:
    assert [str(fault) for firm in town.firms for fault in contradictions(firm)] == []


def test_figures_begin_with_the_firm_and_stay_within_their_whole(town: City) -> None:
    for firm in town.firms:
        founded = firm.facts["established_on"]
        assert isinstance(founded, date)
        assert all(max(2020, founded.year) <= year <= 2025 for year in firm.years)
        for figures in firm.years.values():
            if {"total_liabilities", "total_assets"} <= figures.keys():
                assert figures["total_liabilities"] <= figures["total_assets"]
            is_industrial = str(firm.facts["industry"])[:2] in INDUSTRY
            assert is_industrial == ("value_added" in figures) == ("industrial_output" in figures)


def test_ladder_titles_stand_in_the_books_alone(town: City) -> None:
    stated: list[Any] = [firm.facts.get("titles", ()) for firm in town.firms]
    kinds = {title["kind"] for titles in stated for title in titles}

    assert {"hi_tech", "tech_sme"} <= kinds
    assert kinds.isdisjoint(LADDER)


def test_titles_run_three_years_and_name_their_paper(town: City) -> None:
    known = {firm.uscc: firm.name for firm in town.firms}
    for row in town.titles:
        assert row.valid_until in (None, last_valid_day(row.recognised_on))
        assert known[row.uscc] == row.name
        assert row.tier in LADDER and row.kind in KIND_WORDS and row.district in DISTRICTS
        assert row.batch and row.source.startswith(f"示例公告〔{row.recognised_on.year}〕第")
    assert None in {row.valid_until for row in town.titles}


def test_the_first_title_of_a_rung_is_new_and_all_later_ones_are_re_reviews(town: City) -> None:
    for titles in by_firm(town.titles).values():
        for tier in LADDER:
            run = [row for row in titles if row.tier == tier]
            assert ["new", *["re_review"] * (len(run) - 1)][: len(run)] == [row.kind for row in run]
            assert len(run) == len({row.recognised_on for row in run})


def test_nobody_skips_a_rung(town: City) -> None:
    for titles in by_firm(town.titles).values():
        for row in titles:
            if row.kind == "new" and row.tier == "little_giant":
                assert in_force(titles, "specialized", row.recognised_on)
            if row.kind == "new" and row.tier == "specialized" and row.recognised_on >= MEASURES_ON:
                assert in_force(titles, "innovative", row.recognised_on)


def test_stays_follow_each_other_and_state_their_end_whole(town: City) -> None:
    runs: dict[str, list[ScaleRow]] = by_firm(town.scale)
    for run in runs.values():
        for stay in run:
            assert (stay.exited_on is None) == (stay.exit_reason is None)
            assert stay.exit_reason is None or stay.exit_reason in EXIT_REASONS
            assert stay.exited_on is None or stay.exited_on > stay.entered_on
            assert stay.source
        for former, later in pairwise(run):
            assert former.exited_on is not None and former.exited_on < later.entered_on


def test_a_stay_begins_with_main_revenue_over_the_line() -> None:
    city = build_city(seed=3, firms=2_000)
    firms = {firm.uscc: firm for firm in city.firms}
    for row in city.scale:
        revenue = firms[row.uscc].years.get(row.entered_on.year, {}).get("main_revenue")
        is_late_entry = row.entered_on == date(2025, 12, 31)
        is_moved = any(
            other.uscc == row.uscc and other.exited_on == row.entered_on - timedelta(days=1) for other in city.scale
        )
        if revenue is not None and not is_late_entry and not is_moved:
            assert revenue >= 2_000 * FEN_PER_WAN, row


def test_every_district_has_firms_and_the_larger_ones_more(town: City) -> None:
    counted = dict.fromkeys(DISTRICTS, 0)
    for firm in town.firms:
        counted[str(firm.facts["district"])] += 1

    assert min(counted.values()) > 0
    assert counted["370211"] > 2 * counted["370202"]
