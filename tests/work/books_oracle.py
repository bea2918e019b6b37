"""The books counted by hand: from contract §3 alone, day after day, with nothing of the program but its words.

Holds what is stated as it is known at a moment, walks every day of every firm and writes down who stands where at
its close and what the day brought. Slow and plain on purpose.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import ClassVar

LADDER = ("innovative", "specialized", "little_giant")
ABOVE_SCALE = "above_scale"
DAY = timedelta(days=1)
# The last day that anybody asks about.
HORIZON = date(2028, 12, 31)


@dataclass(frozen=True, order=True)
class Title:
    kind: str
    valid_until: date | None
    district: str


@dataclass(frozen=True, order=True)
class Stay:
    exited_on: date | None
    district: str


@dataclass
class Stated:
    """What is stated of one firm, as it is known: a correction has taken the place of what it corrects."""

    titles: dict[tuple[str, date], Title] = field(default_factory=dict)
    stays: dict[date, Stay] = field(default_factory=dict)
    listings: list[tuple[date, str]] = field(default_factory=list)
    revocations: set[tuple[str, date]] = field(default_factory=set)
    industry: str | None = None
    functional_area: str | None = None
    figures: dict[int, dict[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Happened:
    day: date
    tier: str
    kind: str
    district: str | None


@dataclass
class Life:
    """A firm's days: where it stood in a tier at the close of a day, and all that happened."""

    stood: dict[tuple[str, date], str | None] = field(default_factory=dict)
    happened: list[Happened] = field(default_factory=list)


def three_years(day: date) -> date:
    """Return the last valid day: the same calendar day three years later minus one; 29 February runs to 27."""
    if (day.month, day.day) == (2, 29):
        return date(day.year + 3, 2, 27)
    return date(day.year + 3, day.month, day.day) - DAY


def districts_of(stated: Stated, days: Iterable[date]) -> dict[date, str | None]:
    """Return the district at the close of each day: that of the latest dated row that names one.

    Of rows of one day a list of firms outweighs a title and a title a stay, the higher tier the lower; of lists of one
    day the later holds. The contract leaves that open; the program says so of itself.
    """
    named: dict[date, dict[int, str]] = defaultdict(dict)
    for entered_on, stay in stated.stays.items():
        named[entered_on][0] = stay.district
    for (tier, recognised_on), title in stated.titles.items():
        named[recognised_on][1 + LADDER.index(tier)] = title.district
    for listed_on, district in stated.listings:
        named[listed_on][9] = district
    found: dict[date, str | None] = {}
    now: str | None = None
    for day in days:
        if day in named:
            now = named[day][max(named[day])]
        found[day] = now
    return found


def life_of(stated: Stated) -> Life:
    """Walk the days of a firm."""
    life = Life()
    dated = [*(day for _, day in stated.titles), *stated.stays, *(day for day, _ in stated.listings)]
    if not dated:
        return life
    days = [min(dated) - DAY + n * DAY for n in range((HORIZON - min(dated)).days + 2)]
    where = districts_of(stated, days)
    for tier in sorted({tier for tier, _ in stated.titles}):
        _walk_titles(stated, tier, days, where, life)
    if stated.stays:
        _walk_stays(stated, days, where, life)
    return life


def _walk_titles(stated: Stated, tier: str, days: list[date], where: Mapping[date, str | None], life: Life) -> None:
    holds, ever, last_valid_day = False, False, date.min
    for day in days[1:]:
        held = holds
        kinds: list[str] = []
        title = stated.titles.get((tier, day))
        if title:
            until = title.valid_until or three_years(day)
            if holds and day <= last_valid_day + DAY:
                kinds.append("renewed")
                last_valid_day = max(last_valid_day, until)
            else:
                kinds.append("new" if not ever and title.kind == "new" else "reinstated")
                holds, ever, last_valid_day = True, True, until
        if holds and day > last_valid_day:
            kinds.append("expired")
            holds = False
        elif holds and (tier, day) in stated.revocations:
            kinds.append("revoked")
            holds = False
        if held or holds or kinds:
            _write_down(life, tier, day, held, holds, kinds, where)


def _walk_stays(stated: Stated, days: list[date], where: Mapping[date, str | None], life: Life) -> None:
    is_in, ever, out_on = False, False, date.min
    for day in days[1:]:
        was_in = is_in
        kinds: list[str] = []
        stay = stated.stays.get(day)
        exit_of_the_stay = (stay.exited_on or date.max) if stay else date.min
        if stay and is_in:
            kinds.append("renewed")
            out_on = max(out_on, exit_of_the_stay)
        elif stay:
            kinds.append("reinstated" if ever else "new")
            is_in, ever, out_on = True, True, exit_of_the_stay
        # Out at the close of the day, unless the next day's entry continues the stay.
        if is_in and day >= out_on and day + DAY not in stated.stays:
            kinds.append("exited")
            is_in = False
        _write_down(life, ABOVE_SCALE, day, was_in, is_in, kinds, where)


