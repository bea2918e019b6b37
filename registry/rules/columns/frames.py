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


def list_schema(key: str) -> dict[str, Any]:
    """Return every column of a list fact's frame with its type."""
    return {"firm_id": pl.Int64} | {part: type_of(fact) for part, fact in ENTRY_FACTS[key].items()}


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
    lists = {key: pl.DataFrame(entries[key], schema=list_schema(key)) for key in ENTRY_FACTS}
    return Frames(frame, lists)


def firms_of(frames: Frames, fiscal_year: int) -> dict[int, tuple[Firm, frozenset[str]]]:
    """Return the firms of frames by their number, and of each the list facts that may lack entries.

    Meant for a few firms: each becomes an object.
    """
    entries: dict[str, dict[int, list[dict[str, Any]]]] = {key: {} for key in ENTRY_FACTS}
    for key, frame in frames.lists.items():
        for row in frame.iter_rows(named=True):
            number = row.pop("firm_id")
            entries[key].setdefault(number, []).append(
                {part: value for part, value in row.items() if value is not None}
            )
    return {row["firm_id"]: _firm(row, entries, fiscal_year) for row in frames.firms.iter_rows(named=True)}


def _firm(
    row: Mapping[str, Any], entries: Mapping[str, Mapping[int, Any]], fiscal_year: int
) -> tuple[Firm, frozenset[str]]:
    facts = {
        key: row[key] for key, fact in FIRM_FACTS.items() if fact.kind is not Kind.LIST and row.get(key) is not None
    }
    incomplete = frozenset(key for key in ENTRY_FACTS if not row.get(f"{key}_known"))
    for key, found in entries.items():
        if key not in incomplete or row["firm_id"] in found:
            facts[key] = tuple(found.get(row["firm_id"], ()))
    years = {
        fiscal_year - back: {key: row[key + suffix] for key in YEAR_FACTS if row.get(key + suffix) is not None}
        for back, suffix in enumerate(SUFFIXES)
    }
    return Firm(row.get("uscc") or "", row.get("name") or "", facts, years), incomplete
