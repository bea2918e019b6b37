"""An application as its pages see it: the paper as typed so far, the rules' outlook on it, warnings. Reads only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any

from flask import request, url_for
from sqlalchemy.orm import Session

from registry.domain.case_states import Phase
from registry.domain.errors import Fault, MoveNotAllowed
from registry.store.cases import Application
from registry.store.firms import Firm
from registry.store.records import FirmRecord, record_of
from registry.web.application_form import (
    EVIDENCE,
    PARTS,
    Paper,
    Task,
    answers_of,
    box_of,
    owner_of,
    tasks_of,
)
from registry.web.asking import today
from registry.web.case_words import options
from registry.web.language import current
from registry.web.typed import typed_of
from registry.work.apply_outlook import Outlook, outlook
from registry.work.case_bars import state_of
from registry.work.case_guards import answers_changed, parts_returned
from registry.work.case_steps import STALE
from registry.work.cross_check import warnings_of
from registry.work.return_case import years_asked

_LONGEST_VERSION = 9


@dataclass(frozen=True, slots=True)
class Filled:
    """A draft or a correction with all that its pages show of it.

    Attributes:
        changed: names of the boxes that differ from what was submitted last; of a draft none.
    """

    case: Application
    paper: Paper
    outlook: Outlook
    changed: frozenset[str]

    @property
    def is_correction(self) -> bool:
        """Say whether it was returned."""
        return state_of(self.case).phase is Phase.RETURNED

    @property
    def tasks(self) -> list[Task]:
        """Return the task list."""
        return tasks_of(self.paper, self.outlook.missing, self.changed)

    @property
    def asked_parts(self) -> list[str]:
        """Return the parts in which the rules ask for something."""
        return [part for part in PARTS if self.paper.is_asked(part)]

    @property
    def evidence_comment(self) -> str:
        """Return what the reviewer wants of the evidence; empty where nothing was returned."""
        row = (self.paper.returned or {}).get(EVIDENCE)
        return row.comment if row else ""

    @property
    def count_known(self) -> int:
        """Count what is typed as the register has it."""
        return sum(item.is_known for part in PARTS for item in self.paper.items(part))

    def places(self) -> dict[str, str]:
        """Return where each fact of the assessment is filled in, as an address; only what is open now."""
        found = {}
        for part in self.paper.open_parts():
            page = url_for(".part", number=self.case.id, part=part)
            for item in self.paper.items(part):
                if item.is_open and not item.is_judged:
                    found[item.path] = f"{page}#{box_of(item.path)}"
        return found

    def place_of(self, path: str) -> str:
        """Return the address where a fact is filled in; empty where it is not open."""
        return self.places().get(owner_of(path.split("[")[0]), "")


def day_of(case: Application) -> date:
    """Return the day whose rules judge an application: that of its first submission, today of a draft."""
    return case.submitted_on or today()


def filled(session: Session, case: Application, answers: Mapping[str, str] | None = None) -> Filled:
    """Return a draft or a correction as it stands.

    Args:
        answers: what is typed, where it is not kept.
    """
    day, typed = day_of(case), answers_of(case) if answers is None else answers
    is_correction = state_of(case).phase is Phase.RETURNED
    returned = parts_returned(session, case) if is_correction else None
    paper, record = Paper(case, typed, day, returned), record_of(session, session.get_one(Firm, case.firm_id))
    found = outlook(session, case, paper.firm, on=day, known=record, lang=current(), options=options())
    paper.compare(found.asked, found.judged, known_answers(record) if not is_correction else {})
    return Filled(case, paper, found, frozenset(answers_changed(session, case)) if is_correction else frozenset())


def known_answers(found: FirmRecord) -> dict[str, str]:
    """Return what would be typed of what the register knows of a firm, for the years that are asked for today."""
    asked = {year: figures for year, figures in found.firm.years.items() if year in years_asked(today())}
    typed = typed_of(replace(found.firm, years=asked))
    # Titles that only the books tell of are no statement of the firm, and they count without it.
    return {name: text for name, text in typed.items() if not ("titles" in found.incomplete_lists and "titles" in name)}


def brought_up_to_date(answers: Mapping[str, str], known: Mapping[str, str], on: date) -> dict[str, str]:
    """Return what is to be changed in answers of an earlier application.

    Figures of years that are not asked for any more go; what was left blank is filled in from the register, a list
    whole or not at all.
    """
    asked = tuple(f"years.{year}." for year in years_asked(on))
    changes = {name: "" for name in answers if name.startswith("years.") and not name.startswith(asked)}
    stated = {owner_of(name) for name in answers}
    return changes | {name: text for name, text in known.items() if owner_of(name) not in stated}


def doubts_of(session: Session, found: Filled) -> list[Fault]:
    """Return what does not fit in what is typed; it is told and hinders nothing."""
    firm = session.get_one(Firm, found.case.firm_id)
    return list(warnings_of(session, firm, found.paper.firm, day_of(found.case)))


def criteria_open(found: Filled) -> list[dict[str, Any]]:
    """Return the required criteria that are not met, each with where it could be changed."""
    places = found.places()
    shown = []
    for one in found.outlook.document["criteria"]:
        if one["required"] and one["verdict"] != "met" and not one.get("points"):
            paths = _leaves(found, one["key"])
            shown.append(
                {
                    **one,
                    "places": [(path, places[path]) for path in paths if path in places],
                    "is_judged": bool(paths) and all(path in found.paper.judged for path in paths),
                }
            )
    return shown


def _leaves(found: Filled, key: str) -> list[str]:
    """Return the facts that a criterion reads; of one that sums points, those of all indicators."""
    paths = found.outlook.asked_by.get(key, ())
    document = found.outlook.document
    if key.startswith("score") and document.get("score"):
        scored = [one["key"] for one in document["criteria"] if one.get("points")]
        paths = (*paths, *(path for one in scored for path in found.outlook.asked_by.get(one, ())))
    return list(dict.fromkeys(paths))


def version_seen() -> int:
    """Return the version of the case that the form was made of; one that never was where the form says none."""
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_VERSION else -1


def mark_of(case: Application) -> str:
    """Return a mark of what is typed, so that nobody signs what he has not seen."""
    return sha256(case.answers.encode()).hexdigest()[:16]


def ensure_marked(case: Application) -> None:
    """Refuse to submit answers that changed since they were looked at.

    Raises:
        MoveNotAllowed: they did.
    """
    if request.form.get("mark", "") != mark_of(case):
        raise MoveNotAllowed(STALE)


def next_part(parts: Iterable[str], part: str) -> str | None:
    """Return the part after one, None after the last."""
    order = list(parts)
    place = order.index(part) + 1 if part in order else len(order)
    return order[place] if place < len(order) else None
