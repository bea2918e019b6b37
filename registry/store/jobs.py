"""Jobs: long work that is asked for now and done by a worker, with its progress, its result and what went wrong.

A job is queued in the transaction of whoever asks for it, taken under a lease, and its effect is written in the
transaction that says it is done: a worker that dies leaves it to the next, and nothing is done twice.
"""

import json
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, Integer, Text, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from registry.store.base import BIG, Base, Id, Utc, UtcMoment, one_of

JOB_STATES = ("waiting", "running", "done", "failed", "cancelled")
OVER = ("done", "failed", "cancelled")
# How long the file that came of a job is kept, and the list that one was given.
KEPT = timedelta(days=7)
# What they are told names a list in the vault, as `sha256`.
WITH_LIST = ("check_list", "file_list")
UNFINISHED = text("state IN ('waiting', 'running')")


class Job(Base):
    """One piece of long work."""

    __tablename__ = "job"
    __table_args__ = (
        one_of("state", JOB_STATES),
        CheckConstraint("kind <> ''", name="kind_is_named"),
        CheckConstraint("attempts >= 0 AND done >= 0 AND total >= 0", name="counts_not_negative"),
        CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name="leased_while_it_runs"),
        CheckConstraint("(state IN ('waiting', 'running')) = (finished_at IS NULL)", name="finished_when_it_is_over"),
        CheckConstraint("(result_sha256 IS NULL) = (result_name IS NULL)", name="result_is_named"),
        CheckConstraint("result_sha256 IS NULL OR length(result_sha256) = 64", name="sha256_is_whole"),
        Index("ix_job_queue", "state", "due_at", "id", sqlite_where=UNFINISHED, postgresql_where=UNFINISHED),
        Index("ix_job_person_id", "person_id", "id"),
        Index("ix_job_expires_at", "expires_at"),
    )
    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(Text)
    told: Mapped[str] = mapped_column(Text, comment="what is to be done, as canonical JSON")
    once: Mapped[str | None] = mapped_column(
        Text, unique=True, comment="what makes it the same job; null: every one is new"
    )
    person_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("person.id"), comment="who asked; null: the program")
    asked_by: Mapped[str] = mapped_column(Text, comment="who asked, as the trail names him")
    seat: Mapped[str] = mapped_column(Text, comment="in which seat, as the trail names it")
    state: Mapped[str] = mapped_column(Text, comment="waiting, running, done, failed or cancelled")
    queued_at: Mapped[Utc] = mapped_column(comment="when it was asked for")
    due_at: Mapped[Utc] = mapped_column(comment="not to be tried before")
    started_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when it was last taken")
    lease_until: Mapped[datetime | None] = mapped_column(UtcMoment, comment="after that another may take it")
    worker: Mapped[str] = mapped_column(Text, comment="who has it, or had it last")
    attempts: Mapped[int] = mapped_column(Integer, comment="how often it was taken")
    done: Mapped[int] = mapped_column(Integer, comment="how much of it is done")
    total: Mapped[int] = mapped_column(Integer, comment="of how much; 0 while that is not known")
    step: Mapped[str] = mapped_column(Text, comment="what it is at, in both languages")
    cancel_asked_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when somebody asked to stop it")
    finished_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when it was done, failed or cancelled")
    fault: Mapped[str] = mapped_column(Text, comment="what went wrong, in both languages; empty when nothing")
    outcome: Mapped[str] = mapped_column(Text, comment="what came of it, as canonical JSON")
    result_name: Mapped[str | None] = mapped_column(Text, comment="of the file that came of it")
    result_sha256: Mapped[str | None] = mapped_column(Text, comment="under which it lies in the vault")
    result_size: Mapped[int | None] = mapped_column(Integer, comment="bytes")
    expires_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="from when on the file is no longer kept")


def jobs_of(session: Session, person_id: int, *, before: int | None = None, limit: int = 50) -> list[Job]:
    """Return what a person asked for, the newest first."""
    query = select(Job).where(Job.person_id == person_id)
    if before is not None:
        query = query.where(Job.id < before)
    return list(session.scalars(query.order_by(Job.id.desc()).limit(limit)))


def job_of(session: Session, condition: ColumnElement[bool], number: int) -> Job | None:
    """Return a job by its number, on a condition."""
    return session.scalars(select(Job).where(Job.id == number, condition)).one_or_none()


def files_of_jobs(session: Session, now: datetime) -> set[str]:
    """Return the digests of the files that jobs still hand out, and of the lists they were given lately."""
    kept = select(Job.result_sha256).where(Job.result_sha256.is_not(None), Job.expires_at > now)
    given = select(Job.told).where(Job.kind.in_(WITH_LIST))
    lately = given.where(Job.finished_at.is_(None) | (Job.queued_at > now - KEPT))
    lists = {str(json.loads(told)["sha256"]) for told in session.scalars(lately)}
    return lists | {digest for digest in session.scalars(kept) if digest}
