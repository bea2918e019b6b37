"""The two homes of a register that a proof kills: a file of SQLite, and PostgreSQL with its care for power cuts."""

from collections.abc import Iterator
from pathlib import Path

from postgres import CAREFUL, cluster


def both_homes(folder: Path) -> Iterator[tuple[str, str, Path]]:
    """Yield the name, the address and a folder of each; PostgreSQL runs as long as they are taken."""
    with cluster(CAREFUL) as postgresql:
        homes = {"SQLite": f"sqlite:///{folder / 'registry.sqlite'}", "PostgreSQL": postgresql.start().create()}
        for name, url in homes.items():
            own = folder / name
            own.mkdir()
            yield name, url, own
