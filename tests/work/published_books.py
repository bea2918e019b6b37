"""Books that are published, and what a recount says of them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from registry.store.publications import Publication
from registry.work.publish import freeze
from registry.work.recount import Recount, recount

NOW = datetime(2025, 1, 20, 2, tzinfo=UTC)
TODAY = date(2025, 1, 20)
YEAR_END = date(2024, 12, 31)
DAY = timedelta(days=1)
TOLD: dict[str, Any] = {"title": "2024年统计公报", "source": "青工信〔2025〕1号", "author": "张三"}


def publish(session: Session, as_of: date = YEAR_END, **changes: Any) -> Publication:
    told = {"now": NOW, "today": TODAY} | TOLD | changes
    return freeze(session, as_of.year, as_of, **told)


def asked_again(session: Session, number: int = 1, **more: Any) -> Recount:
    return recount(session, number, now=NOW + 400 * DAY, **more)
