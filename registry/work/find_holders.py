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
    found: dict[int, tuple[str, FirmLine]] = {}
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
    former = {number: found[number][0] for number in shown if found[number][0] != found[number][1].name}
    return HoldersFound(tuple(found[number][1] for number in shown), former, last)


def _answering(
    session: Session, sought: Sought, ids: list[int], on: date, tier: str, district: str | None
) -> Iterator[tuple[int, tuple[str, FirmLine]]]:
    """Yield those that hold a title on the day, each with the name that answers, the present one before others."""
    held = select(StandingSpan.id).where(
        StandingSpan.firm_id == FirmName.firm_id, StandingSpan.tier == tier, stands(on), as_known(StandingSpan, None)
    )
    if district:
        held = held.where(StandingSpan.district == district)
    # Asked firm by firm: joined, SQLite may walk everybody who holds the title to meet these few.
    query = (
        select(FirmName.name, Firm.id, Firm.uscc, Firm.name, Firm.district, Firm.functional_area, Firm.industry)
        .join(Firm, Firm.id == FirmName.firm_id)
        .where(FirmName.firm_id.in_(ids), held.exists())
    )
    seen: dict[int, tuple[str, FirmLine]] = {}
    for name, *told in session.execute(query):
        line = FirmLine(*told)  # type: ignore[arg-type]
        if (line.id not in seen or name == line.name) and sought.answers(name, readings_of):
            seen[line.id] = name, line
    yield from seen.items()
