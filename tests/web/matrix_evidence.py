"""The evidence of the hostile tests' city: a file of each firm spoken of, and the stranger's, one taken back."""

import io
from pathlib import Path
from typing import Any

from clients import DOER
from evidence_files import pdf, stream
from make import code
from small_city import NOW
from sqlalchemy.orm import Session

from registry.domain.trail import Doer
from registry.evidence.vault import Vault
from registry.store.queries import firm_by_uscc
from registry.work.keep_evidence import About, Offered, attach, remove

# A word that only whoever may see the stranger's evidence may read in a file.
CANARY = b"canary.evidence.name"


def lay_down(session: Session, ids: dict[str, Any], folder: Path) -> None:
    """Put files on file for the firms 1, 2 and 4, and keep one that may be uploaded."""
    vault = Vault(folder / "files")
    for name, number, doer in (
        ("evidence1", 1, DOER),
        ("evidence2", 2, DOER),
        ("foreign_evidence", 4, DOER),
        ("removed_evidence", 1, DOER),
        ("foreign_removed", 4, DOER),
    ):
        ids[name] = _put(session, vault, name, number, doer)
    upload = folder / "upload.pdf"
    upload.write_bytes(pdf({5: stream(b"to be uploaded")}))
    ids["file_to_upload"] = str(upload)


def _put(session: Session, vault: Vault, name: str, number: int, doer: Doer) -> int:
    told = CANARY if number == 4 else b"near"
    size, sha256 = _keep(vault, pdf({5: stream(told + b" " + name.encode(), packed=False)}))
    firm = firm_by_uscc(session, code(number))
    assert firm is not None
    offered = Offered(f"{name}.pdf", "pdf", size, sha256)
    row = attach(session, firm, offered, About("研发费用", 2024, "说明"), is_scanned=False, doer=doer, now=NOW)
    if "removed" in name:
        remove(session, row, firm, doer=doer, now=NOW)
    return row.id


def keep_file(folder: Path, content: bytes) -> tuple[int, str]:
    """Keep a file where the application keeps its own; return its size and its digest."""
    return _keep(Vault(folder / "files"), content)


def _keep(vault: Vault, content: bytes) -> tuple[int, str]:
    with vault.draft(io.BytesIO(content), 2**20) as draft:
        vault.keep(draft)
        return draft.size, draft.sha256
