"""A session that leaves nothing behind."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.orm import Session


@contextmanager
def undone(engine: Engine) -> Iterator[Session]:
    """Give a session whose commits are savepoints: all is rolled back in the end."""
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            yield session
        outer.rollback()
