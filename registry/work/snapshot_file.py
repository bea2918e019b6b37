"""The folder of a snapshot: the register in Parquet, handed over to be screened elsewhere. Reads no database.

`manifest.json` says the day it serves, what was known, the program, the columns, and of each part its rows, bytes and
SHA-256; `manifest.sha256` beside it holds its own. `firms/`, `titles/`, `awards/`, `contests/` hold the parts. A reader
uses nothing before the manifest was held to its digest, and the parts to the manifest.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from registry import __version__
from registry.domain.errors import Refused
from registry.domain.facts import ENTRY_FACTS
from registry.domain.periods import last_fiscal_year
from registry.rules.columns.frames import list_schema, schema

FORMAT = 1
MANIFEST, SEAL = "manifest.json", "manifest.sha256"
TABLES = ("firms", *ENTRY_FACTS)
_CHUNK = 2**20
# A part is named in some 200 characters; a thousand million firms have four thousand parts.
_LONGEST_MANIFEST = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a snapshot."""

    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot holds.

    Attributes:
        on: the day it was taken for; its figures are those of the fiscal year before, and of the two before that.
        known_at: the last moment at which the books had changed; empty for empty books.
        made_at: when it was taken.
        version: the program that took it.
        ledger: number and hash of the last entry of the ledger.
        columns: of each table every column with its type, in their order.
        parts: of each table its files, by name.
        largest: the largest size of each column of yearly numbers; it decides which products need more than 64 bits.
    """

    on: date
    known_at: str
    made_at: str
    version: str
    ledger: tuple[int, str]
    columns: Mapping[str, Mapping[str, str]]
    parts: Mapping[str, Mapping[str, Part]]
    largest: Mapping[str, int]

    def rows(self, table: str) -> int:
        """Return how many rows a table has."""
        return sum(part.rows for part in self.parts[table].values())

    def as_text(self) -> bytes:
        """Return it as it is written."""
        told = {"format": FORMAT, **asdict(self), "on": self.on.isoformat()}
        told["rows"] = {table: self.rows(table) for table in TABLES}
        return json.dumps(told, ensure_ascii=False, indent=1).encode()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot whose manifest was read: where it lies, and what it holds."""

    folder: Path
    manifest: Manifest

    def paths(self, table: str) -> list[Path]:
        """Return the files of a table, in order."""
        return [self.folder / table / name for name in sorted(self.manifest.parts[table])]

    def scan(self, table: str) -> pl.LazyFrame:
        """Return a table, to be read when asked."""
        paths = self.paths(table)
        return pl.scan_parquet(paths) if paths else pl.LazyFrame(schema=types_of(table))


def refused(message: str) -> Refused:
    """Return the refusal of a snapshot."""
    return Refused.at("input", message)


def types_of(table: str) -> dict[str, Any]:
    """Return every column of a table with its type, as this program reads them."""
    return schema() if table == "firms" else list_schema(table)


def columns_of(table: str) -> dict[str, str]:
    """Return the same with the types by name, as a manifest says them."""
    return {name: str(kind) for name, kind in types_of(table).items()}


def opened(folder: Path) -> Snapshot:
    """Read the manifest of a snapshot; the parts are not looked at yet (see `verify_parts`).

    Raises:
        Refused: it is no snapshot, its manifest was changed, or another program or other columns made it.
    """
    manifest = _manifest(folder)
    if manifest.version != __version__:
        raise refused(
            f"快照由 {manifest.version} 版制作，本程序为 {__version__}：请用本版本重新导出"
            " (taken by another version of the program: export it anew)"
        )
    for table in TABLES:
        own, told = columns_of(table), dict(manifest.columns[table])
        unlike = sorted(name for name in own.keys() | told.keys() if own.get(name) != told.get(name))
        if unlike:
            raise refused(
                f"快照 {table} 的列与本程序的事实不同：{', '.join(unlike[:5])}：请重新导出"
                " (its columns are not the facts of this program: export it anew)"
            )
    return Snapshot(folder, manifest)


def ensure_serves(snapshot: Snapshot, on: date) -> None:
    """Refuse a day whose last fiscal year is not that of the snapshot."""
    held = last_fiscal_year(snapshot.manifest.on)
    if last_fiscal_year(on) != held:
        raise Refused.at(
            "on",
            f"快照为 {snapshot.manifest.on} 导出，年度指标截至 {held} 年，不能用于 {on}：请按该日重新导出"
            " (the snapshot holds the figures of another fiscal year: export it for this day)",
        )


