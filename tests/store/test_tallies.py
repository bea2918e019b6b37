"""The sums kept by day: what stands at the close of a day, and what a year brought."""

from datetime import UTC, date, datetime

from asked_of_rows import new_recognitions, stock_on
from make import stay, title
from sqlalchemy.orm import Session

from registry.work.file_books import file_stays, file_titles

NOW = datetime(2025, 11, 25, tzinfo=UTC)
TODAY = date(2025, 11, 25)


def titles(session: Session, *rows: object) -> None:
    file_titles(session, rows, now=NOW, source="t")  # type: ignore[arg-type]


def test_a_title_counts_from_its_first_to_its_last_valid_day(session: Session) -> None:
    titles(session, title(valid_until=date(2023, 12, 31)))

    def counted(on: date) -> int:
        return stock_on(session, on)["specialized"]

    assert [counted(date(2023, 4, 18)), counted(date(2023, 4, 19))] == [0, 1]
    assert [counted(date(2023, 12, 31)), counted(date(2024, 1, 1))] == [1, 0]


def test_a_firm_counts_once_in_a_tier_however_its_titles_overlap(session: Session) -> None:
    titles(session, title(), title(recognised_on=date(2026, 4, 1), kind="re_review"), title(tier="innovative"))
    titles(session, title(2, district="370211", tier="little_giant"))

    on = date(2026, 4, 10)
    none = {"innovative": 0, "specialized": 0, "little_giant": 0, "above_scale": 0, "any": 0}
    assert stock_on(session, on) == none | {"innovative": 1, "specialized": 1, "little_giant": 1, "any": 2}
    assert stock_on(session, on, "370211") == none | {"little_giant": 1, "any": 1}
    assert stock_on(session, on, "370285") == none | {"innovative": 1, "specialized": 1, "any": 1}


def test_a_corrected_title_counts_as_it_was_corrected(session: Session) -> None:
    titles(session, title())
    titles(session, title(valid_until=date(2024, 1, 1)))

    assert stock_on(session, date(2024, 6, 1))["specialized"] == 0


def test_a_firm_is_out_at_the_close_of_the_day_of_its_exit(session: Session) -> None:
    file_stays(session, [stay(exited_on=date(2024, 12, 31)), stay(2)], now=NOW, source="s")

    counts = [stock_on(session, on)["above_scale"] for on in (date(2022, 1, 30), date(2022, 1, 31), date(2024, 12, 30))]
    assert counts == [0, 2, 2]
    assert stock_on(session, date(2024, 12, 31))["above_scale"] == 1
    assert stock_on(session, date(2024, 12, 30), "370211")["above_scale"] == 0


def test_only_a_first_recognition_is_new(session: Session) -> None:
    titles(
        session,
        title(1, recognised_on=date(2024, 1, 1)),
        title(2, recognised_on=date(2024, 12, 31)),
        title(3, recognised_on=date(2024, 5, 1), kind="re_review"),
        title(4, recognised_on=date(2021, 5, 1)),
        title(4, recognised_on=date(2024, 5, 1)),
        title(5, recognised_on=date(2023, 12, 31)),
        title(6, recognised_on=date(2024, 5, 1), tier="innovative"),
    )

    assert new_recognitions(session, "specialized", 2024, date(2024, 12, 31)) == 2
    assert new_recognitions(session, "specialized", 2024, date(2024, 12, 30)) == 1
    assert new_recognitions(session, "specialized", 2024, date(2030, 1, 1)) == 2
    assert new_recognitions(session, "innovative", 2024, TODAY) == 1
