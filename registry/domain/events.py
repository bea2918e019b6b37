"""What happened to a firm's standing: derived from what is stated of it, and from nothing else.

The derivation is a function of the set of statements, so the order in which lists come in does not matter, and a
correction of one statement re-derives what follows it. Knows neither when a thing became known nor any database.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from registry.domain.codes import LADDER
from registry.domain.firms import ScaleRow, TitleRow
from registry.domain.periods import last_valid_day
from registry.domain.statements import Revocation, Statements

ABOVE_SCALE = "above_scale"
ONE_DAY = timedelta(days=1)


class Tag(StrEnum):
    """The kinds of events, in the past tense. `corrected` is the ledger's own: it takes an event back."""

    RECOGNISED = "recognised"
    RENEWED = "renewed"
    REINSTATED = "reinstated"
    EXPIRED = "expired"
    REVOKED = "revoked"
    ENTERED = "entered"
    EXITED = "exited"
    MOVED = "moved"
    RENAMED = "renamed"
    MERGED = "merged"
    CORRECTED = "corrected"


STARTS = frozenset((Tag.RECOGNISED, Tag.REINSTATED, Tag.ENTERED))
ENDS = frozenset((Tag.EXPIRED, Tag.REVOKED, Tag.EXITED))


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """One event of a firm.

    Attributes:
        on: the day it takes effect; at the close of that day the standing has changed.
        tier: of the ladder or above_scale; None for what happens to the firm itself.
        district: where the firm stands by the event: before the day's move for an end, after it for a start.
        details: what the statement adds, as text: the last valid day, the exit's reason, the former name.
    """

    on: date
    tag: Tag
    tier: str | None = None
    district: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What a dated row says of the firm itself: its name and, unless the row is silent, its district."""

    on: date
    name: str
    district: str | None


def told_of(said: Statements) -> list[Told]:
    """Return the dated statements of name and district, oldest first.

    Of one day, a list of firms outweighs a title and a title a stay, the higher tier the lower: the day's order must
    not depend on which list came in first.
    """
    rows: list[tuple[date, int, int, Told]] = []
    for stay in said.stays:
        rows.append((stay.entered_on, 0, 0, Told(stay.entered_on, stay.name, stay.district or None)))
    for title in said.titles:
        place = 1 + LADDER.index(title.tier)
        rows.append((title.recognised_on, place, 0, Told(title.recognised_on, title.name, title.district or None)))
    for number, listing in enumerate(said.listings):
        rows.append((listing.listed_on, 9, number, Told(listing.listed_on, listing.name, listing.district)))
    rows.sort(key=lambda row: row[:3])
    return [row[3] for row in rows]


def events_of(said: Statements) -> list[StatusEvent]:
    """Derive the events of a firm, in the order of their days."""
    told = told_of(said)
    places = _Places(told)
    found = [event for tier in LADDER for event in _title_events(tier, said, places)]
    found += _stay_events(said.stays, places)
    found += places.moves()
    found += _renamings(told)
    found += [
        StatusEvent(
            merger.merged_on,
            Tag.MERGED,
            None,
            places.at_close(merger.merged_on),
            _details(into=merger.into, source=merger.source),
        )
        for merger in said.mergers
    ]
    return sorted(found, key=order_of)


class _Places:
    """Where a firm stood, day by day: one district for all its titles and stays."""

    def __init__(self, told: Sequence[Told]) -> None:
        self._first_on = told[0].on if told else None
        # Of a day only the last word counts, so that a firm never moves twice in a day.
        by_day = {one.on: one.district for one in told if one.district is not None}
        self._changes: list[tuple[date, str]] = []
        for day, district in sorted(by_day.items()):
            if not self._changes or self._changes[-1][1] != district:
                self._changes.append((day, district))

    def at_close(self, day: date) -> str | None:
        """Return the district at the close of a day; before the first word of it, None."""
        found = None
        for changed_on, district in self._changes:
            if changed_on > day:
                break
            found = district
        return found

    def moves(self) -> Iterator[StatusEvent]:
        """Yield the moves; the first district is one only for a firm that was told of before without any."""
        if self._changes and self._first_on is not None and self._first_on < self._changes[0][0]:
            yield StatusEvent(self._changes[0][0], Tag.MOVED, None, self._changes[0][1])
        for (_, old), (day, new) in zip(self._changes, self._changes[1:], strict=False):
            yield StatusEvent(day, Tag.MOVED, None, new, {"from": old})


def _title_events(tier: str, said: Statements, places: _Places) -> Iterator[StatusEvent]:
    """Yield the life of a firm's titles in one tier."""
    started_on: date | None = None
    ends_on = date.min
    is_first = True
    for what in _in_time(tier, said):
        if isinstance(what, Revocation):
            if started_on is not None and what.revoked_on <= ends_on:
                details = _details(cause=what.cause, source=what.source)
                yield _end(what.revoked_on, Tag.REVOKED, tier, started_on, places, details)
                started_on = None
            continue
        day = what.recognised_on
        until = what.valid_until or last_valid_day(day)
        details = _details(kind=what.kind, valid_until=until.isoformat(), batch=what.batch, source=what.source)
        if started_on is not None and day <= ends_on + ONE_DAY:
            yield StatusEvent(day, Tag.RENEWED, tier, places.at_close(day), details)
            ends_on = max(ends_on, until)
            continue
        if started_on is not None:
            yield _end(ends_on + ONE_DAY, Tag.EXPIRED, tier, started_on, places, {})
        # Where the books begin with a re-review, the title is older than the books.
        tag = Tag.RECOGNISED if is_first and what.kind == "new" else Tag.REINSTATED
        yield StatusEvent(day, tag, tier, places.at_close(day), details)
        started_on, ends_on, is_first = day, until, False
    if started_on is not None:
        yield _end(ends_on + ONE_DAY, Tag.EXPIRED, tier, started_on, places, {})


