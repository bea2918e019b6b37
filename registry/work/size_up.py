"""Keeps what firms are counted by besides the district: their trade and area as lists state them, and their size.

Size follows from a year's figures and the trade (300号), by the rules and nothing else. What was known before is
closed, never overwritten, so a count by size can be asked again as it was known. Flushes, never commits.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import Connection, Table, bindparam, select

from registry.domain.firms import Firm as StatedFirm
from registry.policy.cases import size_rules
from registry.rules.columns import Frames, judge
from registry.store.firms import FirmSize, FirmTrade, YearlyFigures
from registry.work.filing import OpenFiling
from registry.work.identify import FIRM, Row, insert_rows, update_rows

_TRADE: Table = FirmTrade.__table__  # type: ignore[assignment]
_SIZE: Table = FirmSize.__table__  # type: ignore[assignment]
_FIGURES: Table = YearlyFigures.__table__
_OWN = ("industry", "functional_area")
# The yearly figures that any line of the size table reads.
_READ = ("employees", "revenue", "total_assets")
# A size is a question about figures, whatever the day.
_ANY_DAY = date(2020, 1, 1)


def retrade(
    connection: Connection, batch: Mapping[str, StatedFirm], rows: Mapping[str, Row], filing: OpenFiling
) -> set[int]:
    """Keep the trade and area that a list states; return the firms it tells anew.

    Args:
        batch: the firms of the list by code; a firm that it does not name is only kept as it stands.
        rows: the rows of the firms by code, brought up to date here; a firm just created stands there as stated.
    """
    ids = [row["id"] for row in rows.values()]
    query = select(_TRADE.c.firm_id, *(_TRADE.c[name] for name in _OWN)).where(
        _TRADE.c.firm_id.in_(ids), _TRADE.c.superseded_at.is_(None)
    )
    known = {firm_id: tuple(own) for firm_id, *own in connection.execute(query)}
    new: list[Row] = []
    changed: list[Row] = []
    for code, row in rows.items():
        facts = batch[code].facts if code in batch else {}
        stated: Row = {key: facts[key] for key in _OWN if key in facts}
        if any(row[key] != value for key, value in stated.items()):
            row |= stated
            changed.append(row)
        own = tuple(row[key] for key in _OWN)
        if own != known.get(row["id"], (None, None)):
            new.append({"firm_id": row["id"], "known_at": filing.moment, "superseded_at": None} | _named(own))
    update_rows(connection, FIRM, ("id",), _OWN, changed)
    closed = [{"firm_id": row["firm_id"], "superseded_at": filing.moment} for row in new if row["firm_id"] in known]
    _close(connection, _TRADE, ("firm_id",), closed)
    insert_rows(connection, _TRADE, new)
    return {row["firm_id"] for row in new}


def _named(own: tuple[Any, ...]) -> Row:
    return dict(zip(_OWN, own, strict=True))


def resize(
    connection: Connection, trades: Mapping[int, str | None], firms: Collection[int], filing: OpenFiling
) -> None:
    """Derive the sizes of firms anew, for every year they have figures of.

    Args:
        trades: the industry of each firm.
        firms: those whose figures or trade were told anew.
    """
    if not firms:
        return
    derived = _sizes(connection, trades, firms)
    query = select(_SIZE.c.firm_id, _SIZE.c.year, _SIZE.c.size).where(
        _SIZE.c.firm_id.in_(list(firms)), _SIZE.c.superseded_at.is_(None)
    )
    known = {(firm_id, year): size for firm_id, year, size in connection.execute(query)}
    closed = [
        {"firm_id": key[0], "year": key[1], "superseded_at": filing.moment}
        for key, size in known.items()
        if derived.get(key) != size
    ]
    new = [
        {"firm_id": key[0], "year": key[1], "known_at": filing.moment, "size": size, "superseded_at": None}
        for key, size in derived.items()
        if known.get(key) != size
    ]
    _close(connection, _SIZE, ("firm_id", "year"), closed)
    insert_rows(connection, _SIZE, new)


def _sizes(
    connection: Connection, trades: Mapping[int, str | None], firms: Collection[int]
) -> dict[tuple[int, int], str]:
    """Return the size of each firm in each year, where its figures tell it."""
    query = select(_FIGURES.c.firm_id, _FIGURES.c.year, *(_FIGURES.c[name] for name in _READ))
    rows = [tuple(row) for row in connection.execute(query.where(_FIGURES.c.firm_id.in_(list(firms))))]
    types = {"firm_id": pl.Int64, "year": pl.Int64} | dict.fromkeys(_READ, pl.Int64)
    frame = pl.DataFrame(rows, schema=types, orient="row").with_columns(
        pl.Series("industry", [trades[row[0]] for row in rows], dtype=pl.String)
    )
    judged = judge(size_rules(), Frames(frame), _ANY_DAY)
    at_least = {size: pl.col(f"size.{size}") for size in ("large", "medium", "small")}
    # Each line is asked only of a firm that is known to fall below the one above.
    size = pl.when(~at_least["small"]).then(pl.lit("micro")).when(at_least["small"]).then(pl.lit("small"))
    for name in ("medium", "large"):
        size = pl.when(at_least[name]).then(pl.lit(name)).when(~at_least[name]).then(size)
    told = judged.select(size.alias("size"))["size"].to_list()
    return {(row[0], row[1]): found for row, found in zip(rows, told, strict=True) if found is not None}


def _close(connection: Connection, table: Table, key: tuple[str, ...], rows: list[Row]) -> None:
    """Close what was known of these keys until now; what this very filing told and tells anew was never known."""
    if not rows:
        return
    holding = [table.c[name] == bindparam(f"key_{name}") for name in key]
    holding.append(table.c.superseded_at.is_(None))
    keys = [{f"key_{name}": row[name] for name in key} | {"moment": row["superseded_at"]} for row in rows]
    connection.execute(table.delete().where(*holding, table.c.known_at == bindparam("moment")), keys)
    connection.execute(table.update().where(*holding).values(superseded_at=bindparam("moment")), keys)
