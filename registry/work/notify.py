"""Tells people what was done on a case, in the transaction of the deed: a notice here, and a mail. Never commits.

The same thing is told to the same person once, however often and from wherever it is told. The mail is written with the
notice and sent later; how far it got stands in its letter.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select, union
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.domain.case_states import Action, Phase, State
from registry.domain.procedure import Procedure
from registry.domain.roles import Role
from registry.domain.told import told_firm
from registry.domain.trail import plain, values_as_text
from registry.store.cases import Application, CaseStep
from registry.store.notices import Notice
from registry.store.offices import Delegation, OfficeRow, SeatRow
from registry.store.people import Person
from registry.work.case_bars import state_of
from registry.work.notice_words import words_of
from registry.work.post import Post
from registry.work.write_letter import NAME, write_letter

FIRM_CASE, OFFICE_CASE = "/applications/{}", "/cases/{}"
# Well under the parameters that either database takes.
_AT_ONCE = 500
_LONGEST_SUBJECT = 120
_LONGEST_TOLD = 600
_FOOT = (
    "这封邮件由系统自动发送，请勿回复。登录后查看详情和办理。",
    "This mail was sent by a program; do not answer. Sign in to see more.",
)


def people_of_firm(session: Session, firm_id: int, on: date | None = None) -> list[Person]:
    """Return the people who act for a firm and may sign in: its own, and those to whom it delegated.

    Args:
        on: the day on which a delegation must hold; None: the firm's own people only.
    """
    return people_of_firms(session, [firm_id], on).get(firm_id, [])


def people_of_firms(session: Session, firm_ids: Sequence[int], on: date | None = None) -> dict[int, list[Person]]:
    """Return the same of several firms; a firm for which nobody acts is not there."""
    found: dict[int, list[Person]] = {}
    for start in range(0, len(firm_ids), _AT_ONCE):
        ids = firm_ids[start : start + _AT_ONCE]
        own = select(SeatRow.firm_id, SeatRow.person_id).where(SeatRow.firm_id.in_(ids), SeatRow.ended_at.is_(None))
        acting: Any = own if on is None else union(own, _entrusted(ids, on))
        pairs = acting.subquery()
        query = select(pairs.c.firm_id, Person).join(Person, Person.id == pairs.c.person_id).where(Person.active)
        for firm_id, person in session.execute(query.distinct().order_by(Person.id)):
            found.setdefault(firm_id, []).append(person)
    return found


def _entrusted(firm_ids: Sequence[int], on: date) -> Select[int, int]:
    """Return who sits in the offices to which firms delegated, with the firm."""
    return (
        select(Delegation.firm_id, SeatRow.person_id)
        .join(SeatRow, SeatRow.office_id == Delegation.office_id)
        .join(OfficeRow, OfficeRow.id == SeatRow.office_id)
        .where(
            Delegation.firm_id.in_(firm_ids),
            Delegation.revoked_at.is_(None),
            Delegation.until >= on,
            SeatRow.role == Role.APPLICANT,
            SeatRow.ended_at.is_(None),
            OfficeRow.closed_at.is_(None),
        )
    )


def people_of_office(
    session: Session,
    role: Role,
    *,
    district: str | None = None,
    department: str | None = None,
    office_id: int | None = None,
) -> list[Person]:
    """Return who sits in a role: at a district's bureau, a department, one office, or anywhere in the city."""
    wanted: list[Any] = [OfficeRow.closed_at.is_(None)]
    for column, value in (
        (OfficeRow.district, district),
        (OfficeRow.department, department),
        (OfficeRow.id, office_id),
    ):
        if value is not None:
            wanted.append(column == value)
    return _seated(session, SeatRow.office_id.in_(select(OfficeRow.id).where(*wanted)), SeatRow.role == role)


def people_of_bureau(session: Session, district: str | None) -> list[Person]:
    """Return who handles the papers of firms of a district; of firms without one, the city's reviewers."""
    if district:
        found = people_of_office(session, Role.DISTRICT_REVIEWER, district=district)
        if found:
            return found
    return people_of_office(session, Role.CITY_REVIEWER)


