"""The targets as data: every row of the document, judged at, below and above its line, and files broken by hand."""

from copy import deepcopy
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from registry.domain.errors import Refused, RuleError
from registry.policy.attainment import (
    gap_of,
    goal_in_words,
    judge_target,
    project,
    shown,
    shown_gap,
    side_of,
    year_end,
)
from registry.policy.files import read_file
from registry.policy.target_rows import Target
from registry.policy.targets import build_year, carried, target_years, targets_of

BOARD = targets_of(2024)
# policy.md §12, row for row.
ROWS = [
    ("规上工业扩量", ">=", "300", "firms", "R"),
    ("规上工业扩量", ">", "5000", "firms", "R"),
    ("规上工业扩量", ">=", "1.2", "times", "R"),
    ("首季稳增长 / 工业强市提振", "about", "6.5", "percent", "S"),
    ("工业强市提振", ">=", "6.5", "percent", "S"),
    ("产业结构提档", ">=", "13", "percent", "F"),
    ("数实融合赋能", ">=", "92", "percent", "F"),
    ("数实融合赋能", ">=", "49", "percent", "S"),
    ("数实融合赋能", ">", "5000", "items", "S"),
    ("数实融合赋能", ">=", "1000", "firms", "S"),
    ("科技创新引领", ">=", "2", "items", "S"),
    ("优质项目支撑", "about", "10", "percent", "S"),
    ("优质项目支撑", "about", "30", "percent", "S"),
    ("优质项目支撑", ">=", "500", "items", "S"),
    ("优质项目支撑", ">=", "15", "percent", "S"),
    ("技改升级焕新", ">=", "12", "percent", "S"),
    ("技改升级焕新", "about", "45", "percent", "S"),
    ("建群强链聚力", None, None, "measures", "S"),
]
GROWTH = "above_scale_value_added_growth"


def row(key: str) -> Target:
    return BOARD.target(key)


def broken(**changes: Any) -> dict[str, Any]:
    """Return the file of 2024 with its first row changed; a change to None takes the part away."""
    content = deepcopy(dict(read_file("targets/2024")))
    first = content["targets"][0]
    for name, value in changes.items():
        place, _, part = name.rpartition("__")
        into = first[place] if place else first
        into.pop(part) if value is None else into.update({part: value})
    return content


def refusal(content: dict[str, Any]) -> RuleError:
    with pytest.raises(RuleError) as refused:
        build_year(content, "broken.toml")
    return refused.value


def test_every_row_of_the_document_stands_in_its_order() -> None:
    told = [
        (one.action, one.comparator, None if one.goal is None else str(one.goal), one.unit, one.how)
        for one in BOARD.targets
    ]

    assert told == ROWS


def test_every_row_cites_its_document_and_has_a_whole_card() -> None:
    for one in BOARD.targets:
        assert one.source.startswith("青办发〔2024〕3号 ") and one.source.endswith("行动")
        card = one.card
        assert all((card.meaning, card.meaning_en, card.denominator, card.frequency, card.department)), one.key
    assert all("[D]" in text for text in BOARD.decided)
    assert any("复核" in text and "[D]" in text for text in row("new_specialized").card.decided)


def test_no_goal_is_a_binary_float() -> None:
    assert all(one.goal is None or isinstance(one.goal, Decimal) for one in BOARD.targets)
    assert isinstance(row(GROWTH).within, Decimal)


def test_later_years_carry_the_goals_on_and_say_so() -> None:
    for year in (2025, 2026):
        later = targets_of(year)
        assert later.targets == BOARD.targets
        assert (later.carried_from, later.note) == (2024, "沿用2024年目标，待当年文件")
    assert BOARD.carried_from is None
    assert target_years() == [2024, 2025, 2026]


def test_a_year_without_a_file_is_refused_at_year_with_those_there_are() -> None:
    with pytest.raises(Refused, match=r"year: 没有 2023 年的目标；现有 2024"):
        targets_of(2023)


def test_an_unknown_key_is_refused_with_those_there_are() -> None:
    with pytest.raises(Refused, match="new_specialized"):
        BOARD.target("gdp")
    with pytest.raises(Refused, match="upgrade_target"):
        BOARD.entered("gdp")


