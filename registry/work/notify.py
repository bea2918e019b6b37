"""Tells people what was done on a case, in the transaction of the deed: a notice here, and a mail. Never commits."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.case_states import State
from registry.domain.procedure import Procedure
from registry.domain.told import told_firm
from registry.domain.trail import values_as_text
from registry.store.cases import Application, CaseStep
from registry.store.notices import Notice
from registry.store.offices import SeatRow
from registry.store.people import Person
from registry.work.case_bars import state_of
from registry.work.post import Post


def people_of_firm(session: Session, firm_id: int) -> list[Person]:
    """Return the own people of a firm who may sign in."""
    query = (
        select(Person)
        .join(SeatRow, SeatRow.person_id == Person.id)
        .where(SeatRow.firm_id == firm_id, SeatRow.ended_at.is_(None), Person.active)
    )
    return list(session.scalars(query.order_by(Person.id)))


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
        template: which text it is.
        once: what makes it the same thing: somebody who was told it already is not told again.
        address: path of the page to go to.
    """
    made = []
    for person in people:
        seen = session.scalar(select(Notice.id).where(Notice.person_id == person.id, Notice.once == once))
        if seen is not None:
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
        session.add(row)
        made.append(row)
    session.flush()
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
    """Tell the firm of a step when what it sees of its case changes by it."""
    after = state_of(case)
    if told_firm(procedure, before, case.kind).seen == told_firm(procedure, after, case.kind).seen:
        return
    tell(
        session,
        people_of_firm(session, case.firm_id),
        "case",
        {
            "reference": case.reference,
            "tier": case.tier,
            "kind": case.kind,
            "state": case.state,
            "firm": case.firm_name,
        },
        once=f"case:{case.id}:step:{step.number}",
        address=f"/applications/{case.id}",
        firm_id=case.firm_id,
        application_id=case.id,
        now=now,
        post=post,
    )