def _write_down(
    life: Life, tier: str, day: date, before: bool, after: bool, kinds: list[str], where: Mapping[date, str | None]
) -> None:
    old, new = where[day - DAY], where[day]
    if after:
        life.stood[tier, day] = new
    for kind in kinds:
        # What ends was there as the day began; what starts or goes on is where the day leaves it.
        ends_what_was_there = kind in ("expired", "revoked", "exited") and before
        life.happened.append(Happened(day, tier, kind, old if ends_what_was_there else new))
    if before and after and old != new:
        life.happened.append(Happened(day, tier, "moved_out", old))
        life.happened.append(Happened(day, tier, "moved_in", new))


LINES = (("large", 1000, 40_000), ("medium", 300, 2_000), ("small", 20, 300))


def size_of(stated: Stated, year: int) -> str | None:
    """Return the size by 300号: the one that every value an unknown figure might have would give, or None.

    Knows the trades B, C, D, and 73 as one of the others.
    """
    figures = stated.figures.get(year)
    if stated.industry is None or figures is None:
        return None
    staffs = [figures["employees"]] if "employees" in figures else [0, 20, 300, 1000]
    revenues = [figures["revenue"]] if "revenue" in figures else [n * 10_000 * 100 for n in (0, 300, 2_000, 40_000)]
    sizes = {_size(stated.industry, staff, revenue) for staff in staffs for revenue in revenues}
    return sizes.pop() if len(sizes) == 1 else None


def _size(industry: str, staff: int, revenue_fen: int) -> str:
    if 6 <= int(industry[:2]) <= 46:
        for name, heads, wan in LINES:
            if staff >= heads and revenue_fen >= wan * 10_000 * 100:
                return name
        return "micro"
    for name, heads in (("large", 300), ("medium", 100), ("small", 10)):
        if staff >= heads:
            return name
    return "micro"


Cell = tuple[str, tuple[str | None, ...]]


@dataclass
class Hand:
    """What a year comes to, counted by hand.

    Attributes:
        counts: by tier and keys, then by the name of the count; cells and counts of nothing are left out.
        behind: the firms behind each.
        holders: by keys, how many distinct firms held any title of the ladder at the start and at the end.
        firms: those at the end.
    """

    counts: dict[Cell, Counter[str]]
    behind: dict[Cell, dict[str, set[str]]]
    holders: dict[tuple[str | None, ...], Counter[str]]
    firms: set[str]


class Books:
    """What is stated of all firms at a moment."""

    def __init__(self, firms: Mapping[str, Stated]) -> None:
        self.firms = firms
        self.lives = {code: self._life(stated) for code, stated in firms.items()}

    _known: ClassVar[dict[str, Life]] = {}

    def _life(self, stated: Stated) -> Life:
        """Walk a life once: the same statements make the same life, and histories share most of theirs."""
        told = repr((sorted(stated.titles.items()), sorted(stated.stays.items()), stated.listings))
        told += repr(sorted(stated.revocations))
        if told not in self._known:
            if len(self._known) > 500:
                self._known.clear()
            self._known[told] = life_of(stated)
        return self._known[told]

    def count(self, year: int, as_of: date, by: tuple[str, ...]) -> Hand:
        counts: dict[Cell, Counter[str]] = defaultdict(Counter)
        behind: dict[Cell, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        start = date(year - 1, 12, 31)

        def put(code: str, tier: str, district: str | None, name: str) -> None:
            cell = tier, self.keys(code, district, year, by)
            counts[cell][name] += 1
            behind[cell][name].add(code)

        holders: dict[tuple[str | None, ...], Counter[str]] = defaultdict(Counter)
        for code, life in self.lives.items():
            for name, day in (("stock_start", start), ("stock_end", as_of)):
                stood = {tier: life.stood[tier, day] for tier in (*LADDER, ABOVE_SCALE) if (tier, day) in life.stood}
                for tier, district in stood.items():
                    put(code, tier, district, name)
                # One district for all its titles, so any of them tells it.
                for district in {stood[tier] for tier in LADDER if tier in stood}:
                    holders[self.keys(code, district, year, by)][name] += 1
            for one in life.happened:
                is_move = one.kind in ("moved_in", "moved_out")
                if start < one.day <= as_of and not (is_move and "district" not in by):
                    put(code, one.tier, one.district, one.kind)
        return Hand(dict(counts), dict(behind), dict(holders), self.holders_at(as_of))

    def keys(self, code: str, district: str | None, year: int, by: tuple[str, ...]) -> tuple[str | None, ...]:
        stated = self.firms[code]
        known = {
            "district": district,
            "industry": stated.industry and stated.industry[:2],
            "size": size_of(stated, year - 1),
            "functional_area": stated.functional_area,
        }
        return tuple(known[name] for name in by)

    def holders_at(self, day: date) -> set[str]:
        return {code for code, life in self.lives.items() if any((tier, day) in life.stood for tier in LADDER)}

    def rung(self, code: str, day: date) -> str | None:
        held = [tier for tier in LADDER if (tier, day) in self.lives[code].stood]
        return held[-1] if held else None
