"""Draws the sample of a stage, city-wide and by lot, and gives what was drawn to an auditor. Flushes, never commits.

Every case at the stage that was in no draw there takes part; whoever the level below sampled stands on the list and is
never drawn. Seed, list and outcome stay on record: `drawn_again` draws from the record alone.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from secrets import token_hex

from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.case_states import Action, Phase, State
from registry.domain.codes import TIERS
from registry.domain.errors import Barred, MoveNotAllowed, NotFound, Refused
from registry.domain.procedure import Sample, Stage, StageKind
from registry.domain.roles import OfficeKind, Role
from registry.domain.sampling import digest, draw
from registry.domain.trail import Tag
from registry.policy.procedures import procedure
from registry.store.cases import Application
from registry.store.examination_lists import (
    MemberLine,
    cases_to_draw_from,
    count_to_draw_from,
    members_of,
    sampled_at,
)
from registry.store.examinations import SampleDraw, SampleMember
from registry.store.offices import OfficeRow
from registry.work.case_bars import bar_of
from registry.work.case_guards import Given
from registry.work.move_case import make_move
from registry.work.notify import people_of_office, tell, told_of_case
from registry.work.post import Post
from registry.work.publicise import told_of
from registry.work.trace import record

# One transaction moves every case of a draw.
MOST_CASES = 2_000


@dataclass(frozen=True, slots=True)
class Pool:
    """The cases of which a sample is to be drawn at a stage.

    Attributes:
        spared: the references of those that the level below sampled.
    """

    tier: str
    stage: Stage
    cases: tuple[Application, ...]
    spared: frozenset[str]

    @property
    def size(self) -> int:
        """Return how many are drawn: the share of all of them, at most those that are not spared [D]."""
        return min(sample_at(self.stage).size(len(self.cases)), len(self.cases) - len(self.spared))

    @property
    def references(self) -> tuple[str, ...]:
        """Return the list drawn from."""
        return tuple(_reference(case) for case in self.cases)


@dataclass(frozen=True, slots=True)
class DrawnAgain:
    """What came of drawing again from the record.

    Attributes:
        drawn: the references that the seed draws.
        is_same_list: the list has the digest on record.
        is_same_draw: it draws exactly those on record.
    """

    drawn: tuple[str, ...]
    is_same_list: bool
    is_same_draw: bool


def sampling_stages(on: date) -> list[tuple[str, Stage]]:
    """Return the stages at which samples are drawn, each with its tier, by the procedures in force on a day."""
    found = []
    for tier in TIERS:
        try:
            stages = procedure(tier, on).stages
        except Refused:
            continue
        found += [(tier, stage) for stage in stages if stage.sample is not None]
    return found


def sampling_stage(tier: str, key: str, on: date) -> Stage:
    """Return a stage at which samples are drawn.

    Raises:
        NotFound: there is none of that name.
    """
    for known, stage in sampling_stages(on):
        if (known, stage.key) == (tier, key):
            return stage
    raise NotFound("没有这样的抽样环节 (no sample is drawn at such a stage)")


def sample_at(stage: Stage) -> Sample:
    """Return how a stage samples; a stage that does not is a slip of the caller."""
    if stage.sample is None:
        raise LookupError(f"no sample is drawn at {stage.key}")
    return stage.sample


def pool_of(session: Session, tier: str, stage: Stage) -> Pool:
    """Return the cases of which a sample would be drawn now; at most MOST_CASES, by reference.

    Spared is who has a visit on record by a level that the procedure names, or was drawn by it, in this very case [D].
    """
    cases = cases_to_draw_from(session, tier, stage.key, str(State(Phase.STAGE, stage.key)), limit=MOST_CASES)
    below = sampled_at(session, [case.id for case in cases], sample_at(stage).never_after)
    return Pool(tier, stage, tuple(cases), frozenset(_reference(case) for case in cases if case.id in below))


def count_waiting(session: Session, tier: str, stage: Stage) -> int:
    """Count the cases at a stage that were in no draw there."""
    return count_to_draw_from(session, tier, stage.key, str(State(Phase.STAGE, stage.key)))


def draw_sample(
    session: Session,
    actor: Actor,
    seats: Sequence[Seat],
    *,
    tier: str,
    stage: str,
    seen: int | None = None,
    now: datetime,
    post: Post | None = None,
) -> SampleDraw:
    """Draw the sample of all cases that wait at a stage.

    Args:
        seen: how many the actor saw when he asked for it; None: however many.

    Raises:
        NotFound: no sample is drawn at such a stage.
        MoveNotAllowed: no case waits there, or there are more or fewer by now than were seen.
        Barred: none of the seats draws samples.
    """
    where = sampling_stage(tier, stage, now.date())
    pool = pool_of(session, tier, where)
    count = len(pool.cases)
    if not count:
        raise MoveNotAllowed("现在没有等待抽取的案件 (no case waits to be drawn)")
    if seen is not None and seen != count:
        raise MoveNotAllowed(
            f"等待抽取的案件由 {seen} 件变为 {count} 件，请重新核对 ({count} cases wait by now, not {seen}: look again)"
        )
    seat = next((one for one in seats if one in actor.seats and one.role in where.leaders), None)
    if seat is None:
        raise Barred("您没有抽取样本的席位 (none of your seats draws samples)")
    seed = token_hex(16)
    drawn = set(draw(pool.references, pool.spared, pool.size, seed))
    row = SampleDraw(
        tier=tier,
        stage=where.key,
        level=where.desk,
        share_percent=sample_at(where).share_percent,
        seed=seed,
        digest=digest(pool.references),
        drawn_at=now,
        drawn_by=actor.doer(seat).signature,
    )
    session.add(row)
    session.flush()
    for position, case in enumerate(pool.cases, 1):
        reference = _reference(case)
        is_drawn, is_spared = reference in drawn, reference in pool.spared
        details = {"draw": row.id, "is_drawn": is_drawn, "is_spared": is_spared}
        make_move(session, actor, [seat], case, Action.DRAW, Given(details=details), now=now, post=post)
        session.add(
            SampleMember(
                draw_id=row.id,
                application_id=case.id,
                position=position,
                is_spared=is_spared,
                is_drawn=is_drawn,
                finding="",
            )
        )
    session.flush()
    told = {"tier": tier, "stage": where.key, "cases": count, "spared": len(pool.spared), "drawn": sorted(drawn)}
    told |= {"seed": seed, "digest": row.digest}
    record(session, Tag.SAMPLE_DRAWN, actor.doer(seat), now=now, subject=f"sample_draw:{row.id}", after=told)
    return row


def drawn_again(row: SampleDraw, members: Sequence[MemberLine]) -> DrawnAgain:
    """Draw again from what is on record, and compare."""
    references = [_reference(one.case) for one in members]
    spared = frozenset(_reference(one.case) for one in members if one.member.is_spared)
    before = sorted(_reference(one.case) for one in members if one.member.is_drawn)
    size = Sample(row.share_percent).size(len(references))
    drawn = draw(references, spared, size, row.seed)
    return DrawnAgain(drawn, digest(references) == row.digest, list(drawn) == before)


def assign_auditor(
    session: Session,
    actor: Actor,
    seats: Sequence[Seat],
    row: SampleDraw,
    office: OfficeRow | None,
    case_ids: Collection[int],
    *,
    now: datetime,
    post: Post | None = None,
) -> list[SampleMember]:
    """Give drawn cases to a third-party auditor, and tell its people; return those that it got.

    Whose result is in stays with whoever reported it. One that another auditor has not reported on yet is passed on.

    Raises:
        Refused: at `office` or `case`.
        MoveNotAllowed: at this stage the office looks itself, or nothing of what was chosen is still to be given.
        Barred: none of the seats commissions audits, or the actor may not work on one of the cases.
    """
    where = sampling_stage(row.tier, row.stage, now.date())
    if where.kind is not StageKind.AUDIT:
        raise MoveNotAllowed("本环节由主管部门自行检查，不委托审计 (the bureau itself looks here: no auditor)")
    seat = next((one for one in seats if one in actor.seats and one.role in where.leaders), None)
    if seat is None:
        raise Barred("您没有委托审计的席位 (none of your seats commissions audits)")
    if office is None or office.kind != OfficeKind.AUDITOR or office.closed_at is not None:
        raise Refused.at("office", "请选择一家第三方审计机构 (choose a third-party auditor)")
    if not case_ids:
        raise Refused.at("case", "请至少选择一家被抽中的企业 (choose one of the drawn firms)")
    lines = {one.member.application_id: one for one in members_of(session, row.id) if one.member.is_drawn}
    open_ones = [
        lines[number]
        for number in sorted(set(case_ids))
        if number in lines
        and lines[number].member.result is None
        and lines[number].case.closed_at is None
        and lines[number].member.auditor_id != office.id
    ]
    if not open_ones:
        raise MoveNotAllowed("所选企业已委托该机构，或已有结果 (they have this auditor already, or their result is in)")
    for one in open_ones:
        # Who is tied to a firm does not choose who looks at it.
        against = bar_of(session, actor, one.case, where.desk, now)
        if against:
            raise Barred(told_of(one.case, against))
    before = {_reference(one.case): one.auditor.name for one in open_ones if one.auditor}
    for one in open_ones:
        one.member.auditor_id = office.id
    session.flush()
    told = {"office": office.name, "cases": [_reference(one.case) for one in open_ones]}
    subject = f"sample_draw:{row.id}"
    entry = record(
        session, Tag.SAMPLE_ASSIGNED, actor.doer(seat), now=now, subject=subject, before=before or None, after=told
    )
    is_one, first = len(open_ones) == 1, open_ones[0].case
    due = min((one.case.due_on for one in open_ones if one.case.due_on), default=None)
    tell(
        session,
        people_of_office(session, Role.AUDITOR, office_id=office.id),
        "audit",
        told_of_case(first) if is_one else {"count": len(open_ones), "due_on": due},
        once=f"audit:{row.id}:{entry}",
        address=f"/audits/{first.id}" if is_one else "/audits",
        application_id=first.id if is_one else None,
        now=now,
        post=post,
    )
    return [one.member for one in open_ones]


def _reference(case: Application) -> str:
    if case.reference is None:
        raise LookupError(f"case {case.id} stands at a stage and has no reference")
    return case.reference
