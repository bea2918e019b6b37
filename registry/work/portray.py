"""Puts together what a page tells of one firm: who it is, its standing over time, what each tier's rules say of it.

Reads only; stores nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from registry.domain.codes import LADDER, TIERS
from registry.domain.errors import Fault, Refused
from registry.domain.firms import Firm
from registry.policy import DEFAULTS, Options
from registry.store.history import Logged, log_of
from registry.store.records import FirmRecord, NameSpan, firm_record, held_on, names_of, stays_of, titles_of
from registry.store.statements import ScaleStay, Title
from registry.store.waiting import firm_visible
from registry.work.assess import assess_firm


@dataclass(frozen=True, slots=True)
class Span:
    """A time on a line of years: where it begins and how long it is, in thousandths of the line."""

    first: date
    last: date | None
    left: int
    width: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """Titles and stays over the years.

    Attributes:
        rows: by tier, those that have any, in the order of the ladder, then above scale.
        on: where the day stands, in thousandths.
    """

    years: range
    rows: Mapping[str, tuple[Span, ...]]
    on: int


@dataclass(frozen=True, slots=True)
class Portrait:
    """A firm on a day.

    Attributes:
        held: tiers of the ladder held on the day, to the last valid day of the title.
        log: every entry of the ledger, in the order it became known.
        is_above_scale: whether it stands among the above-scale firms at the close of the day.
        assessments: by tier; where no rule set applies to such a case, the faults that say so.
    """

    firm: Firm
    on: date
    kind: str
    names: list[NameSpan]
    titles: list[Title]
    stays: list[ScaleStay]
    log: list[Logged]
    held: Mapping[str, date]
    is_above_scale: bool
    timeline: Timeline | None
    assessments: Mapping[str, "Assessed"]


@dataclass(frozen=True, slots=True)
class Assessed:
    """One tier's assessment (contract §2), or why there is none."""

    document: dict[str, Any] | None
    faults: tuple[Fault, ...] = ()


def portray(
    session: Session,
    uscc: str,
    kind: str,
    on: date,
    *,
    visible: ColumnElement[bool],
    lang: str = "zh",
    options: Options = DEFAULTS,
    tiers: tuple[str, ...] = TIERS,
    with_tree: bool = False,
) -> Portrait | None:
    """Return a firm with its assessments for a kind of case and a day.

    Args:
        visible: which firms the reader may see (see `registry.store.scope`).

    Returns:
        None when the register has no such firm, or the reader may not see it: the two are not told apart.
    """
    record = firm_record(session, uscc) if firm_visible(session, visible, uscc) is not None else None
    if record is None:
        return None
    titles, stays = titles_of(session, record.id), stays_of(session, record.id)
    held = held_on(session, record.id, on)
    return Portrait(
        firm=record.firm,
        on=on,
        kind=kind,
        names=names_of(session, record.id),
        titles=titles,
        stays=stays,
        log=log_of(session, uscc),
        held={
            tier: max(title.valid_until for title in titles if title.tier == tier and title.recognised_on <= on)
            for tier in LADDER
            if tier in held
        },
        is_above_scale="above_scale" in held,
        timeline=_timeline(titles, stays, on),
        assessments={
            tier: _assessed(record, tier, kind, on, lang=lang, options=options, with_tree=with_tree) for tier in tiers
        },
    )


def _assessed(record: FirmRecord, tier: str, kind: str, on: date, **how: Any) -> Assessed:
    try:
        return Assessed(assess_firm(record.firm, tier, kind, on, incomplete=record.incomplete_lists, **how))
    except Refused as refused:
        return Assessed(None, refused.faults)


def _timeline(titles: list[Title], stays: list[ScaleStay], on: date) -> Timeline | None:
    times: list[tuple[str, date, date | None]] = [
        (title.tier, title.recognised_on, title.valid_until) for title in titles
    ]
    times += [("above_scale", stay.entered_on, stay.exited_on) for stay in stays]
    if not times:
        return None
    first_year = min(on, *(first for _, first, _ in times)).year
    last_year = max(on, *(last or first for _, first, last in times)).year
    origin = date(first_year, 1, 1).toordinal()
    days = date(last_year, 12, 31).toordinal() + 1 - origin

    def place(day: date) -> int:
        return (day.toordinal() - origin) * 1000 // days

    rows: dict[str, list[Span]] = {tier: [] for tier in TIERS}
    for tier, first, last in times:
        end = last or date(last_year, 12, 31)
        rows[tier].append(Span(first, last, place(first), max(1, place(end) - place(first))))
    return Timeline(
        range(first_year, last_year + 1), {tier: tuple(spans) for tier, spans in rows.items() if spans}, place(on)
    )
