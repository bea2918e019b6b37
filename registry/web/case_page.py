"""Gathers what the page of a case shows, in a bounded number of look-ups. Reads only."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from registry.domain.actors import Seat
from registry.domain.errors import NotFound, Refused
from registry.domain.firm_text import firm_of
from registry.domain.firms import Firm as StatedFirm
from registry.domain.permissions import permission
from registry.domain.roles import Role
from registry.policy import Chosen, choose, load
from registry.rules.ruleset import RuleSet
from registry.rules.wording import document_of
from registry.store.case_lists import returned_parts, rounds_of, steps_of
from registry.store.case_reads import (
    Sampled,
    case_opened,
    decisions_of_case,
    earlier_case,
    files_open,
    inquiries_with_names,
    judgements_with_names,
    publicities_of,
    samples_of,
)
from registry.store.cases import Application, ApplicationRound, ReturnedPart
from registry.store.evidence import Evidence
from registry.store.examinations import Judgement
from registry.store.firms import Firm
from registry.store.publicities import Objection, Publicity
from registry.store.records import record_of
from registry.web.access import admitted, visible
from registry.web.asking import now, today
from registry.web.case_criteria import Examined, FileLine, examined, unassigned
from registry.web.case_facts import Beside, columns_of, fact_groups
from registry.web.case_history import history
from registry.web.case_moves import Known, possible, who_may
from registry.web.case_words import desk_state, options, state_word
from registry.web.language import current
from registry.web.language import say as _
from registry.web.signed_in import actor
from registry.work.case_bars import procedure_of, seats_at, state_of
from registry.work.cross_check import compared
from registry.work.decide import tie_against
from registry.work.judge_case import CaseFacts, facts_with, judge
from registry.work.object_to import office_seat
from registry.work.return_case import is_for_the_firm, years_asked
from registry.work.similar_firms import similar_firms

# Whose office handles cases, and who counts them: they see the whole of one.
_WHOLE = frozenset({Role.CITY_REVIEWER, Role.DISTRICT_REVIEWER, Role.STATISTICIAN})


@dataclass(frozen=True, slots=True)
class Opened:
    """A case that the reader may look at.

    Attributes:
        seats: those in which he may.
    """

    case: Application
    firm: Firm
    handler: str | None
    seats: tuple[Seat, ...]

    @property
    def is_whole(self) -> bool:
        """Say whether the reader sees all of it, not only what his department or firm was asked about."""
        return any(seat.role in _WHOLE for seat in self.seats)


def opened(session: Session, number: int) -> Opened:
    """Return a case by its number within what the reader may see.

    Raises:
        NotFound: it is not there, not submitted yet, or not for whoever asks.
    """
    found = case_opened(session, visible(Application, "see_cases"), number)
    if found is None:
        raise NotFound(_("没有这份申报"))
    case, firm, handler = found
    seats = tuple(seat for seat in permission("see_cases").seats_for(actor()) if seats_at(case, seat))
    return Opened(case, firm, handler, seats)


def whole_page(session: Session, one: Opened, only_changed: bool) -> dict[str, Any]:
    """Return what those who handle a case are shown.

    Args:
        only_changed: of the facts, those alone that differ from somewhere.
    """
    case = one.case
    rounds, returned = rounds_of(session, case.id), returned_parts(session, case.id)
    last = rounds[-1]
    judgements = judgements_with_names(session, case.id)
    known = facts_with(last, {key: row for key, (row, _name) in judgements.items()})
    rule_set, document, chosen = _judged(case, known)
    stated, record = firm_of(last.firm), record_of(session, one.firm).firm
    files = _files(session, rounds)
    lines = _criteria(case, rule_set, document, known, files, judgements)
    earlier = earlier_case(session, case)
    beside = Beside(
        before=firm_of(rounds[-2].firm) if len(rounds) > 1 else None,
        earlier=firm_of(earlier.firm) if earlier else None,
        register=record,
        returned={row.part: row for row in returned if row.round == case.round - 1},
    )
    read = [fact.path for line in lines for fact in line.facts]
    groups = fact_groups(stated, beside, read, only_changed, years_asked(_day(case)))
    inquiries, samples = inquiries_with_names(session, case.id), samples_of(session, case.id)
    publicities = publicities_of(session, case.id)
    return {
        **_head(one),
        "possible": possible(session, actor(), case, _known(case, inquiries, samples, publicities), now()),
        "waits_for": list(who_may(case)),
        "held": _held(record),
        "rules": rule_set,
        "chosen": chosen,
        "rules_changed": rule_set.digest != case.rule_set_digest,
        "procedure_changed": procedure_of(case).digest != case.procedure_digest,
        "document": document,
        "criteria": lines,
        "loose_files": unassigned(files, lines),
        "groups": groups,
        "returnable": {row.path for group in groups for row in group.rows if is_for_the_firm(row.path, _day(case))},
        "columns": columns_of(beside, earlier.reference if earlier else ""),
        "only_changed": only_changed,
        "warnings": [str(fault) for fault in compared(stated, record, _day(case))],
        "inquiries": inquiries,
        "samples": samples,
        "publicities": publicities,
        "own_lists": _own_lists(session, one, publicities),
        "segment": similar_firms(
            session, case, stated, years_asked(_day(case))[0], today(), visible=visible(Firm, "see_firms")
        ),
        "steps": history(case, steps_of(session, case.id)),
        "decisions": decisions_of_case(session, case.id),
        "rounds": rounds,
        "returned": _by_round(returned),
        "open_parts": [row for row in returned if row.round == case.round],
    }


def _own_lists(session: Session, one: Opened, publicities: Sequence[tuple[Publicity, list[Objection]]]) -> set[int]:
    """Return the lists whose objectors the reader may know: he is of the office that made it, and not tied."""
    found = {listed.id for listed, objections in publicities if objections and office_seat(listed, one.seats)}
    return found if found and tie_against(session, actor(), one.case.uscc, now()) is None else set()


def reduced_page(session: Session, one: Opened) -> dict[str, Any]:
    """Return what a department that was asked, or an auditor who was given the case, is shown: his own part of it."""
    case = one.case
    last = rounds_of(session, case.id)[-1]
    departments = {seat.department for seat in one.seats if seat.role is Role.DEPARTMENT_OFFICER}
    offices = {seat.office_id for seat in one.seats if seat.role is Role.AUDITOR}
    return {
        **_head(one),
        "groups": fact_groups(firm_of(last.firm), Beside(), (), asked=years_asked(_day(case))),
        "columns": [],
        "files": json.loads(last.evidence),
        "inquiries": [
            (row, name)
            for row, name in (inquiries_with_names(session, case.id) if departments else ())
            if row.department in departments
        ],
        "samples": [
            found for found in (samples_of(session, case.id) if offices else ()) if found.member.auditor_id in offices
        ],
    }


def _known(
    case: Application,
    inquiries: Sequence[object],
    samples: Sequence[Sampled],
    publicities: Sequence[tuple[Publicity, list[Objection]]],
) -> Known:
    at = state_of(case).at
    return Known(
        is_asked=bool(inquiries),
        report_is_due=any(
            one.draw.stage == at and one.member.is_drawn and one.member.result is None for one in samples
        ),
        listed=max((listed.id for listed, _objections in publicities if listed.stage == at), default=None),
        objections=sum(row.replied_at is None for _listed, objections in publicities for row in objections),
        is_upheld=any(row.is_upheld for _listed, objections in publicities for row in objections),
    )


def _head(one: Opened) -> dict[str, Any]:
    case = one.case
    is_late = case.due_on is not None and case.due_on < today() and case.closed_at is None
    return {
        "case": case,
        "firm": one.firm,
        "handler": one.handler,
        "sees_firm": admitted("see_firms"),
        "state": state_word(case),
        "advice": desk_state(case)[1],
        "days_here": (today() - case.entered_at.astimezone(now().tzinfo).date()).days,
        "is_late": is_late,
        "procedure": procedure_of(case),
    }


def _judged(case: Application, known: CaseFacts) -> tuple[RuleSet, dict[str, Any], Chosen | None]:
    found = judge(case, known.firm, known.incomplete, options())
    lang = "en" if current() == "en" else "zh"
    try:
        chosen = choose(case.tier, case.kind, _day(case), options())
    except Refused:
        chosen = None
    why = (chosen.why_en if lang == "en" else chosen.why) if chosen else ""
    document = document_of(found, why=why, lang=lang)
    return load(case.rule_set_id or "", case.kind, options()), document, chosen


def _criteria(
    case: Application,
    rule_set: RuleSet,
    document: Mapping[str, Any],
    known: CaseFacts,
    files: list[FileLine],
    judgements: Mapping[str, tuple[Judgement, str]],
) -> list[Examined]:
    return examined(
        rule_set, document, known.firm, _day(case), files=files, claimed=known.claimed, judgements=judgements
    )


def _files(session: Session, rounds: Sequence[ApplicationRound]) -> list[FileLine]:
    kept = json.loads(rounds[-1].evidence)
    before = {one["id"] for one in json.loads(rounds[-2].evidence)} if len(rounds) > 1 else None
    open_ones = (
        files_open(session, visible(Evidence, "see_evidence"), [one["id"] for one in kept])
        if admitted("see_evidence")
        else {}
    )
    return [
        FileLine(
            one["id"],
            one["name"],
            one.get("criterion") or "",
            one.get("year"),
            open_ones.get(one["id"], ""),
            before is not None and one["id"] not in before,
        )
        for one in kept
    ]


def _held(record: StatedFirm) -> list[Mapping[str, Any]]:
    """Return the titles that a firm holds today, by the register."""
    titles: Any = record.facts.get("titles", ())
    return [
        title
        for title in titles
        if (title.get("from") or today()) <= today() and (title.get("until") or today()) >= today()
    ]


def _by_round(returned: list[ReturnedPart]) -> dict[int, list[ReturnedPart]]:
    found: dict[int, list[ReturnedPart]] = {}
    for row in returned:
        found.setdefault(row.round, []).append(row)
    return found


def _day(case: Application) -> date:
    if case.submitted_on is None:
        raise LookupError(f"case {case.id} was not submitted")
    return case.submitted_on
