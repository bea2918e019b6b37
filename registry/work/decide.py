"""Takes a decision on a case of any kind: the one place where conflicts of interest are enforced. Never commits.

Whatever page, command or API asks for a decision, it is taken here or not at all; a decision is a row that nothing
changes, once for a case and a level.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import cache

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from registry.domain.actors import Actor, Seat
from registry.domain.case_states import Action, Phase, State
from registry.domain.conflicts import Decided, Tie, TieKind, ToDecide, bar
from registry.domain.errors import Barred, MoveNotAllowed
from registry.domain.procedure import Ending, StageKind
from registry.domain.trail import Tag
from registry.policy.procedures import procedures
from registry.store.cases import Application, CaseStep
from registry.store.decisions import LEVELS, Decision, GroupMember, TieRow
from registry.work.trace import record

# Steps that take no stand on the firm; a visit and its result do, and so does every outcome of a stage.
_NO_OUTCOMES = (
    "assign",
    "remind",
    "publicise",
    *(one for one in Action if one not in (Action.INSPECT, Action.REPORT, Action.REPLY)),
)


def ties_to(session: Session, person_id: int, uscc: str) -> list[Tie]:
    """Return the ties of a person to a firm, its own first, then those to other firms of its group."""
    mine, other = aliased(GroupMember), aliased(GroupMember)
    group = select(other.uscc).join(mine, mine.group_name == other.group_name).where(mine.uscc == uscc)
    query = select(TieRow).where(
        TieRow.person_id == person_id,
        TieRow.withdrawn_at.is_(None),
        or_(TieRow.uscc == uscc, TieRow.uscc.in_(group)),
    )
    rows = session.scalars(query.order_by(TieRow.id))
    ties = [Tie(TieKind(row.kind), uscc, row.ended_on, None if row.uscc == uscc else row.uscc) for row in rows]
    return sorted(ties, key=lambda tie: tie.through is not None)


def decisions_of(session: Session, person_id: int, case: ToDecide) -> list[Decided]:
    """Return what a person decided of this case, or of this firm before; also outcomes that decided nothing for good.

    Who returned a case, or passed it on within his office, examined it as much as who decided it.
    """
    query = select(Decision).where(
        Decision.person_id == person_id,
        or_(
            (Decision.matter == case.matter[0]) & (Decision.matter_id == case.matter[1]),
            Decision.uscc == case.uscc,
        ),
    )
    recognising = {action for _state, action in _by_list()}
    decided = [
        Decided(
            (row.matter, row.matter_id),
            row.level,
            row.uscc,
            is_review=row.kind in ("new", "re_review") and row.outcome not in recognising,
        )
        for row in session.scalars(query.order_by(Decision.id))
    ]
    # By the cases of the firm, which are few; what a person did in all his years is much.
    steps = (
        select(CaseStep.application_id, CaseStep.level, CaseStep.from_state, CaseStep.action)
        .where(
            CaseStep.person_id == person_id,
            CaseStep.application_id.in_(select(Application.id).where(Application.uscc == case.uscc)),
            CaseStep.level.in_(LEVELS),
            CaseStep.action.not_in(_NO_OUTCOMES),
        )
        .distinct()
    )
    return decided + [
        Decided(("application", number), str(level), case.uscc, is_review=(state, action) not in _by_list())
        for number, level, state, action in session.execute(steps.order_by(CaseStep.application_id))
    ]


@cache
def _by_list() -> frozenset[tuple[str, str]]:
    """Return the outcomes, each with its state, by which whole lists are recognised.

    [D] Who signed the announcement of a list took no stand of his own on a firm that the review before had passed: he
    is not barred from its re-review. At two levels of one case it still counts, as does every refusal.
    """
    return frozenset(
        (str(State(Phase.STAGE, stage.key)), outcome.key)
        for one in procedures()
        for stage in one.stages
        if stage.kind is StageKind.DECISION
        for outcome in stage.outcomes
        if outcome.to == Ending.RECOGNISED
    )


def bar_for(session: Session, actor: Actor, case: ToDecide, now: datetime) -> str | None:
    """Say why an actor may not decide a case, in both languages; None when nothing stands against it.

    Args:
        now: in the zone of the office: its day decides which ties still bind.
    """
    if actor.person_id is None:
        return "只有登录的人可以作出决定 (only a person who signed in decides)"
    ties = ties_to(session, actor.person_id, case.uscc)
    return bar(case, now.date(), ties, decisions_of(session, actor.person_id, case))


def tie_against(session: Session, actor: Actor, uscc: str, now: datetime) -> str | None:
    """Say why somebody tied to a firm may not learn who spoke against it, in both languages; None when he may."""
    return bar_for(session, actor, ToDecide(("", 0), "", uscc), now)


def decide(
    session: Session,
    actor: Actor,
    seats: Iterable[Seat],
    case: ToDecide,
    *,
    kind: str,
    outcome: str,
    reason: str = "",
    now: datetime,
) -> Decision:
    """Take a decision in the first of the seats in which the actor may.

    Args:
        seats: those whose reach covers the case; the caller found them by the scoped query. What is not a seat of the
            actor is passed over.
        kind: what kind of case it is, one of `registry.store.decisions.CASE_KINDS`.
        now: in the zone of the office.

    Raises:
        Barred: the actor may not decide this case.
        MoveNotAllowed: the case was decided at this level; says by whom.
    """
    seat = next((one for one in seats if one in actor.seats), None)
    if seat is None:
        raise Barred("您没有办理本案的席位 (none of your seats covers this case)")
    against = bar_for(session, actor, case, now)
    if against:
        raise Barred(against)
    return enter_decision(session, actor, seat, case, kind=kind, outcome=outcome, reason=reason, now=now)


def enter_decision(
    session: Session,
    actor: Actor,
    seat: Seat,
    case: ToDecide,
    *,
    kind: str,
    outcome: str,
    reason: str = "",
    now: datetime,
) -> Decision:
    """Take a decision from which the caller, in this transaction, found the actor not to be barred (`bar_for`).

    Raises:
        MoveNotAllowed: the case was decided at this level.
    """
    matter, number = case.matter
    before = session.scalar(
        select(Decision).where(Decision.matter == matter, Decision.matter_id == number, Decision.level == case.level)
    )
    if before is not None:
        raise MoveNotAllowed("本案已有决定，请刷新页面查看 (it has been decided: reload the page)")
    decision = Decision(
        matter=matter,
        matter_id=number,
        level=case.level,
        kind=kind,
        uscc=case.uscc,
        person_id=actor.person_id,
        seat_id=seat.id,
        outcome=outcome,
        reason=reason,
        decided_at=now,
    )
    session.add(decision)
    session.flush()
    told = {"matter": matter, "level": case.level, "outcome": outcome, "reason": reason, "firm": case.uscc}
    record(session, Tag.DECISION_MADE, actor.doer(seat), now=now, subject=f"{matter}:{number}", after=told)
    return decision


def note_bar(session: Session, actor: Actor, subject: str, why: str, now: datetime) -> None:
    """Trace that a decision was refused to somebody; in a transaction of its own, since his was undone."""
    record(session, Tag.DECISION_BARRED, actor.doer(), now=now, subject=subject, after={"why": why})
