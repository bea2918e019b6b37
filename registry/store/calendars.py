"""The working calendar: the years that have their notice, and the days that are not what their weekday says.

Empty tables mean that nothing is known, not that every weekday is worked (see `registry.domain.workdays`).
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Integer, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from registry.domain.facts import FIRST_YEAR, LAST_YEAR
from registry.store.base import Base, Utc, within


class CalendarYear(Base):
    """A year whose notice is known. A year without a row is provisional throughout."""

    __tablename__ = "calendar_year"
    __table_args__ = (
        within("year", FIRST_YEAR, LAST_YEAR),
        CheckConstraint("trim(source) <> ''", name="source_is_given"),
    )
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(Text, comment="the notice that laid the year down")
    gazetted_on: Mapped[date | None] = mapped_column(
        comment="day of the notice; null when whoever filed it did not say"
    )


class CalendarDay(Base):
    """A weekday without work, or a weekend's day with work."""

    __tablename__ = "calendar_day"
    __table_args__ = (
        CheckConstraint("trim(name) <> ''", name="name_is_given"),
        CheckConstraint("trim(source) <> ''", name="source_is_given"),
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    is_workday: Mapped[bool] = mapped_column(comment="true: worked although a weekend; false: off although none")
    name: Mapped[str] = mapped_column(Text, comment="the holiday it belongs to")
    year: Mapped[int] = mapped_column(
        ForeignKey("calendar_year.year"),
        index=True,
        comment="whose notice states it; that of the next year may reach back into December",
    )
    source: Mapped[str] = mapped_column(Text, comment="the notice that states it")
    known_at: Mapped[Utc] = mapped_column(comment="when it was filed here")


def gazetted_years(session: Session) -> Sequence[CalendarYear]:
    """Return the years that have their notice, in order."""
    return session.scalars(select(CalendarYear).order_by(CalendarYear.year)).all()


def days_stated(session: Session, year: int | None = None) -> Sequence[CalendarDay]:
    """Return the days that the notice of a year states, or those of every notice, in order."""
    query = select(CalendarDay).order_by(CalendarDay.day)
    return session.scalars(query if year is None else query.where(CalendarDay.year == year)).all()
