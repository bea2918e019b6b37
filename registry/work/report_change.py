"""A major change that a firm reports, and what the bureau says to it (policy §8). Flushes, never commits.

Three months are counted to the same calendar day of the third month after the change, that day included; where that
month has no such day, to its last [D]. A report that comes late is taken and marked late. The register itself is
changed through the lists of the books only.
"""

from collections.abc import Mapping
from datetime import date, datetime, tzinfo

from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.conflicts import ToDecide
from registry.domain.errors import Barred, Fault, MoveNotAllowed, Refused
from registry.domain.periods import add_months
from registry.domain.roles import Role
from registry.domain.trail import Tag, plain
from registry.store.firms import Firm
from registry.store.papers import CHANGE_KINDS, CHANGE_OUTCOMES, ChangeReport
from registry.work.decide import bar_for
from registry.work.notify import people_of_bureau, people_of_firm, tell
from registry.work.post import Post
from registry.work.trace import record

MONTHS = 3
LEAST_TOLD, LEAST_REPLY = 10, 5
LONGEST = 2_000
# Nobody reports what happened before the first titles were recognised.
EARLIEST = date(2010, 1, 1)
KIND_WORDS: Mapping[str, tuple[str, str]] = {
    "rename": ("更名", "Rename"),
    "merger": ("合并、分立", "Merger or division"),
    "restructuring": ("重组、改制", "Restructuring"),
    "move": ("跨省（市）迁移", "Move to another province or city"),
    "foreign_branch": ("设立境外分支机构", "Branch abroad"),
    "other": ("其他重大变更", "Other major change"),
}
OUTCOME_WORDS: Mapping[str, tuple[str, str]] = {
    "still_qualified": ("仍符合条件，称号和有效期不变", "Still qualified: title and validity stay"),
    "not_qualified": ("不再符合条件", "No longer qualified"),
    "refused": ("不予受理", "Not taken"),
}
if (*KIND_WORDS,) != CHANGE_KINDS or (*OUTCOME_WORDS,) != CHANGE_OUTCOMES:
    raise TypeError("kinds or outcomes of changes without words")


def due_day(happened_on: date) -> date:
    """Return the last day on which the report of a change is in time."""
    return add_months(happened_on, MONTHS)


def was_late(row: ChangeReport, zone: tzinfo | None) -> bool:
    """Say whether a change was reported after its last day."""
    return row.reported_at.astimezone(zone).date() > row.due_on


def report_change(
    session: Session,
    actor: Actor,
    seat: Seat,
    firm: Firm,
    *,
    kind: str,
    happened_on: date | None,
    told: str,
    now: datetime,
    post: Post | None = None,
) -> ChangeReport:
    """Report a major change of a firm.

    Args:
        seat: one that reaches the firm.
        now: in the zone of the office.

    Raises:
        Refused: at `kind`, `happened_on`, `told`.
        Barred: the seat does not reach the firm.
    """
    if seat not in actor.seats or firm.id not in seat.firm_ids or actor.person_id is None:
        raise Barred("您不能代表这家企业报告 (you do not act for this firm)")
    words, faults = told.strip(), []
    if kind not in CHANGE_KINDS:
        faults.append(Fault("kind", "请从列出的选项中选择 (choose one of the list)"))
    if happened_on is None:
        faults.append(Fault("happened_on", "请填写变更发生的日期 (the day of the change, please)"))
    elif not EARLIEST <= happened_on <= now.date():
        faults.append(Fault("happened_on", f"应在 {EARLIEST} 至今天之间 (a day from {EARLIEST} to today expected)"))
    faults += faults_of_words("told", words, LEAST_TOLD)
    if faults or happened_on is None:
        raise Refused(faults)
    row = ChangeReport(
        firm_id=firm.id,
        district=firm.district,
        kind=kind,
        happened_on=happened_on,
        due_on=due_day(happened_on),
        told=words,
        reported_at=now,
        reported_by=actor.person_id,
        reply="",
    )
    session.add(row)
    session.flush()
    known = {"firm": firm.uscc, "kind": kind, "happened_on": happened_on, "late": was_late(row, now.tzinfo)}
    record(session, Tag.CHANGE_REPORTED, actor.doer(seat), now=now, subject=f"change:{row.id}", after=known)
    tell(
        session,
        people_of_bureau(session, firm.district),
        "change_reported",
        {
            "firm": firm.name,
            "kind": list(KIND_WORDS[kind]),
            "happened_on": happened_on,
            "is_late": was_late(row, now.tzinfo),
        },
        once=f"change:{row.id}",
        address=f"/papers/changes/{row.id}",
        firm_id=firm.id,
        now=now,
        post=post,
    )
    return row


def bar_on_papers(session: Session, actor: Actor, matter: tuple[str, int], firm: Firm, now: datetime) -> str | None:
    """Say why an official may not settle a paper of a firm, in both languages; None when nothing stands against it."""
    level = "city" if Role.CITY_REVIEWER in actor.roles else "district"
    return bar_for(session, actor, ToDecide(matter, level, firm.uscc), now)


def settle_change(
    session: Session,
    actor: Actor,
    seat: Seat,
    row: ChangeReport,
    *,
    outcome: str,
    reply: str,
    now: datetime,
    post: Post | None = None,
) -> None:
    """Say whether a firm is still qualified after a change, or that the report is not taken.

    What takes a title away is a revocation, proposed besides.

    Raises:
        Refused: at `outcome`, `reply`.
        MoveNotAllowed: it is settled.
        Barred: the actor is tied to the firm.
    """
    if row.settled_at is not None:
        raise MoveNotAllowed("这份报告已处理，请刷新页面 (it has been settled: reload the page)")
    words, faults = reply.strip(), []
    if outcome not in CHANGE_OUTCOMES:
        faults.append(Fault("outcome", "请选择处理结果 (choose an outcome)"))
    faults += faults_of_words("reply", words, LEAST_REPLY)
    if faults:
        raise Refused(faults)
    firm = session.get_one(Firm, row.firm_id)
    against = bar_on_papers(session, actor, ("change", row.id), firm, now)
    if against:
        raise Barred(against)
    row.outcome, row.reply, row.settled_at, row.settled_by = outcome, words, now, actor.person_id
    session.flush()
    told = {"firm": firm.uscc, "outcome": outcome, "reply": words}
    record(session, Tag.CHANGE_SETTLED, actor.doer(seat), now=now, subject=f"change:{row.id}", after=told)
    tell(
        session,
        people_of_firm(session, firm.id, now.date()),
        "change_settled",
        {"firm": firm.name, "kind": list(KIND_WORDS[row.kind]), "outcome": outcome, "reply": plain(words, 600)},
        once=f"change:{row.id}:settled",
        address=f"/firms/{firm.uscc}/changes",
        firm_id=firm.id,
        now=now,
        post=post,
    )


def faults_of_words(path: str, words: str, least: int, wanted: str = "") -> list[Fault]:
    """Return what is wrong with what somebody wrote: shorter than so many characters, or too long to keep.

    Args:
        wanted: what to say of too short a text, in both languages; how long it must be unless given.
    """
    if len(words) < least:
        return [Fault(path, wanted or f"请写明情况，至少 {least} 个字 (at least {least} characters, please)")]
    if len(words) > LONGEST or "\0" in words:
        return [Fault(path, f"请填写不超过 {LONGEST} 个字符 (at most {LONGEST} characters)")]
    return []
