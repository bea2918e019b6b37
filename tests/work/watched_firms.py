"""Firms on either side of what the watch-lists judge."""

from datetime import date, datetime
from typing import Any

from make import firm, title
from sqlalchemy.orm import Session

from registry.domain.firms import Firm
from registry.domain.periods import NEVER
from registry.policy.watch_lists import WAN
from registry.work.enrol import enrol
from registry.work.file_books import file_titles

ON = date(2025, 5, 10)
# Scores 40 for the innovative tier, and takes none of the direct ways.
PLAIN: dict[str, Any] = {
    "industry": "3451",
    "district": "370285",
    "independent_legal_entity": True,
    "on_abnormal_list": False,
    "restricted_products": False,
    "serious_incident_on": NEVER,
    "banned_until": NEVER,
    "titles": (),
    "awards": (),
    "contests": (),
    "rd_institution": "none",
    "ip_class1": 0,
    "ip_class1_own": 0,
    "ip_class1_high_value": 0,
    "ip_class2": 0,
    "field_sei": False,
}
FIGURES = {
    "revenue": 3000 * WAN,
    "main_revenue": 2700 * WAN,
    "rd_expense": 0,
    "total_assets": 1000 * WAN,
    "total_liabilities": 500 * WAN,
    "employees": 50,
    "equity_paid_in": 0,
}
# Meets every condition of the specialized tier but, in itself, the rung below.
GOOD = PLAIN | {
    "segment_since": date(2013, 1, 1),
    "rd_institution": "national",
    "ip_class1": 3,
    "ip_class1_own": 2,
    "ip_class1_high_value": 1,
    "chain_role": "key_link",
    "digital_level": 3,
    "quality_award": True,
    "system_certified": True,
    "own_brand": True,
    "standard_participation": True,
    "local_field": "provincial_chain",
    "local_operation_kinds": 2,
    "market_share": 5 * 10**11,
    "market_rank_national": 1,
    "market_rank_provincial": 1,
    "listing": "listed",
}
RICH = FIGURES | {"rd_expense": 500 * WAN, "net_profit": 300 * WAN, "rd_staff": 20}


def plain(number: int, equity: dict[int, int | None] | None = None, first: int = 2020, **facts: Any) -> Firm:
    """A firm that is far from every tier, but for the new equity of some years, in fen; None is unknown."""
    paid = {year: (equity or {}).get(year, 0) for year in range(first, 2026)}
    years = {year: FIGURES | {"equity_paid_in": amount} for year, amount in paid.items()}
    known = {
        year: {key: value for key, value in figures.items() if value is not None} for year, figures in years.items()
    }
    return firm(number, name=f"青岛示例{number}号有限公司", years=known, **_known(PLAIN | facts))


def good(number: int, **facts: Any) -> Firm:
    years = {year: RICH for year in range(2019, 2026)}
    return firm(number, name=f"青岛示例{number}号有限公司", years=years, **_known(GOOD | facts))


def _known(facts: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in facts.items() if value is not None}


def register(session: Session, now: datetime, *firms: Firm) -> None:
    enrol(session, firms, now=now, on=date(2025, 1, 1), source="测试")


def hold(session: Session, now: datetime, *numbers: int, tier: str = "innovative", **changes: Any) -> None:
    changes = {"recognised_on": date(2023, 3, 20)} | changes
    file_titles(session, [title(number, tier=tier, **changes) for number in numbers], now=now, source="测试")