def tell(
    session: Session,
    people: Iterable[Person],
    template: str,
    told: Mapping[str, Any],
    *,
    once: str,
    address: str = "",
    firm_id: int | None = None,
    application_id: int | None = None,
    now: datetime,
    post: Post | None,
) -> list[Notice]:
    """Tell people one thing, each once.

    Args:
        template: which text it is, one of `registry.work.notice_words.TEMPLATES`.
        told: what the text speaks of, plain JSON; no secrets: it goes out by mail.
        once: what makes it the same thing: somebody who was told it already is not told again.
        address: path of the page to go to.
        post: writes the mail; None: it is told here only.

    Returns:
        The notices that were made now.
    """
    session.flush()
    made = []
    for person in {one.id: one for one in people if one.active}.values():
        if _was_told(session, person.id, once):
            continue
        row = Notice(
            person_id=person.id,
            firm_id=firm_id,
            application_id=application_id,
            template=template,
            told=values_as_text(told),
            address=address,
            once=once,
            made_at=now,
        )
        try:
            # Another transaction may tell the same meanwhile: then the database refuses this one, mail and all.
            with session.begin_nested():
                session.add(row)
                session.flush()
                if post is not None:
                    row.letter_id = _mail(session, person, row, now, post)
        except IntegrityError:
            if not _was_told(session, person.id, once):
                raise
            continue
        made.append(row)
    return made


def tell_of_step(
    session: Session,
    case: Application,
    step: CaseStep,
    procedure: Procedure,
    *,
    before: State,
    now: datetime,
    post: Post | None,
) -> None:
    """Tell of a step: the firm when what it sees of its case changes by it, the handler when the case comes back."""
    after = told_firm(procedure, state_of(case), case.kind)
    told = told_of_case(case)
    more: dict[str, Any] = {}
    about: dict[str, Any] = {"firm_id": case.firm_id, "application_id": case.id, "now": now, "post": post}
    if told_firm(procedure, before, case.kind).seen != after.seen:
        more |= {"seen": after.seen.value, "title": list(after.title), "advice": list(after.advice)}
        is_negative = state_of(case).phase is Phase.RETURNED or after.seen.value in ("refused", "lapsed")
        if is_negative:
            more |= {"opinion": plain(step.opinion, _LONGEST_TOLD), "parts": _parts(step)}
        tell(
            session,
            people_of_firm(session, case.firm_id, now.date()),
            "case",
            told | more,
            once=f"case:{case.id}:step:{step.number}",
            address=FIRM_CASE.format(case.id),
            **about,
        )
    if step.action in (Action.RESUBMIT, Action.WITHDRAW) and case.handler_id is not None:
        handler = session.get(Person, case.handler_id)
        tell(
            session,
            [handler] if handler else [],
            "came_back",
            told | {"action": step.action, "opinion": plain(step.opinion, _LONGEST_TOLD)},
            once=f"case:{case.id}:back:{step.number}",
            address=OFFICE_CASE.format(case.id),
            **about,
        )


def told_of_case(case: Application) -> dict[str, Any]:
    """Return what every notice on a case says of it."""
    return {
        "reference": case.reference or "",
        "tier": case.tier,
        "kind": case.kind,
        "state": case.state,
        "firm": case.firm_name,
        "due_on": case.due_on,
        "is_provisional": case.due_is_provisional,
    }


def _seated(session: Session, *conditions: Any) -> list[Person]:
    seats = select(SeatRow.person_id).where(SeatRow.ended_at.is_(None), *conditions)
    return list(session.scalars(select(Person).where(Person.id.in_(seats), Person.active).order_by(Person.id)))


def _was_told(session: Session, person_id: int, once: str) -> bool:
    return session.scalar(select(Notice.id).where(Notice.person_id == person_id, Notice.once == once)) is not None


def _mail(session: Session, person: Person, row: Notice, now: datetime, post: Post) -> int:
    """Write the mail of a notice in the person's language, and return its number."""
    said = 1 if person.language == "en" else 0
    text = words_of(row.template, json.loads(row.told))
    link = f"{post.public_url}{row.address or '/notices'}"
    subject = plain(f"{NAME[said]} · {text.subject[said]}", _LONGEST_SUBJECT)
    greeting = f"{person.name}," if said else f"{person.name}："
    body = f"{greeting}\n\n{text.body[said]}\n\n{link}\n\n{_FOOT[said]}\n"
    return write_letter(session, post.keys, to=person.email, subject=subject, body=body, now=now).id


def _parts(step: CaseStep) -> list[dict[str, str]]:
    """Return what a return asks to have corrected, each with the reviewer's words where the step has them."""
    found = json.loads(step.details)
    comments = found.get("comments") or {}
    return [
        {"part": str(one), "comment": plain(str(comments.get(one, "")), _LONGEST_TOLD)}
        for one in found.get("parts") or ()
    ]
