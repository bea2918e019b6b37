"""Deeds of evidence: the row and its trail, the quota, quarantine, taking back, who sees what, what a sweep leaves."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from make import DISTRICT
from people import NOW, OTHER_DISTRICT, PROGRAM, actor_of, firm_in, person, seat
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.errors import MoveNotAllowed, Refused
from registry.domain.permissions import permission
from registry.domain.roles import Role
from registry.domain.trail import Entry, Tag
from registry.evidence.kinds import MOST_BYTES, MOST_FILES
from registry.evidence.scan import Outcome, Scanned
from registry.evidence.vault import Vault
from registry.store.evidence import Evidence, evidence_held, evidence_of, evidence_visible
from registry.store.firms import Firm
from registry.store.lists import EVERYTHING
from registry.store.scope import visible_to
from registry.store.trail import trail_page
from registry.work.keep_evidence import (
    About,
    Offered,
    attach,
    ensure_clean,
    files_needed,
    note_look,
    note_refusal,
    read_about,
    remove,
    settle,
)

SEE, KEEP = permission("see_evidence"), permission("keep_evidence")


def offered(number: int = 1, size: int = 1000) -> Offered:
    return Offered(f"{number}.pdf", "pdf", size, f"{number:064x}")


def put(session: Session, firm: Firm, number: int = 1, *, is_scanned: bool = False, size: int = 1000) -> Evidence:
    about = About("研发费用", 2024, "见第 8 页")
    return attach(session, firm, offered(number, size), about, is_scanned=is_scanned, doer=PROGRAM, now=NOW)


def newest(session: Session) -> Entry:
    return trail_page(session, limit=1)[0]


def test_a_file_is_put_on_file_and_traced(session: Session) -> None:
    firm = firm_in(session)
    row = put(session, firm)

    assert (row.state, row.criterion, row.year, row.added_at) == ("clean", "研发费用", 2024, NOW)
    assert evidence_held(session, firm.id) == (1, 1000)
    entry = newest(session)
    assert (entry.tag, entry.subject) == (Tag.EVIDENCE_ADDED, f"firm:{firm.uscc}")
    assert '"name":"1.pdf"' in str(entry.after) and row.sha256 in str(entry.after)


def test_the_same_file_is_on_file_once_until_it_is_taken_back(session: Session) -> None:
    firm, other = firm_in(session), firm_in(session, 2)
    row = put(session, firm)
    with pytest.raises(Refused, match="内容相同"):
        put(session, firm)
    put(session, other)
    remove(session, row, firm, doer=PROGRAM, now=NOW)
    put(session, firm)

    assert evidence_held(session, firm.id) == (1, 1000)


def test_a_firm_has_so_many_files_and_no_more(session: Session) -> None:
    firm = firm_in(session)
    for number in range(MOST_FILES):
        put(session, firm, number)
    with pytest.raises(Refused, match="最多 200 份"):
        put(session, firm, 999)
    put(session, firm_in(session, 2), 999)


def test_a_firm_has_so_many_bytes_and_no_more(session: Session) -> None:
    firm, each = firm_in(session), 20 * 2**20
    for number in range(MOST_BYTES // each):
        put(session, firm, number, size=each)
    with pytest.raises(Refused, match="合计最多 500 MB"):
        put(session, firm, 999, size=1)


def test_what_is_taken_back_is_gone_from_every_list_but_not_from_the_table(session: Session) -> None:
    firm = firm_in(session)
    row = put(session, firm)
    remove(session, row, firm, doer=PROGRAM, now=NOW)

    assert newest(session).tag == Tag.EVIDENCE_REMOVED
    assert evidence_of(session, EVERYTHING, firm.id) == []
    assert evidence_visible(session, EVERYTHING, row.id) is None
    assert session.scalars(select(Evidence.removed_at)).one() == NOW
    with pytest.raises(MoveNotAllowed):
        remove(session, row, firm, doer=PROGRAM, now=NOW)


@pytest.mark.parametrize(
    ("scanned", "state", "tag"),
    [
        (Scanned(Outcome.CLEAN), "clean", Tag.EVIDENCE_ADDED),
        (Scanned(Outcome.FOUND, "Eicar"), "refused", Tag.EVIDENCE_REFUSED),
        (Scanned(Outcome.UNSCANNED, "timeout"), "quarantined", Tag.EVIDENCE_ADDED),
    ],
)
def test_quarantine_ends_by_what_a_scan_finds(session: Session, scanned: Scanned, state: str, tag: Tag) -> None:
    firm = firm_in(session)
    row = put(session, firm, is_scanned=True)
    assert row.state == "quarantined"
    with pytest.raises(MoveNotAllowed, match="等待"):
        ensure_clean(row)
    settle(session, row, firm, scanned, doer=PROGRAM, now=NOW)

    assert (row.state, newest(session).tag) == (state, tag)
    if state != "clean":
        with pytest.raises(MoveNotAllowed):
            ensure_clean(row)
    # A second word on it changes nothing.
    settle(session, row, firm, Scanned(Outcome.FOUND, "late"), doer=PROGRAM, now=NOW)
    assert row.state == ("refused" if state == "quarantined" else state)


def test_looks_and_refusals_are_traced(session: Session) -> None:
    firm = firm_in(session)
    row = put(session, firm)
    note_look(session, row, firm, doer=PROGRAM, now=NOW)
    assert newest(session).tag == Tag.EVIDENCE_SEEN
    note_refusal(session, firm, "a\r\n.pdf", "不收", doer=PROGRAM, now=NOW)

    assert newest(session).tag == Tag.EVIDENCE_REFUSED
    assert "⏎" in str(newest(session).after)


def test_what_a_firm_says_of_a_file_is_read() -> None:
    assert read_about(" 研发费用 ", " 2024 ", "") == About("研发费用", 2024, "")
    assert read_about("", "", "") == About()
    for criterion, year, note in (("x" * 201, "", ""), ("", "24", ""), ("", "二〇二四", ""), ("", "", "\x07")):
        with pytest.raises(Refused):
            read_about(criterion, year, note)


def test_reviewers_within_reach_see_it_and_the_firm_keeps_it(session: Session) -> None:
    here, there = firm_in(session, 1), firm_in(session, 2, OTHER_DISTRICT)
    rows = {firm.id: put(session, firm) for firm in (here, there)}
    cast = {
        Role.CITY_REVIEWER: ("city", {here.id, there.id}, set()),
        Role.DISTRICT_REVIEWER: (DISTRICT, {here.id}, set()),
        Role.APPLICANT: (there, {there.id}, {there.id}),
        Role.STATISTICIAN: ("city", set(), set()),
        Role.DEPARTMENT_OFFICER: ("tax", set(), set()),
        Role.SYSTEM_ADMIN: ("city", set(), set()),
    }
    for role, (place, sees, keeps) in cast.items():
        who = person(session, f"甲{role}")
        seat(session, who, role, place)  # type: ignore[arg-type]
        actor = actor_of(session, who)
        for may, wanted in ((SEE, sees), (KEEP, keeps)):
            condition = visible_to(actor, may, Evidence)
            assert {row.firm_id for row in session.scalars(select(Evidence).where(condition))} == wanted, role
            # Also where firms stand in the same query.
            for firm in (here, there):
                found = evidence_visible(session, condition, rows[firm.id].id)
                assert (found is not None) == (firm.id in wanted), role


def test_evidence_moves_with_its_firm(session: Session) -> None:
    firm = firm_in(session)
    put(session, firm)
    who = person(session, "何审核")
    seat(session, who, Role.DISTRICT_REVIEWER, OTHER_DISTRICT)
    condition = visible_to(actor_of(session, who), SEE, Evidence)
    assert evidence_of(session, condition, firm.id) == []
    firm_in(session, 1, OTHER_DISTRICT, now=NOW + timedelta(days=1))

    assert len(evidence_of(session, condition, firm.id)) == 1


def test_a_sweep_leaves_what_a_row_needs(session: Session, tmp_path: Path) -> None:
    firm, vault = firm_in(session), Vault(tmp_path / "files")
    kept: dict[str, Evidence] = {}
    for what in ("needed", "removed", "refused"):
        with vault.draft(io.BytesIO(what.encode()), 100) as draft:
            vault.keep(draft)
        told = Offered(f"{what}.pdf", "pdf", draft.size, draft.sha256)
        kept[what] = attach(session, firm, told, About(), is_scanned=what == "refused", doer=PROGRAM, now=NOW)
    remove(session, kept["removed"], firm, doer=PROGRAM, now=NOW)
    settle(session, kept["refused"], firm, Scanned(Outcome.FOUND, "x"), doer=PROGRAM, now=NOW)
    # The files are as old as this test; the sweep is asked a year from whenever that is.
    young = max(one.stat().st_mtime for one in vault.folder.rglob("*") if one.is_file())
    later = NOW.fromtimestamp(young, NOW.tzinfo) + timedelta(days=2)
    assert vault.sweep(files_needed(session, later), later).orphans == 2

    assert list(vault.digests()) == [kept["needed"].sha256]
