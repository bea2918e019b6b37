"""Draws firms straight into columns from a seed: realistic sizes, exact whole numbers, some facts unknown."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from registry.domain.facts import ENTRY_FACTS
from registry.domain.firms import Firm
from registry.domain.periods import NEVER
from registry.policy import choose
from registry.rules.case import FactSheet, sheet_of
from registry.rules.columns import Frames, columns_needed
from registry.rules.columns.frames import SUFFIXES
from registry.rules.ruleset import RuleSet

ON = date(2024, 5, 20)
RULE_SET: RuleSet = choose("specialized", "new", ON).rule_set

_FEN_PER_WAN = 1_000_000
_INDUSTRIES = ("2710", "3311", "3489", "3562", "3670", "3899", "3985", "4028", "4790", "5172", "5299", "6513", "7320")
_CHOICES: Mapping[str, Mapping[str, float]] = {
    "chain_role": {"key_link": 0.2, "basic_or_supplier": 0.4, "none": 0.4},
    "rd_institution": {"national": 0.01, "provincial": 0.15, "city": 0.3, "below_city": 0.2, "none": 0.34},
    "local_field": {"provincial_chain": 0.2, "provincial": 0.3, "city": 0.2, "county": 0.1, "none": 0.2},
    "listing": {"listed": 0.03, "regional": 0.1, "none": 0.87},
}
_TITLE_KINDS = {"innovative": 0.65, "specialized": 0.1, "hi_tech": 0.2, "tech_sme": 0.05}
# Share of firms that left gaps, and of their facts that are gaps.
_GAPPY, _GAP = 0.3, 0.04
_LIST_KNOWN = 0.93


def draw(count: int, seed: int = 1) -> Frames:
    """Return firms of every column that the tier reads; equal arguments give equal firms."""
    rng = np.random.default_rng(seed)
    columns = _figures(rng, count) | _facts(rng, count)
    gappy = rng.random(count) < _GAPPY
    firms = pl.DataFrame(columns)
    for name in columns:
        gap = pl.Series(gappy & (rng.random(count) < _GAP))
        firms = firms.with_columns(pl.when(~gap).then(pl.col(name)).alias(name))
    known = [pl.Series(f"{key}_known", rng.random(count) < _LIST_KNOWN) for key in ENTRY_FACTS]
    firms = firms.select(pl.int_range(count, dtype=pl.Int64).alias("firm_id"), pl.all()).with_columns(known)
    lists = {"titles": _titles(rng, count), "awards": _awards(rng, count), "contests": _contests(rng, count)}
    missing = columns_needed(RULE_SET) - set(firms.columns)
    if missing:
        raise AssertionError(f"the tier reads what the bench does not draw: {sorted(missing)}")
    return Frames(firms.rechunk(), lists)


def save(frames: Frames, folder: Path) -> None:
    """Write frames to a folder, so that each measurement can start in a process of its own."""
    folder.mkdir(parents=True)
    for name, frame in {"firms": frames.firms, **frames.lists}.items():
        frame.write_ipc(folder / f"{name}.arrow")


def saved(folder: Path) -> Frames:
    """Read what `save` wrote, wholly into memory."""
    parts = {name: pl.read_ipc(folder / f"{name}.arrow").rechunk() for name in ("firms", *ENTRY_FACTS)}
    return Frames(parts.pop("firms"), parts)


def complete_only(frames: Frames) -> pl.Series:
    """Say of each firm whether everything is known and no base is zero: whom a two-valued peer can judge."""
    open_lists = pl.concat(
        frame.filter(pl.any_horizontal(pl.all().is_null())).select("firm_id") for frame in frames.lists.values()
    )
    lists = pl.all_horizontal(pl.col(f"{key}_known") for key in ENTRY_FACTS)
    bases = ("revenue", "total_assets", "employees", "main_revenue_1y_ago", "main_revenue_2y_ago")
    positive = pl.all_horizontal(pl.col(base) > 0 for base in bases)
    return frames.firms.select(
        pl.all_horizontal(pl.all().is_not_null())
        & positive
        & lists
        & ~pl.col("firm_id").is_in(open_lists["firm_id"].implode())
    ).to_series()


def sheets(frames: Frames, take: pl.Series) -> list[FactSheet]:
    """Return some firms, by number, as `explain` reads them."""
    wanted = frames.firms[take]
    entries: dict[str, dict[int, list[dict[str, Any]]]] = {key: {} for key in ENTRY_FACTS}
    for key, frame in frames.lists.items():
        for row in frame.filter(pl.col("firm_id").is_in(take.implode())).iter_rows(named=True):
            entry = {part: value for part, value in row.items() if part != "firm_id" and value is not None}
            entries[key].setdefault(row["firm_id"], []).append(entry)
    return [_sheet(row, entries) for row in wanted.iter_rows(named=True)]


def _sheet(row: dict[str, Any], entries: Mapping[str, Mapping[int, Any]]) -> FactSheet:
    facts: dict[str, Any] = {}
    years: dict[int, dict[str, int]] = {ON.year - 1 - back: {} for back in range(len(SUFFIXES))}
    for key in ENTRY_FACTS:
        known, found = row.pop(f"{key}_known"), tuple(entries[key].get(row["firm_id"], ()))
        if known or found:
            facts[key] = found
        if not known:
            facts[f"{key}_open"] = True
    incomplete = frozenset(key for key in ENTRY_FACTS if facts.pop(f"{key}_open", False))
    for name, value in row.items():
        if value is None or name == "firm_id":
            continue
        back = next((at for at, suffix in enumerate(SUFFIXES) if suffix and name.endswith(suffix)), 0)
        key = name.removesuffix(SUFFIXES[back]) if back else name
        (years[ON.year - 1 - back] if key in YEARLY else facts)[key] = value
    return sheet_of(Firm("", "", facts, years), ON, incomplete)


YEARLY = (
    "revenue",
    "main_revenue",
    "rd_expense",
    "total_assets",
    "total_liabilities",
    "net_profit",
    "equity_paid_in",
    "employees",
    "rd_staff",
)


def _figures(rng: np.random.Generator, count: int) -> dict[str, Any]:
    """Draw the books of three years around a turnover of some 30 million yuan; a third state whole 万元."""
    unit = np.where(rng.random(count) < 1 / 3, _FEN_PER_WAN, 1)

    def fen(amount: Any) -> Any:
        return (amount // unit).astype(np.int64) * unit

    revenue = np.minimum(rng.lognormal(np.log(3e9), 1.3, count), 5e12)
    share = rng.triangular(0.4, 0.95, 1.0, count)
    growth = rng.normal(1.07, 0.15, (2, count)).clip(0.2)
    assets = revenue * rng.triangular(0.4, 1.0, 3.0, count)
    employees = (revenue / 6e7 * rng.uniform(0.5, 1.5, count)).astype(np.int64) + 3
    rd = revenue * rng.triangular(0.0, 0.04, 0.15, count)
    equity = np.where(rng.random((2, count)) < 0.05, rng.lognormal(np.log(1.5e9), 1.0, (2, count)), 0)
    main = revenue * share
    return {
        # One in 500 sold nothing: a base of zero, which makes its shares unknown.
        "revenue": np.where(rng.random(count) < 0.002, 0, fen(revenue)),
        "main_revenue": fen(main),
        "main_revenue_1y_ago": fen(main / growth[0]),
        "main_revenue_2y_ago": fen(main / growth[0] / growth[1]),
        "rd_expense": fen(rd),
        "rd_expense_1y_ago": fen(rd / growth[1]),
        "total_assets": fen(assets),
        "total_liabilities": fen(assets * rng.triangular(0.05, 0.5, 1.1, count)),
        "net_profit": fen(revenue * rng.normal(0.06, 0.06, count)),
        "equity_paid_in": fen(equity[0]),
        "equity_paid_in_1y_ago": fen(equity[1]),
        "employees": employees,
        "rd_staff": (employees * rng.triangular(0, 0.12, 0.4, count)).astype(np.int64),
    }


def _facts(rng: np.random.Generator, count: int) -> dict[str, Any]:
    class1 = rng.poisson(1.5, count)
    rank = rng.integers(1, 60, count)

    def held(chance: float) -> Any:
        return rng.random(count) < chance

    return {
        "industry": _words(rng, dict.fromkeys(_INDUSTRIES, 1.0), count),
        "segment_since": _days(rng, date(2005, 1, 1), date(2023, 12, 31), count, to_new_year=0.2),
        "independent_legal_entity": held(0.995),
        "on_abnormal_list": held(0.01),
        "restricted_products": held(0.005),
        "serious_incident_on": _or_never(_days(rng, date(2018, 1, 1), ON, count), held(0.03)),
        "banned_until": _or_never(_days(rng, date(2022, 1, 1), date(2026, 1, 1), count), held(0.01)),
        "ip_class1": class1,
        "ip_class1_own": (class1 * rng.random(count)).astype(np.int64),
        "ip_class1_high_value": (class1 * rng.random(count) ** 3).astype(np.int64),
        "ip_class2": rng.poisson(6, count),
        "market_share": rng.integers(0, 2_500, count) * 10**8,
        "market_rank_national": rank,
        "market_rank_provincial": np.maximum(1, rank // 4),
        "digital_level": rng.integers(0, 5, count),
        "local_operation_kinds": rng.integers(0, 4, count),
        **{
            key: held(chance)
            for key, chance in {
                "quality_award": 0.1,
                "system_certified": 0.8,
                "own_brand": 0.5,
                "standard_participation": 0.3,
            }.items()
        },
        **{key: _words(rng, weights, count) for key, weights in _CHOICES.items()},
    }


def _titles(rng: np.random.Generator, count: int) -> pl.DataFrame:
    size = int(count * 1.2)
    first = _days(rng, date(2019, 1, 1), ON, size)
    frame = pl.DataFrame(
        {"firm_id": _holders(rng, count, size), "kind": _words(rng, _TITLE_KINDS, size), "from": first}
    ).with_columns(pl.col("from").dt.offset_by("3y").dt.offset_by("-1d").alias("until"))
    return _with_gaps(rng, frame, "until")


def _awards(rng: np.random.Generator, count: int) -> pl.DataFrame:
    size = count // 10
    frame = pl.DataFrame(
        {
            "firm_id": _holders(rng, count, size),
            "level": _words(rng, {"national": 0.2, "provincial": 0.8}, size),
            "rank": rng.integers(1, 10, size),
            "on": _days(rng, date(2017, 1, 1), ON, size),
        }
    )
    return _with_gaps(rng, frame, "rank")


def _contests(rng: np.random.Generator, count: int) -> pl.DataFrame:
    size = count // 20
    frame = pl.DataFrame(
        {
            "firm_id": _holders(rng, count, size),
            "contest": _words(rng, {"maker_china": 1.0}, size),
            "top": np.where(rng.random(size) < 0.1, 50, 500),
            "on": _days(rng, date(2017, 1, 1), ON, size),
        }
    )
    return _with_gaps(rng, frame, "on")


def _holders(rng: np.random.Generator, count: int, size: int) -> Any:
    return np.sort(rng.integers(0, count, size))


def _with_gaps(rng: np.random.Generator, frame: pl.DataFrame, name: str) -> pl.DataFrame:
    gap = pl.Series(rng.random(frame.height) < 0.01)
    return frame.with_columns(pl.when(~gap).then(pl.col(name)).alias(name))


def _words(rng: np.random.Generator, weights: Mapping[str, float], size: int) -> pl.Series:
    odds = np.array(list(weights.values()))
    places = rng.choice(len(odds), size, p=odds / odds.sum())
    return pl.Series(list(weights)).gather(pl.Series(places))


def _days(rng: np.random.Generator, first: date, last: date, size: int, *, to_new_year: float = 0.0) -> pl.Series:
    epoch = date(1970, 1, 1)
    numbers = rng.integers((first - epoch).days, (last - epoch).days + 1, size)
    days = pl.Series(numbers.astype(np.int32)).cast(pl.Date)
    on_new_year = pl.Series(rng.random(size) < to_new_year)
    return days.dt.truncate("1y").zip_with(on_new_year, days)


def _or_never(days: pl.Series, happened: Any) -> pl.Series:
    return days.zip_with(pl.Series(happened), pl.Series([NEVER]).new_from_index(0, len(days)))
