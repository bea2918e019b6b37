"""Which states of the procedures make a desk: where somebody has a move to make, and what is returned, public, over.

Worked out once from the tables of moves; asks the database nothing by itself.
"""

from collections.abc import Callable, Mapping
from functools import cache

from sqlalchemy import ColumnElement, and_, false, or_, select

from registry.domain.actors import Seat
from registry.domain.case_states import DRAFT, Guard, Phase, State
from registry.domain.casework import allowed, states
from registry.domain.procedure import Level, Procedure, StageKind
from registry.domain.roles import Role
from registry.policy.procedures import procedures
from registry.store.cases import Application
from registry.store.examinations import Inquiry, SampleMember

# States by the procedure in which they are meant.
States = Mapping[str, frozenset[str]]


@cache
def under_way() -> States:
    """Return the states of cases that were submitted and have not ended."""
    return states_where(lambda _procedure, state: not state.is_over and state != DRAFT)


@cache
def returned() -> States:
    """Return the states in which the firm corrects a case."""
    return states_where(lambda _procedure, state: state.phase is Phase.RETURNED)


@cache
def public() -> States:
    """Return the states in which a case is being made public."""
    return states_where(lambda procedure, state: is_publicity(procedure, str(state)))


@cache
def over() -> States:
    """Return the states of cases that have ended."""
    return states_where(lambda _procedure, state: state.is_over)


def states_where(wanted: Callable[[Procedure, State], bool]) -> States:
    """Return the states of every procedure that fit."""
    return {one.id: frozenset(str(state) for state in states(one) if wanted(one, state)) for one in procedures()}


@cache
def is_publicity(procedure: Procedure, state: str) -> bool:
    """Say whether a case in a state is being made public."""
    found = State.parse(state)
    return found.phase is Phase.STAGE and procedure.stage(found.at).kind is StageKind.PUBLICITY


def in_states(wanted: States) -> ColumnElement[bool]:
    """Return the condition that a case is in one of some states of its procedure.

    Procedures share most words, so the states themselves are asked for, which an index finds; where a word means
    something else in another procedure, that one is taken out.
    """
    return _in_states(frozenset(wanted.items()))


@cache
def _in_states(told: frozenset[tuple[str, frozenset[str]]]) -> ColumnElement[bool]:
    wanted = dict(told)
    words = frozenset[str]().union(*wanted.values())
    if not words:
        return false()
    found: list[ColumnElement[bool]] = [Application.state.in_(sorted(words))]
    for one in procedures():
        others = ({str(state) for state in states(one)} & words) - wanted.get(one.id, frozenset())
        if others:
            found.append(or_(Application.procedure_id != one.id, Application.state.not_in(sorted(others))))
    return and_(*found)


@cache
def desk_states(role: Role) -> States:
    """Return the states in which a role has something to do, by procedure; what is returned or public stands apart.

    Who filed a case for the firm may take it back anywhere, which puts it on nobody's desk.
    """

    def is_at_work(procedure: Procedure, state: State) -> bool:
        if state.phase not in (Phase.SUBMITTED, Phase.STAGE) or is_publicity(procedure, str(state)):
            return False
        moves = allowed(procedure, state, role)
        return any(one.level is not Level.FIRM and Guard.OWN_FILING not in one.guards for one in moves)

    return states_where(is_at_work)


def at_desk(seats: tuple[Seat, ...]) -> ColumnElement[bool]:
    """Return the condition that a case waits for the office of one of some seats."""
    found: list[ColumnElement[bool]] = []
    for seat in seats:
        states_here = desk_states(seat.role)
        if not any(states_here.values()):
            continue
        here = in_states(states_here)
        if seat.role is Role.DISTRICT_REVIEWER:
            here = and_(here, Application.district == seat.district)
        elif seat.role is Role.DEPARTMENT_OFFICER:
            asked = select(Inquiry.application_id).where(Inquiry.department == seat.department)
            here = and_(here, Application.id.in_(asked.where(Inquiry.answer.is_(None))))
        elif seat.role is Role.AUDITOR:
            given = select(SampleMember.application_id).where(SampleMember.auditor_id == seat.office_id)
            here = and_(here, Application.id.in_(given.where(SampleMember.is_drawn, SampleMember.result.is_(None))))
        found.append(here)
    return or_(*found) if found else false()
