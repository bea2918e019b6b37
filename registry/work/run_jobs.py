"""Runs jobs: takes one under a lease, lets its handler work, writes its effect and that it is done in one transaction.

A worker that dies leaves the lease to run out, and the next takes the job again from its start; of two that think they
have the same job, only the one with the lease writes. What a handler does before its effect is reading, or writing that
does no harm twice, such as laying a file into the vault. While it works, the lease is renewed beside it.
"""

import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from registry.domain.errors import RegistryError
from registry.domain.trail import Doer, Tag, plain
from registry.store.engine import writing
from registry.store.jobs import KEPT, Job

# The table of whoever asked, without which no job can be written: a worker loads nothing else that knows it.
from registry.store.people import Person  # noqa: F401
from registry.work.queue_job import as_outcome, told_of
from registry.work.trace import record

LEASE = timedelta(seconds=60)
# Seconds between two renewals while a handler is at work and says nothing.
_RENEWED = 15.0
MOST_ATTEMPTS = 5
# Further ahead than any lease or wait is given, and than the clocks of two machines differ: the clock was set back.
_SET_BACK = timedelta(minutes=15)
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
        told: figures for the page of the job, and for the trail.
        name: of a file that lies in the vault, if any.
        shown: what the page shows besides; not for the trail.
    """

    told: Mapping[str, Any] = field(default_factory=dict)
    name: str | None = None
    sha256: str | None = None
    size: int | None = None
    shown: Mapping[str, Any] = field(default_factory=dict)


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

    def renew(self) -> None:
        """Renew the lease; one that is lost is left alone."""
        with writing(self.engine) as session:
            job = session.get_one(Job, self.id)
            if job.state == "running" and job.worker == self._worker:
                job.lease_until = self.clock() + LEASE


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
        with _renewed(running):
            effect = handler(running)
        with writing(engine) as session:
            # Locked until it is committed: nobody takes it over, however long the effect takes to write.
            job = _still_mine(session, job_id, worker, lock=True)
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


@contextmanager
def _renewed(running: Running) -> Iterator[None]:
    """Renew the lease of a job from beside while its handler is at work."""
    over = threading.Event()

    def renew() -> None:
        while not over.wait(_RENEWED):
            try:
                running.renew()
            except Exception as failure:
                # The next try may do it; if none does, the lease runs out and says so.
                structlog.get_logger(__name__).warning("job.not_renewed", job=running.id, error=repr(failure))

    beside = threading.Thread(target=renew, name=f"lease-{running.id}", daemon=True)
    beside.start()
    try:
        yield
    finally:
        over.set()
        beside.join()


def release_gone(engine: Engine, is_gone: Callable[[str], bool]) -> int:
    """Let jobs whose worker is known to be dead be taken at once, before their lease runs out; return how many.

    Args:
        is_gone: says of a worker's name whether it is dead for certain.
    """
    running = select(Job.id, Job.worker).where(Job.state == "running")
    with Session(engine) as reading:
        gone = [(number, worker) for number, worker in reading.execute(running) if is_gone(worker)]
    if not gone:
        return 0
    released = 0
    with writing(engine) as session:
        for number, worker in gone:
            job = session.get_one(Job, number)
            if job.state == "running" and job.worker == worker:
                job.state, job.lease_until = "waiting", None
                released += 1
    return released


def _take(engine: Engine, worker: str, now: datetime) -> tuple[int, str, dict[str, Any], Doer] | None:
    """Take a job under a lease: one that waits, or one whose worker let its lease run out.

    After the clock was set back nobody waits until it comes round again.
    """
    ahead = now + _SET_BACK
    waits = (Job.state == "waiting") & ((Job.due_at <= now) | (Job.due_at > ahead))
    is_left = (Job.state == "running") & ((Job.lease_until < now) | (Job.lease_until > ahead))
    due = select(Job).where(waits | is_left).order_by(Job.due_at, Job.id).limit(1).with_for_update(skip_locked=True)
    # Looked for without the writers' lock first: mostly there is none.
    with Session(engine) as reading:
        if reading.scalar(due.with_only_columns(Job.id)) is None:
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


def _still_mine(session: Session, job_id: int, worker: str, *, lock: bool = False) -> Job:
    job = session.get_one(Job, job_id, with_for_update=lock)
    if job.state != "running" or job.worker != worker:
        raise LeaseLost
    return job


def _finish(session: Session, job: Job, result: Result, doer: Doer, now: datetime) -> None:
    job.outcome = as_outcome({**result.told, **result.shown})
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