def _in_time(tier: str, said: Statements) -> list[TitleRow | Revocation]:
    """Return a tier's titles and revocations in the order of their days; a revocation strikes what the day brought."""
    dated: list[tuple[date, int, TitleRow | Revocation]] = [
        (title.recognised_on, 0, title) for title in said.titles if title.tier == tier
    ]
    dated += [(one.revoked_on, 1, one) for one in said.revocations if one.tier == tier]
    return [what for _, _, what in sorted(dated, key=lambda row: row[:2])]


def _stay_events(stays: Iterable[ScaleRow], places: _Places) -> Iterator[StatusEvent]:
    """Yield entries and exits; an entry no later than the day after an exit continues the stay."""
    started_on = date.min
    last: ScaleRow | None = None
    for stay in sorted(stays, key=lambda stay: stay.entered_on):
        day = stay.entered_on
        details = _details(entry=stay.entry, source=stay.source)
        if last is None:
            yield StatusEvent(day, Tag.ENTERED, ABOVE_SCALE, places.at_close(day), details)
            started_on = day
        elif last.exited_on is None or day <= last.exited_on + ONE_DAY:
            yield StatusEvent(day, Tag.RENEWED, ABOVE_SCALE, places.at_close(day), details)
            # Two stays that overlap end with the later of their ends.
            if last.exited_on is None or (stay.exited_on is not None and stay.exited_on < last.exited_on):
                continue
        else:
            yield _exit(last, last.exited_on, started_on, places)
            yield StatusEvent(day, Tag.REINSTATED, ABOVE_SCALE, places.at_close(day), details)
            started_on = day
        last = stay
    if last is not None and last.exited_on is not None:
        yield _exit(last, last.exited_on, started_on, places)


def _exit(stay: ScaleRow, exited_on: date, started_on: date, places: _Places) -> StatusEvent:
    details = _details(reason=stay.exit_reason or "", source=stay.source)
    return _end(exited_on, Tag.EXITED, ABOVE_SCALE, started_on, places, details)


def _end(day: date, tag: Tag, tier: str, started_on: date, places: _Places, details: Mapping[str, str]) -> StatusEvent:
    """Return an end; it counts where the firm stood as the day began, unless it began on that day."""
    stood = places.at_close(day if started_on == day else day - ONE_DAY)
    return StatusEvent(day, tag, tier, stood, details)


def _renamings(told: Iterable[Told]) -> Iterator[StatusEvent]:
    names: dict[date, str] = {one.on: one.name for one in told}
    before = None
    for day, name in sorted(names.items()):
        if before is not None and name != before:
            yield StatusEvent(day, Tag.RENAMED, None, None, {"from": before, "to": name})
        before = name


def _details(**parts: str) -> dict[str, str]:
    """Return the parts that say something."""
    return {key: part for key, part in parts.items() if part}


_TAGS = list(Tag)
_TIERS = (None, *LADDER, ABOVE_SCALE)


def order_of(event: StatusEvent) -> tuple[date, int, int]:
    """Return what events are ordered by: the day, then the tier, then the kind."""
    return event.on, _TIERS.index(event.tier), _TAGS.index(event.tag)
