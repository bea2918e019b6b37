"""What a firm's events amount to: when it stood in which tier and district, and every change of stock.

A day is always the close of the day. A firm is in a tier from the close of the day an event puts it there until the
day before the close of the day an event ends it. Reads events only; a replay of the ledger runs through here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import attrgetter

from registry.domain.codes import LADDER
from registry.domain.events import ENDS, STARTS, StatusEvent, Tag, order_of

# Besides the tiers: the firm as a holder of any title of the ladder, counted once.
ANY_TITLE = "any"
STARTING, ENDING = ("new", "reinstated", "moved_in"), ("expired", "revoked", "exited", "moved_out")
CHANGES = ("new", "renewed", "reinstated", "expired", "revoked", "exited", "moved_in", "moved_out")
EFFECTS: Mapping[str, int] = {"renewed": 0} | dict.fromkeys(STARTING, 1) | dict.fromkeys(ENDING, -1)

_CHANGE_OF: Mapping[Tag, str] = {
    Tag.RECOGNISED: "new",
    Tag.ENTERED: "new",
    Tag.RENEWED: "renewed",
    Tag.REINSTATED: "reinstated",
    Tag.EXPIRED: "expired",
    Tag.REVOKED: "revoked",
    Tag.EXITED: "exited",
}


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A time in a tier and a district: in the stock at the close of every day from the first up to before the last.

    Attributes:
        ends_on: None while nothing ends it.
    """

    tier: str
    starts_on: date
    ends_on: date | None
    district: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the books: at the close of a day a tier's stock in a district changed, or a title was renewed."""

    tier: str
    on: date
    kind: str
    district: str | None


@dataclass(slots=True)
class Standing:
    """The spans and the changes of one firm."""

    spans: list[Span] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


def standing_of(events: Iterable[StatusEvent]) -> Standing:
    """Tell the standing of one firm from its events, in any order.

    Raises:
        KeyError: an event ends or renews what is not held: these are no events that statements lead to.
    """
    told = _Teller()
    counted = (event for event in events if event.tag is Tag.MOVED or event.tag in _CHANGE_OF)
    for day, of_day in groupby(sorted(counted, key=order_of), key=attrgetter("on")):
        told.day(day, list(of_day))
    return told.closed()


class _Teller:
    """Walks along the days of one firm. Within a day ends come first, then the move, then starts and renewals."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[date, str | None]] = {}
        self._has_held: set[str] = set()
        self._standing = Standing()

    def day(self, day: date, events: list[StatusEvent]) -> None:
        before = {tier: self._held[tier][1] for tier in LADDER if tier in self._held}
        held = set(self._held)
        ends = [event for event in events if event.tag in ENDS]
        # What began on this very day ends after it began.
        early = [event for event in ends if event.tier in self._held]
        for event in early:
            self._end(day, event)
        for event in events:
            if event.tag is Tag.MOVED:
                self._move(day, event.district)
        for event in events:
            if event.tag in STARTS:
                self._start(day, event)
            elif event.tag is Tag.RENEWED:
                # Also of a tier that ends on this very day; never of one that was not held.
                if event.tier not in held:
                    raise KeyError(event.tier)
                self._enter(day, str(event.tier), "renewed", event.district)
        for event in ends:
            if event not in early:
                self._end(day, event)
        self._holder(day, events, before)

    def closed(self) -> Standing:
        for tier, (since, district) in self._held.items():
            self._standing.spans.append(Span(tier, since, None, district))
        self._standing.spans.sort(key=lambda span: (span.tier, span.starts_on))
        return self._standing

    def _start(self, day: date, event: StatusEvent) -> None:
        tier = str(event.tier)
        self._held[tier] = (day, event.district)
        self._enter(day, tier, _CHANGE_OF[event.tag], event.district)

    def _end(self, day: date, event: StatusEvent) -> None:
        tier = str(event.tier)
        self._enter(day, tier, _CHANGE_OF[event.tag], self._held[tier][1])
        self._leave(day, tier)

    def _move(self, day: date, district: str | None) -> None:
        for tier in [tier for tier in self._held if tier != ANY_TITLE]:
            self._shift(day, tier, district)

    def _shift(self, day: date, tier: str, district: str | None) -> None:
        self._enter(day, tier, "moved_out", self._held[tier][1])
        self._leave(day, tier)
        self._held[tier] = (day, district)
        self._enter(day, tier, "moved_in", district)

    def _leave(self, day: date, tier: str) -> None:
        since, district = self._held.pop(tier)
        if since < day:
            self._standing.spans.append(Span(tier, since, day, district))

    def _enter(self, day: date, tier: str, kind: str, district: str | None) -> None:
        self._standing.changes.append(Change(tier, day, kind, district))

    def _holder(self, day: date, events: list[StatusEvent], before: Mapping[str, str | None]) -> None:
        """Follow the firm as a holder of any title: a day on which one begins as another ends leaves no gap."""
        of_ladder = [event for event in events if event.tier in LADDER]
        after = [self._held[tier][1] for tier in LADDER if tier in self._held]
        if not of_ladder and not (before and after):
            return
        starts = [event for event in of_ladder if event.tag in STARTS]
        if not before and starts:
            is_new = ANY_TITLE not in self._has_held and any(event.tag is Tag.RECOGNISED for event in starts)
            self._has_held.add(ANY_TITLE)
            self._held[ANY_TITLE] = (day, starts[0].district)
            self._enter(day, ANY_TITLE, "new" if is_new else "reinstated", starts[0].district)
        elif before and after:
            if after[0] != self._held[ANY_TITLE][1]:
                self._shift(day, ANY_TITLE, after[0])
            if any(event.tag is Tag.RENEWED for event in of_ladder):
                self._enter(day, ANY_TITLE, "renewed", after[0])
        if ANY_TITLE in self._held and not after:
            last = next(event for event in reversed(of_ladder) if event.tag in ENDS)
            self._end(day, StatusEvent(day, last.tag, ANY_TITLE))
