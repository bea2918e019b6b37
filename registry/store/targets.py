"""What staff entered for the target board: every value with its day, source and author; nothing is ever changed.

Rows are added only, which rules of the database enforce: a newer one takes the place of those before it.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from registry.domain.facts import FIRST_YEAR, LAST_YEAR
from registry.store.base import Base, Id, Utc, within

# Values are held as whole 10^-4 of their unit.
PLACES = 4
VALUE_BOUND = 10**15


class TargetValue(Base):
    """One value that staff entered for a row of the board, or for an input of a computed row."""

    __tablename__ = "target_value"
    __table_args__ = (
        within("year", FIRST_YEAR, LAST_YEAR),
        within("value", -VALUE_BOUND + 1, VALUE_BOUND - 1),
        CheckConstraint("key <> ''", name="key_is_named"),
        CheckConstraint("trim(source) <> ''", name="source_is_given"),
        CheckConstraint("trim(author) <> ''", name="author_is_named"),
        # The history of a row, and that no two values of it are equally new.
        Index("uq_target_value_key", "year", "key", "entered_at", unique=True),
    )
    id: Mapped[Id]
    year: Mapped[int] = mapped_column(Integer, comment="the year whose board it is entered on")
    key: Mapped[str] = mapped_column(Text, comment="key of the row or input in the targets of the year")
    value: Mapped[int] = mapped_column(BigInteger, comment="10^-4 of the row's unit")
    as_of: Mapped[date] = mapped_column(comment="the day of which it speaks")
    source: Mapped[str] = mapped_column(Text, comment="the document or bulletin that states it")
    author: Mapped[str] = mapped_column(Text, comment="who entered it")
    note: Mapped[str] = mapped_column(Text, comment="anything to be said of it; may be empty")
    entered_at: Mapped[Utc] = mapped_column(comment="later than every earlier value of the same year and key")


def current_values(session: Session, year: int, as_of: date) -> dict[str, TargetValue]:
    """Return, by key, the newest entered among the values that speak of a day up to `as_of`. One look-up."""
    query = (
        select(TargetValue)
        .where(TargetValue.year == year, TargetValue.as_of <= as_of)
        .order_by(TargetValue.key, TargetValue.entered_at)
    )
    return {row.key: row for row in session.scalars(query)}


def values_of(session: Session, year: int, key: str) -> Sequence[TargetValue]:
    """Return everything entered for a key of a year, the newest entered first."""
    query = (
        select(TargetValue)
        .where(TargetValue.year == year, TargetValue.key == key)
        .order_by(TargetValue.entered_at.desc())
    )
    return session.scalars(query).all()
