"""Corrections stand beside what they correct: counts asked again as known then stay what they were."""

from datetime import date, datetime
from typing import Any

from books_filed import DAY, NOW, TODAY, ask, ledger_rows, listed, whole
from make import code
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.firms import TitleRow
from registry.store.ledger import Filing
from registry.store.statements import Title as TitleOfBooks
from registry.work.count import question_of
from registry.work.file_books import file_titles


def titled(session: Session, *rows: TitleRow, now: datetime = NOW) -> None:
    file_titles(session, rows, now=now, source="公告.xlsx")


def a_title(on: date, district: str = "370285", **changes: Any) -> TitleRow:
    return TitleRow(code(1), changes.pop("name", "甲示例"), district, "specialized", "new", on, **changes)


def test_a_correction_stands_beside_what_it_corrects(session: Session) -> None:
    asked = question_of(2026, today=TODAY)
    titled(session, a_title(date(2023, 4, 19)))
    first = ask(session, asked)
    titled(session, a_title(date(2023, 4, 19), valid_until=date(2027, 6, 30)), now=NOW + DAY)

    tags = [row.tag for row in ledger_rows(session)]
    assert tags == ["recognised", "expired", "corrected", "corrected", "recognised", "expired"]
    assert [ask(session, asked).titles, ask(session, asked, first.known_at).titles] == [1, 0]


def test_a_count_asked_again_as_known_then_has_the_same_rows(session: Session) -> None:
    titled(session, a_title(date(2023, 4, 19), district="370299"))
    titled(session, a_title(date(2023, 4, 19), district="370285"), now=NOW + DAY)
    asked = question_of(2026, today=TODAY, by=("district",))
    counted = ask(session, asked)

    assert ask(session, asked, counted.known_at).rows == counted.rows


def test_a_list_that_says_what_the_last_one_said_is_no_statement_of_its_day(session: Session) -> None:
    """An undated list that tells nothing new when it comes changes nothing, also of what comes after it."""

    def districts(title_first: bool) -> list[str | None]:
        with session.begin_nested() as savepoint:
            listed(session, date(2025, 11, 25), "370285")
            for is_title in (title_first, not title_first):
                if is_title:
                    titled(session, a_title(date(2025, 11, 28), district="370211"))
                else:
                    listed(session, date(2025, 12, 1), "370285")
            asked = question_of(2025, today=TODAY, by=("district",))
            found = [row.keys["district"] for row in ask(session, asked).rows if row.counts["stock_end"]]
            savepoint.rollback()
        return found

    # News on 1 December, when the books said 370211; no news, when they said 370285 already.
    assert districts(title_first=True) == ["370285"]
    assert districts(title_first=False) == ["370211"]


def test_every_correction_is_a_filing(session: Session) -> None:
    titled(session, a_title(date(2023, 4, 19)))
    titled(session, a_title(date(2023, 4, 19), name="青岛更名有限公司"), now=NOW + DAY)

    moments = set(session.scalars(select(Filing.filed_at)))
    assert moments == {NOW, NOW + DAY}


def test_a_clock_that_is_late_does_not_undo_the_order_of_corrections(session: Session) -> None:
    titled(session, a_title(date(2023, 4, 19)))
    titled(session, a_title(date(2023, 4, 19), name="乙示例"), now=NOW + DAY)
    titled(session, a_title(date(2023, 4, 19), name="丙示例"), now=NOW)

    moments = list(session.scalars(select(TitleOfBooks.known_at).order_by(TitleOfBooks.id)))
    assert moments == sorted(set(moments))


def test_a_count_as_known_at_a_moment_to_come_is_one_that_can_be_asked_again(session: Session) -> None:
    titled(session, a_title(date(2023, 4, 19)))
    asked = question_of(2024, today=TODAY)
    early = ask(session, asked, NOW + 10 * DAY)
    titled(session, a_title(date(2023, 4, 19), valid_until=date(2023, 12, 31)), now=NOW + DAY)

    assert whole(ask(session, asked, early.known_at)) == whole(early)
