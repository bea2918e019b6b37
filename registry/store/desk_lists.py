"""The cases on a desk: which stand where for whoever reads, counted by tab and listed a page at a time.

What waits at whose desk follows from the procedures: a state is somebody's where he has a move to make in it. Drafts
are on no desk. A page costs the same whatever its number: it is found by the values of the line before it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, or_, select
from sqlalchemy.orm import Session, load_only

from registry.domain.actors import Seat
from registry.domain.case_states import DRAFT, Phase, State
from registry.domain.workdays import Calendar
from registry.store.calendars import CalendarDay
from registry.store.cases import Application
from registry.store.desk_states import at_desk, in_states, over, public, returned, under_way
from registry.store.people import Person
from registry.store.publicities import Publicity, PublicityEntry

TABS = ("waiting", "overdue", "returned", "publicity", "mine", "all", "closed")
SORTS = ("due", "submitted", "name")
PAGE = 50
_LONGEST_CODE = 18
# What a line tells of a case; what else it has is not read, and asking a line for it is a defect.
_LISTED = load_only(
    Application.reference,
    Application.uscc,
    Application.firm_name,
    Application.district,
    Application.tier,
    Application.kind,
    Application.state,
    Application.procedure_id,
    Application.submitted_on,
    Application.verdict,
    Application.score_low,
    Application.score_high,
    Application.entered_at,
    Application.due_on,
    Application.due_is_provisional,
    raiseload=True,
)


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose desk it is.

    Attributes:
        visible: which cases he may see at all (see `registry.store.scope`).
    """

    person_id: int
    seats: tuple[Seat, ...]
    visible: ColumnElement[bool]
    today: date


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of cases is narrowed to.

    Attributes:
        text: a part of the firm's name, or the beginning of its code or of the reference.
        stage: `submitted`, or the key of a stage, at which it is or from which it was returned.
        due_before: the last day that still fits.
        handler: `me` or `none`.
    """

    text: str = ""
    tier: str | None = None
    kind: str | None = None
    district: str | None = None
    stage: str | None = None
    verdict: str | None = None
    submitted_from: date | None = None
    submitted_to: date | None = None
    due_before: date | None = None
    handler: str | None = None


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case as the desk lists it.

    Attributes:
        handler: the name of whoever it is assigned to.
        public_until: the last day of the list on which it is made public at its present stage.
        is_unsure: that day may still change.
    """

    case: Application
    handler: str | None
    public_until: date | None = None
    is_unsure: bool = False


@dataclass(frozen=True, slots=True)
class CasesPage:
    """A page of a desk; `after` asks for the next one, None on the last."""

    lines: tuple[CaseLine, ...]
    after: str | None


def tab_counts(session: Session, reader: Reader, wanted: Wanted, tabs: tuple[str, ...] = TABS) -> dict[str, int]:
    """Count the cases of each tab that fit. One look-up."""
    common = (reader.visible, *_narrowed(wanted, reader))
    counts = [
        select(func.count()).select_from(Application).where(*common, _of_tab(tab, reader)).scalar_subquery()
        for tab in tabs
    ]
    return dict(zip(tabs, session.execute(select(*counts)).one(), strict=True))


def cases_page(
    session: Session,
    reader: Reader,
    tab: str,
    wanted: Wanted,
    *,
    sort: str = "due",
    after: str | None = None,
    limit: int = PAGE,
) -> CasesPage:
    """Return a page of the cases of a tab that fit.

    Args:
        sort: `due`: what is due first, what has no day last; `submitted`: the newest first; `name`: by the firm.
        after: what the page before said; what cannot be read is passed over.
    """
    query = (
        select(Application, Person.name, _public(Publicity.last_day), _public(Publicity.is_provisional))
        .outerjoin(Person, Person.id == Application.handler_id)
        .where(reader.visible, _of_tab(tab, reader), *_narrowed(wanted, reader))
        .options(_LISTED)
    )
    beyond = _beyond(sort, after) if after else None
    if beyond is not None:
        query = query.where(beyond)
    rows = session.execute(query.order_by(*_ORDERS[sort]).limit(limit + 1)).all()
    lines = tuple(CaseLine(case, handler, day, bool(unsure)) for case, handler, day, unsure in rows[:limit])
    return CasesPage(lines, _mark(sort, lines[-1].case) if len(rows) > limit else None)


def all_cases(session: Session, reader: Reader, tab: str, wanted: Wanted, *, sort: str = "due") -> Iterator[CaseLine]:
    """Yield every case of a tab that fits, in the order of its pages."""
    after: str | None = None
    while True:
        page = cases_page(session, reader, tab, wanted, sort=sort, after=after, limit=1_000)
        yield from page.lines
        after = page.after
        if after is None:
            return


def cases_chosen(session: Session, visible: ColumnElement[bool], numbers: list[int]) -> list[Application]:
    """Return those of some cases that whoever asks may see, in the order in which they are due."""
    query = select(Application).where(Application.id.in_(numbers), visible, Application.state != str(DRAFT))
    return list(session.scalars(query.order_by(*_ORDERS["due"])))


