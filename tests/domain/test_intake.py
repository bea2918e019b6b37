"""A firm is read exactly, or refused with a path for every fault: the small print of contract §1, line by line."""

import json
from datetime import date
from typing import Any

import pytest
from intake_texts import CODE, faults, paths, read

from registry.domain.errors import Refused
from registry.domain.facts import ENTRY_FACTS, FIRM_FACTS, YEAR_FACTS, Kind
from registry.domain.intake import firm_from
from registry.domain.json_text import read_json
from registry.domain.periods import NEVER


def test_the_example_of_the_contract_is_read_in_base_units() -> None:
    firm = firm_from(
        read_json(
            """{
  "uscc": "91370200264574251E", "name": "青岛示例轴承有限公司",
  "facts": {
    "district": "370285", "industry": "3451", "established_on": "2012-05-08", "segment_since": "2013-01-01",
    "titles": [{"kind": "innovative", "from": "2023-03-20", "until": "2026-03-19"}],
    "ip_class1": 3, "ip_class1_own": 2, "ip_class1_high_value": 0, "ip_class2": 5, "field_sei": true
  },
  "years": {
    "2023": {"revenue": 61230000.00, "main_revenue": 58010000.00, "rd_expense": 3100000.00},
    "2022": {"revenue": 54000000.00, "main_revenue": 50000000.00, "rd_expense": 2500000.00}
  }
}"""
        )
    )

    assert (firm.uscc, firm.name) == (CODE, "青岛示例轴承有限公司")
    assert firm.facts["titles"] == ({"kind": "innovative", "from": date(2023, 3, 20), "until": date(2026, 3, 19)},)
    assert firm.facts["ip_class1_high_value"] == 0
    assert firm.facts["field_sei"] is True
    assert firm.years[2023] == {"revenue": 6_123_000_000, "main_revenue": 5_801_000_000, "rd_expense": 310_000_000}


# Good and edge values of every kind: JSON as written, and what is kept.
GOOD: dict[Kind, list[tuple[str, Any]]] = {
    Kind.BOOL: [("true", True), ("false", False)],
    Kind.COUNT: [("1", 1), ("4", 4)],
    Kind.MONEY: [
        ("0", 0),
        ("0.00", 0),
        ("0.01", 1),
        ("1.5", 150),
        ("1e3", 100_000),
        ("1.5E2", 15_000),
        ("999999999999999.99", 10**17 - 1),
    ],
    Kind.SHARE: [("0", 0), ("1", 10**12), ("1.000000000000", 10**12), ("0.1", 10**11), ("0.000000000001", 1)],
    Kind.SCORE: [("0", 0), ("100", 10_000), ("100.00", 10_000), ("59.99", 5_999)],
    Kind.DATE: [('"2024-02-29"', date(2024, 2, 29)), ('"0001-01-02"', date(1, 1, 2)), ('"9999-12-31"', date.max)],
    Kind.DATE_OR_NONE: [('"none"', NEVER), ('"2023-12-31"', date(2023, 12, 31))],
    Kind.TEXT: [('"高新区"', "高新区"), ('"  高新区 "', "高新区"), (f'"{"区" * 200}"', "区" * 200)],
    Kind.LIST: [("[]", ()), ("[{}]", ({},))],
}
# Values that no fact of the kind can take.
BAD: dict[Kind, list[str]] = {
    Kind.BOOL: ["0", "1", '"true"', '"是"', "[]", "{}", "1.0"],
    Kind.COUNT: ["3.0", "3.5", "-1", "-0.0", '"3"', "true", "1e2", "1000000000", "[]", "{}", "NaN", "1e400"],
    Kind.MONEY: [
        "0.001",
        "1.000",
        "1e-3",
        "1000000000000000",
        "1000000000000000.01",
        "1e400",
        "1e999999999",
        "NaN",
        "Infinity",
        "-Infinity",
        '"100"',
        '"100万元"',
        "true",
        "false",
        "[]",
        "{}",
    ],
    Kind.SHARE: ["1.000000000001", "1.1", "-0.1", "0.0000000000001", "10", '"10%"', "true", "NaN", "1e999999999", "[]"],
    Kind.SCORE: ["100.01", "101", "-1", "59.999", '"60"', "true", "NaN", "1e400", "[]"],
    Kind.DATE: [
        '"2023-02-29"',
        '"2024-2-9"',
        '"2024/02/29"',
        '"20240229"',
        '"2024-02-29T00:00:00"',
        '" 2024-02-29"',
        '"2024-W01-1"',
        '"２０２４-02-29"',
        '"0000-01-01"',
        '"0001-01-01"',
        '"none"',
        '""',
        "20240229",
        "true",
        "[]",
    ],
    Kind.DATE_OR_NONE: ['"None"', '"无"', '""', "false", '"2023-02-29"', "0"],
    Kind.CHOICE: ['"emperor"', '""', "1", "true", "[]", '"None"'],
    Kind.TEXT: ['""', '"   "', f'"{"区" * 201}"', '"a\\u0000b"', '"a\\nb"', "3", "true", "[]"],
    Kind.CODE: ["3451", '"345"', '"34512345"', '"345a"', '"３４５１"', '"-345"', '""', "true", "[]"],
    Kind.LIST: ["{}", '"none"', "0", "false", "[1]", '["x"]', "[null]", "[[]]"],
}


