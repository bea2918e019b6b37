"""The yearly updates of firms: when each was due, and which were missed. Flushes, never commits.

By 30 April under 63号, by 31 May under 2号 (policy §8). Under 63号 one that was missed bars from re-review, under 2号
two within one validity cancel the title.
"""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.store.papers import YearlyUpdate

# [D] Updates are asked for from the first year in which firms can file them here.
FIRST_ASKED = 2027
_UNDER_2026 = date(2026, 4, 1)


def due_day(year: int) -> date:
    """Return the last day on which the update of a calendar year is in time."""
    return date(year, 5, 31) if date(year, 5, 31) >= _UNDER_2026 and year >= 2026 else date(year, 4, 30)


def updates_missing(session: Session, firm_id: int, since: date, on: date) -> list[int]:
    """Return the years whose update was due in a validity, before a day, and was not filed in time."""
    asked = [year for year in range(max(since.year, FIRST_ASKED), on.year + 1) if since < due_day(year) < on]
    if not asked:
        return []
    query = select(YearlyUpdate).where(YearlyUpdate.firm_id == firm_id, YearlyUpdate.year.in_(asked))
    in_time = {row.year for row in session.scalars(query) if row.filed_at.date() <= row.due_on}
    return [year for year in asked if year not in in_time]
