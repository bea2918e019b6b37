"""Fills an empty register with the demo city: firms, titles, stays, what it published. Never touches one in use."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from registry.city import city_blocks
from registry.city.parameters import load_parameters
from registry.domain.errors import Refused
from registry.domain.trail import Doer
from registry.store.queries import firm_count
from registry.work.enrol import enrol
from registry.work.enter_target import enter_value
from registry.work.file_books import file_stays, file_titles
from registry.work.publish import freeze

SOURCE = "示例城市"


def found_city(
    session: Session,
    *,
    seed: int,
    firms: int,
    now: datetime,
    progress: Callable[[int], None] = lambda count: None,
) -> int:
    """Enrol the firms of a demo city and file its titles and stays; return how many firms there are.

    Args:
        now: the moment the lists become known.
        progress: is told how many more firms are done.

    Raises:
        Refused: the register already holds firms.
    """
    if firm_count(session):
        raise Refused.at("", "数据库中已有企业，示例城市只写入空库 (the demo city goes into an empty register only)")
    for block in city_blocks(seed, firms):
        enrol(session, block.firms, now=now, on=now.date(), source=SOURCE, progress=progress)
        file_titles(session, block.titles, now=now, source=SOURCE)
        file_stays(session, block.scale, now=now, source=SOURCE)
    _publish(session, now)
    return firm_count(session)


def _publish(session: Session, now: datetime) -> None:
    """Enter the values that the city published, and freeze the years it did, as its staff would have."""
    parameters = load_parameters()
    for row in parameters.published_values:
        value = Decimal(str(row["value"]))
        told: dict[str, Any] = {"source": row["source"], "doer": Doer.program("demo", SOURCE)}
        enter_value(session, row["year"], row["key"], value, row["as_of"], **told, now=now, today=now.date())
    for row in parameters.publications:
        told = {"title": row["title"], "source": row["source"], "author": SOURCE}
        freeze(session, row["year"], row["as_of"], **told, now=now, today=now.date())
