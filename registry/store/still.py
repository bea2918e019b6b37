"""Shows a database as it stood at one moment, for whoever reads long; nobody who writes waits for that.

Who reads an SQLite file keeps a writer from finishing, and a writer who waits keeps every other reader out: a
screening of half a second held up all pages for as long. So the file is copied first, page by page in one step, which
is many times faster than reading its rows. PostgreSQL shows one moment by itself.
"""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, StaticPool, create_engine
from sqlalchemy.orm import Session

from registry.store.engine import PATIENCE, file_of

# Where SQLite puts what has no name: a file of its folder for such things that is gone with its connection.
_UNNAMED = ""


@contextmanager
def still(engine: Engine, folder: Path | None = None) -> Iterator[Connection]:
    """Give a connection that shows the database as it stood at one moment, to read it.

    Args:
        folder: where a copy of an SQLite file is made, with as much room as it takes; then it must be made. Unless
            given it is where SQLite keeps temporary files, and without room there the database itself is read.

    Raises:
        sqlite3.Error: the copy could not be made in the folder.
    """
    with ExitStack() as left:
        file = file_of(engine.url)
        copy = None
        if file is not None and folder is not None:
            place = left.enter_context(tempfile.TemporaryDirectory(dir=folder, prefix=".still-"))
            copy = _copied(file, str(Path(place) / "still.sqlite"))
        elif file is not None:
            copy = _copied_if_there_is_room(file)
        if copy is not None:
            left.callback(copy.close)
            # Under the address of its original: what is remembered of that is true of this.
            engine = create_engine(engine.url, creator=lambda: copy, poolclass=StaticPool)
        with engine.connect() as connection, connection.begin():
            yield connection


@contextmanager
def reading_long(engine: Engine) -> Iterator[Session]:
    """Give a session of what `still` shows."""
    with still(engine) as connection, Session(connection) as session:
        yield session


def _copied_if_there_is_room(file: Path) -> sqlite3.Connection | None:
    try:
        return _copied(file, _UNNAMED)
    except sqlite3.Error:
        return None


def _copied(file: Path, place: str) -> sqlite3.Connection:
    # Whoever judges or writes a file may do so in another thread.
    copy = sqlite3.connect(place, check_same_thread=False)
    try:
        # It is gone before a power cut could matter.
        copy.execute("PRAGMA synchronous=OFF")
        with closing(sqlite3.connect(file, timeout=PATIENCE)) as source:
            source.backup(copy)
        copy.execute("PRAGMA query_only=ON")
    except BaseException:
        copy.close()
        raise
    return copy
