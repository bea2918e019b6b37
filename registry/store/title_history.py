"""What is public of firms' titles: those valid on a day with their documents, and how they came and went.

Only titles of the ladder: whether a firm is above scale is not public here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.codes import LADDER
from registry.store.books import as_known
from registry.store.firms import Firm, FirmName
from registry.store.standing import StandingChange
from registry.store.statements import Title
from registry.store.titles_held import Held, holders_page, titles_held

_AT_ONCE = 2_000
_TOLD = ("new", "renewed", "reinstated", "expired", "revoked")


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """A title of the register with its firm."""

    uscc: str
    name: str
    title: Held


def register_lines(
    session: Session, on: date, *, tier: str | None = None, district: str | None = None
) -> Iterator[RegisterLine]:
    """Yield the whole register of a day, a line a title, in the order of the codes."""
    after: str | None = None
    while True:
        page = holders_page(session, on, tier=tier, district=district, after=after, limit=_AT_ONCE)
        titles = titles_held(session, [firm.id for firm in page.firms], on)
        for firm in page.firms:
            for one in titles.get(firm.id, ()):
                if one.tier == (tier or one.tier) and one.district == (district or one.district):
                    yield RegisterLine(firm.uscc, firm.name, one)
        if page.after is None:
            return
        after = page.after


@dataclass(frozen=True, slots=True)
class Happened:
    """What came of a title on a day."""

    day: date
    tier: str
    kind: str
    district: str | None


@dataclass(frozen=True, slots=True)
class FirmTitles:
    """A firm as the register of titles knows it.

    Attributes:
        valid: its titles of the day.
        stated: every recognition up to the day, the newest first.
        happened: what came of them up to the day, the newest first.
        former: names it bore before.
    """

    firm: Firm
    valid: list[Held]
    stated: list[Title]
    happened: list[Happened]
    former: list[str]


def titles_of(session: Session, uscc: str, on: date) -> FirmTitles | None:
    """Return a firm's titles and their history up to a day; None for a firm without any."""
    firm = session.scalar(select(Firm).where(Firm.uscc == uscc))
    if firm is None:
        return None
    stated = list(
        session.scalars(
            select(Title)
            .where(Title.firm_id == firm.id, Title.recognised_on <= on, Title.superseded_at.is_(None))
            .order_by(Title.recognised_on.desc(), Title.id.desc())
        )
    )
    if not stated:
        return None
    changes = (
        select(StandingChange.day, StandingChange.tier, StandingChange.kind, StandingChange.district)
        .where(
            StandingChange.firm_id == firm.id,
            StandingChange.tier.in_(LADDER),
            StandingChange.kind.in_(_TOLD),
            StandingChange.day <= on,
            as_known(StandingChange, None),
        )
        .order_by(StandingChange.day.desc(), StandingChange.id.desc())
    )
    names = select(FirmName.name).where(FirmName.firm_id == firm.id, FirmName.name != firm.name)
    return FirmTitles(
        firm,
        titles_held(session, [firm.id], on).get(firm.id, []),
        stated,
        [Happened(*row) for row in session.execute(changes)],
        list(session.scalars(names.order_by(FirmName.since, FirmName.name))),
    )
