"""A firm's own information, kept page by page, and the self-assessments that it wants to keep. Flushes, never commits.

What is typed is kept as it was typed. A box that was left blank on purpose, though the register has a value for it, is
kept as blank: the firm does not say what the register says.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.errors import Fault, MoveNotAllowed, Refused
from registry.domain.firm_text import firm_text
from registry.domain.firms import Firm as StatedFirm
from registry.domain.trail import Tag
from registry.policy import DEFAULTS, Options, choose
from registry.rules.case import sheet_of
from registry.rules.explain import explain
from registry.store.firms import Firm
from registry.store.papers import Profile, SelfAssessment
from registry.work.apply import LONGEST_ANSWER, MOST_ANSWERS, canonical
from registry.work.judge_case import told_shortly
from registry.work.trace import record

STALE = (
    "企业信息刚被他人修改，您的修改未保存；请核对最新内容后再保存 "
    "(somebody else has just changed it, so yours was not saved: look at it and save again)"
)
# A year of keeping one a day, and it is enough.
MOST_KEPT = 400


@dataclass(frozen=True, slots=True)
class Answers:
    """What a firm has typed of itself so far; `version` is what a change has to name."""

    typed: Mapping[str, str]
    version: int
    saved_at: datetime | None = None
    saved_by: str = ""


def answers_kept(session: Session, firm_id: int) -> Answers:
    """Return what a firm typed; nothing, at version 0, of one that never did."""
    row = session.get(Profile, firm_id)
    if row is None:
        return Answers({}, 0)
    return Answers(json.loads(row.answers), row.version, row.saved_at, row.saved_by)


def save_profile(
    session: Session,
    actor: Actor,
    seat: Seat,
    firm: Firm,
    changes: Mapping[str, str | None],
    *,
    version: int,
    now: datetime,
) -> set[str]:
    """Keep what was typed on one page; return the names of the boxes that changed.

    Args:
        changes: by box; None forgets what was typed there, a blank text says that nothing is known.
        version: of what was looked at.

    Raises:
        Refused: an answer that is too long, or too many of them.
        MoveNotAllowed: somebody else changed it since it was looked at.
    """
    _refuse_long(changes)
    kept = answers_kept(session, firm.id)
    if kept.version != version:
        raise MoveNotAllowed(STALE)
    after = {name: text for name, text in {**kept.typed, **changes}.items() if text is not None}
    if len(after) > MOST_ANSWERS:
        raise Refused.at("", "填报内容过多 (too many answers)")
    changed = {name for name in kept.typed.keys() | after.keys() if kept.typed.get(name) != after.get(name)}
    if not changed:
        return changed
    values = {
        "answers": canonical(after),
        "version": version + 1,
        "saved_at": now,
        "saved_by": actor.doer(seat).signature,
    }
    if version == 0:
        session.add(Profile(firm_id=firm.id, **values))
        session.flush()
    else:
        # The last guard against two at once, whatever they read before.
        done = session.execute(
            update(Profile)
            .where(Profile.firm_id == firm.id, Profile.version == version)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        if done.rowcount != 1:  # type: ignore[attr-defined]
            raise MoveNotAllowed(STALE)
        session.expire_all()
    record(
        session,
        Tag.PROFILE_SAVED,
        actor.doer(seat),
        now=now,
        subject=f"firm:{firm.uscc}",
        after={"fields": sorted(changed), "version": version + 1},
    )
    return changed


def keep_assessment(
    session: Session,
    actor: Actor,
    seat: Seat,
    firm: Firm,
    stated: StatedFirm,
    *,
    tier: str,
    kind: str,
    on: date,
    incomplete: frozenset[str] = frozenset(),
    options: Options = DEFAULTS,
    now: datetime,
) -> SelfAssessment:
    """Keep a self-assessment with the facts it was made of; one that says the same as the last is not kept twice.

    Args:
        stated: the firm's own words joined with the books.

    Raises:
        Refused: no rule set applies on that day.
        MoveNotAllowed: there are too many.
    """
    chosen = choose(tier, kind, on, options)
    verdict, low, high = told_shortly(explain(chosen.rule_set, sheet_of(stated, on, incomplete)))
    before = assessments_kept(session, firm.id)
    text = firm_text(stated)
    same = next((one for one in before if (one.tier, one.kind) == (tier, kind)), None)
    if same is not None and (same.firm, same.assessed_on, same.rule_set_id) == (text, on, chosen.rule_set.id):
        return same
    if len(before) >= MOST_KEPT:
        raise MoveNotAllowed(f"最多保存 {MOST_KEPT} 份自评 (at most {MOST_KEPT} self-assessments are kept)")
    row = SelfAssessment(
        firm_id=firm.id,
        tier=tier,
        kind=kind,
        assessed_on=on,
        rule_set_id=chosen.rule_set.id,
        firm=text,
        verdict=verdict,
        score_low=low,
        score_high=high,
        made_at=now,
        made_by=actor.doer(seat).signature,
    )
    session.add(row)
    session.flush()
    told = {"tier": tier, "kind": kind, "on": on, "rule_set": row.rule_set_id, "verdict": verdict}
    record(session, Tag.ASSESSMENT_KEPT, actor.doer(seat), now=now, subject=f"firm:{firm.uscc}", after=told)
    return row


def assessments_kept(session: Session, firm_id: int, limit: int = MOST_KEPT) -> list[SelfAssessment]:
    """Return the self-assessments that a firm kept, the newest first."""
    query = select(SelfAssessment).where(SelfAssessment.firm_id == firm_id)
    return list(session.scalars(query.order_by(SelfAssessment.id.desc()).limit(limit)))


def _refuse_long(changes: Mapping[str, str | None]) -> None:
    faults = [
        Fault(name[:100], f"请填写不超过 {LONGEST_ANSWER} 个字符 (at most {LONGEST_ANSWER} characters)")
        for name, text in changes.items()
        if len(name) > 100 or len(text or "") > LONGEST_ANSWER
    ]
    if faults:
        raise Refused(faults)