def verify_parts(snapshot: Snapshot, progress: Callable[[int], None] = lambda count: None) -> None:
    """Hold every part of a snapshot to its size, digest, rows and columns, and the snapshot to having no others.

    Args:
        progress: is told how many more bytes were read.

    Raises:
        Refused: says which part is missing, changed or too many.
    """
    manifest, folder = snapshot.manifest, snapshot.folder
    wanted = {f"{table}/{name}" for table in TABLES for name in manifest.parts[table]}
    there = {str(path.relative_to(folder)) for table in TABLES for path in (folder / table).glob("*")}
    for what, parts in (("缺少 (missing)", wanted - there), ("多出 (not in the manifest)", there - wanted)):
        if parts:
            raise refused(f"{what}：{', '.join(sorted(parts)[:5])}")
    for table in TABLES:
        for name, part in manifest.parts[table].items():
            _verify(folder / table / name, f"{table}/{name}", part, types_of(table), progress)


def _verify(path: Path, name: str, part: Part, types: Mapping[str, Any], progress: Callable[[int], None]) -> None:
    if path.stat().st_size != part.bytes:
        raise refused(f"{name} 大小与清单不符 (its size differs from the manifest)")
    if digest_of(path, progress) != part.sha256:
        raise refused(f"{name} 摘要与清单不符，内容被改动或损坏 (its digest differs: changed or damaged)")
    try:
        found = dict(pl.read_parquet_schema(path))
        rows = pl.scan_parquet(path).select(pl.len()).collect().item()
    except (pl.exceptions.PolarsError, OSError) as broken:
        raise refused(f"{name} 不是可读的 Parquet：{broken} (not readable as Parquet)") from broken
    if rows != part.rows:
        raise refused(f"{name} 有 {rows:,} 行，清单为 {part.rows:,} 行 (rows differ from the manifest)")
    if found != types:
        raise refused(f"{name} 的列与清单不符 (its columns differ from the manifest)")


def digest_of(path: Path, progress: Callable[[int], None] = lambda count: None) -> str:
    """Return the SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as content:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
            progress(len(chunk))
    return digest.hexdigest()


def _manifest(folder: Path) -> Manifest:
    try:
        if (folder / MANIFEST).stat().st_size > _LONGEST_MANIFEST:
            raise refused("清单过大 (the manifest is too large)")
        text, seal = (folder / MANIFEST).read_bytes(), (folder / SEAL).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as missing:
        raise refused(
            f"{folder.name} 不是快照：读不到 {MANIFEST} 与 {SEAL} (no snapshot; registry export snapshot makes one)"
        ) from missing
    if hashlib.sha256(text).hexdigest() != seal:
        raise refused("清单被改动过 (the manifest was changed)")
    try:
        return _read(json.loads(text))
    except (KeyError, ValueError, TypeError, AttributeError) as broken:
        raise refused(f"不是本系统的快照：{broken!r} (not a snapshot of this program)") from broken


def _read(told: dict[str, Any]) -> Manifest:
    if told.get("format") != FORMAT:
        raise refused(f"快照格式 {told.get('format')!r} 不认识，本版本只读格式 {FORMAT} (unknown format)")
    parts: dict[str, dict[str, Part]] = {}
    for table in TABLES:
        parts[table] = {}
        for name, part in told["parts"][table].items():
            # A name is used as a path: it must be one of ours.
            if name != f"{name[:5]}.parquet" or not name[:5].isdigit():
                raise refused(f"清单里的文件名 {name!r} 不是快照的文件名 (no name of a part)")
            parts[table][name] = Part(int(part["rows"]), int(part["bytes"]), str(part["sha256"]))
        if told["rows"][table] != sum(part.rows for part in parts[table].values()):
            raise refused(f"清单里 {table} 的行数与各文件之和不等 (rows do not add up)")
    seq, link = told["ledger"]
    return Manifest(
        on=date.fromisoformat(told["on"]),
        known_at=str(told["known_at"]),
        made_at=str(told["made_at"]),
        version=str(told["version"]),
        ledger=(int(seq), str(link)),
        columns={table: {str(name): str(kind) for name, kind in told["columns"][table].items()} for table in TABLES},
        parts=parts,
        largest={str(name): int(size) for name, size in told["largest"].items()},
    )
