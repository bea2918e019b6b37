"""Audits the books: derives the chain of the ledger again, holds its moments against the filings, replays standing.

Changes nothing. What was tampered with is a finding; a value that cannot even be read is one too.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Table, func, select
from sqlalchemy.orm import Session

import registry
from registry.domain.chain import Entry, Head, filed_by
from registry.domain.chain import verify as derive_again
from registry.store.ledger import Filing, LedgerEntry
from registry.work.filing import last_head
from registry.work.findings import EPOCH, Finding, Findings, read_each, read_through, strict
from registry.work.replay import replay

_FILING: Table = Filing.__table__  # type: ignore[assignment]
_LEDGER: Table = LedgerEntry.__table__  # type: ignore[assignment]
# What the ledger itself keeps of an entry.
_STORED = tuple(name for name in Entry.__slots__ if name != "filed")


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit came to.

    Attributes:
        head: the last link of the chain that holds.
        entries: how many entries the ledger has.
        firms: how many firms were replayed.
        findings: what does not hold, the break of the chain first.
        untold: how many findings more there were than those listed.
    """

    head: Head
    entries: int
    firms: int
    findings: tuple[Finding, ...]
    untold: int = 0

    @property
    def holds(self) -> bool:
        """Say whether nothing was found."""
        return not self.findings


def verify(session: Session, heads: Iterable[Head] = (), progress: Callable[[int], None] = lambda count: None) -> Audit:
    """Prove the books: the chain of the ledger, the moments of its entries, and the standing that follows from it.

    Everything is read in one transaction; it should see one state of the database throughout.

    Args:
        heads: heads of the chain that were kept elsewhere.
        progress: is told how many more entries are done; every entry is done twice.
    """
    connection = session.connection()
    kept = list(heads)
    breaks, findings = Findings(), Findings()
    walk = _Walk(connection, findings, progress)
    entries = iter(walk)
    # Of two that contradict each other the last is asked; that they do is told below.
    head, broken = derive_again(entries, {one.seq: one for one in kept}.values())
    if broken is not None:
        breaks.add("chain", f"ledger {broken.seq}", broken.what + walk.shown(broken.seq))
    for _ in entries:
        # The moments are proved to the end, wherever the chain breaks.
        pass
    for seq in _contradicted(kept):
        breaks.add("chain", f"ledger {seq}", "几个检查点对同一编号的校验值不同 (checkpoints contradict each other)")
    firms, replayed = replay(connection, findings, progress)
    if replayed != walk.count:
        findings.add("standing", "ledger", f"{walk.count - replayed} 条不属于任何企业 (entries of no firm)")
    found = (*breaks.listed, *findings.listed)
    return Audit(head, walk.count, firms, found, sum(findings.counts.values()) - len(findings.listed))


def _contradicted(heads: Iterable[Head]) -> list[int]:
    hashes: dict[int, set[str]] = {}
    for head in heads:
        hashes.setdefault(head.seq, set()).add(head.hash)
    return sorted(seq for seq, said in hashes.items() if len(said) > 1)


