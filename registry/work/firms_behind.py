"""The firms behind a difference between two readings of the books, each with the reason: what was filed in between.

Reads only, and finds no difference itself: takes what the database found (see `registry.store.differences`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, zip_longest

from sqlalchemy.orm import Session

from registry.domain.codes import LADDER, TIERS
from registry.domain.events import Tag
from registry.domain.standing import ANY_TITLE
from registry.store.books import DISTRICT, Key
from registry.store.differences import (
    STOCK_START,
    Between,
    Deed,
    Entered,
    Net,
    classed_between,
    deeds_between,
    entries_between,
)
from registry.work.count import COUNTS
from registry.work.identify import batches

# What happened to a firm in a number: it came, it went, it stands in another district, or in another trade or size.
ADDED, LOST, MOVED, RECLASSIFIED = "added", "lost", "moved", "reclassified"
# Why: an event recorded late, one put right, one taken back, or a trade or size told anew.
LATE, CORRECTED, TAKEN_BACK, CLASSED = "late", "corrected", "taken_back", "classed"


@dataclass(frozen=True, slots=True)
class Reason:
    """What a filing told of a firm that made the difference.

    Attributes:
        kind: late, corrected, taken_back, or classed.
        said: the entries of the ledger; none where a trade or size was told anew.
    """

    kind: str
    deed: Deed
    said: tuple[Entered, ...] = ()


@dataclass(frozen=True, slots=True)
class FirmLine:
    """A firm behind a difference.

    Attributes:
        measure: stock_start, stock_end, or a kind of change.
        what: added, lost, moved (to another district), or reclassified.
        then, now: its keys in the earlier and the later reading; None where it is not counted in it.
        effect: what it does to the total of the measure.
    """

    measure: str
    tier: str
    uscc: str
    name: str
    what: str
    then: Mapping[str, Key] | None
    now: Mapping[str, Key] | None
    effect: int
    reasons: tuple[Reason, ...]


def firms_behind(
    session: Session, nets: Sequence[Net], between: Between, limit: int | None = None
) -> tuple[list[FirmLine], int]:
    """Return the firms behind a difference, by tier, measure and code, and how many lines there are.

    Args:
        limit: as many lines are told at most; all of them unless given.
    """
    bare = list(_lines(sorted(nets, key=_order), between.question.by))
    told: list[FirmLine] = []
    deeds = deeds_between(session, between)
    of_id, of_moment = {one.id: one for one in deeds}, {one.filed_at: one for one in deeds}
    for batch in batches(bare[:limit]):
        entries = entries_between(session, {net.uscc for net, _ in batch}, between)
        reclassed = {net.firm_id for net, line in batch if _is_classed(line)}
        moments = classed_between(session, reclassed, between) if reclassed else {}
        for net, line in batch:
            day = between.question.start if line.measure == STOCK_START else between.question.as_of
            reasons = _reasons(line, entries.get(net.uscc, []), day, of_id)
            if _is_classed(line):
                reasons += _classings(moments.get(net.firm_id, set()), of_moment)
            told.append(_with(line, reasons))
    return told, len(bare)


def _order(net: Net) -> tuple[int, int, str]:
    return (*TIERS, ANY_TITLE).index(net.tier), COUNTS.index(net.measure), net.uscc


def _lines(nets: Sequence[Net], by: tuple[str, ...]) -> Iterator[tuple[Net, FirmLine]]:
    """Yield a line for each firm that came or went; one that did both only stands elsewhere."""
    for _, of_firm in groupby(nets, key=_order):
        found = list(of_firm)
        come = [net for net in found for _ in range(net.times)]
        gone = [net for net in found for _ in range(-net.times)]
        for now, then in zip_longest(come, gone):
            yield now or then, _line(then, now, by)


def _line(then: Net | None, now: Net | None, by: tuple[str, ...]) -> FirmLine:
    one = now or then
    if one is None:
        raise ValueError("a line needs a reading")
    before = dict(zip(by, then.keys, strict=True)) if then else None
    after = dict(zip(by, now.keys, strict=True)) if now else None
    if before is None or after is None:
        what = ADDED if before is None else LOST
    else:
        what = MOVED if before.get(DISTRICT) != after.get(DISTRICT) else RECLASSIFIED
    effect = (now is not None) - (then is not None)
    return FirmLine(one.measure, one.tier, one.uscc, one.name, what, before, after, effect, ())


def _with(line: FirmLine, reasons: Sequence[Reason]) -> FirmLine:
    ordered = tuple(sorted(reasons, key=lambda reason: reason.deed.filed_at))
    return FirmLine(line.measure, line.tier, line.uscc, line.name, line.what, line.then, line.now, line.effect, ordered)


def _is_classed(line: FirmLine) -> bool:
    """Say whether a trade, an area or a size differs between the readings."""
    if line.then is None or line.now is None:
        return False
    return any(line.then[name] != line.now[name] for name in line.then if name != DISTRICT)


def _reasons(line: FirmLine, entries: Sequence[Entered], day: date, deeds: Mapping[int, Deed]) -> list[Reason]:
    """Return the filings that told something of the firm which bears on the line."""
    if line.what == RECLASSIFIED:
        return []
    found = []
    bearing = [entry for entry in entries if entry.on <= day and _bears_on(line.tier, entry)]
    for filing, of_filing in groupby(bearing, key=lambda entry: entry.filing):
        said = tuple(of_filing)
        backs = {entry.is_taken_back for entry in said}
        kind = CORRECTED if len(backs) == 2 else TAKEN_BACK if True in backs else LATE
        found.append(Reason(kind, deeds[filing], said))
    return found


def _bears_on(tier: str, entry: Entered) -> bool:
    if entry.tier is None:
        return entry.tag == Tag.MOVED
    return entry.tier == tier or (tier == ANY_TITLE and entry.tier in LADDER)


def _classings(moments: set[datetime], deeds: Mapping[datetime, Deed]) -> list[Reason]:
    return [Reason(CLASSED, deeds[moment]) for moment in moments if moment in deeds]
