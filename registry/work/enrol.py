"""Enrols a list of firms: who they are, their facts and their figures. Flushes, never commits.

What a list is silent about stays as it was: an absent cell or column never erases what is known.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Table, select
from sqlalchemy.orm import Session

from registry.domain.facts import YEAR_FACTS
from registry.domain.firms import Entry
from registry.domain.firms import Firm as StatedFirm
from registry.domain.trail import Doer
from registry.store.firms import (
    ENTRY_COLUMNS,
    ENTRY_TABLES,
    LIST_FACTS,
    SCALAR_FACTS,
    FirmFacts,
    FirmListing,
    YearlyFigures,
)
from registry.work.filing import OpenFiling
from registry.work.identify import BATCH, Filed, Row, create, find, insert_rows, keep_names, read_rows, update_rows
from registry.work.keep_books import keep_touched
from registry.work.size_up import resize, retrade

_FACTS: Table = FirmFacts.__table__
_FIGURES: Table = YearlyFigures.__table__
_LISTING: Table = FirmListing.__table__  # type: ignore[assignment]
_FACT_COLUMNS = (*SCALAR_FACTS, *(f"{key}_known" for key in LIST_FACTS))
_BLANK_FACTS: Row = dict.fromkeys(SCALAR_FACTS) | {f"{key}_known": False for key in LIST_FACTS}
_BLANK_FIGURES: Row = dict.fromkeys(YEAR_FACTS)


def enrol(
    session: Session,
    firms: Iterable[StatedFirm],
    *,
    now: datetime,
    on: date,
    source: str,
    actor: str = "",
    doer: Doer | None = None,
    progress: Callable[[int], None] = lambda count: None,
) -> Filed:
    """Enrol the firms of a list, or bring up to date those that are known.

    Args:
        firms: read and checked; of two rows of the same firm the later one adds to the earlier.
        now: the moment, with its zone.
        on: the day of the import in the zone of the office: a list of firms is undated, so it speaks of this day.
        source: the name of the list.
        actor: who enrols them.
        doer: how the trail names him; a command of the program unless given.
        progress: is told how many more firms are done.

    Returns:
        How many firms were new, changed, or known exactly so.
    """
    total = Filed()
    connection = session.connection()
    filing = OpenFiling(connection, now=now, deed="import firms", source=source, actor=actor, doer=doer)
    for batch in _batches(firms):
        total += _enrol_batch(connection, batch, filing, on=on, source=source)
        progress(len(batch))
    keep_touched(connection, filing)
    session.expire_all()
    return total


def _batches(firms: Iterable[StatedFirm]) -> Iterator[dict[str, StatedFirm]]:
    """Yield batches in which no firm stands twice."""
    batch: dict[str, StatedFirm] = {}
    for firm in firms:
        if firm.uscc in batch or len(batch) == BATCH:
            yield batch
            batch = {}
        batch[firm.uscc] = firm
    if batch:
        yield batch


def _enrol_batch(
    connection: Connection, batch: Mapping[str, StatedFirm], filing: OpenFiling, *, on: date, source: str
) -> Filed:
    known = find(connection, batch)
    new = [firm for firm in batch.values() if firm.uscc not in known]
    told, changed = _restated(connection, batch, known, on)
    created = create(connection, [_identity(firm, on) for firm in new], now=filing.moment)
    rows = known | created
    told += [firm.uscc for firm in new]
    if told:
        listings = [_listing(rows[code]["id"], batch[code], on) for code in told]
        insert_rows(connection, _LISTING, [row | {"source": source, "known_at": filing.moment} for row in listings])
        named = [(code, batch[code].name, on) for code in told]
        keep_names(connection, named, rows, now=filing.moment, source=source)
    # A firm that is new and only listed has no standing yet.
    filing.touched |= {code: rows[code] for code in told if code in known}
    retraded = retrade(connection, batch, rows, filing)
    ids = {code: row["id"] for code, row in rows.items()}
    changed |= retraded
    changed |= _keep_facts(connection, batch, ids)
    refigured = _keep_figures(connection, batch, ids)
    changed |= refigured
    resize(connection, {row["id"]: row["industry"] for row in rows.values()}, retraded | refigured, filing)
    changed -= {ids[firm.uscc] for firm in new}
    if new or told or changed:
        filing.note()
    return Filed(len(new), len(changed), len(batch) - len(new) - len(changed))


def _identity(firm: StatedFirm, on: date) -> Row:
    own = {key: firm.facts.get(key) for key in ("district", "functional_area", "industry")}
    return {"uscc": firm.uscc, "name": firm.name, "on": on} | own


def _listing(firm_id: int, firm: StatedFirm, on: date) -> Row:
    return {"firm_id": firm_id, "listed_on": on, "name": firm.name, "district": firm.facts.get("district")}


def _restated(
    connection: Connection, batch: Mapping[str, StatedFirm], known: Mapping[str, Row], on: date
) -> tuple[list[str], set[int]]:
    """Return the known firms of whose name or district the list says something new, and those it changes by that."""
    listed = _last_listed(connection, [row["id"] for row in known.values()])
    told, changed = [], set()
    for code, row in known.items():
        firm = batch[code]
        district: Any = firm.facts.get("district")
        before = listed.get(row["id"])
        if (
            before is None
            or _differs(before, row, "name", firm.name, on)
            or _differs(before, row, "district", district, on)
        ):
            told.append(code)
            if firm.name != row["name"] or district not in (None, row["district"]):
                changed.add(row["id"])
    return told, changed


def _differs(before: Row, firm: Row, key: str, stated: str | None, on: date) -> bool:
    """Say whether a statement is news: other than the last list's, or than what an older day left standing."""
    if stated is None:
        return False
    return bool(before[key] != stated or (firm[key] != stated and firm[f"{key}_on"] <= on))


