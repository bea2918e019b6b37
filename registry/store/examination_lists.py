"""Lists of examinations: what departments were asked, draws and who was in them, audits; each a page at a time."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session

from registry.store.cases import Application, CaseStep
from registry.store.examinations import Inquiry, SampleDraw, SampleMember
from registry.store.offices import OfficeRow

PAGE = 50
# Numbers that are looked up at once; well under the parameters that either database takes.
_BATCH = 2000


@dataclass(frozen=True, slots=True)
class InquiryLine:
    """What a department was asked, with the case."""

    inquiry: Inquiry
    case: Application


@dataclass(frozen=True, slots=True)
class InquiriesPage:
    """A page of what a department was asked; `after` asks for the next one, None on the last."""

    lines: tuple[InquiryLine, ...]
    after: int | None


def inquiries_page(
    session: Session,
    departments: Collection[str],
    tab: str,
    *,
    states: Collection[str],
    today: date,
    after: int | None = None,
    limit: int = PAGE,
) -> InquiriesPage:
    """Return a page of what some departments were asked.

    Args:
        tab: waiting or overdue, the ones due first before the others; answered, the newest first.
        states: those in which a case waits for answers.
    """
    query = select(Inquiry, Application).join(Application, Application.id == Inquiry.application_id)
    query = query.where(_in_tab(departments, tab, states, today))
    last = session.get(Inquiry, after) if after else None
    if tab == "answered":
        query = query.order_by(Inquiry.answered_at.desc(), Inquiry.id.desc())
        if last is not None:
            same = and_(Inquiry.answered_at == last.answered_at, Inquiry.id < last.id)
            query = query.where(or_(Inquiry.answered_at < last.answered_at, same))
    else:
        query = query.order_by(Inquiry.due_on, Inquiry.id)
        if last is not None:
            same = and_(Inquiry.due_on == last.due_on, Inquiry.id > last.id)
            query = query.where(or_(Inquiry.due_on > last.due_on, same))
    rows = session.execute(query.limit(limit + 1)).all()
    lines = tuple(InquiryLine(inquiry, case) for inquiry, case in rows[:limit])
    return InquiriesPage(lines, lines[-1].inquiry.id if len(rows) > limit else None)


def inquiries_counted(
    session: Session, departments: Collection[str], *, states: Collection[str], today: date
) -> dict[str, int]:
    """Count what some departments were asked, by tab."""
    return {tab: _count(session, departments, tab, states, today) for tab in ("waiting", "overdue", "answered")}


def _count(session: Session, departments: Collection[str], tab: str, states: Collection[str], today: date) -> int:
    query = select(func.count()).select_from(Inquiry).join(Application, Application.id == Inquiry.application_id)
    return session.scalar(query.where(_in_tab(departments, tab, states, today))) or 0


def _in_tab(departments: Collection[str], tab: str, states: Collection[str], today: date) -> ColumnElement[bool]:
    mine = Inquiry.department.in_(sorted(departments))
    if tab == "answered":
        return and_(mine, Inquiry.answer.is_not(None))
    waits = and_(mine, Inquiry.answer.is_(None), Application.state.in_(sorted(states)))
    return and_(waits, Inquiry.due_on < today) if tab == "overdue" else waits


def inquiries_about(session: Session, case_ids: Iterable[int]) -> dict[int, dict[str, Inquiry]]:
    """Return what the departments were asked about some cases, by case and department."""
    found: dict[int, dict[str, Inquiry]] = {number: {} for number in case_ids}
    numbers = sorted(found)
    for start in range(0, len(numbers), _BATCH):
        query = select(Inquiry).where(Inquiry.application_id.in_(numbers[start : start + _BATCH]))
        for row in session.scalars(query.order_by(Inquiry.id)):
            found[row.application_id][row.department] = row
    return found


def cases_to_ask_about(
    session: Session, visible: ColumnElement[bool], states: Collection[str], *, limit: int
) -> list[Application]:
    """Return the cases at a stage of inquiries of which no department was asked yet, those due first before others."""
    return list(session.scalars(_unasked(visible, states).order_by(Application.due_on, Application.id).limit(limit)))


def count_to_ask_about(session: Session, visible: ColumnElement[bool], states: Collection[str]) -> int:
    """Count the cases of which no department was asked yet."""
    return session.scalar(select(func.count()).select_from(_unasked(visible, states).subquery())) or 0


def _unasked(visible: ColumnElement[bool], states: Collection[str]) -> Select[Application]:
    asked = select(Inquiry.id).where(Inquiry.application_id == Application.id).exists()
    return select(Application).where(visible, Application.state.in_(sorted(states)), ~asked)


def cases_asked_about(
    session: Session, visible: ColumnElement[bool], states: Collection[str], *, after: int | None = None
) -> tuple[list[Application], int | None]:
    """Return a page of the cases whose departments are being asked, by number, and what asks for the next page."""
    asked = select(Inquiry.id).where(Inquiry.application_id == Application.id).exists()
    query = select(Application).where(visible, Application.state.in_(sorted(states)), asked)
    if after:
        query = query.where(Application.id > after)
    rows = list(session.scalars(query.order_by(Application.id).limit(PAGE + 1)))
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def auditors_open(session: Session) -> list[OfficeRow]:
    """Return the third-party auditors that are open, by name."""
    query = select(OfficeRow).where(OfficeRow.kind == "auditor", OfficeRow.closed_at.is_(None))
    return list(session.scalars(query.order_by(OfficeRow.name, OfficeRow.id)))


def _undrawn(tier: str, stage: str, state: str) -> ColumnElement[bool]:
    drawn = (
        select(SampleMember.draw_id)
        .join(SampleDraw, SampleDraw.id == SampleMember.draw_id)
        .where(SampleMember.application_id == Application.id, SampleDraw.stage == stage)
        .exists()
    )
    return and_(Application.tier == tier, Application.state == state, ~drawn)


def cases_to_draw_from(session: Session, tier: str, stage: str, state: str, *, limit: int) -> list[Application]:
    """Return the cases at a stage that were in no draw there, by reference."""
    query = select(Application).where(_undrawn(tier, stage, state))
    return list(session.scalars(query.order_by(Application.reference).limit(limit)))


def count_to_draw_from(session: Session, tier: str, stage: str, state: str) -> int:
    """Count the cases at a stage that were in no draw there."""
    return session.scalar(select(func.count()).select_from(Application).where(_undrawn(tier, stage, state))) or 0


def sampled_at(session: Session, case_ids: Collection[int], levels: Collection[str]) -> set[int]:
    """Return those of some cases that an office of some levels inspected, or drew."""
    numbers, found = sorted(case_ids), set[int]()
    for start in range(0, len(numbers), _BATCH):
        some = numbers[start : start + _BATCH]
        visited = select(CaseStep.application_id).where(
            CaseStep.application_id.in_(some), CaseStep.action == "inspect", CaseStep.level.in_(sorted(levels))
        )
        drawn = (
            select(SampleMember.application_id)
            .join(SampleDraw, SampleDraw.id == SampleMember.draw_id)
            .where(SampleMember.application_id.in_(some), SampleMember.is_drawn, SampleDraw.level.in_(sorted(levels)))
        )
        found.update(session.scalars(visited), session.scalars(drawn))
    return found


@dataclass(frozen=True, slots=True)
class DrawLine:
    """A draw with how many were in it, were drawn, and have their result."""

    draw: SampleDraw
    cases: int
    drawn: int
    reported: int


def draw_by_number(session: Session, number: int) -> SampleDraw | None:
    """Return a draw by its number."""
    return session.get(SampleDraw, number)


def draws_page(session: Session, *, after: int | None = None) -> tuple[list[DrawLine], int | None]:
    """Return a page of the draws, the newest first, and what asks for the next page."""
    query = select(SampleDraw)
    if after:
        query = query.where(SampleDraw.id < after)
    rows = list(session.scalars(query.order_by(SampleDraw.id.desc()).limit(PAGE + 1)))
    counted = _members_counted(session, [row.id for row in rows[:PAGE]])
    lines = [DrawLine(row, *counted.get(row.id, (0, 0, 0))) for row in rows[:PAGE]]
    return lines, rows[PAGE - 1].id if len(rows) > PAGE else None


def _members_counted(session: Session, draw_ids: Sequence[int]) -> Mapping[int, tuple[int, int, int]]:
    drawn = func.count().filter(SampleMember.is_drawn)
    query = select(SampleMember.draw_id, func.count(), drawn, func.count(SampleMember.result))
    rows = session.execute(query.where(SampleMember.draw_id.in_(draw_ids)).group_by(SampleMember.draw_id))
    return {number: (cases, drawn_ones, reported) for number, cases, drawn_ones, reported in rows}


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A case that was in a draw, and the auditor it was given to."""

    member: SampleMember
    case: Application
    auditor: OfficeRow | None


