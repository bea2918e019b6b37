"""Firms as the lists state them: who they are, their facts, their yearly figures. Knows no verdicts.

A null is unknown. Values stand in the base units of `registry.domain.facts`: money in whole fen, a share
in 10^-12, a score in hundredths, and the day NEVER (0001-01-01) for a date that is known to be none.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from registry.domain.codes import SIZE_WORDS
from registry.domain.facts import (
    ENTRY_FACTS,
    FIRM_FACTS,
    FIRST_YEAR,
    LAST_YEAR,
    MONEY_BOUND_YUAN,
    PLACES,
    YEAR_FACTS,
    Fact,
    Kind,
)
from registry.store.base import BIG, CLUSTERED, Base, FirmId, Id, Utc, UtcMoment, digits, one_of, within

# These three stand with the firm itself, where lists are filtered and ordered by them.
FACTS_OF_THE_FIRM = ("district", "functional_area", "industry")
LIST_FACTS = tuple(key for key, fact in FIRM_FACTS.items() if fact.kind is Kind.LIST)
SCALAR_FACTS = tuple(
    key for key, fact in FIRM_FACTS.items() if fact.kind is not Kind.LIST and key not in FACTS_OF_THE_FIRM
)

_UNITS = {
    Kind.MONEY: "whole fen",
    Kind.SHARE: "10^-12 of the whole",
    Kind.SCORE: "hundredths of a point",
    Kind.DATE_OR_NONE: "0001-01-01: known to be none",
}


class Firm(Base):
    """A firm, by its unified social credit code; name and district are those of the newest dated statement."""

    __tablename__ = "firm"
    __table_args__ = (
        CheckConstraint("length(uscc) = 18", name="uscc_has_18_characters"),
        CheckConstraint("name <> ''", name="name_is_not_empty"),
        digits("district", 6),
        digits("industry", 4),
        CheckConstraint("(district IS NULL) = (district_on IS NULL)", name="district_is_dated"),
        # The page of a list runs along the code, in the whole city, in a district or in a trade.
        Index("ix_firm_district", "district", "uscc"),
        Index("ix_firm_industry", "industry", "uscc"),
        Index("ix_firm_name", "name"),
    )
    id: Mapped[Id]
    uscc: Mapped[str] = mapped_column(Text, unique=True, comment="unified social credit code, canonical")
    name: Mapped[str] = mapped_column(Text)
    name_on: Mapped[date] = mapped_column(comment="day of the newest statement of the name")
    district: Mapped[str | None] = mapped_column(Text, comment="GB/T 2260 division where it is managed today")
    district_on: Mapped[date | None] = mapped_column(comment="day of the newest statement of the district")
    functional_area: Mapped[str | None] = mapped_column(Text)
    industry: Mapped[str | None] = mapped_column(Text, comment="GB/T 4754-2017 class, four digits")
    created_at: Mapped[Utc]


class FirmName(Base):
    """A name that a list gave a firm, with the first day it is known to have borne it."""

    __tablename__ = "firm_name"
    __table_args__ = (Index("ix_firm_name_name", "name"), CLUSTERED)
    firm_id: Mapped[int] = mapped_column(BIG, ForeignKey("firm.id"), primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    since: Mapped[date] = mapped_column(comment="earliest day on which a list names it so")
    source: Mapped[str] = mapped_column(Text, comment="the list that said so first")
    known_at: Mapped[Utc]


class FirmListing(Base):
    """What a list of firms, which is undated, said of a name and a district: it holds from the day of the import.

    Only a statement that tells something new is kept. Titles and stays keep theirs in their own rows.
    """

    __tablename__ = "firm_listing"
    __table_args__ = (Index("ix_firm_listing_firm_id", "firm_id"), digits("district", 6))
    id: Mapped[Id]
    firm_id: Mapped[FirmId]
    listed_on: Mapped[date] = mapped_column(comment="day of the import in the zone of the office")
    name: Mapped[str] = mapped_column(Text)
    district: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    known_at: Mapped[Utc]


def _comment(fact: Fact) -> str:
    unit = _UNITS.get(fact.kind)
    return f"{fact.label}; {unit}" if unit else fact.label


def column_of(fact: Fact, name: str | None = None) -> list[SchemaItem]:
    """Return the column of a fact and the rules that bind its values."""
    name = name or fact.key
    rules: list[SchemaItem] = []
    kind: Any = Text()
    if fact.kind is Kind.BOOL:
        kind = Boolean(create_constraint=True, name=f"{name}_is_true_or_false")
    elif fact.kind is Kind.COUNT and fact.allowed:
        kind, rules = Integer(), [CheckConstraint(f"{name} IN {fact.allowed}", name=f"{name}_is_allowed")]
    elif fact.kind is Kind.COUNT:
        kind, rules = Integer(), [within(name, fact.low, fact.high)]
    elif fact.kind is Kind.MONEY:
        most = MONEY_BOUND_YUAN * 10 ** PLACES[Kind.MONEY] - 1
        kind, rules = BigInteger(), [within(name, -most if fact.signed else 0, most)]
    elif fact.kind is Kind.SHARE:
        kind, rules = BigInteger(), [within(name, 0, 10 ** PLACES[Kind.SHARE])]
    elif fact.kind is Kind.SCORE:
        kind, rules = Integer(), [within(name, 0, 100 * 10 ** PLACES[Kind.SCORE])]
    elif fact.kind in (Kind.DATE, Kind.DATE_OR_NONE):
        kind = Date()
    elif fact.kind is Kind.CHOICE:
        rules = [one_of(name, fact.choices or ())]
    return [Column(name, kind, comment=_comment(fact)), *rules]


def _columns_of(facts: list[Fact]) -> list[SchemaItem]:
    return [item for fact in facts for item in column_of(fact)]


class FirmFacts(Base):
    """The facts of a firm, a column each: the dictionary of facts is the only place that lists them."""

    __table__ = Table(
        "firm_facts",
        Base.metadata,
        Column("firm_id", BIG, ForeignKey("firm.id"), primary_key=True, autoincrement=False),
        *_columns_of([FIRM_FACTS[key] for key in SCALAR_FACTS]),
        *(
            Column(
                f"{key}_known",
                Boolean(create_constraint=True, name=f"{key}_known_is_true_or_false"),
                nullable=False,
                server_default=text("false"),
                comment="whether the list was stated, be it empty",
            )
            for key in LIST_FACTS
        ),
    )


class YearlyFigures(Base):
    """The figures of a firm for one fiscal year, a column each."""

    __table__ = Table(
        "yearly_figures",
        Base.metadata,
        Column("firm_id", BIG, ForeignKey("firm.id"), primary_key=True, autoincrement=False),
        Column("year", Integer, primary_key=True, autoincrement=False, comment="fiscal year"),
        within("year", FIRST_YEAR, LAST_YEAR),
        *_columns_of(list(YEAR_FACTS.values())),
        # Who is near a threshold: the revenues of a year in the order in which the firms lie.
        Index("ix_yearly_figures_main_revenue", "year", "firm_id", "main_revenue"),
        **CLUSTERED,
    )


class FirmTrade(Base):
    """The trade and the functional area that lists gave a firm, and since when that was known.

    Kept beside `Firm` so that a count by trade can be asked again as it was known at an earlier moment.
    """

    __tablename__ = "firm_trade"
    __table_args__ = (CheckConstraint("superseded_at >= known_at", name="superseded_after_it_was_known"), CLUSTERED)
    firm_id: Mapped[int] = mapped_column(BIG, ForeignKey("firm.id"), primary_key=True)
    known_at: Mapped[Utc] = mapped_column(primary_key=True)
    industry: Mapped[str | None] = mapped_column(Text)
    functional_area: Mapped[str | None] = mapped_column(Text)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcMoment)


class FirmSize(Base):
    """The size of a firm by a year's figures and its trade (300号), derived by the rules and kept for counting.

    A year without a row has no size: its figures leave it open.
    """

    __tablename__ = "firm_size"
    __table_args__ = (
        one_of("size", tuple(SIZE_WORDS)),
        CheckConstraint("superseded_at >= known_at", name="superseded_after_it_was_known"),
        CLUSTERED,
    )
    firm_id: Mapped[int] = mapped_column(BIG, ForeignKey("firm.id"), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    known_at: Mapped[Utc] = mapped_column(primary_key=True)
    size: Mapped[str] = mapped_column(Text)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcMoment)


# The parts of an entry, under names that are no words of SQL.
ENTRY_COLUMNS: dict[str, dict[str, str]] = {
    "titles": {"kind": "kind", "from": "valid_from", "until": "valid_until"},
    "awards": {"level": "level", "rank": "rank", "on": "awarded_on"},
    "contests": {"contest": "contest", "top": "top", "on": "held_on"},
}


def _entries(table: str, list_fact: str) -> Table:
    named = ENTRY_COLUMNS[list_fact]
    return Table(
        table,
        Base.metadata,
        Column("id", BIG, primary_key=True),
        Column("firm_id", BIG, ForeignKey("firm.id"), nullable=False),
        *(item for key, fact in ENTRY_FACTS[list_fact].items() for item in column_of(fact, named[key])),
        Index(f"ix_{table}_firm_id", "firm_id"),
    )


class StatedTitle(Base):
    """A title that a firm's own facts state; the titles of the books stand in `title`."""

    __table__ = _entries("stated_title", "titles")


class Award(Base):
    """A science-and-technology award that a firm's facts state."""

    __table__ = _entries("award", "awards")


class Contest(Base):
    """A place in a contest that a firm's facts state."""

    __table__ = _entries("contest", "contests")


ENTRY_TABLES: dict[str, Table] = {
    "titles": StatedTitle.__table__,
    "awards": Award.__table__,
    "contests": Contest.__table__,
}
