"""How chance is drawn. Every draw comes from a named stream, so the same seed gives the same city everywhere.

Reads no clock and no hash: a stream's name is text, which `random.Random` digests alike in every process.
"""

import random
from bisect import bisect
from collections.abc import Mapping, Sequence
from itertools import accumulate
from statistics import NormalDist
from typing import Generic, TypeVar

T = TypeVar("T")
# Lowest, likeliest, highest.
Triangle = Sequence[float]


def stream(seed: int, block: int, subject: str) -> random.Random:
    """Return the source of chance for one subject of one block.

    Streams are apart, so that one more draw in one subject leaves all others as they were.
    """
    return random.Random(f"{seed}/{block}/{subject}")  # noqa: S311 - it must repeat, it guards no secret


class Weighted(Generic[T]):
    """Options that are drawn in proportion to their weights."""

    def __init__(self, weights: Mapping[T, float]) -> None:
        self._options = tuple(weights)
        self._steps = tuple(accumulate(weights.values()))

    def draw(self, rng: random.Random) -> T:
        """Return one option."""
        return self._options[bisect(self._steps, rng.random() * self._steps[-1])]


def triangular(rng: random.Random, triangle: Triangle) -> float:
    """Return a number from a triangle, low and high included."""
    low, likeliest, high = triangle
    return rng.triangular(low, high, likeliest)


def normal_strata(rng: random.Random, count: int) -> list[float]:
    """Return standard normal numbers, one from each of `count` equally likely strata, in random order.

    Plain draws would let the number of firms above a line swing from seed to seed; strata hold it steady.
    """
    shape = NormalDist()
    # Kept off 0, where the quantile is infinite.
    drawn = [shape.inv_cdf((place + 0.01 + 0.98 * rng.random()) / count) for place in range(count)]
    rng.shuffle(drawn)
    return drawn