def test_what_is_computed_cannot_be_entered() -> None:
    with pytest.raises(Refused, match="不能录入"):
        BOARD.entered("above_scale")
    assert BOARD.entered(GROWTH) is row(GROWTH)
    assert BOARD.entered("upgrade_target").key == "upgrade_target"


@pytest.mark.parametrize(
    ("key", "value", "met", "side", "gap"),
    [
        ("new_specialized", 299, False, "below", 1),
        ("new_specialized", 300, True, None, 0),
        ("new_specialized", 301, True, None, 0),
        ("above_scale", 4999, False, "below", 2),
        ("above_scale", 5000, False, "below", 1),
        ("above_scale", 5001, True, None, 0),
        ("high_tech_share", Fraction(12999999, 1000000), False, "below", Fraction(1, 1000000)),
        ("high_tech_share", 13, True, None, 0),
        ("high_tech_share", Fraction(13000001, 1000000), True, None, 0),
        (GROWTH, Decimal("5.9999"), False, "below", Fraction(1, 10000)),
        (GROWTH, Decimal("6.0"), True, None, 0),
        (GROWTH, Decimal("6.5"), True, None, 0),
        (GROWTH, Decimal("7.0"), True, None, 0),
        (GROWTH, Decimal("7.0001"), False, "above", Fraction(1, 10000)),
        # Published: 2023 +5.8 %, 2024 +9.4 %.
        (GROWTH, Decimal("5.8"), False, "below", Fraction(1, 5)),
        (GROWTH, Decimal("9.4"), False, "above", Fraction(12, 5)),
        ("seedlings", Fraction(6, 5), True, None, 0),
        ("seedlings", Fraction(119, 100), False, "below", Fraction(1, 100)),
        ("new_specialized", None, None, None, None),
        ("above_scale", None, None, None, None),
        (GROWTH, None, None, None, None),
        ("clusters_chains_parks", 7, None, None, None),
        ("clusters_chains_parks", None, None, None, None),
    ],
)
def test_a_value_is_judged_at_below_and_above_its_line(
    key: str, value: Any, met: bool | None, side: str | None, gap: Any
) -> None:
    target = row(key)

    assert judge_target(target, value) is met
    assert side_of(target, value) == side
    assert gap_of(target, value) == gap


def test_zero_is_known_and_misses_the_goal() -> None:
    assert judge_target(row("new_specialized"), 0) is False
    assert gap_of(row("new_specialized"), 0) == 300


def test_a_rate_that_must_be_passed_is_not_met_on_its_line_though_the_gap_is_nothing() -> None:
    content = broken()
    content["targets"][5]["comparator"] = ">"
    strict = build_year(content, "changed.toml").target("high_tech_share")

    assert (judge_target(strict, 13), gap_of(strict, 13)) == (False, 0)
    assert judge_target(strict, Fraction(130001, 10000)) is True


@pytest.mark.parametrize(
    ("value", "as_of", "year", "expected"),
    [
        (1, date(2024, 1, 1), 2024, 366),
        (100, date(2024, 6, 30), 2024, 201),  # 100 × 366 ÷ 182 = 201.09…
        (300, date(2024, 12, 30), 2024, 300),
        (300, date(2024, 12, 31), 2024, 300),
        (0, date(2024, 5, 1), 2024, 0),
        (364, date(2025, 12, 30), 2025, 365),
        (182, date(2025, 7, 1), 2025, 365),  # the 182nd day of 365
    ],
)
def test_a_flow_is_carried_on_by_the_days_elapsed_rounded_down(
    value: int, as_of: date, year: int, expected: int
) -> None:
    assert project(value, as_of, year) == expected


def test_a_projection_needs_a_day_of_the_year() -> None:
    with pytest.raises(ValueError, match="no day of 2024"):
        project(1, date(2025, 1, 1), 2024)
    assert year_end(row("new_specialized"), 1, date(2025, 1, 1), 2024) is None


def test_stocks_are_held_and_rates_are_not_projected() -> None:
    day = date(2024, 6, 30)
    held, flow = year_end(row("above_scale"), 4800, day, 2024), year_end(row("new_specialized"), 150, day, 2024)

    assert held and (held.value, held.method, held.met) == (4800, "held", False)
    assert flow and (flow.value, flow.method, flow.met) == (301, "linear", True)
    assert year_end(row(GROWTH), Decimal("6.5"), day, 2024) is None
    assert year_end(row("new_specialized"), None, day, 2024) is None
    assert year_end(row("new_specialized"), 3, None, 2024) is None


