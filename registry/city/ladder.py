"""Who holds which title of the ladder, and since when: announcement by announcement, from the top rung down.

A recruit of one rung claims a place in an earlier announcement of the rung below, so that everyone climbs; places
that are left go to firms that stop there. Draws no figures.
"""

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from registry.city.chance import stream
from registry.city.parameters import Batch, Parameters
from registry.city.registration import Registered
from registry.domain.codes import KIND_WORDS, LADDER, TIER_WORDS
from registry.domain.firms import TitleRow
from registry.domain.periods import add_years, last_valid_day

NEW, RE_REVIEW = "new", "re_review"
_RUNG_BELOW = {above: below for below, above in pairwise(LADDER)}


@dataclass(frozen=True, slots=True)
class Title:
    """One title: the place of its firm in the block, and the announcement it stands in."""

    place: int
    tier: str
    kind: str
    batch: Batch

    def covers(self, day: date) -> bool:
        """Say whether it is in force on a day, its last one included."""
        return self.batch.on <= day <= last_valid_day(self.batch.on)


def climb(parameters: Parameters, seed: int, block: int, firms: list[Registered]) -> list[Title]:
    """Return every title of a block: rung by rung from the top, each firm's in the order of time."""
    return _Ladder(parameters, stream(seed, block, "ladder"), firms).climbed()


class Announcements:
    """The official papers: how each batch is called, and which document announced it."""

    def __init__(self, parameters: Parameters) -> None:
        self._source = parameters.ladder["source"]
        by_year: defaultdict[int, set[date]] = defaultdict(set)
        self._rank: dict[tuple[str, date], int] = {}
        for tier in LADDER:
            in_year: defaultdict[int, int] = defaultdict(int)
            for batch in parameters.batches[tier]:
                by_year[batch.on.year].add(batch.on)
                in_year[batch.on.year] += 1
                self._rank[tier, batch.on] = in_year[batch.on.year]
        self._number = {on: place for days in by_year.values() for place, on in enumerate(sorted(days), start=1)}

    def row(self, firm: Registered, title: Title) -> TitleRow:
        """Return a title as the row of its announcement."""
        on = title.batch.on
        re_review = KIND_WORDS[RE_REVIEW] if title.kind == RE_REVIEW else ""
        return TitleRow(
            uscc=firm.uscc,
            name=firm.name,
            district=firm.district_on(on),
            tier=title.tier,
            kind=title.kind,
            recognised_on=on,
            valid_until=last_valid_day(on) if title.batch.term_stated else None,
            batch=f"{on.year}年第{self._rank[title.tier, on]}批{TIER_WORDS[title.tier]}{re_review}",
            source=self._source.format(year=on.year, number=self._number[on]),
        )


class _Ladder:
    """The announcements of all rungs over one block of firms."""

    def __init__(self, parameters: Parameters, rng: random.Random, firms: list[Registered]) -> None:
        self._parameters, self._rng, self._firms = parameters, rng, firms
        self._batch_on = {tier: {batch.on: batch for batch in parameters.batches[tier]} for tier in LADDER}
        self._claims: defaultdict[tuple[str, date], list[int]] = defaultdict(list)
        self._titles: list[Title] = []

    def climbed(self) -> list[Title]:
        """Return every title."""
        left_over: list[int] = []
        for tier in reversed(LADDER):
            own = [place for place, firm in enumerate(self._firms) if firm.ambition == tier]
            self._rng.shuffle(own)
            # Who found no place on the rung above is the first to be served here: a candidate for that rung.
            left_over = self._announce(tier, left_over + own)
        return self._titles

    def _announce(self, tier: str, pool: list[int]) -> list[int]:
        """Fill the announcements of a rung in the order of time; return the firms that found no place."""
        for batch in self._parameters.batches[tier]:
            claimants = self._claims[tier, batch.on]
            recruits, pool = self._recruited(tier, batch, pool, self._places(tier, batch) - len(claimants))
            for place in (*claimants, *recruits):
                career = self._career(tier, place, batch)
                self._titles += career
                self._claim_below(tier, place, career)
        return pool

    def _places(self, tier: str, batch: Batch) -> int:
        """Count the first recognitions of an announcement, in a block of this size."""
        scale = len(self._firms) / self._parameters.block_firms
        if batch.fill_to is None or batch.fill_on is None:
            return round(batch.new * scale)
        on = batch.fill_on
        # A firm renewed early has two titles for a while, and is one holder.
        holders = {title.place for title in self._titles if title.tier == tier and title.covers(on)}
        return round(batch.fill_to * scale) - len(holders)

    def _recruited(self, tier: str, batch: Batch, pool: list[int], wanted: int) -> tuple[list[int], list[int]]:
        """Return the first of the pool that are old enough, and those left in it."""
        recruits: list[int] = []
        left: list[int] = []
        born_by = add_years(batch.on, -self._parameters.ladder["age_years"][tier])
        for place in pool:
            is_recruit = len(recruits) < wanted and self._firms[place].established_on <= born_by
            (recruits if is_recruit else left).append(place)
        return recruits, left

    def _career(self, tier: str, place: int, batch: Batch) -> list[Title]:
        """Return a firm's titles of one rung: the first, and what re-reviews made of it."""
        firm = self._firms[place]
        care = "unsound" if not firm.is_sound else "sound" if firm.ambition == tier else "climbing"
        chances = self._parameters.ladder["renewal"][care][tier]
        career = [Title(place, tier, NEW, batch)]
        while True:
            luck = self._rng.random()
            if luck < chances["in_time"]:
                renewed_on = batch.re_review_on
            else:
                renewed_on = batch.late_on if luck < chances["in_time"] + chances["late"] else None
            if renewed_on is None:
                return career
            batch = self._batch_on[tier][renewed_on]
            career.append(Title(place, tier, RE_REVIEW, batch))

    def _claim_below(self, tier: str, place: int, career: list[Title]) -> None:
        """Claim a title of the rung below that is in force when this one is first asked for it."""
        if tier not in _RUNG_BELOW:
            return
        below = _RUNG_BELOW[tier]
        asked_from: date = self._parameters.ladder["measures_on"] if below == LADDER[0] else date.min
        asked_on = next((title.batch.on for title in career if title.batch.on >= asked_from), None)
        if asked_on is None:
            return
        founded = self._firms[place].established_on
        age = self._parameters.ladder["age_years"][below]
        options = [
            batch.on
            for batch in self._parameters.batches[below]
            if (batch.new or batch.fill_to)
            and batch.on < asked_on <= last_valid_day(batch.on)
            and add_years(founded, age) <= batch.on
        ]
        self._claims[below, self._rng.choice(options)].append(place)
