"""Keeps files by the digest of what they hold: written through to the disk under a name that is the content's own.

A file appears whole or not at all. It is never changed; `sweep` takes away what nobody needs any more. Whose it is,
and what it is called, stands in the database.
"""

import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import IO

from registry.domain.errors import RegistryError
from registry.evidence.kinds import LARGEST_FILE, MEBIBYTE, Unfit

# So much stays free: a full disk would stop the database as well.
LEAST_FREE_BYTES = 100 * MEBIBYTE
# What nobody needs stays so long: an upload that is just going on is not taken away.
ORPHAN_AGE = timedelta(days=1)
_DRAFTS = "drafts"
_STEP = 256 * 1024
_DIGEST = re.compile(r"[0-9a-f]{64}")


class NotKept(RegistryError):
    """A file could not be kept; its text says why. Nothing of it stays."""


class Missing(RegistryError):
    """A file that should be there is gone, or is not what was kept."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A file that lies whole on the disk, but is not kept yet.

    Attributes:
        sha256: of what it holds, 64 hexadecimal digits.
    """

    place: Path
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep took away."""

    orphans: int
    drafts: int
    bytes: int


class Vault:
    """A folder of files; made at the first use, open to its owner only."""

    def __init__(self, folder: Path, free_bytes: Callable[[Path], int] | None = None) -> None:
        """Connect to nothing yet.

        Args:
            free_bytes: says how much room the disk of a folder has; the system is asked unless given.
        """
        self.folder = folder
        self._free_bytes = free_bytes or (lambda place: shutil.disk_usage(place).free)

    def has_room(self) -> bool:
        """Say whether a file of any kind would be taken.

        Raises:
            OSError: the folder cannot be used.
        """
        return self._free_bytes(self.drafts()) >= LEAST_FREE_BYTES + LARGEST_FILE

    def unnamed(self) -> IO[bytes]:
        """Return an open file without a name on the vault's own disk; it goes when it is closed.

        Raises:
            OSError: it cannot be made.
        """
        return tempfile.TemporaryFile(dir=self.drafts())

    def drafts(self) -> Path:
        """Return the folder of what is not kept yet, made when it is missing."""
        place = self.folder / _DRAFTS
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        return place

    @contextmanager
    def draft(self, source: IO[bytes], most_bytes: int) -> Iterator[Draft]:
        """Write a file through to the disk; it goes again at the end, unless it was kept.

        Raises:
            NotKept: the disk has too little room or does not take it.
            Unfit: it is larger than allowed.
        """
        try:
            place = self.drafts() / secrets.token_hex(16)
            self._check_room(most_bytes)
        except OSError as failure:
            raise _not_kept(failure) from failure
        try:
            try:
                made = _write(source, place, most_bytes)
            except OSError as failure:
                raise _not_kept(failure) from failure
            yield made
        finally:
            with suppress(OSError):
                place.unlink(missing_ok=True)

    def keep(self, draft: Draft) -> None:
        """Give a draft its name. When this returns it is there even if the machine stops now.

        Raises:
            NotKept: the disk does not take it.
        """
        place = self._place(draft.sha256)
        try:
            place.parent.mkdir(mode=0o700, exist_ok=True)
            # Over one that is there already: it holds the same, and is young again for a sweep under way.
            os.replace(draft.place, place)
            for folder in (place.parent, self.folder):
                _write_through(folder)
        except OSError as failure:
            raise _not_kept(failure) from failure

    def open(self, digest: str) -> IO[bytes]:
        """Open a file to read; what it holds is not looked at.

        Raises:
            Missing: it is not there.
        """
        try:
            return self._place(digest).open("rb")
        except OSError as failure:
            raise Missing(_missing(digest)) from failure

    def read(self, digest: str) -> bytes:
        """Return what a file holds, after making sure that it is what was kept.

        Raises:
            Missing: it is not there, or is something else.
        """
        with self.open(digest) as file:
            try:
                content = file.read()
            except OSError as failure:
                raise Missing(_missing(digest)) from failure
        if sha256(content).hexdigest() != digest:
            raise Missing(_missing(digest))
        return content

    def verify(self, digest: str) -> bool:
        """Say whether a file is there and holds what was kept."""
        try:
            self.read(digest)
        except Missing:
            return False
        return True

    def digests(self) -> Iterator[str]:
        """Yield the digest of every file that is kept."""
        for place in sorted(self.folder.glob("[0-9a-f][0-9a-f]/*")):
            if _DIGEST.fullmatch(place.name):
                yield place.name

    def sweep(self, needed: Collection[str], now: datetime) -> Swept:
        """Take away files that nobody needs and drafts that nobody finished, each older than a day.

        Args:
            needed: the digests of what is needed.
        """
        latest = (now - ORPHAN_AGE).timestamp()
        orphans = drafts = freed = 0
        for digest in self.digests():
            if digest not in needed and (size := self._take_away(self._place(digest), latest)) is not None:
                orphans, freed = orphans + 1, freed + size
        for place in sorted(self.drafts().iterdir()):
            told = place.stat()
            if told.st_mtime < latest:
                place.unlink(missing_ok=True)
                drafts, freed = drafts + 1, freed + told.st_size
        return Swept(orphans, drafts, freed)

    def _take_away(self, place: Path, latest: float) -> int | None:
        """Take a file away if it is old; one that was just kept again is put back."""
        if place.stat().st_mtime >= latest:
            return None
        aside = self.drafts() / secrets.token_hex(16)
        os.rename(place, aside)
        told = aside.stat()
        if told.st_mtime >= latest:
            os.replace(aside, place)
            return None
        aside.unlink()
        return told.st_size

    def _place(self, digest: str) -> Path:
        """Return where a file lies; LookupError for what is no digest, which must never become a path."""
        if not _DIGEST.fullmatch(digest):
            raise LookupError("no digest")
        return self.folder / digest[:2] / digest

    def _check_room(self, most_bytes: int) -> None:
        if self._free_bytes(self.folder) < LEAST_FREE_BYTES + most_bytes:
            raise NotKept("未保存：存储空间不足，请联系管理员 (not saved: the disk is nearly full)")


def _write(source: IO[bytes], place: Path, most_bytes: int) -> Draft:
    source.seek(0)
    digest, size = sha256(), 0
    with open(os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        while step := source.read(_STEP):
            size += len(step)
            if size > most_bytes:
                raise Unfit(f"文件大于 {most_bytes // MEBIBYTE} MB (larger than {most_bytes // MEBIBYTE} MB)")
            digest.update(step)
            file.write(step)
        file.flush()
        os.fsync(file.fileno())
    return Draft(place, digest.hexdigest(), size)


def _write_through(folder: Path) -> None:
    """Make sure that the names in a folder are on the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _not_kept(failure: OSError) -> NotKept:
    # Its number says all; its text would name a path.
    told = os.strerror(failure.errno) if failure.errno else type(failure).__name__
    return NotKept(f"未保存：存储暂时不可用，请稍后重试 (not saved: {told})")


def _missing(digest: str) -> str:
    return f"文件缺失或已损坏，请联系管理员 (the file {digest[:12]} is missing or damaged)"