def members_of(session: Session, draw_id: int) -> list[MemberLine]:
    """Return who was in a draw, in the order of the list drawn from."""
    query = (
        select(SampleMember, Application, OfficeRow)
        .join(Application, Application.id == SampleMember.application_id)
        .outerjoin(OfficeRow, OfficeRow.id == SampleMember.auditor_id)
        .where(SampleMember.draw_id == draw_id)
        .order_by(SampleMember.position)
    )
    return [MemberLine(member, case, office) for member, case, office in session.execute(query)]


def audits_page(
    session: Session, office_ids: Collection[int], tab: str, *, after: int | None = None
) -> tuple[list[MemberLine], int | None]:
    """Return a page of the cases that some auditors were given, and what asks for the next page.

    Args:
        tab: waiting, or reported.
    """
    query = (
        select(SampleMember, Application, OfficeRow)
        .join(Application, Application.id == SampleMember.application_id)
        .join(OfficeRow, OfficeRow.id == SampleMember.auditor_id)
        .where(SampleMember.is_drawn, SampleMember.auditor_id.in_(sorted(office_ids)) if office_ids else false())
    )
    query = query.where(_is_waiting() if tab == "waiting" else SampleMember.result.is_not(None))
    if after:
        query = query.where(Application.id > after)
    rows = [MemberLine(*row) for row in session.execute(query.order_by(Application.id).limit(PAGE + 1))]
    return rows[:PAGE], rows[PAGE - 1].case.id if len(rows) > PAGE else None


