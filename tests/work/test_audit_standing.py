"""The audit of what is kept beside the ledger, of entries that cannot be, and of books filed at random."""

import random
from datetime import date, timedelta

import pytest
import tamper
from audited_books import BY, NOW, ON, broken_at, entry, fixture_books, last, parts  # noqa: F401
from make import code, stay, title
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.work.amend import Statement, reopen, revoke, withdraw
from registry.work.audit import verify
from registry.work.file_books import file_stays, file_titles
from registry.work.filing import OpenFiling
from registry.work.findings import MOST
from registry.work.identify import Row


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE tally SET count = count + 1 WHERE kind = 'new'",
        "UPDATE tally SET day = '2020-01-01' WHERE kind = 'exited'",
        "DELETE FROM tally WHERE kind = 'revoked'",
        "INSERT INTO tally (tier, kind, day, district, count) VALUES ('any', 'new', '2020-01-01', '', 3)",
    ],
)
def test_a_tally_that_does_not_add_up_is_found(books: Session, edit: str) -> None:
    tamper.run(books, edit)

    assert parts(verify(books)) == {"tally"}


def test_a_tally_of_nothing_is_as_good_as_none(books: Session) -> None:
    tamper.run(books, "INSERT INTO tally (tier, kind, day, district, count) VALUES ('any', 'new', '2020-01-01', '', 0)")

    assert verify(books).holds


@pytest.mark.parametrize(
    "row",
    [
        entry(1, "expired"),
        entry(1, "renewed"),
        entry(1, "recognised", tier=None),
        entry(9, "recognised"),
        entry(1, "corrected", voids=6),
    ],
)
def test_an_entry_that_cannot_be_is_a_finding_in_a_chain_that_holds(books: Session, row: Row) -> None:
    filing = OpenFiling(books.connection(), now=NOW, deed="import titles", source="")
    filing.append([dict(row)])

    audit = verify(books)
    assert parts(audit) >= {"standing"}
    assert "chain" not in parts(audit)
    told = " ".join(map(str, audit.findings))
    assert f"ledger {last(books)}" in told or code(9) in told


@pytest.mark.parametrize(
    "edit",
    [
        "takes_effect_on = 'soon'",
        "takes_effect_on = '20230419'",
        "takes_effect_on = X'00FF'",
        "takes_effect_on = 20230419",
        "known_at = 'never'",
        "known_at = replace(known_at, ' ', 'T')",
        "uscc = X'00FF'",
        "uscc = CAST(X'FF' AS TEXT)",
        "details = X'00FF'",
        "tag = 'conquered'",
        "tier = 'conquered'",
        "hash = X'00'",
        "filing_id = 77",
        "filing_id = 'x'",
    ],
)
def test_a_value_of_another_kind_is_a_finding_on_sqlite(books: Session, edit: str) -> None:
    if books.get_bind().dialect.name != "sqlite":
        pytest.skip("columns of PostgreSQL have types")
    books.execute(text("PRAGMA ignore_check_constraints=ON"))
    books.execute(text("PRAGMA defer_foreign_keys=ON"))
    try:
        tamper.run(books, "UPDATE ledger SET {edit} WHERE seq = 2", edit=edit)
    finally:
        books.execute(text("PRAGMA ignore_check_constraints=OFF"))

    audit = verify(books)
    assert not audit.holds
    assert "ledger 2" in " ".join(finding.where for finding in audit.findings)


def test_a_day_beyond_all_calendars_is_a_finding_on_postgresql(books: Session) -> None:
    if books.get_bind().dialect.name != "postgresql":
        pytest.skip("SQLite knows no infinity")
    tamper.run(
        books,
        "UPDATE ledger SET takes_effect_on = 'infinity' WHERE seq = 2",
        "UPDATE standing_span SET ends_on = 'infinity' WHERE tier = 'innovative'",
        "UPDATE tally SET day = 'infinity' WHERE kind = 'revoked'",
    )

    audit = verify(books)
    assert broken_at(audit) == "ledger 2"
    assert parts(audit) == {"chain", "standing", "tally"}


def test_of_a_book_spoilt_throughout_the_first_findings_are_told(session: Session) -> None:
    file_titles(session, [title(number) for number in range(MOST)], now=NOW, source="公告.xlsx")
    tamper.run(session, "DELETE FROM standing_change")
    audit = verify(session)

    assert len(audit.findings) <= MOST + 1
    assert audit.untold >= MOST


@pytest.mark.parametrize("seed", range(8))
def test_books_hold_whatever_was_filed_in_whatever_order(session: Session, seed: int) -> None:
    chance = random.Random(seed)

    def day() -> date:
        # Few days, so that many things meet on one.
        return date(chance.randrange(2018, 2026), chance.choice((3, 9)), 1)

    for _ in range(12):
        number = chance.randrange(3)
        on = day()
        until = on + timedelta(chance.choice((30, 183, 365, 1095)))
        district = chance.choice(("370285", "370211", ""))
        tier = chance.choice(("innovative", "specialized", "little_giant"))
        kind = chance.choice(("new", "re_review"))
        row = title(number, tier=tier, kind=kind, recognised_on=on, valid_until=until, district=district)
        exited = chance.choice((None, until))
        held = stay(number, entered_on=on, exited_on=exited, district=district)
        if chance.random() < 0.5:
            file_titles(session, [row], now=NOW, source="公告.xlsx")
        else:
            file_stays(session, [held], now=NOW, source="名录.csv")
        spans = session.execute(
            text(
                "SELECT f.uscc, t.tier, t.recognised_on FROM title t JOIN firm f ON f.id = t.firm_id "
                "WHERE t.superseded_at IS NULL ORDER BY t.id"
            )
        ).all()
        if spans and chance.random() < 0.5:
            uscc, tier, since = chance.choice(spans)
            since = since if isinstance(since, date) else date.fromisoformat(since)
            if chance.random() < 0.5:
                withdraw(session, uscc, statement=Statement("title", since, tier), reason=BY, now=NOW)
            else:
                _try_to_revoke(session, uscc, tier, since)

    audit = verify(session)
    assert audit.holds, audit.findings


def _try_to_revoke(session: Session, uscc: str, tier: str, on: date) -> None:
    from registry.domain.errors import Refused

    try:
        revoke(session, uscc, tier=tier, on=on, cause="弄虚作假", reason=BY, now=NOW)
    except Refused:
        return


def test_books_hold_after_a_stay_is_reopened(books: Session) -> None:
    reopen(books, code(4), entered_on=date(2022, 1, 31), reason=BY, now=NOW)

    assert verify(books).holds
