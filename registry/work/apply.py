"""A firm's application: begun, filled in as one goes, submitted with a declaration, corrected, withdrawn.

What is typed stays in the draft; what is submitted is frozen as a round, with the books' titles, the evidence on file
and the verdict of that moment. The rules and the procedure are those of the day of the first submission, for good.
Flushes, never commits.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.case_states import DRAFT, Action, Phase
from registry.domain.casework import find_move
from registry.domain.codes import KIND_WORDS, LADDER, TIER_WORDS
from registry.domain.errors import Fault, MoveNotAllowed, Refused
from registry.domain.firm_text import firm_text
from registry.domain.firms import Firm as StatedFirm
from registry.domain.roles import Role
from registry.domain.trail import Tag
from registry.policy import DEFAULTS, Options, choose
from registry.policy.procedures import procedure
from registry.rules.case import sheet_of
from registry.rules.explain import explain
from registry.store.cases import Application, ApplicationRound, CaseStep
from registry.store.firms import Firm
from registry.store.papers import Profile
from registry.work.apply_facts import canonical_list, evidence_on_file, facts_submitted
from registry.work.case_bars import procedure_of, seats_at, state_of
from registry.work.case_guards import (
    Given,
    answers_changed,
    is_open_for,
    parts_returned,
    title_held,
    windows_of,
)
from registry.work.judge_case import keep_verdict, told_shortly, without_claims
from registry.work.move_case import make_move
from registry.work.post import Post
from registry.work.trace import record

LONGEST_ANSWER = 2_000
MOST_ANSWERS = 500
_PREFIX = {"innovative": "CX", "specialized": "ZT", "little_giant": "XJ", "above_scale": "GS"}

Answers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Submission:
    """What a firm submits.

    Attributes:
        firm: as read from the answers; the books' titles are joined here.
        signed_as: the name under the declaration of truth.
    """

    firm: StatedFirm
    signed_as: str
    version: int | None = None


def open_application(
    session: Session, actor: Actor, seats: Iterable[Seat], firm: Firm, *, tier: str, kind: str, now: datetime
) -> Application:
    """Begin an application; the firm's own information is carried into it.

    Raises:
        Refused: at `tier` or `kind`: unknown, or this tier knows no such case.
        MoveNotAllowed: one of this tier is under way; says which.
    """
    if tier not in TIER_WORDS or kind not in KIND_WORDS:
        raise Refused.at("tier" if tier not in TIER_WORDS else "kind", "请从列出的选项中选择 (choose one of the list)")
    handled = procedure(tier, now.date())
    if handled.filing(kind) is None:
        raise Refused.at("kind", f"{TIER_WORDS[tier]}不办理复核 (this tier knows no re-review)")
    seat = next((one for one in seats if one in actor.seats and one.role in handled.filed_by), None)
    if seat is None or actor.person_id is None:
        raise MoveNotAllowed("您不能填报这一类申报 (your seat does not file such applications)")
    if firm.district is None:
        raise MoveNotAllowed(
            "库中没有这家企业的所在区市，请先联系区市主管部门登记 (its district is unknown: ask the bureau first)"
        )
    # Else a re-review, and the yearly updates that it asks for, could be got round [D].
    if kind == "new" and tier in LADDER and title_held(session, firm.id, tier, now.date()) is not None:
        raise MoveNotAllowed(
            f"已持有有效的{TIER_WORDS[tier]}称号，到期前请申报复核 (the title is held already: apply for its re-review)"
        )
    under_way = application_under_way(session, firm.id, tier)
    if under_way is not None:
        raise MoveNotAllowed(
            f"已有一份{TIER_WORDS[tier]}申报在办理中（{under_way.reference or '草稿'}），请继续办理 "
            f"(an application of this tier is under way: {under_way.reference or 'a draft'})"
        )
    profile = session.get(Profile, firm.id)
    case = Application(
        firm_id=firm.id,
        uscc=firm.uscc,
        firm_name=firm.name,
        district=firm.district,
        tier=tier,
        kind=kind,
        state=str(DRAFT),
        round=1,
        version=0,
        answers=profile.answers if profile and seat.role is Role.APPLICANT else "{}",
        filed_by=actor.person_id,
        filed_role=seat.role,
        opened_at=now,
        saved_at=now,
        entered_at=now,
        due_is_provisional=False,
    )
    session.add(case)
    session.flush()
    told = {"tier": tier, "kind": kind, "firm": firm.uscc}
    record(session, Tag.CASE_OPENED, actor.doer(seat), now=now, subject=f"application:{case.id}", after=told)
    return case


def application_under_way(session: Session, firm_id: int, tier: str) -> Application | None:
    """Return the case of a tier that a firm has under way."""
    query = select(Application).where(
        Application.firm_id == firm_id, Application.tier == tier, Application.closed_at.is_(None)
    )
    return session.scalars(query).one_or_none()


def save_answers(
    session: Session, actor: Actor, seats: Iterable[Seat], case: Application, changes: Answers, *, now: datetime
) -> set[str]:
    """Keep what was typed on one page of a draft or a correction; blank ones are forgotten. Return what changed.

    Raises:
        MoveNotAllowed: the case is not to be filled in now, or the part was not returned.
        Refused: an answer that is too long.
    """
    seat = _filer(case, actor, seats)
    find_move(procedure_of(case), state_of(case), Action.SAVE, seat.role)
    _refuse_long(changes)
    before: dict[str, str] = json.loads(case.answers)
    after = {**before, **changes}
    after = {name: text for name, text in after.items() if text.strip()}
    changed = {name for name in before.keys() | after.keys() if before.get(name, "") != after.get(name, "")}
    if state_of(case).phase is Phase.RETURNED:
        returned = parts_returned(session, case)
        strange = sorted(name for name in changed if not is_open_for(name, returned))
        if strange:
            listed = "、".join(strange[:5])
            raise MoveNotAllowed(f"以下内容未被退回，不能修改：{listed} (these were not returned and stay as they are)")
    if len(after) > MOST_ANSWERS:
        raise Refused.at("", "填报内容过多 (too many answers)")
    if changed:
        case.answers = canonical(after)
        case.saved_at = now
        subject = f"application:{case.id}"
        record(session, Tag.CASE_SAVED, actor.doer(seat), now=now, subject=subject, after={"fields": sorted(changed)})
        session.flush()
    return changed


def canonical(answers: Answers) -> str:
    """Return answers as the text that is kept."""
    return json.dumps(dict(answers), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def submit(
    session: Session,
    actor: Actor,
    seats: Iterable[Seat],
    case: Application,
    submission: Submission,
    *,
    now: datetime,
    options: Options = DEFAULTS,
    post: Post | None = None,
) -> CaseStep:
    """Submit a draft, or a correction again: freeze what is typed, and move the case.

    Raises:
        MoveNotAllowed: not a draft or correction, the window is closed, a ban binds, something was changed that was
            not returned, the declaration is not signed.
        Refused: no rule set applies to such a case on this day.
    """
    first = case.submitted_on is None
    firm = session.get_one(Firm, case.firm_id)
    stated, incomplete = facts_submitted(session, firm, submission.firm, now.date())
    if first:
        on = now.date()
        chosen = choose(case.tier, case.kind, on, options)
        handled = procedure(case.tier, on)
        window = next(
            (one for one in windows_of(session, case.tier, case.kind) if one.opens_on <= on <= one.closes_on), None
        )
        fixed: dict[str, Any] = {
            "reference": f"{_PREFIX[case.tier]}{on.year}{case.id:07}",
            "rule_set_id": chosen.rule_set.id,
            "rule_set_digest": chosen.rule_set.digest,
            "procedure_id": handled.id,
            "procedure_digest": handled.digest,
            "submitted_on": on,
            "window_id": window.id if window else None,
        }
    else:
        on = case.submitted_on or now.date()
        chosen = choose(case.tier, case.kind, on, options)
        fixed = {}
    verdict, low, high = told_shortly(explain(chosen.rule_set, sheet_of(without_claims(stated), on, incomplete)))
    action = Action.SUBMIT if first else Action.RESUBMIT
    changed = sorted(answers_changed(session, case)) if not first else []
    step = make_move(
        session,
        actor,
        seats,
        case,
        action,
        Given(
            signed_as=submission.signed_as,
            version=submission.version,
            details={"signed_as": submission.signed_as.strip(), "verdict": verdict, "changed": changed},
        ),
        now=now,
        post=post,
        fixed={**fixed, "firm_name": firm.name},
    )
    session.add(
        ApplicationRound(
            application_id=case.id,
            round=case.round,
            answers=case.answers,
            firm=firm_text(stated),
            incomplete=json.dumps(sorted(incomplete)),
            evidence=canonical_list(evidence_on_file(session, case.firm_id)),
            verdict=verdict,
            score_low=low,
            score_high=high,
            signed_as=submission.signed_as.strip(),
            person_id=actor.person_id,
            submitted_at=now,
        )
    )
    session.flush()
    keep_verdict(session, case, options)
    if case.filed_role == Role.APPLICANT:
        _carry_over(session, case, actor, now)
    return step


def withdraw(
    session: Session,
    actor: Actor,
    seats: Iterable[Seat],
    case: Application,
    *,
    reason: str = "",
    version: int | None = None,
    now: datetime,
    post: Post | None = None,
) -> CaseStep:
    """Take an application back; a draft is thrown away.

    Raises:
        MoveNotAllowed: it is decided, or closed.
    """
    given = Given(opinion=reason, version=version)
    return make_move(session, actor, seats, case, Action.WITHDRAW, given, now=now, post=post)


def _carry_over(session: Session, case: Application, actor: Actor, now: datetime) -> None:
    """Keep what was submitted as the firm's own information, from which its next application begins."""
    profile = session.get(Profile, case.firm_id)
    if profile is None:
        profile = Profile(firm_id=case.firm_id, answers="{}", version=0, saved_at=now, saved_by="")
        session.add(profile)
    if profile.answers != case.answers:
        profile.answers, profile.version = case.answers, profile.version + 1
        profile.saved_at, profile.saved_by = now, actor.doer().signature
    session.flush()


def _filer(case: Application, actor: Actor, seats: Iterable[Seat]) -> Seat:
    filed_as = Role(case.filed_role)
    for one in seats:
        if one in actor.seats and one.role is filed_as and seats_at(case, one):
            return one
    raise MoveNotAllowed("这份申报由他方填报，您不能修改 (the other side filed it: you may not change it)")


def _refuse_long(changes: Answers) -> None:
    faults = [
        Fault(name[:100], f"请填写不超过 {LONGEST_ANSWER} 个字符 (at most {LONGEST_ANSWER} characters)")
        for name, text in changes.items()
        if len(text) > LONGEST_ANSWER or len(name) > 100
    ]
    if faults:
        raise Refused(faults)
