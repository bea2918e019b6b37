"""Facts of one firm that contradict each other: assessed as given, and named as warnings (contract §1)."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from registry.domain.errors import Fault
from registry.domain.facts import FIRM_FACTS, YEAR_FACTS
from registry.domain.firms import Firm

# (the part, the whole): the part may not exceed the whole.
FIRM_PARTS = (
    ("ip_class1_own", "ip_class1"),
    ("ip_class1_high_value", "ip_class1"),
    ("ip_class1_original", "ip_class1"),
    ("market_rank_provincial", "market_rank_national"),
)
YEAR_PARTS = (
    ("main_revenue", "revenue"),
    ("main_product_revenue", "revenue"),
    ("main_product_revenue", "main_revenue"),
    ("rd_staff", "employees"),
    ("value_added", "industrial_output"),
)


def contradictions(firm: Firm) -> tuple[Fault, ...]:
    """Return what contradicts itself in a firm, each at the path of the part that is too large or too late."""
    return tuple(_found(firm))


def _found(firm: Firm) -> Iterator[Fault]:
    for part, whole in FIRM_PARTS:
        if _exceeds(firm.facts.get(part), firm.facts.get(whole)):
            yield _over(f"facts.{part}", FIRM_FACTS[part].label, FIRM_FACTS[whole].label, whole)
    for year, figures in sorted(firm.years.items()):
        for part, whole in YEAR_PARTS:
            if _exceeds(figures.get(part), figures.get(whole)):
                yield _over(f"years.{year}.{part}", YEAR_FACTS[part].label, YEAR_FACTS[whole].label, whole)
    started, founded = firm.facts.get("segment_since"), firm.facts.get("established_on")
    if isinstance(started, date) and isinstance(founded, date) and started < founded:
        yield Fault("facts.segment_since", "早于成立日期 established_on (before the firm was founded)")
    titles: Any = firm.facts.get("titles", ())
    for place, title in enumerate(titles):
        if "from" in title and "until" in title and title["until"] < title["from"]:
            yield Fault(f"facts.titles[{place}].until", "早于起始日 from (before its first day)")


def _exceeds(part: Any, whole: Any) -> bool:
    return part is not None and whole is not None and part > whole


def _over(path: str, part: str, whole: str, key: str) -> Fault:
    return Fault(path, f"{part}大于{whole}（{key}） (greater than {key})")
