"""Takes a step on a case: compare-and-set on its version, and a row that nothing changes. Flushes, never commits.

Every step, whether the case moves by it or stays, is one more version. Of two that were taken at once, whatever they
read before, one is refused.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.casework import Move
from registry.domain.errors import MoveNotAllowed
from registry.domain.procedure import Level
from registry.domain.roles import Role
from registry.domain.trail import values_as_text
from registry.store.cases import Application, CaseStep

STALE = "本案刚有变动，请刷新页面核对后再办理 (the case has just changed: reload the page and look again)"
PROGRAM = "registry"
_LEVEL_OF = {
    Role.APPLICANT: Level.FIRM,
    Role.DISTRICT_REVIEWER: Level.DISTRICT,
    Role.CITY_REVIEWER: Level.CITY,
    Role.STATISTICIAN: Level.CITY,
    Role.DEPARTMENT_OFFICER: Level.DEPARTMENTS,
    Role.AUDITOR: Level.AUDITOR,
}


def ensure_seen(case: Application, version: int | None) -> None:
    """Refuse to act on a case that changed since it was looked at.

    Raises:
        MoveNotAllowed: the version seen is not the present one.
    """
    if version is not None and version != case.version:
        raise MoveNotAllowed(STALE)


def advance(session: Session, case: Application, values: Mapping[str, Any]) -> int:
    """Bring a case one version further with some of its columns; return the version.

    Raises:
        MoveNotAllowed: somebody else brought it further meanwhile.
    """
    session.flush()
    seen = case.version
    changed = session.execute(
        update(Application)
        .where(Application.id == case.id, Application.version == seen, Application.state == case.state)
        .values(version=seen + 1, **values)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise MoveNotAllowed(STALE)
    session.refresh(case)
    return case.version


def add_step(
    session: Session,
    actor: Actor | None,
    seat: Seat | None,
    case: Application,
    *,
    from_state: str,
    action: str,
    move: Move | None = None,
    opinion: str = "",
    details: Mapping[str, Any] | None = None,
    now: datetime,
) -> CaseStep:
    """Write down the step by which a case came to its present version.

    Args:
        actor: None for the program itself.
        move: which says role and level; else the seat does.
    """
    role = move.role if move else seat.role if seat else None
    level = move.level if move else _LEVEL_OF.get(seat.role) if seat else None
    step = CaseStep(
        application_id=case.id,
        number=case.version,
        round=case.round,
        from_state=from_state,
        action=str(action),
        to_state=case.state,
        role=role,
        level=level,
        person_id=actor.person_id if actor else None,
        seat_id=seat.id if seat else None,
        doer=actor.doer(seat).signature if actor else PROGRAM,
        opinion=opinion,
        details=values_as_text(details or {}),
        at=now,
    )
    session.add(step)
    session.flush()
    return step


def note_step(
    session: Session,
    actor: Actor | None,
    seat: Seat | None,
    case: Application,
    *,
    action: str,
    opinion: str = "",
    details: Mapping[str, Any] | None = None,
    values: Mapping[str, Any] | None = None,
    now: datetime,
) -> CaseStep:
    """Take a step that leaves a case where it is.

    Args:
        values: columns of the case that it sets, as the day on which a publicity ends; never its state.

    Raises:
        MoveNotAllowed: somebody else took one meanwhile.
    """
    advance(session, case, values or {})
    return add_step(
        session, actor, seat, case, from_state=case.state, action=action, opinion=opinion, details=details, now=now
    )


def details_of(step: CaseStep) -> dict[str, Any]:
    """Return what else belongs to a step."""
    found: dict[str, Any] = json.loads(step.details)
    return found
