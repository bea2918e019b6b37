"""Explains how the stock of one publication became that of another. Reads only.

From the earlier day to the later one: what was filed late, taken back or corrected about the earlier day after it was
published, and then what really changed between the days, as known when the later one was published. Both together are
exactly the step from the one published number to the other.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry.domain.standing import EFFECTS
from registry.store import books
from registry.store.books import DISTRICT, Key, Question
from registry.store.differences import Between, Net, stock_differences
from registry.work.count import FLOWS, BooksDoNotBalance, Count
from registry.work.firms_behind import FirmLine, firms_behind
from registry.work.publish import Frozen, frozen_count

# What the changes between two days can be broken down by: a trade or a size may itself have changed between them.
_BY = ((), (DISTRICT,))
_MOVES = ("moved_in", "moved_out")


@dataclass(frozen=True, slots=True)
class Bridge:
    """A tier's way from one published stock to another, in the city or in a district.

    Attributes:
        stock_from, stock_to: as they were frozen.
        added, lost: firms of which it became known that they stood in the tier on the earlier day, or did not.
        corrected_in, corrected_out: firms of which it became known that they stood in another district on that day.
        changes: what really happened after the earlier day up to the later one, by kind.
    """

    by: tuple[str, ...]
    tier: str
    keys: Mapping[str, Key]
    stock_from: int
    added: int
    lost: int
    corrected_in: int
    corrected_out: int
    changes: Mapping[str, int]
    stock_to: int

    @property
    def stock_amended(self) -> int:
        """Return the stock of the earlier day as known when the later one was published."""
        return self.stock_from + self.added - self.lost + self.corrected_in - self.corrected_out

    @property
    def holds(self) -> bool:
        """Say whether the parts add up exactly."""
        return self.stock_to == self.stock_amended + sum(EFFECTS[kind] * times for kind, times in self.changes.items())


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Two publications and the way from the one to the other.

    Attributes:
        earlier, later: by the day of which they speak, then by the moment they were known at.
        firms: those behind what was added, lost and corrected; `firms_total` says how many lines there are.
    """

    earlier: Frozen
    later: Frozen
    bridges: tuple[Bridge, ...]
    firms: tuple[FirmLine, ...]
    firms_total: int


def reconcile(session: Session, one: int, other: int, *, limit: int | None = None) -> Reconciliation:
    """Explain the stock of one publication by that of another.

    Args:
        one, other: numbers of publications, in any order.
        limit: as many firms are told at most; all of them unless given.

    Raises:
        Refused: there is no such publication.
        PublicationDamaged: what is kept of one is not what was frozen.
        BooksDoNotBalance: the parts do not add up: the kept standing is damaged.
    """
    both = (frozen_count(session, one), frozen_count(session, other))
    earlier, later = sorted(both, key=lambda found: (found.publication.as_of, found.publication.known_at))
    shared = [by for by in _BY if _of(earlier, by) and _of(later, by)]
    names = shared[-1]
    then, now = earlier.publication.known_at, later.publication.known_at
    between = Between(earlier.question(names, now), then, now)
    nets = stock_differences(session, between)
    bridges = tuple(bridge for by in shared for bridge in _bridges(session, earlier, later, by, nets))
    for bridge in bridges:
        if not bridge.holds:
            cell = " ".join((bridge.tier, *(key or "—" for key in bridge.keys.values())))
            told = f"{cell}：{bridge.stock_from} → {bridge.stock_to} 无法逐项对上，请运行 registry audit verify"
            raise BooksDoNotBalance(f"{told} (the parts do not add up)")
    firms, total = firms_behind(session, nets, between, limit)
    return Reconciliation(earlier, later, bridges, tuple(firms), total)


def _of(found: Frozen, by: tuple[str, ...]) -> Count | None:
    return next((one for one in found.counts if one.by == by), None)


def _bridges(session: Session, earlier: Frozen, later: Frozen, by: tuple[str, ...], nets: list[Net]) -> list[Bridge]:
    start, end = earlier.publication, later.publication
    question = Question(start.as_of, end.as_of, start.year - 1, by, end.known_at)
    real = books.changes(session, question)
    stocks = [_stocks(found, by) for found in (earlier, later)]
    amended = _amendments(nets, by)
    cells = dict.fromkeys([*stocks[1], *stocks[0], *real, *amended])
    found = []
    for tier, keys in cells:
        cell = tier, keys
        kinds = {kind: real.get(cell, {}).get(kind, 0) for kind in FLOWS}
        if DISTRICT not in by:
            kinds |= dict.fromkeys(_MOVES, 0)
        parts = amended.get(cell, Counter())
        found.append(
            Bridge(
                by,
                tier,
                dict(zip(by, keys, strict=True)),
                stocks[0].get(cell, 0),
                parts["added"],
                parts["lost"],
                parts["corrected_in"],
                parts["corrected_out"],
                kinds,
                stocks[1].get(cell, 0),
            )
        )
    return found


def _stocks(found: Frozen, by: tuple[str, ...]) -> dict[tuple[str, tuple[Key, ...]], int]:
    count = _of(found, by)
    rows = (*count.rows, *count.holders) if count else ()
    return {(row.tier, tuple(row.keys[name] for name in by)): row.counts["stock_end"] for row in rows}


def _amendments(nets: list[Net], by: tuple[str, ...]) -> dict[tuple[str, tuple[Key, ...]], Counter[str]]:
    """Return what became known of the earlier day: a firm that came and went at once only stands elsewhere."""
    sides = Counter((net.tier, net.uscc, net.times > 0) for net in nets)
    found: dict[tuple[str, tuple[Key, ...]], Counter[str]] = {}
    for net in nets:
        is_come = net.times > 0
        is_elsewhere = bool(sides[net.tier, net.uscc, not is_come])
        if is_elsewhere and not by:
            continue
        name = ("lost", "added", "corrected_out", "corrected_in")[2 * is_elsewhere + is_come]
        found.setdefault((net.tier, net.keys if by else ()), Counter())[name] += abs(net.times)
    return found
