"""The target board: every target of a year with its value, how it was obtained, met or not, and where it is heading.

Registry values are counted as they are asked for, figures are computed from what firms reported, the rest is what
staff entered. An unknown value is told as unknown. Reads only; see `enter_target` for what staff enter.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from registry.domain.errors import Refused
from registry.policy.attainment import Projection, gap_of, judge_target, side_of, year_end
from registry.policy.target_rows import INPUTS_OF, Target, TargetYear
from registry.policy.targets import targets_of
from registry.store.shares import Share, Shares, shares_of
from registry.store.targets import PLACES, TargetValue, current_values
from registry.work.count import Count, count, question_of


@dataclass(frozen=True, slots=True)
class Obtained:
    """A value and where it comes from.

    Attributes:
        value: exact, in the unit of its row; None while it is unknown.
        as_of: the day of which it speaks.
        source: for what staff entered the document they named; else the books or the figures it was taken from.
        author, entered_at, note: of what staff entered; of a computed value the note says what it lacks.
        source_en, note_en: the same in English where the words are ours; empty where they are somebody's own.
        part, whole: what a ratio is made of: yuan, or numbers of firms.
        known, unknown: how many firms a computed share speaks of, and how many had to be left out.
    """

    value: Fraction | None
    as_of: date | None
    source: str = ""
    author: str = ""
    entered_at: datetime | None = None
    note: str = ""
    part: Decimal | None = None
    whole: Decimal | None = None
    known: int | None = None
    unknown: int | None = None
    source_en: str = ""
    note_en: str = ""


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One row of the board.

    Attributes:
        met: None while the value is unknown, or the row has no goal.
        side: `below` or `above` where the goal is missed.
        gap: how far off, 0 once it is met.
        projection: of counted rows, at the end of the year.
    """

    target: Target
    obtained: Obtained
    met: bool | None
    side: str | None
    gap: Fraction | None
    projection: Projection | None


@dataclass(frozen=True, slots=True)
class TargetBoard:
    """The targets of a year as they stand on a day."""

    year: int
    as_of: date
    made_at: datetime
    targets: TargetYear
    rows: tuple[BoardRow, ...]

    def row(self, key: str) -> BoardRow:
        """Return the row of a target.

        Raises:
            KeyError: it has none.
        """
        for one in self.rows:
            if one.target.key == key:
                return one
        raise KeyError(key)


@dataclass(frozen=True, slots=True)
class _Sources:
    """What the rows of one board are read from."""

    session: Session
    year: int
    as_of: date
    counted: Count
    entered: Mapping[str, TargetValue]
    shares: dict[int, Shares] = field(default_factory=dict)

    def share(self, measure: str, year: int) -> Share:
        """Return a share of a fiscal year; those of a year are asked for once."""
        if year not in self.shares:
            self.shares[year] = shares_of(self.session, year)
        found: Share = getattr(self.shares[year], measure)
        return found


def day_of_board(year: int, *, today: date, as_of: date | None = None) -> date:
    """Return the day a board is asked for: the one given, else 31 December, or today in the running year.

    Raises:
        Refused: at `as_of`, a day outside the year or later than today; at `year`, one that has not begun.
    """
    if year > today.year:
        raise Refused.at("year", f"{year} 年尚未开始 (the year has not begun)")
    day = as_of or min(today, date(year, 12, 31))
    if day.year != year or day > today:
        raise Refused.at("as_of", f"应为 {year} 年内、不晚于今天的日期，现为 {day} (a past day of the year expected)")
    return day


def target_board(session: Session, year: int, as_of: date, *, now: datetime) -> TargetBoard:
    """Return the board of a year on a day. As many questions for any number of firms.

    Args:
        as_of: a day of the year; values that speak of later days are not seen.
        now: the moment the board is made.

    Raises:
        Refused: there are no targets for the year, or the day is not one of it.
    """
    targets = targets_of(year)
    question = question_of(year, today=as_of, as_of=as_of)
    sources = _Sources(session, year, as_of, count(session, question, now=now), current_values(session, year, as_of))
    return TargetBoard(year, as_of, now, targets, tuple(_row(target, sources) for target in targets.targets))


def exact(stored: TargetValue) -> Fraction:
    """Return what staff entered as the number it is."""
    return Fraction(stored.value, 10**PLACES)


