"""What may be done with a case: its states, the actions, and one table of moves that follows from its procedure.

Nothing is possible that the table does not hold. It says what a move needs (`Guard`); whether that is there – the
answers, the days, the signature – is found out by whoever makes the move. Whether a certain person may is asked of
`registry.domain.conflicts` besides. Source: policy §8 and §9.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from registry.domain.case_states import (
    DRAFT,
    LAPSED,
    RE_REVIEW_ONLY,
    SUBMITTED,
    WITHDRAWN,
    Action,
    Guard,
    Phase,
    State,
)
from registry.domain.errors import MoveNotAllowed
from registry.domain.periods import add_years
from registry.domain.procedure import (
    DECIDED_ENDINGS,
    RETURNED,
    Ending,
    Level,
    Outcome,
    Procedure,
    Stage,
    StageKind,
    Words,
)
from registry.domain.roles import ROLE_WORDS, Role
from registry.domain.told import action_words, state_words

# What the outcomes of a kind of stage need.
_TO_LEAVE: Mapping[StageKind, tuple[Guard, ...]] = {
    StageKind.REVIEW: (Guard.OPINION_GIVEN,),
    StageKind.INQUIRY: (Guard.ALL_ANSWERED,),
    StageKind.INSPECTION: (Guard.RESULTS_IN,),
    StageKind.AUDIT: (Guard.RESULTS_IN,),
    StageKind.PUBLICITY: (Guard.PUBLICITY_OVER, Guard.PUBLICITY_CERTAIN),
    StageKind.DECISION: (Guard.OPINION_GIVEN,),
    StageKind.OUTSIDE: (Guard.SOURCE_GIVEN,),
}


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that somebody may do with a case in a state.

    Attributes:
        level: on whose behalf the role acts.
        to: the state after; the same one where work is added and the case stays.
        guards: what must be there, in the order in which it is asked for.
        decides: the level whose decision on the case this is; None where it decides nothing for good.
    """

    state: State
    action: str
    role: Role
    level: Level
    to: State
    guards: tuple[Guard, ...] = ()
    decides: Level | None = None

    @property
    def stays(self) -> bool:
        """Say whether the case stays where it is."""
        return self.to == self.state

    def needs(self, kind: str) -> tuple[Guard, ...]:
        """Return what must be there for a kind of case."""
        return tuple(one for one in self.guards if kind == "re_review" or one not in RE_REVIEW_ONLY)


def moves(procedure: Procedure) -> frozenset[Move]:
    """Return the table of moves of a procedure."""
    return frozenset(table(procedure))


@lru_cache(maxsize=64)
def table(procedure: Procedure) -> tuple[Move, ...]:
    """Return the table of moves in the order of the procedure."""
    return tuple(_moves(procedure))


@lru_cache(maxsize=64)
def states(procedure: Procedure) -> tuple[State, ...]:
    """Return every state that a case of a procedure can be in, in the order of its course."""
    found = dict.fromkeys(one.state for one in table(procedure))
    ends = {one.to for one in table(procedure) if one.to.is_over}
    order = list(Ending)
    return (*found, *sorted(ends, key=lambda state: order.index(Ending(state.at))))


def allowed(procedure: Procedure, state: State, role: Role | None = None) -> tuple[Move, ...]:
    """Return what may be done in a state, by everybody or by one role."""
    return tuple(one for one in table(procedure) if one.state == state and role in (None, one.role))


def find_move(procedure: Procedure, state: State, action: str, role: Role) -> Move:
    """Return the move that an action is; what it needs is for the caller to find out before he makes it.

    Raises:
        MoveNotAllowed: the table does not hold it; says what may be done now, and by whom.
    """
    for one in allowed(procedure, state, role):
        if one.action == action:
            return one
    raise MoveNotAllowed(_refusal(procedure, state, action, role))


def move(procedure: Procedure, state: State, action: str, role: Role) -> State:
    """Return the state after an action.

    Raises:
        MoveNotAllowed: as `find_move`.
    """
    return find_move(procedure, state, action, role).to


def next_round(number: int, action: str) -> int:
    """Return the round after an action: a case returned and submitted again is in its next."""
    return number + (action == Action.RESUBMIT)


