"""Runs the migrations for Alembic: on the connection the program hands over, or on the database of the settings."""

from alembic import context
from sqlalchemy import Connection

from registry.store.tables import METADATA


def run_on(connection: Connection) -> None:
    """Run on a connection; a change of an SQLite table is written as a copy of it."""
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run_on(given)
else:
    # A developer's `alembic -c setup.cfg …`.
    from registry.config import load_settings
    from registry.store.engine import open_engine, to_write

    with to_write(open_engine(load_settings().database_url)).begin() as own:
        run_on(own)