def calendar_between(session: Session, first: date, last: date) -> Calendar:
    """Return the calendar of some days, by which those that are worked can be counted. One look-up.

    Only a notice states such days, and where none does, the weekday decides: so every year may be taken for known.
    """
    query = select(CalendarDay.day, CalendarDay.is_workday).where(CalendarDay.day.between(first, last))
    days = session.execute(query).all()
    return Calendar(
        off=frozenset(day for day, is_worked in days if not is_worked),
        worked=frozenset(day for day, is_worked in days if is_worked),
        gazetted=dict.fromkeys(range(first.year, last.year + 1), ""),
    )


def _public(column: Any) -> Any:
    """Return what the newest list on which a case is public at its present stage says; null where there is none."""
    return (
        select(column)
        .join(PublicityEntry, PublicityEntry.publicity_id == Publicity.id)
        .where(
            PublicityEntry.application_id == Application.id,
            Application.state == literal(f"{Phase.STAGE}:") + Publicity.stage,
        )
        .order_by(Publicity.id.desc())
        .limit(1)
        .correlate(Application)
        .scalar_subquery()
    )


def _of_tab(tab: str, reader: Reader) -> ColumnElement[bool]:
    match tab:
        case "waiting":
            return at_desk(reader.seats)
        case "overdue":
            return and_(in_states(under_way()), Application.due_on < reader.today)
        case "returned":
            return in_states(returned())
        case "publicity":
            return in_states(public())
        case "mine":
            return and_(in_states(under_way()), Application.handler_id == reader.person_id)
        case "closed":
            # A draft that was withdrawn was never a case of the bureau's.
            return and_(in_states(over()), Application.submitted_on.is_not(None))
    return in_states(under_way())


def _narrowed(wanted: Wanted, reader: Reader) -> list[ColumnElement[bool]]:
    """Return the conditions of what is asked for."""
    found: list[ColumnElement[bool]] = []
    if wanted.text.strip():
        found.append(_matches(wanted.text.strip()))
    for column, value in (
        (Application.tier, wanted.tier),
        (Application.kind, wanted.kind),
        (Application.district, wanted.district),
        (Application.verdict, wanted.verdict),
    ):
        if value is not None:
            found.append(column == value)
    if wanted.stage is not None:
        at = State(Phase.SUBMITTED) if wanted.stage == Phase.SUBMITTED else State(Phase.STAGE, wanted.stage)
        found.append(Application.state.in_((str(at), str(State(Phase.RETURNED, at.at)))))
    if wanted.submitted_from is not None:
        found.append(Application.submitted_on >= wanted.submitted_from)
    if wanted.submitted_to is not None:
        found.append(Application.submitted_on <= wanted.submitted_to)
    if wanted.due_before is not None:
        found.append(Application.due_on <= wanted.due_before)
    if wanted.handler is not None:
        is_mine = wanted.handler == "me"
        found.append(Application.handler_id == reader.person_id if is_mine else Application.handler_id.is_(None))
    return found


def _matches(text: str) -> ColumnElement[bool]:
    """Return the condition that a name has a text, or that a code or a reference begins with it."""
    has_it: ColumnElement[bool] = Application.firm_name.contains(text, autoescape=True)
    code = text.upper()
    if not (code.isascii() and code.isalnum() and len(code) <= _LONGEST_CODE):
        return has_it
    # No code has a letter after Z, and so it is in the order of every database, whatever its language.
    last = code.ljust(_LONGEST_CODE, "Z")
    return or_(
        has_it,
        and_(Application.uscc >= code, Application.uscc <= last),
        and_(Application.reference >= code, Application.reference <= last),
    )


_ORDERS: Mapping[str, tuple[Any, ...]] = {
    # Databases differ on where what is missing stands; here it is last.
    "due": (Application.due_on.is_(None), Application.due_on, Application.id),
    "submitted": (Application.submitted_on.desc(), Application.id.desc()),
    "name": (Application.firm_name, Application.id),
}


def _mark(sort: str, case: Application) -> str:
    """Return the values of a line by which the page after it is found."""
    value = {"due": case.due_on or "", "submitted": case.submitted_on, "name": case.firm_name}[sort]
    return f"{case.id}~{value}"


def _beyond(sort: str, after: str) -> ColumnElement[bool] | None:
    """Return the condition that a case comes after a line; None where the line cannot be read."""
    number_text, _, value = after.partition("~")
    if not (number_text.isascii() and number_text.isdigit() and len(number_text) <= _LONGEST_CODE):
        return None
    number = int(number_text)
    if sort == "name":
        name = Application.firm_name
        return or_(name > value, and_(name == value, Application.id > number))
    if sort == "due" and not value:
        return and_(Application.due_on.is_(None), Application.id > number)
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    if sort == "due":
        due = Application.due_on
        return or_(due.is_(None), due > day, and_(due == day, Application.id > number))
    on = Application.submitted_on
    return or_(on < day, and_(on == day, Application.id < number))
