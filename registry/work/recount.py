"""Asks again what was published, of what is known now: every number that differs, and the firms behind it. Reads only.

The rows that were frozen stay as they are; the firms behind each difference must add up to it exactly.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from registry.store import books
from registry.store.books import DISTRICT, Key
from registry.store.differences import Between, Net, all_differences
from registry.work.count import COUNTS, BooksDoNotBalance, Count, count, rolled_up
from registry.work.firms_behind import FirmLine, firms_behind
from registry.work.publish import Frozen, frozen_count

_MOVES = ("moved_in", "moved_out")


@dataclass(frozen=True, slots=True)
class NumberLine:
    """A number that was published otherwise than it is counted now.

    Attributes:
        by: what its row is broken down by; nothing for the total.
        measure: one of COUNTS.
    """

    by: tuple[str, ...]
    tier: str
    keys: Mapping[str, Key]
    measure: str
    frozen: int
    now: int

    @property
    def difference(self) -> int:
        """Return by how much it grew since."""
        return self.now - self.frozen


@dataclass(frozen=True, slots=True)
class Recount:
    """A publication beside the same question asked again.

    Attributes:
        counts: as counted now, in the order of the frozen ones.
        known_at: the moment as known at which it was asked again.
        numbers: those that differ, by breakdown, then in the order of the rows.
        firms: those behind them; `firms_total` says how many lines there are, of which not all may be told.
    """

    frozen: Frozen
    counts: tuple[Count, ...]
    known_at: datetime
    numbers: tuple[NumberLine, ...]
    firms: tuple[FirmLine, ...]
    firms_total: int


def recount(
    session: Session, number: int, *, now: datetime, known_at: datetime | None = None, limit: int | None = None
) -> Recount:
    """Count again what a publication counted, and say what differs and why.

    Args:
        number: of the publication.
        now: stands for the last moment of the books where they are empty.
        known_at: the moment as known at which to ask; what is known now unless given.
        limit: as many firms are told at most; all of them unless given.

    Raises:
        Refused: there is no such publication.
        PublicationDamaged: what is kept of it is not what was frozen.
        BooksDoNotBalance: the firms behind a difference do not add up to it.
    """
    published = frozen_count(session, number)
    moment = known_at or books.last_moment(session) or now
    names = tuple({name for one in published.counts for name in one.by})
    question = published.question(names, moment)
    whole = count(session, question, now=now)
    again = tuple(rolled_up(whole, one.by) for one in published.counts)
    pairs = zip(published.counts, again, strict=True)
    numbers = tuple(line for then, later in pairs for line in _differing(then, later))
    between = Between(question, published.publication.known_at, moment)
    nets = _nets(session, between)
    _hold(published.counts, numbers, nets, question.by)
    firms, total = firms_behind(session, nets, between, limit)
    return Recount(published, again, moment, numbers, tuple(firms), total)


def _nets(session: Session, between: Between) -> list[Net]:
    """Return every firm that is counted otherwise; without districts nothing moves."""
    found = all_differences(session, between)
    return found if DISTRICT in between.question.by else [net for net in found if net.measure not in _MOVES]


def _differing(then: Count, now: Count) -> Iterator[NumberLine]:
    """Yield the numbers that differ; a row that only one of them has counts nothing in the other."""
    before = {(row.tier, tuple(row.keys.items())): row.counts for row in (*then.rows, *then.holders)}
    after = {(row.tier, tuple(row.keys.items())): row.counts for row in (*now.rows, *now.holders)}
    nothing = dict.fromkeys(COUNTS, 0)
    for cell in {**before, **after}:
        was, stands = before.get(cell, nothing), after.get(cell, nothing)
        for measure in COUNTS:
            if was[measure] != stands[measure]:
                yield NumberLine(then.by, cell[0], dict(cell[1]), measure, was[measure], stands[measure])


def _hold(counts: Sequence[Count], numbers: Sequence[NumberLine], nets: Sequence[Net], names: tuple[str, ...]) -> None:
    """Hold the firms that were found against the numbers that differ."""
    for one in counts:
        expected = {
            (line.tier, line.measure, tuple(line.keys.values())): line.difference
            for line in numbers
            if line.by == one.by
        }
        places = [names.index(name) for name in one.by]
        found: Counter[tuple[str, str, tuple[Key, ...]]] = Counter()
        for net in nets:
            if net.measure not in _MOVES or DISTRICT in one.by:
                found[net.tier, net.measure, tuple(net.keys[place] for place in places)] += net.times
        if {cell: times for cell, times in found.items() if times} != expected:
            told = f"按 {','.join(one.by) or '合计'}：差异与其背后的企业不符，请运行 registry audit verify"
            raise BooksDoNotBalance(f"{told} (the firms behind the differences do not add up to them)")
