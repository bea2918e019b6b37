"""Cases pushed about at random: an end is near from everywhere, nobody is stuck, no level decides twice."""

import pytest
from every_procedure import EVERY, FIRM
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from registry.domain.case_states import (
    DRAFT,
    Action,
    Guard,
    Phase,
    State,
)
from registry.domain.casework import (
    Move,
    allowed,
    find_move,
    move,
    next_round,
    states,
)
from registry.domain.errors import MoveNotAllowed
from registry.domain.procedure import Level, Procedure
from registry.domain.roles import Role
from registry.domain.told import state_words, told_firm, told_reviewer


@given(st.data())
@settings(max_examples=50)
def test_from_every_state_an_end_is_near(data: st.DataObject) -> None:
    procedure = data.draw(st.sampled_from(EVERY))
    state = data.draw(st.sampled_from([one for one in states(procedure) if not one.is_over]))
    for _ in range(len(states(procedure))):
        onward = [one for one in allowed(procedure, state) if not one.stays and one.role is not FIRM]
        onward = [one for one in onward if one.to.phase is not Phase.RETURNED and Guard.OWN_FILING not in one.guards]
        if state == DRAFT:
            onward = [find_move(procedure, DRAFT, Action.SUBMIT, FIRM)]
        assert onward, f"{procedure.id} is stuck at {state}"
        state = data.draw(st.sampled_from(onward)).to
        if state.is_over:
            return
    pytest.fail("no end was reached")


class Walk(RuleBasedStateMachine):
    """A case that anybody pushes about, in any way the table allows and in some that it does not."""

    procedure: Procedure
    state: State

    @initialize(procedure=st.sampled_from(EVERY))
    def begin(self, procedure: Procedure) -> None:
        self.procedure, self.state, self.round = procedure, DRAFT, 1
        self.decided: list[Level] = []
        self.returns = 0

    @precondition(lambda self: not self.state.is_over)
    @rule(data=st.data())
    def somebody_makes_a_move(self, data: st.DataObject) -> None:
        onward = [one for one in allowed(self.procedure, self.state) if not one.to.is_over]
        one = data.draw(st.sampled_from(onward or allowed(self.procedure, self.state)))
        self.make(one)

    @precondition(lambda self: not self.state.is_over)
    @rule(data=st.data())
    def somebody_ends_it(self, data: st.DataObject) -> None:
        ends = [one for one in allowed(self.procedure, self.state) if one.to.is_over]
        self.make(data.draw(st.sampled_from(ends)))

    @rule(action=st.sampled_from([*Action, "recognise", "refuse", "return", "pass"]), role=st.sampled_from(list(Role)))
    def somebody_tries_something(self, action: str, role: Role) -> None:
        possible = {(one.action, one.role) for one in allowed(self.procedure, self.state)}
        if (action, role) in possible:
            return
        before = self.state
        with pytest.raises(MoveNotAllowed):
            move(self.procedure, self.state, action, role)
        assert self.state == before

    def make(self, one: Move) -> None:
        before, self.state = self.state, move(self.procedure, self.state, one.action, one.role)
        self.round = next_round(self.round, one.action)
        if one.decides:
            self.decided.append(one.decides)
        if self.state.phase is Phase.RETURNED and before.phase is Phase.STAGE:
            self.returns += 1
            assert self.state.at == before.at
        if before.phase is Phase.RETURNED and self.state.phase is Phase.STAGE:
            assert self.state.at == before.at, "it comes back to the stage that returned it"
            assert self.round == self.returns + 1

    @invariant()
    def nobody_is_stuck(self) -> None:
        if hasattr(self, "state"):
            assert self.state.is_over == (not allowed(self.procedure, self.state))
            assert self.state.is_over or any(not one.stays for one in allowed(self.procedure, self.state))

    @invariant()
    def no_level_decides_twice(self) -> None:
        if hasattr(self, "state"):
            assert len(self.decided) == len(set(self.decided))

    @invariant()
    def it_can_be_withdrawn_exactly_until_it_is_decided(self) -> None:
        if hasattr(self, "state"):
            possible = any(one.action == Action.WITHDRAW for one in allowed(self.procedure, self.state, FIRM))
            assert possible is not self.state.is_over

    @invariant()
    def there_are_words_for_it_in_both_languages(self) -> None:
        if hasattr(self, "state"):
            told = (told_firm(self.procedure, self.state), told_reviewer(self.procedure, self.state))
            for words in (
                state_words(self.procedure, self.state),
                *(part for one in told for part in (one.title, one.advice)),
            ):
                assert all(word.strip() for word in words)


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
