"""The migrations and the tables say the same, in numbered files, there and back."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_mock_engine, inspect, text

from registry.store import firms, ledger, standing, statements
from registry.store.base import Base
from registry.store.engine import open_engine
from registry.store.migrate import downgrade, folder, newest_version, settings, upgrade, version_of

VERSIONS = sorted((folder() / "versions").glob("[0-9]*.py"))
assert firms and ledger and standing and statements


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    yield engine
    engine.dispose()


def schema(engine: Engine) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"))
        return [(name, re.sub(r"\s+", " ", sql)) for name, sql in found if name != "alembic_version"]


def rules(engine: Engine) -> dict[str, list[tuple[str, str]]]:
    """Return the CHECKs of every table, which Alembic does not compare."""
    found = inspect(engine)
    return {
        table: sorted((str(rule["name"]), rule["sqltext"]) for rule in found.get_check_constraints(table))
        for table in Base.metadata.tables
    }


def test_migrations_run_up_and_down_and_up_again(empty: Engine) -> None:
    upgrade(empty)
    first = schema(empty)
    downgrade(empty, "base")
    assert schema(empty) == []

    upgrade(empty)
    assert schema(empty) == first
    with empty.connect() as connection:
        assert version_of(connection) == newest_version()


def test_every_migration_can_be_taken_alone(empty: Engine) -> None:
    for file in VERSIONS:
        upgrade(empty, file.name[:4])
        before = schema(empty)
        downgrade(empty, "-1")
        upgrade(empty, file.name[:4])
        assert schema(empty) == before, file.name


def test_migrations_and_tables_are_the_same(engine: Engine, empty: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []

    Base.metadata.create_all(empty)
    assert rules(engine) == rules(empty)
    clustered = [name for name, sql in schema(empty) if sql.endswith("WITHOUT ROWID")]
    assert clustered == [name for name, sql in schema(engine) if sql.endswith("WITHOUT ROWID")]


def test_migrations_are_numbered_in_one_line(engine: Engine) -> None:
    assert [int(file.name[:4]) for file in VERSIONS] == list(range(1, len(VERSIONS) + 1))
    with engine.connect() as connection:
        script = ScriptDirectory.from_config(settings(connection))
    assert script.get_heads() == [newest_version()]
    for file, previous in zip(VERSIONS, [None, *(file.name[:4] for file in VERSIONS)], strict=False):
        revision = script.get_revision(file.name[:4])
        assert revision is not None and revision.down_revision == previous, file.name


def test_a_migration_that_fails_leaves_nothing_behind(empty: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    from alembic import op

    def fail(*_args: object, **_options: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(op, "drop_table", fail)
    monkeypatch.setattr(op, "create_index", fail)
    with pytest.raises(RuntimeError, match="power cut"):
        upgrade(empty)

    assert inspect(empty).get_table_names() == []


def test_the_tables_can_be_written_for_postgresql() -> None:
    said: list[str] = []
    engine = create_mock_engine(
        "postgresql+psycopg://", lambda sql, *_a, **_k: said.append(str(sql.compile(dialect=engine.dialect)))
    )
    Base.metadata.create_all(engine, checkfirst=False)

    written = "\n".join(said)
    assert "id BIGSERIAL NOT NULL" in written
    assert "TIMESTAMP WITH TIME ZONE" in written
    assert "WHERE superseded_at IS NULL" in written


def test_every_column_whose_name_does_not_say_it_has_a_comment() -> None:
    plain = {"id", "firm_id", "uscc", "name", "district", "industry", "tier", "entry", "source", "known_at"}
    plain |= {"functional_area", "created_at", "recognised_on", "entered_on", "exit_reason", "batch"}
    plain |= {"filed_at", "deed", "takes_effect_on", "tag", "cause", "merged_on", "superseded_at"}
    plain |= {"starts_on", "day", "kind", "count", "year", "size", "filing_id", "into_uscc"}
    bare = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if not column.comment and column.name not in plain
    ]
    assert bare == []
