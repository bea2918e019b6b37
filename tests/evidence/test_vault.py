"""The vault keeps whole files or none: digests, faults of the disk at every step, sweeping."""

import errno
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from registry.evidence import vault as module
from registry.evidence.kinds import Unfit
from registry.evidence.vault import LEAST_FREE_BYTES, Missing, NotKept, Vault

CONTENT = b"evidence" * 10_000
DIGEST = sha256(CONTENT).hexdigest()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "files")


def put(vault: Vault, content: bytes = CONTENT) -> str:
    with vault.draft(io.BytesIO(content), 2**20) as draft:
        vault.keep(draft)
    return draft.sha256


def files_in(folder: Path) -> list[str]:
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())


def test_what_is_kept_is_found_by_its_digest_and_closed_to_others(vault: Vault) -> None:
    assert put(vault) == DIGEST
    assert files_in(vault.folder) == [f"{DIGEST[:2]}/{DIGEST}"]
    place = vault.folder / DIGEST[:2] / DIGEST
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert {stat.S_IMODE(one.stat().st_mode) & 0o077 for one in vault.folder.rglob("*") if one.is_dir()} == {0}
    assert vault.read(DIGEST) == CONTENT
    with vault.open(DIGEST) as file:
        assert file.read() == CONTENT


def test_the_same_twice_is_one_file(vault: Vault) -> None:
    put(vault)
    put(vault)

    assert list(vault.digests()) == [DIGEST]


def test_a_draft_that_is_not_kept_leaves_nothing(vault: Vault) -> None:
    with vault.draft(io.BytesIO(CONTENT), 2**20):
        assert len(files_in(vault.folder)) == 1
    assert files_in(vault.folder) == []
    with pytest.raises(ZeroDivisionError), vault.draft(io.BytesIO(CONTENT), 2**20):
        raise ZeroDivisionError
    assert files_in(vault.folder) == []


def test_what_is_larger_than_allowed_leaves_nothing(vault: Vault) -> None:
    with pytest.raises(Unfit), vault.draft(io.BytesIO(CONTENT), 1000):
        pass
    assert files_in(vault.folder) == []


@pytest.mark.parametrize("damage", [b"", CONTENT[:-1], CONTENT[:-1] + b"x"])
def test_what_was_damaged_or_is_gone_is_never_handed_out(vault: Vault, damage: bytes) -> None:
    put(vault)
    place = vault.folder / DIGEST[:2] / DIGEST
    place.write_bytes(damage)
    assert not vault.verify(DIGEST)
    with pytest.raises(Missing):
        vault.read(DIGEST)
    place.unlink()
    assert not vault.verify(DIGEST)
    with pytest.raises(Missing):
        vault.open(DIGEST)


@pytest.mark.parametrize("digest", ["../../etc/passwd", "", "A" * 64, DIGEST + "/x"])
def test_what_is_no_digest_never_becomes_a_path(vault: Vault, digest: str) -> None:
    with pytest.raises(LookupError):
        vault.open(digest)


def test_it_refuses_when_the_disk_is_nearly_full(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "files", free_bytes=lambda _place: LEAST_FREE_BYTES)
    with pytest.raises(NotKept, match="未保存"):
        put(vault)
    assert files_in(vault.folder) == []


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, name: str, call: int, number: int) -> Iterator[None]:
    """Let the n-th call of a function of the system fail."""
    count, real = [0], getattr(os, name)

    def fails(*args: Any, **told: Any) -> Any:
        count[0] += 1
        if count[0] == call:
            raise OSError(number, os.strerror(number))
        return real(*args, **told)

    with monkeypatch.context() as patch:
        patch.setattr(module.os, name, fails)
        yield


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EROFS])
@pytest.mark.parametrize(
    ("name", "call"), [("open", 1), ("fsync", 1), ("replace", 1), ("open", 2), ("fsync", 2), ("open", 3), ("fsync", 3)]
)
def test_a_fault_of_the_disk_is_told_and_leaves_no_draft(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, name: str, call: int, number: int
) -> None:
    with failing(monkeypatch, name, call, number), pytest.raises(NotKept, match="未保存") as told:
        put(vault)
    assert str(vault.folder) not in str(told.value)
    # After the file has its name it may stay: whole, without a row, until it is swept.
    assert all(vault.verify(Path(one).name) for one in files_in(vault.folder))
    assert files_in(vault.folder) == [] or (name, call) not in (("open", 1), ("fsync", 1), ("replace", 1))


def test_a_write_that_fails_half_way_leaves_nothing(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        def read(self, *_size: int | None) -> bytes:
            raise OSError(errno.ENOSPC, "full")

    with pytest.raises(NotKept), vault.draft(Full(CONTENT), 2**20):
        pass
    assert files_in(vault.folder) == []


def age(vault: Vault, place: Path, days: float, now: datetime) -> None:
    moment = (now - timedelta(days=days)).timestamp()
    os.utime(place, (moment, moment))


def test_a_sweep_takes_what_nobody_needs_and_is_older_than_a_day(vault: Vault, now: datetime) -> None:
    kept = {what: put(vault, what.encode() * 100) for what in ("needed", "orphan", "young")}
    for what, digest in kept.items():
        age(vault, vault.folder / digest[:2] / digest, 0.5 if what == "young" else 2, now)
    for name, days in (("old", 2.0), ("new", 0.5)):
        (vault.drafts() / name).write_bytes(b"x")
        age(vault, vault.drafts() / name, days, now)
    swept = vault.sweep({kept["needed"]}, now)

    assert (swept.orphans, swept.drafts, swept.bytes) == (1, 1, 601)
    assert set(vault.digests()) == {kept["needed"], kept["young"]}
    assert [one.name for one in vault.drafts().iterdir()] == ["new"]


def test_what_is_kept_again_while_a_sweep_goes_on_stays(
    vault: Vault, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = put(vault)
    age(vault, vault.folder / digest[:2] / digest, 2, now)
    real = os.rename

    def kept_again(before: Path, after: Path) -> None:
        put(vault)
        real(before, after)

    monkeypatch.setattr(module.os, "rename", kept_again)
    assert vault.sweep(set(), now).orphans == 0
    assert vault.verify(digest)
