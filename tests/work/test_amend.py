"""What no list can state: revoked, merged, withdrawn, reopened. What was stated before is kept beside it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from asked_of_rows import corrected_titles_of
from make import code, stay, title
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from registry.domain.errors import Refused
from registry.store.history import Logged, filed_by, log_of
from registry.store.queries import firm_by_uscc
from registry.store.records import stays_of, titles_of
from registry.store.standing import StandingSpan
from registry.work.amend import Reason, Statement, merge, reopen, revoke, withdraw
from registry.work.audit import verify
from registry.work.file_books import file_stays, file_titles
from registry.work.identify import Filed

NOW = datetime(2025, 11, 25, 1, 30, tzinfo=UTC)
SOON = NOW + timedelta(minutes=1)
LATER = NOW + timedelta(days=3)
BY = Reason("青工信字〔2025〕9号", "王工")
RECOGNISED, ENTERED = date(2023, 4, 19), date(2022, 1, 31)
ON = date(2024, 6, 1)


@pytest.fixture
def books(session: Session) -> Session:
    file_titles(session, [title(1), title(2, district="370211")], now=NOW, source="公告.xlsx")
    file_stays(session, [stay(1, exited_on=date(2024, 12, 31), exit_reason="other")], now=NOW, source="名录.csv")
    return session


def the_id(session: Session, number: int = 1) -> int:
    firm = firm_by_uscc(session, code(number))
    assert firm is not None
    return firm.id


def spans(session: Session, tier: str, number: int = 1) -> list[tuple[date, date]]:
    query = select(StandingSpan).where(
        StandingSpan.firm_id == the_id(session, number),
        StandingSpan.tier == tier,
        StandingSpan.superseded_at.is_(None),
    )
    return [(span.starts_on, span.ends_on) for span in session.scalars(query.order_by(StandingSpan.starts_on))]


def tags(entries: list[Logged]) -> list[str]:
    return [entry.tag for entry in entries]


def cancel(session: Session, on: date = ON, tier: str = "specialized", number: int = 1) -> int:
    return revoke(session, code(number), tier=tier, on=on, cause="弄虚作假", reason=BY, now=LATER)


def title_of(on: date = RECOGNISED) -> Statement:
    return Statement("title", on, "specialized")


def test_a_revoked_title_ends_on_its_day(books: Session) -> None:
    entries = filed_by(books, cancel(books))

    assert spans(books, "specialized") == spans(books, "any") == [(RECOGNISED, ON)]
    assert tags(entries) == ["corrected", "revoked"]
    revoked = entries[1]
    assert revoked.details == {"cause": "弄虚作假", "source": BY.source}
    assert (revoked.deed, revoked.source, revoked.actor, revoked.known_at) == ("revoke", BY.source, BY.by, LATER)
    # The expiry that will not come is taken back.
    assert [one.tag for one in log_of(books, code(1)) if one.voided_by == entries[0].seq] == ["expired"]


@pytest.mark.parametrize("on", [RECOGNISED, RECOGNISED + timedelta(1), date(2026, 4, 18)])
def test_a_title_can_be_revoked_from_its_first_day_to_its_last(books: Session, on: date) -> None:
    cancel(books, on)

    assert spans(books, "specialized") == ([(RECOGNISED, on)] if on > RECOGNISED else [])
    assert verify(books).holds


@pytest.mark.parametrize(
    ("on", "tier"),
    [
        (RECOGNISED - timedelta(1), "specialized"),
        (date(2026, 4, 19), "specialized"),
        (ON, "innovative"),
    ],
)
def test_no_title_in_force_that_day_is_refused(books: Session, on: date, tier: str) -> None:
    with pytest.raises(Refused, match="no title in force"):
        cancel(books, on, tier)
    assert books.scalar(text("SELECT count(*) FROM revocation")) == 0


def test_a_title_is_revoked_once(books: Session) -> None:
    cancel(books)

    with pytest.raises(Refused, match="already revoked"):
        cancel(books)
    with pytest.raises(Refused, match=f"此前已于 {ON} 撤销"):
        cancel(books, ON + timedelta(1))


def test_after_a_revocation_a_new_title_reinstates(books: Session) -> None:
    cancel(books)
    again = date(2025, 3, 1)
    file_titles(books, [title(recognised_on=again)], now=LATER, source="公告.xlsx")

    assert tags(log_of(books, code(1)))[-2:] == ["reinstated", "expired"]
    assert spans(books, "specialized")[0] == (RECOGNISED, ON)
    cancel(books, again + timedelta(1))
    assert spans(books, "specialized")[1] == (again, again + timedelta(1))
    assert verify(books).holds


def test_a_title_renewed_and_revoked_on_one_day_ends(books: Session) -> None:
    file_titles(books, [title(recognised_on=ON, kind="re_review")], now=NOW, source="公告.xlsx")
    cancel(books)

    assert spans(books, "specialized") == [(RECOGNISED, ON)]
    assert verify(books).holds


def test_a_revocation_can_be_withdrawn_and_all_is_as_before(books: Session) -> None:
    before = spans(books, "specialized")
    cancel(books)
    filing = withdraw(books, code(1), statement=Statement("revocation", ON, "specialized"), reason=BY, now=LATER)

    assert spans(books, "specialized") == before
    assert tags(filed_by(books, filing)) == ["corrected", "expired"]
    assert verify(books).holds


def test_a_merger_moves_no_stock(books: Session) -> None:
    before = spans(books, "specialized")
    filing = merge(books, code(1), into=code(2), on=ON, reason=BY, now=LATER)

    (merged,) = filed_by(books, filing)
    assert (merged.tag, merged.tier, merged.details["into"]) == ("merged", None, code(2))
    assert spans(books, "specialized") == before
    assert verify(books).holds


def test_a_merger_that_cannot_be_is_refused(books: Session) -> None:
    with pytest.raises(Refused, match="into itself"):
        merge(books, code(1), into=code(1).lower(), on=ON, reason=BY, now=LATER)
    with pytest.raises(Refused, match=r"into: .*no such firm"):
        merge(books, code(1), into=code(7), on=ON, reason=BY, now=LATER)
    with pytest.raises(Refused, match=r"uscc: .*no such firm"):
        merge(books, code(7), into=code(1), on=ON, reason=BY, now=LATER)
    with pytest.raises(Refused, match="校验位"):
        merge(books, code(1), into=code(2)[:-1] + "0", on=ON, reason=BY, now=LATER)

    merge(books, code(1), into=code(2), on=ON, reason=BY, now=LATER)
    with pytest.raises(Refused, match="already merged"):
        merge(books, code(1), into=code(2), on=ON, reason=BY, now=LATER)
    with pytest.raises(Refused, match="circle"):
        merge(books, code(2), into=code(1), on=ON, reason=BY, now=LATER)

    withdraw(books, code(1), statement=Statement("merger", ON), reason=BY, now=LATER)
    merge(books, code(2), into=code(1), on=ON, reason=BY, now=LATER)


def test_a_withdrawn_title_is_kept_and_holds_no_more(books: Session) -> None:
    filing = withdraw(books, code(1), statement=title_of(), reason=BY, now=LATER)

    firm_id = the_id(books)
    assert titles_of(books, firm_id) == []
    (closed,) = corrected_titles_of(books, firm_id)
    assert (closed.recognised_on, closed.superseded_at) == (RECOGNISED, LATER)
    assert [one.recognised_on for one in titles_of(books, firm_id, NOW)] == [RECOGNISED]
    assert spans(books, "specialized") == spans(books, "any") == []
    entries = filed_by(books, filing)
    assert tags(entries) == ["corrected", "corrected"]
    taken_back = [one for one in log_of(books, code(1)) if one.seq in {entry.voids for entry in entries}]
    assert tags(taken_back) == ["recognised", "expired"]
    assert verify(books).holds


def test_a_withdrawn_stay_is_kept_and_holds_no_more(books: Session) -> None:
    withdraw(books, code(1), statement=Statement("stay", ENTERED), reason=BY, now=LATER)

    assert stays_of(books, the_id(books)) == []
    assert [one.entered_on for one in stays_of(books, the_id(books), SOON)] == [ENTERED]
    assert spans(books, "above_scale") == []
    assert verify(books).holds


@pytest.mark.parametrize(
    "statement",
    [
        title_of(RECOGNISED + timedelta(1)),
        Statement("title", RECOGNISED, "innovative"),
        Statement("stay", RECOGNISED),
        Statement("revocation", ON, "specialized"),
        Statement("merger", ON),
    ],
)
def test_what_was_never_stated_cannot_be_withdrawn(books: Session, statement: Statement) -> None:
    with pytest.raises(Refused, match="no such statement"):
        withdraw(books, code(1), statement=statement, reason=BY, now=LATER)
    assert books.scalar(text("SELECT count(*) FROM filing")) == 2


def test_what_was_withdrawn_may_be_filed_again(books: Session) -> None:
    before = spans(books, "specialized")
    withdraw(books, code(1), statement=title_of(), reason=BY, now=LATER)
    with pytest.raises(Refused, match="no such statement"):
        withdraw(books, code(1), statement=title_of(), reason=BY, now=LATER)

    assert file_titles(books, [title(1)], now=LATER, source="公告.xlsx") == Filed(added=1)
    assert spans(books, "specialized") == before


def test_a_reopened_stay_goes_on(books: Session) -> None:
    entries = filed_by(books, reopen(books, code(1), entered_on=ENTERED, reason=BY, now=LATER))

    assert tags(entries) == ["corrected"]
    assert spans(books, "above_scale") == [(ENTERED, date.max)]
    (held,) = stays_of(books, the_id(books))
    assert (held.exited_on, held.exit_reason, held.filed_from, held.known_at) == (None, None, BY.source, LATER)
    assert [one.exited_on for one in stays_of(books, the_id(books), SOON)] == [date(2024, 12, 31)]
    assert verify(books).holds
    # A true exit may follow.
    row = stay(1, exited_on=date(2025, 6, 30), exit_reason="stopped")
    assert file_stays(books, [row], now=LATER, source="名录.csv") == Filed(changed=1)
    assert spans(books, "above_scale") == [(ENTERED, date(2025, 6, 30))]


def test_a_stay_that_cannot_be_reopened_is_refused(books: Session) -> None:
    file_stays(books, [stay(2)], now=NOW, source="名录.csv")
    with pytest.raises(Refused, match="has no exit"):
        reopen(books, code(2), entered_on=ENTERED, reason=BY, now=LATER)
    with pytest.raises(Refused, match="no such statement"):
        reopen(books, code(1), entered_on=ON, reason=BY, now=LATER)

    back = date(2025, 5, 1)
    file_stays(books, [stay(1, entered_on=back)], now=NOW, source="名录.csv")
    with pytest.raises(Refused, match=f"withdraw --entered-on {back}"):
        reopen(books, code(1), entered_on=ENTERED, reason=BY, now=LATER)


@pytest.mark.parametrize("reason", [Reason(" ", "王工"), Reason("文件", "")])
def test_a_deed_names_its_document_and_its_person(books: Session, reason: Reason) -> None:
    with pytest.raises(Refused, match="must not be empty"):
        withdraw(books, code(1), statement=title_of(), reason=reason, now=LATER)
    with pytest.raises(Refused, match="cause: "):
        revoke(books, code(1), tier="specialized", on=ON, cause=" ", reason=BY, now=LATER)


def test_a_clock_that_is_slow_files_later_all_the_same(books: Session) -> None:
    (entry, *_) = filed_by(
        books,
        revoke(books, code(1), tier="specialized", on=ON, cause="弄虚作假", reason=BY, now=NOW - timedelta(days=9)),
    )

    assert entry.known_at > NOW
    assert verify(books).holds


def test_a_year_out_of_range_is_refused(books: Session) -> None:
    with pytest.raises(Refused, match="out of range"):
        merge(books, code(1), into=code(2), on=date(204, 6, 1), reason=BY, now=LATER)


def test_other_firms_are_left_alone(books: Session) -> None:
    before = spans(books, "specialized", 2)
    cancel(books)
    withdraw(books, code(1), statement=Statement("stay", ENTERED), reason=BY, now=LATER)

    assert spans(books, "specialized", 2) == before
    assert tags(log_of(books, code(2))) == ["recognised", "expired"]
