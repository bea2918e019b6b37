"""The questions of the front page: how far the city has come on a day, by year and by district; who of a page is where.

Counts mean what they mean in `books`; here they are asked for many years or districts in one pass over the tallies.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from registry.domain.codes import DISTRICTS, LADDER, TIERS
from registry.domain.standing import ANY_TITLE
from registry.store.books import tiers_of
from registry.store.queries import FirmLine
from registry.store.remembered import until_the_books_change
from registry.store.tallies import Sum, sums_by_year, totals_of

# The two headline targets of 青办发〔2024〕3号: so many new ones in the year; strictly more than so many in all.
NEW_SPECIALIZED_AT_LEAST = 300
ABOVE_SCALE_MORE_THAN = 5000
_YEARS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Progress:
    """A value beside its goal.

    Attributes:
        gap: how many more are needed; 0 once it is met.
    """

    value: int
    goal: int
    is_met: bool
    gap: int

    @property
    def surplus(self) -> int:
        """Return by how much the goal is passed."""
        return max(0, self.value - self.goal)


@dataclass(frozen=True, slots=True)
class DistrictLine:
    """A district's firms on a day; `district` is None where it is unknown, and in the city's total."""

    district: str | None
    counts: Mapping[str, int]
    holders: int
    new_specialized: int
    above_scale: int


@dataclass(frozen=True, slots=True)
class YearLine:
    """A year so far as the day reaches, its stock as at its last day (or the day, in the running year)."""

    year: int
    as_at: date
    new_specialized: Progress
    above_scale: Progress
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Board:
    """The front page on a day."""

    on: date
    total: DistrictLine
    districts: tuple[DistrictLine, ...]
    years: tuple[YearLine, ...]

    @property
    def year(self) -> YearLine:
        """Return the year of the day."""
        return self.years[-1]


@until_the_books_change
def board(session: Session, on: date) -> Board:
    """Return the city on a day: by district, and by year up to it. One question, whatever the size of the register."""
    sums = sums_by_year(session, on)
    by_district: dict[str | None, list[Sum]] = {code: [] for code in DISTRICTS}
    for one in sums:
        by_district.setdefault(one.district, []).append(one)
    # Every district has its row, also one with nothing in it; one outside the table and firms without one come last.
    beyond = sorted(code for code in by_district if code and code not in DISTRICTS)
    codes = [*DISTRICTS, *beyond, *([None] if None in by_district else [])]
    # A firm stands in one district at a time, so districts add up to the city.
    return Board(
        on,
        _line(None, sums, on.year),
        tuple(_line(code, by_district[code], on.year) for code in codes),
        tuple(_years(sums, on)),
    )


def _line(district: str | None, sums: Sequence[Sum], year: int) -> DistrictLine:
    stock = totals_of(sums)
    new = sum(one.count for one in sums if _is_new_specialized(one) and one.year == year)
    counts = {tier: stock[tier] for tier in LADDER}
    return DistrictLine(district, counts, stock[ANY_TITLE], new, stock["above_scale"])


def _years(sums: Sequence[Sum], on: date) -> Iterator[YearLine]:
    """Yield the years that the books speak of, the latest few up to a day."""
    first = max(min([on.year, *(one.year for one in sums)]), on.year - _YEARS_SHOWN + 1)
    for year in range(first, on.year + 1):
        stock = totals_of(one for one in sums if one.year <= year)
        new = sum(one.count for one in sums if _is_new_specialized(one) and one.year == year)
        yield YearLine(
            year,
            min(on, date(year, 12, 31)),
            progress_to(new, NEW_SPECIALIZED_AT_LEAST),
            progress_to(stock["above_scale"], ABOVE_SCALE_MORE_THAN, strictly=True),
            {tier: stock[tier] for tier in LADDER},
        )


def _is_new_specialized(one: Sum) -> bool:
    return one.tier == "specialized" and one.kind == "new"


def standings(session: Session, firms: Sequence[FirmLine], on: date) -> dict[int, tuple[str, ...]]:
    """Return the tiers that firms of a page are in on a day, in the order of the ladder, then above scale."""
    held = tiers_of(session, [firm.id for firm in firms], on)
    return {firm_id: tuple(tier for tier in TIERS if tier in tiers) for firm_id, tiers in held.items()}


def progress_to(value: int, goal: int, strictly: bool = False) -> Progress:
    """Return a value beside a goal that it must reach, or strictly pass."""
    least = goal + 1 if strictly else goal
    return Progress(value, goal, value >= least, max(0, least - value))
