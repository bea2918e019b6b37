"""Frames hold every firm with every column, in base units, null for unknown."""

from datetime import UTC, date, datetime

import polars as pl
import pytest
from make import code, firm, title
from sqlalchemy.orm import Session

from registry.domain.facts import FIRM_FACTS, YEAR_FACTS, Kind
from registry.domain.periods import NEVER
from registry.store.frames import awards_frame, contests_frame, firms_frame, titles_frame
from registry.work.enrol import enrol
from registry.work.file_books import file_titles

NOW = datetime(2025, 11, 25, tzinfo=UTC)
TODAY = date(2025, 11, 25)
DAY = date(2024, 9, 1)


@pytest.fixture
def city(session: Session) -> Session:
    full = firm(
        2,
        name="乙示例",
        district="370285",
        established_on=date(2012, 5, 8),
        serious_incident_on=NEVER,
        own_brand=False,
        market_share=125_000_000_000,
        listing="none",
        titles=({"kind": "specialized", "from": date(2023, 4, 19), "until": date(2026, 4, 18)}, {"kind": "hi_tech"}),
        awards=({"level": "national", "rank": 2, "on": DAY}, {"level": "provincial"}),
        contests=(),
        years={
            2024: {"revenue": 300},
            2023: {"revenue": 200, "employees": 7},
            2022: {"revenue": 100},
            2021: {"revenue": 9},
        },
    )
    enrol(session, [full, firm(1, name="甲示例")], now=NOW, on=TODAY, source="f")
    # The third firm is known from the books alone: no list ever stated a fact of it.
    file_titles(session, [title(2), title(3, name="丙示例")], now=NOW, source="t")
    return session


def test_every_firm_has_a_row_and_every_fact_a_column(city: Session) -> None:
    frame = firms_frame(city, 2024)

    assert frame["uscc"].to_list() == sorted(code(number) for number in (1, 2, 3))
    scalar = {key for key, fact in FIRM_FACTS.items() if fact.kind is not Kind.LIST}
    assert scalar <= set(frame.columns)
    assert {f"{key}{suffix}" for key in YEAR_FACTS for suffix in ("", "_1y_ago", "_2y_ago")} <= set(frame.columns)


def test_values_keep_their_kind_and_unknown_is_null(city: Session) -> None:
    frame = firms_frame(city, 2024)
    first, second, third = frame.rows(named=True)

    assert second["established_on"] == date(2012, 5, 8)
    assert second["serious_incident_on"] == NEVER
    assert second["own_brand"] is False
    assert (second["market_share"], second["listing"], second["district"]) == (125_000_000_000, "none", "370285")
    assert (second["revenue"], second["revenue_1y_ago"], second["revenue_2y_ago"]) == (300, 200, 100)
    assert (second["employees"], second["employees_1y_ago"]) == (None, 7)
    assert (second["titles_known"], second["awards_known"], second["contests_known"]) == (True, True, True)
    for row in (first, third):
        known = {key for key, value in row.items() if value is not None}
        assert known <= {"firm_id", "uscc", "name", "district", "titles_known", "awards_known", "contests_known"}
        assert (row["titles_known"], row["contests_known"]) == (False, False)
    kinds = {frame.schema[key] for key in ("established_on", "serious_incident_on")}
    assert kinds == {pl.Date}
    assert frame.schema["own_brand"] == frame.schema["digitally_transformed_2y_ago"] == pl.Boolean
    assert frame.schema["revenue"] == frame.schema["digital_level"] == pl.Int64
    assert frame.schema["listing"] == pl.String


def test_a_frame_can_be_narrowed(city: Session) -> None:
    assert firms_frame(city, 2024, district="370285")["name"].to_list() == ["乙示例", "丙示例"]
    assert firms_frame(city, 2024, uscc=[code(1)])["name"].to_list() == ["甲示例"]
    narrow = firms_frame(city, 2023, facts={"revenue", "revenue_1y_ago", "own_brand"})
    assert narrow.columns == ["firm_id", "uscc", "name", "own_brand", "revenue", "revenue_1y_ago"]
    assert narrow.row(1)[3:] == (False, 200, 100)


def test_a_frame_of_nobody_has_its_columns(city: Session) -> None:
    nobody = firms_frame(city, 2024, district="999999")

    assert nobody.height == 0
    assert nobody.schema == firms_frame(city, 2024).schema


def test_titles_are_the_stated_and_those_of_the_books_each_once(city: Session) -> None:
    frame = titles_frame(city)
    number = dict(firms_frame(city, 2024, facts=())[["uscc", "firm_id"]].iter_rows())

    booked = ("specialized", date(2023, 4, 19), date(2026, 4, 18))
    assert sorted(frame.rows(), key=repr) == sorted(
        [(number[code(2)], "hi_tech", None, None), (number[code(2)], *booked), (number[code(3)], *booked)], key=repr
    )


def test_awards_and_contests_keep_their_unknown_parts(city: Session) -> None:
    assert [row[1:] for row in awards_frame(city).rows()] == [("national", 2, DAY), ("provincial", None, None)]
    assert contests_frame(city).schema == {
        "firm_id": pl.Int64,
        "contest": pl.String,
        "top": pl.Int64,
        "on": pl.Date,
    }
