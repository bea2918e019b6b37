"""The file of a backup: what it holds and whether it is whole. Reads and writes no database.

A zip archive: `manifest.json` says the version, the migration, each table with its columns, rows and digest, each file
with its digest, and the heads of trail and ledger; `tables/NAME.jsonl` are the rows, `files/SHA256` the evidence. The
manifest's own digest stands beside it. Keys are never in a backup.
"""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from registry.domain.errors import Refused

FORMAT = 1
MANIFEST, SEAL = "manifest.json", "manifest.sha256"
_CHUNK = 2**20
# A manifest names a few dozen tables and perhaps a hundred thousand files.
_LONGEST_MANIFEST = 64 * 2**20
# What reading a damaged archive may end with.
_BROKEN = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)


@dataclass(frozen=True, slots=True)
class TablePart:
    """The rows of a table: its columns as (name, kind), how many rows, and the digest of their lines."""

    columns: tuple[tuple[str, str], ...]
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    Attributes:
        migration: the version of the tables.
        files: digest to bytes of each file of evidence.
        heads: number and hash of the last entry of trail and ledger.
        key_ids: the keys under which confidential fields are sealed; they are kept elsewhere.
    """

    made_at: str
    version: str
    migration: str
    tables: dict[str, TablePart]
    files: dict[str, int]
    heads: dict[str, tuple[int, str]]
    key_ids: tuple[str, ...] = field(default=())

    def as_text(self) -> bytes:
        """Return it as it is written."""
        told = {"format": FORMAT, **asdict(self)}
        return json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1).encode()


def refused(message: str) -> Refused:
    """Return the refusal of a backup."""
    return Refused.at("backup", message)


def write_seal(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Write the manifest, and its digest beside it; the last of a backup."""
    text = manifest.as_text()
    archive.writestr(MANIFEST, text)
    archive.writestr(SEAL, hashlib.sha256(text).hexdigest())


@contextmanager
def opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """Open a backup and read its manifest; what the manifest speaks of is not looked at yet (see `verify_parts`).

    Raises:
        Refused: it is no backup, was cut off, or its manifest was changed.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive, _manifest(archive)
    except FileNotFoundError:
        raise refused(f"没有这个文件：{path.name} (no such file)") from None
    except _BROKEN as broken:
        raise refused(f"备份文件已损坏或不完整：{broken} (damaged or cut off)") from broken


def verify_parts(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Hold every part of a backup to its digest and count, and the backup to having no others.

    Raises:
        Refused: says which part is missing, changed or too many.
    """
    wanted = {f"tables/{name}.jsonl" for name in manifest.tables} | {f"files/{digest}" for digest in manifest.files}
    names = archive.namelist()
    if len(names) != len(set(names)):
        raise refused("备份里有重名的部分 (a part is there twice)")
    there = set(names) - {MANIFEST, SEAL}
    for what, parts in (("缺少 (missing)", wanted - there), ("多出 (not listed)", there - wanted)):
        if parts:
            raise refused(f"{what}：{', '.join(sorted(parts)[:5])}")
    for name, part in manifest.tables.items():
        digest, lines = _digest(archive, f"tables/{name}.jsonl")
        if digest != part.sha256 or lines != part.rows:
            raise refused(f"表 {name} 与清单不符 (the table differs from the manifest)")
    for name in manifest.files:
        if _digest(archive, f"files/{name}")[0] != name:
            raise refused(f"文件 {name} 与清单不符 (the file differs from the manifest)")


def _digest(archive: zipfile.ZipFile, name: str) -> tuple[str, int]:
    """Return the digest of a part and how many lines it has."""
    digest, lines = hashlib.sha256(), 0
    with archive.open(name) as part:
        while chunk := part.read(_CHUNK):
            digest.update(chunk)
            lines += chunk.count(b"\n")
    return digest.hexdigest(), lines


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    try:
        told = archive.getinfo(MANIFEST)
        if told.file_size > _LONGEST_MANIFEST:
            raise refused("清单过大 (the manifest is too large)")
        text, seal = archive.read(MANIFEST), archive.read(SEAL)
        if hashlib.sha256(text).hexdigest().encode() != seal:
            raise refused("清单被改动过 (the manifest was changed)")
        return _read(json.loads(text))
    except (KeyError, ValueError, TypeError, AttributeError) as broken:
        raise refused(f"不是本系统的备份：{broken} (not a backup of this program)") from broken


def _read(told: dict[str, Any]) -> Manifest:
    if told.get("format") != FORMAT:
        raise refused(f"备份格式 {told.get('format')!r} 不认识，本版本只读格式 {FORMAT} (unknown format)")
    tables = {
        str(name): TablePart(
            tuple((str(column), str(kind)) for column, kind in part["columns"]), int(part["rows"]), str(part["sha256"])
        )
        for name, part in told["tables"].items()
    }
    return Manifest(
        made_at=str(told["made_at"]),
        version=str(told["version"]),
        migration=str(told["migration"]),
        tables=tables,
        files={str(name): int(size) for name, size in told["files"].items()},
        heads={str(name): (int(seq), str(link)) for name, (seq, link) in told["heads"].items()},
        key_ids=tuple(str(one) for one in told["key_ids"]),
    )


def copy_into(archive: zipfile.ZipFile, name: str, source: IO[bytes]) -> None:
    """Lay a file into a backup."""
    with archive.open(name, "w") as part:
        while chunk := source.read(_CHUNK):
            part.write(chunk)
