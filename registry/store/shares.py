"""Ratios of sums over the above-scale firms of a fiscal year, exact and as known now. Judges nothing.

What is unknown of a firm leaves it out of numerator and denominator alike, and it is counted as left out: unknown is
never zero and never no. Each question is one pass over the above-scale firms of a day, a look-up for each.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session

from registry.domain.trades import HIGH_TECH
from registry.store.books import as_known, stands
from registry.store.firms import Firm, YearlyFigures
from registry.store.remembered import until_the_books_change
from registry.store.standing import StandingSpan

# Sums are asked for in two parts, so that no number of firms makes one leave 64 bits.
_SPLIT = 10**9
_FIGURES = YearlyFigures.__table__


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole over the firms of which both are known.

    Attributes:
        year: the fiscal year of the figures; the firms are those above scale at the close of its last day.
        part, whole: whole fen, or numbers of firms.
        known, unknown: how many firms it speaks of, and how many it had to leave out.
    """

    year: int
    part: int
    whole: int
    known: int
    unknown: int

    @property
    def as_of(self) -> date:
        """Return the day of which it speaks."""
        return date(self.year, 12, 31)

    @property
    def percent(self) -> Fraction | None:
        """Return the share in percent, exact; None where nothing is known or the whole is zero."""
        return Fraction(100 * self.part, self.whole) if self.whole > 0 else None


@dataclass(frozen=True, slots=True)
class Shares:
    """The shares of a fiscal year.

    Attributes:
        high_tech: the value added of high-tech manufacturers over that of all above-scale firms, in whole fen. A firm's
            trade is that of today; one whose value added or trade is unknown is left out.
        digital: the above-scale firms with digital transformation over those of which it is known whether.
    """

    high_tech: Share
    digital: Share


@until_the_books_change
def shares_of(session: Session, year: int) -> Shares:
    """Return the shares of a fiscal year, in one pass."""
    value, done = _FIGURES.c.value_added, _FIGURES.c.digitally_transformed
    is_known = and_(value.is_not(None), Firm.industry.is_not(None))
    is_high = and_(is_known, Firm.industry.in_(sorted(HIGH_TECH)))
    query = _of_above_scale(
        year,
        _number(is_known),
        *_sum(value, is_high),
        *_sum(value, is_known),
        _number(done.is_not(None)),
        _number(done.is_(True)),
    )
    found = [int(one or 0) for one in session.execute(query).one()]
    count, valued, high, high_rest, whole, whole_rest, said, digital = found
    return Shares(
        Share(year, high * _SPLIT + high_rest, whole * _SPLIT + whole_rest, valued, count - valued),
        Share(year, digital, said, said, count - said),
    )


def _of_above_scale(year: int, *columns: Any) -> Select[Any]:
    """Return a question about every firm above scale at the end of a year, beside its figures where it has any."""
    return (
        select(func.count(), *columns)
        .select_from(StandingSpan)
        .join(Firm, Firm.id == StandingSpan.firm_id)
        .outerjoin(_FIGURES, and_(_FIGURES.c.firm_id == StandingSpan.firm_id, _FIGURES.c.year == year))
        .where(StandingSpan.tier == "above_scale", stands(date(year, 12, 31)), as_known(StandingSpan, None))
    )


def _number(condition: ColumnElement[bool]) -> Any:
    return func.count(case((condition, 1)))


def _sum(value: ColumnElement[int], condition: ColumnElement[bool]) -> tuple[Any, Any]:
    """Return the two parts of a sum of amounts, none of which is negative."""
    return func.sum(case((condition, value // _SPLIT))), func.sum(case((condition, value % _SPLIT)))
