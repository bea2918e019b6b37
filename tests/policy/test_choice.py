"""The table of choice: each boundary day, the day before and the day after, and days with no rule set at all."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from registry.domain.errors import Refused
from registry.policy import choose, rule_set_ids
from registry.policy.choice import rule_sets_of, spans

BOTH = ("new", "re_review")
FIRST = "2022-08-01"
DAY = timedelta(days=1)

# policy.md §2: tier, kinds, first day, last day, rule set.
TABLE = [
    ("innovative", BOTH, FIRST, "2026-03-31", "innovative-2022"),
    ("innovative", BOTH, "2026-04-01", "2030-12-31", "innovative-2022"),
    ("specialized", BOTH, FIRST, "2026-03-31", "specialized-2022"),
    ("specialized", BOTH, "2026-04-01", "2030-12-31", "specialized-2026"),
    ("little_giant", BOTH, FIRST, "2024-12-31", "little_giant-2022"),
    ("little_giant", BOTH, "2025-01-01", "2025-12-31", "little_giant-2022+2025"),
    ("little_giant", ("new",), "2026-01-01", "2026-03-31", "little_giant-2022"),
    ("little_giant", ("new",), "2026-04-01", "2030-12-31", "little_giant-2026"),
    ("little_giant", ("re_review",), "2026-01-01", "2026-12-31", "little_giant-2022"),
    ("little_giant", ("re_review",), "2027-01-01", "2030-12-31", "little_giant-2026"),
    ("above_scale", BOTH, "2011-01-01", "2030-12-31", "above_scale-2011"),
]
ROWS = [
    (tier, kind, date.fromisoformat(first), date.fromisoformat(last), rule_set)
    for tier, kinds, first, last, rule_set in TABLE
    for kind in kinds
]


@pytest.mark.parametrize(("tier", "kind", "first", "last", "rule_set"), ROWS)
def test_a_rule_set_judges_from_its_first_day_to_its_last(
    tier: str, kind: str, first: date, last: date, rule_set: str
) -> None:
    for on in (first, first + DAY, last - DAY, last):
        chosen = choose(tier, kind, on)

        assert chosen.rule_set.id == rule_set
        assert (chosen.rule_set.tier, chosen.rule_set.kind) == (tier, kind)
        assert chosen.why
        assert chosen.why_en


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize(
    ("tier", "first"),
    [("innovative", FIRST), ("specialized", FIRST), ("little_giant", FIRST), ("above_scale", "2011-01-01")],
)
def test_before_the_first_rule_set_a_case_is_refused_at_its_day(tier: str, kind: str, first: str) -> None:
    for on in (date.fromisoformat(first) - DAY, date(1999, 1, 1)):
        with pytest.raises(Refused) as refused:
            choose(tier, kind, on)

        assert [fault.path for fault in refused.value.faults] == ["on"]
        assert first in refused.value.faults[0].message


@pytest.mark.parametrize(
    ("tier", "kind", "path"), [("giant", "new", "tier"), ("", "new", "tier"), ("innovative", "renewal", "kind")]
)
def test_an_unknown_tier_or_kind_is_refused_at_its_path(tier: str, kind: str, path: str) -> None:
    with pytest.raises(Refused) as refused:
        choose(tier, kind, date(2024, 5, 10))

    assert [fault.path for fault in refused.value.faults] == [path]


@pytest.mark.parametrize(("tier", "kind"), sorted({(row[0], row[1]) for row in ROWS}))
def test_the_days_of_a_tier_and_kind_neither_overlap_nor_leave_a_gap(tier: str, kind: str) -> None:
    rows = sorted((row for row in spans() if row.tier == tier and kind in row.kinds), key=lambda row: row.first)

    for earlier, later in pairwise(rows):
        assert earlier.last is not None
        assert earlier.last + DAY == later.first
    assert rows[-1].last is None


def test_every_rule_set_is_chosen_by_some_row() -> None:
    assert {row.rule_set for row in spans()} == set(rule_set_ids())


def test_another_version_judges_when_it_is_asked_for_and_says_so() -> None:
    on = date(2026, 11, 9)
    chosen = choose("specialized", "new", on, rule_set="specialized-2022")

    assert (chosen.rule_set.id, chosen.rule_set.kind) == ("specialized-2022", "new")
    assert "仅供比较" in chosen.why
    assert rule_sets_of("specialized", "new") == ["specialized-2026", "specialized-2022"]
    with pytest.raises(Refused) as refused:
        choose("specialized", "new", on, rule_set="innovative-2022")
    assert [fault.path for fault in refused.value.faults] == ["rule_set"]
