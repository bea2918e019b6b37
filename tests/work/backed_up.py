"""A register that is backed up."""

from pathlib import Path

from casework import MONDAY
from sqlalchemy import Engine

from registry.evidence.vault import Vault
from registry.work.back_up import back_up
from registry.work.backup_file import Manifest


def made(register: tuple[Engine, Vault], target: Path) -> Manifest:
    engine, vault = register
    return back_up(engine, vault, target, now=MONDAY, key_ids=("k1",))
