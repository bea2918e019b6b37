"""What tests ask of rows and no page does: corrected titles, ties of a person, and tallies summed another way."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.domain.standing import EFFECTS
from registry.store.decisions import TieRow
from registry.store.standing import STANDS, Tally
from registry.store.statements import Title
from registry.store.tallies import changed


def corrected_titles_of(session: Session, firm_id: int) -> list[Title]:
    """Return the rows of a firm's titles that a correction closed, in the order they were closed."""
    query = select(Title).where(Title.firm_id == firm_id, Title.superseded_at.is_not(None))
    return list(session.scalars(query.order_by(Title.superseded_at, Title.id)))


def ties_of(session: Session, person_id: int) -> list[TieRow]:
    """Return the ties of a person that stand, the newest first."""
    query = select(TieRow).where(TieRow.person_id == person_id, TieRow.withdrawn_at.is_(None))
    return list(session.scalars(query.order_by(TieRow.id.desc())))


def stock_on(session: Session, on: date, district: str | None = None) -> dict[str, int]:
    """Count who stands in each tier at the close of a day, in the city or in a district."""
    query = select(Tally.tier, Tally.kind, func.sum(Tally.count)).where(Tally.day <= on)
    if district is not None:
        query = query.where(Tally.district == district)
    found = dict.fromkeys(STANDS, 0)
    for tier, kind, count in session.execute(query.group_by(Tally.tier, Tally.kind)):
        found[tier] += EFFECTS[kind] * int(count)
    return found


def new_recognitions(session: Session, tier: str, year: int, until: date) -> int:
    """Count the first recognitions in a tier, or first entries above scale, from 1 January of a year up to a day."""
    return changed(session, tier, ("new",), date(year, 1, 1), min(until, date(year, 12, 31)))
