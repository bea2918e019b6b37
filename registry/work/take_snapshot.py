"""Takes a snapshot: every firm with its facts, titles, awards and contests as of a day, in Parquet with a manifest.

It is what a register hands over to be screened elsewhere. It holds no person and no confidential field, but all that
firms stated: whoever takes one is traced, and the folder is to be kept like the register itself.
"""

import hashlib
import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import polars as pl
from sqlalchemy.orm import Session

from registry import __version__
from registry.domain.errors import Refused
from registry.domain.periods import last_fiscal_year
from registry.rules.columns.judge import yearly_numbers
from registry.store.books import last_moment
from registry.store.frames import awards_frame, contests_frame, firms_frame, titles_frame
from registry.work.filing import last_head
from registry.work.snapshot_file import (
    MANIFEST,
    SEAL,
    TABLES,
    Manifest,
    Part,
    Snapshot,
    columns_of,
    digest_of,
    types_of,
)

# Rows of a part: a task of some seconds for one core, and small enough to be handed on and checked by itself.
PART_ROWS = 500_000
# Rows that are read at once within a part.
_GROUP_ROWS = 100_000
_READERS = {"titles": titles_frame, "awards": awards_frame, "contests": contests_frame}


class SnapshotWriter:
    """Writes the parts of a snapshot and keeps account of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.parts: dict[str, dict[str, Part]] = {table: {} for table in TABLES}
        self.largest: dict[str, int] = defaultdict(int)
        for table in TABLES:
            (folder / table).mkdir()

    def add(self, table: str, frame: pl.DataFrame) -> None:
        """Write the next rows of a table; the frame has exactly its columns."""
        frame = frame.select(pl.col(name).cast(kind) for name, kind in types_of(table).items())
        if table == "firms":
            numbers = sorted(yearly_numbers())
            for name, size in frame.select(pl.col(numbers).abs().max()).row(0, named=True).items():
                self.largest[name] = max(self.largest[name], size or 0)
        for rows in frame.iter_slices(PART_ROWS):
            path = self.folder / table / f"{len(self.parts[table]):05d}.parquet"
            rows.write_parquet(path, compression="zstd", row_group_size=_GROUP_ROWS)
            self.parts[table][path.name] = Part(rows.height, path.stat().st_size, digest_of(path))

    def close(self, *, on: date, known_at: str, ledger: tuple[int, str], now: datetime) -> Manifest:
        """Write the manifest, and its digest beside it; the last of a snapshot."""
        manifest = Manifest(
            on=on,
            known_at=known_at,
            made_at=now.isoformat(timespec="seconds"),
            version=__version__,
            ledger=ledger,
            columns={table: columns_of(table) for table in TABLES},
            parts=self.parts,
            largest=dict(self.largest),
        )
        text = manifest.as_text()
        (self.folder / MANIFEST).write_bytes(text)
        (self.folder / SEAL).write_text(hashlib.sha256(text).hexdigest() + "\n", "ascii")
        return manifest


@contextmanager
def writing_into(target: Path) -> Iterator[SnapshotWriter]:
    """Give a writer of a folder that is not there yet; it appears whole, or not at all.

    Raises:
        Refused: the folder is there already or cannot be written.
    """
    if target.exists():
        raise Refused.at("out", f"{target.name} 已存在，不会覆盖 (it is there already and is not replaced)")
    draft = target.with_name(f".{target.name}.part")
    try:
        draft.mkdir(mode=0o700)
        yield SnapshotWriter(draft)
        os.replace(draft, target)
    except OSError as failure:
        raise Refused.at("out", f"快照写不出：{failure.strerror} (cannot be written)") from failure
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def take_snapshot(
    session: Session,
    on: date,
    target: Path,
    *,
    now: datetime,
    progress: Callable[[int], None] = lambda count: None,
) -> Snapshot:
    """Write the register as of a day to a folder that is not there yet.

    Args:
        progress: is told how many more rows were written.

    Raises:
        Refused: the folder is there already or cannot be written.
    """
    known_at = last_moment(session)
    with writing_into(target) as writer:
        for table in TABLES:
            frame = firms_frame(session, last_fiscal_year(on)) if table == "firms" else _READERS[table](session)
            writer.add(table, frame)
            progress(frame.height)
        head = last_head(session.connection())
        manifest = writer.close(
            on=on, known_at=known_at.isoformat() if known_at else "", ledger=(head.seq, head.hash), now=now
        )
    return Snapshot(target, manifest)
