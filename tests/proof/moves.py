"""A city with casework moves from SQLite to PostgreSQL: every list, count and head is the same afterwards."""

from pathlib import Path

import postgres
from moved_register import move
from told_lists import FEW, LISTS


def prove(folder: Path, small: bool) -> str:
    """Move the demo city, of 20,000 firms, and compare everything that the command line tells."""
    with postgres.server() as server:
        return move(
            f"sqlite:///{folder / 'small.sqlite'}",
            server.create(),
            folder,
            400 if small else 20_000,
            FEW if small else LISTS,
        )
