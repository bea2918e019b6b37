"""Filing titles and stays: a correction is kept beside what it corrects, with the moment it became known."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from asked_of_rows import corrected_titles_of
from make import code, stay, title
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.domain.errors import Refused
from registry.domain.firms import ScaleRow, TitleRow
from registry.store.queries import firm_by_uscc
from registry.store.records import stays_of, titles_of
from registry.work.file_books import file_stays, file_titles
from registry.work.identify import Filed

NOW = datetime(2025, 11, 25, 1, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=3)


def titles(session: Session, *rows: TitleRow, now: datetime = NOW) -> Filed:
    return file_titles(session, rows, now=now, source="公告.xlsx")


def stays(session: Session, *rows: ScaleRow, now: datetime = NOW) -> Filed:
    return file_stays(session, rows, now=now, source="名录.csv")


def the_firm(session: Session, number: int = 1) -> Any:
    found = firm_by_uscc(session, code(number))
    assert found is not None
    return found


def test_a_code_not_seen_before_creates_the_firm(session: Session) -> None:
    assert titles(session, title(), title(2, name="乙示例", district="370211")) == Filed(added=2)

    assert (the_firm(session).name, the_firm(session).district) == ("青岛示例轴承有限公司", "370285")
    assert (the_firm(session, 2).name, the_firm(session, 2).district) == ("乙示例", "370211")


def test_a_title_without_a_last_day_holds_for_three_years(session: Session) -> None:
    leap = date(2024, 2, 29)
    titles(session, title(), title(tier="innovative", recognised_on=leap))

    held = titles_of(session, the_firm(session).id)
    assert [(row.tier, row.valid_until) for row in held] == [
        ("specialized", date(2026, 4, 18)),
        ("innovative", date(2027, 2, 27)),
    ]


def test_the_same_rows_twice_change_nothing(session: Session) -> None:
    rows = (title(), title(tier="innovative"), title(recognised_on=date(2020, 4, 19)))
    assert titles(session, *rows) == Filed(added=3)

    assert titles(session, *rows, now=LATER) == Filed(unchanged=3)
    assert titles(session, *rows, *rows, now=LATER) == Filed(unchanged=6)
    assert session.scalar(text("SELECT count(*) FROM title")) == 3
    assert stays(session, stay(), stay()) == Filed(added=1, unchanged=1)


def test_a_correction_is_kept_beside_what_it_corrects(session: Session) -> None:
    titles(session, title(batch="第一批", source="青工信字〔2023〕1号"))

    assert titles(session, title(valid_until=date(2025, 12, 31)), now=LATER) == Filed(changed=1)
    firm_id = the_firm(session).id
    (holds,) = titles_of(session, firm_id)
    (closed,) = corrected_titles_of(session, firm_id)
    assert (holds.valid_until, holds.known_at, holds.superseded_at) == (date(2025, 12, 31), LATER, None)
    assert (closed.valid_until, closed.known_at, closed.superseded_at) == (date(2026, 4, 18), NOW, LATER)
    # What the correction is silent about stays.
    assert (holds.batch, holds.source) == ("第一批", "青工信字〔2023〕1号")


def test_the_books_can_be_read_as_they_were_known(session: Session) -> None:
    titles(session, title())
    titles(session, title(valid_until=date(2025, 12, 31)), now=LATER)

    def known(at: datetime) -> list[date]:
        return [row.valid_until for row in titles_of(session, the_firm(session).id, at)]

    assert known(NOW - timedelta(seconds=1)) == []
    assert known(NOW) == [date(2026, 4, 18)]
    assert known(LATER - timedelta(seconds=1)) == [date(2026, 4, 18)]
    assert known(LATER) == [date(2025, 12, 31)]


def test_a_correction_may_be_corrected_back(session: Session) -> None:
    titles(session, title(kind="new"))
    titles(session, title(kind="re_review"), now=LATER)
    titles(session, title(kind="new"), now=LATER + timedelta(days=1))

    (holds,) = titles_of(session, the_firm(session).id)
    assert holds.kind == "new"
    assert session.scalar(text("SELECT count(*) FROM title")) == 3


def test_a_corrected_district_moves_the_firm(session: Session) -> None:
    titles(session, title(district="370211"))
    titles(session, title(district="370212"), now=LATER)

    assert the_firm(session).district == "370212"


def test_an_exit_that_comes_with_a_later_list_closes_the_stay(session: Session) -> None:
    stays(session, stay())
    assert stays(session, stay(exited_on=date(2024, 12, 31), exit_reason="below_threshold"), now=LATER) == Filed(
        changed=1
    )

    # The first list, imported again, is silent about the exit and takes nothing back.
    assert stays(session, stay(), now=LATER + timedelta(days=1)) == Filed(unchanged=1)
    (held,) = stays_of(session, the_firm(session).id)
    assert (held.exited_on, held.exit_reason) == (date(2024, 12, 31), "below_threshold")
    assert [row.exited_on for row in stays_of(session, the_firm(session).id, NOW)] == [None]


def test_one_title_stated_twice_and_differently_is_refused(session: Session) -> None:
    with pytest.raises(Refused, match="2023-04-19"):
        titles(session, title(), title(batch="第二批"))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (title(valid_until=date(2023, 4, 18)), "2023-04-18"),
        (stay(exited_on=date(2022, 1, 30)), "2022-01-30"),
        (stay(exit_reason="other"), "退库原因"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(session: Session, row: TitleRow | ScaleRow, said: str) -> None:
    with pytest.raises(Refused, match=said):
        titles(session, row) if isinstance(row, TitleRow) else stays(session, row)


def test_many_rows_are_filed_across_batches(session: Session) -> None:
    rows = [title(number, tier=tier) for number in range(1500) for tier in ("innovative", "specialized")]
    assert titles(session, *rows) == Filed(added=3000)

    assert session.scalar(text("SELECT count(*) FROM firm")) == 1500
    assert titles(session, *reversed(rows), now=LATER) == Filed(unchanged=3000)