def _last_listed(connection: Connection, ids: Sequence[int]) -> dict[int, Row]:
    """Return what the lists of firms said last of each firm; a list silent about the district leaves it as it was."""
    last: dict[int, Row] = {}
    query = (
        select(_LISTING.c.firm_id, _LISTING.c.name, _LISTING.c.district)
        .where(_LISTING.c.firm_id.in_(ids))
        .order_by(_LISTING.c.id)
    )
    for firm_id, name, district in connection.execute(query):
        before = last.get(firm_id, {"district": None})
        last[firm_id] = {"name": name, "district": district or before["district"]}
    return last


def _keep_facts(connection: Connection, batch: Mapping[str, StatedFirm], ids: Mapping[str, int]) -> set[int]:
    """Keep the facts that the list states; return the firms whose facts it changed."""
    query = select(_FACTS).where(_FACTS.c.firm_id.in_(list(ids.values())))
    known = {row["firm_id"]: row for row in read_rows(connection, query)}
    new, changed = [], []
    for code, firm in batch.items():
        stated: Row = {key: firm.facts[key] for key in SCALAR_FACTS if key in firm.facts}
        stated |= {f"{key}_known": True for key in LIST_FACTS if key in firm.facts}
        before = known.get(ids[code])
        if before is None:
            new.append({"firm_id": ids[code]} | _BLANK_FACTS | stated)
        elif any(before[key] != value for key, value in stated.items()):
            changed.append(before | stated)
    insert_rows(connection, _FACTS, new)
    update_rows(connection, _FACTS, ("firm_id",), _FACT_COLUMNS, changed)
    told = {row["firm_id"] for row in changed}
    told |= {row["firm_id"] for row in new if any(value for key, value in row.items() if key != "firm_id")}
    for key in LIST_FACTS:
        told |= _keep_entries(connection, key, {ids[code]: firm for code, firm in batch.items() if key in firm.facts})
    return told


def _keep_entries(connection: Connection, key: str, firms: Mapping[int, StatedFirm]) -> set[int]:
    """Put the entries of a list fact in the place of those known; return the firms whose entries differ."""
    if not firms:
        return set()
    table, named = ENTRY_TABLES[key], ENTRY_COLUMNS[key]
    query = select(table.c.firm_id, *(table.c[name] for name in named.values()))
    known: dict[int, list[tuple[Any, ...]]] = {}
    for row in connection.execute(query.where(table.c.firm_id.in_(list(firms)))):
        known.setdefault(row[0], []).append(tuple(row[1:]))
    changed: set[int] = set()
    new: list[Row] = []
    for firm_id, firm in firms.items():
        entries: Sequence[Entry] = firm.facts[key]  # type: ignore[assignment]
        stated = [tuple(entry.get(part) for part in named) for entry in entries]
        if sorted(stated, key=repr) != sorted(known.get(firm_id, []), key=repr):
            changed.add(firm_id)
            new.extend({"firm_id": firm_id} | dict(zip(named.values(), entry, strict=True)) for entry in stated)
    if changed:
        connection.execute(table.delete().where(table.c.firm_id.in_(sorted(changed))))
    insert_rows(connection, table, new)
    return changed


def _keep_figures(connection: Connection, batch: Mapping[str, StatedFirm], ids: Mapping[str, int]) -> set[int]:
    """Keep the yearly figures that the list states; return the firms whose figures it changed."""
    query = select(_FIGURES).where(_FIGURES.c.firm_id.in_(list(ids.values())))
    known = {(row["firm_id"], row["year"]): row for row in read_rows(connection, query)}
    new: list[Row] = []
    changed: list[Row] = []
    for code, firm in batch.items():
        for year, stated in firm.years.items():
            before = known.get((ids[code], year))
            if before is None:
                if stated:
                    new.append({"firm_id": ids[code], "year": year, **_BLANK_FIGURES, **stated})
            elif any(before[key] != value for key, value in stated.items()):
                changed.append({**before, **stated})
    insert_rows(connection, _FIGURES, new)
    update_rows(connection, _FIGURES, ("firm_id", "year"), tuple(YEAR_FACTS), changed)
    return {row["firm_id"] for row in (*new, *changed)}
