"""The audit finds whatever an owner of the database does to the books, and finds nothing where nothing was done."""

from datetime import timedelta

import pytest
import tamper
from audited_books import BY, NOW, ON, broken_at, fixture_books, last, parts  # noqa: F401
from make import code
from sqlalchemy import text
from sqlalchemy.orm import Session

import registry
from registry.domain.chain import GENESIS, Head
from registry.store.ledger import LedgerEntry
from registry.work.audit import checkpoint, verify


def heads(session: Session) -> list[Head]:
    stands = checkpoint(session, NOW)
    return [Head(stands["seq"], stands["hash"])]


def test_books_that_nobody_touched_hold(books: Session) -> None:
    audit = verify(books, heads(books))

    assert audit.holds, audit.findings
    assert (audit.entries, audit.head.seq, audit.firms) == (last(books), last(books), 4)


def test_an_empty_ledger_holds(session: Session) -> None:
    stands = checkpoint(session, NOW)

    assert (stands["seq"], stands["hash"], stands["known_at"]) == (0, GENESIS, None)
    audit = verify(session, [Head(0, GENESIS)])
    assert audit.holds and audit.head == Head(0, GENESIS)


def test_a_checkpoint_says_where_the_ledger_stands(books: Session) -> None:
    entry = books.get_one(LedgerEntry, last(books))

    assert checkpoint(books, NOW) == {
        "seq": entry.seq,
        "hash": entry.hash,
        "known_at": entry.known_at.isoformat(timespec="microseconds"),
        "entries": entry.seq,
        "made_at": "2025-11-25T01:30:00+00:00",
        "program": registry.__version__,
    }


def test_every_entry_is_done_twice(books: Session) -> None:
    done: list[int] = []
    verify(books, progress=done.append)

    assert sum(done) == 2 * last(books)


@pytest.mark.parametrize(
    "edit",
    [
        "known_at = (SELECT max(filed_at) FROM filing)",
        "takes_effect_on = '2001-01-01'",
        "uscc = '{other}'",
        "tag = 'reinstated'",
        "tier = 'little_giant'",
        "tier = NULL",
        "district = '370202'",
        "district = NULL",
        "details = ''",
        "hash = '{zeros}'",
    ],
)
def test_an_edited_column_breaks_the_chain_there(books: Session, edit: str) -> None:
    edit = edit.format(other=code(2), zeros="0" * 64)
    tamper.run(books, "UPDATE ledger SET {edit} WHERE seq = 1", edit=edit)
    audit = verify(books)

    assert broken_at(audit) == "ledger 1"
    assert audit.head == Head(0, GENESIS)
    # What stands there now is named, so that one can look.
    assert "#1 " in audit.findings[0].what


def test_an_edited_reference_breaks_the_chain_there(books: Session) -> None:
    seq = books.scalar(text("SELECT max(seq) FROM ledger WHERE voids IS NOT NULL"))
    other = books.scalar(text("SELECT max(seq) FROM ledger WHERE voids IS NULL AND takes_effect_on < '2024-01-01'"))
    tamper.run(books, "UPDATE ledger SET voids = {other} WHERE seq = {seq}", seq=seq, other=other)

    assert broken_at(verify(books)) == f"ledger {seq}"


def test_another_filing_in_the_place_of_an_entrys_own_is_found(books: Session) -> None:
    tamper.run(books, "UPDATE ledger SET filing_id = (SELECT max(id) FROM filing) WHERE seq = 2")
    audit = verify(books)

    assert parts(audit) == {"chain", "moments"}
    assert [finding.where for finding in audit.findings] == ["ledger 2", "ledger 2", "ledger 3"]


@pytest.mark.parametrize("edit", ["source = '别的文件'", "actor = '别人'", "deed = 'revoke'"])
def test_who_filed_it_and_from_what_cannot_be_edited_unseen(books: Session, edit: str) -> None:
    tamper.run(books, "UPDATE filing SET {edit} WHERE id = (SELECT min(filing_id) FROM ledger)", edit=edit)

    assert broken_at(verify(books)) == "ledger 1"


def test_a_filing_with_another_moment_is_found(books: Session) -> None:
    tamper.run(
        books, "UPDATE filing SET filed_at = :then WHERE id = (SELECT min(id) FROM filing)", then=NOW - timedelta(1)
    )

    assert parts(verify(books)) == {"moments"}


def test_moments_that_go_backwards_are_found_in_a_chain_that_holds(books: Session) -> None:
    tamper.run(
        books,
        "UPDATE filing SET filed_at = :then WHERE id = (SELECT max(id) FROM filing)",
        "UPDATE ledger SET known_at = :then WHERE filing_id = (SELECT max(id) FROM filing)",
        then=NOW - timedelta(1),
    )
    tamper.chain_again(books)
    audit = verify(books)

    assert parts(audit) == {"moments"}
    assert any("backwards" in finding.what for finding in audit.findings)


def test_a_row_taken_out_of_the_middle_is_missed(books: Session) -> None:
    tamper.run(books, "DELETE FROM ledger WHERE seq = 3")

    audit = verify(books)
    assert broken_at(audit) == "ledger 3"
    assert "#4 " in audit.findings[0].what


