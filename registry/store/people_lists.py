"""Lists of accounts, offices, ties and groups, each named as the question it answers, each ordered, without secrets."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from registry.domain.conflicts import Tie, TieKind
from registry.store.decisions import GroupMember, TieRow
from registry.store.firms import Firm
from registry.store.offices import OfficeRow, SeatRow
from registry.store.people import Passkey, Person, RecoveryCode
from registry.store.persons import sign_ins_of
from registry.store.sign_ins import SignIn


@dataclass(frozen=True, slots=True)
class SeatLine:
    """A seat as a list shows it.

    Attributes:
        office: its names in Chinese and English; None for a seat at a firm.
        firm: code and name of the firm; None for a seat at an office.
        office_is_closed: the seat counts for nothing, though nobody ended it.
    """

    id: int
    person_id: int
    role: str
    office: tuple[str, str] | None
    firm: tuple[str, str] | None
    office_is_closed: bool
    granted_at: datetime
    granted_by: str
    ended_at: datetime | None
    ended_by: str | None


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person as a list shows him, with the seats he holds."""

    id: int
    name: str
    email: str
    active: bool
    has_password: bool
    last_signed_in_at: datetime | None
    seats: tuple[SeatLine, ...]


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """A page of persons.

    Attributes:
        after: what to ask the next page with; None on the last one.
        total: how many persons fit, on all pages.
    """

    people: tuple[PersonLine, ...]
    after: int | None
    total: int


def people_page(
    session: Session,
    *,
    query: str | None = None,
    role: str | None = None,
    office_id: int | None = None,
    active: bool | None = None,
    after: int | None = None,
    limit: int = 50,
) -> PeoplePage:
    """Return a page of persons, the newest account first. Three queries, however many persons.

    Args:
        query: a part of a name, or the beginning of an address.
        role: only holders of a seat in this role.
        office_id: only holders of a seat there; with a role, of one and the same seat.
        active: only accounts that are enabled, or only those that are not.
        after: what the page before said.
    """
    fits = _fits(query, role, office_id, active)
    wanted = select(
        Person.id, Person.name, Person.email, Person.active, Person.password_set_at, Person.last_signed_in_at
    ).where(*fits)
    if after is not None:
        wanted = wanted.where(Person.id < after)
    found = session.execute(wanted.order_by(Person.id.desc()).limit(limit + 1)).all()
    held = _by_person(session, [row.id for row in found[:limit]])
    people = tuple(
        PersonLine(
            row.id,
            row.name,
            row.email,
            row.active,
            row.password_set_at is not None,
            row.last_signed_in_at,
            tuple(held.get(row.id, ())),
        )
        for row in found[:limit]
    )
    total = session.scalar(select(func.count()).select_from(Person).where(*fits)) or 0
    return PeoplePage(people, people[-1].id if len(found) > limit else None, total)


def _fits(query: str | None, role: str | None, office_id: int | None, active: bool | None) -> list[ColumnElement[bool]]:
    fits: list[ColumnElement[bool]] = []
    if query:
        begins = Person.email.startswith(query.lower(), autoescape=True)
        fits.append(or_(Person.name.icontains(query, autoescape=True), begins))
    if active is not None:
        fits.append(Person.active.is_(active))
    if role or office_id is not None:
        seat = [SeatRow.person_id == Person.id, SeatRow.ended_at.is_(None)]
        if role:
            seat.append(SeatRow.role == role)
        if office_id is not None:
            seat.append(SeatRow.office_id == office_id)
        fits.append(exists().where(*seat))
    return fits


def _by_person(session: Session, person_ids: Collection[int]) -> dict[int, list[SeatLine]]:
    if not person_ids:
        return {}
    held: dict[int, list[SeatLine]] = {}
    query = _seats().where(SeatRow.person_id.in_(person_ids), SeatRow.ended_at.is_(None))
    for line in _seat_lines(session, query.order_by(SeatRow.id)):
        held.setdefault(line.person_id, []).append(line)
    return held


_Seats = Select[SeatRow, OfficeRow, str, str]


def _seats() -> _Seats:
    return (
        select(SeatRow, OfficeRow, Firm.uscc, Firm.name)
        .outerjoin(OfficeRow, OfficeRow.id == SeatRow.office_id)
        .outerjoin(Firm, Firm.id == SeatRow.firm_id)
    )


def _seat_lines(session: Session, query: _Seats) -> list[SeatLine]:
    return [
        SeatLine(
            id=seat.id,
            person_id=seat.person_id,
            role=seat.role,
            office=(office.name, office.name_en) if office else None,
            firm=(uscc, name) if uscc else None,
            office_is_closed=office is not None and office.closed_at is not None,
            granted_at=seat.granted_at,
            granted_by=seat.granted_by,
            ended_at=seat.ended_at,
            ended_by=seat.ended_by,
        )
        for seat, office, uscc, name in session.execute(query)
    ]


@dataclass(frozen=True, slots=True)
class PersonWhole:
    """What the page of a person shows.

    Attributes:
        seats: those held first, then those that ended, the newest first.
        sign_ins: the live sessions, the newest first.
    """

    person: Person
    passkeys: int
    codes_left: int
    seats: tuple[SeatLine, ...]
    sign_ins: tuple[SignIn, ...]


