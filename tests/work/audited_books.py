"""Books to be audited."""

from datetime import UTC, date, datetime

from make import code
from sqlalchemy.orm import Session

from registry.work.amend import Reason
from registry.work.audit import Audit, entry_count
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
