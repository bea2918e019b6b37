"""A report of several sheets, as plain data. Writes nothing, and knows nothing of what is counted.

A report is plain data: whoever counts fills it in, and what writes it reckons nothing but the sums of its columns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Literal

from registry.sheets.layout import CoverLine, ListColumn, Written

ChartKind = Literal["column", "stacked", "line", "bar"]


@dataclass(frozen=True, slots=True)
class ChartSpec:
    """A native chart of a sheet's rows.

    Attributes:
        category: the key of the column along the axis.
        series: the keys of the columns that are drawn; numbers.
        alt_text: what the chart shows, for who cannot see it.
    """

    kind: ChartKind
    title: str
    category: str
    series: Sequence[str]
    alt_text: str


@dataclass(frozen=True, slots=True)
class TotalRow:
    """A last row with sums, as formulas.

    Attributes:
        label: stands in the first column that is not summed.
        sums: the keys of the summed columns; their values are whole numbers or Decimal.
    """

    label: str
    sums: Sequence[str]


@dataclass(frozen=True, slots=True)
class ReportSheet:
    """One sheet of a report.

    Attributes:
        rows: values in the order of the columns. A share of more than 15 digits is rounded to these in the workbook;
            an amount of more goes as a text, and so does a moment with its zone.
        subtotal_by: the key of a column; rows that follow each other with the same value in it get a row of sums of
            their own. Needs `total`, and goes without a chart, which would show the sums among the rows.
        note: a line below the table, also on the cover.
    """

    name: str
    columns: Sequence[ListColumn]
    rows: Sequence[Sequence[Written]]
    total: TotalRow | None = None
    subtotal_by: str = ""
    chart: ChartSpec | None = None
    note: str = ""

    def __post_init__(self) -> None:
        """Check that everything named is a column.

        Raises:
            ValueError: a key that no column has; subtotals with a chart or without a total; two columns of one key.
        """
        keys = [column.key for column in self.columns]
        named = [*(self.total.sums if self.total else ()), *([self.subtotal_by] if self.subtotal_by else ())]
        named += [self.chart.category, *self.chart.series] if self.chart else []
        if unknown := sorted(set(named) - set(keys)):
            raise ValueError(f"sheet {self.name!r} has no column {unknown}")
        if len(set(keys)) != len(keys):
            raise ValueError(f"sheet {self.name!r} has two columns of one key")
        if self.subtotal_by and (self.chart or not self.total):
            raise ValueError("subtotals need a total and go without a chart")

    def place_of(self, key: str) -> int:
        """Return where a column stands, from 0."""
        return [column.key for column in self.columns].index(key)

    def groups(self) -> list[tuple[int, int]]:
        """Return the bounds of the rows that are summed together, counted from 0; one group without subtotals."""
        if not self.subtotal_by:
            return [(0, len(self.rows))] if self.rows else []
        place = self.place_of(self.subtotal_by)
        bounds, start = [], 0
        for _, members in groupby(self.rows, key=lambda row: row[place]):
            end = start + sum(1 for _ in members)
            bounds.append((start, end))
            start = end
        return bounds


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it is handed out.

    Attributes:
        definitions: terms and what they mean here, for the cover.
        created: the moment that the file's properties state, with its zone; the same report gives the same bytes.
        author: who made it, for the file's properties.
    """

    title: str
    cover: Sequence[CoverLine]
    definitions: Sequence[tuple[str, str]]
    sheets: Sequence[ReportSheet]
    created: datetime
    author: str = ""

    def __post_init__(self) -> None:
        """Check the moment.

        Raises:
            ValueError: the moment has no zone.
        """
        if self.created.tzinfo is None:
            raise ValueError("the moment of a report needs its zone")
