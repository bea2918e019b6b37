"""One firm whole: its facts as the rules read them, its names, titles and stays. Judges nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    Date,
    Integer,
    ScalarSelect,
    Select,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)
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

# Firms that are read at once; a query names them a few times, well under what either database takes.
AT_ONCE = 500
_FACTS, _FIGURES = FirmFacts.__table__, YearlyFigures.__table__
_FACT_COLUMNS = tuple(column for column in _FACTS.c if column.name != "firm_id")
_FIGURE_COLUMNS = tuple(column for column in _FIGURES.c if column.name != "firm_id")
# Among the lists of a firm, its titles as the books have them.
_IN_BOOKS = "in books"
# The parameter that takes the numbers of firms.
_IDS = "ids"


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
    """Return what is known of the firm with a canonical code, or None. Three look-ups."""
    firm = firm_by_uscc(session, uscc)
    return None if firm is None else record_of(session, firm)


def record_of(session: Session, firm: Firm) -> FirmRecord:
    """Return what is known of a firm. Two look-ups."""
    return _records(session, [firm])[firm.uscc]


def firm_records(session: Session, codes: Collection[str]) -> dict[str, FirmRecord]:
    """Return what is known of firms, by canonical code; of those that are there. Three look-ups for each `AT_ONCE`."""
    asked = sorted(set(codes))
    found: dict[str, FirmRecord] = {}
    for start in range(0, len(asked), AT_ONCE):
        firms = session.scalars(select(Firm).where(Firm.uscc.in_(asked[start : start + AT_ONCE]))).all()
        found |= _records(session, firms)
    return found


def _records(session: Session, firms: Sequence[Firm]) -> dict[str, FirmRecord]:
    """Return what is known of firms, by code.

    Titles of the books join the titles that were stated. Where none were stated, those of the books are there
    but the list is named incomplete; where the books hold none either, the fact is unknown.
    """
    ids = [firm.id for firm in firms]
    stated = _stated(session, ids)
    entries = _entries(session, ids)
    return {firm.uscc: _record(firm, stated.get(firm.id, []), entries[firm.id]) for firm in firms}


def _record(firm: Firm, stated: Sequence[Mapping[str, Any]], entries: Mapping[str, Sequence[Entry]]) -> FirmRecord:
    known: Mapping[str, Any] = stated[0] if stated else {}
    facts: dict[str, Value] = {key: value for key in FACTS_OF_THE_FIRM if (value := getattr(firm, key)) is not None}
    facts |= {key: value for key in SCALAR_FACTS if (value := known.get(key)) is not None}
    facts |= {key: tuple(entries.get(key, ())) for key in LIST_FACTS if known.get(f"{key}_known")}
    in_books = entries.get(_IN_BOOKS, ())
    incomplete = frozenset({"titles"}) if in_books and "titles" not in facts else frozenset()
    if in_books:
        told: Any = facts.get("titles", ())
        facts["titles"] = (*told, *(entry for entry in in_books if entry not in told))
    years = {
        row["year"]: {key: row[key] for key in YEAR_FACTS if row[key] is not None}
        for row in stated
        if row["year"] is not None
    }
    return FirmRecord(firm.id, RuleFirm(firm.uscc, firm.name, facts, years), incomplete)


def _stated(session: Session, ids: Sequence[int]) -> dict[int, list[Mapping[str, Any]]]:
    """Return the facts of firms beside the figures of each of their years, the oldest first, by number."""
    found: dict[int, list[Mapping[str, Any]]] = {}
    for row in session.execute(_stated_query(), {_IDS: ids}).mappings():
        found.setdefault(row["number_of"], []).append(dict(row))
    return found


# The questions are made once: to make one takes longer than the database does to answer it.
@cache
def _stated_query() -> Select[Any]:
    return (
        select(Firm.id.label("number_of"), *_FACT_COLUMNS, *_FIGURE_COLUMNS)
        .select_from(Firm)
        .outerjoin(_FACTS, _FACTS.c.firm_id == Firm.id)
        .outerjoin(_FIGURES, _FIGURES.c.firm_id == Firm.id)
        .where(Firm.id.in_(_asked_for()))
        .order_by(Firm.id, _FIGURES.c.year)
    )


def _asked_for() -> Any:
    """Return the numbers of the firms, which are put in when the question is asked."""
    return bindparam(_IDS, expanding=True)


# Every part of an entry is a word, a number or a day; of the days a list has one or two.
_PLACES = {Kind.CHOICE: ("word",), Kind.COUNT: ("number",), Kind.DATE: ("first_day", "last_day")}
_EMPTY = {"word": Text, "number": Integer, "first_day": Date, "last_day": Date, "ended_on": Date}


def _entries(session: Session, ids: Sequence[int]) -> dict[int, dict[str, list[Entry]]]:
    """Return the entries of list facts in the order in which they were stated, and the titles that the books hold.

    By the number of the firm and the key of the list; the tables are asked at once.
    """
    found: dict[int, dict[str, list[Entry]]] = {number: {} for number in ids}
    for row in session.execute(_entries_query(), {_IDS: ids}).mappings():
        named_by = _places_of("titles" if row["list"] == _IN_BOOKS else row["list"])
        entry = {part: row[place] for part, place in named_by.items() if row[place] is not None}
        if row["ended_on"] is not None:
            # A revocation within its term ends a title the day before; on its first day it was never held.
            if row["ended_on"] <= row["first_day"]:
                continue
            entry["until"] = row["ended_on"] - timedelta(days=1)
        found[row["firm_id"]].setdefault(row["list"], []).append(entry)
    return found


@cache
def _entries_query() -> Select[Any]:
    parts: list[Any] = [_in_books()]
    for key in LIST_FACTS:
        table, named = ENTRY_TABLES[key], {place: part for part, place in _places_of(key).items()}
        columns = [
            (table.c[ENTRY_COLUMNS[key][named[place]]] if place in named else cast(null(), kind)).label(place)
            for place, kind in _EMPTY.items()
        ]
        parts.append(
            select(table.c.firm_id, literal(key).label("list"), table.c.id.label("number_of"), *columns).where(
                table.c.firm_id.in_(_asked_for())
            )
        )
    told = union_all(*parts).subquery()
    # Titles of the books in the order of their days, what was stated in the order in which it was.
    day, tier = (case((told.c.list == _IN_BOOKS, column)) for column in (told.c.first_day, told.c.word))
    order = (told.c.list, day, tier, told.c.number_of)
    return select(told).order_by(*order)


def _in_books() -> Any:
    """Ask for the titles of the books in the columns of entries."""
    return select(
        Title.firm_id,
        literal(_IN_BOOKS).label("list"),
        Title.id.label("number_of"),
        Title.tier.label("word"),
        cast(null(), Integer).label("number"),
        Title.recognised_on.label("first_day"),
        Title.valid_until.label("last_day"),
        revoked_within().label("ended_on"),
    ).where(Title.firm_id.in_(_asked_for()), Title.superseded_at.is_(None))


def revoked_within() -> ScalarSelect[date]:
    """Return, beside a title of the books, the first day within its term on which it was revoked."""
    return (
        select(func.min(Revoked.revoked_on))
        .where(
            Revoked.firm_id == Title.firm_id,
            Revoked.tier == Title.tier,
            Revoked.revoked_on.between(Title.recognised_on, Title.valid_until),
            Revoked.superseded_at.is_(None),
        )
        .scalar_subquery()
    )


@cache
def _places_of(key: str) -> Mapping[str, str]:
    """Return in which of the common columns each part of an entry stands."""
    left = {kind: list(places) for kind, places in _PLACES.items()}
    return {part: left[fact.kind].pop(0) for part, fact in ENTRY_FACTS[key].items()}


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
