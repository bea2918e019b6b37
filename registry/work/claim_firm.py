"""Requests to represent a firm: asked by a person, answered by the bureau of its district. Never commits."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain import uscc as codes
from registry.domain.actors import Actor, Seat
from registry.domain.codes import DISTRICTS
from registry.domain.conflicts import ToDecide
from registry.domain.errors import Barred, Fault, MoveNotAllowed, Refused
from registry.domain.firms import Firm as StatedFirm
from registry.domain.roles import Role, excluded_by
from registry.domain.trail import Doer, Tag
from registry.store.claims import Claim
from registry.store.firms import Firm
from registry.store.people import Person
from registry.store.queries import firm_by_uscc
from registry.work.decide import decide
from registry.work.enrol import enrol
from registry.work.open_account import read_name, read_text
from registry.work.seat import grant, seats_held
from registry.work.trace import record

LONGEST_REASON = 500
_STATES = {"open": "待确认", "confirmed": "已确认", "refused": "已拒绝", "withdrawn": "已撤回"}


def claims_of(session: Session, person_id: int) -> list[Claim]:
    """Return what a person asked, the newest first."""
    return list(session.scalars(select(Claim).where(Claim.person_id == person_id).order_by(Claim.id.desc())))


def own_claim(session: Session, person_id: int, claim_id: int) -> Claim | None:
    """Return a request of a person by its number; None for another's."""
    found = session.get(Claim, claim_id)
    return found if found is not None and found.person_id == person_id else None


def ask_to_represent(
    session: Session,
    person: Person,
    *,
    uscc: str,
    firm_name: str,
    district: str,
    position: str,
    doer: Doer,
    now: datetime,
) -> Claim:
    """Ask to act for a firm. Of a firm in the register, its own name and district count, not what was written.

    Raises:
        Refused: at `uscc`, `firm_name`, `district`, `position`; or the person sits on the other side of the desk.
        MoveNotAllowed: the person acts for the firm, or asked before and waits.
    """
    code = codes.canonical(uscc)
    faults = [Fault("uscc", fault)] if (fault := codes.fault_of(code)) else []
    read = {}
    for path, text in (("firm_name", firm_name), ("position", position)):
        try:
            read[path] = read_name(text, path)
        except Refused as refused:
            faults += refused.faults
    firm = None if faults else firm_by_uscc(session, code)
    place = firm.district if firm is not None and firm.district in DISTRICTS else district
    if place not in DISTRICTS:
        faults.append(Fault("district", "请选择企业所在区市 (a district expected)"))
    if faults:
        raise Refused(faults)
    held = seats_held(session, person.id)
    if excluded_by(Role.APPLICANT, [Role(seat.role) for seat in held]):
        raise Refused.at("uscc", "工作人员和审计人员不能代表企业 (staff and auditors do not represent firms)")
    if firm is not None and any(seat.firm_id == firm.id for seat in held):
        raise MoveNotAllowed("您已是这家企业的经办人 (you act for this firm already)")
    waiting = select(Claim.id).where(Claim.person_id == person.id, Claim.uscc == code, Claim.state == "open")
    if session.scalar(waiting) is not None:
        raise MoveNotAllowed("您已提交过申请，正在等待区市确认 (you asked before; the district has yet to answer)")
    claim = Claim(
        person_id=person.id,
        uscc=code,
        firm_name=firm.name if firm is not None else read["firm_name"],
        district=place,
        position=read["position"],
        state="open",
        asked_at=now,
        told="",
    )
    session.add(claim)
    session.flush()
    told = {"firm": code, "name": claim.firm_name, "district": place, "position": claim.position}
    record(session, Tag.CLAIM_MADE, doer, now=now, subject=f"claim:{claim.id}", after=told)
    return claim


