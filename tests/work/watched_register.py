"""Firms and titles that watch-lists are read of."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from registry.domain.firms import Firm
from registry.work.enrol import enrol
from registry.work.file_books import file_titles
from registry.work.watch import WatchPage, watch
from registry.work.watch_entries import WatchEntry

ON = date(2025, 11, 7)
UNTIL = date(2026, 1, 31)


def enrolled(session: Session, now: datetime, *firms: Firm, on: date = date(2025, 6, 1)) -> None:
    enrol(session, firms, now=now, on=on, source="测试")


def titled(session: Session, now: datetime, *rows: Any) -> None:
    file_titles(session, rows, now=now, source="测试")


def listed(session: Session, key: str, on: date = ON, **asked: Any) -> list[str]:
    page = watch(session, key, on, **asked)
    assert page.total == len(page.entries)
    return [entry.uscc for entry in page.entries]


def only(page: WatchPage) -> WatchEntry:
    (entry,) = page.entries
    return entry
