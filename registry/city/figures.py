"""The figures of each published year, around a firm's turnover: consistent with each other and in whole fen.

Knows nothing of rules: a profile's floors are what keeps a holder above its lines.
"""

import random
from dataclasses import dataclass
from datetime import date
from math import inf

from registry.city.chance import triangular
from registry.city.parameters import Parameters, Profile
from registry.city.registration import NO_AMBITION, Registered
from registry.city.scale import Stay
from registry.city.turnover import FEN_PER_WAN, Turnover

Figures = dict[str, int]
_HUNDREDTHS = 100
_HIGHEST_SCORE = 99.5


@dataclass(frozen=True, slots=True)
class _Habits:
    """What stays the same about a firm over the years; shares of revenue, of assets, of staff."""

    profile: Profile
    turnover: Turnover
    is_industry: bool
    most_staff: float
    rd: float
    main_product: float
    assets: float
    debt: float
    margin: float
    sales_per_head: float
    rd_staff: float
    score: float
    value_added: float
    output: float
    digital: float


class Accounts:
    """Draws what firms report year by year."""

    def __init__(self, parameters: Parameters, rng: random.Random) -> None:
        self._parameters, self._rng = parameters, rng
        self._wobble: float = parameters.growth["wobble"]

    def years(self, firm: Registered, turnover: Turnover, stays: list[Stay]) -> dict[int, Figures]:
        """Return a firm's figures by fiscal year; years before its founding or from its closing on are absent."""
        habits = self._habits(firm, turnover)
        years = [year for year in self._parameters.figures_years if year in turnover.revenue]
        if firm.closed_on is not None:
            years = [year for year in years if year < firm.closed_on.year]
        listed = {year for stay in stays for year in years if stay.covers(date(year, 12, 31))}
        return {year: self._year(habits, year, year in listed) for year in years}

    def _habits(self, firm: Registered, turnover: Turnover) -> _Habits:
        rng, growth = self._rng, self._parameters.growth
        profile = self._parameters.profiles[firm.looks_like]
        ceiling = growth["staff_ceiling_industry" if firm.trade.is_industry else "staff_ceiling_other"]
        return _Habits(
            profile=profile,
            turnover=turnover,
            is_industry=firm.trade.is_industry,
            most_staff=inf if firm.ambition == NO_AMBITION else ceiling,
            rd=triangular(rng, profile.rd_share),
            main_product=triangular(rng, growth["main_product_share"]),
            assets=triangular(rng, profile.assets_of_revenue),
            debt=triangular(rng, profile.debt),
            margin=triangular(rng, profile.margin),
            sales_per_head=triangular(rng, profile.sales_per_head),
            rd_staff=triangular(rng, profile.rd_staff_share),
            score=triangular(rng, profile.development_score),
            value_added=triangular(rng, growth["value_added_share"]),
            output=triangular(rng, growth["output_of_revenue"]),
            digital=rng.random(),
        )

    def _year(self, habits: _Habits, year: int, is_listed: bool) -> Figures:
        turnover, unit = habits.turnover, habits.turnover.unit_fen
        revenue, main_revenue = turnover.revenue[year], turnover.main_revenue[year]

        def amount(fen: float) -> int:
            """Bring an amount down to what the firm's forms can state."""
            return int(fen / unit) * unit

        base = revenue or turnover.capacity_wan * FEN_PER_WAN * self._parameters.growth["idle_share"]
        assets = amount(self._near(base * habits.assets))
        employees = self._employees(habits, base)
        figures: Figures = {
            "revenue": revenue,
            "main_revenue": main_revenue,
            "main_product_revenue": amount(main_revenue * habits.main_product),
            "rd_expense": amount(self._rd_expense(habits, base)),
            "total_assets": assets,
            "total_liabilities": amount(assets * min(1.0, self._near(habits.debt))),
            "net_profit": amount(base * self._margin(habits, revenue)),
            "equity_paid_in": amount(self._equity(habits.profile)),
            "employees": employees,
            "rd_staff": int(employees * habits.rd_staff),
            "development_score": int(min(_HIGHEST_SCORE, habits.score + self._rng.random()) * _HUNDREDTHS),
            "digitally_transformed": habits.digital
            < self._parameters.digital["listed" if is_listed else "others"][year],
        }
        if habits.is_industry:
            output = figures["industrial_output"] = amount(revenue * habits.output)
            figures["value_added"] = amount(output * self._near(habits.value_added))
        return figures

    def _near(self, usual: float) -> float:
        """Return a number as it turns out in one year."""
        return usual * self._rng.uniform(1 - self._wobble, 1 + self._wobble)

    def _rd_expense(self, habits: _Habits, revenue_fen: float) -> float:
        """Return research spending: the firm's habit, but not below what its profile spends at least."""
        least = habits.profile.rd_least
        share = max(self._near(habits.rd), least["share"])
        if revenue_fen < least["small_below"] * FEN_PER_WAN:
            share = max(share, least["small_share"])
        return max(revenue_fen * share, least["amount"] * FEN_PER_WAN)

    def _margin(self, habits: _Habits, revenue_fen: int) -> float:
        """Return net profit over revenue; who sells nothing loses money."""
        wobble = self._parameters.growth["profit_wobble"]
        margin: float = habits.margin * self._rng.uniform(1 - wobble, 1 + wobble)
        return margin if revenue_fen else -abs(margin)

    def _equity(self, profile: Profile) -> float:
        """Return new equity of the year: mostly none, and that is known."""
        if self._rng.random() >= profile.equity["chance"]:
            return 0.0
        return triangular(self._rng, profile.equity["amount"]) * FEN_PER_WAN

    def _employees(self, habits: _Habits, revenue_fen: float) -> int:
        heads = self._near(revenue_fen / FEN_PER_WAN / habits.sales_per_head)
        return max(int(self._parameters.growth["fewest_staff"]), round(min(heads, habits.most_staff)))
