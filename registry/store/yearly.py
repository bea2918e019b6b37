"""Whole years in numbers, by tier and by district, from the sums kept by day: as many rows for any number of firms."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from registry.domain.codes import TIERS
from registry.store.books import Key
from registry.store.tallies import Sum, sums_by_year

CAME_AND_WENT = ("new", "renewed", "reinstated", "expired", "revoked", "exited")


@dataclass(frozen=True, slots=True)
class Yearly:
    """A tier in a year.

    Attributes:
        district: None for the whole city, and for firms whose district is unknown.
        stock: how many stood in it at the close of 31 December.
        counts: what the year brought, by kind, each of CAME_AND_WENT; 0 where nothing.
    """

    year: int
    tier: str
    district: Key
    stock: int
    counts: dict[str, int]


def whole_years(session: Session, last: int) -> list[Sum]:
    """Return what every year up to the close of one brought. One pass over the tallies."""
    return sums_by_year(session, date(last, 12, 31))


def city_by_year(sums: Iterable[Sum], last: int) -> list[Yearly]:
    """Return every tier in every year from the first that the books speak of, the newest year first."""
    known = list(sums)
    first = min((one.year for one in known), default=last + 1)
    return [_line(known, year, tier, None) for year in range(last, first - 1, -1) for tier in TIERS]


def districts_in(sums: Iterable[Sum], year: int, districts: Iterable[str]) -> list[Yearly]:
    """Return every tier in every district in a year; last those whose district is unknown, where there are any."""
    known = list(sums)
    lines = [
        _line([one for one in known if one.district == code], year, tier, code) for code in districts for tier in TIERS
    ]
    rest = [one for one in known if one.district is None]
    return lines + [_line(rest, year, tier, None) for tier in TIERS if rest]


def _line(sums: list[Sum], year: int, tier: str, district: Key) -> Yearly:
    own = [one for one in sums if one.tier == tier and one.year <= year]
    counts = dict.fromkeys(CAME_AND_WENT, 0)
    for one in own:
        if one.year == year and one.kind in counts:
            counts[one.kind] += one.count
    return Yearly(year, tier, district, sum(one.effect for one in own), counts)
