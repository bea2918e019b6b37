"""Books under generated histories: what is filed at once, and what is asked of them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from make import code
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.firms import Firm
from registry.store.books import Question
from registry.store.ledger import LedgerEntry
from registry.work.count import Count, CountRow, count
from registry.work.enrol import enrol

DAY = timedelta(days=1)
TODAY = date(2027, 12, 31)
NOW = datetime(2027, 12, 31, 4, tzinfo=UTC)


def ask(session: Session, question: Question, known_at: datetime | None = None) -> Count:
    asked = Question(question.start, question.as_of, question.size_year, question.by, known_at)
    return count(session, asked, now=NOW)


def plain(rows: Sequence[CountRow]) -> list[tuple[str, tuple[Any, ...], dict[str, int]]]:
    """Return rows as plain values."""
    return [(row.tier, tuple(row.keys.items()), dict(row.counts)) for row in rows]


def whole(counted: Count) -> tuple[Any, ...]:
    return counted.year, counted.as_of, plain(counted.rows), plain(counted.holders), counted.firms, counted.titles


def ledger_rows(session: Session) -> list[Any]:
    return list(session.execute(select(LedgerEntry.__table__).order_by(LedgerEntry.seq)))


def listed(session: Session, on: date, district: str) -> None:
    now = datetime(on.year, on.month, on.day, 2, tzinfo=UTC)
    enrol(session, [Firm(code(1), "甲示例", {"district": district})], now=now, on=on, source="企业.xlsx")
