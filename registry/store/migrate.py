"""Brings a database to a version: finds the numbered migrations, in a checkout or a wheel, and runs Alembic."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

# The option of a connection that says its transactions write (see `registry.store.engine.to_write`).
WRITES = "registry_writes"


@cache
def folder() -> Path:
    """Return the folder of the migrations: inside the package of a wheel, else at the top of the checkout."""
    package = Path(__file__).parents[1]
    inside = package / "migrations"
    return inside if (inside / "env.py").exists() else package.parent / "migrations"


@cache
def newest_version() -> str:
    """Return the number of the newest migration, from the names of the files: Alembic takes half a second to load."""
    return max(file.name[:4] for file in (folder() / "versions").glob("[0-9][0-9][0-9][0-9]_*.py"))


def version_of(connection: Connection) -> str | None:
    """Return the version a database stands at, or None when no migration was ever run on it."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version


def settings(connection: Connection) -> "Config":
    """Return Alembic's configuration, made here so that no file of its own is needed at run time."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, to: str = "head") -> None:
    """Bring a database up to a version, all or nothing.

    The lock is taken first, so of two processes that find an empty database one waits and finds it done.
    """
    from alembic import command

    with engine.execution_options(**{WRITES: True}).begin() as connection:
        command.upgrade(settings(connection), to)


def downgrade(engine: Engine, to: str) -> None:
    """Take a database down to a version; `base` leaves it empty."""
    from alembic import command

    with engine.execution_options(**{WRITES: True}).begin() as connection:
        command.downgrade(settings(connection), to)
