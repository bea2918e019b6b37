"""Revenue and main-business revenue of every year, from long before the figures begin.

The early years are not published; they decide when a firm entered the above-scale list. Draws no other figure.
"""

import random
from dataclasses import dataclass
from math import exp

from registry.city.chance import normal_strata, stream, triangular
from registry.city.parameters import Parameters, Profile
from registry.city.registration import Registered

FEN_PER_WAN = 1_000_000
# 0.01 万元, the smallest amount that forms in 万元 with two places can state.
FORM_UNIT_FEN = 10_000


@dataclass(frozen=True, slots=True)
class Turnover:
    """A firm's revenue over time, in whole fen; a year before its founding is absent.

    Attributes:
        unit_fen: its amounts are multiples of this.
        capacity_wan: what it would turn over in the anchor year, were it grown up.
    """

    unit_fen: int
    capacity_wan: float
    revenue: dict[int, int]
    main_revenue: dict[int, int]


def turnovers(parameters: Parameters, seed: int, block: int, firms: list[Registered]) -> list[Turnover]:
    """Return the turnover of each firm of a block, in the same order."""
    rng = stream(seed, block, "turnover")
    drawn: dict[str, list[float]] = {}
    for ambition in parameters.profiles:
        drawn[ambition] = normal_strata(rng, sum(firm.ambition == ambition for firm in firms))
    return [_turnover(parameters, rng, firm, drawn[firm.ambition].pop()) for firm in firms]


def _turnover(parameters: Parameters, rng: random.Random, firm: Registered, strength: float) -> Turnover:
    """Draw one firm's.

    Args:
        strength: standard normal: how its revenue compares with its profile's.
    """
    profile, habits = parameters.profiles[firm.looks_like], parameters.growth
    shape = profile.revenue
    capacity = shape["median"] * firm.trade.size * exp(shape["sigma"] * strength)
    capacity = min(max(capacity, shape["floor"]), shape["ceiling"])
    unit = 1 if rng.random() < habits["to_the_fen_share"] else FORM_UNIT_FEN
    by_year = _grown(parameters, rng, profile, capacity, firm.established_on.year)
    _start_slowly(parameters, rng, firm, by_year)
    main_share = triangular(rng, profile.main_share)
    wobble = habits["main_share_wobble"]
    revenue, main_revenue = {}, {}
    for year, wan in by_year.items():
        units = int(wan * FEN_PER_WAN / unit)
        revenue[year] = units * unit
        main_revenue[year] = int(units * min(1.0, main_share + rng.uniform(-wobble, wobble))) * unit
    return Turnover(unit, capacity, revenue, main_revenue)


def _grown(
    parameters: Parameters, rng: random.Random, profile: Profile, capacity: float, founded: int
) -> dict[int, float]:
    """Return revenue by year since the founding, in 万元, growing into and out of the anchor year."""
    last, anchor = parameters.books_close_on.year, parameters.anchor_year
    first = min(anchor, max(founded, parameters.books_open_on.year - 1))
    growth, habits = profile.growth, parameters.growth
    trend, surprise = rng.gauss(growth["trend"], growth["trend_spread"]), 0.0
    rates = {}
    for year in range(first + 1, last + 1):
        surprise = rng.gauss(0.0, growth["noise"]) - habits["noise_memory"] * surprise
        floor = growth["floor"] if year >= habits["floor_from"] else habits["worst"]
        rates[year] = max(floor, trend + surprise + parameters.year_shocks.get(year, 0.0))
    by_year = {anchor: capacity}
    for year in range(anchor, first, -1):
        by_year[year - 1] = by_year[year] / (1 + rates[year])
    for year in range(anchor + 1, last + 1):
        by_year[year] = by_year[year - 1] * (1 + rates[year])
    return {year: by_year[year] for year in range(max(first, founded), last + 1)}


def _start_slowly(parameters: Parameters, rng: random.Random, firm: Registered, by_year: dict[int, float]) -> None:
    """Let the first years fall short of capacity."""
    founded = firm.established_on.year
    for year, share in enumerate(parameters.growth["start_shares"], start=founded):
        if year in by_year:
            by_year[year] *= min(1.0, share * rng.uniform(*parameters.growth["start_spread"]))
    if founded in by_year and rng.random() < parameters.growth["no_revenue_share"]:
        by_year[founded] = 0.0
