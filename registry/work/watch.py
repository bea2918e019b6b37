"""Watch-lists: the firms that staff should look at on a day, each with the reason in numbers. Reads only.

Unknown is never taken for no: a firm of which it cannot be told stands in no list, and their number is told beside it.
A list is as at a day, of what is known now; a page follows the last entry of the page before.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from registry.domain.codes import LADDER
from registry.domain.errors import Refused
from registry.domain.periods import last_fiscal_year
from registry.policy import DEFAULTS, Options
from registry.policy.watch_lists import Deadline, WatchList, lines, update_deadline, watch_list
from registry.rules.ruleset import RuleSet
from registry.store.watch import FigureQuestion, figure_counts, figure_lines
from registry.store.watch_titles import expiring_count, expiring_lines, overdue_count, overdue_lines
from registry.work import watch_judged
from registry.work.watch_entries import WatchEntry, of_figure, of_judged, of_overdue, of_title
from registry.work.watch_judged import JudgedList

MOST_DAYS = 3660
# So many entries are read, and so many judged, at once when the whole list is wanted.
CHUNK, JUDGED_CHUNK = 20_000, 2000


@dataclass(frozen=True, slots=True)
class WatchPage:
    """A page of a watch-list.

    Attributes:
        after: what to ask the next page with; None on the last one.
        total: how many lines the whole list has.
        unknown: of how many firms (or titles, where a line is a title) it cannot be told whether they belong.
            Both are None where they were not asked for.
    """

    entries: tuple[WatchEntry, ...]
    after: str | None
    total: int | None
    unknown: int | None


@dataclass(frozen=True, slots=True)
class WatchWhole:
    """A whole watch-list, its lines read as they are taken.

    Attributes:
        days: how far ahead it looks; None where that is not asked.
        rule_sets: what judged, of the lists that the rules draw.
    """

    of: WatchList
    on: date
    district: str | None
    tier: str | None
    days: int | None
    total: int
    unknown: int
    rule_sets: tuple[RuleSet, ...]
    entries: Iterator[WatchEntry]

    def __iter__(self) -> Iterator[WatchEntry]:
        """Yield the lines."""
        return self.entries


@dataclass(frozen=True, slots=True)
class _Asked:
    """A list on a day, checked."""

    of: WatchList
    on: date
    district: str | None
    tier: str | None
    days: int
    options: Options

    @property
    def tiers(self) -> tuple[str, ...]:
        return (self.tier,) if self.tier else LADDER


def watch(
    session: Session,
    key: str,
    on: date,
    district: str | None = None,
    after: str | None = None,
    limit: int = 50,
    *,
    tier: str | None = None,
    days: int | None = None,
    options: Options = DEFAULTS,
    counted: bool = True,
) -> WatchPage:
    """Return a page of a watch-list.

    The two lists that are judged are judged whole, and remembered until the books change, as the counts are.

    Args:
        key: one of `registry.policy.watch_lists`.
        district: only the firms that stood there on the day.
        after: what the page before said.
        tier: of the ladder, for the lists that take it.
        days: how far ahead `expiring` looks.
        counted: whether the whole list and the unknown are counted: at a million firms longer than the page itself.

    Raises:
        Refused: at `list`, `tier`, `days` or `on`.
    """
    asked = _checked(key, on, district, tier, days, options)
    judged = _judged(session, asked)
    if judged is not None:
        start = judged.after(*_code_and_rank(after)) if after else 0
        entries = [of_judged(one) for one in judged.told(start, start + limit)]
        more = start + limit < len(judged)
    else:
        found = _entries(session, asked, after, limit + 1)
        entries, more = found[:limit], len(found) > limit
    total, unknown = _counts(session, asked, judged) if counted else (None, None)
    return WatchPage(tuple(entries), entries[-1].cursor if more and entries else None, total, unknown)


def watch_all(
    session: Session,
    key: str,
    on: date,
    district: str | None = None,
    *,
    tier: str | None = None,
    days: int | None = None,
    options: Options = DEFAULTS,
) -> WatchWhole:
    """Return a whole watch-list, for an export; takes as `watch` does, and judges once."""
    asked = _checked(key, on, district, tier, days, options)
    judged = _judged(session, asked)
    total, unknown = _counts(session, asked, judged)
    return WatchWhole(
        asked.of,
        on,
        district,
        tier,
        asked.days if "days" in asked.of.takes else None,
        total,
        unknown,
        judged.rule_sets if judged is not None else (),
        _through(session, asked, judged),
    )


def _through(session: Session, asked: _Asked, judged: JudgedList | None) -> Iterator[WatchEntry]:
    if judged is not None:
        for start in range(0, len(judged), JUDGED_CHUNK):
            yield from (of_judged(one) for one in judged.told(start, start + JUDGED_CHUNK))
        return
    after = None
    while True:
        entries = _entries(session, asked, after, CHUNK)
        yield from entries
        if len(entries) < CHUNK:
            return
        after = entries[-1].cursor


def _checked(key: str, on: date, district: str | None, tier: str | None, days: int | None, options: Options) -> _Asked:
    of = watch_list(key)
    if tier is not None and tier not in LADDER:
        raise Refused.at("tier", f"应为 {'、'.join(LADDER)} 之一，现为 {tier!r} (a tier of the ladder expected)")
    for name, value in (("tier", tier), ("days", days)):
        if value is not None and name not in of.takes:
            raise Refused.at(name, f"清单 {key} 不按此项筛选 (this list does not take it)")
    if days is not None and not 0 <= days <= MOST_DAYS:
        raise Refused.at("days", f"应为 0–{MOST_DAYS} 的整数，现为 {days} (whole days expected)")
    return _Asked(of, on, district, tier, lines().expiring_days if days is None else days, options)


def _judged(session: Session, asked: _Asked) -> JudgedList | None:
    """Return the list that the rules draw, or None of one that they do not."""
    deeds = {"falling_below": watch_judged.falling_below, "reaching_next": watch_judged.reaching_next}
    deed = deeds.get(asked.of.key)
    if deed is None:
        return None
    return deed(session, asked.on, tiers=asked.tiers, district=asked.district, options=asked.options)


def _threshold(asked: _Asked) -> FigureQuestion:
    """Return the question that a list about the threshold puts to the register."""
    line = lines()
    question = FigureQuestion(asked.on, last_fiscal_year(asked.on), district=asked.district)
    if asked.of.key == "listed_below":
        return replace(question, below=line.threshold, above_scale=True)
    if asked.of.key == "over_unlisted":
        return replace(question, low=line.threshold, industry=line.industry, entities_only=True)
    low = {"pool": line.pool_from, "near": line.near_from}[asked.of.key]
    return replace(question, low=low, below=line.threshold, industry=line.industry)


def _entries(session: Session, asked: _Asked, after: str | None, limit: int) -> list[WatchEntry]:
    """Return the next lines of a list that the database draws."""
    code, rank = _code_and_rank(after) if after else ("", -1)
    if asked.of.key == "expiring":
        beyond = (code, LADDER[rank] if 0 <= rank < len(LADDER) else "") if after else None
        titles = expiring_lines(session, asked.on, asked.days, asked.tiers, asked.district, beyond, limit)
        return [of_title(asked.on, one) for one in titles]
    if asked.of.key == "update_overdue":
        due = _overdue_since(asked)
        if due is None:
            return []
        holders = overdue_lines(session, asked.on, due.on, asked.tier, asked.district, code or None, limit)
        return [of_overdue(asked.on, due, one) for one in holders]
    found = figure_lines(session, _threshold(asked), code or None, limit)
    return [of_figure(asked.of.key, asked.on, one) for one in found]


def _counts(session: Session, asked: _Asked, judged: JudgedList | None) -> tuple[int, int]:
    """Return how many lines a list has, and of how many firms it cannot be told."""
    if judged is not None:
        return len(judged), judged.unknown
    if asked.of.key == "expiring":
        return expiring_count(session, asked.on, asked.days, asked.tiers, asked.district), 0
    if asked.of.key == "update_overdue":
        due = _overdue_since(asked)
        return (overdue_count(session, asked.on, due.on, asked.tier, asked.district) if due else 0), 0
    return figure_counts(session, _threshold(asked))


def _overdue_since(asked: _Asked) -> Deadline | None:
    """Return the deadline that has passed on the day; on the day due nothing is overdue yet."""
    deadline = update_deadline(asked.on.year)
    return deadline if deadline is not None and asked.on > deadline.on else None


def _code_and_rank(after: str) -> tuple[str, int]:
    """Return the code and the rung of the last line of the page before; a code alone stands behind all its lines."""
    code, _, tier = after.partition(":")
    return code, LADDER.index(tier) if tier in LADDER else len(LADDER)
