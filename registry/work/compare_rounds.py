"""Compares two statements of a firm, as two rounds of a case or the papers of two years. Pure; reads nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

from registry.domain.facts import FIRM_FACTS, YEAR_FACTS
from registry.domain.firms import Firm, Value


@dataclass(frozen=True, slots=True)
class Change:
    """A fact that two statements give differently.

    Attributes:
        path: as the contract writes it, facts.ip_class1 or years.2025.revenue.
        before: in base units; None where it was not stated.
        after: in base units; None where it is not stated any more.
    """

    path: str
    before: Value | None
    after: Value | None


def changed(before: Firm, after: Firm) -> list[Change]:
    """Return the facts in which a later statement differs: those of the firm first, then the years, newest first.

    Stated and not stated differ as two values do; who the firm is, its code and its name, is not compared.
    """
    return [
        Change(path, first, second)
        for path in paths_of(before, after)
        if (first := value_at(before, path)) != (second := value_at(after, path))
    ]


def paths_of(*firms: Firm) -> list[str]:
    """Return the paths of every fact that some of several statements hold, in the order of the dictionary."""
    return list(_paths(firms))


def value_at(firm: Firm, path: str) -> Value | None:
    """Return what a statement holds at a path, None where nothing."""
    part, _, rest = path.partition(".")
    if part == "facts":
        return firm.facts.get(rest)
    year, _, key = rest.partition(".")
    return firm.years.get(int(year), {}).get(key)


def _paths(firms: tuple[Firm, ...]) -> Iterator[str]:
    yield from (f"facts.{key}" for key in FIRM_FACTS if any(key in one.facts for one in firms))
    for year in sorted({year for one in firms for year in one.years}, reverse=True):
        for key in YEAR_FACTS:
            if any(key in one.years.get(year, {}) for one in firms):
                yield f"years.{year}.{key}"
