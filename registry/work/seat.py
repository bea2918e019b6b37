"""Grants seats and ends them, opens offices and closes them. Seats that exclude each other are refused here."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry.domain import uscc as codes
from registry.domain.errors import MoveNotAllowed, NotFound, Refused
from registry.domain.roles import ROLE_WORDS, Office, OfficeKind, Role, excluded_by, place_fault
from registry.domain.trail import Doer, Tag
from registry.store.firms import Firm
from registry.store.offices import Delegation, OfficeRow, SeatRow
from registry.store.people import Person
from registry.work.ensure_administered import ensure_administered
from registry.work.open_account import read_name
from registry.work.trace import record


def seats_held(session: Session, person_id: int) -> list[SeatRow]:
    """Return the seats a person holds, the oldest first."""
    query = select(SeatRow).where(SeatRow.person_id == person_id, SeatRow.ended_at.is_(None))
    return list(session.scalars(query.order_by(SeatRow.id)))


def grant(
    session: Session,
    person: Person,
    role: Role,
    *,
    office: OfficeRow | None = None,
    firm: Firm | None = None,
    doer: Doer,
    now: datetime,
) -> SeatRow:
    """Seat a person in a role at an office, or as an applicant at a firm.

    Raises:
        Refused: at `role` or `office`: the role does not sit there, or excludes a seat the person holds.
        MoveNotAllowed: the person holds this very seat, grants it to himself, registered by himself and never proved
            his address, or the office is closed.
    """
    if person.id == doer.person_id and role is not Role.APPLICANT:
        raise MoveNotAllowed("不能给自己授予席位，请另一位安全管理员办理 (nobody grants a seat to himself)")
    if not person.active:
        raise MoveNotAllowed("账户已停用，请先启用 (the account is disabled: enable it first)")
    if office is not None and office.closed_at is not None:
        raise MoveNotAllowed("机构已关闭 (the office is closed)")
    seen = Office(OfficeKind(office.kind), office.district, office.department) if office else None
    fault = place_fault(role, seen)
    if fault is None and (office is None) == (firm is None):
        fault = "请选择一家机构或一家企业 (either an office or a firm expected)"
    if fault:
        raise Refused.at("office", fault)
    if office is not None and person.password is not None and person.email_proved_at is None:
        # Whoever registers by himself may have written anybody's address.
        raise MoveNotAllowed(
            "这个账户是自行注册的，邮箱尚未证实：请本人用“找回密码”邮件里的链接重设一次密码 "
            "(the address of this account is not proved: let its owner reset the password by mail first)"
        )
    held = seats_held(session, person.id)
    excluding = excluded_by(role, [Role(seat.role) for seat in held])
    if excluding:
        chinese = "、".join(ROLE_WORDS[one][0] for one in excluding)
        english = ", ".join(ROLE_WORDS[one][1] for one in excluding)
        raise Refused.at("role", f"与现任席位互斥：{chinese}；请先收回 (excluded by a seat held: {english})")
    place = (office.id if office else None, firm.id if firm else None)
    if any(seat.role == role and (seat.office_id, seat.firm_id) == place for seat in held):
        raise MoveNotAllowed("已在任这个席位 (this seat is held already)")
    seat = SeatRow(
        person_id=person.id, role=role, office_id=place[0], firm_id=place[1], granted_at=now, granted_by=doer.signature
    )
    session.add(seat)
    session.flush()
    told = {"seat": seat.id, "role": role, "office": office.name if office else "", "firm": firm.uscc if firm else ""}
    record(session, Tag.SEAT_GRANTED, doer, now=now, subject=f"person:{person.id}", after=told)
    return seat


def end_seat(session: Session, seat: SeatRow, *, doer: Doer, now: datetime) -> None:
    """End a seat; what its holder may do ends with his next request.

    Raises:
        MoveNotAllowed: it ended before, or nobody else administers what its holder does.
    """
    if seat.ended_at is not None:
        raise MoveNotAllowed(f"席位已于 {seat.ended_at:%Y-%m-%d} 收回 (the seat ended before)")
    ensure_administered(session, seat.person_id, [seat.role])
    # The clock may have gone back since.
    seat.ended_at, seat.ended_by = max(now, seat.granted_at), doer.signature
    told = {"seat": seat.id, "role": seat.role, "office_id": seat.office_id, "firm_id": seat.firm_id}
    record(session, Tag.SEAT_ENDED, doer, now=now, subject=f"person:{seat.person_id}", before=told)
    session.flush()


def open_office(
    session: Session, kind: OfficeKind, name: str, *, uscc: str, doer: Doer, now: datetime, name_en: str = ""
) -> OfficeRow:
    """Open a third-party auditor or an intermediary; bureaus and departments are there from the start.

    Raises:
        Refused: at `kind`, `name` or `uscc`.
    """
    if kind not in (OfficeKind.AUDITOR, OfficeKind.INTERMEDIARY):
        raise Refused.at("kind", "只能开立第三方审计或代办机构 (an auditor or an intermediary expected)")
    code = codes.canonical(uscc)
    fault = codes.fault_of(code)
    if fault:
        raise Refused.at("uscc", fault)
    if session.scalar(select(OfficeRow.id).where(OfficeRow.uscc == code)) is not None:
        raise Refused.at("uscc", "这个代码的机构已开立 (an office with this code is there)")
    office = OfficeRow(kind=kind, name=read_name(name), name_en=name_en, uscc=code)
    session.add(office)
    session.flush()
    told = {"kind": kind, "name": office.name, "uscc": code}
    record(session, Tag.OFFICE_OPENED, doer, now=now, subject=f"office:{office.id}", after=told)
    return office


def close_office(session: Session, office: OfficeRow, *, doer: Doer, now: datetime) -> None:
    """Close an auditor or intermediary: its seats count for nothing from the next request on.

    Raises:
        MoveNotAllowed: it is closed, or one of those that are always there.
    """
    if office.kind not in (OfficeKind.AUDITOR, OfficeKind.INTERMEDIARY) or office.closed_at is not None:
        raise MoveNotAllowed("这个机构不能关闭，或已关闭 (it cannot be closed, or is closed)")
    office.closed_at = now
    # What firms entrusted to it ends with it: they see that, and may entrust another.
    session.execute(
        update(Delegation)
        .where(Delegation.office_id == office.id, Delegation.revoked_at.is_(None))
        .values(revoked_at=now, revoked_by=doer.signature)
    )
    record(session, Tag.OFFICE_CLOSED, doer, now=now, subject=f"office:{office.id}", before={"name": office.name})
    session.flush()


def office_of(session: Session, office_id: int) -> OfficeRow:
    """Return an office.

    Raises:
        NotFound: there is none with this number.
    """
    office = session.get(OfficeRow, office_id)
    if office is None:
        raise NotFound("没有这个机构 (no such office)")
    return office


def office_at(session: Session, place: str) -> OfficeRow:
    """Return the bureau of the city (`city`) or of a district, or a department, by its code or key.

    Raises:
        NotFound: there is no such office.
    """
    where = (
        OfficeRow.kind == "city" if place == "city" else (OfficeRow.district == place) | (OfficeRow.department == place)
    )
    office = session.scalars(select(OfficeRow).where(where).order_by(OfficeRow.id)).first()
    if office is None:
        raise NotFound(f"没有机构 {place}：应为 city、区市代码或部门 (no such office)")
    return office
