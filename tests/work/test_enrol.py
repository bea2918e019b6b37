"""Enrolling a list of firms: nothing is invented, nothing known is erased, the same list twice changes nothing."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from make import code, firm, stay, title
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from registry.domain.firms import Firm
from registry.domain.periods import NEVER
from registry.store.base import Base
from registry.store.firms import FirmFacts
from registry.store.queries import firm_by_uscc
from registry.store.records import firm_record, names_of
from registry.work.enrol import enrol
from registry.work.file_books import file_stays, file_titles
from registry.work.identify import Filed

NOW = datetime(2025, 11, 25, 1, 30, tzinfo=UTC)
TODAY = date(2025, 11, 25)


def enrolled(session: Session, *firms: Firm, **changes: Any) -> Filed:
    given: dict[str, Any] = {"now": NOW, "on": TODAY, "source": "名单.xlsx"}
    return enrol(session, firms, **(given | changes))


def everything(session: Session) -> dict[str, list[Any]]:
    """Return every row of every table, in a settled order."""
    return {
        table.name: sorted(map(repr, session.execute(select(table)).all())) for table in Base.metadata.sorted_tables
    }


FULL = firm(
    district="370285",
    functional_area="高新区",
    industry="3451",
    established_on=date(2012, 5, 8),
    serious_incident_on=NEVER,
    independent_legal_entity=True,
    on_abnormal_list=False,
    market_share=125_000_000_000,
    rd_institution="city",
    digital_level=0,
    titles=({"kind": "hi_tech", "from": date(2023, 3, 20), "until": date(2026, 3, 19)}, {"kind": "champion"}),
    awards=(),
    contests=({"contest": "maker_china", "top": 500, "on": date(2024, 9, 1)},),
    years={
        2023: {"revenue": 6_123_000_000, "net_profit": -1, "digitally_transformed": False},
        2022: {"employees": 0, "development_score": 6545},
    },
)


def test_a_firm_comes_back_exactly_as_it_was_listed(session: Session) -> None:
    assert enrolled(session, FULL) == Filed(added=1)

    record = firm_record(session, code())
    assert record is not None
    assert record.firm == FULL
    assert record.incomplete_lists == frozenset()


def test_what_a_list_is_silent_about_stays_unknown(session: Session) -> None:
    enrolled(session, firm())

    record = firm_record(session, code())
    assert record is not None
    assert record.firm.facts == {}
    assert record.firm.years == {}


def test_zero_false_and_none_are_known(session: Session) -> None:
    enrolled(session, FULL)

    known = FirmFacts.__table__.c
    row = session.execute(
        select(known.digital_level, known.on_abnormal_list, known.serious_incident_on, known.awards_known)
    )
    assert row.one() == (0, False, NEVER, True)


def test_the_same_list_twice_changes_nothing(session: Session) -> None:
    listed = (FULL, firm(2, name="青岛示例二号有限公司"), firm(3, industry="2710", years={2024: {"revenue": 1}}))
    assert enrolled(session, *listed) == Filed(added=3)
    before = everything(session)

    later = datetime(2025, 12, 1, tzinfo=UTC)
    assert enrolled(session, *listed, now=later, on=date(2025, 12, 1), source="again.xlsx") == Filed(unchanged=3)
    assert everything(session) == before


def test_a_narrower_list_erases_nothing(session: Session) -> None:
    enrolled(session, FULL)

    changed = enrolled(session, firm(own_brand=True, years={2023: {"main_revenue": 5}}))
    assert changed == Filed(changed=1)
    record = firm_record(session, code())
    assert record is not None
    assert record.firm.facts == {**FULL.facts, "own_brand": True}
    assert record.firm.years[2023] == {**FULL.years[2023], "main_revenue": 5}
    assert record.firm.years[2022] == FULL.years[2022]


def test_a_restated_list_fact_takes_the_place_of_the_old_one(session: Session) -> None:
    enrolled(session, FULL)

    assert enrolled(session, firm(titles=(), awards=({"rank": 3},))) == Filed(changed=1)
    record = firm_record(session, code())
    assert record is not None
    assert record.firm.facts["titles"] == ()
    assert record.firm.facts["awards"] == ({"rank": 3},)
    assert record.firm.facts["contests"] == FULL.facts["contests"]


def test_entries_in_another_order_are_the_same_list(session: Session) -> None:
    enrolled(session, FULL)

    turned = tuple(reversed(FULL.facts["titles"]))  # type: ignore[arg-type]
    assert enrolled(session, firm(titles=turned)) == Filed(unchanged=1)


def test_a_firm_listed_twice_keeps_what_both_rows_say(session: Session) -> None:
    assert enrolled(session, firm(own_brand=True), firm(quality_award=False)) == Filed(added=1, changed=1)

    record = firm_record(session, code())
    assert record is not None
    assert record.firm.facts == {"own_brand": True, "quality_award": False}


def test_a_new_name_becomes_the_name_and_the_old_one_is_kept(session: Session) -> None:
    enrolled(session, firm(name="青岛旧名示例有限公司"), on=date(2024, 3, 1))

    assert enrolled(session, firm(name="青岛新名示例有限公司")) == Filed(changed=1)
    found = firm_by_uscc(session, code())
    assert found is not None
    assert found.name == "青岛新名示例有限公司"
    assert [(span.name, span.since) for span in names_of(session, found.id)] == [
        ("青岛旧名示例有限公司", date(2024, 3, 1)),
        ("青岛新名示例有限公司", TODAY),
    ]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (0, 2, 1), (2, 0, 1), (1, 0, 2)])
def test_the_newest_statement_holds_in_whatever_order_lists_come(session: Session, order: tuple[int, ...]) -> None:
    imports = [
        lambda: enrolled(session, firm(name="甲示例", district="370211")),
        lambda: file_titles(session, [title(name="乙示例", district="370212")], now=NOW, source="t"),
        lambda: file_stays(session, [stay(name="丙示例", district="370213")], now=NOW, source="s"),
    ]
    for place in order:
        imports[place]()

    found = firm_by_uscc(session, code())
    assert found is not None
    assert (found.name, found.district, found.district_on) == ("甲示例", "370211", TODAY)
    assert [span.name for span in names_of(session, found.id)] == ["丙示例", "乙示例", "甲示例"]


def test_an_older_row_that_comes_late_does_not_move_a_firm(session: Session) -> None:
    file_titles(session, [title(district="370212", recognised_on=date(2024, 6, 1))], now=NOW, source="t")
    file_stays(session, [stay(district="370281", entered_on=date(2021, 1, 31))], now=NOW, source="s")

    found = firm_by_uscc(session, code())
    assert found is not None
    assert (found.district, found.district_on) == ("370212", date(2024, 6, 1))


def test_a_list_without_districts_leaves_them_as_they_were(session: Session) -> None:
    enrolled(session, firm(district="370211"))

    assert enrolled(session, firm(), on=date(2025, 12, 1)) == Filed(unchanged=1)
    found = firm_by_uscc(session, code())
    assert found is not None
    assert (found.district, found.district_on) == ("370211", TODAY)


def test_a_long_list_is_enrolled_whole(session: Session) -> None:
    seen: list[int] = []
    many = [firm(number, years={2024: {"revenue": number}}) for number in range(4500)]
    assert enrolled(session, *many, progress=seen.append) == Filed(added=4500)

    assert seen == [2000, 2000, 500]
    assert session.scalar(text("SELECT sum(revenue) FROM yearly_figures")) == sum(range(4500))
    assert session.scalar(select(func.count()).select_from(text("firm_facts"))) == 4500
