"""Files the rows of the books: titles of the ladder, stays among the above-scale firms. Flushes, never commits.

A row with the same key and other content is a correction: the old row is closed at the moment the new one
became known, and both are kept. What a row is silent about stays as it was.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Table, select
from sqlalchemy.orm import Session

from registry.domain.errors import Refused
from registry.domain.firms import ScaleRow, TitleRow
from registry.domain.periods import last_valid_day
from registry.domain.trail import Doer
from registry.store.statements import ScaleStay, Title
from registry.work.filing import OpenFiling
from registry.work.identify import (
    Filed,
    Row,
    batches,
    create,
    find,
    insert_rows,
    keep_names,
    read_rows,
    update_rows,
)
from registry.work.keep_books import keep_touched

_TITLE: Table = Title.__table__  # type: ignore[assignment]
_STAY: Table = ScaleStay.__table__  # type: ignore[assignment]

Stated = TitleRow | ScaleRow


def file_titles(
    session: Session,
    rows: Iterable[TitleRow],
    *,
    now: datetime,
    source: str,
    actor: str = "",
    doer: Doer | None = None,
    progress: Callable[[int], None] = lambda count: None,
) -> Filed:
    """File titles of the ladder; a title without a last valid day holds for three years.

    Args:
        rows: read and checked.
        now: the moment they become known, with its zone.
        source: the name of the list.
        actor: who files them.
        doer: how the trail names him; the program itself unless given.
        progress: is told how many more rows are done.

    Raises:
        Refused: a title ends before it begins, or the list states one title twice and differently.
    """
    return _file(session, _TITLES, rows, now=now, source=source, actor=actor, doer=doer, progress=progress)


def file_stays(
    session: Session,
    rows: Iterable[ScaleRow],
    *,
    now: datetime,
    source: str,
    actor: str = "",
    doer: Doer | None = None,
    progress: Callable[[int], None] = lambda count: None,
) -> Filed:
    """File stays among the above-scale firms (see `file_titles`).

    Raises:
        Refused: an exit before the entry, a reason without an exit, or one stay stated twice and differently.
    """
    return _file(session, _STAYS, rows, now=now, source=source, actor=actor, doer=doer, progress=progress)


@dataclass(frozen=True, slots=True)
class _Book:
    """How one book is kept.

    Attributes:
        deed: what the ledger calls the filing of such a list.
        key: the columns that with the firm name a row; the first date among them is the day the row speaks of.
        content: the columns that a correction may change.
        blank: what a column holds where no list ever said anything.
        fault_of: says what is wrong with a whole row, or None.
    """

    deed: str
    table: Table
    key: tuple[str, ...]
    day: str
    content: tuple[str, ...]
    blank: Callable[[Row], Row]
    fault_of: Callable[[Row], str | None]


def _fault_of_title(row: Row) -> str | None:
    if row["valid_until"] < row["recognised_on"]:
        return f"有效期至 {row['valid_until']} 早于公告日期 {row['recognised_on']} (ends before it begins)"
    return None


def _fault_of_stay(row: Row) -> str | None:
    if row["exited_on"] is not None and row["exited_on"] < row["entered_on"]:
        return f"退库日期 {row['exited_on']} 早于入库日期 {row['entered_on']} (exit before the entry)"
    if row["exit_reason"] is not None and row["exited_on"] is None:
        return "有退库原因而无退库日期 (a reason without an exit)"
    return None


_TITLES = _Book(
    "import titles",
    _TITLE,
    ("tier", "recognised_on"),
    "recognised_on",
    ("kind", "valid_until", "batch", "source", "district", "name"),
    lambda row: {"batch": "", "source": "", "district": None, "valid_until": last_valid_day(row["recognised_on"])},
    _fault_of_title,
)
_STAYS = _Book(
    "import scale",
    _STAY,
    ("entered_on",),
    "entered_on",
    ("entry", "exited_on", "exit_reason", "source", "district", "name"),
    lambda row: {"source": "", "district": None, "exited_on": None, "exit_reason": None},
    _fault_of_stay,
)


def _file(
    session: Session,
    book: _Book,
    rows: Iterable[Stated],
    *,
    now: datetime,
    source: str,
    actor: str,
    doer: Doer | None,
    progress: Callable[[int], None],
) -> Filed:
    total = Filed()
    connection = session.connection()
    filing = OpenFiling(connection, now=now, deed=book.deed, source=source, actor=actor, doer=doer)
    said: dict[tuple[Any, ...], Row] = {}
    for batch in batches(rows):
        total += _file_batch(connection, book, batch, said, filing, source=source)
        progress(len(batch))
    keep_touched(connection, filing)
    session.flush()
    session.expire_all()
    return total


def _file_batch(
    connection: Connection,
    book: _Book,
    batch: Sequence[Stated],
    said: dict[tuple[Any, ...], Row],
    filing: OpenFiling,
    *,
    source: str,
) -> Filed:
    firms = _firms_of(connection, book, batch, now=filing.moment)
    holding = _holding(connection, book, [row["id"] for row in firms.values()])
    new: list[Row] = []
    closed: list[Row] = []
    unchanged = 0
    spoken_of: list[tuple[str, str, date]] = []
    for row in batch:
        firm_id = firms[row.uscc]["id"]
        told: Row = {name: getattr(row, name) for name in book.content}
        stated = {name: value for name, value in told.items() if value not in (None, "")}
        key = (firm_id, *(getattr(row, name) for name in book.key))
        if said.setdefault(key, stated) != stated:
            raise Refused.at(row.uscc, f"{_worded(key)} 在同一清单中出现两次且内容不同 (stated twice and differently)")
        whole = {"firm_id": firm_id} | dict(zip(book.key, key[1:], strict=True))
        before = holding.get(key)
        whole |= {name: before[name] for name in book.content} if before else book.blank(whole)
        whole |= stated
        fault = book.fault_of(whole)
        if fault:
            raise Refused.at(row.uscc, fault)
        if before and all(before[name] == whole[name] for name in book.content):
            unchanged += 1
            continue
        whole |= {"filed_from": source, "known_at": filing.moment, "superseded_at": None}
        if before:
            closed.append({"id": before["id"], "superseded_at": filing.moment})
        new.append(whole)
        holding[key] = whole
        spoken_of.append((row.uscc, whole["name"], whole[book.day]))
    if new:
        # Also a correction that changes no event has its filing.
        filing.note()
    # The old row is closed first: only one of a key may hold.
    update_rows(connection, book.table, ("id",), ("superseded_at",), closed)
    insert_rows(connection, book.table, new)
    told = {code: firms[code] for code, _, _ in spoken_of}
    keep_names(connection, spoken_of, told, now=filing.moment, source=source)
    filing.touched |= told
    return Filed(len(new) - len(closed), len(closed), unchanged)


def _worded(key: tuple[Any, ...]) -> str:
    return " ".join(str(part) for part in key[1:])


def _firms_of(connection: Connection, book: _Book, batch: Sequence[Stated], *, now: datetime) -> dict[str, Row]:
    """Return the rows of the firms that a batch speaks of; a code not seen before creates the firm."""
    firms = find(connection, (row.uscc for row in batch))
    unseen: dict[str, Row] = {}
    for row in batch:
        if row.uscc not in firms and row.uscc not in unseen:
            day: date = getattr(row, book.day)
            unseen[row.uscc] = {"uscc": row.uscc, "name": row.name, "district": row.district or None, "on": day}
    return firms | create(connection, list(unseen.values()), now=now)


def _holding(connection: Connection, book: _Book, ids: Sequence[int]) -> dict[tuple[Any, ...], Row]:
    table = book.table
    query = select(table).where(table.c.firm_id.in_(ids), table.c.superseded_at.is_(None))
    return {(row["firm_id"], *(row[name] for name in book.key)): row for row in read_rows(connection, query)}
