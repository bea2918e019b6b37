"""A whole register with casework, moved from SQLite to PostgreSQL by a backup: everything it tells stays the same."""

import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from casework import MONDAY
from evidence_files import pdf
from people import home
from told_lists import LISTS, run, told_lists

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


def found_register(url: str, folder: Path, firms: int) -> None:
    """Found a city with its people, casework at every stage and files of evidence."""
    vault = Vault(folder)
    with home(url) as engine, writing(engine) as session:
        found_city(session, seed=1, firms=firms, now=MONDAY)
        ensure_calendar(session, MONDAY)
        found_people(session, now=MONDAY)
        made = found_casework(session, KEYS, DEFAULTS, typed_of, now=MONDAY + timedelta(days=17))
        assert made > 50
        for number, firm in enumerate(firms_page(session, limit=5).firms):
            with vault.draft(io.BytesIO(pdf() + b"%" * number), 10_000) as draft:
                vault.keep(draft)
                told = {"firm_id": firm.id, "kind": "pdf", "size": draft.size, "sha256": draft.sha256}
                told |= {"name": f"证明{number}.pdf", "state": "clean", "note": "", "added_by": "test"}
                session.add(Evidence(**told, added_at=MONDAY))


@pytest.mark.slow
@pytest.mark.postgresql
def test_a_register_that_moved_to_postgresql_tells_the_same(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    server = request.getfixturevalue("server")
    small, large = f"sqlite:///{tmp_path / 'small.sqlite'}", server.create()
    here, there = tmp_path / "here", tmp_path / "there"
    found_register(small, here, 400)
    before = told_lists(small, here)
    run(small, here, "backup", "make", str(tmp_path / "a.zip"), "--verify")
    heads = json.loads(run(small, here, "audit", "checkpoint")), tmp_path / "ledger.json"
    heads[1].write_text(json.dumps(heads[0]), "utf-8")
    rows = counted(small)

    run(large, there, "restore", str(tmp_path / "a.zip"))
    after = told_lists(large, there)

    assert {name: len(text.splitlines()) > 1 for name, text in before.items()} == dict.fromkeys(LISTS, True)
    for name in LISTS:
        assert after[name] == before[name], name
    # The rows are the same but for the entries of the trail that tell of the backup, the restoring and the lists.
    moved = counted(large)
    assert {name: count for name, count in moved.items() if name != "trail"} == {
        name: count for name, count in rows.items() if name != "trail"
    }
    assert rows["application"] > 50 and rows["evidence"] == 5
    assert json.loads(run(large, there, "audit", "checkpoint")) == heads[0]
    assert "账目完好" in run(large, there, "audit", "verify", "--checkpoint", str(heads[1]))
    assert "完好" in run(large, there, "trail", "verify")
    assert sorted(Vault(there).digests()) == sorted(Vault(here).digests())
    assert "✗" not in run(large, there, "doctor", "--deep")
    server.drop(large)


def counted(url: str) -> dict[str, int]:
    """Count the rows of every table."""
    engine = open_engine(url)
    with engine.connect() as connection:
        found = row_counts(connection)
    engine.dispose()
    return found
