"""Gives a view the transaction of one deed: it takes the writers' lock, and is committed whole or undone whole.

What only reads gives the database back before its page is made, for a writer of SQLite waits for whoever still reads.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, before_render_template, g
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from registry.domain.errors import Barred, Refused
from registry.store.engine import writing
from registry.store.failures import Unconfirmed
from registry.web import db
from registry.web.asking import now
from registry.web.signed_in import actor
from registry.work.decide import note_bar


def init_app(app: Flask) -> None:
    """Have the database given back before a template is rendered."""
    before_render_template.connect(stop_reading, app)


def stop_reading(*_app: object, **_what: object) -> None:
    """Let go of the database: what was read keeps its values, but asks nothing more."""
    db.session.expunge_all()
    db.session.rollback()


@contextmanager
def deed(subject: str = "") -> Iterator[Session]:
    """Give a session to write with; nothing read before may be used in it, since it may have changed.

    Args:
        subject: what a decision is about, for the trail, where somebody is barred from it.

    Raises:
        DBAPIError: the database cannot be written now. The refusal that the floor below makes of it names the
            database, for operators; whoever asks for a page did nothing wrong and must not read that.
    """
    who = actor()
    # A reader of SQLite would keep the writer from finishing, and this request is both.
    stop_reading()
    try:
        with _writing() as session:
            yield session
    except Barred as barred:
        with _writing() as session:
            note_bar(session, who, subject, str(barred), now())
        raise


@contextmanager
def _writing() -> Iterator[Session]:
    """Give a session of the writer; a database that cannot be written is told as that, without its address."""
    try:
        with writing(db.engine) as session:
            yield session
    except Refused as refused:
        if isinstance(refused.__cause__, DBAPIError):
            # The page that tells of it must not say that nothing was saved.
            g.is_unconfirmed = isinstance(refused, Unconfirmed)
            raise refused.__cause__ from None
        raise
