"""A firm's own information as its pages see it: what it typed, over what the register knows. Reads only.

Where the firm never typed, a box shows the register's value. A box that it left blank stays blank.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from registry.domain.actors import Seat
from registry.domain.codes import LADDER
from registry.domain.errors import Fault, NotFound
from registry.domain.periods import last_fiscal_year
from registry.store.cases import Application
from registry.store.firms import Firm
from registry.store.records import FirmRecord, record_of
from registry.store.waiting import firm_visible
from registry.web import db
from registry.web.access import acting_seats, visible
from registry.web.application_form import PARTS, Paper, box_of, owner_of, part_of
from registry.web.asking import today
from registry.web.check_form import YEARS_ASKED
from registry.web.language import of_both
from registry.web.language import say as _
from registry.web.typed import typed_of
from registry.work.apply_facts import facts_joined
from registry.work.cross_check import compared
from registry.work.firm_tasks import Life, life_of
from registry.work.keep_profile import Answers, answers_kept
from registry.work.next_rungs import Joined


@dataclass(frozen=True, slots=True)
class Sheet:
    """A firm with all that it says of itself.

    Attributes:
        kept: what it typed, as it is kept.
        known: what would be typed of what the register knows.
        paper: both together, as the form has them.
    """

    firm: Firm
    record: FirmRecord
    life: Life
    kept: Answers
    known: Mapping[str, str]
    paper: Paper
    day: date

    @property
    def joined(self) -> Joined:
        """Return the facts as they count: with the titles of the books and any ban."""
        return Joined(*facts_joined(self.firm, self.paper.firm, self.record, self.life.banned_to))

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """Return what does not fit in them."""
        return compared(self.paper.firm, self.record.firm, self.day)

    def on_record(self, part: str) -> dict[str, str]:
        """Return what the register has of the facts of a part of which the firm says otherwise, as one reads it."""
        known = paper_of(self.known, self.day, self.known)
        return {
            item.path: text
            for item in self.paper.items(part)
            if not item.is_known and (text := known.text(item.path)) and text != self.paper.text(item.path)
        }

    def place_of(self, path: str) -> str:
        """Return the address at which a fact is filled in; empty for what no page asks for."""
        return place_of(self.firm.uscc, path)

    def places(self, paths: Collection[str]) -> dict[str, str]:
        """Return where each of some facts is filled in."""
        return {path: place for path in paths if (place := self.place_of(path))}

    def warnings_by_place(self, part: str = "") -> list[tuple[str, str, str]]:
        """Return the warnings, of one part if asked: the path, the words, the address to go to."""
        return [
            (one.path, of_both(one.message), self.place_of(one.path))
            for one in self.warnings
            if not part or part_of(one.path) == part
        ]


def sheet_of_firm(
    session: Session, firm: Firm, day: date | None = None, typed: Mapping[str, str] | None = None
) -> Sheet:
    """Return what a firm says of itself.

    Args:
        day: for which its fiscal years are asked; today unless given.
        typed: what stands in the boxes of a page, where it is not kept.
    """
    on, record, kept = day or today(), record_of(session, firm), answers_kept(session, firm.id)
    known = prefill_of(record, on)
    answers = over(known, {**kept.typed, **(typed or {})})
    return Sheet(firm, record, life_of(session, firm.id, on), kept, known, paper_of(answers, on, known), on)


def paper_of(answers: Mapping[str, str], on: date, known: Mapping[str, str]) -> Paper:
    """Return answers as the form in parts that applications have; here no case stands behind it."""
    return Paper(Application(tier=LADDER[0], kind="new", state="draft"), answers, on, known=known)


def prefill_of(record: FirmRecord, on: date) -> dict[str, str]:
    """Return what would be typed of what the register knows: of the years that count on a day.

    The titles of the ladder are left out: the books tell of them.
    """
    facts: dict[str, Any] = dict(record.firm.facts)
    titles: Any = facts.pop("titles", None)
    if titles is not None and "titles" not in record.incomplete_lists:
        facts["titles"] = tuple(title for title in titles if title.get("kind") not in LADDER)
    last = last_fiscal_year(on)
    years = {year: figures for year, figures in record.firm.years.items() if last - YEARS_ASKED < year <= last}
    return typed_of(replace(record.firm, facts=facts, years=years))


def over(known: Mapping[str, str], typed: Mapping[str, str]) -> dict[str, str]:
    """Return what is typed over what is known; a fact, or a list with all its rows, is the one or the other's."""
    owners = {owner_of(name) for name in typed}
    return {name: text for name, text in known.items() if owner_of(name) not in owners} | dict(typed)


def changes_of(paper: Paper, part: str, posted: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str | None]:
    """Return what a page that was posted changes: a blank box is kept as blank where the register has a value."""
    names = paper.names(part)
    said = {owner_of(name) for name in names if posted.get(name, "").strip()}
    known_owners = {owner_of(name) for name in known}
    changes: dict[str, str | None] = {}
    for name in names:
        text = posted.get(name, "")
        if text.strip():
            changes[name] = text
        elif owner_of(name) in known_owners and owner_of(name) not in said and not name.endswith(".none"):
            changes[name] = ""
        else:
            changes[name] = None
    return changes


def place_of(uscc: str, path: str) -> str:
    """Return the address at which a fact of a firm is filled in; empty for what no page asks for."""
    part = part_of(path)
    if part not in PARTS:
        return ""
    return f"{url_for('profile.part', uscc=uscc, part=part)}#{box_of(path)}"


def firm_acted_for(session: Session, uscc: str) -> Firm:
    """Return a firm that whoever asks acts for, by the permission of the view.

    Raises:
        NotFound: it is not there, or not for whoever asks.
    """
    found = firm_visible(session, visible(Firm), uscc)
    if found is None:
        raise NotFound(_("没有这家企业"))
    return found


def sheet_here(uscc: str, day: date | None = None) -> Sheet:
    """Return the sheet of the firm that an address names."""
    return sheet_of_firm(db.session(), firm_acted_for(db.session(), uscc), day)


def seat_for(firm: Firm) -> Seat:
    """Return the seat in which whoever asks acts for a firm."""
    return next(seat for seat in acting_seats() if firm.id in seat.firm_ids)
