"""The facts of a firm on the day the books close: rights, certificates, judgements, titles beside the ladder.

Ladder titles are not among them: the books hold those, and a second copy would contradict them one day.
"""

import random
from datetime import date, timedelta

from registry.city.chance import Weighted, triangular
from registry.city.parameters import Parameters, Profile
from registry.city.registration import Registered
from registry.domain.firms import Entry, Value
from registry.domain.periods import NEVER, add_years, last_valid_day

# Market shares are stated in percent with two places; the base unit is 10^-12.
_BASIS_POINT = 10**8
_DAYS_A_YEAR = 365
# Of every title beside the ladder but tech_sme.
_TERM_YEARS = 3
_HELD_PLAINLY = (
    "on_abnormal_list",
    "restricted_products",
    "ip_in_use",
    "key_link",
    "key_field",
    "reputation",
    "market_leader",
    "process_on_information_system",
    "quality_award",
    "system_certified",
    "own_brand",
    "standard_participation",
    "product_certified_abroad",
    "controlled_by_little_giant",
)
_LONG_TITLES = ("hi_tech", "ip_advantage", "ip_demo", "tech_innovation_demo", "champion")


class Standing:
    """Draws facts; holds each profile's weights ready."""

    def __init__(self, parameters: Parameters, rng: random.Random) -> None:
        self._parameters, self._rng = parameters, rng
        self._habits, self._close = parameters.facts, parameters.books_close_on
        self._tops = Weighted[str](parameters.facts["contest_tops"])
        self._choices = {
            name: {fact: Weighted(weights) for fact, weights in profile.weights.items()}
            for name, profile in parameters.profiles.items()
        }

    def facts(self, firm: Registered) -> dict[str, Value]:
        """Return every fact of a firm; which of them stay unknown is decided elsewhere."""
        rng, profile = self._rng, self._parameters.profiles[firm.looks_like]
        holds = profile.holds
        facts: dict[str, Value] = {
            "district": firm.district,
            "industry": firm.trade.code,
            "established_on": firm.established_on,
            "segment_since": self._segment_since(firm),
            "independent_legal_entity": not firm.is_branch and firm.closing_reason != "deregistered",
            "serious_incident_on": self._day_before_close(self._habits["incident_years"])
            if rng.random() < holds["had_incident"]
            else NEVER,
            "banned_until": self._ban() if rng.random() < holds["banned"] else NEVER,
            "titles": self._titles(profile, firm),
            "awards": self._awards(profile),
            "contests": self._contests(profile),
            "field_sei": rng.random() < firm.trade.sei + (1 - firm.trade.sei) * holds["field_sei_lift"],
        }
        if firm.area is not None:
            facts["functional_area"] = firm.area
        for fact in _HELD_PLAINLY:
            facts[fact] = rng.random() < holds[fact]
        for fact, choice in self._choices[firm.looks_like].items():
            drawn = choice.draw(rng)
            facts[fact] = int(drawn) if fact == "digital_level" else drawn
        for fact, triangle in profile.counts.items():
            facts[fact] = round(triangular(rng, triangle))
        class1 = round(triangular(rng, profile.counts["ip_class1"]))
        facts["ip_class1"] = class1
        for fact, triangle in profile.shares.items():
            facts[fact] = int(class1 * triangular(rng, triangle) + 0.5)
        facts.update(self._market(profile))
        if firm.closed_on is not None:
            facts["on_abnormal_list"] = True
        return facts

    def _segment_since(self, firm: Registered) -> date:
        """Return the founding day, or for some firms the first of a month some years later."""
        founding, rng = self._parameters.founding, self._rng
        if rng.random() >= founding["segment_delay_share"]:
            return firm.established_on
        latest = founding["founded_by"][firm.ambition]
        year = min(firm.established_on.year + rng.randint(1, founding["segment_delay_years"]), latest)
        return max(firm.established_on, date(year, rng.randint(1, 12), 1))

    def _day_before_close(self, years: int) -> date:
        return self._close - timedelta(days=self._rng.randrange(years * _DAYS_A_YEAR))

    def _ban(self) -> date:
        """Return the last day of a ban, over by the close or not."""
        longest = self._habits["ban_days"]
        return self._close + timedelta(days=self._rng.randint(-longest, longest))

    def _titles(self, profile: Profile, firm: Registered) -> tuple[Entry, ...]:
        rng, holds = self._rng, profile.holds
        titles: list[Entry] = []
        for kind in _LONG_TITLES:
            if rng.random() < holds[kind]:
                # The one in force, and the one that it continues.
                current = self._day_before_close(_TERM_YEARS)
                former = add_years(current, -_TERM_YEARS)
                starts = [day for day in (former, current) if day > firm.established_on]
                titles += [{"kind": kind, "from": day, "until": last_valid_day(day)} for day in starts]
        if rng.random() < holds["tech_sme"]:
            # Entered anew each spring, and valid to the end of that year.
            first = self._close.year + 1 - self._habits["tech_sme_years"]
            for year in range(max(first, firm.established_on.year + 1), self._close.year + 1):
                entered = date(year, rng.randint(4, 6), rng.randint(1, 28))
                titles.append({"kind": "tech_sme", "from": entered, "until": date(year, 12, 31)})
        return tuple(titles)

    def _awards(self, profile: Profile) -> tuple[Entry, ...]:
        return tuple(
            {
                "level": level,
                "rank": self._rng.randint(1, self._habits["award_ranks"]),
                "on": self._day_before_close(self._habits["award_years"]),
            }
            for level in ("national", "provincial")
            if self._rng.random() < profile.holds[f"award_{level}"]
        )

    def _contests(self, profile: Profile) -> tuple[Entry, ...]:
        if self._rng.random() >= profile.holds["contest"]:
            return ()
        on = self._day_before_close(self._habits["contest_years"])
        return ({"contest": "maker_china", "top": int(self._tops.draw(self._rng)), "on": on},)

    def _market(self, profile: Profile) -> dict[str, Value]:
        national = round(triangular(self._rng, profile.market_rank))
        return {
            "market_share": round(triangular(self._rng, profile.market_share) * 10_000) * _BASIS_POINT,
            "market_rank_national": national,
            "market_rank_provincial": max(
                1, round(national * triangular(self._rng, self._habits["provincial_rank_share"]))
            ),
        }