def _row(target: Target, sources: _Sources) -> BoardRow:
    obtained = _MEASURES[target.measure](sources) if target.measure else _staff_value(target.key, sources)
    value = obtained.value
    return BoardRow(
        target,
        obtained,
        judge_target(target, value),
        side_of(target, value),
        gap_of(target, value),
        year_end(target, value, obtained.as_of, sources.year),
    )


def _staff_value(key: str, sources: _Sources) -> Obtained:
    stored = sources.entered.get(key)
    if stored is None:
        return Obtained(None, None)
    return Obtained(exact(stored), stored.as_of, stored.source, stored.author, stored.entered_at, stored.note)


def _first_recognitions(sources: _Sources) -> Obtained:
    return Obtained(Fraction(_counted(sources, "specialized", "new")), sources.as_of, "本库称号账：首次认定")


def _above_scale_stock(sources: _Sources) -> Obtained:
    return Obtained(Fraction(_counted(sources, "above_scale", "stock_end")), sources.as_of, "本库规上账：在库企业")


def _counted(sources: _Sources, tier: str, name: str) -> int:
    """Return a number of the year's count, the same as `registry counts` prints."""
    return sum(row.counts[name] for row in sources.counted.rows if row.tier == tier)


def _seedlings_ratio(sources: _Sources) -> Obtained:
    """Return the selected over the target. Both are entered; while one is not, the ratio is unknown."""
    keys = INPUTS_OF["seedlings_ratio"]
    stored = [sources.entered[key] for key in keys if key in sources.entered]
    inputs = {one.key: one for one in targets_of(sources.year).inputs}
    told = "；".join(f"{inputs[one.key].label} {exact(one)}（{one.source}）" for one in stored)
    told_en = "; ".join(f"{inputs[one.key].label_en} {exact(one)} ({one.source})" for one in stored)
    lacking = [inputs[key] for key in keys if key not in sources.entered]
    if lacking:
        words = "、".join(one.label for one in lacking), ", ".join(one.label_en for one in lacking)
        note, note_en = f"尚未录入：{words[0]}", f"not entered yet: {words[1]}"
        return Obtained(None, None, told, note=note, source_en=told_en, note_en=note_en)
    selected, target = stored
    if not target.value:
        return Obtained(None, None, told, source_en=told_en)
    return Obtained(
        exact(selected) / exact(target),
        selected.as_of,
        told,
        "、".join(dict.fromkeys(one.author for one in stored)),
        max(one.entered_at for one in stored),
        "；".join(one.note for one in stored if one.note),
        Decimal(int(exact(selected))),
        Decimal(int(exact(target))),
        source_en=told_en,
    )


def _high_tech_share(sources: _Sources) -> Obtained:
    share = _latest("high_tech", sources)
    yuan = (Decimal(share.part).scaleb(-2), Decimal(share.whole).scaleb(-2))
    return _of_share(share, ("增加值（元）", "value added (yuan)"), *yuan)


def _digital_share(sources: _Sources) -> Obtained:
    share = _latest("digital", sources)
    return _of_share(
        share, ("数字化转型（家）", "digital transformation (firms)"), Decimal(share.part), Decimal(share.whole)
    )


def _latest(measure: str, sources: _Sources) -> Share:
    """Return the share of the year itself once it is over and any firm has reported, else of the year before."""
    if sources.as_of == date(sources.year, 12, 31):
        share = sources.share(measure, sources.year)
        if share.known:
            return share
    return sources.share(measure, sources.year - 1)


def _of_share(share: Share, what: tuple[str, str], part: Decimal, whole: Decimal) -> Obtained:
    source = f"企业 {share.year} 财务年度{what[0]}：{share.known} 家已知，{share.unknown} 家未知"
    source_en = f"firms' fiscal year {share.year}, {what[1]}: {share.known} known, {share.unknown} unknown"
    told: dict[str, Any] = {"known": share.known, "unknown": share.unknown, "source_en": source_en}
    if share.percent is None:
        return Obtained(None, None, source, **told)
    return Obtained(share.percent, share.as_of, source, part=part, whole=whole, **told)


_MEASURES: Mapping[str, Callable[[_Sources], Obtained]] = {
    "first_recognitions": _first_recognitions,
    "above_scale_stock": _above_scale_stock,
    "seedlings_ratio": _seedlings_ratio,
    "high_tech_share": _high_tech_share,
    "digital_share": _digital_share,
}
