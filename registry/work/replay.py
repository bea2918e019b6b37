"""Replays the ledger firm by firm and holds what comes out against the standing that is kept for speed.

Goes along the codes of firms in batches, so that a million firms need no more memory than a few thousand.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, select, true

from registry.domain.codes import TIERS
from registry.domain.events import StatusEvent, Tag
from registry.domain.standing import standing_of
from registry.store.ledger import LedgerEntry
from registry.store.standing import StandingChange, StandingSpan, Tally
from registry.work.findings import UNREADABLE, Findings, read_each, reason_of, strict
from registry.work.identify import FIRM
from registry.work.keep_books import OPEN

_LEDGER: Table = LedgerEntry.__table__  # type: ignore[assignment]
_TALLY: Table = Tally.__table__  # type: ignore[assignment]
# The tables of standing, with the columns that are compared.
_SPAN: Table = StandingSpan.__table__  # type: ignore[assignment]
_CHANGE: Table = StandingChange.__table__  # type: ignore[assignment]
_KEPT: dict[Table, tuple[str, ...]] = {
    _SPAN: ("tier", "starts_on", "ends_on", "district"),
    _CHANGE: ("tier", "day", "kind", "district"),
}
# The order in which events are derived, day by day.
_TIER_PLACES = {tier: place for place, tier in enumerate((None, *TIERS))}
_TAG_PLACES = {tag: place for place, tag in enumerate(Tag)}
# These happen to the firm itself; every other event to one of its tiers.
_OF_THE_FIRM = (Tag.MOVED, Tag.RENAMED, Tag.MERGED)
_TAGS = {str(tag): tag for tag in Tag}
# Firms that are replayed at once.
_SIZE = 2000

Line = tuple[Any, ...]
# An event as it is compared: its day, tag, tier and district.
Event = tuple[date, Tag, str | None, str | None]
TallyKey = tuple[str, str, date, str]


def replay(connection: Connection, findings: Findings, progress: Callable[[int], None]) -> tuple[int, int]:
    """Replay every firm; return how many firms and how many entries there were.

    Args:
        progress: is told how many more entries are done.
    """
    told = _Replay(connection, findings)
    firms = 0
    for within, codes in _batches(connection):
        firms += len(codes)
        progress(told.batch(within, codes))
    told.count_kept()
    told.hold_tally()
    return firms, told.entries


def _batches(connection: Connection) -> Iterator[tuple[Callable[[Any], ColumnElement[bool]], dict[str, int]]]:
    """Yield ranges of codes that leave none out, each with the numbers of the firms in it by code."""
    last: str | None = None
    while True:
        query = select(FIRM.c.uscc, FIRM.c.id).order_by(FIRM.c.uscc).limit(_SIZE)
        found = connection.execute(query if last is None else query.where(FIRM.c.uscc > last)).all()
        low, last = last, found[-1][0] if len(found) == _SIZE else None
        yield _between(low, last), {code: number for code, number in found}
        if last is None:
            return


def _between(low: str | None, high: str | None) -> Callable[[Any], ColumnElement[bool]]:
    def within(column: Any) -> ColumnElement[bool]:
        after = true() if low is None else column > low
        return after if high is None else after & (column <= high)

    return within


class _Replay:
    """One replay under way.

    Attributes:
        entries: how many entries of the ledger it has seen.
    """

    def __init__(self, connection: Connection, findings: Findings) -> None:
        self.entries = 0
        self._connection = connection
        self._findings = findings
        self._tally: Counter[TallyKey] = Counter()
        self._kept: Counter[Table] = Counter()

    def batch(self, within: Callable[[Any], ColumnElement[bool]], codes: dict[str, int]) -> int:
        """Replay the firms of a range of codes; return how many entries they have."""
        entries, broken, count = self._ledger(within)
        self.entries += count
        for code in (entries.keys() | broken) - codes.keys():
            self._findings.add("standing", str(code), "台账有此代码而库中没有这家企业 (in the ledger, but no firm)")
        spans, changes = (self._lines(table, codes) for table in (_SPAN, _CHANGE))
        for code, number in codes.items():
            rows = entries.get(code, [])
            kept = spans.get(number, []), changes.get(number, [])
            if not rows and not any(kept):
                continue
            told = None if code in broken else self._told(code, rows)
            if told is None:
                continue
            self._compare(code, _SPAN, told.spans, kept[0])
            self._compare(code, _CHANGE, told.changes, kept[1])
            for key in told.counted:
                self._tally[key] += 1
        return count

    def _ledger(self, within: Callable[[Any], ColumnElement[bool]]) -> tuple[dict[str, list[Any]], set[str], int]:
        """Return the entries of a range of codes by code, the codes of unreadable ones, and how many there are."""
        columns = _LEDGER.c
        query = select(
            columns.uscc,
            columns.seq,
            strict(columns.takes_effect_on),
            columns.tag,
            columns.tier,
            columns.district,
            columns.voids,
        ).where(within(columns.uscc))
        count = 0
        broken: set[str] = set()

        def unreadable(seq: int, why: str) -> None:
            nonlocal count
            count += 1
            self._findings.add("standing", f"ledger {seq}", f"无法读取，未能重放 (unreadable, not replayed): {why}")
            with suppress(*UNREADABLE):
                broken.add(str(self._connection.scalar(select(columns.uscc).where(columns.seq == seq))))

        entries: defaultdict[str, list[Any]] = defaultdict(list)
        for row in read_each(self._connection, query.order_by(columns.uscc, columns.seq), columns.seq, unreadable):
            count += 1
            entries[row[0]].append(row)
        return entries, broken, count

    def _told(self, code: str, rows: list[Any]) -> "_Told | None":
        """Return what the entries of a firm amount to; None where they amount to nothing."""
        events: dict[int, Event] = {}
        for _, seq, on, tag, tier, district, voids in rows:
            if voids is not None:
                if voids not in events:
                    what = f"所更正的 {voids} 不是该企业的有效事件 (takes back what is not an event of this firm)"
                    self._findings.add("standing", f"ledger {seq}", what)
                    return None
                del events[voids]
            elif tag not in _TAGS or (tier is None) != (tag in _OF_THE_FIRM):
                self._findings.add("standing", f"ledger {seq}", f"不成其为事件 (no event): {tag} {tier} {on}")
                return None
            else:
                events[seq] = on, _TAGS[tag], tier, district
        try:
            return _told_by(tuple(sorted(events.values(), key=_place)))
        except _UNFIT as failure:
            where, what = _first_unfit(events)
            self._findings.add("standing", where, f"{code} {what} ({type(failure).__name__})")
            return None

    def _lines(self, table: Table, codes: dict[str, int]) -> dict[int, list[Line]]:
        """Return the kept rows of firms that hold, by the number of the firm."""
        query = select(table.c.firm_id, *(strict(table.c[name]) for name in _KEPT[table])).where(
            table.c.firm_id.in_(list(codes.values())), table.c.superseded_at.is_(None)
        )

        def unreadable(number: int, why: str) -> None:
            self._kept[table] += 1
            self._findings.add("standing", f"{table.name} id={number}", f"无法读取 (unreadable): {why}")

        lines: defaultdict[int, list[Line]] = defaultdict(list)
        rows = read_each(self._connection, query, table.c.id, unreadable)
        self._kept[table] += len(rows)
        for row in rows:
            lines[row[0]].append(row[1:])
        return lines

    def _compare(self, code: str, table: Table, derived: tuple[Line, ...], kept: list[Line]) -> None:
        if len(derived) == len(kept) and (set(derived) == set(kept) and len(set(kept)) == len(kept)):
            return
        wanted, found = Counter(derived), Counter(kept)
        for said, lines in (("台账所无 (not from the ledger)", found - wanted), ("缺少 (missing)", wanted - found)):
            for line in lines.elements():
                self._findings.add("standing", f"{code} {table.name}", f"{said}: {_shown(line)}")

    def count_kept(self) -> None:
        """Look for kept rows of firms that are not there."""
        for table in _KEPT:
            query = select(func.count()).select_from(table).where(table.c.superseded_at.is_(None))
            more = (self._connection.scalar(query) or 0) - self._kept[table]
            if more:
                self._findings.add("standing", table.name, f"{more} 行不属于任何企业 (rows of no firm)")

    def hold_tally(self) -> None:
        """Hold the sums by day against those of the replayed changes."""
        columns = _TALLY.c
        query = select(columns.tier, columns.kind, strict(columns.day), columns.district, columns.count)
        try:
            rows = self._connection.execute(query).all()
        except UNREADABLE as failure:
            self._findings.add("tally", "tally", f"无法读取 (unreadable): {reason_of(failure)}")
            return
        left = self._tally
        for *key, count in rows:
            derived = left.pop(tuple(key), 0)
            if count != derived:
                self._findings.add("tally", f"tally {_shown(tuple(key))}", f"应为 {derived}，现为 {count} (differs)")
        for counted, derived in left.items():
            self._findings.add("tally", f"tally {_shown(counted)}", f"应为 {derived}，缺少 (missing)")


@dataclass(frozen=True, slots=True)
class _Told:
    """What the events of a firm amount to, as it should be kept."""

    spans: tuple[Line, ...]
    changes: tuple[Line, ...]
    counted: tuple[TallyKey, ...]


# Firms of one list often have the same days, so that what happened to one happened to many.
@lru_cache(maxsize=20_000)
def _told_by(events: tuple[Event, ...]) -> _Told:
    standing = standing_of(StatusEvent(*event) for event in events)
    return _Told(
        tuple((one.tier, one.starts_on, one.ends_on or OPEN, one.district) for one in standing.spans),
        tuple((one.tier, one.on, one.kind, one.district) for one in standing.changes),
        tuple((one.tier, one.kind, one.on, one.district or "") for one in standing.changes),
    )


def _place(event: Event) -> tuple[date, int, int]:
    """Return the place of an event among those derived of a firm, however corrections mixed them."""
    on, tag, tier, _ = event
    return on, _TIER_PLACES[tier], _TAG_PLACES[tag]


# What `standing_of` raises for events that cannot follow each other.
_UNFIT = (LookupError, ValueError, TypeError, AttributeError, StopIteration)


def _first_unfit(events: dict[int, Event]) -> tuple[str, str]:
    """Return the entries of the first day that does not fit what came before, and what they say."""
    for day in sorted({on for on, *_ in events.values()}):
        try:
            _told_by(tuple(sorted((event for event in events.values() if event[0] <= day), key=_place)))
        except _UNFIT:
            here = {seq: event for seq, event in events.items() if event[0] == day}
            told = "、".join(f"{tag} {tier or ''}".strip() for _, tag, tier, _ in here.values())
            numbers = "、".join(str(seq) for seq in here)
            return f"ledger {numbers}", f"{day} 的事件接不上此前的事件 (do not follow from those before): {told}"
    return "ledger", "事件接不上 (events do not follow)"


def _shown(line: Line) -> str:
    return " ".join("—" if part in (None, "") else str(part) for part in line)
