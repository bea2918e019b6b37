"""Ensures that somebody is left to administer: the last one of a kind can be neither unseated nor disabled."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.errors import MoveNotAllowed
from registry.domain.roles import ADMINISTRATORS, ROLE_WORDS, Role
from registry.store.offices import SeatRow
from registry.store.people import Person


def ensure_administered(session: Session, person_id: int, roles: Iterable[str]) -> None:
    """Refuse that a person loses these roles where nobody else with an open account holds one of them.

    The command `registry user create` is for those who may reach the database itself.

    Raises:
        MoveNotAllowed: it is the last one who administers accounts, seats or the trail.
    """
    for role in sorted(ADMINISTRATORS & {Role(role) for role in roles}):
        others = (
            select(SeatRow.id)
            .join(Person, Person.id == SeatRow.person_id)
            .where(SeatRow.role == role, SeatRow.ended_at.is_(None), SeatRow.person_id != person_id, Person.active)
        )
        if session.scalar(others.limit(1)) is None:
            chinese, english = ROLE_WORDS[role]
            raise MoveNotAllowed(f"这是最后一位{chinese}，请先授予接替者 (the last {english}: seat another first)")
