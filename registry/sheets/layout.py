"""What a list that we write looks like: its columns, its cover, its kinds of value. Writes nothing."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

# Money comes as Decimal yuan and a share as Decimal; floats are refused.
Written = str | int | Decimal | bool | date | datetime | None


class Style(StrEnum):
    """How a column shows its values: the number format of Excel for it."""

    TEXT = "@"
    INTEGER = "0"
    MONEY = "#,##0.00"
    NUMBER = "General"
    SHARE = "0.00%"
    DATE = "yyyy-mm-dd"


@dataclass(frozen=True, slots=True)
class ListColumn:
    """One column of a list.

    Attributes:
        key: its name in JSON.
        heading: its header in .xlsx and .csv.
        width: in characters; as wide as the heading asks if None.
    """

    key: str
    heading: str
    style: Style = Style.TEXT
    width: int | None = None


@dataclass(frozen=True, slots=True)
class CoverLine:
    """What a list tells of itself: a line of the cover sheet, and a member beside `rows` in JSON."""

    key: str
    label: str
    value: Written
