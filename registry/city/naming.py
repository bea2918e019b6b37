"""Names and codes of firms that do not exist: unique by construction, plausible to the eye, marked as samples."""

import random
from math import gcd

from registry.city.chance import Weighted
from registry.city.parameters import Parameters, Trade
from registry.domain import uscc

# The registering office (market supervision) and the kind (enterprise) that open a code.
_OFFICE_AND_KIND = "91"
# GB 11714-1997: weights of the eight characters of an organisation code.
_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_BODY_DIGITS = 8


class Names:
    """Gives each number of a firm a name of its own.

    A brand is given out once, so no two names are alike; the order is scrambled, so that neighbours do not look alike.
    """

    def __init__(self, parameters: Parameters, start: int) -> None:
        """Prepare the lists.

        Args:
            start: any number; other starts give other names to the same firms.
        """
        names = parameters.names
        self._characters = "".join(names["brand_characters"].split())
        self._forms = Weighted[str](names["forms"])
        self._city, self._mark = names["city"], names["mark"]
        self._behind_share = names["city_behind_share"]
        self._start = start

    def name(self, number: int, trade: Trade, rng: random.Random) -> str:
        """Return the name of a firm.

        Raises:
            ValueError: all brands are used up.
        """
        product = trade.words[rng.randrange(len(trade.words))]
        core = f"{self._mark}{self._brand(number)}{product}"
        form = self._forms.draw(rng)
        if rng.random() < self._behind_share:
            return f"{core}（{self._city}）{form}"
        return f"{self._city}{core}{form}"

    def _brand(self, number: int) -> str:
        base = len(self._characters)
        length, room = (2, base**2) if number < base**2 else (3, base**3)
        number -= base**2 if length == 3 else 0
        if number >= room:
            raise ValueError(f"the city has names for {base**2 + base**3} firms; ask for fewer")
        scrambled = _scrambled(number, room, self._start)
        brand = ""
        for _ in range(length):
            scrambled, place = divmod(scrambled, base)
            brand += self._characters[place]
        return brand


def credit_code(number: int, division: str, start: int, prefix: str) -> str:
    """Return the unified social credit code of a firm.

    Args:
        number: the firm's; equal numbers give equal organisation codes, different ones different codes.
        division: where it was first registered.
        prefix: opens the organisation code; chosen so that no real one begins with it.

    Source:
        GB 32100-2015 for the code, GB 11714-1997 for the organisation code within it.
    """
    digits = _BODY_DIGITS - len(prefix)
    left = _scrambled(number, 31**digits, start)
    body = ""
    for _ in range(digits):
        left, place = divmod(left, 31)
        body += uscc.ALPHABET[place]
    body = prefix + body
    total = sum(int(character, 36) * weight for character, weight in zip(body, _BODY_WEIGHTS, strict=True))
    first17 = _OFFICE_AND_KIND + division + body + "0123456789X"[-total % 11]
    return first17 + uscc.check_character(first17)


def _scrambled(number: int, room: int, start: int) -> int:
    """Return a place in `room`, a different one for every number below it."""
    step = int(room * 0.6180339887)
    while gcd(step, room) != 1:
        step += 1
    return (start + number * step) % room
