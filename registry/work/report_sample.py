"""Enters what was found of a case that was drawn: by the auditor it was given to, or by the bureau that looked itself.

Once for a case; what was found decides nothing by itself. Flushes, never commits.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.case_states import Action, Phase
from registry.domain.errors import MoveNotAllowed, Refused
from registry.domain.roles import Role
from registry.domain.trail import Tag
from registry.store.cases import Application
from registry.store.examinations import RESULTS, SampleMember
from registry.work.case_bars import state_of
from registry.work.case_findings import sample_of
from registry.work.case_guards import LONGEST_OPINION, Given
from registry.work.move_case import make_move
from registry.work.post import Post
from registry.work.trace import record

RESULT_WORDS: Mapping[str, tuple[str, str]] = {
    "clear": ("未发现问题", "Nothing found against it"),
    "adverse": ("发现问题", "Problems found"),
}


def report_sample(
    session: Session,
    actor: Actor,
    seats: Iterable[Seat],
    case: Application,
    *,
    result: str,
    finding: str,
    now: datetime,
    post: Post | None = None,
) -> SampleMember:
    """Enter the result of a case that was drawn.

    Raises:
        Refused: at `result` or `finding`.
        MoveNotAllowed: the case was not drawn, is not the auditor's, its result is in, or it is elsewhere by now.
        Barred: the actor may not work on this case.
    """
    words = finding.strip()
    if result not in RESULTS:
        raise Refused.at("result", "请选择结果：未发现问题，或发现问题 (choose: nothing found, or problems found)")
    if not words:
        raise Refused.at("finding", "请写明检查情况：查了什么、怎样查、结论依据 (say what was looked at and found)")
    if len(words) > LONGEST_OPINION:
        raise Refused.at("finding", f"检查情况不超过 {LONGEST_OPINION} 字 (at most {LONGEST_OPINION} characters)")
    state = state_of(case)
    member = sample_of(session, case.id, state.at) if state.phase is Phase.STAGE else None
    if member is None or not member.is_drawn:
        raise MoveNotAllowed("本案现在没有待录入的抽查结果 (no result is awaited for this case now)")
    if member.result is not None:
        raise MoveNotAllowed("本案的结果已经录入，不能重复录入 (the result is in already)")
    # An auditor's seat reaches every case; which ones it was given, the draw says.
    acting = [one for one in seats if one.role is not Role.AUDITOR or one.office_id == member.auditor_id]
    if not acting:
        raise MoveNotAllowed("本案没有委托您的机构审计 (your firm was not given this audit)")
    given = Given(opinion=words, details={"result": result})
    step = make_move(session, actor, acting, case, Action.REPORT, given, now=now, post=post)
    seat = next(one for one in actor.seats if one.id == step.seat_id)
    member.result, member.finding = result, words
    member.reported_at, member.reported_by = now, actor.person_id
    session.flush()
    told = {"draw": member.draw_id, "result": result, "finding": words}
    record(session, Tag.SAMPLE_REPORTED, actor.doer(seat), now=now, subject=f"application:{case.id}", after=told)
    return member
