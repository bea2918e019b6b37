"""One firm whole: its facts as the rules read them, its names, titles and stays. Judges nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, Integer, Select, Text, cast, literal, null, select, union_all
from sqlalchemy.orm import Session

from registry.domain.codes import TIERS
from registry.domain.facts import ENTRY_FACTS, YEAR_FACTS, Kind
from registry.domain.firms import Entry, Value
from registry.domain.firms import Firm as RuleFirm
from registry.store.books import as_known, stands
from registry.store.firms import (
    ENTRY_COLUMNS,
    ENTRY_TABLES,
    FACTS_OF_THE_FIRM,
    LIST_FACTS,
    SCALAR_FACTS,
    Firm,
    FirmFacts,
    FirmName,
    YearlyFigures,
)
from registry.store.ledger import Revoked
from registry.store.queries import firm_by_uscc
from registry.store.standing import StandingSpan
from registry.store.statements import ScaleStay, Title


@dataclass(frozen=True, slots=True)
class FirmRecord:
    """A firm as it is known, for the rules and for a page.

    Attributes:
        id: its number in the database.
        firm: facts and figures in base units; what is unknown is absent.
        incomplete_lists: list facts that hold what the books say but were never stated by a list of firms, so that
            more may be missing from them.
    """

    id: int
    firm: RuleFirm
    incomplete_lists: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class NameSpan:
    """A name of a firm and the first day it is known to have borne it."""

    name: str
    since: date
    source: str


def firm_record(session: Session, uscc: str) -> FirmRecord | None:
    """Return what is known of the firm with a canonical code, or None. Six look-ups."""
    firm = firm_by_uscc(session, uscc)
    return None if firm is None else record_of(session, firm)


def record_of(session: Session, firm: Firm) -> FirmRecord:
    """Return what is known of a firm. Five look-ups.

    Titles of the books join the titles that were stated. Where none were stated, those of the books are there
    but the list is named incomplete; where the books hold none either, the fact is unknown.
    """
    row = (
        session.execute(select(FirmFacts.__table__).where(FirmFacts.__table__.c.firm_id == firm.id)).mappings().first()
    )
    known = dict(row) if row else {}
    facts: dict[str, Value] = {key: value for key in FACTS_OF_THE_FIRM if (value := getattr(firm, key)) is not None}
    facts |= {key: value for key in SCALAR_FACTS if (value := known.get(key)) is not None}
    facts |= _entries(session, [key for key in LIST_FACTS if known.get(f"{key}_known")], firm.id)
    revoked = _revoked(session, firm.id)
    in_books: tuple[Entry, ...] = tuple(
        {"kind": title.tier, "from": title.recognised_on, "until": until}
        for title in titles_of(session, firm.id)
        if (until := _held_until(title, revoked)) >= title.recognised_on
    )
    incomplete = frozenset({"titles"}) if in_books and "titles" not in facts else frozenset()
    if in_books:
        stated: Any = facts.get("titles", ())
        facts["titles"] = (*stated, *(entry for entry in in_books if entry not in stated))
    return FirmRecord(firm.id, RuleFirm(firm.uscc, firm.name, facts, _figures(session, firm.id)), incomplete)


def _revoked(session: Session, firm_id: int) -> list[tuple[str, date]]:
    query = select(Revoked.tier, Revoked.revoked_on).where(Revoked.firm_id == firm_id, Revoked.superseded_at.is_(None))
    return [(tier, day) for tier, day in session.execute(query.order_by(Revoked.revoked_on, Revoked.id))]


def _held_until(title: Title, revoked: list[tuple[str, date]]) -> date:
    """Return the last day a title was held: a revocation within its term ends it the day before."""
    days = [day for tier, day in revoked if tier == title.tier and title.recognised_on <= day <= title.valid_until]
    return min(days) - timedelta(days=1) if days else title.valid_until


# Every part of an entry is a word, a number or a day; of the days a list has one or two.
_PLACES = {Kind.CHOICE: ("word",), Kind.COUNT: ("number",), Kind.DATE: ("first_day", "last_day")}
_EMPTY = {"word": Text, "number": Integer, "first_day": Date, "last_day": Date}


def _entries(session: Session, keys: Sequence[str], firm_id: int) -> dict[str, tuple[Entry, ...]]:
    """Return the entries of list facts in the order in which they were stated; the tables are asked at once."""
    if not keys:
        return {}
    places = {key: _places_of(key) for key in keys}
    parts = []
    for key in keys:
        table, named = ENTRY_TABLES[key], {place: part for part, place in places[key].items()}
        columns = [
            (table.c[ENTRY_COLUMNS[key][named[place]]] if place in named else cast(null(), kind)).label(place)
            for place, kind in _EMPTY.items()
        ]
        parts.append(
            select(literal(key).label("list"), table.c.id.label("number_of"), *columns).where(
                table.c.firm_id == firm_id
            )
        )
    stated = union_all(*parts).subquery()
    found: dict[str, list[Entry]] = {key: [] for key in keys}
    for row in session.execute(select(stated).order_by(stated.c.list, stated.c.number_of)).mappings():
        told = {part: row[place] for part, place in places[row["list"]].items() if row[place] is not None}
        found[row["list"]].append(told)
    return {key: tuple(entries) for key, entries in found.items()}


def _places_of(key: str) -> dict[str, str]:
    """Return in which of the common columns each part of an entry stands."""
    left = {kind: list(places) for kind, places in _PLACES.items()}
    return {part: left[fact.kind].pop(0) for part, fact in ENTRY_FACTS[key].items()}


def _figures(session: Session, firm_id: int) -> dict[int, dict[str, int]]:
    table = YearlyFigures.__table__
    query = select(table).where(table.c.firm_id == firm_id).order_by(table.c.year)
    return {
        row["year"]: {key: row[key] for key in YEAR_FACTS if row[key] is not None}
        for row in session.execute(query).mappings()
    }


def titles_of(session: Session, firm_id: int, known_at: datetime | None = None) -> list[Title]:
    """Return the titles of a firm in the books, oldest first: as known now, or as known at a moment."""
    query = select(Title).where(Title.firm_id == firm_id).order_by(Title.recognised_on, Title.tier, Title.id)
    return list(session.scalars(_as_known(query, Title, known_at)))


def stays_of(session: Session, firm_id: int, known_at: datetime | None = None) -> list[ScaleStay]:
    """Return the stays of a firm above scale, oldest first: as known now, or as known at a moment."""
    query = select(ScaleStay).where(ScaleStay.firm_id == firm_id).order_by(ScaleStay.entered_on, ScaleStay.id)
    return list(session.scalars(_as_known(query, ScaleStay, known_at)))


def held_on(session: Session, firm_id: int, on: date) -> set[str]:
    """Return the tiers that a firm is in at the close of a day."""
    query = select(StandingSpan.tier).where(
        StandingSpan.firm_id == firm_id, StandingSpan.tier.in_(TIERS), stands(on), as_known(StandingSpan, None)
    )
    return set(session.scalars(query))


def names_of(session: Session, firm_id: int) -> list[NameSpan]:
    """Return the names of a firm by the first day each is known of, oldest first."""
    query = select(FirmName).where(FirmName.firm_id == firm_id).order_by(FirmName.since, FirmName.name)
    return [NameSpan(row.name, row.since, row.source) for row in session.scalars(query)]


def _as_known(query: Select[Any], book: type[Title] | type[ScaleStay], known_at: datetime | None) -> Select[Any]:
    if known_at is None:
        return query.where(book.superseded_at.is_(None))
    return query.where(book.known_at <= known_at, (book.superseded_at.is_(None)) | (book.superseded_at > known_at))
