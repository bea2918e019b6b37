"""Reads the ledger of one firm with who filed each entry. Judges nothing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.store.ledger import Filing, LedgerEntry


@dataclass(frozen=True, slots=True)
class Logged:
    """One entry of the ledger with the deed that brought it.

    Attributes:
        voids: the number of the entry that this one takes back.
        voided_by: the number of the entry that took this one back.
    """

    seq: int
    known_at: datetime
    on: date
    uscc: str
    tag: str
    tier: str | None
    district: str | None
    details: Mapping[str, str]
    voids: int | None
    voided_by: int | None
    deed: str
    source: str
    actor: str


def log_of(session: Session, uscc: str) -> list[Logged]:
    """Return every entry of a firm in the order it became known."""
    return _logged(session, _entries().where(LedgerEntry.uscc == uscc))


def filed_by(session: Session, filing_id: int) -> list[Logged]:
    """Return the entries that a filing brought."""
    return _logged(session, _entries().where(LedgerEntry.filing_id == filing_id))


def _entries() -> Any:
    return (
        select(LedgerEntry, Filing.deed, Filing.source, Filing.actor)
        .join(Filing, Filing.id == LedgerEntry.filing_id)
        .order_by(LedgerEntry.seq)
    )


def _logged(session: Session, query: Any) -> list[Logged]:
    rows = session.execute(query).all()
    voided_by = {entry.voids: entry.seq for entry, *_ in rows if entry.voids is not None}
    return [
        Logged(
            entry.seq,
            entry.known_at,
            entry.takes_effect_on,
            entry.uscc,
            entry.tag,
            entry.tier,
            entry.district,
            _details(entry.details),
            entry.voids,
            voided_by.get(entry.seq),
            deed,
            source,
            actor,
        )
        for entry, deed, source, actor in rows
    ]


def _details(text: str) -> dict[str, str]:
    """Return what a statement adds; a text that somebody has spoilt is shown as it stands."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"details": text}
