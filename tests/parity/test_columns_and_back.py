"""Firms laid out in columns and taken up again are the same firms."""

from datetime import date
from random import Random

from both_readings import with_lists_open
from firms_on_lines import Drawer

from registry.domain.firms import Firm
from registry.policy import load
from registry.rules.columns import frames_of
from registry.rules.columns.frames import firms_of

YEAR = 2024


def test_firms_come_out_of_the_columns_as_they_went_in() -> None:
    rule_set = load("little_giant-2022")
    firms = Drawer(rule_set, date(YEAR + 1, 6, 30), Random(3)).firms(60)
    again = firms_of(frames_of(firms, YEAR), YEAR)

    assert list(again) == list(range(60))
    for number, firm in enumerate(firms):
        found, incomplete = again[number]
        assert (found.uscc, found.name, found.facts) == (firm.uscc, firm.name, firm.facts)
        assert found.years == {year: firm.years.get(year, {}) for year in (YEAR, YEAR - 1, YEAR - 2)}
        assert incomplete == {"titles", "awards", "contests"} - firm.facts.keys()


def test_entries_of_a_list_that_was_never_stated_are_there_and_it_is_named_incomplete() -> None:
    held = {"kind": "innovative", "from": date(2024, 1, 1)}
    firms = [Firm("91370200YA0000000A", "甲", {"titles": (held,)}), Firm("", "", {"contests": ()})]
    frames = with_lists_open(frames_of(firms, YEAR), ["titles"])
    (one, of_one), (other, of_other) = firms_of(frames, YEAR).values()

    assert one == Firm("91370200YA0000000A", "甲", {"titles": (held,)}, {YEAR: {}, YEAR - 1: {}, YEAR - 2: {}})
    assert of_one == {"titles", "awards", "contests"}
    assert other.facts == {"contests": ()} and of_other == {"titles", "awards"}
