"""Books to be counted, and a count read by its rows."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session

from registry.domain.firms import TitleRow
from registry.work.count import COUNTS, Count, count, question_of
from registry.work.file_books import file_titles

NOW = datetime(2025, 11, 25, 1, 30, tzinfo=UTC)
TODAY = date(2025, 11, 25)
NOTHING = dict.fromkeys(COUNTS, 0)


def titles(session: Session, *rows: TitleRow, now: datetime = NOW) -> None:
    file_titles(session, rows, now=now, source="公告.xlsx")


def counted(session: Session, year: int = 2024, *by: str, known_at: datetime | None = None, **asked: Any) -> Count:
    return count(session, question_of(year, today=TODAY, by=by, known_at=known_at, **asked), now=NOW)


def row(counts: Count, tier: str = "specialized", **keys: str | None) -> dict[str, int]:
    (found,) = [one for one in (*counts.rows, *counts.holders) if one.tier == tier and dict(one.keys) == keys]
    return dict(found.counts)
