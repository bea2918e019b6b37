"""Counts the books: stock and flow of a year, tier by tier and over the tiers together, broken down as asked.

A count is a question about a day; asked again as known at the same moment it comes out the same. Reads only.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from registry.domain.codes import DISTRICTS, LADDER, SIZE_WORDS, TIERS
from registry.domain.errors import Refused, RegistryError
from registry.domain.facts import FIRST_YEAR, LAST_YEAR
from registry.domain.standing import ANY_TITLE, EFFECTS
from registry.store import books
from registry.store.books import BREAKDOWNS, DISTRICT, Key, Question
from registry.store.tallies import tallied

FLOWS = ("new", "renewed", "reinstated", "expired", "revoked", "exited", "moved_in", "moved_out")
COUNTS = ("stock_start", *FLOWS, "stock_end")
# Every district and every size has its row, also one with nothing in it.
_ALWAYS: Mapping[str, tuple[str, ...]] = {"district": tuple(DISTRICTS), "size": tuple(SIZE_WORDS)}


class BooksDoNotBalance(RegistryError):
    """The stock at the end is not what the stock at the start and the changes make: the kept standing is damaged."""


@dataclass(frozen=True, slots=True)
class CountRow:
    """One row of a count.

    Attributes:
        tier: of the ladder, above_scale, or ANY_TITLE for the firms that hold whichever title.
        keys: what it is broken down by, bare codes; None where it is unknown.
        counts: by the names of COUNTS.
    """

    tier: str
    keys: Mapping[str, Key]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Count:
    """A counted year.

    Attributes:
        known_at: the moment up to which the books were read; asked again with it, everything is as it is here.
        rows: by tier in the order of the ladder, then above scale, then by the keys.
        holders: the same for firms with whichever title of the ladder, each counted once.
    """

    year: int
    as_of: date
    known_at: datetime
    by: tuple[str, ...]
    rows: tuple[CountRow, ...]
    holders: tuple[CountRow, ...]

    @property
    def firms(self) -> int:
        """Return the number of distinct firms with any title of the ladder at the end."""
        return sum(row.counts["stock_end"] for row in self.holders)

    @property
    def titles(self) -> int:
        """Return the sum of titles of the ladder at the end: a firm on three rungs counts three times."""
        return sum(row.counts["stock_end"] for row in self.rows if row.tier in LADDER)


def question_of(
    year: int, *, today: date, as_of: date | None = None, by: Sequence[str] = (), known_at: datetime | None = None
) -> Question:
    """Return the question that a year stands for.

    Raises:
        Refused: a year out of range, a day outside the year, a breakdown that is not known or stands twice.
    """
    if not FIRST_YEAR < year <= LAST_YEAR:
        raise Refused.at("year", f"应在 {FIRST_YEAR + 1}–{LAST_YEAR} 之间，现为 {year} (year out of range)")
    end = as_of or (today if year == today.year else date(year, 12, 31))
    if end.year != year:
        raise Refused.at("as_of", f"应为 {year} 年内的日期，现为 {end} (a day of the counted year expected)")
    for name in by:
        if name not in BREAKDOWNS or list(by).count(name) > 1:
            listed = "、".join(BREAKDOWNS)
            raise Refused.at(
                "by", f"应为 {listed} 中的若干项，各一次，现为 {name!r} (one of these, each once, expected)"
            )
    ordered = tuple(name for name in BREAKDOWNS if name in by)
    return Question(date(year - 1, 12, 31), end, year - 1, ordered, known_at)


def count(session: Session, question: Question, *, now: datetime) -> Count:
    """Count a year of the books.

    Args:
        now: stands for the last moment the books changed where they are empty.

    Raises:
        BooksDoNotBalance: the kept standing contradicts itself.
    """
    last = books.last_moment(session)
    # Of a moment to come more may become known: what is told is as known now.
    known_at = question.known_at if question.known_at and question.known_at <= now else None
    if question.known_at is None and set(question.by) <= {DISTRICT}:
        start, during = tallied(session, question)
        end = None
    else:
        start = books.stock(session, question.start, question)
        during = books.changes(session, question)
        end = books.stock(session, question.as_of, question)
    cells = {*start, *during, *(end or ())}
    rows = [_row(question.by, cell, start.get(cell, 0), during.get(cell, {})) for cell in cells]
    if end is not None:
        _check(rows, end)
    # What came and went without a trace has no row; what always has one has it also with nothing in it.
    rows = [row for row in rows if any(row.counts.values())]
    told = {(row.tier, tuple(row.keys.values())) for row in rows}
    rows += [_row(question.by, cell, 0, {}) for cell in _always(question.by) if cell not in told]
    rows.sort(key=lambda row: _order((row.tier, tuple(row.keys.values()))))
    return Count(
        question.as_of.year,
        question.as_of,
        known_at or last or now,
        question.by,
        tuple(row for row in rows if row.tier != ANY_TITLE),
        tuple(row for row in rows if row.tier == ANY_TITLE),
    )


def _row(by: Sequence[str], cell: tuple[str, tuple[Key, ...]], start: int, during: Mapping[str, int]) -> CountRow:
    tier, keys = cell
    flows = {name: during.get(name, 0) for name in FLOWS}
    # In the city's total nothing moves: what leaves one district arrives in another.
    if DISTRICT not in by:
        flows |= {"moved_in": 0, "moved_out": 0}
    end = start + sum(EFFECTS[name] * number for name, number in flows.items())
    return CountRow(tier, dict(zip(by, keys, strict=True)), {"stock_start": start, **flows, "stock_end": end})


def _check(rows: Iterable[CountRow], end: Mapping[tuple[str, tuple[Key, ...]], int]) -> None:
    """Hold the stock that the changes lead to against the stock that stands at the end."""
    for row in rows:
        stands = end.get((row.tier, tuple(row.keys.values())), 0)
        if row.counts["stock_end"] != stands:
            told = f"{row.tier} {dict(row.keys)}: {row.counts['stock_end']} ≠ {stands}"
            raise BooksDoNotBalance(f"{told}：账不平，请运行 registry audit verify (the books do not balance)")


def _always(by: Sequence[str]) -> Iterator[tuple[str, tuple[Key, ...]]]:
    """Give the cells that have a row though nothing is in them."""
    for tier in (*TIERS, ANY_TITLE):
        if not by:
            yield tier, ()
        elif len(by) == 1:
            yield from ((tier, (key,)) for key in _ALWAYS.get(by[0], ()))


def _order(cell: tuple[str, tuple[Key, ...]]) -> tuple[int, tuple[tuple[bool, str], ...]]:
    """Order by tier, then by keys; what is unknown comes last."""
    tier, keys = cell
    sizes = tuple(SIZE_WORDS)
    return (*TIERS, ANY_TITLE).index(tier), tuple(
        (key is None, str(sizes.index(key)) if key in sizes else key or "") for key in keys
    )


def rolled_up(count: Count, by: Sequence[str]) -> Count:
    """Return a count by fewer things: rows that differ only in what is left out are added up."""
    cells: dict[tuple[str, tuple[Key, ...]], dict[str, int]] = {cell: dict.fromkeys(COUNTS, 0) for cell in _always(by)}
    for row in (*count.rows, *count.holders):
        cell = cells.setdefault((row.tier, tuple(row.keys[name] for name in by)), dict.fromkeys(COUNTS, 0))
        for name in COUNTS:
            cell[name] += row.counts[name]
    if DISTRICT not in by:
        for cell in cells.values():
            cell |= {"moved_in": 0, "moved_out": 0}
    rows = [CountRow(key[0], dict(zip(by, key[1], strict=True)), cells[key]) for key in sorted(cells, key=_order)]
    return replace(
        count,
        by=tuple(by),
        rows=tuple(row for row in rows if row.tier != ANY_TITLE),
        holders=tuple(row for row in rows if row.tier == ANY_TITLE),
    )


def totals(count: Count) -> dict[str, dict[str, int]]:
    """Return the counts of the whole city by tier, ANY_TITLE among them."""
    whole = rolled_up(count, ())
    return {row.tier: dict(row.counts) for row in (*whole.rows, *whole.holders)}
