"""Registers the firms of a block: name, code, trade, place, founding, and the rung each works towards.

Draws no figures and no titles.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from registry.city.chance import Weighted, stream
from registry.city.naming import Names, credit_code
from registry.city.parameters import Parameters, Trade
from registry.domain.codes import LADDER
from registry.domain.periods import add_years

NO_AMBITION = "none"
# A firm that falls short of its rung looks like one of the rung below.
_BELOW = dict(zip(LADDER, (NO_AMBITION, *LADDER), strict=False))


@dataclass(slots=True)
class Registered:
    """A firm as the register of companies knows it, with what the invention has in store for it.

    Attributes:
        district: today's.
        former_district, moved_on: where it was before, if it ever moved.
        ambition: the rung it works towards, or "none".
        is_sound: whether it really meets the conditions of that rung.
        is_branch: not an independent legal entity.
        closed_on, closing_reason: if it has closed; the reason as an exit of the above-scale list.
    """

    uscc: str
    name: str
    trade: Trade
    district: str
    area: str | None
    established_on: date
    ambition: str
    is_sound: bool
    is_branch: bool = False
    former_district: str | None = None
    moved_on: date | None = None
    closed_on: date | None = None
    closing_reason: str | None = None

    def district_on(self, day: date) -> str:
        """Return the district on a day."""
        if self.former_district is not None and self.moved_on is not None and day < self.moved_on:
            return self.former_district
        return self.district

    @property
    def looks_like(self) -> str:
        """The profile that its figures and facts are drawn from: of its rung, or of the one below."""
        return self.ambition if self.is_sound else _BELOW[self.ambition]


class Office:
    """The registration office of one block."""

    def __init__(self, parameters: Parameters, seed: int, block: int) -> None:
        self._parameters = parameters
        self._rng = stream(seed, block, "registration")
        # Names and codes run through all blocks, so their scramble starts alike in each.
        self._start = stream(seed, 0, "names").randrange(2**40)
        self._first_number = block * parameters.block_firms
        self._names = Names(parameters, self._start)
        self._trades = Weighted({code: trade.weight for code, trade in parameters.trades.items()})
        self._districts = Weighted({code: district.weight for code, district in parameters.districts.items()})
        self._eras = Weighted({(first, last): weight for first, last, weight in parameters.founding["eras"]})
        self._closing_reasons = Weighted[str](parameters.closing["reasons"])

    def register(self, count: int) -> list[Registered]:
        """Return that many firms, in the order of their numbers."""
        trades = [self._parameters.trades[self._trades.draw(self._rng)] for _ in range(count)]
        ambitions = self._ambitions(trades)
        return [
            self._firm(self._first_number + place, trade, ambition)
            for place, (trade, ambition) in enumerate(zip(trades, ambitions, strict=True))
        ]

    def _ambitions(self, trades: list[Trade]) -> list[str]:
        """Share the rungs out among the firms: exact numbers, likelier for trades with a pull towards the ladder."""
        # The largest u^(1/weight) are a weighted sample without replacement (Efraimidis and Spirakis).
        keys = [self._rng.random() ** (1 / trade.ladder) for trade in trades]
        places = sorted(range(len(trades)), key=keys.__getitem__, reverse=True)
        ambitions = [NO_AMBITION] * len(trades)
        taken = 0
        for tier in reversed(LADDER):
            wanted = round(self._parameters.ambition[tier] * len(trades))
            for place in places[taken : taken + wanted]:
                ambitions[place] = tier
            taken += wanted
        return ambitions

    def _firm(self, number: int, trade: Trade, ambition: str) -> Registered:
        rng, parameters = self._rng, self._parameters
        district = self._districts.draw(rng)
        established_on = self._founding(ambition)
        firm = Registered(
            uscc="",
            name=self._names.name(number, trade, rng),
            trade=trade,
            district=district,
            area=self._area(district),
            established_on=established_on,
            ambition=ambition,
            is_sound=ambition == NO_AMBITION or rng.random() < parameters.ambition["sound_share"],
        )
        if rng.random() < parameters.moves["share"]:
            self._move(firm)
        if ambition == NO_AMBITION:
            firm.is_branch = rng.random() < parameters.scale["branch_share"]
            if rng.random() < parameters.closing["share"]:
                self._close(firm)
        division = self._division(firm.district_on(established_on), established_on.year)
        firm.uscc = credit_code(number, division, self._start, parameters.codes["body_prefix"])
        return firm

    def _founding(self, ambition: str) -> date:
        latest: int = self._parameters.founding["founded_by"][ambition]
        while True:
            first, last = self._eras.draw(self._rng)
            year = self._rng.randint(first, last)
            if year <= latest:
                return _day_in(year, self._rng)

    def _area(self, district: str) -> str | None:
        left = self._rng.random()
        for area, share in self._parameters.districts[district].areas.items():
            left -= share
            if left < 0:
                return area
        return None

    def _move(self, firm: Registered) -> None:
        moves, rng = self._parameters.moves, self._rng
        moved_on = _day_in(rng.randint(moves["first_year"], moves["last_year"]), rng)
        former = self._districts.draw(rng)
        if former != firm.district and moved_on > add_years(firm.established_on, 1):
            firm.former_district, firm.moved_on = former, moved_on

    def _close(self, firm: Registered) -> None:
        closing, rng = self._parameters.closing, self._rng
        closed_on = _day_in(rng.randint(closing["first_year"], closing["last_year"]), rng)
        if add_years(firm.established_on, 1) < closed_on < self._parameters.books_close_on:
            firm.closed_on, firm.closing_reason = closed_on, self._closing_reasons.draw(rng)

    def _division(self, district: str, founded: int) -> str:
        """Return the division of a code: that of the founding, which may have another number by now."""
        codes, rng = self._parameters.codes, self._rng
        if rng.random() < codes["city_registered_share"]:
            return str(codes["city_division"])
        for renamed in codes["renamed"]:
            if renamed["district"] == district and founded < renamed["until"] and rng.random() < renamed["share"]:
                return str(renamed["old"])
        return district


def _day_in(year: int, rng: random.Random) -> date:
    """Return any day of a year."""
    return date(year, 1, 1) + timedelta(days=rng.randrange(365))
