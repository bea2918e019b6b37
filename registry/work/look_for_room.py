"""Says whether the disks have room for what people send. Keeps nothing."""

import shutil

from registry.evidence.kinds import MEBIBYTE
from registry.evidence.vault import Vault
from registry.store.engine import file_of

# What the rows and the journal of the largest deed of a page take, and more.
LEAST_FREE_BYTES = 16 * MEBIBYTE


def disk_lacking(database_url: str, vault: Vault | None) -> str:
    """Return what is the matter with a disk, in English for machines; empty where nothing is.

    The disk of a PostgreSQL server is out of sight: it refuses to write when it is full, and that is told then.
    """
    file = file_of(database_url)
    if file is not None:
        try:
            free = shutil.disk_usage(file.parent).free
        except OSError:
            return "the folder of the database cannot be used"
        if free < LEAST_FREE_BYTES:
            return "the disk of the database is full"
    if vault is not None:
        try:
            if not vault.has_room():
                return "the disk of the files is full"
        except OSError:
            return "the folder of the files cannot be used"
    return ""
