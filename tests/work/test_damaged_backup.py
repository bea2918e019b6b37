"""A backup that was damaged, or made by an older program: refused with what is wrong, or brought up to date."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from backed_up import fixture_register, keep_file, made  # noqa: F401
from casework import MONDAY, open_hall
from crowd import crowd
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from registry.domain.errors import Refused
from registry.evidence.vault import Vault
from registry.store.cases import Application
from registry.store.engine import open_engine, open_ready, writing
from registry.store.migrate import newest_version, version_of
from registry.work.audit import verify as verify_books
from registry.work.back_up import back_up, row_counts
from registry.work.backup_file import MANIFEST, SEAL, opened, verify_parts
from registry.work.keep_trail import verify_trail
from registry.work.restore import restore


def test_a_backup_of_an_older_program_becomes_one_of_this(whole: Path, tmp_path: Path) -> None:
    """The tables that came with the last migrations are not in it; afterwards they are there, empty."""
    later = {"api_token", "name_gram", "name_indexed"}

    def without(parts: dict[str, bytes]) -> None:
        manifest = json.loads(parts[MANIFEST])
        manifest["migration"] = "0024"
        for name in later:
            del manifest["tables"][name], parts[f"tables/{name}.jsonl"]
        parts[MANIFEST] = json.dumps(manifest).encode()
        parts[SEAL] = hashlib.sha256(parts[MANIFEST]).hexdigest().encode()

    older = tmp_path / "older.backup"
    older.write_bytes(whole.read_bytes())
    _rewritten(without)(older)
    target = open_engine(f"sqlite:///{tmp_path / 'target.sqlite'}")
    manifest = restore(target, Vault(tmp_path / "files"), older)

    with target.connect() as connection:
        assert version_of(connection) == newest_version() != manifest.migration
        counts = row_counts(connection)
    assert {name: counts[name] for name in manifest.tables} == {n: part.rows for n, part in manifest.tables.items()}
    with Session(target) as session:
        assert verify_trail(session).holds and verify_books(session).holds
    target.dispose()


def test_a_damaged_file_of_evidence_is_told(register: tuple[Engine, Vault], tmp_path: Path) -> None:
    digest = next(iter(register[1].digests()))
    place = next((tmp_path / "files").rglob(f"*{digest[-8:]}*"))
    place.chmod(0o600)
    place.write_bytes(b"something else")
    with pytest.raises(Refused, match="损坏"):
        made(register, tmp_path / "a.backup")
    assert not (tmp_path / "a.backup").exists()


def _rewritten(change: Callable[[dict[str, bytes]], None]) -> Callable[[Path], None]:
    """Return a damage to the parts of a backup, packed anew without a fault of the archive."""

    def damage(backup: Path) -> None:
        with zipfile.ZipFile(backup) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        change(parts)
        with zipfile.ZipFile(backup, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name, content)

    return damage


def _told(change: Callable[[dict[str, object]], object]) -> Callable[[Path], None]:
    """Return a damage to the manifest that also renews its seal, as somebody would who knows how."""

    def edit(parts: dict[str, bytes]) -> None:
        manifest = json.loads(parts[MANIFEST])
        change(manifest)
        parts[MANIFEST] = json.dumps(manifest).encode()
        parts[SEAL] = hashlib.sha256(parts[MANIFEST]).hexdigest().encode()

    return _rewritten(edit)


def _cut(share: float) -> Callable[[Path], None]:
    return lambda backup: backup.write_bytes(backup.read_bytes()[: int(backup.stat().st_size * share)])


def _flipped(part: str) -> Callable[[Path], None]:
    """Return the damage of one byte within a part."""

    def flip(backup: Path) -> None:
        with zipfile.ZipFile(backup) as archive:
            place = archive.getinfo(part).header_offset + 30 + len(part) + 40
        content = bytearray(backup.read_bytes())
        content[place] ^= 0xFF
        backup.write_bytes(content)

    return flip


def _append_row(parts: dict[str, bytes]) -> None:
    parts["tables/firm.jsonl"] += parts["tables/firm.jsonl"].splitlines(keepends=True)[0]


def _reseal(parts: dict[str, bytes], name: str) -> None:
    manifest = json.loads(parts[MANIFEST])
    content = parts[f"tables/{name}.jsonl"]
    manifest["tables"][name] |= {"sha256": hashlib.sha256(content).hexdigest(), "rows": content.count(b"\n")}
    parts[MANIFEST] = json.dumps(manifest).encode()
    parts[SEAL] = hashlib.sha256(parts[MANIFEST]).hexdigest().encode()


def _forge_trail(parts: dict[str, bytes]) -> None:
    """Edit a row of the trail and every digest that covers it: only the chain still tells."""
    parts["tables/trail.jsonl"] = parts["tables/trail.jsonl"].replace("测试district".encode(), "测试intruder".encode())
    _reseal(parts, "trail")


def _drop_last_trail(parts: dict[str, bytes]) -> None:
    parts["tables/trail.jsonl"] = b"".join(parts["tables/trail.jsonl"].splitlines(keepends=True)[:-1])
    _reseal(parts, "trail")


DAMAGES: dict[str, Callable[[Path], None]] = {
    "empty": lambda backup: backup.write_bytes(b""),
    "not a zip": lambda backup: backup.write_bytes(b"a backup, honestly"),
    "cut at 10 %": _cut(0.1),
    "cut at 50 %": _cut(0.5),
    "cut at 99 %": _cut(0.99),
    "a byte of the firms flipped": _flipped("tables/firm.jsonl"),
    "a byte of the trail flipped": _flipped("tables/trail.jsonl"),
    "a byte of the manifest flipped": _flipped("manifest.json"),
    "no manifest": _rewritten(lambda parts: parts.pop(MANIFEST) and None),
    "no seal": _rewritten(lambda parts: parts.pop(SEAL) and None),
    "manifest edited": _rewritten(lambda parts: parts.update({MANIFEST: parts[MANIFEST].replace(b"firm", b"form")})),
    "manifest no JSON": _rewritten(
        lambda parts: parts.update({MANIFEST: b"{", SEAL: hashlib.sha256(b"{").hexdigest().encode()})
    ),
    "manifest of a list": _told(lambda told: told.clear()),
    "another format": _told(lambda told: told.update(format=2)),
    "a newer migration": _told(lambda told: told.update(migration="9999")),
    "a table missing": _rewritten(lambda parts: parts.pop("tables/firm.jsonl") and None),
    "a table too many": _rewritten(lambda parts: parts.update({"tables/extra.jsonl": b"[]\n"})),
    "a row more": _rewritten(_append_row),
    "a row changed": _rewritten(
        lambda parts: parts.update({"tables/firm.jsonl": parts["tables/firm.jsonl"].replace(b"1000", b"1009")})
    ),
    "rows taken away": _rewritten(lambda parts: parts.update({"tables/case_step.jsonl": b""})),
    "a file missing": _rewritten(
        lambda parts: parts.pop(next(name for name in parts if name.startswith("files/"))) and None
    ),
    "a file changed": _rewritten(
        lambda parts: parts.update({next(name for name in parts if name.startswith("files/")): b"x"})
    ),
    "a file too many": _rewritten(lambda parts: parts.update({"files/../../etc/passwd": b"x"})),
    "an unknown kind of column": _told(lambda told: told["tables"]["firm"].update(columns=[["id", "pickle"]])),  # type: ignore[index]
    "the trail forged": _rewritten(_forge_trail),
    "the end of the trail cut off": _rewritten(_drop_last_trail),
    "a head changed": _told(lambda told: told["heads"].update(ledger=[1, "0" * 64])),  # type: ignore[attr-defined]
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good backup with files, for the damages."""
    folder = tmp_path_factory.mktemp("whole")
    vault = Vault(folder / "files")
    engine = open_ready(f"sqlite:///{folder / 'register.sqlite'}")
    with writing(engine) as session:
        hall = open_hall(session)
        case = crowd(session, hall, 2)[0]
        hall.act("district", session.get_one(Application, case), "take_up")
        keep_file(session, vault, hall.firm.id, "证明.pdf", b"evidence")
    back_up(engine, vault, folder / "whole.backup", now=MONDAY)
    engine.dispose()
    return folder / "whole.backup"


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_backup_is_refused(whole: Path, tmp_path: Path, damage: str) -> None:
    backup = tmp_path / "damaged.backup"
    backup.write_bytes(whole.read_bytes())
    DAMAGES[damage](backup)
    target = open_engine(f"sqlite:///{tmp_path / 'target.sqlite'}")
    with pytest.raises(Refused):
        restore(target, Vault(tmp_path / "files"), backup)
    target.dispose()


def test_the_undamaged_one_is_whole(whole: Path) -> None:
    with opened(whole) as (archive, manifest):
        verify_parts(archive, manifest)
    assert len(DAMAGES) >= 20
