"""Traces the lists of firms that the command line hands out. Hands out nothing itself."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from registry.config import load_settings
from registry.domain.errors import Refused
from registry.domain.trail import Doer, Tag

if TYPE_CHECKING:
    from sqlalchemy import Engine


@dataclass(slots=True)
class HandedOut:
    """A list on its way out.

    Attributes:
        rows: how many rows of it went out; None while nobody has said.
    """

    rows: int | None = None

    def count(self, rows: Iterable[Any]) -> Iterator[Any]:
        """Yield rows and count them."""
        self.rows = 0
        for row in rows:
            yield row
            self.rows += 1


@contextmanager
def handing_out(engine: "Engine", command: str, what: str, form: str, **asked: object) -> Iterator[HandedOut]:
    """Trace a list once it was written; to be left after whatever reads the database, or that would block the writer.

    Where the trail cannot be written the list goes out all the same, and standard error says so. Pages refuse then,
    but whoever runs this command has the database itself before him, and would read it by other means.

    Args:
        command: as `export firms`.
        what: the list, as the pages name theirs.
        asked: what narrows the list; what is None was not asked for.
    """
    told = HandedOut()
    try:
        yield told
    except BrokenPipeError:
        # Whoever took the beginning only has that.
        _note(engine, command, f"{what}.{form}", told, asked)
        raise
    _note(engine, command, f"{what}.{form}", told, asked)


def _note(engine: "Engine", command: str, what: str, told: HandedOut, asked: dict[str, object]) -> None:
    from sqlalchemy.exc import DBAPIError

    from registry.store.engine import writing
    from registry.work.trace import record

    now = datetime.now(load_settings().zone)
    after = {"asked": {name: value for name, value in asked.items() if value is not None}, "rows": told.rows}
    try:
        with writing(engine) as session:
            record(session, Tag.DATA_EXPORTED, Doer.program(command), now=now, subject=what, after=after)
    except (Refused, DBAPIError) as failure:
        reason = str(failure).partition("\n")[0]
        click.echo(f"本次导出未能写入操作留痕：{reason} (handed out, but the trail could not tell of it)", err=True)
    finally:
        engine.dispose()
