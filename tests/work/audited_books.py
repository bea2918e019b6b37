"""Books to be audited."""

from datetime import UTC, date, datetime

import pytest
from make import code, stay, title
from sqlalchemy.orm import Session

from registry.work.amend import Reason, merge, revoke
from registry.work.audit import Audit, entry_count
from registry.work.file_books import file_stays, file_titles
from registry.work.identify import Row

NOW = datetime(2025, 11, 25, 1, 30, tzinfo=UTC)
BY = Reason("青工信字〔2025〕9号", "王工")
ON = date(2024, 6, 1)


def parts(audit: Audit) -> set[str]:
    return {finding.part for finding in audit.findings}


def broken_at(audit: Audit) -> str:
    (found,) = (finding for finding in audit.findings if finding.part == "chain")
    return found.where


def last(session: Session) -> int:
    return entry_count(session)


def entry(number: int, tag: str, *, voids: int | None = None, tier: str | None = "little_giant") -> Row:
    told: Row = {"takes_effect_on": ON, "uscc": code(number), "tag": tag, "tier": tier, "district": None}
    return told | {"details": "{}", "voids": voids}


@pytest.fixture(name="books")
def fixture_books(session: Session) -> Session:
    """Books with a bit of everything; the last entry is a merger, which no standing follows from."""
    rows = [title(1), title(2, district="370211"), title(3, tier="innovative", kind="re_review")]
    file_titles(session, rows, now=NOW, source="公告.xlsx")
    file_stays(session, [stay(1), stay(4, exited_on=date(2023, 12, 31))], now=NOW, source="名录.csv")
    moved = [title(1, valid_until=date(2025, 1, 31), district="370212")]
    file_titles(session, moved, now=NOW, source="更正.xlsx")
    revoke(session, code(2), tier="specialized", on=ON, cause="弄虚作假", reason=BY, now=NOW)
    merge(session, code(3), into=code(1), on=ON, reason=BY, now=NOW)
    return session
