"""The migrations and the tables say the same, in numbered files, there and back."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from casework import open_hall
from proof.migrations import step_through
from sqlalchemy import Engine, create_mock_engine, inspect, text

from registry.store.engine import bring_to_newest, open_engine, writing
from registry.store.migrate import downgrade, folder, newest_version, settings, upgrade, version_of
from registry.store.tables import METADATA

VERSIONS = sorted((folder() / "versions").glob("[0-9]*.py"))


# What PostgreSQL says of a schema, in its own words, a row a thing.
POSTGRESQL = (
    """SELECT table_name || '.' || column_name, concat_ws(' ', data_type, is_nullable, column_default,
           col_description(format('%I', table_name)::regclass, ordinal_position::int))
       FROM information_schema.columns WHERE table_schema = 'public'""",
    """SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint
       WHERE connamespace = 'public'::regnamespace""",
    "SELECT tablename || '.' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT sequence_name, data_type FROM information_schema.sequences WHERE sequence_schema = 'public'",
)
POSTGRESQL_GUARDS = (
    "SELECT tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
)
SQLITE = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"


@pytest.fixture
def empty(empty_url: str) -> Iterator[Engine]:
    engine = open_engine(empty_url)
    yield engine
    engine.dispose()


def schema(engine: Engine, *, guards: bool = True) -> list[tuple[str, str]]:
    """Return everything a database consists of, apart from Alembic's own table."""
    questions = [SQLITE]
    if engine.dialect.name == "postgresql":
        questions = [*POSTGRESQL, *(POSTGRESQL_GUARDS if guards else ())]
    with engine.connect() as connection:
        found = [row for question in questions for row in connection.execute(text(question))]
    return sorted((name, re.sub(r"\s+", " ", said)) for name, said in found if "alembic_version" not in name)


def rules(engine: Engine) -> dict[str, list[tuple[str, str]]]:
    """Return the CHECKs of every table, which Alembic does not compare."""
    found = inspect(engine)
    return {
        table: sorted((str(rule["name"]), rule["sqltext"]) for rule in found.get_check_constraints(table))
        for table in METADATA.tables
    }


def clustered(engine: Engine) -> list[str]:
    """Return the tables that SQLite keeps in the order of their primary key."""
    return [name for name, sql in schema(engine) if sql.endswith("WITHOUT ROWID")]


def test_migrations_run_up_and_down_and_up_again(empty: Engine) -> None:
    upgrade(empty)
    first = schema(empty)
    downgrade(empty, "base")
    assert schema(empty) == []

    upgrade(empty)
    assert schema(empty) == first
    with empty.connect() as connection:
        assert version_of(connection) == newest_version()


def test_rows_stay_as_they_are_down_and_up_migration_by_migration(empty: Engine, tmp_path: Path) -> None:
    """In the small what `make proof` shows with 10,000 firms."""
    bring_to_newest(empty)
    with writing(empty) as session:
        hall = open_hall(session)
        hall.hold("innovative")
        case = hall.submitted("specialized")
        hall.act("district", case, "take_up")
    # The one that changes a table that holds rows is done again on the way, and the newest.
    stepped = step_through(empty, tmp_path / "backup", again=(17, len(VERSIONS)))

    assert stepped.rows > 200 and stepped.migrations == len(VERSIONS)


def test_every_migration_can_be_taken_alone(empty: Engine) -> None:
    for file in VERSIONS:
        upgrade(empty, file.name[:4])
        before = schema(empty)
        downgrade(empty, "-1")
        upgrade(empty, file.name[:4])
        assert schema(empty) == before, file.name


def test_migrations_and_tables_are_the_same(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, METADATA) == []


def test_migrated_tables_are_those_that_the_models_would_make(empty: Engine) -> None:
    """What Alembic does not compare: the CHECKs, the conditions of an index, the order of rows on the disk."""
    METADATA.create_all(empty)
    of_models = rules(empty), clustered(empty), schema(empty, guards=False)
    METADATA.drop_all(empty)
    upgrade(empty)

    assert (rules(empty), clustered(empty)) == of_models[:2]
    if empty.dialect.name == "postgresql":
        assert schema(empty, guards=False) == of_models[2]


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
    METADATA.create_all(engine, checkfirst=False)

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
        for table in METADATA.sorted_tables
        for column in table.columns
        if not column.comment and column.name not in plain
    ]
    assert bare == []
