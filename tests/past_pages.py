"""A session that writes to the database of an application, past its pages."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from registry.store.engine import open_engine, writing


@contextmanager
def rows_of(address: str) -> Iterator[Session]:
    """Give a session that writes; what it read stays readable after it."""
    engine = open_engine(address)
    try:
        with writing(engine) as session:
            session.expire_on_commit = False
            yield session
    finally:
        engine.dispose()
