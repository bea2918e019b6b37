"""Keeps the books: derives the events of firms anew, appends what is news to the ledger, brings standing up to date.

Every deed that states something of a firm's titles, stays, name or district ends here. What is stated is read back
whole, so an event never depends on the order in which lists came in. Flushes, never commits.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, select

from registry.domain.chain import canonical
from registry.domain.events import StatusEvent, Tag, events_of, told_of
from registry.domain.firms import ScaleRow, TitleRow
from registry.domain.standing import standing_of
from registry.domain.statements import Listing, Merger, Revocation, Statements
from registry.store.firms import FirmListing
from registry.store.ledger import LedgerEntry, Merged, Revoked
from registry.store.standing import StandingChange, StandingSpan
from registry.store.statements import ScaleStay, Title, scale_row, title_row
from registry.work.filing import OpenFiling
from registry.work.identify import FIRM, Row, batches, insert_rows, update_rows
from registry.work.keep_search import index_names

_LEDGER: Table = LedgerEntry.__table__  # type: ignore[assignment]
_SPAN: Table = StandingSpan.__table__  # type: ignore[assignment]
_CHANGE: Table = StandingChange.__table__  # type: ignore[assignment]
# Stands for "nothing ends it" in the database.
OPEN = date.max

EventKey = tuple[date, str, str | None, str | None, str]


def keep(connection: Connection, firms: Mapping[str, Row], filing: OpenFiling) -> None:
    """Bring the books of some firms up to what is stated of them now.

    Args:
        firms: their rows by code; name and district in them are brought up to date too.
        filing: the deed that stated something.
    """
    if not firms:
        return
    said = statements_of(connection, {row["id"]: code for code, row in firms.items()})
    _settle(connection, firms, said)
    known = events_in_ledger(connection, firms)
    entries: list[Row] = []
    derived: dict[int, list[StatusEvent]] = {}
    for code, row in firms.items():
        events = events_of(said[row["id"]])
        news = _news(code, events, known.get(code, []))
        if news:
            entries += news
            derived[row["id"]] = events
    filing.append(entries)
    restand(connection, derived, filing)
    index_names(connection, [row["id"] for row in firms.values()])


def keep_touched(connection: Connection, filing: OpenFiling) -> None:
    """Bring the books of every firm that a filing stated something of up to date, each once, and close the filing."""
    for batch in batches(filing.touched.items()):
        keep(connection, dict(batch), filing)
    filing.touched.clear()
    filing.close()


def _settle(connection: Connection, firms: Mapping[str, Row], said: Mapping[int, Statements]) -> None:
    """Give firms the newest name and district that a dated row states."""
    moved = []
    for row in firms.values():
        told = told_of(said[row["id"]])
        if not told:
            continue
        placed = next((one for one in reversed(told) if one.district is not None), None)
        newest: Row = {"name": told[-1].name, "name_on": told[-1].on}
        newest |= {"district": placed and placed.district, "district_on": placed and placed.on}
        if any(row[key] != value for key, value in newest.items()):
            row |= newest
            moved.append(row)
    update_rows(connection, FIRM, ("id",), ("name", "name_on", "district", "district_on"), moved)


def _news(code: str, events: Iterable[StatusEvent], known: list[tuple[int, EventKey]]) -> list[Row]:
    """Return what the ledger must say besides: which of its events no longer hold, and those it does not have."""
    derived = Counter(_key(event) for event in events)
    gone: list[Row] = []
    for seq, key in known:
        if derived[key]:
            derived[key] -= 1
        else:
            gone.append(_entry(code, (key[0], Tag.CORRECTED, *key[2:4], "{}"), voids=seq))
    return gone + [_entry(code, key) for key in derived.elements()]


def _key(event: StatusEvent) -> EventKey:
    return event.on, event.tag, event.tier, event.district, canonical(event.details)


def _entry(code: str, key: EventKey, voids: int | None = None) -> Row:
    on, tag, tier, district, details = key
    return {
        "takes_effect_on": on,
        "uscc": code,
        "tag": str(tag),
        "tier": tier,
        "district": district,
        "details": details,
        "voids": voids,
    }


def events_in_ledger(
    connection: Connection, codes: Iterable[str], known_at: datetime | None = None
) -> dict[str, list[tuple[int, EventKey]]]:
    """Return the events of firms that hold in the ledger, with their numbers: as known now, or at a moment."""
    table = _LEDGER.c
    query = select(
        table.seq, table.uscc, table.takes_effect_on, table.tag, table.tier, table.district, table.details, table.voids
    ).where(table.uscc.in_(list(codes)))
    if known_at is not None:
        query = query.where(table.known_at <= known_at)
    found: dict[int, tuple[str, EventKey]] = {}
    for seq, code, on, tag, tier, district, details, voids in connection.execute(query.order_by(table.seq)):
        if voids is None:
            found[seq] = code, (on, tag, tier, district, details)
        else:
            found.pop(voids, None)
    holding: defaultdict[str, list[tuple[int, EventKey]]] = defaultdict(list)
    for seq, (code, key) in found.items():
        holding[code].append((seq, key))
    return holding


def restand(connection: Connection, derived: Mapping[int, list[StatusEvent]], filing: OpenFiling) -> None:
    """Bring the kept spans and changes of firms, and the tallies, up to their events."""
    if not derived:
        return
    spans: dict[int, list[tuple[Any, ...]]] = {}
    changes: dict[int, list[tuple[Any, ...]]] = {}
    for firm_id, events in derived.items():
        standing = standing_of(events)
        spans[firm_id] = [(one.tier, one.starts_on, one.ends_on or OPEN, one.district) for one in standing.spans]
        changes[firm_id] = [(one.tier, one.on, one.kind, one.district) for one in standing.changes]
    _replace(connection, _SPAN, ("tier", "starts_on", "ends_on", "district"), spans, filing)
    added, gone = _replace(connection, _CHANGE, ("tier", "day", "kind", "district"), changes, filing)
    for rows, by in ((added, 1), (gone, -1)):
        for tier, day, kind, district in rows:
            filing.count((tier, kind, day, district or ""), by)


def _replace(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    wanted: Mapping[int, list[tuple[Any, ...]]],
    filing: OpenFiling,
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Close the rows that hold no more, add those that hold now; return the added and the closed."""
    left = {firm_id: Counter(rows) for firm_id, rows in wanted.items()}
    query = select(table.c.id, table.c.firm_id, *(table.c[name] for name in columns))
    query = query.where(table.c.firm_id.in_(list(wanted)), table.c.superseded_at.is_(None))
    closed: list[Row] = []
    gone = []
    for number, firm_id, *row in connection.execute(query):
        if left[firm_id][tuple(row)]:
            left[firm_id][tuple(row)] -= 1
        else:
            closed.append({"id": number, "superseded_at": filing.moment})
            gone.append(tuple(row))
    added = [(firm_id, row) for firm_id, rows in left.items() for row in rows.elements()]
    update_rows(connection, table, ("id",), ("superseded_at",), closed)
    known: Row = {"known_at": filing.moment, "superseded_at": None}
    insert_rows(
        connection,
        table,
        [{"firm_id": firm_id} | dict(zip(columns, row, strict=True)) | known for firm_id, row in added],
    )
    return [row for _, row in added], gone


def statements_of(connection: Connection, codes: Mapping[int, str]) -> dict[int, Statements]:
    """Return what is stated of firms now, by the number of the firm.

    Args:
        codes: the code of every firm by its number.
    """
    titles: defaultdict[int, list[TitleRow]] = defaultdict(list)
    for one in connection.execute(_holding(Title, codes)):
        titles[one.firm_id].append(title_row(codes[one.firm_id], one))
    stays: defaultdict[int, list[ScaleRow]] = defaultdict(list)
    for one in connection.execute(_holding(ScaleStay, codes)):
        stays[one.firm_id].append(scale_row(codes[one.firm_id], one))
    listings: defaultdict[int, list[Listing]] = defaultdict(list)
    listing: Table = FirmListing.__table__  # type: ignore[assignment]
    for one in connection.execute(select(listing).where(listing.c.firm_id.in_(list(codes))).order_by(listing.c.id)):
        listings[one.firm_id].append(Listing(one.listed_on, one.name, one.district))
    revocations: defaultdict[int, list[Revocation]] = defaultdict(list)
    for one in connection.execute(_holding(Revoked, codes)):
        revocations[one.firm_id].append(Revocation(one.tier, one.revoked_on, one.cause, one.source))
    mergers: defaultdict[int, list[Merger]] = defaultdict(list)
    for one in connection.execute(_holding(Merged, codes)):
        mergers[one.firm_id].append(Merger(one.merged_on, one.into_uscc, one.source))
    return {
        number: Statements(
            tuple(titles[number]),
            tuple(stays[number]),
            tuple(listings[number]),
            tuple(revocations[number]),
            tuple(mergers[number]),
        )
        for number in codes
    }


def _holding(
    book: type[Title] | type[ScaleStay] | type[Revoked] | type[Merged], codes: Mapping[int, str]
) -> Select[Any]:
    table: Table = book.__table__  # type: ignore[assignment]
    return select(table).where(table.c.firm_id.in_(list(codes)), table.c.superseded_at.is_(None)).order_by(table.c.id)