def leaders_at(procedure: Procedure, state: State) -> tuple[Role, ...]:
    """Return the roles whose office has a case at its desk; none of a draft or a closed one.

    A case that was returned stays at the desk of whoever returned it, though the firm is at work.
    """
    if state == SUBMITTED:
        return procedure.stages[0].leaders
    return procedure.stage(state.at).leaders if state.phase in (Phase.STAGE, Phase.RETURNED) else ()


def open_parts(state: State, parts: frozenset[str], returned: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return the parts of an application that may be changed: all of a draft, of a returned one what was returned."""
    if state == DRAFT:
        return parts
    return parts & returned if state.phase is Phase.RETURNED else frozenset()


def ban_ends_on(procedure: Procedure, revoked_on: date) -> date | None:
    """Return the last day on which a firm may not apply after a revocation; None where there is no ban."""
    if procedure.ban_years is None:
        return None
    return add_years(revoked_on, procedure.ban_years) - timedelta(days=1)


def _moves(procedure: Procedure) -> Iterator[Move]:
    first = procedure.stages[0]
    yield from _by_filer(procedure, DRAFT, Action.SAVE, DRAFT)
    yield from _by_filer(procedure, DRAFT, Action.SUBMIT, SUBMITTED, _to_submit(procedure))
    yield from _by_filer(procedure, DRAFT, Action.WITHDRAW, WITHDRAWN)
    for role in first.leaders:
        yield Move(SUBMITTED, Action.TAKE_UP, role, first.desk, State(Phase.STAGE, first.key))
    yield from _by_filer(procedure, SUBMITTED, Action.WITHDRAW, WITHDRAWN)
    for stage in procedure.stages:
        here = State(Phase.STAGE, stage.key)
        yield from _work(stage, here)
        for outcome in stage.outcomes:
            yield from _outcome(procedure, stage, outcome, here)
        yield from _by_filer(procedure, here, Action.WITHDRAW, WITHDRAWN)
        if any(outcome.to == RETURNED for outcome in stage.outcomes):
            yield from _returned(procedure, stage, here)


def _returned(procedure: Procedure, stage: Stage, here: State) -> Iterator[Move]:
    back = State(Phase.RETURNED, stage.key)
    yield from _by_filer(procedure, back, Action.SAVE, back, (Guard.ONLY_RETURNED_CHANGED,))
    again = (Guard.DECLARATION_SIGNED, Guard.ONLY_RETURNED_CHANGED)
    yield from _by_filer(procedure, back, Action.RESUBMIT, here, again)
    yield from _by_filer(procedure, back, Action.WITHDRAW, WITHDRAWN)
    for role in stage.leaders:
        yield Move(back, Action.LAPSE, role, stage.desk, LAPSED, (Guard.CORRECTION_OVERDUE,))


def _by_filer(
    procedure: Procedure, state: State, action: Action, to: State, guards: tuple[Guard, ...] = ()
) -> Iterator[Move]:
    for role in procedure.filed_by:
        if role is Role.APPLICANT:
            yield Move(state, action, role, Level.FIRM, to, guards)
        else:
            yield Move(state, action, role, Level.DISTRICT, to, (Guard.OWN_FILING, *guards))


def _to_submit(procedure: Procedure) -> tuple[Guard, ...]:
    guards = [Guard.DECLARATION_SIGNED, Guard.WINDOW_OPEN]
    if procedure.ban_years is not None:
        guards.append(Guard.NO_BAN)
    if procedure.filing("re_review"):
        guards += [Guard.HOLDS_TITLE, Guard.UPDATES_MADE]
    return tuple(guards)


def _work(stage: Stage, here: State) -> Iterator[Move]:
    """Yield what is done at a stage without leaving it."""
    workers = [(role, stage.level) for role in stage.roles]
    leaders = [(role, stage.desk) for role in stage.leaders]
    drawn = (Guard.NOT_SAMPLED_BEFORE,) if stage.sample and stage.sample.never_after else ()
    done: list[tuple[Action, list[tuple[Role, Level]], tuple[Guard, ...]]] = []
    if stage.inspects:
        done = [(Action.INSPECT, workers, ())]
    elif stage.kind is StageKind.INQUIRY:
        done = [(Action.ASK, leaders, ()), (Action.ANSWER, workers, (Guard.ONE_ANSWER_EACH,))]
    elif stage.kind in (StageKind.INSPECTION, StageKind.AUDIT):
        done = [(Action.DRAW, leaders, drawn), (Action.REPORT, workers, (Guard.DRAWN,))]
    elif stage.kind is StageKind.PUBLICITY:
        done = [(Action.OBJECT, leaders, (Guard.REAL_NAME_GIVEN,)), (Action.REPLY, leaders, (Guard.OPINION_GIVEN,))]
    for action, who, guards in done:
        for role, level in who:
            yield Move(here, action, role, level, here, guards)


def _outcome(procedure: Procedure, stage: Stage, outcome: Outcome, here: State) -> Iterator[Move]:
    guards, decides = list(_TO_LEAVE[stage.kind]), None
    if stage.publicity and stage.publicity.objections_answered_first:
        guards.append(Guard.OBJECTIONS_ANSWERED)
    guards += _of_what_was_found(stage, outcome)
    if outcome.to == RETURNED:
        to = State(Phase.RETURNED, stage.key)
    elif outcome.to in DECIDED_ENDINGS:
        to, decides = State(Phase.ENDED, outcome.to), stage.desk
        if outcome.to == Ending.REFUSED and stage.kind is not StageKind.OUTSIDE:
            guards.append(Guard.OPINION_GIVEN)
        # What was decided outside is a fact and is recorded as it is, ban or not.
        elif stage.kind is StageKind.DECISION:
            # Nobody is recognised but by a document, and none against whom an objection was upheld.
            guards += [Guard.SOURCE_GIVEN, Guard.NONE_UPHELD]
            guards += [Guard.NO_BAN] if procedure.ban_years is not None else []
    else:
        to = State(Phase.STAGE, outcome.to)
        # A level has decided when the case leaves its hands; until then it has only come further.
        decides = stage.desk if procedure.stage(outcome.to).desk is not stage.desk else None
    for role in stage.leaders:
        by_another = (Guard.FILED_BY_ANOTHER,) if role in procedure.filed_by else ()
        yield Move(here, outcome.key, role, stage.desk, to, tuple(dict.fromkeys((*by_another, *guards))), decides)


def _of_what_was_found(stage: Stage, outcome: Outcome) -> tuple[Guard, ...]:
    """Return what an outcome needs of answers and objections, where the stage itself can refuse for them."""
    if not any(one.to in DECIDED_ENDINGS for one in stage.outcomes):
        return ()
    is_end = outcome.to in DECIDED_ENDINGS
    if stage.kind is StageKind.INQUIRY:
        return (Guard.ADVERSE_GIVEN,) if is_end else (Guard.ADVERSE_WEIGHED,)
    if stage.kind is StageKind.PUBLICITY:
        return (Guard.ONE_UPHELD,) if is_end else (Guard.NONE_UPHELD,)
    return ()


def _refusal(procedure: Procedure, state: State, action: str, role: Role) -> str:
    where, asked, who = state_words(procedure, state), action_words(procedure, state, action), ROLE_WORDS[role]
    if state.is_over:
        return f"本案{where[0]}，不再流转 (the case is closed – {where[1]}: nothing follows)"
    by_role: dict[Role, list[Words]] = {}
    for one in allowed(procedure, state):
        by_role.setdefault(one.role, []).append(action_words(procedure, state, one.action))
    chinese = "；".join(
        f"{ROLE_WORDS[one][0]}：{''.join(f'“{word[0]}”' for word in words)}" for one, words in by_role.items()
    )
    english = "; ".join(
        f"{ROLE_WORDS[one][1]}: {', '.join(f'“{word[1]}”' for word in words)}" for one, words in by_role.items()
    )
    return (
        f"本案现处于“{where[0]}”，{who[0]}不能“{asked[0]}”；现在可以：{chinese} "
        f"(the case is at “{where[1]}”; {who[1]} may not “{asked[1]}”. Now possible – {english})"
    )
