"""Puts together what the bureau's dashboard tells of a day: targets, months of the year, the ladder, the districts.

Reads only; counts mean what they mean in `registry.store.books`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from registry.domain.codes import LADDER
from registry.domain.errors import Refused
from registry.domain.periods import add_years
from registry.store.board import Board, board
from registry.store.books import transitions
from registry.store.remembered import until_the_books_change
from registry.store.tallies import changed_by_month, sums_by_year
from registry.work.targets import TargetBoard, target_board

_YEARS_SHOWN = 6
Steps = Mapping[tuple[str | None, str | None], int]


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the running year: first recognitions from 1 January to its end, or to the day in the running month.

    Attributes:
        so_far: None for months to come.
        year_before: the same of the year before, whole months.
        path: where an even pace to the goal stands at the end of the month, rounded down; None without a goal.
    """

    number: int
    last: date
    so_far: int | None
    year_before: int
    path: int | None


@dataclass(frozen=True, slots=True)
class Overview:
    """The dashboard of a day.

    Attributes:
        targets: None where no targets are set for the year.
        steps: firms by their highest rung at the start of the year and on the day.
        stocks: by district, the holders of any title at the end of each year, and on the day in the last.
    """

    on: date
    board: Board
    targets: TargetBoard | None
    months: tuple[Month, ...]
    steps: Steps
    years: tuple[int, ...]
    stocks: Mapping[str | None, Sequence[int]]

    @property
    def start(self) -> date:
        """Return the first day of the year."""
        return date(self.on.year, 1, 1)


remembered_steps = until_the_books_change(transitions)


def overview(session: Session, on: date, *, now: datetime, tier: str = "specialized") -> Overview:
    """Return the dashboard of a day.

    Args:
        tier: whose first recognitions are told month by month.
        now: the moment the page is made.
    """
    try:
        targets = target_board(session, on.year, on, now=now)
    except Refused:
        targets = None
    years = tuple(range(on.year - _YEARS_SHOWN + 1, on.year + 1))
    return Overview(
        on,
        board(session, on),
        targets,
        _months(session, on, tier, _goal(targets)),
        remembered_steps(session, date(on.year - 1, 12, 31), on),
        years,
        _stocks(session, on, years),
    )


def _goal(targets: TargetBoard | None) -> int | None:
    """Return how many first recognitions the year's target asks for."""
    rows = targets.rows if targets else ()
    goals = [row.target.goal for row in rows if row.target.measure == "first_recognitions"]
    return int(goals[0]) if goals and goals[0] is not None else None


def _months(session: Session, on: date, tier: str, goal: int | None) -> tuple[Month, ...]:
    first = date(on.year, 1, 1)
    counted = changed_by_month(session, tier, "new", add_years(first, -1), on)
    months, so_far, before = [], 0, 0
    for number in range(1, 13):
        last = _last_day(on.year, number)
        so_far += counted.get((on.year, number), 0)
        before += counted.get((on.year - 1, number), 0)
        months.append(
            Month(
                number,
                min(last, on),
                so_far if number <= on.month else None,
                before,
                None
                if goal is None
                else goal * ((last - first).days + 1) // ((_last_day(on.year, 12) - first).days + 1),
            )
        )
    return tuple(months)


def _last_day(year: int, month: int) -> date:
    return date(year, 12, 31) if month == 12 else date(year, month + 1, 1) - timedelta(days=1)


def _stocks(session: Session, on: date, years: Sequence[int]) -> dict[str | None, list[int]]:
    """Return the holders of titles by district at the end of each year, from one pass over the tallies."""
    stocks: dict[str | None, list[int]] = {}
    for one in sums_by_year(session, on):
        if one.tier != "any":
            continue
        line = stocks.setdefault(one.district, [0] * len(years))
        for place, year in enumerate(years):
            if one.year <= year:
                line[place] += one.effect
    return stocks


def step_table(steps: Steps) -> list[tuple[str | None, list[tuple[str | None, int]]]]:
    """Return the steps as a matrix, the highest rung first, no title last."""
    rungs: list[str | None] = [*reversed(LADDER), None]
    return [(before, [(after, steps.get((before, after), 0)) for after in rungs]) for before in rungs]
