"""A city with casework and files that moves from SQLite to PostgreSQL, and all that must be the same after it."""

import io
import json
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from casework import MONDAY
from evidence_files import pdf
from people import home
from told_lists import run, told_lists

from registry.evidence.vault import Vault
from registry.policy import DEFAULTS
from registry.store.engine import open_engine, writing
from registry.store.evidence import Evidence
from registry.store.queries import firms_page
from registry.web.typed import typed_of
from registry.work.back_up import row_counts
from registry.work.found_casework import found_casework
from registry.work.found_city import found_city
from registry.work.found_people import found_people
from registry.work.keep_calendar import ensure_calendar
from registry.work.seal import Keys

KEYS = Keys.parse(f"tests:{'A' * 43}=")
FILES = 5


def found_register(url: str, folder: Path, firms: int) -> None:
    """Found a city with its people, casework at every stage and files of evidence."""
    vault = Vault(folder)
    with home(url) as engine, writing(engine) as session:
        found_city(session, seed=1, firms=firms, now=MONDAY)
        ensure_calendar(session, MONDAY)
        found_people(session, now=MONDAY)
        made = found_casework(session, KEYS, DEFAULTS, typed_of, now=MONDAY + timedelta(days=17))
        assert made > 50
        for number, firm in enumerate(firms_page(session, limit=FILES).firms):
            with vault.draft(io.BytesIO(pdf() + b"%" * number), 10_000) as draft:
                vault.keep(draft)
                told = {"firm_id": firm.id, "kind": "pdf", "size": draft.size, "sha256": draft.sha256}
                told |= {"name": f"证明{number}.pdf", "state": "clean", "note": "", "added_by": "test"}
                session.add(Evidence(**told, added_at=MONDAY))


def move(small: str, large: str, place: Path, firms: int, names: Iterable[str]) -> str:
    """Found a register in one database, move it into another and hold the two to each other; return what was compared.

    Args:
        names: of the lists that are compared.
    """
    here, there, backup = place / "here", place / "there", place / "register.zip"
    found_register(small, here, firms)
    before = told_lists(small, here, names)
    run(small, here, "backup", "make", str(backup), "--verify")
    head, rows = json.loads(run(small, here, "audit", "checkpoint")), counted(small)
    checkpoint = place / "ledger.json"
    checkpoint.write_text(json.dumps(head), "utf-8")

    run(large, there, "restore", str(backup))
    after = told_lists(large, there, names)

    for name, text in before.items():
        assert after[name] == text, f"{name} differs after the move"
    # Nearly all of them hold something.
    assert sum(len(text.splitlines()) > 1 for text in before.values()) >= len(before) - 3
    # Only the trail grew: by what tells of the backup, the restoring and the lists.
    moved = counted(large)
    assert moved | {"trail": 0} == rows | {"trail": 0}
    assert rows["application"] > 50 and rows["evidence"] == FILES
    assert json.loads(run(large, there, "audit", "checkpoint")) == head
    assert "账目完好" in run(large, there, "audit", "verify", "--checkpoint", str(checkpoint))
    assert "留痕完好" in run(large, there, "trail", "verify")
    assert sorted(Vault(there).digests()) == sorted(Vault(here).digests())
    assert "✗" not in run(large, there, "doctor", "--deep")
    return (
        f"{sum(rows.values()):,} rows in {len(rows)} tables, {FILES} files, {len(before)} lists, the head of the ledger"
    )


def counted(url: str) -> dict[str, int]:
    """Count the rows of every table."""
    engine = open_engine(url)
    with engine.connect() as connection:
        found = row_counts(connection)
    engine.dispose()
    return found
