"""Reads of publicities: what waits for one, the lists of an office, those open to everybody, and objections.

A list is open to everybody from its first day on. Its own text, frozen with it, gives its digest.
"""

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from registry.store.cases import Application
from registry.store.publicities import Objection, ObjectionFile, Publicity, PublicityEntry

# Of one list on one page; the lists that were seen have some hundred firms.
ENTRIES_SHOWN = 1_000
# A case that stands where the list was made; what was closed or withdrawn since stands elsewhere.
_STILL_THERE = exists().where(
    PublicityEntry.publicity_id == Publicity.id,
    Application.id == PublicityEntry.application_id,
    Application.state == "stage:" + Publicity.stage,
)


def is_running(listed: Publicity, on: date) -> bool:
    """Say whether objections may be made on a day: from the first day to the end of the last.

    While its last day is provisional a list goes on running: nobody knows yet when it ends, and nothing closes it.
    """
    return listed.first_day <= on and (on <= listed.last_day or listed.is_provisional)


def digest_of(listed: Publicity, entries: Iterable[PublicityEntry]) -> str:
    """Return the SHA-256 of a list as it was frozen; its last day may still be worked out again and is left out."""
    rows = [[one.position, one.uscc, one.name, one.district, one.kind] for one in entries]
    head = [listed.title, listed.tier, listed.stage, listed.level, listed.district, listed.first_day.isoformat()]
    text = json.dumps([*head, listed.days, listed.unit, rows], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def cases_waiting(session: Session, visible: ColumnElement[bool], stages: Collection[str]) -> list[Application]:
    """Return the cases at some stages that were on no list of it yet, by tier and stage, then by name and code.

    Which stages are publicities is for the procedures to say.
    """
    listed = exists().where(
        PublicityEntry.application_id == Application.id,
        Publicity.id == PublicityEntry.publicity_id,
        Application.state == "stage:" + Publicity.stage,
    )
    at = Application.state.in_(sorted(f"stage:{one}" for one in stages))
    found = session.scalars(select(Application).where(visible, at, ~listed))
    # Sorted here: each database has its own order of Chinese names.
    return sorted(found, key=lambda case: (case.tier, case.state, case.firm_name, case.uscc))


@dataclass(frozen=True, slots=True)
class ListLine:
    """A list with how many firms are on it, how many are still there, and how many objections wait for an answer."""

    listed: Publicity
    firms: int
    still_there: int
    objections: int
    unanswered: int


def _lines(session: Session, lists: Iterable[Publicity]) -> list[ListLine]:
    rows = list(lists)
    is_there = Application.state == "stage:" + Publicity.stage
    entries = (
        select(PublicityEntry.publicity_id, func.count().label("firms"), func.count().filter(is_there).label("there"))
        .join(Publicity, Publicity.id == PublicityEntry.publicity_id)
        .join(Application, Application.id == PublicityEntry.application_id)
        .where(Publicity.id.in_([row.id for row in rows]))
        .group_by(PublicityEntry.publicity_id)
        .subquery()
    )
    waiting = func.count().filter(Objection.replied_at.is_(None), is_there)
    made = (
        select(Objection.publicity_id, func.count().label("made"), waiting.label("waiting"))
        .join(Publicity, Publicity.id == Objection.publicity_id)
        .join(Application, Application.id == Objection.application_id)
        .where(Publicity.id.in_([row.id for row in rows]))
        .group_by(Objection.publicity_id)
        .subquery()
    )
    # A list is never without entries; most are without objections.
    query = select(
        entries.c.publicity_id,
        entries.c.firms,
        entries.c.there,
        func.coalesce(made.c.made, 0),
        func.coalesce(made.c.waiting, 0),
    ).outerjoin(made, made.c.publicity_id == entries.c.publicity_id)
    counts = {number: tuple(told) for number, *told in session.execute(query)}
    return [ListLine(row, *counts.get(row.id, (0, 0, 0, 0))) for row in rows]


def lists_open(session: Session, visible: ColumnElement[bool]) -> list[ListLine]:
    """Return the lists on which a case still stands where it was made public, those that end first at the top."""
    query = select(Publicity).where(visible, _STILL_THERE)
    return _lines(session, session.scalars(query.order_by(Publicity.last_day, Publicity.id)))


def lists_past(
    session: Session, visible: ColumnElement[bool], *, after: int | None = None, limit: int = 50
) -> tuple[list[ListLine], int | None]:
    """Return a page of the lists of which every case has gone on, the newest first, and what asks for the next."""
    query = select(Publicity).where(visible, ~_STILL_THERE)
    if after:
        query = query.where(Publicity.id < after)
    rows = list(session.scalars(query.order_by(Publicity.id.desc()).limit(limit + 1)))
    return _lines(session, rows[:limit]), rows[limit - 1].id if len(rows) > limit else None


def list_visible(session: Session, visible: ColumnElement[bool], number: int) -> Publicity | None:
    """Return a list by its number, if the reader may see it."""
    return session.scalars(select(Publicity).where(Publicity.id == number, visible)).one_or_none()


def lists_to_settle(session: Session) -> list[Publicity]:
    """Return the lists whose last day is provisional, the oldest first."""
    return list(session.scalars(select(Publicity).where(Publicity.is_provisional).order_by(Publicity.id)))


def cases_of(session: Session, number: int) -> list[tuple[PublicityEntry, Application]]:
    """Return the firms of a list with their cases, in the order of the list."""
    query = select(PublicityEntry, Application).join(Application, Application.id == PublicityEntry.application_id)
    rows = session.execute(query.where(PublicityEntry.publicity_id == number).order_by(PublicityEntry.position))
    return [(entry, case) for entry, case in rows]


def lists_public(
    session: Session, today: date, *, after: int | None = None, limit: int = 50
) -> tuple[list[tuple[Publicity, int]], int | None]:
    """Return a page of the lists whose first day has come, the newest first, each with how many firms are on it."""
    count = (
        select(func.count())
        .where(PublicityEntry.publicity_id == Publicity.id)
        .correlate(Publicity)
        .scalar_subquery()
    )  # fmt: skip
    query = select(Publicity, count).where(Publicity.first_day <= today)
    if after:
        before = select(Publicity.first_day).where(Publicity.id == after).scalar_subquery()
        query = query.where(
            or_(Publicity.first_day < before, and_(Publicity.first_day == before, Publicity.id < after))
        )
    order = (Publicity.first_day.desc(), Publicity.id.desc())
    rows = [(listed, int(firms)) for listed, firms in session.execute(query.order_by(*order).limit(limit + 1))]
    return rows[:limit], rows[limit - 1][0].id if len(rows) > limit else None


def list_public(session: Session, number: int, today: date) -> Publicity | None:
    """Return a list by its number, if its first day has come."""
    return session.scalars(select(Publicity).where(Publicity.id == number, Publicity.first_day <= today)).one_or_none()


def entries_of(
    session: Session, number: int, *, query: str = "", after: int = 0, limit: int = 0
) -> list[PublicityEntry]:
    """Return firms of a list in its order, all unless narrowed.

    Args:
        query: a part of the name, or the beginning of the code.
        after: the place after which to go on.
        limit: how many at most; 0 for all.
    """  # fmt: skip
    asked = select(PublicityEntry).where(PublicityEntry.publicity_id == number, PublicityEntry.position > after)
    if query:
        code = PublicityEntry.uscc.startswith(query.upper(), autoescape=True)
        asked = asked.where(or_(PublicityEntry.name.contains(query, autoescape=True), code))
    asked = asked.order_by(PublicityEntry.position)
    return list(session.scalars(asked.limit(limit) if limit else asked))


def entry_at(session: Session, number: int, position: int) -> tuple[PublicityEntry, Application] | None:
    """Return the firm at a place of a list, with its case."""
    query = (
        select(PublicityEntry, Application)
        .join(Application, Application.id == PublicityEntry.application_id)
        .where(PublicityEntry.publicity_id == number, PublicityEntry.position == position)
    )
    found = session.execute(query).one_or_none()
    return (found[0], found[1]) if found else None


def objections_of(session: Session, number: int) -> dict[int, list[Objection]]:
    """Return the objections to the firms of a list by their cases, the oldest first."""
    found: dict[int, list[Objection]] = {}
    query = select(Objection).where(Objection.publicity_id == number)
    for row in session.scalars(query.order_by(Objection.id)):
        found.setdefault(row.application_id, []).append(row)
    return found


@dataclass(frozen=True, slots=True)
class Objected:
    """An objection with the firm's place on its list, the case, and the list."""

    objection: Objection
    entry: PublicityEntry
    case: Application
    listed: Publicity

    @property
    def state(self) -> str:
        """Say where it stands: answered, waiting, or moot since the firm is no longer where it was objected to."""
        if self.objection.replied_at is not None:
            return "upheld" if self.objection.is_upheld else "not_upheld"
        return "waiting" if self.case.state == f"stage:{self.listed.stage}" else "moot"


def objection_on(session: Session, listed: Publicity, number: int) -> Objected | None:
    """Return an objection to a firm of a list by its number."""
    return _objected(session, and_(Objection.id == number, Objection.publicity_id == listed.id))


def objection_by_code(session: Session, code: str) -> Objected | None:
    """Return an objection by the code that its objector was given."""
    return _objected(session, Objection.code == code)


def _objected(session: Session, which: ColumnElement[bool]) -> Objected | None:
    place = and_(
        PublicityEntry.publicity_id == Objection.publicity_id,
        PublicityEntry.application_id == Objection.application_id,
    )
    query = (
        select(Objection, PublicityEntry, Application, Publicity)
        .join(PublicityEntry, place)
        .join(Application, Application.id == Objection.application_id)
        .join(Publicity, Publicity.id == Objection.publicity_id)
    )
    found = session.execute(query.where(which)).one_or_none()
    return Objected(*found) if found else None


def files_of_objection(session: Session, objection_id: int) -> list[ObjectionFile]:
    """Return the files that came with an objection, in the order in which they came."""
    query = select(ObjectionFile).where(ObjectionFile.objection_id == objection_id)
    return list(session.scalars(query.order_by(ObjectionFile.id)))
