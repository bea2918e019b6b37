"""A register that is backed up."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from casework import MONDAY, open_hall
from crowd import crowd
from people import home
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from registry.evidence.vault import Vault
from registry.store.engine import writing
from registry.store.evidence import Evidence
from registry.work.back_up import back_up
from registry.work.backup_file import Manifest


def keep_file(session: Session, vault: Vault, firm_id: int, name: str, content: bytes) -> None:
    """Keep a file of a firm: its row, and what it holds."""
    with vault.draft(io.BytesIO(content), 100) as draft:
        vault.keep(draft)
        session.add(
            Evidence(
                firm_id=firm_id,
                name=name,
                kind="pdf",
                size=draft.size,
                sha256=draft.sha256,
                state="clean",
                note="",
                added_by="test",
                added_at=MONDAY,
            )
        )


@pytest.fixture(name="register")
def fixture_register(own_url: str, tmp_path: Path) -> Iterator[tuple[Engine, Vault]]:
    """A register with a few cases and two files."""
    vault = Vault(tmp_path / "files")
    with home(own_url) as engine:
        with writing(engine) as session:
            hall = open_hall(session)
            crowd(session, hall, 3)
            for number in (1, 2):
                content = f"evidence {number}".encode()
                keep_file(session, vault, hall.firm.id, f"证明{number}.pdf", content)
        yield engine, vault


def made(register: tuple[Engine, Vault], target: Path) -> Manifest:
    engine, vault = register
    return back_up(engine, vault, target, now=MONDAY, key_ids=("k1",))
