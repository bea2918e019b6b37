"""Enters a value that staff state for the target board: checked whole, then added beside all entered before."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from sqlalchemy.orm import Session

from registry.domain.errors import Fault, Refused
from registry.domain.trail import Doer, Tag
from registry.policy.target_rows import UNITS, WHOLE_UNITS, Input, Target
from registry.policy.targets import targets_of
from registry.store.targets import PLACES, VALUE_BOUND, TargetValue, values_of
from registry.work.trace import record

LONGEST_TEXT = 1000
_LONGEST_FRACTION = 60
# The store's smallest step between two moments.
_STEP = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Entered:
    """What was entered, and the value of which it takes the place."""

    value: TargetValue
    replaced: TargetValue | None

    @property
    def speaks_of_an_earlier_day(self) -> bool:
        """Say whether the value it replaces spoke of a later day: then it is likely a slip."""
        return self.replaced is not None and self.replaced.as_of > self.value.as_of


def enter_value(
    session: Session,
    year: int,
    key: str,
    value: Decimal,
    as_of: date,
    *,
    source: str,
    doer: Doer,
    note: str = "",
    now: datetime,
    today: date,
) -> Entered:
    """Add a value for a row of the board that staff enter, or for an input of a computed one.

    Args:
        value: in the unit of the row: 6.5 of a rate is 6.5 %.
        as_of: the day of which it speaks, of the year and not after today; that of an input may lie a year earlier.
        source: the document or bulletin that states it.
        doer: its name is kept beside the value.
        now: with its zone; the moment kept is later than that of every earlier value.

    Raises:
        Refused: with every fault, at `year`, `key`, `value`, `as_of`, `source`, `author` or `note`.
    """
    wanted = targets_of(year).entered(key)
    texts = {"source": source.strip(), "author": doer.name.strip(), "note": note.strip()}
    faults = [*_faults_of_value(wanted, value), *_faults_of_day(wanted, year, as_of, today)]
    for name, text in texts.items():
        if not text and name != "note":
            faults.append(Fault(name, "不能为空 (must not be empty)"))
        if len(text) > LONGEST_TEXT or "\0" in text:
            faults.append(Fault(name, f"应为不超过 {LONGEST_TEXT} 字的文字 (a text of at most so many characters)"))
    if faults:
        raise Refused(faults)
    before = next(iter(values_of(session, year, key)), None)
    moment = now if before is None else max(now, before.entered_at + _STEP)
    stored = int(Fraction(value) * 10**PLACES)
    row = TargetValue(year=year, key=key, value=stored, as_of=as_of, entered_at=moment, **texts)
    session.add(row)
    session.flush()
    record(
        session,
        Tag.TARGET_ENTERED,
        doer,
        now=moment,
        subject=f"target:{year}:{key}",
        before={"value": before.value, "as_of": before.as_of} if before else None,
        after={"value": stored, "as_of": as_of, "source": texts["source"]},
    )
    return Entered(row, before)


def _faults_of_value(wanted: Target | Input, value: Decimal) -> list[Fault]:
    if not value.is_finite():
        return [Fault("value", "应为数字 (a number expected)")]
    bound = VALUE_BOUND // 10**PLACES
    # Neither is looked at further: an exponent may make a number of any length.
    if abs(value) >= bound or value.as_tuple().exponent < -_LONGEST_FRACTION:  # type: ignore[operator]
        return [Fault("value", f"应小于 {bound}，小数不超过 {PLACES} 位 (too large, or too many places)")]
    is_whole = wanted.unit in WHOLE_UNITS
    if (Fraction(value) * 10 ** (0 if is_whole else PLACES)).denominator != 1:
        expected = "应为整数 (whole number expected)" if is_whole else f"最多 {PLACES} 位小数 (too many places)"
        return [Fault("value", f"{expected}，现为 {value:f}")]
    least = wanted.least if isinstance(wanted, Input) else 0
    if is_whole and value < least:
        unit = UNITS[wanted.unit][0]
        return [Fault("value", f"应不少于 {least} {unit}，现为 {value:f} (too small)")]
    return []


def _faults_of_day(wanted: Target | Input, year: int, as_of: date, today: date) -> list[Fault]:
    first = date(year - 1 if isinstance(wanted, Input) else year, 1, 1)
    last = min(date(year, 12, 31), today)
    if first <= as_of <= last:
        return []
    if last < first:
        return [Fault("as_of", f"{year} 年尚未开始 (the year has not begun)")]
    return [Fault("as_of", f"应在 {first} 至 {last} 之间，现为 {as_of} (out of range)")]
