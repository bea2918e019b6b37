"""What waits is counted by state, on either database; what is over and went well is not counted at all."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from registry.store.jobs import Job
from registry.store.letters import Letter
from registry.store.queues import queues


def test_an_empty_register_waits_for_nothing(session: Session) -> None:
    found = queues(session)

    assert found.jobs == {"waiting": 0, "running": 0, "failed": 0}
    assert found.letters == {"waiting": 0, "sending": 0, "failed": 0}
    assert found.oldest_job is None and found.oldest_letter is None


def test_what_waits_runs_and_failed_is_counted_with_the_oldest(session: Session, now: datetime) -> None:
    for number, state in enumerate(("waiting", "waiting", "running", "failed", "done", "cancelled")):
        at = now + timedelta(minutes=number)
        over = {"finished_at": at} if state in ("failed", "done", "cancelled") else {}
        over |= {"lease_until": at} if state == "running" else {}
        nothing = {"told": "{}", "asked_by": "x", "seat": "", "worker": "", "step": "", "fault": "", "outcome": "{}"}
        counts = {"attempts": 0, "done": 0, "total": 0}
        session.add(Job(kind="screen", state=state, queued_at=now, due_at=at, **nothing, **counts, **over))
    for number, state in enumerate(("sent", "waiting", "failed")):
        at = now + timedelta(minutes=number)
        told = {"to": "x@example.com", "subject": "x", "tries": 0, "fault": ""}
        session.add(Letter(state=state, written_at=now, due_at=at, **told))
    session.flush()
    found = queues(session)

    assert found.jobs == {"waiting": 2, "running": 1, "failed": 1}
    assert found.letters == {"waiting": 1, "sending": 0, "failed": 1}
    assert found.oldest_job == now
    assert found.oldest_letter == now + timedelta(minutes=1)
