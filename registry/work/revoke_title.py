"""Revokes a title 撤销: proposed with its cause, the firm heard, settled by somebody else. Flushes, never commits.

The books take the revocation, a cause that forbids to apply imposes a ban, the firm is told; all in one transaction.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.casework import ban_ends_on
from registry.domain.codes import LADDER, TIER_WORDS
from registry.domain.conflicts import ToDecide
from registry.domain.errors import Barred, Fault, MoveNotAllowed, Refused
from registry.domain.revocations import GROUNDS, Cause
from registry.domain.roles import Role
from registry.domain.trail import Tag
from registry.policy.procedures import procedure
from registry.store.firms import Firm
from registry.store.recognitions import Ban, RevocationCase
from registry.work.amend import Reason, revoke
from registry.work.case_guards import title_held
from registry.work.decide import bar_for
from registry.work.notify import people_of_firm, tell
from registry.work.post import Post
from registry.work.report_change import faults_of_words
from registry.work.trace import record

LONGEST_DOCUMENT = 60


def propose(
    session: Session,
    actor: Actor,
    seat: Seat,
    firm: Firm,
    *,
    tier: str,
    cause: str,
    facts: str,
    now: datetime,
    post: Post | None = None,
) -> RevocationCase:
    """Propose to revoke a title that a firm holds today; the firm is told, and may say something to it.

    Raises:
        Refused: at `tier`, `cause`, `facts`.
        MoveNotAllowed: the firm holds no such title, or one is proposed already.
        Barred: the actor is tied to the firm.
    """
    faults = []
    if tier not in LADDER:
        faults.append(Fault("tier", "请选择称号 (choose a title)"))
    if cause not in set(Cause):
        faults.append(Fault("cause", "请选择撤销原因 (choose a cause)"))
    faults += faults_of_words("facts", facts.strip(), 1, "请写明事实与依据 (say what happened and what shows it)")
    if faults:
        raise Refused(faults)
    if title_held(session, firm.id, tier, now.date()) is None:
        raise MoveNotAllowed(f"这家企业今天没有有效的{TIER_WORDS[tier]}称号 (it holds no such title today)")
    open_one = select(RevocationCase.id).where(
        RevocationCase.firm_id == firm.id, RevocationCase.tier == tier, RevocationCase.state == "proposed"
    )
    if session.scalar(open_one) is not None:
        raise MoveNotAllowed("已有一件撤销在办理中 (a revocation of this title is under way)")
    row = RevocationCase(
        firm_id=firm.id,
        uscc=firm.uscc,
        name=firm.name,
        district=firm.district,
        tier=tier,
        cause=cause,
        facts=facts.strip(),
        state="proposed",
        proposed_at=now,
        proposed_by=actor.person_id,
        firm_reply="",
        hearing="",
        document="",
    )
    session.add(row)
    session.flush()
    _ensure_untied(session, actor, seat, row, now)
    told = {"firm": row.uscc, "tier": tier, "cause": cause, "facts": row.facts}
    _trace(session, Tag.REVOCATION_PROPOSED, actor, seat, row, told, now)
    _tell(session, row, "proposed", now, post)
    return row


def say(session: Session, actor: Actor, seat: Seat, row: RevocationCase, words: str, *, now: datetime) -> None:
    """Keep what the firm says to a proposed revocation 陈述申辩; it may say it once more as long as nothing is settled.

    Raises:
        Refused: at `words`.
        MoveNotAllowed: it is settled.
    """
    faults = faults_of_words("words", words.strip(), 1, "请填写陈述申辩的内容 (say what the firm has to say)")
    if faults:
        raise Refused(faults)
    _ensure_open(row)
    row.firm_reply, row.firm_replied_at = words.strip(), now
    _trace(session, Tag.REVOCATION_HEARD, actor, seat, row, {"reply": row.firm_reply}, now)


def settle(
    session: Session,
    actor: Actor,
    seat: Seat,
    row: RevocationCase,
    *,
    outcome: str,
    hearing: str,
    document: str = "",
    revoked_on: date | None = None,
    now: datetime,
    post: Post | None = None,
) -> Ban | None:
    """Revoke the title, or drop the proposal; return the ban that follows, if any.

    Args:
        outcome: `revoked` or `dropped`.
        hearing: the note of the hearing, that the firm renounced it, or why the proposal is dropped.
        document: number of the decision; asked for where the title is revoked.
        revoked_on: from which day the title is held no more; today unless given.

    Raises:
        Refused: at `outcome`, `hearing`, `document`, `revoked_on`; or the books hold no such title on that day.
        MoveNotAllowed: it is settled.
        Barred: tied to the firm, or the one who proposed it.
    """
    on = revoked_on or now.date()
    faults = []
    if outcome not in ("revoked", "dropped"):
        faults.append(Fault("outcome", "请选择撤销或不予撤销 (choose one)"))
    faults += faults_of_words("hearing", hearing.strip(), 1, "请填写听取陈述申辩的情况 (say how the firm was heard)")
    if outcome == "revoked":
        if not document.strip() or len(document.strip()) > LONGEST_DOCUMENT:
            faults.append(
                Fault("document", f"请填写决定文号，不超过 {LONGEST_DOCUMENT} 字 (the number of the decision)")
            )
        if not row.proposed_at.astimezone(now.tzinfo).date() <= on <= now.date():
            faults.append(Fault("revoked_on", "应在提出之日至今天之间 (from the day it was proposed to today)"))
    if faults:
        raise Refused(faults)
    _ensure_open(row)
    _ensure_untied(session, actor, seat, row, now)
    if row.proposed_by == actor.person_id:
        raise Barred("您是提出人，须由他人决定 (you proposed it: somebody else decides)")
    row.state, row.hearing = outcome, hearing.strip()
    row.settled_at, row.settled_by = now, actor.person_id
    ban = None
    if outcome == "revoked":
        row.document, row.revoked_on = document.strip(), on
        reason = Reason(row.document, actor.name, actor.doer(seat))
        revoke(
            session, row.uscc, tier=row.tier, on=on, cause=GROUNDS[Cause(row.cause)].words[0], reason=reason, now=now
        )
        ban = _ban(session, actor, seat, row, on, now) if GROUNDS[Cause(row.cause)].bans else None
    session.flush()
    told = {"outcome": outcome, "hearing": row.hearing, "document": row.document, "on": row.revoked_on}
    _trace(session, Tag.REVOCATION_SETTLED, actor, seat, row, told, now)
    _tell(session, row, outcome, now, post, ban)
    return ban


def lift(session: Session, actor: Actor, seat: Seat, ban: Ban, *, why: str, now: datetime) -> None:
    """Lift a ban as mistaken.

    Raises:
        Refused: at `why`.
        MoveNotAllowed: it is lifted already.
        Barred: the actor is tied to the firm.
    """
    faults = faults_of_words("why", why.strip(), 1, "请写明解除的理由 (say why)")
    if faults:
        raise Refused(faults)
    if ban.lifted_at is not None:
        raise MoveNotAllowed("已经解除 (it is lifted already)")
    against = bar_for(session, actor, ToDecide(("ban", ban.id), _level(seat), ban.uscc), now)
    if against:
        raise Barred(against)
    ban.lifted_at = now
    session.flush()
    record(
        session,
        Tag.BAN_LIFTED,
        actor.doer(seat),
        now=now,
        subject=f"ban:{ban.id}",
        before={"firm": ban.uscc, "last_day": ban.last_day},
        after={"why": why.strip()},
    )


def _ban(session: Session, actor: Actor, seat: Seat, row: RevocationCase, on: date, now: datetime) -> Ban:
    """Forbid the firm to apply, as long as the procedure of the tier says."""
    last_day = ban_ends_on(procedure(row.tier, on), on)
    if last_day is None:
        raise Refused.at("tier", "这一类没有禁止申报期 (this tier knows no ban)")
    ban = Ban(
        firm_id=row.firm_id,
        uscc=row.uscc,
        first_day=on,
        last_day=last_day,
        cause=row.cause,
        source=row.document,
        revocation_id=row.id,
        made_at=now,
        made_by=actor.doer(seat).signature,
    )
    session.add(ban)
    session.flush()
    told = {"firm": row.uscc, "first_day": on, "last_day": last_day, "cause": row.cause}
    record(session, Tag.BAN_IMPOSED, actor.doer(seat), now=now, subject=f"ban:{ban.id}", after=told)
    return ban


def _ensure_open(row: RevocationCase) -> None:
    if row.state != "proposed":
        raise MoveNotAllowed("这件撤销已经办结 (it is settled)")


def _ensure_untied(session: Session, actor: Actor, seat: Seat, row: RevocationCase, now: datetime) -> None:
    against = bar_for(session, actor, ToDecide(("revocation", row.id), _level(seat), row.uscc), now)
    if against:
        raise Barred(against)


def _level(seat: Seat) -> str:
    return "district" if seat.role is Role.DISTRICT_REVIEWER else "city"


def _trace(
    session: Session, tag: Tag, actor: Actor, seat: Seat, row: RevocationCase, told: Mapping[str, object], now: datetime
) -> None:
    session.flush()
    record(session, tag, actor.doer(seat), now=now, subject=f"revocation:{row.id}", after=told)


def _tell(
    session: Session, row: RevocationCase, what: str, now: datetime, post: Post | None, ban: Ban | None = None
) -> None:
    told = {
        "firm": row.name,
        "tier": row.tier,
        "cause": row.cause,
        "facts": row.facts,
        "outcome": what,
        "document": row.document,
        "on": row.revoked_on.isoformat() if row.revoked_on else "",
        "banned_until": (ban.last_day + timedelta(days=1)).isoformat() if ban else "",
        "hearing": row.hearing,
    }
    tell(
        session,
        people_of_firm(session, row.firm_id, now.date()),
        "revocation",
        told,
        once=f"revocation:{row.id}:{what}",
        address=f"/firms/{row.uscc}/revocations/{row.id}",
        firm_id=row.firm_id,
        now=now,
        post=post,
    )