def good_of(fact) -> list[tuple[str, Any]]:
    if fact.kind is Kind.CHOICE:
        return [(json.dumps(one), one) for one in fact.choices]
    if fact.kind is Kind.CODE:
        return [(f'"{"9" * fact.digits}"', "9" * fact.digits), (f'"{"0" * fact.digits}"', "0" * fact.digits)]
    if fact.allowed:
        return [(str(one), one) for one in fact.allowed]
    if fact.kind is Kind.COUNT:
        return [(str(one), one) for one in (fact.low, fact.low + 1, fact.high)]
    return [*GOOD[fact.kind], *([("-0.01", -1), ("-999999999999999.99", 1 - 10**17)] if fact.signed else [])]


EVERY_FIRM_FACT = sorted(FIRM_FACTS.values(), key=lambda fact: fact.key)
EVERY_YEAR_FACT = sorted(YEAR_FACTS.values(), key=lambda fact: fact.key)


@pytest.mark.parametrize("fact", EVERY_FIRM_FACT, ids=lambda fact: fact.key)
def test_every_fact_of_a_firm_takes_its_good_and_edge_values(fact) -> None:
    for written, kept in good_of(fact):
        assert read(f'{{"{fact.key}": {written}}}').facts == {fact.key: kept}


@pytest.mark.parametrize("fact", EVERY_YEAR_FACT, ids=lambda fact: fact.key)
def test_every_figure_of_a_year_takes_its_good_and_edge_values(fact) -> None:
    for written, kept in good_of(fact):
        assert read(years=f'{{"2023": {{"{fact.key}": {written}}}}}').years == {2023: {fact.key: kept}}


@pytest.mark.parametrize("fact", EVERY_FIRM_FACT, ids=lambda fact: fact.key)
def test_every_fact_of_a_firm_refuses_the_rest_at_its_path(fact) -> None:
    for written in BAD[fact.kind]:
        (path,) = paths(f'{{"{fact.key}": {written}}}')
        assert path == f"facts.{fact.key}" + ("[0]" if written.startswith("[") and fact.kind is Kind.LIST else "")


@pytest.mark.parametrize("fact", EVERY_YEAR_FACT, ids=lambda fact: fact.key)
def test_every_figure_of_a_year_refuses_the_rest_at_its_path(fact) -> None:
    beyond = ["-0.01"] if fact.kind is Kind.MONEY and not fact.signed else []
    for written in [*BAD[fact.kind], *beyond]:
        assert paths("{}", f'{{"2023": {{"{fact.key}": {written}}}}}') == [f"years.2023.{fact.key}"]


@pytest.mark.parametrize(
    ("key", "name", "fact"), [(key, name, fact) for key, names in ENTRY_FACTS.items() for name, fact in names.items()]
)
def test_every_part_of_an_entry_is_read_and_refused_at_its_own_path(key: str, name: str, fact) -> None:
    for written, kept in good_of(fact):
        assert read(f'{{"{key}": [{{}}, {{"{name}": {written}}}]}}').facts[key] == ({}, {name: kept})
    for written in BAD[fact.kind]:
        assert paths(f'{{"{key}": [{{}}, {{"{name}": {written}}}]}}') == [f"facts.{key}[1].{name}"]


@pytest.mark.parametrize("key", [*FIRM_FACTS])
def test_null_leaves_a_fact_unknown(key: str) -> None:
    assert read(f'{{"{key}": null}}').facts == {}


def test_null_leaves_a_figure_a_year_and_a_part_of_an_entry_unknown() -> None:
    assert read(years='{"2023": {"revenue": null}, "2022": null}').years == {2023: {}, 2022: {}}
    assert read('{"awards": [{"level": null, "rank": 2}]}').facts == {"awards": ({"rank": 2},)}


