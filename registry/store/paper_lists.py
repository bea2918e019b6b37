"""Reads of firms' papers within what the reader may see: changes, reports, updates that were not filed in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, select
from sqlalchemy.orm import Session

from registry.domain.standing import ANY_TITLE
from registry.store.books import as_known, stands
from registry.store.firms import Firm
from registry.store.papers import ChangeReport, Report, YearlyUpdate
from registry.store.people import Person
from registry.store.standing import StandingSpan
from registry.store.statements import Title

PAGE = 50


@dataclass(frozen=True, slots=True)
class Missed:
    """A firm that filed no update of a year in time.

    Attributes:
        filed_at: when it came, late; None while it did not come.
    """

    firm: Firm
    filed_at: datetime | None


def changes_of_firm(session: Session, firm_id: int) -> list[ChangeReport]:
    """Return the changes that a firm reported, the newest first."""
    query = select(ChangeReport).where(ChangeReport.firm_id == firm_id)
    return list(session.scalars(query.order_by(ChangeReport.id.desc())))


def questions_of_firm(session: Session, firm_id: int) -> list[Report]:
    """Return the reports about which a firm was asked, the newest first; of others it learns nothing."""
    query = select(Report).where(Report.firm_id == firm_id, Report.question != "")
    return list(session.scalars(query.order_by(Report.id.desc())))


def question_visible(session: Session, visible: ColumnElement[bool], number: int, firm_id: int) -> Report | None:
    """Return a report about which a firm was asked, by its number, if the reader acts for the firm."""
    query = select(Report).where(Report.id == number, Report.firm_id == firm_id, Report.question != "", visible)
    return session.scalar(query)


def change_visible(session: Session, visible: ColumnElement[bool], number: int) -> tuple[ChangeReport, Firm] | None:
    """Return a report of a change with its firm, if the reader may see it."""
    query = select(ChangeReport, Firm).join(Firm, Firm.id == ChangeReport.firm_id)
    found = session.execute(query.where(ChangeReport.id == number, visible)).one_or_none()
    return (found[0], found[1]) if found else None


def report_visible(session: Session, visible: ColumnElement[bool], number: int) -> tuple[Report, Firm] | None:
    """Return a report with its firm, if the reader may see it."""
    query = select(Report, Firm).join(Firm, Firm.id == Report.firm_id)
    found = session.execute(query.where(Report.id == number, visible)).one_or_none()
    return (found[0], found[1]) if found else None


def changes_page(
    session: Session, visible: ColumnElement[bool], *, is_settled: bool, after: int | None = None, limit: int = PAGE
) -> tuple[list[tuple[ChangeReport, Firm]], int | None]:
    """Return a page of reports of changes: those that wait, the oldest first; settled ones, the newest first."""
    query = select(ChangeReport, Firm).join(Firm, Firm.id == ChangeReport.firm_id).where(visible)
    query = query.where(ChangeReport.outcome.is_not(None) if is_settled else ChangeReport.outcome.is_(None))
    return _paged(session, query, ChangeReport.id, is_settled, after, limit)


def reports_page(
    session: Session, visible: ColumnElement[bool], *, is_settled: bool, after: int | None = None, limit: int = PAGE
) -> tuple[list[tuple[Report, Firm]], int | None]:
    """Return a page of reports: those under way, the oldest first; settled ones, the newest first."""
    query = select(Report, Firm).join(Firm, Firm.id == Report.firm_id).where(visible)
    query = query.where(Report.state == "settled" if is_settled else Report.state != "settled")
    return _paged(session, query, Report.id, is_settled, after, limit)


def _paged(
    session: Session, query: Any, key: Any, newest_first: bool, after: int | None, limit: int
) -> tuple[list[Any], int | None]:
    if after:
        query = query.where(key < after if newest_first else key > after)
    rows = session.execute(query.order_by(key.desc() if newest_first else key).limit(limit + 1)).all()
    pairs = [(row[0], row[1]) for row in rows[:limit]]
    return pairs, pairs[-1][0].id if len(rows) > limit else None


def changes_waiting(session: Session, visible: ColumnElement[bool]) -> int:
    """Count the changes that nobody settled yet."""
    query = select(func.count()).select_from(ChangeReport).where(visible, ChangeReport.outcome.is_(None))
    return session.scalar(query) or 0


def reports_waiting(session: Session, visible: ColumnElement[bool]) -> int:
    """Count the reports that are not settled."""
    return session.scalar(select(func.count()).select_from(Report).where(visible, Report.state != "settled")) or 0


def missed_page(
    session: Session,
    visible: ColumnElement[bool],
    *,
    on: date,
    due_on: date,
    over_at: datetime,
    after: str | None = None,
    limit: int = PAGE,
) -> tuple[list[Missed], str | None]:
    """Return a page of the holders of titles without an update of a year in time, along the codes.

    Args:
        on: a title is held on this day as well as on the day due.
        over_at: the moment at which the day due is over.
    """
    late = (
        select(func.min(YearlyUpdate.filed_at))
        .where(YearlyUpdate.firm_id == Firm.id, YearlyUpdate.year == due_on.year)
        .correlate(Firm)
        .scalar_subquery()
    )
    query = select(Firm, late).where(visible, *_missed(on, due_on, over_at))
    if after:
        query = query.where(Firm.uscc > after)
    rows = session.execute(query.order_by(Firm.uscc).limit(limit + 1)).all()
    lines = [Missed(row[0], row[1]) for row in rows[:limit]]
    return lines, lines[-1].firm.uscc if len(rows) > limit else None


def missed_count(session: Session, visible: ColumnElement[bool], *, on: date, due_on: date, over_at: datetime) -> int:
    """Count the holders of titles without an update of a year in time."""
    query = select(func.count()).select_from(Firm).where(visible, *_missed(on, due_on, over_at))
    return session.scalar(query) or 0


def titles_missed(
    session: Session,
    visible: ColumnElement[bool],
    *,
    on: date,
    years: Sequence[tuple[int, date, datetime]],
    at_least: int,
    limit: int = 200,
) -> list[tuple[Title, Firm]]:
    """Return the titles in force of which so many updates were missed within their validity, along the codes.

    Args:
        years: each with its day due and the moment at which that is over.
    """
    if len(years) < at_least:
        return []
    missed: ColumnElement[int] = literal(0)
    for year, due_on, over_at in years:
        missed += case((and_(Title.recognised_on < due_on, ~_in_time(year, over_at)), 1), else_=0)
    held = exists().where(
        StandingSpan.firm_id == Title.firm_id, StandingSpan.tier == Title.tier, stands(on), as_known(StandingSpan, None)
    )
    query = (
        select(Title, Firm)
        .join(Firm, Firm.id == Title.firm_id)
        .where(
            visible,
            Title.superseded_at.is_(None),
            Title.recognised_on <= on,
            Title.valid_until >= on,
            held,
            missed >= at_least,
        )
        .order_by(Firm.uscc, Title.recognised_on)
        .limit(limit)
    )
    return [(title, firm) for title, firm in session.execute(query)]


def names_of(session: Session, people: Sequence[int | None]) -> dict[int, str]:
    """Return the names of people by their numbers."""
    wanted = sorted({one for one in people if one is not None})
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))
    return {number: name for number, name in rows}


def _missed(on: date, due_on: date, over_at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (_holds(on), _holds(due_on), ~_in_time(due_on.year, over_at))


def _in_time(year: int, over_at: datetime) -> ColumnElement[bool]:
    return exists().where(YearlyUpdate.firm_id == Firm.id, YearlyUpdate.year == year, YearlyUpdate.filed_at < over_at)


def _holds(on: date) -> ColumnElement[bool]:
    return Firm.id.in_(
        select(StandingSpan.firm_id).where(StandingSpan.tier == ANY_TITLE, stands(on), as_known(StandingSpan, None))
    )
