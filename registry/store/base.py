"""What every table is made of: the typed base, the names of constraints and the column types. Knows no table."""

import enum
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Enum, ForeignKey, Integer, MetaData, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.orm import registry as mappings

# A CHECK carries the name of its rule; everything else is named after what it binds.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
# SQLAlchemy would store the member's name; the stored word is the value, stable for ever.
BY_VALUE = Enum(
    enum.Enum, native_enum=False, create_constraint=True, values_callable=lambda kind: [member.value for member in kind]
)


class Base(DeclarativeBase):
    """The base of every table; not `db.Model`, so the tables are typed and know no Flask."""

    # Not `metadata`/`type_annotation_map` attributes: Flask-SQLAlchemy re-creates the base class and
    # then refuses the map (its issue #1361). A ready registry passes through unharmed.
    registry = mappings(metadata=MetaData(naming_convention=NAMES), type_annotation_map={enum.Enum: BY_VALUE})


class UtcMoment(TypeDecorator[datetime]):
    """A moment with its zone. SQLite keeps no zone, so what goes in is UTC and what comes out says so."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn a moment to UTC; a moment without a zone is a defect of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs its zone: {value!r}")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC, whatever zone the session of the database shows."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite gives the next number by itself only to a column of the type INTEGER.
BIG = BigInteger().with_variant(Integer, "sqlite")

Id = Annotated[int, mapped_column(BIG, primary_key=True)]
FirmId = Annotated[int, mapped_column(BIG, ForeignKey("firm.id"))]
Fen = Annotated[int, mapped_column(BigInteger)]
Utc = Annotated[datetime, mapped_column(UtcMoment)]


def one_of(column: str, words: Iterable[str]) -> CheckConstraint:
    """Return the rule that a column holds one of these words, or is unknown."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_is_known")


def within(column: str, low: int, high: int) -> CheckConstraint:
    """Return the rule that a number lies within its bounds, both included, or is unknown."""
    return CheckConstraint(f"{column} BETWEEN {low} AND {high}", name=f"{column}_within_bounds")


def digits(column: str, count: int) -> CheckConstraint:
    """Return the rule that a code has its length, or is unknown."""
    return CheckConstraint(f"length({column}) = {count}", name=f"{column}_has_{count}_digits")


# What a table passes to SQLite to be kept in the order of its primary key, without a second tree.
CLUSTERED: dict[str, Any] = {"sqlite_with_rowid": False}