def test_a_list_known_to_be_empty_is_not_a_list_unknown() -> None:
    assert read('{"titles": []}').facts == {"titles": ()}
    assert read("{}").facts == {}


def test_facts_and_years_may_be_absent_or_null() -> None:
    for text in (
        f'{{"uscc": "{CODE}", "name": "甲"}}',
        f'{{"uscc": "{CODE}", "name": "甲", "facts": null, "years": null}}',
    ):
        firm = firm_from(read_json(text))
        assert (firm.facts, firm.years) == ({}, {})


@pytest.mark.parametrize("key", ["uscc", "name"])
def test_code_and_name_are_required(key: str) -> None:
    document = {"uscc": CODE, "name": "甲"}
    for wrong in ("absent", None, 3, True, [], "", " "):
        given = {one: value for one, value in document.items() if one != key} | (
            {} if wrong == "absent" else {key: wrong}
        )
        with pytest.raises(Refused) as caught:
            firm_from(given)
        assert [fault.path for fault in caught.value.faults] == [key]


@pytest.mark.parametrize("written", [" 91370200264574251e ", "９１３７０２００２６４５７４２５１Ｅ"])
def test_a_code_is_trimmed_narrowed_and_upper_cased_before_its_check(written: str) -> None:
    assert firm_from({"uscc": written, "name": "甲"}).uscc == CODE


def test_a_code_whose_check_character_does_not_hold_is_refused() -> None:
    with pytest.raises(Refused, match=r"uscc: .*check character"):
        firm_from({"uscc": CODE[:-1] + "F", "name": "甲"})


@pytest.mark.parametrize(("key", "good", "bad"), [("rank", "1", "0"), ("top", "50", "51"), ("top", "500", "499")])
def test_ranks_start_at_one_and_lists_have_50_or_500_places(key: str, good: str, bad: str) -> None:
    fact = "awards" if key == "rank" else "contests"

    assert read(f'{{"{fact}": [{{"{key}": {good}}}]}}').facts[fact] == ({key: int(good)},)
    assert paths(f'{{"{fact}": [{{"{key}": {bad}}}]}}') == [f"facts.{fact}[0].{key}"]


@pytest.mark.parametrize("key", ["market_rank_national", "market_rank_provincial"])
def test_market_ranks_start_at_one(key: str) -> None:
    assert read(f'{{"{key}": 1}}').facts == {key: 1}
    assert paths(f'{{"{key}": 0}}') == [f"facts.{key}"]


def test_decimal_places_count_as_written() -> None:
    assert read(years='{"2023": {"revenue": 1.00}}').years[2023]["revenue"] == 100
    ((path, message),) = faults("{}", '{"2023": {"revenue": 1.000}}')

    assert path == "years.2023.revenue"
    assert "1.000" in message
    assert "2" in message


@pytest.mark.parametrize("key", [key for key, fact in YEAR_FACTS.items() if fact.kind is Kind.MONEY])
def test_only_net_profit_may_be_negative(key: str) -> None:
    years = f'{{"2023": {{"{key}": -0.01}}}}'
    if key == "net_profit":
        assert read(years=years).years == {2023: {key: -1}}
    else:
        assert paths("{}", years) == [f"years.2023.{key}"]


@pytest.mark.parametrize("written", ["-0", "-0.0", "-0.00"])
def test_minus_nothing_is_nothing(written: str) -> None:
    assert read(years=f'{{"2023": {{"revenue": {written}}}}}').years == {2023: {"revenue": 0}}


def test_codes_that_no_table_knows_are_accepted_when_well_formed() -> None:
    assert read('{"district": "999999", "industry": "9999"}').facts == {"district": "999999", "industry": "9999"}


@pytest.mark.parametrize(
    ("facts", "years", "more", "path"),
    [
        ('{"surprise": 1}', "{}", "", "facts.surprise"),
        ('{"revenue": 1}', "{}", "", "facts.revenue"),
        ("{}", '{"2023": {"own_brand": true}}', "", "years.2023.own_brand"),
        ("{}", "{}", ', "surprise": 1', "surprise"),
        ("{}", "{}", ', "tier": "innovative"', "tier"),
        ('{"awards": [{"surprise": 1}]}', "{}", "", "facts.awards[0].surprise"),
        ('{"titles": [{"level": "national"}]}', "{}", "", "facts.titles[0].level"),
        ('{"": 1}', "{}", "", "facts."),
    ],
)
def test_an_unknown_key_is_refused_at_its_path(facts: str, years: str, more: str, path: str) -> None:
    assert paths(facts, years, more) == [path]