def withdraw(session: Session, claim: Claim, *, doer: Doer, now: datetime) -> None:
    """Take back a request that nobody decided yet.

    Raises:
        MoveNotAllowed: it is not open.
    """
    _ensure_open(claim)
    claim.state, claim.closed_at = "withdrawn", now
    record(session, Tag.CLAIM_WITHDRAWN, doer, now=now, subject=f"claim:{claim.id}")


def confirm(session: Session, actor: Actor, seats: Sequence[Seat], claim: Claim, *, now: datetime) -> Firm:
    """Confirm that a person acts for a firm: he gets a seat there; a firm not seen before enters the register.

    Raises:
        Barred, MoveNotAllowed: as `decide`; or it is not open, the person may not sit there any more, or the firm has
            entered the register meanwhile under another district.
        Refused: at `role`: the person has changed sides since.
    """
    _ensure_open(claim)
    person = session.get(Person, claim.person_id)
    if person is None or not person.active:
        raise MoveNotAllowed("申请人的账户已停用 (the account of whoever asked is disabled)")
    firm = firm_by_uscc(session, claim.uscc)
    manages = DISTRICTS.get(firm.district or "") if firm is not None and firm.district != claim.district else None
    if manages:
        raise MoveNotAllowed(
            f"这家企业现由{manages}管理，请拒绝并请申请人重新提交 "
            "(another district manages the firm now: refuse, so that the person asks there)"
        )
    seat = _decide(session, actor, seats, claim, "confirmed", "", now)
    if firm is None:
        stated = StatedFirm(claim.uscc, claim.firm_name, {"district": claim.district}, {})
        source = f"经办人申请 claim:{claim.id}"
        enrol(session, [stated], now=now, on=now.date(), source=source, actor=actor.name, doer=actor.doer(seat))
        firm = firm_by_uscc(session, claim.uscc)
    if firm is None:
        raise LookupError(f"{claim.uscc} was not enrolled")
    grant(session, person, Role.APPLICANT, firm=firm, doer=actor.doer(seat), now=now)
    return firm


def refuse(session: Session, actor: Actor, seats: Sequence[Seat], claim: Claim, *, reason: str, now: datetime) -> None:
    """Refuse a request; whoever asked is told the reason and may ask again.

    Raises:
        Refused: at `reason`.
        Barred, MoveNotAllowed: as `confirm`.
    """
    text = read_text(reason, "reason", LONGEST_REASON)
    if not text:
        raise Refused.at("reason", f"请写明理由，不超过 {LONGEST_REASON} 字 (a reason expected)")
    _ensure_open(claim)
    _decide(session, actor, seats, claim, "refused", text, now)
    claim.told = text


def _decide(
    session: Session, actor: Actor, seats: Sequence[Seat], claim: Claim, outcome: str, reason: str, now: datetime
) -> Seat:
    """Decide an open request and return the seat in which that was done: one of the bureau of its district."""
    if claim.person_id == actor.person_id:
        raise Barred("这是您本人的申请，须由他人办理 (you asked this yourself: it is another's to decide)")
    covering = [seat for seat in seats if seat.role is Role.DISTRICT_REVIEWER and seat.district == claim.district]
    case = ToDecide(("claim", claim.id), "district", claim.uscc)
    # Nothing is changed before it is certain that this person may.
    decide(session, actor, covering, case, kind="claim", outcome=outcome, reason=reason, now=now)
    claim.state, claim.closed_at = outcome, now
    tag = Tag.CLAIM_CONFIRMED if outcome == "confirmed" else Tag.CLAIM_REFUSED
    record(session, tag, actor.doer(covering[0]), now=now, subject=f"claim:{claim.id}", after={"told": reason})
    return covering[0]


def _ensure_open(claim: Claim) -> None:
    if claim.state != "open":
        raise MoveNotAllowed(
            f"这份申请{_STATES[claim.state]}（{claim.closed_at:%Y-%m-%d %H:%M} UTC），不能再办理 "
            f"(it is {claim.state} already: reload the page)"
        )
