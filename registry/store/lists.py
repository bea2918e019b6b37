"""The firms behind a number: of a stock, of a change, of a step on the ladder, with what it is broken down by.

A list asks the same conditions as the count it opens (see `books`), and is paged along the codes.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, select, true
from sqlalchemy.orm import Session

from registry.store.books import (
    AREA,
    DISTRICT,
    INDUSTRY,
    SIZE,
    Behind,
    Key,
    Question,
    as_known,
    behind_changes,
    behind_stock,
    made_the_step,
)
from registry.store.firms import Firm, FirmSize
from registry.store.queries import FirmsPage, firms_page

# What a reader who may see every firm is given as `visible`.
EVERYTHING: ColumnElement[bool] = true()
_PAGE = 50
# So many are counted at most.
_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is asked for.

    Attributes:
        on: the day of a stock; the last day of changes or of a step.
        change: one of CHANGES: the firms that came, went or were renewed from `since` to `on`.
        step: the highest rung at the close of the day before `since`, and that at the close of `on`.
        since: the first day of changes and steps.
        keys: district, industry division, size, functional area; a key of None is one that is unknown.
    """

    on: date
    tier: str | None = None
    change: str | None = None
    step: tuple[str | None, str | None] | None = None
    since: date | None = None
    keys: Mapping[str, Key] = field(default_factory=dict)
    query: str | None = None
    known_at: datetime | None = None

    @property
    def question(self) -> Question:
        """Return the question to the books."""
        first = self.since or date(self.on.year, 1, 1)
        return Question(first - timedelta(days=1), self.on, self.on.year - 1, (), self.known_at)


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a list.

    Attributes:
        total: how many firms the whole list has; None where there are so many that they were not counted.
        times: how often the change happened, where a firm may have seen it more than once.
    """

    page: FirmsPage
    total: int | None = None
    times: int | None = None


def firms_listed(
    session: Session,
    asked: Asked,
    *,
    visible: ColumnElement[bool],
    after: str | None = None,
    limit: int = _PAGE,
    counts: bool = True,
) -> Listed:
    """Return a page of the firms that are asked for, in the order of their codes.

    Args:
        visible: which firms the reader may see (see `registry.store.scope`); totals count those alone.
        counts: whether the total is wanted as well.
    """
    if asked.tier is None and asked.step is None:
        own = and_(visible, *(_of_firm(name, key, asked) for name, key in asked.keys.items()))
        return Listed(firms_page(session, query=asked.query, only=own, after=after, limit=limit))
    rows = _rows(asked)
    behind = Firm.id.in_(rows.numbers) if _is_short(session, rows) else rows.condition
    page = firms_page(session, query=asked.query, only=and_(behind, visible), after=after, limit=limit)
    told = _count(session, rows, visible) if counts and not asked.query else None
    if told is None:
        return Listed(page)
    times, firms = told
    return Listed(page, firms, times if times != firms else None)


def _is_short(session: Session, rows: Behind) -> bool:
    """Say whether so few firms are meant that they are looked up by their numbers and put in order.

    More are met soon enough on the way along the codes. Both ways cost the same at ten times the root of the register:
    the first grows with the list, the second with the register in proportion to the list.
    """
    most = 10 * math.isqrt(session.scalar(select(func.max(Firm.id))) or 0) + _PAGE
    return (session.scalar(select(func.count()).select_from(rows.numbers.limit(most).subquery())) or 0) < most


def _count(session: Session, rows: Behind, visible: ColumnElement[bool]) -> tuple[int, int] | None:
    """Return how many rows there are of firms that the reader may see, and of how many; None of a list that is long."""
    some = rows.numbers.limit(_COUNTED).subquery()
    (number,) = some.c
    seen = number if visible is EVERYTHING else case((visible, number))
    query = select(func.count(), func.count(seen), func.count(seen.distinct())).select_from(some)
    whole, times, firms = session.execute(query if visible is EVERYTHING else query.join(Firm, Firm.id == number)).one()
    return (times, firms) if whole < _COUNTED else None


def _rows(asked: Asked) -> Behind:
    question = asked.question
    if asked.step is not None:
        return made_the_step(question.start, asked.on, *asked.step, known_at=asked.known_at)
    tier = str(asked.tier)
    if asked.change is not None:
        return behind_changes(tier, (asked.change,), question, asked.keys)
    return behind_stock(asked.on, tier, question, asked.keys)


def _of_firm(name: str, key: Key, asked: Asked) -> ColumnElement[bool]:
    """Return the condition on a firm that no number of the books stands before: what it is today."""
    if name == SIZE:
        year = asked.question.size_year
        sizes = select(FirmSize.size).where(
            FirmSize.firm_id == Firm.id, FirmSize.year == year, as_known(FirmSize, None)
        )
        return ~exists(sizes) if key is None else exists(sizes.where(FirmSize.size == key))
    columns = {DISTRICT: Firm.district, INDUSTRY: func.substr(Firm.industry, 1, 2), AREA: Firm.functional_area}
    column: Any = columns[name]
    condition: ColumnElement[bool] = column.is_(None) if key is None else column == key
    return condition
