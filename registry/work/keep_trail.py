"""Keeps the trail: proves it, gives it out, and archives what is old enough. Judges nobody.

Archiving writes entries out and deletes them here; the head up to which it went stays, so the chain goes on from it.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

import registry
from registry.domain.chain import BEGINNING, Head
from registry.domain.errors import Refused
from registry.domain.trail import TAG_WORDS, Doer, Entry, Tag
from registry.domain.trail import verify as derive_again
from registry.store.trail import TRAIL, TRAIL_CUT, trail_cuts, trail_head, trail_page, trail_start
from registry.work.findings import EPOCH, Finding, Findings, reason_of
from registry.work.read_trail import Linked, stored_entries, told
from registry.work.trace import record

# No entry leaves the trail before that, whatever is asked; the database holds to it by its own clock.
KEEP_DAYS = 200
# Entries that are read at once.
_PAGE = 5_000


@dataclass(frozen=True, slots=True)
class TrailAudit:
    """What proving the trail came to.

    Attributes:
        head: the last link of the chain that holds.
        start: where the entries begin that were looked at.
        entries: how many were looked at.
        findings: what does not hold, the break of the chain first.
        passed_over: checkpoints of entries that were archived and not looked at; they prove nothing here.
    """

    head: Head
    start: Head
    entries: int
    findings: tuple[Finding, ...]
    passed_over: tuple[int, ...]

    @property
    def holds(self) -> bool:
        """Say whether nothing was found."""
        return not self.findings


def verify_trail(
    session: Session,
    kept: Iterable[Head] = (),
    progress: Callable[[int], None] = lambda count: None,
    archived: Iterable[Linked] | None = None,
) -> TrailAudit:
    """Prove the trail: its chain, its moments, and that it tells of its own archiving. Changes nothing.

    Args:
        kept: heads of the chain that were kept elsewhere.
        progress: is told how many more entries are done.
        archived: the entries of every archive, from the first one on; the chain is then proved from there.
    """
    connection = session.connection()
    findings = Findings()
    cuts = trail_cuts(connection)
    start = cuts[-1] if cuts and archived is None else BEGINNING
    checkpoints = list(kept)
    walk = _Walk(connection, findings, progress)
    entries = iter(walk.over(archived or ()))
    # An earlier cut is a head that the database itself keeps; it bears on what lies before the start as well.
    head, broken = derive_again(entries, start, [*checkpoints, *cuts])
    breaks = Findings()
    if broken is not None:
        breaks.add("chain", f"trail {broken.seq}", broken.what)
    for _ in entries:
        # The moments are proved to the end, wherever the chain breaks.
        pass
    by_cuts = {cut.seq: cut.hash for cut in (BEGINNING, *cuts)}
    past = [one for one in checkpoints if one.seq < start.seq]
    for one in past:
        if by_cuts.get(one.seq, one.hash) != one.hash:
            breaks.add("chain", f"trail {one.seq}", "归档处与检查点不符 (the cut differs from the checkpoint)")
    if cuts and (str(cuts[-1].seq), cuts[-1].hash) not in walk.told_cuts:
        what = "归档处没有对应的 trail.archived 条目 (no entry tells of this archiving)"
        breaks.add("chain", f"trail_cut {cuts[-1].seq}", what)
    passed_over = tuple(sorted({one.seq for one in past} - by_cuts.keys()))
    return TrailAudit(head, start, walk.count, (*breaks.listed, *findings.listed), passed_over)


class _Walk:
    """Goes along the trail once, in the order of its numbers.

    Attributes:
        count: how many entries it has passed.
        told_cuts: number and hash of every head of which an entry says that it was archived.
    """

    def __init__(self, connection: Connection, findings: Findings, progress: Callable[[int], None]) -> None:
        self.count = 0
        self.told_cuts: set[tuple[str, str]] = set()
        self._connection = connection
        self._findings = findings
        self._progress = progress
        self._before = EPOCH

    def over(self, archived: Iterable[Linked]) -> Iterator[Linked]:
        """Yield the entries of archives, then those of the database."""
        for entry, stored in archived:
            self._look_at(entry)
            yield entry, stored
        for entry, stored in stored_entries(self._connection, self._progress):
            self._look_at(entry)
            yield entry, stored

    def _look_at(self, entry: Entry) -> None:
        self.count += 1
        if not entry.tag:
            self._findings.add("chain", f"trail {entry.seq}", f"无法读取 (unreadable): {entry.after}")
            return
        if entry.at < self._before:
            self._findings.add("moments", f"trail {entry.seq}", "时刻早于前一条 (the moment goes backwards)")
        self._before = entry.at
        if entry.tag == Tag.TRAIL_ARCHIVED:
            said = _object(entry.after)
            self.told_cuts.add((str(said.get("seq")), str(said.get("hash"))))


def _object(text: str | None) -> dict[str, Any]:
    try:
        said = json.loads(text or "{}")
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def archive(
    session: Session, *, before: datetime, now: datetime, doer: Doer, write: Callable[[str], object]
) -> tuple[int, Head]:
    """Write out the entries older than a moment, delete them here and note where it was; never commits.

    Whoever calls it commits only once what was written is safe.

    Args:
        before: with its zone; an entry of this very moment stays.
        write: takes one line of JSON at a time, with its line break; `read_archived` reads them again.

    Returns:
        How many entries were archived, and the head up to which they were; 0 and the start when none is so old.

    Raises:
        Refused: the moment is less than KEEP_DAYS days before now, or the entries are not as they were written.
    """
    latest = now - timedelta(days=KEEP_DAYS)
    if before > latest:
        raise Refused.at(
            "before",
            f"留痕至少保存 {KEEP_DAYS} 天，最晚只能归档到 {latest.isoformat(timespec='seconds')} 之前 "
            f"(the trail is kept for {KEEP_DAYS} days at least)",
        )
    connection = session.connection()
    start = trail_start(connection)
    entries = _written(_older(connection, before), write)
    head, broken = derive_again(entries, start)
    if broken is not None:
        raise Refused.at(
            f"trail {broken.seq}",
            f"{broken.what}：未归档，请先运行 registry trail verify (nothing was archived: verify it first)",
        )
    if head == start:
        return 0, start
    count = head.seq - start.seq
    said = {"seq": head.seq, "hash": head.hash, "entries": count, "before": before}
    record(session, Tag.TRAIL_ARCHIVED, doer, now=now, subject="trail", after=said)
    try:
        session.execute(TRAIL_CUT.insert().values(seq=head.seq, hash=head.hash, cut_at=now))
        session.execute(TRAIL.delete().where(TRAIL.c.seq <= head.seq))
    except DBAPIError as failure:
        said_no = f"数据库拒绝归档：{reason_of(failure)}；请核对时钟 (the database goes by its own clock)"
        raise Refused.at("before", said_no) from failure
    return count, head


def _older(connection: Connection, before: datetime) -> Iterator[Linked]:
    """Yield the entries up to the first one that is not older: never one behind it, whatever moment it carries."""
    for entry, stored in stored_entries(connection):
        if entry.at >= before:
            return
        yield entry, stored


def _written(entries: Iterable[Linked], write: Callable[[str], object]) -> Iterator[Linked]:
    for entry, stored in entries:
        write(json.dumps(told(entry) | {"hash": stored}, ensure_ascii=False) + "\n")
        yield entry, stored


def export(session: Session, **filters: Any) -> Iterator[dict[str, Any]]:
    """Yield the entries that fit, newest first, as rows for a list.

    Args:
        filters: those of `registry.store.trail.trail_page`, without `before_seq` and `limit`.
    """
    before_seq: int | None = None
    while page := trail_page(session, **filters, before_seq=before_seq, limit=_PAGE):
        for entry in page:
            yield told(entry) | {"words": TAG_WORDS[entry.tag][0]}
        before_seq = page[-1].seq


def entry_count(session: Session) -> int:
    """Return how many entries the trail has here."""
    return session.scalar(select(func.count()).select_from(TRAIL)) or 0


def trail_checkpoint(session: Session, made_at: datetime) -> dict[str, Any]:
    """Return where the trail stands, to be kept where whoever can change the database cannot reach.

    Args:
        made_at: the moment, with its zone.
    """
    head = trail_head(session.connection())
    at: datetime | None = session.scalar(select(TRAIL.c.at).where(TRAIL.c.seq == head.seq))
    return {
        "chain": "trail",
        "seq": head.seq,
        "hash": head.hash,
        "at": at and at.isoformat(timespec="microseconds"),
        "entries": entry_count(session),
        "made_at": made_at.isoformat(timespec="seconds"),
        "program": registry.__version__,
    }
