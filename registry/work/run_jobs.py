"""Runs jobs: takes one under a lease, lets its handler work, writes its effect and that it is done in one transaction.

A worker that dies leaves the lease to run out, and the next takes the job again from its start; of two that think they
have the same job, only the one with the lease writes. What a handler does before its effect is reading, or writing that
does no harm twice, such as laying a file into the vault.
"""

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from registry.domain.errors import RegistryError
from registry.domain.trail import Doer, Tag, plain
from registry.store.engine import writing
from registry.store.jobs import Job
from registry.work.queue_job import as_outcome, told_of
from registry.work.trace import record

LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 5
# How long the file that came of a job is kept.
KEPT = timedelta(days=7)
_LONGEST_FAULT = 2_000
Clock = Callable[[], datetime]


class Cancelled(Exception):
    """Somebody asked to stop the job."""


class LeaseLost(Exception):
    """Another worker has the job now: this one was too slow, or its machine slept."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a job.

    Attributes:
        told: figures for the page of the job.
        name: of a file that lies in the vault, if any.
    """

    told: Mapping[str, Any] = field(default_factory=dict)
    name: str | None = None
    sha256: str | None = None
    size: int | None = None


# The last part of a handler: writes the effect in the transaction that says the job is done.
Effect = Callable[[Session], Result]


class Running:
    """A job under way, as its handler sees it."""

    def __init__(
        self, engine: Engine, job_id: int, told: dict[str, Any], doer: Doer, worker: str, clock: Clock
    ) -> None:
        self.engine, self.id, self.told, self.doer = engine, job_id, told, doer
        self._worker, self.clock = worker, clock
        self._noted_at: datetime | None = None

    def note(self, done: int, total: int = 0, step: str = "", *, now: bool = False) -> None:
        """Say how far it is, at most once a second; renews the lease.

        Raises:
            Cancelled: somebody asked to stop it.
            LeaseLost: another worker took it over.
        """
        at = self.clock()
        if not now and self._noted_at is not None and at - self._noted_at < timedelta(seconds=1):
            return
        with writing(self.engine) as session:
            job = _still_mine(session, self.id, self._worker)
            if job.cancel_asked_at is not None:
                raise Cancelled
            job.done, job.total, job.lease_until = done, total, at + LEASE
            job.step = step or job.step
        self._noted_at = at


Handler = Callable[[Running], Effect]


def run_next(engine: Engine, handlers: Mapping[str, Handler], *, worker: str, clock: Clock) -> bool:
    """Take the next job that is due and do it; return whether there was one.

    Args:
        handlers: by kind.
        worker: a name that no other worker has.
    """
    taken = _take(engine, worker, clock())
    if taken is None:
        return False
    job_id, kind, told, doer = taken
    running = Running(engine, job_id, told, doer, worker, clock)
    log = structlog.get_logger(__name__)
    try:
        handler = handlers.get(kind)
        if handler is None:
            raise RegistryError(f"不认识的任务：{kind} (unknown kind of job)")
        effect = handler(running)
        with writing(engine) as session:
            job = _still_mine(session, job_id, worker)
            if job.cancel_asked_at is not None:
                raise Cancelled
            result = effect(session)
            _finish(session, job, result, doer, clock())
    except LeaseLost:
        log.warning("job.lease_lost", job=job_id)
    except Cancelled:
        _close(engine, job_id, worker, "cancelled", "", doer, clock())
    except RegistryError as refused:
        # Whoever asked can mend it; trying again would refuse again.
        _close(engine, job_id, worker, "failed", str(refused), doer, clock())
    except Exception as failure:
        log.error("job.failed", job=job_id, error=repr(failure), trace=traceback.format_exc())
        _give_back(engine, job_id, worker, doer, clock())
    return True


def _take(engine: Engine, worker: str, now: datetime) -> tuple[int, str, dict[str, Any], Doer] | None:
    """Take a job under a lease: one that waits, or one whose worker let its lease run out."""
    due = (
        select(Job)
        .where(((Job.state == "waiting") & (Job.due_at <= now)) | ((Job.state == "running") & (Job.lease_until < now)))
        .order_by(Job.due_at, Job.id)
        .limit(1)
    )
    # Looked for without the writers' lock first: mostly there is none.
    with Session(engine) as reading:
        if reading.scalar(due) is None:
            return None
    with writing(engine) as session:
        job = session.scalar(due)
        if job is None:
            return None
        doer = Doer(job.person_id, job.asked_by, job.seat)
        if job.attempts >= MOST_ATTEMPTS:
            _over(session, job, "failed", "多次未能完成，请联系管理员 (it was tried too often)", doer, now)
            return None
        job.state, job.worker, job.lease_until = "running", worker, now + LEASE
        job.started_at, job.attempts, job.done, job.total = now, job.attempts + 1, 0, 0
        return job.id, job.kind, told_of(job), doer


def _still_mine(session: Session, job_id: int, worker: str) -> Job:
    job = session.get_one(Job, job_id)
    if job.state != "running" or job.worker != worker:
        raise LeaseLost
    return job


def _finish(session: Session, job: Job, result: Result, doer: Doer, now: datetime) -> None:
    job.outcome = as_outcome(result.told)
    job.result_name, job.result_sha256, job.result_size = result.name, result.sha256, result.size
    job.expires_at = now + KEPT if result.sha256 else None
    job.done = max(job.done, job.total)
    job.state, job.finished_at, job.lease_until = "done", now, None
    session.flush()
    told = {"kind": job.kind, **result.told, "sha256": result.sha256}
    record(session, Tag.JOB_DONE, doer, now=now, subject=f"job:{job.id}", after=told)


def _close(engine: Engine, job_id: int, worker: str, state: str, fault: str, doer: Doer, now: datetime) -> None:
    with writing(engine) as session:
        try:
            job = _still_mine(session, job_id, worker)
        except LeaseLost:
            return
        _over(session, job, state, fault, doer, now)


def _over(session: Session, job: Job, state: str, fault: str, doer: Doer, now: datetime) -> None:
    job.state, job.finished_at, job.lease_until, job.fault = state, now, None, fault[:_LONGEST_FAULT]
    session.flush()
    tag = Tag.JOB_CANCELLED if state == "cancelled" else Tag.JOB_FAILED
    record(session, tag, doer, now=now, subject=f"job:{job.id}", after={"kind": job.kind, "fault": plain(fault)})


def _give_back(engine: Engine, job_id: int, worker: str, doer: Doer, now: datetime) -> None:
    """Let a job that failed for no fault of whoever asked be tried again, later each time."""
    with writing(engine) as session:
        try:
            job = _still_mine(session, job_id, worker)
        except LeaseLost:
            return
        if job.attempts >= MOST_ATTEMPTS:
            _over(session, job, "failed", "多次未能完成，请联系管理员 (it was tried too often)", doer, now)
            return
        job.state, job.lease_until = "waiting", None
        job.due_at = now + timedelta(seconds=5 * 2**job.attempts)