def person_whole(session: Session, person_id: int, now: datetime) -> PersonWhole | None:
    """Return a person with seats, sessions and second factors, or None when there is none with this number."""
    passkeys = select(func.count()).select_from(Passkey).where(Passkey.person_id == person_id).scalar_subquery()
    codes = select(func.count()).select_from(RecoveryCode)
    left = codes.where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None)).scalar_subquery()
    found = session.execute(select(Person, passkeys, left).where(Person.id == person_id)).one_or_none()
    if found is None:
        return None
    order = (SeatRow.ended_at.is_not(None), SeatRow.ended_at.desc(), SeatRow.id.desc())
    seats = _seat_lines(session, _seats().where(SeatRow.person_id == person_id).order_by(*order))
    return PersonWhole(found[0], found[1], found[2], tuple(seats), tuple(sign_ins_of(session, person_id, now)))


def people_called(session: Session, text: str, limit: int = 20) -> list[tuple[int, str, str]]:
    """Return number, name and address of those with exactly this name or address, in the order of their numbers."""
    query = select(Person.id, Person.name, Person.email).where(or_(Person.name == text, Person.email == text.lower()))
    return [(row.id, row.name, row.email) for row in session.execute(query.order_by(Person.id).limit(limit))]


def names_of(session: Session, person_ids: Collection[int]) -> dict[int, str]:
    """Return the names that persons bear today, by their numbers."""
    if not person_ids:
        return {}
    query = select(Person.id, Person.name).where(Person.id.in_(person_ids)).order_by(Person.id)
    return {row.id: row.name for row in session.execute(query)}


def offices_listed(session: Session) -> list[OfficeRow]:
    """Return the offices that are open, in the order in which they were opened, for lists to choose from."""
    return list(session.scalars(select(OfficeRow).where(OfficeRow.closed_at.is_(None)).order_by(OfficeRow.id)))


def offices_page(
    session: Session, *, query: str | None = None, kind: str | None = None, after: int | None = None, limit: int = 50
) -> tuple[list[tuple[OfficeRow, int]], int | None]:
    """Return a page of offices, each with the number of seats held there, and what to ask the next page with.

    Args:
        query: a part of a name, or the beginning of a code.
    """
    held = select(func.count()).select_from(SeatRow).where(SeatRow.office_id == OfficeRow.id)
    wanted = select(OfficeRow, held.where(SeatRow.ended_at.is_(None)).correlate(OfficeRow).scalar_subquery())
    if query:
        names = or_(*(name.icontains(query, autoescape=True) for name in (OfficeRow.name, OfficeRow.name_en)))
        wanted = wanted.where(or_(names, OfficeRow.uscc.startswith(query.upper(), autoescape=True)))
    if kind:
        wanted = wanted.where(OfficeRow.kind == kind)
    if after is not None:
        wanted = wanted.where(OfficeRow.id > after)
    found = [(office, count) for office, count in session.execute(wanted.order_by(OfficeRow.id).limit(limit + 1))]
    return found[:limit], found[limit - 1][0].id if len(found) > limit else None


@dataclass(frozen=True, slots=True)
class TieLine:
    """A tie with the name of its firm, empty when the register does not have it."""

    row: TieRow
    firm_name: str

    @property
    def tie(self) -> Tie:
        """Return the tie as the rules see it."""
        return Tie(TieKind(self.row.kind), self.row.uscc, self.row.ended_on)


def ties_listed(session: Session, person_id: int) -> list[TieLine]:
    """Return the ties of a person, the newest first; those withdrawn come last."""
    query = (
        select(TieRow, Firm.name)
        .outerjoin(Firm, Firm.uscc == TieRow.uscc)
        .where(TieRow.person_id == person_id)
        .order_by(TieRow.withdrawn_at.is_not(None), TieRow.id.desc())
    )
    return [TieLine(row, name or "") for row, name in session.execute(query)]


def groups_page(
    session: Session, *, query: str | None = None, after: str | None = None, limit: int = 50
) -> tuple[Sequence[tuple[GroupMember, str]], str | None]:
    """Return a page of firms that belong to groups, each with its name in the register, in the order of the groups.

    Args:
        query: a part of a group's or firm's name, or the beginning of a code.
        after: the code of the last firm of the page before.
    """
    wanted = select(GroupMember, Firm.name).outerjoin(Firm, Firm.uscc == GroupMember.uscc)
    if query:
        names = (GroupMember.group_name.icontains(query, autoescape=True), Firm.name.icontains(query, autoescape=True))
        wanted = wanted.where(or_(*names, GroupMember.uscc.startswith(query.upper(), autoescape=True)))
    if after:
        last = select(GroupMember.group_name).where(GroupMember.uscc == after).scalar_subquery()
        same = and_(GroupMember.group_name == last, GroupMember.uscc > after)
        wanted = wanted.where(or_(GroupMember.group_name > last, same))
    wanted = wanted.order_by(GroupMember.group_name, GroupMember.uscc).limit(limit + 1)
    found = [(row, name or "") for row, name in session.execute(wanted)]
    return found[:limit], found[limit - 1][0].uscc if len(found) > limit else None
