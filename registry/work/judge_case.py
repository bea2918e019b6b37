"""Judges a case: the facts as submitted, the judgements of reviewers, by the rules fixed when it was submitted.

What a firm says of itself about a fact that is for reviewers to judge (链, 品, reputation, market) never counts
in its case: until a reviewer judged, it is unknown. Flushes, never commits.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.errors import MoveNotAllowed, Refused
from registry.domain.facts import FIRM_FACTS
from registry.domain.firm_text import firm_of
from registry.domain.firms import Firm
from registry.domain.trail import Tag
from registry.policy import DEFAULTS, Options, load
from registry.rules import tree
from registry.rules.case import sheet_of
from registry.rules.explain import Judgement as Judged
from registry.rules.explain import explain
from registry.store.cases import Application, ApplicationRound
from registry.store.examinations import Judgement
from registry.work.case_bars import ensure_at_work
from registry.work.case_steps import note_step
from registry.work.trace import record

# Facts that a reviewer judges (contract §1): the others are stated by the firm and proved.
JUDGED = ("key_link", "key_field", "reputation", "market_leader")
LONGEST_REASON = 500
VERDICTS = {True: "met", False: "not_met", None: "undetermined"}


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """The facts by which a case is judged.

    Attributes:
        claimed: what the firm itself says of the facts that are for reviewers to judge.
    """

    firm: Firm
    incomplete: frozenset[str]
    claimed: dict[str, bool]


def round_of(session: Session, case: Application) -> ApplicationRound | None:
    """Return what was submitted last; None of a draft."""
    query = select(ApplicationRound).where(ApplicationRound.application_id == case.id)
    return session.scalars(query.order_by(ApplicationRound.round.desc()).limit(1)).first()


def judgements_of(session: Session, case_id: int) -> dict[str, Judgement]:
    """Return the newest judgement of each fact of a case."""
    rows = session.scalars(select(Judgement).where(Judgement.application_id == case_id).order_by(Judgement.id))
    return {row.fact: row for row in rows}


def case_facts(session: Session, case: Application, submitted: ApplicationRound) -> CaseFacts:
    """Return the facts by which a case is judged: as submitted, and as reviewers judged them since."""
    return facts_with(submitted, judgements_of(session, case.id))


def facts_with(submitted: ApplicationRound, judgements: Mapping[str, Judgement]) -> CaseFacts:
    """Return the facts by which a case is judged, from judgements that were read already."""
    firm = firm_of(submitted.firm)
    claimed = {key: bool(firm.facts[key]) for key in JUDGED if key in firm.facts}
    judged = {key: row.value for key, row in judgements.items() if row.value is not None}
    facts = {key: value for key, value in firm.facts.items() if key not in JUDGED} | judged
    return CaseFacts(replace(firm, facts=facts), frozenset(json.loads(submitted.incomplete)), claimed)


def without_claims(firm: Firm) -> Firm:
    """Return a firm without what only a reviewer may judge."""
    return replace(firm, facts={key: value for key, value in firm.facts.items() if key not in JUDGED})


def judge(case: Application, firm: Firm, incomplete: frozenset[str], options: Options = DEFAULTS) -> Judged:
    """Judge facts by the rules that were fixed for a case."""
    if case.rule_set_id is None or case.submitted_on is None:
        raise ValueError(f"case {case.id} was not submitted")
    rule_set = load(case.rule_set_id, case.kind, options)
    return explain(rule_set, sheet_of(firm, case.submitted_on, incomplete))


def keep_verdict(session: Session, case: Application, options: Options = DEFAULTS) -> None:
    """Bring the verdict that lists show up to the facts and judgements of a case."""
    submitted = round_of(session, case)
    if submitted is None:
        return
    known = case_facts(session, case, submitted)
    case.verdict, case.score_low, case.score_high = told_shortly(judge(case, known.firm, known.incomplete, options))
    session.flush()


def told_shortly(judged: Judged) -> tuple[str, int | None, int | None]:
    """Return a judgement as a verdict and the range of its points, where points are given."""
    low, high = judged.scores[None] if judged.rule_set.parts else (None, None)
    return VERDICTS[judged.truth], low, high


def facts_to_judge(case: Application, options: Options = DEFAULTS) -> tuple[str, ...]:
    """Return the facts that the rules of a case leave to a reviewer's judgement, in the order of the dictionary."""
    if case.rule_set_id is None:
        return ()
    asked = {
        node.key
        for one in load(case.rule_set_id, case.kind, options).criteria
        for node in tree.walk(one.rule)
        if isinstance(node, tree.Is)
    }
    return tuple(key for key in JUDGED if key in asked)


def enter_judgement(
    session: Session,
    actor: Actor,
    seat: Seat,
    case: Application,
    *,
    fact: str,
    value: bool | None,
    reason: str,
    options: Options = DEFAULTS,
    now: datetime,
) -> Judgement:
    """Enter how a reviewer judges a fact of a case; None takes an earlier judgement back.

    Raises:
        Refused: at `fact` for one that the rules do not leave to him, at `reason` without one.
        MoveNotAllowed: the case is not at a stage where it is examined, or not at his office.
        Barred: he may not work on this case.
    """
    if fact not in facts_to_judge(case, options):
        raise Refused.at("fact", "本案的认定标准不需要对此作出判断 (the rules of this case ask for no such judgement)")
    words = reason.strip()
    if not words or len(words) > LONGEST_REASON:
        raise Refused.at("reason", f"请写明理由，不超过 {LONGEST_REASON} 字 (a reason of at most {LONGEST_REASON})")
    if not ensure_at_work(session, actor, seat, case, now):
        raise MoveNotAllowed("本案不在您的办理环节，不能录入判断 (the case is not at your desk)")
    row = Judgement(
        application_id=case.id,
        fact=fact,
        value=value,
        reason=words,
        person_id=actor.person_id,
        seat_id=seat.id,
        judged_at=now,
    )
    before = judgements_of(session, case.id).get(fact)
    session.add(row)
    session.flush()
    keep_verdict(session, case, options)
    told = {"fact": fact, "value": value}
    note_step(session, actor, seat, case, action="judge", opinion=words, details=told, now=now)
    record(
        session,
        Tag.CASE_JUDGED,
        actor.doer(seat),
        now=now,
        subject=f"application:{case.id}",
        before={"fact": fact, "value": before.value} if before else None,
        after={**told, "label": FIRM_FACTS[fact].label, "reason": words, "verdict": case.verdict},
    )
    return row
