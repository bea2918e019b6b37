"""Databases on the real migrations, SQLite and PostgreSQL; what a test writes is undone. No test reads the clock."""

import gc
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import postgres
import pytest
from made_once import make_once
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from undone import undone

from registry.config import PREFIX
from registry.store.engine import bring_to_newest, open_engine, open_ready
from registry.store.remembered import forget

make_once()

# A test that asks for a database runs on either; another that names its own asks for none.
HOMES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


def pytest_configure() -> None:
    """Modules and tests stay until the end: while they are loaded nobody looks through them for circles."""
    gc.disable()


def pytest_collection_finish() -> None:
    """And nobody does later."""
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(50_000)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine reaches a test."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _fresh_memory() -> None:
    """What a test undoes was never remembered."""
    forget()


@pytest.fixture
def now() -> datetime:
    return datetime(2025, 11, 25, 1, 30, tzinfo=UTC)


@pytest.fixture
def today() -> date:
    return date(2025, 11, 25)


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    """A PostgreSQL server, one for each process of tests; started only when a test asks for it."""
    with postgres.server() as started:
        yield started


@pytest.fixture(scope="session")
def migrated(server: postgres.Server) -> str:
    """The name of a PostgreSQL database at the newest migration, of which others are copies."""
    name = "migrated"
    server.run(f"CREATE DATABASE {name}")
    engine = open_engine(server.url(name))
    bring_to_newest(engine)
    engine.dispose()
    return name


@pytest.fixture(params=HOMES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database of the test's own, with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite'}"
        return
    server: postgres.Server = request.getfixturevalue("server")
    url = server.create()
    yield url
    server.drop(url)


@pytest.fixture(params=HOMES)
def own_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database of the test's own at the newest migration, where commits are commits."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'own.sqlite'}"
        open_ready(url).dispose()
        yield url
        return
    server: postgres.Server = request.getfixturevalue("server")
    url = server.create(request.getfixturevalue("migrated"))
    yield url
    server.drop(url)


@pytest.fixture(scope="session", params=HOMES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('database') / 'test.sqlite'}"
    else:
        url = request.getfixturevalue("server").create(request.getfixturevalue("migrated"))
    engine = open_ready(url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session on either home; all is rolled back after the test."""
    with undone(engine) as session:
        yield session
