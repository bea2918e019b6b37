"""Declares ties of a person to firms, and which firms belong together. Never commits."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain import uscc as codes
from registry.domain.conflicts import TieKind
from registry.domain.errors import MoveNotAllowed, NotFound, Refused
from registry.domain.trail import Doer, Tag
from registry.store.decisions import GroupMember, TieRow
from registry.work.open_account import read_name, read_text
from registry.work.trace import record

LONGEST_NOTE = 200


def declare(
    session: Session,
    person_id: int,
    *,
    uscc: str,
    kind: TieKind,
    ended_on: date | None,
    note: str,
    doer: Doer,
    now: datetime,
) -> TieRow:
    """Enter a tie; from then on the person decides nothing of that firm.

    Raises:
        Refused: at `uscc`, `ended_on` or `note`.
        MoveNotAllowed: the same tie stands.
    """
    code = _code(uscc)
    said = read_text(note, "note", LONGEST_NOTE)
    if ended_on is not None and ended_on > now.date():
        raise Refused.at("ended_on", "不能晚于今天；仍在继续请留空 (not after today; leave it empty while it lasts)")
    stands = select(TieRow.id).where(
        TieRow.person_id == person_id, TieRow.uscc == code, TieRow.kind == kind, TieRow.withdrawn_at.is_(None)
    )
    if session.scalar(stands) is not None:
        raise MoveNotAllowed("已申报过这项利害关系 (this tie was declared)")
    row = TieRow(
        person_id=person_id,
        uscc=code,
        kind=kind,
        ended_on=ended_on,
        note=said,
        declared_at=now,
        declared_by=doer.signature,
    )
    session.add(row)
    session.flush()
    told = {"firm": code, "kind": kind, "ended_on": ended_on, "note": row.note}
    record(session, Tag.TIE_DECLARED, doer, now=now, subject=f"person:{person_id}", after=told)
    return row


def withdraw_tie(session: Session, person_id: int, tie_id: int, *, doer: Doer, now: datetime) -> None:
    """Take back a tie that was declared by mistake; the row stays, and so does the trail.

    Raises:
        NotFound: the person has no such tie.
    """
    row = session.get(TieRow, tie_id)
    if row is None or row.person_id != person_id or row.withdrawn_at is not None:
        raise NotFound("没有这项利害关系 (no such tie)")
    row.withdrawn_at = now
    told = {"firm": row.uscc, "kind": row.kind}
    record(session, Tag.TIE_WITHDRAWN, doer, now=now, subject=f"person:{person_id}", before=told)


def note_group(session: Session, uscc: str, group_name: str, *, source: str, doer: Doer, now: datetime) -> None:
    """Enter that a firm belongs to a group, or to another than before.

    Raises:
        Refused: at `uscc` or `group_name`.
    """
    code, name = _code(uscc), read_name(group_name, "group_name")
    row = session.get(GroupMember, code)
    before = {"group": row.group_name} if row else None
    if row is None:
        session.add(GroupMember(uscc=code, group_name=name, source=source, noted_at=now))
    else:
        row.group_name, row.source, row.noted_at = name, source, now
    after = {"group": name, "source": source}
    record(session, Tag.TIE_DECLARED, doer, now=now, subject=f"firm:{code}", before=before, after=after)


def _code(uscc: str) -> str:
    code = codes.canonical(uscc)
    fault = codes.fault_of(code)
    if fault:
        raise Refused.at("uscc", fault)
    return code