def count_audits(session: Session, office_ids: Collection[int]) -> int:
    """Count the cases that some auditors were given and have still to report on."""
    query = select(func.count()).select_from(SampleMember).join(Application)
    mine = SampleMember.auditor_id.in_(sorted(office_ids)) if office_ids else false()
    return session.scalar(query.where(SampleMember.is_drawn, mine, _is_waiting())) or 0


def drawn_member(
    session: Session, case_id: int, office_ids: Collection[int | None] | None = None
) -> tuple[SampleMember, SampleDraw] | None:
    """Return how a drawn case fares, in its newest draw; None when it was drawn in none.

    Args:
        office_ids: only what these auditors were given; None: whoever looks.
    """
    query = select(SampleMember, SampleDraw).join(SampleDraw, SampleDraw.id == SampleMember.draw_id)
    query = query.where(SampleMember.application_id == case_id, SampleMember.is_drawn)
    if office_ids is not None:
        query = query.where(SampleMember.auditor_id.in_([one for one in office_ids if one is not None]))
    found = session.execute(query.order_by(SampleMember.draw_id.desc()).limit(1)).first()
    return (found[0], found[1]) if found else None


def _is_waiting() -> ColumnElement[bool]:
    # A case that was withdrawn, or settled otherwise, needs no result any more.
    return and_(SampleMember.result.is_(None), Application.closed_at.is_(None))
