"""One firm on one day, laid out for the rules: facts by key, figures by how many years back they lie."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.domain.firms import Firm
from registry.domain.periods import last_fiscal_year

_NOTHING: Mapping[str, Any] = {}
# Figures of the last full fiscal year and the two before it; the check lets no rule look further back.
YEARS_BACK = 3


@dataclass(frozen=True, slots=True)
class FactSheet:
    """What is known of a firm for a day of submission.

    Attributes:
        facts: facts of the firm by key, in base units; absent is unknown.
        figures: figures of the last full fiscal year, the year before, and so on.
        incomplete: list facts that may have more entries than those stated (the books know only some titles).
    """

    on: date
    fiscal_year: int
    facts: Mapping[str, Any]
    figures: tuple[Mapping[str, Any], ...]
    incomplete: frozenset[str] = frozenset()

    def path(self, key: str, back: int | None = None) -> str:
        """Return the path of a fact as the contract writes it."""
        return f"facts.{key}" if back is None else f"years.{self.fiscal_year - back}.{key}"


def sheet_of(firm: Firm, on: date, incomplete: frozenset[str] = frozenset()) -> FactSheet:
    """Lay out a firm for a day."""
    last = last_fiscal_year(on)
    figures = tuple(firm.years.get(last - back, _NOTHING) for back in range(YEARS_BACK))
    return FactSheet(on, last, firm.facts, figures, incomplete)
