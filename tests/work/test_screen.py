"""The register screened: order, reasons, districts, and the two readings held against each other."""

from collections.abc import Sequence
from datetime import date, datetime

import polars as pl
import pytest
from make import code, firm, title
from sqlalchemy.orm import Session

from registry.domain.errors import Refused
from registry.domain.firms import Firm
from registry.domain.periods import NEVER
from registry.work import screen as screening_room
from registry.work.enrol import enrol
from registry.work.file_books import file_titles
from registry.work.recheck import ReadingsDisagree
from registry.work.screen import screen

ON = date(2024, 5, 10)
WAN = 1_000_000
GOOD = {
    "industry": "3451",
    "independent_legal_entity": True,
    "on_abnormal_list": False,
    "restricted_products": False,
    "serious_incident_on": NEVER,
    "banned_until": NEVER,
    "segment_since": date(2013, 1, 1),
    "titles": (),
    "awards": (),
    "contests": (),
    "ip_class1_high_value": 1,
    "chain_role": "key_link",
    "digital_level": 3,
    "quality_award": True,
    "system_certified": True,
    "own_brand": True,
    "standard_participation": True,
    "rd_institution": "national",
    "local_field": "provincial_chain",
    "local_operation_kinds": 2,
    "market_share": 5 * 10**11,
    "market_rank_national": 1,
    "market_rank_provincial": 1,
    "listing": "listed",
}
FIGURES = {
    "revenue": 10_000 * WAN,
    "main_revenue": 9_000 * WAN,
    "rd_expense": 500 * WAN,
    "total_assets": 10_000 * WAN,
    "total_liabilities": 5_000 * WAN,
    "net_profit": 1_000 * WAN,
    "employees": 100,
    "rd_staff": 20,
    "equity_paid_in": 0,
}
YEARS = {
    2023: FIGURES,
    2022: FIGURES | {"main_revenue": 8_000 * WAN},
    2021: FIGURES | {"main_revenue": 7_000 * WAN},
}


def one(number: int, years: dict[int, dict[str, int]] | None = None, **changes: object) -> Firm:
    facts = {key: value for key, value in (GOOD | changes).items() if value is not None}
    return firm(number, name=f"青岛示例{number}号有限公司", years=years or YEARS, **facts)


def register(session: Session, now: datetime, today: date, firms: Sequence[Firm], holders: Sequence[int]) -> None:
    enrol(session, firms, now=now, on=today, source="测试")
    rows = [title(number, tier="innovative", recognised_on=date(2023, 3, 20)) for number in holders]
    file_titles(session, rows, now=now, source="测试")


def test_those_nearest_to_passing_come_first_with_their_reasons(session: Session, now: datetime, today: date) -> None:
    poor = {year: figures | {"rd_expense": 99 * WAN} for year, figures in YEARS.items()}
    firms = [
        one(1, poor, restricted_products=True),
        one(2, restricted_products=None),
        one(3),
        one(4, poor),
    ]
    register(session, now, today, firms, [1, 2, 3, 4])

    rows = list(screen(session, "specialized", "new", ON).rows())

    assert [(row.uscc, row.verdict) for row in rows] == [
        (code(3), "met"),
        (code(2), "undetermined"),
        (code(4), "not_met"),
        (code(1), "not_met"),
    ]
    assert list(rows[1].undetermined) == ["general.no_restricted_products"]
    assert list(rows[2].fails) == ["rd_expense_and_share"]
    assert set(rows[3].fails) == {"rd_expense_and_share", "general.no_restricted_products"}
    assert (rows[0].low, rows[0].high) == (100, 100)


def test_a_title_of_the_books_counts_and_what_the_books_do_not_show_is_open_unless_titles_were_stated(
    session: Session, now: datetime, today: date
) -> None:
    firms = [one(1, titles=None), one(2, titles=None), one(3)]
    register(session, now, today, firms, [1])

    verdicts = {row.uscc: row for row in screen(session, "specialized", "new", ON).rows()}

    assert verdicts[code(1)].verdict == "met"
    assert list(verdicts[code(2)].undetermined) == ["rung_below"]
    assert list(verdicts[code(3)].fails) == ["rung_below"]


def test_a_district_is_screened_alone_and_counts_add_up(session: Session, now: datetime, today: date) -> None:
    firms = [one(1, district="370202"), one(2, district="370285"), one(3, district="370285", own_brand=None)]
    register(session, now, today, firms, [])

    alone = screen(session, "little_giant", "re_review", ON, district="370285")
    city = screen(session, "little_giant", "re_review", ON)

    # Neither has every fact of a little giant; the one whose brand is unknown lacks one more.
    assert [row.uscc for row in alone.rows()] == [code(2), code(3)]
    assert sum(city.counts().values()) == 3
    assert all(row.low is None for row in city.rows())


def test_a_day_before_the_first_rule_set_is_refused_at_on(session: Session) -> None:
    with pytest.raises(Refused) as refused:
        screen(session, "specialized", "new", date(2022, 7, 31))

    assert [fault.path for fault in refused.value.faults] == ["on"]


def test_a_screening_whose_readings_disagree_is_not_handed_out(
    session: Session, now: datetime, today: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(session, now, today, [one(1)], [1])
    right = screening_room.judge

    def wrong(*given: object) -> pl.DataFrame:
        return right(*given).with_columns(~pl.col("verdict"))  # type: ignore[arg-type]

    monkeypatch.setattr(screening_room, "judge", wrong)

    with pytest.raises(ReadingsDisagree, match=code(1)):
        screen(session, "specialized", "new", ON)