@pytest.mark.parametrize(
    ("key", "value", "printed"),
    [
        ("high_tech_share", Fraction(100, 3), "33.3333"),
        ("high_tech_share", Fraction(13), "13"),
        ("high_tech_share", Fraction(12999999999, 10**9), "12.999999999"),
        ("high_tech_share", Fraction(13 * 10**6 + 1, 10**6), "13.000001"),
        (GROWTH, Fraction(7 * 10**7 + 1, 10**7), "7.0000001"),
        ("digital_transformation_share", Fraction(1, 10**6), "0.000001"),
        ("new_specialized", 300, "300"),
    ],
)
def test_a_value_is_never_printed_onto_a_line_it_misses(key: str, value: Any, printed: str) -> None:
    assert format(shown(row(key), value), "f") == printed


def test_a_gap_is_rounded_up() -> None:
    assert shown_gap(Fraction(1, 10**6)) == Decimal("0.0001")
    assert format(shown_gap(Fraction(10)), "f") == "10"


def test_goals_in_words_tell_the_comparator_and_the_range() -> None:
    assert goal_in_words(row("new_specialized")) == "≥ 300 家"
    assert goal_in_words(row("above_scale"), "en") == "> 5000 firms"
    assert goal_in_words(row(GROWTH)) == "6.5% 左右（6%–7%，含）"
    assert goal_in_words(row("clusters_chains_parks")) == "—"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"comparator": "=="}, "comparator is one of"),
        ({"comparator": None}, "come together"),
        ({"goal": None}, "come together"),
        ({"comparator": "about"}, "for a rate"),
        ({"goal": Decimal("300.5")}, "whole number"),
        ({"goal": "300"}, "goal is a number"),
        ({"goal": True}, "goal is a number"),
        ({"goal": Decimal("nan")}, "goal is a number"),
        ({"unit": "tons"}, "unit is one of"),
        ({"how": "X"}, "how is one of"),
        ({"how": "S"}, "has no measure"),
        ({"measure": None}, "measure is one of"),
        ({"measure": "guess"}, "measure is one of"),
        ({"year_end": "soon"}, "year_end is one of"),
        ({"actions": []}, "actions is missing"),
        ({"actions": "规上工业扩量"}, "list of texts"),
        ({"indicator": " "}, "indicator is missing"),
        ({"indicator_en": None}, "indicator_en is missing"),
        ({"card": None}, "card is missing"),
        ({"card__denominator": None}, "denominator is missing"),
        ({"card__department": ""}, "department is missing"),
        ({"card__frequency": None}, "frequency is missing"),
        ({"card__meaning": None}, "meaning is missing"),
        ({"card__colour": "red"}, "unknown: colour"),
        ({"gaol": 300}, "unknown: gaol"),
    ],
)
def test_a_broken_row_is_refused_with_its_file_and_key(changes: dict[str, Any], said: str) -> None:
    error = refusal(broken(**changes))

    assert said in error.message
    assert (error.file, error.criterion) == ("broken.toml", "new_specialized")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("about_within", Decimal("-0.5"), "about_within"),
        ("about_within", None, "about_within"),
        ("document", {}, "number is missing"),
        ("targets", [], "no targets"),
        ("inputs", [], "needs the inputs seedlings_selected, upgrade_target"),
        ("year", "2024", "year is a whole number"),
        ("surprise", 1, "unknown: surprise"),
    ],
)
def test_a_broken_file_is_refused(name: str, value: Any, said: str) -> None:
    content = {key: part for key, part in {**broken(), name: value}.items() if part is not None}

    assert said in refusal(content).message


def test_a_key_stands_once() -> None:
    content = broken()
    content["targets"].append(content["targets"][0])

    assert "twice" in refusal(content).message


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"continues": 2025}, "no earlier year"),
        ({"continues": 2019}, "no earlier year"),
        ({"note": ""}, "note is missing"),
        ({"targets": []}, "unknown: targets"),
    ],
)
def test_a_year_that_continues_wrongly_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(RuleError, match=said):
        carried({**read_file("targets/2025"), **changes}, "broken.toml")
