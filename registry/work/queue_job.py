"""Asks for long work, and asks to stop it. The job stands in the transaction of the deed that asks. Never commits."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.errors import MoveNotAllowed
from registry.domain.trail import Doer, Tag
from registry.store.jobs import OVER, Job
from registry.work.trace import record

# One person waits for so many at once.
MOST_WAITING = 20


def queue(
    session: Session,
    kind: str,
    told: Mapping[str, Any],
    *,
    actor: Actor | None = None,
    seat: Seat | None = None,
    once: str | None = None,
    now: datetime,
) -> Job:
    """Ask for a job; one that is asked for twice as the same is there once.

    Args:
        told: what is to be done, as JSON can hold it.
        actor: who asks; None: the program itself.
        once: what makes it the same job.

    Raises:
        MoveNotAllowed: the person has too many jobs under way.
    """
    if once is not None:
        before = session.scalars(select(Job).where(Job.once == once)).one_or_none()
        if before is not None:
            return before
    if actor is not None:
        waiting = select(Job.id).where(Job.person_id == actor.person_id, Job.finished_at.is_(None))
        if len(session.scalars(waiting.limit(MOST_WAITING)).all()) >= MOST_WAITING:
            raise MoveNotAllowed(
                f"您已有 {MOST_WAITING} 项任务在等待或进行，请等其中一项完成 (you have {MOST_WAITING} jobs under way)"
            )
    doer = actor.doer(seat) if actor else Doer.program(f"job {kind}")
    job = Job(
        kind=kind,
        told=json.dumps(dict(told), ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        once=once,
        person_id=actor.person_id if actor else None,
        asked_by=doer.name,
        seat=doer.seat,
        state="waiting",
        queued_at=now,
        due_at=now,
        worker="",
        attempts=0,
        done=0,
        total=0,
        step="",
        fault="",
        outcome="{}",
    )
    session.add(job)
    session.flush()
    record(session, Tag.JOB_QUEUED, doer, now=now, subject=f"job:{job.id}", after={"kind": kind, **told})
    return job


def cancel(session: Session, job: Job, *, doer: Doer, now: datetime) -> None:
    """Stop a job: at once if it waits, at its next step if it runs.

    Raises:
        MoveNotAllowed: it is over.
    """
    if job.state in OVER:
        raise MoveNotAllowed("任务已经结束，不能取消 (it is over already)")
    job.cancel_asked_at = now
    if job.state == "waiting":
        job.state, job.finished_at = "cancelled", now
    session.flush()
    record(session, Tag.JOB_CANCELLED, doer, now=now, subject=f"job:{job.id}", after={"kind": job.kind})


def told_of(job: Job) -> dict[str, Any]:
    """Return what a job is to do."""
    found: dict[str, Any] = json.loads(job.told)
    return found


def outcome_of(job: Job) -> dict[str, Any]:
    """Return what came of a job."""
    found: dict[str, Any] = json.loads(job.outcome)
    return found


def as_outcome(told: Mapping[str, Any]) -> str:
    """Return what came of a job as it is kept: whole, unlike what the trail keeps of it."""
    return json.dumps(dict(told), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
