"""What the clock does by itself: it reminds of what falls due, and brings provisional lists up to date. Never commits.

Nothing is decided and nothing closed by the clock. It may be asked at any time, as often as one likes and by several at
once: each thing is told once, in the transaction in which it was found, and its mail stands or falls with it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from registry.domain.procedure import Opens
from registry.domain.roles import Role
from registry.domain.told import state_words
from registry.domain.trail import Doer, Tag
from registry.domain.workdays import Calendar, deadline
from registry.policy.procedures import procedure
from registry.policy.updates import duty_of, first_asked, reminder_days
from registry.store.cases import Application
from registry.store.due_lists import (
    audits_due,
    cases_overdue,
    corrections_due,
    holders_without_update,
    inquiries_due,
    questions_due,
    titles_ending,
)
from registry.store.notice_lists import told_already
from registry.store.people import Person
from registry.store.publicity_lists import lists_to_settle
from registry.work.assign_case import people_at_desk
from registry.work.case_bars import procedure_of, state_of
from registry.work.case_guards import windows_of
from registry.work.keep_calendar import calendar_of
from registry.work.notify import (
    FIRM_CASE,
    OFFICE_CASE,
    people_of_firm,
    people_of_office,
    tell,
    told_of_case,
)
from registry.work.post import Post
from registry.work.publicise import refresh_provisional
from registry.work.settle_days import days_to_settle, settle_days
from registry.work.trace import record

DOER = Doer.program("clock")
TITLE_DAYS = (90, 30, 7)
# Working days before the last one: of a correction, and of an answer or an audit.
CORRECTION_DAYS, ANSWER_DAYS = 3, 2
_AUDIT, _INQUIRY = "/audits/{}", "/inquiries/{}"


@dataclass(frozen=True, slots=True)
class Ticked:
    """What the clock did.

    Attributes:
        notices: how many people were told, by template.
        refreshed: how many provisional lists changed.
        settled: how many last days of cases and inquiries did.
        left: how many things are still to be told.
    """

    notices: Mapping[str, int]
    refreshed: int
    settled: int
    left: int = 0

    @property
    def total(self) -> int:
        """Return how many notices were made."""
        return sum(self.notices.values())

    def __add__(self, more: "Ticked") -> "Ticked":
        """Return what two ticks did together."""
        notices = dict(Counter(self.notices) + Counter(more.notices))
        return Ticked(notices, self.refreshed + more.refreshed, self.settled + more.settled, more.left)


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to be told: what makes it the same thing, what is said of it, and who is to know."""

    template: str
    once: str
    told: Mapping[str, Any]
    address: str
    people: Callable[[Session], Sequence[Person]]
    firm_id: int | None = None
    application_id: int | None = None


def tick(session: Session, *, now: datetime, post: Post | None, most: int | None = None) -> Ticked:
    """Tell everything that is due and was not told yet.

    Args:
        now: in the zone of the office: its day decides.
        most: things to tell in this transaction, so that nobody who writes waits for long; None: all of them.
    """
    refreshed, settled = len(refresh_provisional(session, now)), settle_days(session, now)
    counts: Counter[str] = Counter()
    due = what_is_due(session, now.date())
    for one in due[:most]:
        made = tell(
            session,
            one.people(session),
            one.template,
            one.told,
            once=one.once,
            address=one.address,
            firm_id=one.firm_id,
            application_id=one.application_id,
            now=now,
            post=post,
        )
        counts[one.template] += len(made)
    notices = {template: count for template, count in counts.items() if count}
    if notices:
        record(
            session, Tag.NOTICE_SENT, DOER, now=now, subject="clock", after={"count": sum(notices.values())} | notices
        )
    return Ticked(notices, refreshed, settled, len(due) - len(due[:most]))


def is_anything_due(session: Session, now: datetime) -> bool:
    """Say whether a tick would find anything; asked first, so that nobody waits for a tick that does nothing."""
    return bool(what_is_due(session, now.date()) or lists_to_settle(session) or days_to_settle(session, now.tzinfo))


def what_is_due(session: Session, today: date) -> list[Due]:
    """Return what is to be told on a day and was told to nobody yet."""
    calendar = calendar_of(session)
    found = [
        *_titles(session, today),
        *_corrections(session, today, calendar),
        *_updates(session, today),
        *_questions(session, today, calendar),
        *_inquiries(session, today, calendar),
        *_audits(session, today, calendar),
        *_overdue(session, today),
    ]
    told = told_already(session, [one.once for one in found])
    return [one for one in found if one.once not in told]


def threshold(days_left: int, steps: Sequence[int]) -> int | None:
    """Return the step that has been reached with so many days left, the last one reached; None before the first."""
    return min((step for step in steps if 0 <= days_left <= step), default=None)


def _titles(session: Session, today: date) -> Iterator[Due]:
    for title, firm in titles_ending(session, today, today + timedelta(days=max(TITLE_DAYS))):
        left = (title.valid_until - today).days
        step = threshold(left, TITLE_DAYS)
        told = {"tier": title.tier, "firm": firm.name, "valid_until": title.valid_until, "days": left}
        yield Due(
            "title_expiring",
            f"title:{firm.id}:{title.tier}:{title.valid_until}:{step}",
            told | _re_review(session, title.tier, title.valid_until, today),
            f"/firms/{firm.uscc}/home",
            _acting_for(firm.id, today),
            firm_id=firm.id,
        )


