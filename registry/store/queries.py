"""Reads of firms, each named as the question it answers, each ordered. What stands when is asked of `books`.

Cost is stated for a register of a million firms.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from registry.store.firms import Firm, FirmName

# As many names with a searched text are common enough to be met soon on the way along the codes.
_MANY = 2000


@dataclass(frozen=True, slots=True)
class FirmLine:
    """A firm as a list shows it."""

    id: int
    uscc: str
    name: str
    district: str | None
    functional_area: str | None
    industry: str | None


@dataclass(frozen=True, slots=True)
class FirmsPage:
    """A page of a list of firms.

    Attributes:
        after: what to ask the next page with; None on the last one.
    """

    firms: tuple[FirmLine, ...]
    after: str | None


def firm_count(session: Session) -> int:
    """Count the firms of the register."""
    return session.scalar(select(func.count()).select_from(Firm)) or 0


def firm_by_uscc(session: Session, uscc: str) -> Firm | None:
    """Return the firm with a canonical code. One look-up."""
    return session.scalar(select(Firm).where(Firm.uscc == uscc))


def firms_page(
    session: Session,
    *,
    after: str | None = None,
    district: str | None = None,
    query: str | None = None,
    only: ColumnElement[bool] | None = None,
    limit: int = 50,
) -> FirmsPage:
    """Return a page of firms in the order of their codes, which is the same on every database.

    Args:
        after: what the page before said; the cost of a page does not grow with its number.
        district: only firms that stand there today.
        query: the beginning of a code, or a part of a name, present or former.
        only: a further condition on the firm, as `registry.store.books` gives it.
    """
    wanted = select(Firm).order_by(Firm.uscc).limit(limit + 1)
    if after:
        wanted = wanted.where(Firm.uscc > after)
    if district:
        wanted = wanted.where(Firm.district == district)
    if only is not None:
        wanted = wanted.where(only)
    if query and query.strip():
        wanted = wanted.where(_matches(session, query.strip()))
    found = session.scalars(wanted).all()
    lines = tuple(
        FirmLine(firm.id, firm.uscc, firm.name, firm.district, firm.functional_area, firm.industry)
        for firm in found[:limit]
    )
    return FirmsPage(lines, lines[-1].uscc if len(found) > limit else None)


def _matches(session: Session, text: str) -> ColumnElement[bool]:
    """Return the condition that a firm's code begins with a text, or that a name it bears or bore contains it.

    A code's beginning is found in its index. For a part of a name the names are read through once, a fifth of a second,
    unless so many firms have it that walking along the codes soon fills the page.
    """
    code = text.upper()
    if len(code) >= 2 and code.isascii() and code.isalnum() and any(character.isdigit() for character in code):
        # No code has a letter after Z, and so it is in the order of every database, whatever its language.
        return and_(Firm.uscc >= code, Firm.uscc <= code.ljust(18, "Z"))
    has_it = FirmName.name.contains(text, autoescape=True)
    few = session.scalars(select(FirmName.firm_id).where(has_it).limit(_MANY)).all()
    if len(few) < _MANY:
        return Firm.id.in_(few)
    return exists().where(FirmName.firm_id == Firm.id, has_it)
