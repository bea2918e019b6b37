"""How much waits in the database, counted without looking into any of it: for machines that watch."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.store.jobs import JOB_STATES, Job
from registry.store.letters import LETTER_STATES, Letter

# What is over and went well only grows, and nobody waits for it.
_OVER = ("done", "cancelled", "sent")


@dataclass(frozen=True, slots=True)
class Queues:
    """How many jobs and mails are in each state that somebody has to look after.

    Attributes:
        oldest_job: since when the job that has waited longest could be done; None when none waits.
        oldest_letter: the same of the mails.
    """

    jobs: dict[str, int]
    letters: dict[str, int]
    oldest_job: datetime | None
    oldest_letter: datetime | None


def queues(session: Session) -> Queues:
    """Count what waits, runs and failed."""
    return Queues(
        _counts(session, Job, JOB_STATES),
        _counts(session, Letter, LETTER_STATES),
        session.scalar(select(func.min(Job.due_at)).where(Job.state == "waiting")),
        session.scalar(select(func.min(Letter.due_at)).where(Letter.state == "waiting")),
    )


def _counts(session: Session, table: type[Job] | type[Letter], states: tuple[str, ...]) -> dict[str, int]:
    asked = [state for state in states if state not in _OVER]
    found = session.execute(select(table.state, func.count()).where(table.state.in_(asked)).group_by(table.state))
    return dict.fromkeys(asked, 0) | {state: count for state, count in found}
