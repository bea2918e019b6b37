"""Replays the ledger firm by firm and holds what comes out against the standing that is kept for speed.

Goes along the codes of firms in batches, so that a million firms need no more memory than a few thousand.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, select, true

from registry.domain.codes import TIERS
from registry.domain.events import StatusEvent, Tag
from registry.domain.standing import Standing, standing_of
from registry.store.ledger import LedgerEntry
from registry.store.standing import StandingChange, StandingSpan, Tally
from registry.work.findings import UNREADABLE, Findings, read_each, well_written
from registry.work.identify import FIRM
from registry.work.keep_books import OPEN

_LEDGER: Table = LedgerEntry.__table__  # type: ignore[assignment]
_TALLY: Table = Tally.__table__  # type: ignore[assignment]
# The tables of standing: their name, the columns that are compared, which of them are days.
_SPAN: Table = StandingSpan.__table__  # type: ignore[assignment]
_CHANGE: Table = StandingChange.__table__  # type: ignore[assignment]
_KEPT: dict[Table, tuple[str, ...]] = {
    _SPAN: ("tier", "starts_on", "ends_on", "district"),
    _CHANGE: ("tier", "day", "kind", "district"),
}
_DAYS = ("starts_on", "ends_on", "day")
_TIERS = (None, *TIERS)
_ORDER = list(Tag)
# These happen to the firm itself; every other event to one of its tiers.
_OF_THE_FIRM = (Tag.MOVED, Tag.RENAMED, Tag.MERGED)
_TAGS = {str(tag): tag for tag in Tag}
# Firms that are replayed at once.
_SIZE = 2000

Line = tuple[Any, ...]
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
            standing = None if code in broken else self._stood(code, rows)
            if standing is None:
                continue
            self._compare(
                code, _SPAN, [(s.tier, s.starts_on, s.ends_on or OPEN, s.district) for s in standing.spans], kept[0]
            )
            self._compare(code, _CHANGE, [(c.tier, c.on, c.kind, c.district) for c in standing.changes], kept[1])
            self._tally.update((c.tier, c.kind, c.on, c.district or "") for c in standing.changes)
        return count

    def _ledger(self, within: Callable[[Any], ColumnElement[bool]]) -> tuple[dict[str, list[Any]], set[str], int]:
        """Return the entries of a range of codes by code, the codes of unreadable ones, and how many there are."""
        columns = _LEDGER.c
        query = select(
            columns.uscc,
            columns.seq,
            columns.takes_effect_on,
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

    def _stood(self, code: str, rows: list[Any]) -> Standing | None:
        """Return the standing that the entries of a firm amount to; None where they amount to none."""
        known: dict[int, StatusEvent] = {}
        taken_back: set[int] = set()
        for _, seq, on, tag, tier, district, voids in rows:
            if voids is not None:
                if voids not in known or voids in taken_back:
                    what = f"所更正的 {voids} 不是该企业的有效事件 (takes back what is not an event of this firm)"
                    self._findings.add("standing", f"ledger {seq}", what)
                    return None
                taken_back.add(voids)
            elif tag not in _TAGS or not isinstance(on, date) or (tier is None) != (tag in _OF_THE_FIRM):
                self._findings.add("standing", f"ledger {seq}", f"不成其为事件 (no event): {tag} {tier} {on}")
                return None
            else:
                known[seq] = StatusEvent(on, _TAGS[tag], tier, district)
        events = {seq: event for seq, event in known.items() if seq not in taken_back}
        try:
            return standing_of(sorted(events.values(), key=_order))
        except _UNFIT as failure:
            where, what = _first_unfit(events)
            self._findings.add("standing", where, f"{code} {what} ({type(failure).__name__})")
            return None

    def _lines(self, table: Table, codes: dict[str, int]) -> dict[int, list[Line]]:
        """Return the kept rows of firms that hold, by the number of the firm."""
        columns = [table.c[name] for name in _KEPT[table]]
        is_clean = well_written(self._connection, days=tuple(table.c[name] for name in _KEPT[table] if name in _DAYS))
        query = select(table.c.firm_id, is_clean, *columns).where(
            table.c.firm_id.in_(list(codes.values())), table.c.superseded_at.is_(None)
        )

        def unreadable(number: int, why: str) -> None:
            self._kept[table] += 1
            self._findings.add("standing", f"{table.name} id={number}", f"无法读取 (unreadable): {why}")

        lines: defaultdict[int, list[Line]] = defaultdict(list)
        for firm_id, is_good, *line in read_each(self._connection, query, table.c.id, unreadable):
            self._kept[table] += 1
            # What is written otherwise than all others compares with none.
            lines[firm_id].append(tuple(line) if is_good else (*line, "?"))
        return lines

    def _compare(self, code: str, table: Table, derived: list[Line], kept: list[Line]) -> None:
        if len(derived) == len(kept) and Counter(derived) == Counter(kept):
            return
        wanted, found = Counter(derived), Counter(kept)
        for said, rows in (
            ("台账所无 (not from the ledger)", found - wanted),
            ("缺少 (missing)", wanted - found),
        ):
            for line in rows.elements():
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
        query = select(
            columns.tier,
            columns.kind,
            columns.day,
            columns.district,
            columns.count,
            well_written(self._connection, days=(columns.day,)),
        )
        try:
            rows = self._connection.execute(query).all()
        except UNREADABLE as failure:
            self._findings.add("tally", "tally", f"无法读取 (unreadable): {str(failure).partition(chr(10))[0]}")
            return
        left = self._tally
        for tier, kind, day, district, count, is_good in rows:
            key = tier, kind, day, district
            derived = left.pop(key, 0) if is_good else 0
            if count != derived or not is_good:
                self._findings.add("tally", f"tally {_shown(key)}", f"应为 {derived}，现为 {count} (differs)")
        for key, derived in left.items():
            self._findings.add("tally", f"tally {_shown(key)}", f"应为 {derived}，缺少 (missing)")


def _order(event: StatusEvent) -> tuple[date, int, int]:
    """Return the place of an event among those derived of a firm, however corrections mixed them."""
    return event.on, _TIERS.index(event.tier), _ORDER.index(event.tag)


# What `standing_of` raises for events that cannot follow each other.
_UNFIT = (LookupError, ValueError, TypeError, AttributeError, StopIteration)


def _first_unfit(events: dict[int, StatusEvent]) -> tuple[str, str]:
    """Return the entries of the first day that does not fit what came before, and what they say."""
    for day in sorted({event.on for event in events.values()}):
        try:
            standing_of([event for event in events.values() if event.on <= day])
        except _UNFIT:
            here = {seq: event for seq, event in events.items() if event.on == day}
            told = "、".join(f"{event.tag} {event.tier or ''}".strip() for event in here.values())
            numbers = "、".join(str(seq) for seq in here)
            return f"ledger {numbers}", f"{day} 的事件接不上此前的事件 (do not follow from those before): {told}"
    return "ledger", "事件接不上 (events do not follow)"


def _shown(line: Line) -> str:
    return " ".join("—" if part in (None, "") else str(part) for part in line)
