"""Seals what is kept under older keys anew under the newest: contacts, secrets of codes, texts of mails that wait.

Contacts are those of people, and of those who objected or reported.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.trail import Doer, Tag
from registry.store.base import Base
from registry.store.letters import Letter
from registry.store.papers import Report
from registry.store.people import Person
from registry.store.publicities import Objection
from registry.work.seal import Keys, SealBroken, needs_new_seal, open_sealed, seal
from registry.work.seal_codes import sealed_anew
from registry.work.trace import record


def seal_anew(session: Session, keys: Keys, *, doer: Doer, now: datetime) -> int:
    """Seal anew all that was sealed with another key or suite than the current; return how many texts that were.

    Raises:
        SealBroken: a text cannot be opened; says which. Whoever holds the transaction undoes what was done so far.
    """
    changed = 0
    for person in session.scalars(select(Person).order_by(Person.id)):
        for field in ("phone", "id_number"):
            changed += _seal_anew(keys, person, f"{field}_sealed", f"person:{person.id}:{field}")
        if person.tf_totp_secret:
            with _named(f"person:{person.id}:totp"):
                renewed = sealed_anew(keys, person.tf_totp_secret)
            if renewed:
                person.tf_totp_secret = renewed
                changed += 1
    for letter in session.scalars(select(Letter).where(Letter.body_sealed.is_not(None)).order_by(Letter.id)):
        changed += _seal_anew(keys, letter, "body_sealed", f"letter:{letter.id}")
    for objection in session.scalars(select(Objection).order_by(Objection.id)):
        changed += _seal_anew(keys, objection, "contact_sealed", f"objection:{objection.id}:contact")
    for report in session.scalars(select(Report).order_by(Report.id)):
        changed += _seal_anew(keys, report, "contact_sealed", f"report:{report.id}:contact")
    session.flush()
    record(session, Tag.KEYS_ROTATED, doer, now=now, after={"key": keys.current_id, "changed": changed})
    return changed


def _seal_anew(keys: Keys, row: Base, column: str, about: str) -> bool:
    """Seal one text anew; `about` is what it was bound to where it was sealed first."""
    sealed = getattr(row, column)
    with _named(about):
        if not sealed or not needs_new_seal(keys, sealed):
            return False
        setattr(row, column, seal(keys, open_sealed(keys, sealed, about=about), about=about))
    return True


@contextmanager
def _named(about: str) -> Iterator[None]:
    """Say which text it is that cannot be opened."""
    try:
        yield
    except SealBroken as broken:
        reason, reason_en = f"{about} 打不开，未改封任何内容", f"{about} cannot be opened, nothing was sealed anew"
        raise SealBroken(reason, reason_en, broken.key_id, about) from broken
