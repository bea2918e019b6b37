"""The two watch-lists that the rules draw: holders who fall below a condition, firms that newly reach the next tier.

All firms concerned are judged in columns in one pass; whoever is told is judged again one by one, by the reading that
is the meaning, which also gives the numbers. No query is asked a firm. A list is remembered until the books change,
with what was read of its own firms and no others. Stores nothing.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy.orm import Session

from registry.domain.codes import LADDER
from registry.domain.errors import Refused
from registry.domain.facts import ENTRY_FACTS, FIRM_FACTS, YEAR_FACTS
from registry.domain.firms import Firm
from registry.domain.periods import add_years, last_fiscal_year
from registry.policy import Options, choose
from registry.rules.case import sheet_of
from registry.rules.columns import Frames, columns_needed, judge
from registry.rules.columns.frames import SUFFIXES
from registry.rules.explain import Judgement, explain
from registry.rules.ruleset import RuleSet
from registry.store.frames import awards_frame, contests_frame, firms_frame, titles_frame
from registry.store.remembered import until_the_books_change
from registry.store.watch import places_before_moves
from registry.store.watch_titles import titles_on
from registry.work.recheck import ReadingsDisagree

# So many firms are looked up by their codes in one query: fewer than a database takes values in one.
BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Judged:
    """A firm that belongs in a list, with what the rules found.

    Attributes:
        before: the judgement of the same day a year before, where the list compares.
    """

    uscc: str
    name: str
    district: str | None
    tier: str
    judgement: Judgement
    before: Judgement | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    """Whom a list holds, before anything is told of them: ordered by code, then up the ladder."""

    uscc: str
    rank: int
    name: str
    district: str | None


@dataclass(frozen=True, slots=True)
class _Panel:
    """Firms judged by a rule set on a day, and all that was read of them, by code."""

    rule_set: RuleSet
    on: date
    firms: pl.DataFrame
    lists: Mapping[str, pl.DataFrame]

    def only(self, condition: pl.Expr) -> pl.DataFrame:
        return self.firms.filter(condition)

    def of(self, codes: pl.Series) -> "_Panel":
        """Keep what was read of some firms, and nothing of the many others."""
        firms = self.only(pl.col("uscc").is_in(codes.implode()))
        numbers = firms["firm_id"].implode()
        lists = {key: frame.filter(pl.col("firm_id").is_in(numbers)) for key, frame in self.lists.items()}
        return _Panel(self.rule_set, self.on, firms, lists)

    def judgements(self, codes: Collection[str]) -> dict[str, Judgement]:
        """Judge firms again, one by one.

        Raises:
            ReadingsDisagree: the columns came to another verdict.
        """
        rows = self.firms.filter(pl.col("uscc").is_in(list(codes)))
        entries = {key: _entries(frame, rows["firm_id"]) for key, frame in self.lists.items()}
        found: dict[str, Judgement] = {}
        for row in rows.iter_rows(named=True):
            firm, incomplete = _firm(row, entries, last_fiscal_year(self.on))
            judgement = explain(self.rule_set, sheet_of(firm, self.on, incomplete))
            if judgement.truth != row["verdict"]:
                told = f"{row['uscc']}: {self.rule_set.id}"
                raise ReadingsDisagree(f"{told}：两种读法不一致，请报告 (the readings disagree, please report)")
            found[row["uscc"]] = judgement
        return found


@dataclass(slots=True)
class JudgedList:
    """A whole list: who is in it, in order, and how many could not be told."""

    rows: list[_Row]
    unknown: int
    _now: dict[int, _Panel]
    _before: dict[int, _Panel] = field(default_factory=dict)

    def after(self, code: str, rank: int) -> int:
        """Return the place of the first row beyond a code and rung."""
        return bisect_right(self.rows, (code, rank), key=_order)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def rule_sets(self) -> tuple[RuleSet, ...]:
        """Return what judged, each rule set once."""
        panels = (*self._now.values(), *self._before.values())
        return tuple({panel.rule_set.digest: panel.rule_set for panel in panels}.values())

    def told(self, start: int, stop: int) -> Iterator[Judged]:
        """Yield the firms of a part of the list with their judgements."""
        rows = self.rows[start:stop]
        by_rank: dict[int, list[str]] = {}
        for row in rows:
            by_rank.setdefault(row.rank, []).append(row.uscc)
        now = {rank: self._now[rank].judgements(codes) for rank, codes in by_rank.items()}
        then = {rank: self._before[rank].judgements(codes) for rank, codes in by_rank.items() if rank in self._before}
        for row in rows:
            before = then[row.rank][row.uscc] if row.rank in then else None
            yield Judged(row.uscc, row.name, row.district, LADDER[row.rank], now[row.rank][row.uscc], before)


@until_the_books_change
def falling_below(
    session: Session, on: date, *, tiers: tuple[str, ...], district: str | None, options: Options
) -> JudgedList:
    """Judge every holder of a tier by the rule set that re-reviews it on the day.

    The figures and facts of the holders are read, and all titles, awards and contests: as long as screening as many
    firms, half a minute for half a million titles.

    Raises:
        Refused: no rule set applies on the day.
    """
    places = places_before_moves(session, on)
    reader = _Reader(session, options)
    holders: dict[str, list[str]] = {tier: [] for tier in tiers}
    for code, tier in titles_on(session, on):
        if tier in holders:
            holders[tier].append(code)
    found, unknown, panels = [], 0, {}
    for tier, codes in holders.items():
        panel = reader.panel(tier, "re_review", on, codes, places, district)
        rank = LADDER.index(tier)
        panels[rank] = panel.of(panel.only(~pl.col("verdict"))["uscc"])
        found += _rows(panels[rank].firms, rank)
        unknown += panel.only(pl.col("verdict").is_null()).height
    return JudgedList(sorted(found, key=_order), unknown, panels)


@until_the_books_change
def reaching_next(
    session: Session, on: date, *, tiers: tuple[str, ...], district: str | None, options: Options
) -> JudgedList:
    """Judge firms for the tier above the highest they hold, and those that meet it by the day a year before.

    For the lowest rung that is every firm without a title: as long as screening the register, a minute for a million.

    Raises:
        Refused: no rule set applies on the day, or on the same day a year before.
    """
    places = places_before_moves(session, on)
    reader = _Reader(session, options)
    highest: dict[str, int] = {code: LADDER.index(tier) for code, tier in titles_on(session, on)}
    found, unknown, now, then = [], 0, {}, {}
    for tier in tiers:
        _hold_that_a_year_before_is_ruled(tier, on, options)
        rank = LADDER.index(tier)
        codes = [code for code, held in highest.items() if held == rank - 1] if rank else None
        panel = reader.panel(tier, "new", on, codes, places, district, without=highest)
        met = panel.only(pl.col("verdict")).sort("firm_id")["uscc"].to_list()
        before = reader.panel(tier, "new", add_years(on, -1), met, {}, None)
        newly = before.only(pl.col("verdict").not_().fill_null(True))["uscc"]
        now[rank], then[rank] = panel.of(newly), before.of(newly)
        found += _rows(now[rank].firms, rank)
        unknown += panel.only(pl.col("verdict").is_null()).height
    return JudgedList(sorted(found, key=_order), unknown, now, then)


def _hold_that_a_year_before_is_ruled(tier: str, on: date, options: Options) -> None:
    choose(tier, "new", on, options)
    try:
        choose(tier, "new", add_years(on, -1), options)
    except Refused as refused:
        raise Refused.at("on", f"须与一年前同日比较：{refused.faults[0].message}") from None


class _Reader:
    """Reads what rules ask of firms; the long lists once for all tiers and days."""

    def __init__(self, session: Session, options: Options) -> None:
        self._session, self._options = session, options
        self._lists: dict[str, pl.DataFrame] = {}

    def panel(
        self,
        tier: str,
        kind: str,
        on: date,
        codes: Sequence[str] | None,
        places: Mapping[str, str],
        district: str | None,
        without: Mapping[str, Any] | None = None,
    ) -> _Panel:
        """Judge some firms on a day.

        Args:
            codes: of these firms; None for all those that `without` does not name.
            places: where firms stood on the day that have moved since.
            district: only the firms that stood there.
        """
        rule_set = choose(tier, kind, on, self._options).rule_set
        needed = columns_needed(rule_set)
        firms = self._firms(on, needed | {"district"}, codes)
        if codes is None and without:
            firms = firms.filter(~pl.col("uscc").is_in(list(without)))
        place = pl.col("district")
        if places:
            left = pl.DataFrame({"uscc": list(places), "place": list(places.values())}, schema_overrides=_PLACES)
            firms = firms.join(left, on="uscc", how="left", maintain_order="left")
            place = pl.coalesce("place", "district")
        firms = firms.with_columns(place.alias("place"))
        if district is not None:
            firms = firms.filter(pl.col("place") == district)
        lists = {key: self._list(key) for key in _LISTS if f"{key}_known" in needed}
        judged = judge(rule_set, Frames(firms, lists), on).select("verdict")
        return _Panel(rule_set, on, pl.concat([firms, judged], how="horizontal"), lists)

    def _firms(self, on: date, facts: Collection[str], codes: Sequence[str] | None) -> pl.DataFrame:
        year = last_fiscal_year(on)
        if codes is None:
            return firms_frame(self._session, year, facts=facts)
        batches = [codes[start : start + BATCH] for start in range(0, len(codes), BATCH)] or [codes]
        return pl.concat([firms_frame(self._session, year, facts=facts, uscc=batch) for batch in batches])

    def _list(self, key: str) -> pl.DataFrame:
        if key not in self._lists:
            self._lists[key] = _LISTS[key](self._session)
        return self._lists[key]


_LISTS = {"titles": titles_frame, "awards": awards_frame, "contests": contests_frame}
_PLACES: Any = {"uscc": pl.String, "place": pl.String}


def _rows(firms: pl.DataFrame, rank: int) -> list[_Row]:
    return [_Row(code, rank, name, place) for code, name, place in firms.select("uscc", "name", "place").iter_rows()]


def _order(row: _Row) -> tuple[str, int]:
    return row.uscc, row.rank


def _entries(frame: pl.DataFrame, firms: pl.Series) -> dict[int, tuple[dict[str, Any], ...]]:
    """Return the entries of some firms by their number; an unknown part is absent."""
    found: dict[int, tuple[dict[str, Any], ...]] = {}
    for row in frame.filter(pl.col("firm_id").is_in(firms.implode())).iter_rows(named=True):
        firm_id = row.pop("firm_id")
        found[firm_id] = (*found.get(firm_id, ()), {key: value for key, value in row.items() if value is not None})
    return found


def _firm(row: Mapping[str, Any], entries: Mapping[str, Any], fiscal_year: int) -> tuple[Firm, frozenset[str]]:
    """Return a firm as the rules read it, from its row; and the lists that may hold more (see `store.records`)."""
    facts: dict[str, Any] = {key: row[key] for key in FIRM_FACTS if key not in ENTRY_FACTS and row.get(key) is not None}
    incomplete = set()
    for key, of_firm in entries.items():
        known = of_firm.get(row["firm_id"], ())
        if row[f"{key}_known"] or known:
            facts[key] = known
        if known and not row[f"{key}_known"]:
            incomplete.add(key)
    years = {
        fiscal_year - ago: {key: row[key + suffix] for key in YEAR_FACTS if row.get(key + suffix) is not None}
        for ago, suffix in enumerate(SUFFIXES)
    }
    return Firm(row["uscc"], row["name"], facts, years), frozenset(incomplete)
