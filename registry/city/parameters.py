"""What shapes the city, read from `seeds/city.toml` and named. Holds no number of its own."""

import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from registry.city.chance import Triangle
from registry.domain.codes import LADDER
from registry.domain.trades import INDUSTRY


def seed_file(name: str) -> Traversable:
    """Return a file of the seeds: of the package `registry.seeds` in a wheel, of `seeds/` in a checkout.

    Raises:
        FileNotFoundError: neither holds the file.
    """
    places: list[Traversable] = [Path(__file__).parents[2] / "seeds"]
    # A bare checkout has no such package.
    with suppress(ModuleNotFoundError):
        places.insert(0, files("registry.seeds"))
    for place in places:
        if (found := place / name).is_file():
            return found
    raise FileNotFoundError(f"seeds/{name} is neither in the package nor beside it. Reinstall the registry.")


@dataclass(frozen=True, slots=True)
class Trade:
    """One class of GB/T 4754: how common it is here, and how its firms differ.

    Attributes:
        words: what such a firm makes, as it stands in a name.
        ladder: pull towards the ladder, 1 for an ordinary trade.
        sei: chance of a main product in the strategic emerging industries.
        size: revenue compared with an ordinary trade's.
    """

    code: str
    words: Sequence[str]
    weight: float
    ladder: float
    sei: float = 0.0
    size: float = 1.0

    @property
    def is_industry(self) -> bool:
        """Sections B, C and D."""
        return self.code[:2] in INDUSTRY


@dataclass(frozen=True, slots=True)
class District:
    """A district's weight and its functional areas, each with the share of the district's firms in it."""

    weight: float
    areas: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Profile:
    """How firms that work towards one rung look; see the comments in the file for each table."""

    revenue: Mapping[str, float]
    growth: Mapping[str, float]
    main_share: Triangle
    rd_share: Triangle
    rd_least: Mapping[str, float]
    debt: Triangle
    margin: Triangle
    assets_of_revenue: Triangle
    sales_per_head: Triangle
    rd_staff_share: Triangle
    development_score: Triangle
    equity: Mapping[str, Any]
    complete_share: float
    market_share: Triangle
    market_rank: Triangle
    holds: Mapping[str, float]
    counts: Mapping[str, Triangle]
    shares: Mapping[str, Triangle]
    weights: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Batch:
    """One announcement of one rung.

    Attributes:
        new: first recognitions, in a city of one full block.
        fill_to, fill_on: instead of `new`: as many as bring the titles in force on a day to a number.
        re_review_on: the announcement that renews these titles without a gap.
        late_on: the one that renews them after a gap.
        term_stated: whether the list says until when a title runs.
    """

    on: date
    new: int = 0
    fill_to: int | None = None
    fill_on: date | None = None
    re_review_on: date | None = None
    late_on: date | None = None
    term_stated: bool = True


@dataclass(frozen=True, slots=True)
class Parameters:
    """The whole file. Tables of plain numbers stay tables: each is read by one module, under the file's own keys."""

    block_firms: int
    books_open_on: date
    books_close_on: date
    figures_years: range
    anchor_year: int
    names: Mapping[str, Any]
    codes: Mapping[str, Any]
    districts: Mapping[str, District]
    moves: Mapping[str, Any]
    founding: Mapping[str, Any]
    closing: Mapping[str, Any]
    ambition: Mapping[str, float]
    year_shocks: Mapping[int, float]
    growth: Mapping[str, Any]
    facts: Mapping[str, Any]
    digital: Mapping[str, Mapping[int, float]]
    scale: Mapping[str, Any]
    ladder: Mapping[str, Any]
    batches: Mapping[str, tuple[Batch, ...]]
    profiles: Mapping[str, Profile]
    gaps: Mapping[str, Any]
    edges: Mapping[str, Any]
    trades: Mapping[str, Trade]
    published_values: Sequence[Mapping[str, Any]] = ()
    publications: Sequence[Mapping[str, Any]] = ()


@cache
def load_parameters(path: Path | None = None) -> Parameters:
    """Read the parameters.

    Args:
        path: a file of the same form; the city's own when left out.

    Raises:
        TypeError: a table has a key that nothing reads, or lacks one.
    """
    source: Traversable = seed_file("city.toml") if path is None else path
    tables = tomllib.loads(source.read_text(encoding="utf-8"))
    first, last = tables.pop("first_figures_year"), tables.pop("last_figures_year")
    batches = tables["ladder"].pop("batches")
    ready: dict[str, Any] = {
        **tables,
        "figures_years": range(first, last + 1),
        "districts": {code: District(**table) for code, table in tables["districts"].items()},
        "year_shocks": _by_year(tables["year_shocks"]),
        "digital": {group: _by_year(table) for group, table in tables["digital"].items()},
        "batches": {
            tier: tuple(sorted((Batch(**row) for row in batches[tier]), key=lambda batch: batch.on)) for tier in LADDER
        },
        "profiles": {name: Profile(**table) for name, table in tables["profiles"].items()},
        "trades": {code: Trade(code, **table) for code, table in tables["trades"].items()},
    }
    return Parameters(**ready)


def _by_year(table: Mapping[str, float]) -> dict[int, float]:
    return {int(year): value for year, value in table.items()}
