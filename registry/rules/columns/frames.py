"""The columns that rules read: a row a firm, null for unknown; list facts in long frames of their own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from registry.domain.facts import ENTRY_FACTS, FIRM_FACTS, YEAR_FACTS, Fact, Kind
from registry.domain.firms import Firm

# What a column of a figure is called, by how many years before the last fiscal year it lies.
SUFFIXES = ("", "_1y_ago", "_2y_ago")

_TYPES: Mapping[Kind, Any] = {
    Kind.BOOL: pl.Boolean,
    Kind.DATE: pl.Date,
    Kind.DATE_OR_NONE: pl.Date,
    Kind.CHOICE: pl.String,
    Kind.TEXT: pl.String,
    Kind.CODE: pl.String,
}


@dataclass(frozen=True, slots=True)
class Frames:
    """Firms in columns.

    Attributes:
        firms: `firm_id`, a column a scalar fact, `KEY_known` for each list fact (false: never stated, so that the
            long frame may lack entries), and a column a figure and year (`revenue`, `revenue_1y_ago`, …).
            Amounts in base units as Int64; absent columns are unknown for every firm.
        lists: `titles`, `awards`, `contests`: `firm_id` and a column a key of the entry.
    """

    firms: pl.DataFrame
    lists: Mapping[str, pl.DataFrame] = field(default_factory=dict)


def type_of(fact: Fact) -> Any:
    """Return the type of a fact's column."""
    return _TYPES.get(fact.kind, pl.Int64)


def schema() -> dict[str, Any]:
    """Return every column of the firms' frame with its type."""
    columns: dict[str, Any] = {"firm_id": pl.Int64, "uscc": pl.String, "name": pl.String}
    for key, fact in FIRM_FACTS.items():
        columns |= {f"{key}_known": pl.Boolean} if fact.kind is Kind.LIST else {key: type_of(fact)}
    for suffix in SUFFIXES:
        columns |= {key + suffix: type_of(fact) for key, fact in YEAR_FACTS.items()}
    return columns


def frames_of(firms: Iterable[Firm], fiscal_year: int) -> Frames:
    """Lay out firms in columns, numbered from 0 in their order."""
    rows: list[dict[str, Any]] = []
    entries: dict[str, list[dict[str, Any]]] = {key: [] for key in ENTRY_FACTS}
    for number, firm in enumerate(firms):
        row: dict[str, Any] = {"firm_id": number, "uscc": firm.uscc, "name": firm.name}
        for key, value in firm.facts.items():
            if key in ENTRY_FACTS:
                row[f"{key}_known"] = True
                entries[key] += [{"firm_id": number, **entry} for entry in value]  # type: ignore[dict-item,union-attr]
            else:
                row[key] = value
        for back, suffix in enumerate(SUFFIXES):
            row |= {key + suffix: value for key, value in firm.years.get(fiscal_year - back, {}).items()}
        rows.append(row)
    frame = pl.DataFrame(rows, schema=schema()).with_columns(
        pl.col(f"{key}_known").fill_null(False) for key in ENTRY_FACTS
    )
    lists = {
        key: pl.DataFrame(
            entries[key],
            schema={"firm_id": pl.Int64} | {part: type_of(fact) for part, fact in ENTRY_FACTS[key].items()},
        )
        for key in ENTRY_FACTS
    }
    return Frames(frame, lists)
