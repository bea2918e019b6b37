"""A real SQLite database on the real migrations; what a test writes is undone after it. No test reads the clock."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from registry.config import PREFIX
from registry.store.engine import open_ready


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine reaches a test."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


@pytest.fixture
def now() -> datetime:
    return datetime(2025, 11, 25, 1, 30, tzinfo=UTC)


@pytest.fixture
def today() -> date:
    return date(2025, 11, 25)


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_ready(f"sqlite:///{tmp_path_factory.mktemp('database') / 'test.sqlite'}")
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session whose commits are savepoints: all is rolled back after the test."""
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            yield session
        outer.rollback()