def test_a_row_taken_out_and_the_rest_moved_up_is_missed(books: Session) -> None:
    tamper.run(books, "DELETE FROM ledger WHERE seq = 3")
    tamper.shift(books, 4, -1)

    assert broken_at(verify(books)) == "ledger 3"


def test_two_rows_in_each_others_place_are_found(books: Session) -> None:
    for old, new in ((2, -2), (3, 2), (-2, 3)):
        tamper.run(books, "UPDATE ledger SET seq = {new} WHERE seq = {old}", old=old, new=new)

    assert broken_at(verify(books)) == "ledger 2"


def test_a_row_put_in_between_is_found(books: Session) -> None:
    tamper.shift(books, 3, 1)
    tamper.put_copy(books, 1, 3)

    assert broken_at(verify(books)) == "ledger 3"


@pytest.mark.parametrize("number", [0, -5])
def test_a_row_put_before_the_first_is_found(books: Session, number: int) -> None:
    tamper.put_copy(books, 1, number)

    assert broken_at(verify(books)) == "ledger 1"


def test_a_row_added_at_the_end_is_found(books: Session) -> None:
    tamper.put_copy(books, 1, last(books) + 1)
    assert broken_at(verify(books)) == f"ledger {last(books)}"

    # Linked as it should be, it still leads to a standing that is not the kept one.
    tamper.chain_again(books)
    assert parts(verify(books)) >= {"standing"}


def test_other_numbers_are_found(books: Session) -> None:
    tamper.shift(books, 4, 7)

    assert broken_at(verify(books)) == "ledger 4"


def test_a_tail_cut_off_shows_in_the_standing_that_is_still_kept(books: Session) -> None:
    tamper.run(books, "DELETE FROM ledger WHERE seq > 3")

    audit = verify(books)
    assert parts(audit) == {"standing", "tally"}
    assert code(1) in " ".join(finding.where for finding in audit.findings)


def test_a_tail_cut_off_with_its_standing_is_found_by_the_checkpoint_alone(books: Session) -> None:
    kept = heads(books)
    tamper.run(books, "DELETE FROM ledger WHERE seq > 3")
    tamper.stand_again(books)

    assert verify(books).holds
    audit = verify(books, kept)
    assert broken_at(audit) == "ledger 4"
    assert "tail" in audit.findings[0].what


def test_a_last_entry_that_moved_no_stock_is_missed_by_the_checkpoint_alone(books: Session) -> None:
    kept = heads(books)
    tamper.run(books, "DELETE FROM ledger WHERE seq = {seq}", seq=last(books))

    assert verify(books).holds
    assert broken_at(verify(books, kept)) == f"ledger {kept[0].seq}"


def test_an_emptied_ledger_is_found_by_the_checkpoint(books: Session) -> None:
    kept = heads(books)
    tamper.run(books, "DELETE FROM ledger")
    tamper.stand_again(books)

    assert verify(books).holds
    assert broken_at(verify(books, kept)) == "ledger 1"


def test_another_whole_chain_is_found_by_the_checkpoint_alone(books: Session) -> None:
    kept = heads(books)
    tamper.run(books, 'UPDATE ledger SET details = \'{"source":"另一份文件"}\' WHERE seq = 2')
    tamper.chain_again(books)

    assert verify(books).holds
    audit = verify(books, kept)
    assert broken_at(audit) == f"ledger {kept[0].seq}"
    assert "checkpoint" in audit.findings[0].what


def test_checkpoints_that_contradict_each_other_cannot_both_hold(books: Session) -> None:
    (kept,) = heads(books)

    assert not verify(books, [Head(kept.seq, "f" * 64), kept]).holds
    assert not verify(books, [kept, Head(kept.seq, "f" * 64)]).holds


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE standing_span SET starts_on = '2020-01-01' WHERE tier = 'specialized'",
        "UPDATE standing_span SET ends_on = '9999-12-31' WHERE tier = 'innovative'",
        "UPDATE standing_span SET tier = 'above_scale' WHERE tier = 'innovative'",
        "UPDATE standing_span SET district = '370202' WHERE tier = 'innovative'",
        "UPDATE standing_span SET superseded_at = known_at WHERE tier = 'innovative'",
        "UPDATE standing_span SET superseded_at = NULL",
        "UPDATE standing_span SET firm_id = (SELECT max(id) FROM firm) WHERE tier = 'innovative'",
        "DELETE FROM standing_span WHERE tier = 'any'",
        "DELETE FROM standing_span",
        "UPDATE standing_change SET day = '2020-01-01' WHERE kind = 'new'",
        "UPDATE standing_change SET kind = 'new' WHERE kind = 'reinstated'",
        "UPDATE standing_change SET district = NULL WHERE kind = 'revoked'",
        "DELETE FROM standing_change WHERE kind = 'exited'",
        "UPDATE standing_change SET superseded_at = NULL",
        "INSERT INTO standing_change (firm_id, tier, day, kind, known_at) "
        "SELECT id, 'innovative', '2024-01-01', 'new', created_at FROM firm",
    ],
)
def test_kept_standing_that_does_not_follow_is_found(books: Session, edit: str) -> None:
    tamper.run(books, edit)

    audit = verify(books)
    assert parts(audit) == {"standing"}
    assert audit.head.seq == last(books)
