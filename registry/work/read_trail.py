"""Reads the trail in order, from the database and from archives, whatever somebody has made of it. Judges nothing."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from registry.domain.errors import Refused
from registry.domain.json_text import read_json
from registry.domain.trail import Entry
from registry.store.trail import TRAIL
from registry.work.findings import EPOCH, read_through, strict

_WHOLE: dict[str, Any] = {"seq": int, "at": datetime, "person_id": int | None, "before": str | None}
_WHOLE |= {"after": str | None} | dict.fromkeys(("tag", "name", "seat", "address", "request_id", "subject"), str)
# An entry with the hash that was stored with it.
Linked = tuple[Entry, str]


def stored_entries(connection: Connection, progress: Callable[[int], None] = lambda count: None) -> Iterator[Linked]:
    """Yield every entry of the database in order; one that cannot be read has no tag and no hash."""
    columns = TRAIL.c
    names = (*Entry.__slots__, "hash")
    query = select(*(strict(columns[name]) for name in names))
    for seq, row, why in read_through(connection, query, columns.seq, progress):
        yield _entry(seq, row, why)


def _entry(seq: int, row: Any, why: str) -> Linked:
    if row is not None:
        *values, stored = row
        entry = Entry(*values)
        if isinstance(stored, str) and _is_whole(entry):
            return entry, stored
        why = "有的值不是该列的写法 (a value is not of its column's kind)"
    # No hash is empty: whatever cannot be read breaks the chain.
    return Entry(seq, EPOCH, "", None, "", "", "", "", "", None, why), ""


def _is_whole(entry: Entry) -> bool:
    """Say whether the values of an entry are of the kinds that can be hashed."""
    return all(isinstance(getattr(entry, name), kind) for name, kind in _WHOLE.items())


def told(entry: Entry) -> dict[str, Any]:
    """Return an entry as values of JSON, its moment to the microsecond."""
    values = {name: getattr(entry, name) for name in Entry.__slots__}
    return values | {"at": entry.at.isoformat(timespec="microseconds")}


def read_archived(lines: Iterable[str | bytes], path: str) -> Iterator[Linked]:
    """Yield the entries of an archive as `registry.work.keep_trail.archive` wrote them.

    Args:
        path: what a refusal calls the file.

    Raises:
        Refused: a line that no archive has.
    """
    for number, line in enumerate(lines, start=1):
        where = f"{path}:{number}"
        said = read_json(line, where)
        try:
            stored = said.pop("hash")
            entry = Entry(**(said | {"at": datetime.fromisoformat(said["at"])}))
        except (AttributeError, KeyError, TypeError, ValueError):
            raise Refused.at(where, "不是归档的留痕条目 (not an entry of an archive)") from None
        if not _is_whole(entry) or not isinstance(stored, str) or entry.at.tzinfo is None:
            raise Refused.at(where, "有的值不是该列的写法 (a value is not of its column's kind)")
        yield entry, stored
