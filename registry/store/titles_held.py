"""The register of valid titles: which firms hold one on a day, with what is public of it; a firm's place among them.

What stands on a day is asked of the spans, so that it agrees with the counts; from when to when, of the titles.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import Session

from registry.domain.codes import LADDER
from registry.domain.standing import ANY_TITLE
from registry.store.books import as_known, places_query, stands
from registry.store.firms import Firm
from registry.store.lists import EVERYTHING, Asked, firms_listed
from registry.store.queries import FirmsPage
from registry.store.standing import StandingSpan
from registry.store.statements import ScaleStay, Title

ABOVE_SCALE = "above_scale"


@dataclass(frozen=True, slots=True)
class Held:
    """A title that is valid on a day.

    Attributes:
        district: where the firm stands on that day.
        recognised_on: of the latest recognition up to that day.
        valid_until: the last valid day by what was recognised up to that day.
        source: the document of that recognition; empty where the books name none.
    """

    tier: str
    district: str | None
    recognised_on: date
    valid_until: date
    source: str


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay among the above-scale firms on a day."""

    district: str | None
    entered_on: date


def holders_page(
    session: Session,
    on: date,
    *,
    tier: str | None = None,
    district: str | None = None,
    query: str | None = None,
    uscc: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> FirmsPage:
    """Return a page of the firms that hold a title on a day, in the order of their codes.

    Args:
        query: a part of a name, present or former, or the beginning of a code.
    """
    keys = {"district": district} if district else {}
    asked = Asked(on, tier=tier or ANY_TITLE, keys=keys, query=query)
    visible = Firm.uscc == uscc if uscc else EVERYTHING
    return firms_listed(session, asked, visible=visible, after=after, limit=limit, counts=False).page


def titles_held(session: Session, firm_ids: Collection[int], on: date) -> dict[int, list[Held]]:
    """Return the titles that firms hold on a day, by the firm, each firm's in the order of the ladder."""
    asked = {"firms": sorted(firm_ids), "on": on}
    run: dict[tuple[int, str], tuple[date, date, str]] = {}
    for firm_id, tier, first, last, source in session.execute(_titles_query(), asked):
        _before, until, _source = run.get((firm_id, tier), (first, last, source))
        run[firm_id, tier] = (first, max(last, until), source)
    found: dict[int, list[Held]] = {}
    for firm_id, tier, district in session.execute(places_query(), asked):
        if (firm_id, tier) in run:
            found.setdefault(firm_id, []).append(Held(tier, district, *run[firm_id, tier]))
    for held in found.values():
        held.sort(key=lambda one: LADDER.index(one.tier))
    return found


# The question is made once: to make it takes longer than the database does to answer it.
@cache
def _titles_query() -> Select[int, str, date, date, str]:
    """Ask for what was recognised of some `firms` up to a day, `on`, the oldest first."""
    return (
        select(Title.firm_id, Title.tier, Title.recognised_on, Title.valid_until, Title.source)
        .where(
            Title.firm_id.in_(bindparam("firms", expanding=True)),
            Title.recognised_on <= bindparam("on"),
            Title.superseded_at.is_(None),
        )
        .order_by(Title.recognised_on)
    )


def stay_on(session: Session, firm_id: int, on: date) -> Stay | None:
    """Return a firm's stay among the above-scale firms on a day."""
    spans = select(StandingSpan.district).where(
        StandingSpan.firm_id == firm_id, StandingSpan.tier == ABOVE_SCALE, stands(on), as_known(StandingSpan, None)
    )
    place = session.execute(spans).first()
    entered = select(ScaleStay.entered_on).where(
        ScaleStay.firm_id == firm_id,
        ScaleStay.entered_on <= on,
        or_(ScaleStay.exited_on.is_(None), ScaleStay.exited_on > on),
        ScaleStay.superseded_at.is_(None),
    )
    since = session.scalar(entered.order_by(ScaleStay.entered_on.desc()).limit(1))
    return Stay(place[0], since) if place is not None and since is not None else None
