"""Reads, each named as the question it answers, each ordered. A count is always as at a day, of what is known now.

Cost is stated for a register of a million firms.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from registry.domain.codes import LADDER
from registry.store.firms import Firm, FirmName
from registry.store.statements import ScaleStay, Title

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


def title_in_force(on: date) -> ColumnElement[bool]:
    """Return the condition that a title is in force on a day; its last valid day is included."""
    return and_(Title.superseded_at.is_(None), Title.recognised_on <= on, Title.valid_until >= on)


def stay_in_force(on: date) -> ColumnElement[bool]:
    """Return the condition that a stay stands at the close of a day; on the day of its exit a firm is out."""
    return and_(
        ScaleStay.superseded_at.is_(None),
        ScaleStay.entered_on <= on,
        or_(ScaleStay.exited_on.is_(None), ScaleStay.exited_on > on),
    )


def ladder_counts(session: Session, on: date, district: str | None = None) -> dict[str, int]:
    """Count the firms with a title in force on a day, by tier in the order of the ladder.

    A district is where the firm stands today. One pass over the index of the titles in force.
    """
    query = select(Title.tier, func.count(Title.firm_id.distinct())).where(title_in_force(on)).group_by(Title.tier)
    if district is not None:
        query = query.join(Firm, Firm.id == Title.firm_id).where(Firm.district == district)
    counts = {tier: count for tier, count in session.execute(query)}
    return {tier: counts.get(tier, 0) for tier in LADDER}


def ladder_counts_by_district(session: Session, on: date) -> dict[str | None, dict[str, int]]:
    """Count the firms with a title in force on a day, by today's district and tier; None where it is unknown."""
    query = (
        select(Firm.district, Title.tier, func.count(Title.firm_id.distinct()))
        .join(Firm, Firm.id == Title.firm_id)
        .where(title_in_force(on))
        .group_by(Firm.district, Title.tier)
        .order_by(Firm.district)
    )
    counts: dict[str | None, dict[str, int]] = {}
    for district, tier, count in session.execute(query):
        counts.setdefault(district, dict.fromkeys(LADDER, 0))[tier] = count
    return counts


def distinct_title_holders(session: Session, on: date) -> int:
    """Count the firms with any ladder title in force on a day."""
    return session.scalar(select(func.count(Title.firm_id.distinct())).where(title_in_force(on))) or 0


def above_scale_count(session: Session, on: date, district: str | None = None) -> int:
    """Count the above-scale firms at the close of a day. One pass over the index of the stays."""
    query = select(func.count(ScaleStay.firm_id.distinct())).where(stay_in_force(on))
    if district is not None:
        query = query.join(Firm, Firm.id == ScaleStay.firm_id).where(Firm.district == district)
    return session.scalar(query) or 0


def new_recognitions(session: Session, tier: str, year: int, until: date) -> int:
    """Count the first recognitions in a tier from 1 January of a year up to a day, that day included.

    A first recognition is the firm's first row in that tier, and of the kind `new`: where the books begin with a
    re-review the title is older than the books. One pass over the tier's index, a look-up for each title of the year.
    """
    earlier = aliased(Title)
    query = select(func.count()).where(
        Title.superseded_at.is_(None),
        Title.tier == tier,
        Title.kind == "new",
        Title.recognised_on.between(date(year, 1, 1), min(until, date(year, 12, 31))),
        ~exists().where(
            earlier.firm_id == Title.firm_id,
            earlier.tier == Title.tier,
            earlier.recognised_on < Title.recognised_on,
            earlier.superseded_at.is_(None),
        ),
    )
    return session.scalar(query) or 0


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
    tier: str | None = None,
    query: str | None = None,
    on: date | None = None,
    only: ColumnElement[bool] | None = None,
    limit: int = 50,
) -> FirmsPage:
    """Return a page of firms in the order of their codes, which is the same on every database.

    Args:
        after: what the page before said; the cost of a page does not grow with its number.
        tier: only firms that are in this tier, or above scale, on the day `on`.
        query: the beginning of a code, or a part of a name, present or former.
        on: needed with `tier`.
        only: a further condition on the firm.
    """
    wanted = select(Firm).order_by(Firm.uscc).limit(limit + 1)
    if after:
        wanted = wanted.where(Firm.uscc > after)
    if district:
        wanted = wanted.where(Firm.district == district)
    if tier:
        if on is None:
            raise ValueError("a tier is asked for as at a day")
        wanted = wanted.where(_is_in(tier, on))
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


def _is_in(tier: str, on: date) -> ColumnElement[bool]:
    if tier == "above_scale":
        return exists().where(ScaleStay.firm_id == Firm.id, stay_in_force(on))
    return exists().where(Title.firm_id == Firm.id, Title.tier == tier, title_in_force(on))


def _matches(session: Session, text: str) -> ColumnElement[bool]:
    """Return the condition that a firm's code begins with a text, or that a name it bears or bore contains it.

    A code's beginning is found in its index. For a part of a name the names are read through once, a fifth of a second,
    unless so many firms have it that walking along the codes soon fills the page.
    """
    code = text.upper()
    if len(code) >= 2 and code.isascii() and code.isalnum() and any(character.isdigit() for character in code):
        # Every character of a code sorts before the tilde.
        return and_(Firm.uscc >= code, Firm.uscc < code + "~")
    has_it = FirmName.name.contains(text, autoescape=True)
    few = session.scalars(select(FirmName.firm_id).where(has_it).limit(_MANY)).all()
    if len(few) < _MANY:
        return Firm.id.in_(few)
    return exists().where(FirmName.firm_id == Firm.id, has_it)
