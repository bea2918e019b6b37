"""The yearly update as data: by which day of which year, and what a missed one means."""

from datetime import date

import pytest

from registry.policy.updates import duty_of, first_asked, reminder_days


@pytest.mark.parametrize(
    ("year", "due_on"),
    [
        (2022, None),
        (2023, date(2023, 4, 30)),
        (2025, date(2025, 4, 30)),
        # 2号 is in force from 2026-04-01: on 30 April it already holds.
        (2026, date(2026, 5, 31)),
        (2027, date(2027, 5, 31)),
        (1800, None),
    ],
)
def test_the_last_day_is_that_of_the_rule_in_force_on_it(year: int, due_on: date | None) -> None:
    duty = duty_of(year)
    assert (duty.due_on if duty else None) == due_on


def test_what_a_missed_one_means_is_said_by_each_rule() -> None:
    before, since = duty_of(2025), duty_of(2026)
    assert before and since
    assert (before.barred_after, before.cancelled_after) == (1, None)
    assert (since.barred_after, since.cancelled_after) == (2, 2)
    assert "63号" in before.source and "2号" in since.source_en


def test_updates_are_asked_for_here_from_a_year_on_and_reminded_of() -> None:
    assert first_asked() == 2027
    assert reminder_days() == (30, 7)
