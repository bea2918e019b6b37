"""What the handlers of jobs share: a file laid into the vault, a list taken out of it, how far a writing has come.

How far the writing of an effect has come stands in a small file among the vault's drafts: its transaction shows
nothing before it is committed. Whoever reads it shows it and decides nothing by it.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.domain.errors import Refused
from registry.evidence.vault import Missing, Vault

# A list of a million firms is some 60 MB.
MOST_BYTES = 512 * 2**20
_EVERY = 500


def ensure_vault(vault: Vault | None) -> Vault:
    """Return where files are kept.

    Raises:
        Refused: beside a database in memory nothing is.
    """
    if vault is None:
        raise Refused.at("", "内存中的数据库不存放文件 (a database in memory keeps no files)")
    return vault


@contextmanager
def written(vault: Vault, job_id: int, ending: str) -> Iterator[Path]:
    """Give a place to write a file at; it goes at the end."""
    place = vault.drafts() / f"job-{job_id}-{os.getpid()}.{ending}"
    try:
        yield place
    finally:
        place.unlink(missing_ok=True)


def keep(vault: Vault, place: Path) -> tuple[str, int]:
    """Keep a file that was written; return its digest and size."""
    with place.open("rb") as content, vault.draft(content, MOST_BYTES) as draft:
        vault.keep(draft)
        return draft.sha256, draft.size


@contextmanager
def taken_out(vault: Vault, job_id: int, sha256: str, ending: str) -> Iterator[Path]:
    """Give a copy of a file that was kept, under an ending by which its reader knows what it should be.

    Raises:
        Refused: it is no longer there.
    """
    with written(vault, job_id, ending) as place:
        try:
            with vault.open(sha256) as content, place.open("wb") as copy:
                shutil.copyfileobj(content, copy)
        except (Missing, LookupError):
            raise Refused.at("", "名单文件已不在，请重新选择 (the list is no longer here: choose it again)") from None
        yield place


class Written:
    """Says, beside the database, how far the writing of a job's effect has come."""

    def __init__(self, vault: Vault, job_id: int, total: int) -> None:
        vault.drafts()
        self._place, self._total = _place(vault, job_id), total
        self._done = self._told = 0
        self._tell()

    def add(self, count: int) -> None:
        """Note that so many more rows are done."""
        self._done += count
        if self._done - self._told >= _EVERY:
            self._tell()

    def over(self) -> None:
        """Take the file away."""
        self._place.unlink(missing_ok=True)

    def _tell(self) -> None:
        self._told = self._done
        self._place.write_text(f"{self._done} {self._total}", "ascii")


def written_so_far(vault: Vault | None, job_id: int) -> tuple[int, int] | None:
    """Return how far the writing of a job's effect has come, of how much; None where nothing says."""
    if vault is None:
        return None
    try:
        done, total = _place(vault, job_id).read_text("ascii").split()
        return int(done), int(total)
    except (OSError, ValueError):
        return None


def _place(vault: Vault, job_id: int) -> Path:
    return vault.folder / "drafts" / f"job-{job_id}.written"
