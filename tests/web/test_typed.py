"""The way from facts to boxes and back: what is typed for a firm is read as exactly that firm."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random

import pytest
from flask import Flask
from make import firm
from werkzeug.datastructures import MultiDict

from registry.domain.firms import Firm
from registry.domain.periods import NEVER
from registry.policy import load, rule_set_ids
from registry.web.check_form import ROWS, CheckForm
from registry.web.typed import typed_of

ON = date(2026, 5, 1)
# Where firms are drawn on the lines of the rules.
PARITY = Path(__file__).parents[1] / "parity"


def read(app: Flask, typed: dict[str, str]) -> Firm:
    """Return the firm that the form reads of what is typed."""
    with app.test_request_context("/check"):
        form = CheckForm(MultiDict(typed), ON)
        asked = form.asked()
        assert asked, [(field.name, field.typed, field.faults) for field in form if field.faults] + form.loose
        return asked.firm


def as_typed(given: Firm) -> tuple[dict[str, object], dict[int, dict[str, int]]]:
    """Return the facts and figures that boxes can hold: no blank entries, no blank years, no unknown district."""
    facts = {key: value for key, value in given.facts.items() if key != "district" or value != "999999"}
    for key in ROWS:
        if given.facts.get(key):
            facts[key] = tuple(entry for entry in given.facts[key] if entry)  # type: ignore[union-attr]
            if not facts[key]:
                del facts[key]
    return facts, {year: dict(figures) for year, figures in given.years.items() if figures}


def firms(name: str) -> Iterator[Firm]:
    """Draw firms on the lines of a rule set; lists that are longer than the form are cut to it."""
    from firms_on_lines import Drawer

    for huge in (False, True):
        for one in Drawer(load(name, "new"), ON, Random(20261126), huge).firms(60):
            lists = {key: one.facts[key][: ROWS[key]] for key in ROWS if key in one.facts}  # type: ignore[index]
            yield Firm(one.uscc, one.name, {**one.facts, **lists}, one.years)


@pytest.mark.parametrize("name", rule_set_ids())
def test_what_is_typed_for_a_firm_is_read_as_that_firm(app: Flask, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.syspath_prepend(str(PARITY))
    count = 0
    for one in firms(name):
        found = read(app, typed_of(one))
        facts, years = as_typed(one)
        assert (dict(found.facts), {year: dict(figures) for year, figures in found.years.items()}) == (facts, years)
        count += 1
    assert count == 120


def test_each_kind_of_value_is_typed_in_the_units_of_its_box() -> None:
    stated = firm(
        1,
        years={2025: {"revenue": 123_456_789_012, "net_profit": -1, "development_score": 6650, "employees": 120}},
        market_share=123_456_789_012,
        serious_incident_on=NEVER,
        established_on=date(2012, 5, 8),
        own_brand=False,
        district="370285",
        titles=(),
        awards=({"level": "provincial", "rank": 2, "on": date(2024, 3, 1)},),
    )

    assert typed_of(stated) == {
        "years.2025.revenue": "123456.789012",
        "years.2025.net_profit": "-0.000001",
        "years.2025.development_score": "66.5",
        "years.2025.employees": "120",
        "facts.market_share": "12.3456789012",
        "facts.serious_incident_on.none": "1",
        "facts.established_on": "2012-05-08",
        "facts.own_brand": "false",
        "facts.district": "370285",
        "facts.titles.none": "1",
        "facts.awards-0.level": "provincial",
        "facts.awards-0.rank": "2",
        "facts.awards-0.on": "2024-03-01",
    }


def test_what_the_form_does_not_offer_is_left_blank_and_of_too_many_the_newest_are_typed() -> None:
    awards = tuple({"level": "national", "on": date(2020 + number, 1, 1)} for number in range(5))
    typed = typed_of(firm(1, district="110101", awards=awards))

    assert "facts.district" not in typed
    assert [typed[f"facts.awards-{row}.on"] for row in range(3)] == ["2024-01-01", "2023-01-01", "2022-01-01"]
    assert "facts.awards-3.on" not in typed
