"""Works out provisional last days again: those of cases and of departments' answers, once a year's holidays are known.

Those of publicities are worked out with their lists (`registry.work.publicise`). Flushes, never commits.
"""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy.orm import Session

from registry.domain.case_states import Phase
from registry.domain.procedure import StageKind
from registry.domain.workdays import End, deadline
from registry.store.cases import Application
from registry.store.due_lists import cases_provisional, inquiries_provisional
from registry.store.examinations import Inquiry
from registry.work.case_bars import procedure_of, state_of
from registry.work.case_steps import note_step
from registry.work.keep_calendar import calendar_of
from registry.work.move_case import due_of

ACTION = "settle_day"


@dataclass(frozen=True, slots=True)
class Settled:
    """A case of which a last day is another by now, or has become certain; with the inquiry where it is of one."""

    case: Application
    inquiry: Inquiry | None
    end: End


def days_to_settle(session: Session, zone: tzinfo | None) -> list[Settled]:
    """Return what `settle_days` would change. Reads only.

    Args:
        zone: of the office, whose days count.
    """
    found: list[Settled] = []
    for case in cases_provisional(session):
        end = _end_of_case(session, case, zone)
        if end is not None and (end.last_day, end.is_provisional) != (case.due_on, True):
            found.append(Settled(case, None, end))
    calendar = calendar_of(session)
    for row, case in inquiries_provisional(session):
        state = state_of(case)
        limit = procedure_of(case).stage(state.at).limit if state.phase is Phase.STAGE else None
        if limit is not None:
            end = deadline(row.asked_at.astimezone(zone).date(), limit, calendar)
            if (end.last_day, end.is_provisional) != (row.due_on, True):
                found.append(Settled(case, row, end))
    return found


def settle_days(session: Session, now: datetime) -> int:
    """Work the provisional days out again; return how many changed or became certain.

    Args:
        now: in the zone of the office.
    """
    found = days_to_settle(session, now.tzinfo)
    for one in found:
        day, is_open = one.end.last_day, one.end.is_provisional
        details = {"due_on": day, "is_provisional": is_open}
        if one.inquiry is not None:
            one.inquiry.due_on, one.inquiry.due_is_provisional = day, is_open
            details |= {"department": one.inquiry.department}
        values = {"due_on": day, "due_is_provisional": is_open} if one.inquiry is None else {}
        note_step(session, None, None, one.case, action=ACTION, details=details, values=values, now=now)
    session.flush()
    return len(found)


def _end_of_case(session: Session, case: Application, zone: tzinfo | None) -> End | None:
    """Return by when a case is to leave its state, by the calendar known today; None of a publicity: its list says."""
    procedure, state = procedure_of(case), state_of(case)
    if state.phase is Phase.STAGE and procedure.stage(state.at).kind is StageKind.PUBLICITY:
        return None
    from_day = case.entered_at.astimezone(zone).date()
    # Taking up did not prolong: the first stage counts from the submission, unless the case was returned there.
    is_first = state.phase is Phase.SUBMITTED or (state.phase is Phase.STAGE and state.at == procedure.stages[0].key)
    if is_first and case.round == 1 and case.submitted_on is not None:
        from_day = case.submitted_on
    return due_of(session, procedure, state, from_day)
