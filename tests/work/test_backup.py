"""Backups: made while people write, restored into an empty place of either kind, refused when they are damaged."""

from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from backed_up import fixture_register, made  # noqa: F401
from casework import MONDAY
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError

from registry.domain.errors import Refused
from registry.domain.trail import Doer, Tag
from registry.evidence.vault import Vault
from registry.store.engine import open_engine, writing
from registry.work.back_up import back_up, row_counts
from registry.work.restore import restore, verify_restored
from registry.work.trace import record

PROGRAM = Doer.program("test")


def test_what_is_restored_is_what_was_backed_up(register: tuple[Engine, Vault], tmp_path: Path) -> None:
    """Into SQLite, from either database: counts, rows by digest, files, heads of the chains."""
    backup, files = tmp_path / "a.backup", Vault(tmp_path / "other")
    manifest = made(register, backup)
    target = open_engine(f"sqlite:///{tmp_path / 'restored.sqlite'}")
    restore(target, files, backup)

    with register[0].connect() as before, target.connect() as after:
        assert row_counts(before) == row_counts(after)
    with target.connect() as connection:
        verify_restored(connection, manifest)
    assert sorted(files.digests()) == sorted(register[1].digests())
    assert all(files.verify(digest) for digest in files.digests())
    # The rules that keep rows as they were are back, and new rows are numbered on.
    with pytest.raises(DatabaseError, match="never changed"), target.begin() as connection:
        connection.execute(text("UPDATE case_step SET opinion = 'x'"))
    with writing(target) as session:
        record(session, Tag.BACKUP_RESTORED, PROGRAM, now=MONDAY + timedelta(days=1))
    again = back_up(target, files, tmp_path / "b.backup", now=MONDAY)
    assert {name: part.sha256 for name, part in again.tables.items() if name != "trail"} == {
        name: part.sha256 for name, part in manifest.tables.items() if name != "trail"
    }
    target.dispose()


def test_a_backup_made_while_four_write_is_of_one_moment(register: tuple[Engine, Vault], tmp_path: Path) -> None:
    engine, done = register[0], Event()

    def write(number: int) -> None:
        own = open_engine(engine.url.render_as_string(hide_password=False))
        while not done.is_set():
            with writing(own) as session:
                record(session, Tag.DATA_EXPORTED, Doer(None, f"writer {number}"), now=MONDAY)
        own.dispose()

    writers = [Thread(target=write, args=(number,)) for number in range(4)]
    for one in writers:
        one.start()
    try:
        manifests = [made(register, tmp_path / f"{number}.backup") for number in range(3)]
    finally:
        done.set()
        for one in writers:
            one.join()
    heads = [manifest.heads["trail"][0] for manifest in manifests]
    assert heads == sorted(heads)
    for number, manifest in enumerate(manifests):
        target = open_engine(f"sqlite:///{tmp_path / f'{number}.sqlite'}")
        restore(target, Vault(tmp_path / f"files{number}"), tmp_path / f"{number}.backup")
        assert manifest.tables["trail"].rows == manifest.heads["trail"][0]
        with target.connect() as connection:
            assert row_counts(connection) == {name: part.rows for name, part in manifest.tables.items()}
        files = Vault(tmp_path / f"files{number}")
        assert set(files.digests()) == set(manifest.files) == set(register[1].digests())
        assert all(files.verify(digest) for digest in files.digests())
        target.dispose()


def test_a_backup_replaces_nothing(register: tuple[Engine, Vault], tmp_path: Path) -> None:
    backup = tmp_path / "a.backup"
    made(register, backup)
    with pytest.raises(Refused, match="已存在"):
        made(register, backup)
    with pytest.raises(Refused, match="不是空的"):
        restore(register[0], Vault(tmp_path / "other"), backup)
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []
