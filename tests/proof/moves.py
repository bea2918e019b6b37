"""A city with casework moves from SQLite to PostgreSQL: every list, count and head is the same afterwards."""

from pathlib import Path

import postgres
from moved_register import move
from told_lists import FEW, LISTS


def prove(folder: Path, small: bool) -> str:
    """Move the demo city, of 20,000 firms, and compare everything that the command line tells."""
    firms, names = (400, FEW) if small else (20_000, LISTS)
    with postgres.server() as server:
        return move(f"sqlite:///{folder / 'small.sqlite'}", server.create(), folder, firms, names)