class _Walk:
    """Goes along the ledger once, in the order of its numbers, and holds each entry's moment against its filing.

    Attributes:
        count: how many entries it has passed.
    """

    def __init__(self, connection: Connection, findings: Findings, progress: Callable[[int], None]) -> None:
        self.count = 0
        self._connection = connection
        self._findings = findings
        self._progress = progress
        self._filed = self._filings()
        self._before = EPOCH
        self._filing_before = 0
        self._current: Entry | None = None

    def __iter__(self) -> Iterator[tuple[Entry, str]]:
        columns = _LEDGER.c
        named = [strict(columns[name]) for name in (*_STORED, "hash", "filing_id")]
        for seq, row, why in read_through(self._connection, select(*named), columns.seq, self._progress):
            yield self._entry(seq, row, why)

    def shown(self, seq: int) -> str:
        """Return what the entry says at which the chain was found broken, or "" where there is none."""
        entry = self._current
        if entry is None or entry.seq < seq:
            return ""
        if not entry.tag:
            return f"；此处为 #{entry.seq}，无法读取 (unreadable): {entry.details}"
        said = (entry.uscc, entry.tag, entry.tier or "", entry.takes_effect_on.isoformat())
        return f"；此处为 #{entry.seq} " + " ".join(part for part in said if part)

    def _entry(self, seq: int, row: Any, why: str) -> tuple[Entry, str]:
        self.count += 1
        if row is not None:
            *told, stored, filing_id = row
            if _is_whole(told) and isinstance(stored, str) and isinstance(filing_id, int):
                filed_at, filed = self._filed.get(filing_id, (None, ""))
                entry = Entry(**dict(zip(_STORED, told, strict=True)), filed=filed)
                self._current = entry
                self._hold_moment(entry, filing_id, filed_at)
                return entry, stored
            why = "有的值不是该列的写法 (a value is not of its column's kind)"
        # No hash is empty: whatever cannot be read breaks the chain.
        self._current = Entry(seq, EPOCH, date.min, "", "", None, None, why, None, "")
        return self._current, ""

    def _hold_moment(self, entry: Entry, filing_id: int, filed_at: datetime | None) -> None:
        where = f"ledger {entry.seq}"
        if filed_at is None:
            self._findings.add("moments", where, f"所指的 filing {filing_id} 不存在 (names a filing that is not there)")
        elif filed_at != entry.known_at:
            told = f"known_at {entry.known_at} ≠ filing {filing_id} 的 {filed_at}"
            self._findings.add("moments", where, f"{told} (differs from its filing)")
        if entry.known_at < self._before or filing_id < self._filing_before:
            self._findings.add("moments", where, "时刻早于前一条 (the moment goes backwards)")
        self._before, self._filing_before = entry.known_at, filing_id

    def _filings(self) -> dict[int, tuple[datetime, str]]:
        """Return the moment of every filing and what hashes cover of it; moments go forward with the number."""
        columns = _FILING.c

        def unreadable(number: int, why: str) -> None:
            self._findings.add("moments", f"filing {number}", f"无法读取 (unreadable): {why}")

        told = (strict(columns[name]) for name in ("filed_at", "deed", "source", "actor"))
        query = select(columns.id, *told).order_by(columns.id)
        filed: dict[int, tuple[datetime, str]] = {}
        before = EPOCH
        for number, moment, *words in read_each(self._connection, query, columns.id, unreadable):
            if moment <= before:
                self._findings.add("moments", f"filing {number}", "时刻不晚于前一次 (not later than the one before)")
            before = moment
            filed[number] = moment, filed_by(*map(str, words))
        return filed


def _is_whole(told: list[Any]) -> bool:
    """Say whether the values of an entry are of the kinds that can be hashed."""
    _seq, known_at, on, uscc, tag, tier, district, details, voids = told
    return (
        isinstance(known_at, datetime)
        and isinstance(on, date)
        and isinstance(uscc, str)
        and isinstance(tag, str)
        and isinstance(details, str)
        and (tier is None or isinstance(tier, str))
        and (district is None or isinstance(district, str))
        and (voids is None or isinstance(voids, int))
    )


def entry_count(session: Session) -> int:
    """Return how many entries the ledger has."""
    return session.scalar(select(func.count()).select_from(_LEDGER)) or 0


def checkpoint(session: Session, made_at: datetime) -> dict[str, Any]:
    """Return where the ledger stands, to be kept where whoever can change the database cannot reach.

    Args:
        made_at: the moment, with its zone.
    """
    head = last_head(session.connection())
    known_at: datetime | None = session.scalar(select(_LEDGER.c.known_at).where(_LEDGER.c.seq == head.seq))
    return {
        "seq": head.seq,
        "hash": head.hash,
        "known_at": known_at and known_at.isoformat(timespec="microseconds"),
        "entries": entry_count(session),
        "made_at": made_at.isoformat(timespec="seconds"),
        "program": registry.__version__,
    }
