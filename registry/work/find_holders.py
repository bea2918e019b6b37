"""Finds holders of titles by a part of a name, in characters or in pinyin, present or former. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.name_grams import Grams, Sought
from registry.domain.standing import ANY_TITLE
from registry.store.books import as_known, stands
from registry.store.firms import Firm, FirmName
from registry.store.queries import FirmLine
from registry.store.search import candidates
from registry.store.standing import StandingSpan
from registry.work.keep_search import district_gram, readings_of, tier_gram

# So many candidates are looked at, at most, before a page is handed over as it is, full or not.
_ROUNDS = (200, 1_000, 5_000)


@dataclass(frozen=True, slots=True)
class HoldersFound:
    """A page of what was found, in the order in which firms were first entered.

    Attributes:
        former: the name that answers, where it is not the one a firm bears today.
        after: what the next page is asked with; None where nothing is left. A page may be short and yet have a next.
    """

    firms: tuple[FirmLine, ...]
    former: dict[int, str]
    after: int | None


def find_holders(
    session: Session,
    typed: str,
    on: date,
    *,
    tier: str | None = None,
    district: str | None = None,
    after: int = 0,
    limit: int = 50,
) -> HoldersFound:
    """Return a page of the firms that hold a title on a day and whose name answers what was typed."""
    sought = Sought(typed)
    also: Grams = [(tier_gram(tier),)] if tier else []
    also += [(district_gram(district),)] if district else []
    left = candidates(session, sought.ways(), also, after=after)
    found: dict[int, str] = {}
    last: int | None = None
    for size in _ROUNDS:
        ids = list(islice(left, size))
        if not ids:
            last = None
            break
        last = ids[-1]
        found |= dict(_answering(session, sought, ids, on, tier or ANY_TITLE, district))
        if len(found) > limit:
            last = sorted(found)[limit - 1]
            break
        if len(ids) < size:
            last = None
            break
    shown = sorted(found)[:limit]
    rows = {row.id: row for row in session.scalars(select(Firm).where(Firm.id.in_(shown)))} if shown else {}
    lines = tuple(
        FirmLine(row.id, row.uscc, row.name, row.district, row.functional_area, row.industry)
        for row in (rows[number] for number in shown)
    )
    return HoldersFound(lines, {number: found[number] for number in shown if found[number] != rows[number].name}, last)


def _answering(
    session: Session, sought: Sought, ids: list[int], on: date, tier: str, district: str | None
) -> Iterator[tuple[int, str]]:
    """Yield those that hold a title on the day, each with the name that answers, the present one before others."""
    held = select(StandingSpan.id).where(
        StandingSpan.firm_id == FirmName.firm_id, StandingSpan.tier == tier, stands(on), as_known(StandingSpan, None)
    )
    if district:
        held = held.where(StandingSpan.district == district)
    # Asked firm by firm: joined, SQLite may walk everybody who holds the title to meet these few.
    query = (
        select(FirmName.firm_id, FirmName.name, Firm.name)
        .join(Firm, Firm.id == FirmName.firm_id)
        .where(FirmName.firm_id.in_(ids), held.exists())
    )
    seen: dict[int, str] = {}
    for firm_id, name, present in session.execute(query):
        if (firm_id not in seen or name == present) and sought.answers(name, readings_of):
            seen[firm_id] = name
    yield from seen.items()
