"""Whose desk a case lies on, and how many working days are left for it."""

from datetime import date

import pytest

from registry.domain.case_states import DRAFT, SUBMITTED, WITHDRAWN, State
from registry.domain.casework import leaders_at
from registry.domain.roles import Role
from registry.domain.workdays import Calendar, workdays_left
from registry.policy.procedures import procedure

# Work on Sunday 2026-02-15, none from Monday the 16th to Monday the 23rd.
SPRING = Calendar(
    off=frozenset(date(2026, 2, day) for day in (16, 17, 18, 19, 20, 23)),
    worked=frozenset({date(2026, 2, 15)}),
    gazetted={2026: "test"},
)


@pytest.mark.parametrize(
    ("state", "roles"),
    [
        (DRAFT, ()),
        (SUBMITTED, (Role.DISTRICT_REVIEWER,)),
        (State.parse("stage:district_review"), (Role.DISTRICT_REVIEWER,)),
        (State.parse("returned:district_review"), (Role.DISTRICT_REVIEWER,)),
        # Others are at work there; the bureau answers for it.
        (State.parse("stage:inquiries"), (Role.DISTRICT_REVIEWER,)),
        (State.parse("stage:city_audit"), (Role.CITY_REVIEWER,)),
        (State.parse("returned:city_review"), (Role.CITY_REVIEWER,)),
        (WITHDRAWN, ()),
    ],
)
def test_a_case_lies_at_the_desk_of_whoever_takes_its_outcomes(state: State, roles: tuple[Role, ...]) -> None:
    assert leaders_at(procedure("specialized", date(2026, 11, 9)), state) == roles


@pytest.mark.parametrize(
    ("today", "last_day", "left"),
    [
        (date(2026, 2, 13), date(2026, 2, 12), 0),
        (date(2026, 2, 13), date(2026, 2, 13), 0),
        (date(2026, 2, 13), date(2026, 2, 14), 0),
        (date(2026, 2, 13), date(2026, 2, 15), 1),
        (date(2026, 2, 13), date(2026, 2, 23), 1),
        (date(2026, 2, 13), date(2026, 2, 24), 2),
        (date(2026, 2, 24), date(2026, 3, 2), 4),
    ],
)
def test_working_days_are_counted_after_today_up_to_the_last(today: date, last_day: date, left: int) -> None:
    assert workdays_left(today, last_day, SPRING) == left
