"""What closing a publicity needs of its list: that of the stage, over, and certain."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from casework import MONDAY

from registry.domain.case_states import Guard, State
from registry.domain.casework import find_move
from registry.domain.roles import Role
from registry.policy.procedures import procedure
from registry.store.cases import Application
from registry.work import case_guards
from registry.work.case_guards import GUARDS, Attempt, Given

TODAY = MONDAY.date()


@pytest.mark.parametrize(
    ("days", "is_provisional", "over", "certain"),
    [(-1, False, True, True), (0, False, False, True), (1, False, False, True), (-1, True, True, False)],
)
def test_a_publicity_is_over_the_day_after_its_last_and_certain_unless_provisional(
    monkeypatch: pytest.MonkeyPatch, days: int, is_provisional: bool, over: bool, certain: bool
) -> None:
    listed = SimpleNamespace(last_day=TODAY + timedelta(days=days), is_provisional=is_provisional)
    lists = {(7, "publicity"): listed}
    monkeypatch.setattr(case_guards, "publicity_of", lambda session, case, stage: lists.get((case, stage)))
    rules = procedure("innovative", TODAY)
    move = find_move(rules, State.parse("stage:publicity"), "close", Role.CITY_REVIEWER)

    def told(guard: Guard, number: int = 7) -> str:
        made = Attempt(None, Application(id=number), rules, move, None, None, Given(), MONDAY)  # type: ignore[arg-type]
        return GUARDS[guard](made)

    assert (told(Guard.PUBLICITY_OVER) == "") is over
    assert (told(Guard.PUBLICITY_CERTAIN) == "") is certain
    assert "尚未列入" in told(Guard.PUBLICITY_OVER, 8)
    assert told(Guard.PUBLICITY_CERTAIN, 8) == ""
