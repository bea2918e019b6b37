"""Traces a deed: appends an entry to the trail, in the transaction of the deed itself. Flushes, never commits.

A deed and its entry stand or fall together: what cannot be traced is not done, and what was undone leaves no trace.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from registry.domain.trail import LONGEST_WORD, Doer, Entry, Tag, link, plain, values_as_text
from registry.store.trail import TRAIL, trail_head


def record(
    where: Session | Connection,
    tag: Tag,
    doer: Doer,
    *,
    now: datetime,
    subject: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> int:
    """Append an entry to the trail; return its number.

    The transaction should be a writing one (see `registry.store.engine.to_write`): writers queue, so the next number
    is free. Two that do not queue get the same number, and the database refuses the second with its whole deed.

    Args:
        where: the session of the deed, or its connection where it has no session.
        now: with its zone. Where the clock stands before the last entry, that entry's moment is taken.
        subject: what it was done to, as `person:12`.
        before: the values that were replaced; never a secret (see `registry.domain.trail.values_as_text`).
        after: the values that hold since.
    """
    if isinstance(where, Connection):
        connection = where
    else:
        # What the deed changed is refused first, if it is refused.
        where.flush()
        connection = where.connection()
    head = trail_head(connection)
    last_at = connection.scalar(select(TRAIL.c.at).where(TRAIL.c.seq == head.seq))
    entry = Entry(
        seq=head.seq + 1,
        at=now if last_at is None else max(now, last_at),
        tag=Tag(tag).value,
        person_id=doer.person_id,
        name=plain(doer.name, LONGEST_WORD),
        seat=plain(doer.seat, LONGEST_WORD),
        address=plain(doer.address, LONGEST_WORD),
        request_id=plain(doer.request_id, LONGEST_WORD),
        subject=plain(subject, LONGEST_WORD),
        before=values_as_text(before),
        after=values_as_text(after),
    )
    values = {name: getattr(entry, name) for name in Entry.__slots__}
    connection.execute(TRAIL.insert().values(**values, hash=link(head.hash, entry)))
    return entry.seq
