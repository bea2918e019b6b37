"""Gives a view the transaction of one deed: it takes the writers' lock, and is committed whole or undone whole."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from registry.domain.errors import Barred
from registry.store.engine import writing
from registry.web import db
from registry.web.asking import now
from registry.web.signed_in import actor
from registry.work.decide import note_bar


@contextmanager
def deed(subject: str = "") -> Iterator[Session]:
    """Give a session to write with; nothing read before may be used in it, since it may have changed.

    Args:
        subject: what a decision is about, for the trail, where somebody is barred from it.

    Raises:
        Refused: the database cannot be written now.
    """
    who = actor()
    # A reader of SQLite would keep the writer from finishing, and this request is both. What it read so far keeps its
    # values, but asks the database nothing more.
    db.session.expunge_all()
    db.session.rollback()
    try:
        with writing(db.engine) as session:
            yield session
    except Barred as barred:
        with writing(db.engine) as session:
            note_bar(session, who, subject, str(barred), now())
        raise