def _re_review(session: Session, tier: str, last_day: date, today: date) -> dict[str, Any]:
    """Return when the re-review of a title may be applied for, as far as it is known today."""
    filing = procedure(tier, today).filing("re_review")
    if filing is None:
        return {}
    told: dict[str, Any] = {"opens": filing.opens}
    if filing.opens is Opens.BEFORE_EXPIRY:
        first = last_day - timedelta(days=filing.days_before_expiry or 0)
        return told | {"opens_on": first, "closes_on": last_day}
    if filing.opens is Opens.BATCH:
        # The batch that closes first, of those still open or to come while the title runs.
        coming = [
            (one.closes_on, one.opens_on)
            for one in windows_of(session, tier, "re_review")
            if one.closes_on >= today and one.opens_on <= last_day
        ]
        if coming:
            closes_on, opens_on = min(coming)
            told |= {"opens_on": opens_on, "closes_on": min(closes_on, last_day)}
    return told


def _corrections(session: Session, today: date, calendar: Calendar) -> Iterator[Due]:
    soon = deadline(today, CORRECTION_DAYS, calendar).last_day
    for case in corrections_due(session, today, soon):
        is_last = case.due_on == today
        yield Due(
            "correction_due",
            f"correction:{case.id}:{case.round}:{case.due_on}:{'last' if is_last else 'soon'}",
            told_of_case(case) | {"is_last_day": is_last},
            FIRM_CASE.format(case.id),
            _filers(case, today),
            case.firm_id,
            case.id,
        )


def _updates(session: Session, today: date) -> Iterator[Due]:
    duty = duty_of(today.year)
    if duty is None or today.year < first_asked():
        return
    step = threshold((duty.due_on - today).days, reminder_days())
    if step is None:
        return
    for firm in holders_without_update(session, today, duty.due_on):
        yield Due(
            "update_due",
            f"update:{firm.id}:{today.year}:{step}",
            {
                "firm": firm.name,
                "year": today.year,
                "due_on": duty.due_on,
                "source": [duty.source, duty.source_en],
            },
            f"/firms/{firm.uscc}/updates",
            _acting_for(firm.id, today),
            firm_id=firm.id,
        )


def _questions(session: Session, today: date, calendar: Calendar) -> Iterator[Due]:
    soon = deadline(today, ANSWER_DAYS, calendar).last_day
    for row, firm in questions_due(session, today, soon):
        yield Due(
            "question_due",
            f"report:{row.id}:due:{row.due_on}",
            {"firm": firm.name, "due_on": row.due_on},
            f"/firms/{firm.uscc}/questions/{row.id}",
            _acting_for(firm.id, today),
            firm_id=firm.id,
        )


def _inquiries(session: Session, today: date, calendar: Calendar) -> Iterator[Due]:
    soon = deadline(today, ANSWER_DAYS, calendar).last_day
    for row, case in inquiries_due(session, soon):
        is_late = row.due_on < today
        told = {"due_on": row.due_on, "is_provisional": row.due_is_provisional, "is_late": is_late}
        yield Due(
            "inquiry_due",
            f"inquiry:{row.id}:{row.due_on}:{'late' if is_late else 'soon'}",
            told_of_case(case) | told | {"department": row.department},
            _INQUIRY.format(case.id),
            _in_department(row.department),
            application_id=case.id,
        )


def _audits(session: Session, today: date, calendar: Calendar) -> Iterator[Due]:
    soon = deadline(today, ANSWER_DAYS, calendar).last_day
    for member, case in audits_due(session, soon):
        is_late = case.due_on is not None and case.due_on < today
        yield Due(
            "audit_due",
            f"audit:{member.draw_id}:{case.id}:{member.auditor_id}:{case.due_on}:{'late' if is_late else 'soon'}",
            told_of_case(case) | {"is_late": is_late},
            _AUDIT.format(case.id),
            _at_auditor(member.auditor_id),
            application_id=case.id,
        )


def _overdue(session: Session, today: date) -> Iterator[Due]:
    for case in cases_overdue(session, today):
        yield Due(
            "overdue",
            f"overdue:{case.id}:{case.round}:{case.state}:{case.due_on}",
            told_of_case(case) | {"title": list(state_words(procedure_of(case), state_of(case)))},
            OFFICE_CASE.format(case.id),
            _at_desk(case),
            firm_id=case.firm_id,
            application_id=case.id,
        )


def _acting_for(firm_id: int, on: date) -> Callable[[Session], Sequence[Person]]:
    return lambda session: people_of_firm(session, firm_id, on)


def _filers(case: Application, on: date) -> Callable[[Session], Sequence[Person]]:
    """Return who is to correct a case: the firm, or the official who filed it in the firm's place."""
    if case.filed_role == Role.APPLICANT:
        return _acting_for(case.firm_id, on)
    return lambda session: [person] if (person := session.get(Person, case.filed_by)) else []


def _in_department(department: str) -> Callable[[Session], Sequence[Person]]:
    return lambda session: people_of_office(session, Role.DEPARTMENT_OFFICER, department=department)


def _at_auditor(office_id: int | None) -> Callable[[Session], Sequence[Person]]:
    return lambda session: people_of_office(session, Role.AUDITOR, office_id=office_id)


def _at_desk(case: Application) -> Callable[[Session], Sequence[Person]]:
    """Return who has a case in hand; while nobody has, everybody at its desk."""

    def found(session: Session) -> Sequence[Person]:
        desk = people_at_desk(session, case)
        return [one for one in desk if one.id == case.handler_id] or desk

    return found
