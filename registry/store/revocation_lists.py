"""Reads of revocations and bans, each within what the reader may see."""

from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from registry.store.firms import Firm
from registry.store.recognitions import Ban, RevocationCase


def revocations_page(
    session: Session, visible: ColumnElement[bool], *, is_open: bool, after: int | None = None, limit: int = 50
) -> tuple[list[RevocationCase], int | None]:
    """Return a page of revocations under way or settled, the newest first, and what asks for the next page."""
    query = select(RevocationCase).where(visible)
    query = query.where((RevocationCase.state == "proposed") if is_open else (RevocationCase.state != "proposed"))
    if after is not None:
        query = query.where(RevocationCase.id < after)
    rows = list(session.scalars(query.order_by(RevocationCase.id.desc()).limit(limit + 1)))
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def revocation_visible(session: Session, visible: ColumnElement[bool], number: int) -> RevocationCase | None:
    """Return a revocation by its number, if the reader may see it."""
    return session.scalars(select(RevocationCase).where(RevocationCase.id == number, visible)).one_or_none()


def bans_in_force(session: Session, visible: ColumnElement[bool], on: date, most: int = 200) -> list[tuple[Ban, Firm]]:
    """Return the bans that bind on a day with their firms, those that end first before others.

    Args:
        visible: the condition on firms.
    """
    query = (
        select(Ban, Firm)
        .join(Firm, Firm.id == Ban.firm_id)
        .where(visible, Ban.last_day >= on, Ban.lifted_at.is_(None))
        .order_by(Ban.last_day, Ban.id)
        .limit(most)
    )
    return [(ban, firm) for ban, firm in session.execute(query)]


def ban_visible(session: Session, visible: ColumnElement[bool], number: int) -> Ban | None:
    """Return a ban by its number, if the reader may see its firm."""
    query = select(Ban).join(Firm, Firm.id == Ban.firm_id).where(Ban.id == number, visible)
    return session.scalars(query).one_or_none()
