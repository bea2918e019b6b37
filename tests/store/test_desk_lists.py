"""The desk's lists: what stands under which tab for whom, narrowed, in order, page by page without a gap."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from case_crowd import another, crowd
from casework import Hall, open_hall
from people import home
from sqlalchemy import event, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session

from registry.domain.permissions import permission
from registry.domain.roles import Role
from registry.store.cases import Application
from registry.store.desk_lists import SORTS, TABS, Reader, Wanted, all_cases, cases_page, tab_counts
from registry.store.desk_states import desk_states
from registry.store.examinations import Inquiry
from registry.store.scope import visible_to
from registry.work.assign_case import assign

ANY = Wanted()


@pytest.fixture
def hall(session: Session) -> Hall:
    return open_hall(session)


def reader(hall: Hall, who: str, key: str = "see_cases") -> Reader:
    actor = hall.actor(who)
    visible = visible_to(actor, permission(key), Application)
    return Reader(int(actor.person_id or 0), actor.seats, visible, hall.now.date())


def listed(hall: Hall, who: str, tab: str, wanted: Wanted = ANY, **asked: Any) -> list[int]:
    page = cases_page(hall.session, reader(hall, who), tab, wanted, **asked)
    return [line.case.id for line in page.lines]


def counts(hall: Hall, who: str, wanted: Wanted = ANY) -> dict[str, int]:
    return tab_counts(hall.session, reader(hall, who), wanted)


def test_what_is_on_a_desk_follows_from_the_procedures() -> None:
    district, city = desk_states(Role.DISTRICT_REVIEWER), desk_states(Role.CITY_REVIEWER)

    assert district["innovative-2022"] == {"submitted", "stage:district_review"}
    assert district["specialized-2022"] == {"submitted", "stage:district_review", "stage:inquiries"}
    # The district that filed it may take it back at every stage; that makes it no work of its own.
    assert district["above_scale-2011"] == {"submitted", "stage:district_check"}
    assert city["specialized-2022"] == {"stage:city_audit", "stage:city_review", "stage:announcement"}
    assert city["little_giant-2022"] == {"stage:city_review", "stage:outside_decision"}
    assert city["above_scale-2011"] == {"stage:city_check"}
    assert desk_states(Role.STATISTICIAN)["above_scale-2011"] == {"stage:outside_decision"}
    assert not any(desk_states(Role.APPLICANT).values())


def test_a_case_goes_from_tab_to_tab(hall: Hall) -> None:
    case = hall.submitted("innovative")
    assert counts(hall, "district") == dict.fromkeys(TABS, 0) | {"waiting": 1, "all": 1}
    assert counts(hall, "city") == dict.fromkeys(TABS, 0) | {"all": 1}

    hall.act("district", case, "take_up")
    hall.act("district", case, "return")
    # Who took it up has it in hand.
    assert counts(hall, "district") == dict.fromkeys(TABS, 0) | {"returned": 1, "mine": 1, "all": 1}
    hall.submit(case)
    assert listed(hall, "district", "waiting") == [case.id]

    hall.act("district", case, "recommend")
    assert counts(hall, "district")["waiting"] == 0
    assert listed(hall, "city", "waiting") == [case.id]
    hall.act("applicant", case, "withdraw")
    assert counts(hall, "city") == dict.fromkeys(TABS, 0) | {"closed": 1}


def test_drafts_are_on_no_desk_and_neither_are_those_withdrawn(hall: Hall) -> None:
    case = hall.begin("innovative")
    assert counts(hall, "city") == dict.fromkeys(TABS, 0)
    hall.act("applicant", case, "withdraw")

    assert counts(hall, "city") == dict.fromkeys(TABS, 0)


def test_overdue_begins_the_day_after_the_last(hall: Hall) -> None:
    case = hall.submitted("innovative")
    assert case.due_on == date(2026, 11, 23)
    hall.move(days=14)
    assert hall.now.date() == case.due_on and listed(hall, "district", "overdue") == []
    hall.move(days=1)

    assert listed(hall, "district", "overdue") == [case.id]


def test_each_sees_his_own(hall: Hall) -> None:
    here, there = another(hall, 2), another(hall, 3, district="370214")

    assert listed(hall, "district", "all") == [here.id]
    assert listed(hall, "other_district", "all") == [there.id]
    assert sorted(listed(hall, "city", "all")) == sorted([here.id, there.id])
    assert sorted(listed(hall, "statistician", "all")) == sorted([here.id, there.id])
    assert listed(hall, "tax", "all") == [] and listed(hall, "auditor", "all") == []
    assert listed(hall, "applicant", "all") == []


def test_what_is_in_hand_is_mine_until_it_leaves_the_desk(hall: Hall) -> None:
    case = hall.submitted("innovative")
    actor, other = hall.actor("district"), hall.people["second_district"]
    assign(hall.session, actor, actor.seats, case, other.id, now=hall.now)
    assert listed(hall, "second_district", "mine") == [case.id]
    assert listed(hall, "district", "mine") == []
    assert listed(hall, "district", "waiting", Wanted(handler="none")) == []
    assert listed(hall, "second_district", "waiting", Wanted(handler="me")) == [case.id]

    hall.act("second_district", case, "take_up")
    assert case.handler_id == other.id
    hall.act("second_district", case, "recommend")
    assert case.handler_id is None and listed(hall, "second_district", "mine") == []


@pytest.mark.parametrize("sort", SORTS)
def test_the_pages_give_every_case_once_though_days_tie_and_lack(hall: Hall, sort: str) -> None:
    rows = crowd(hall, 61)
    crowd(hall, 5, 5_000, district="370214")
    found: list[Application] = []
    after = None
    while True:
        page = cases_page(hall.session, reader(hall, "district"), "all", ANY, sort=sort, after=after, limit=7)
        found += [line.case for line in page.lines]
        after = page.after
        if after is None:
            break

    assert len(found) == 61 and {one.id for one in found} == {one.id for one in rows}
    if sort == "due":
        assert found == sorted(found, key=lambda one: (one.due_on is None, one.due_on or date.max, one.id))
        assert found[-1].due_on is None
    elif sort == "submitted":
        assert found == sorted(found, key=lambda one: (one.submitted_on, one.id), reverse=True)
    everything = all_cases(hall.session, reader(hall, "district"), "all", ANY, sort=sort)
    assert [one.id for one in found] == [line.case.id for line in everything]


@pytest.mark.parametrize("after", ["", "x", "12", "x~2026-11-09", "12~neverland", "99999999999999999999~"])
def test_a_mark_that_is_none_of_ours_is_passed_over_or_finds_nothing(hall: Hall, after: str) -> None:
    crowd(hall, 3)

    for sort in SORTS:
        assert len(listed(hall, "district", "all", sort=sort, after=after)) in (0, 1, 2, 3)


def test_a_list_is_narrowed(hall: Hall) -> None:
    rows = crowd(hall, 12)
    other = crowd(hall, 1, 7_000, district="370214", state="returned:district_review", verdict="met")[0]
    first = rows[0]

    def found(**asked: Any) -> set[int]:
        return set(listed(hall, "city", "all", Wanted(**asked), limit=100))

    assert found(text=first.uscc) == {first.id} and found(text=first.uscc[:17].lower()) == {first.id}
    assert found(text=str(first.reference)) == {first.id}
    assert first.id in found(text="CX2026") and found(text="CX2025") == set()
    assert found(text="示例第0有") == {first.id, rows[1].id, other.id}
    assert found(text="%") == set()
    assert found(tier="specialized") == set() and len(found(tier="innovative")) == 13
    assert found(kind="re_review") == set()
    assert found(district="370214") == {other.id}
    assert found(stage="district_review") == {other.id} and len(found(stage="submitted")) == 12
    assert found(verdict="met") == {one.id for one in rows if one.verdict == "met"} | {other.id}
    assert found(submitted_from=date(2026, 11, 3), submitted_to=date(2026, 11, 3)) == {
        one.id for one in rows if one.submitted_on == date(2026, 11, 3)
    }
    assert found(due_before=date(2026, 11, 4)) == {
        one.id for one in [*rows, other] if one.due_on is not None and one.due_on <= date(2026, 11, 4)
    }


def test_a_department_and_an_auditor_find_what_they_were_asked(hall: Hall) -> None:
    case = hall.submitted("specialized")
    hall.act("district", case, "take_up")
    hall.act("district", case, "pass")
    hall.session.add(
        Inquiry(
            application_id=case.id,
            department="tax",
            asked_at=hall.now,
            asked_by="test",
            due_on=date(2026, 11, 23),
            due_is_provisional=False,
            opinion="",
        )
    )
    hall.session.flush()

    assert listed(hall, "tax", "waiting") == [case.id] and listed(hall, "ecology", "all") == []
    row = hall.session.scalars(select(Inquiry)).one()
    row.answer, row.answered_at, row.answered_by = "clear", hall.now, hall.people["tax"].id
    hall.session.flush()
    assert listed(hall, "tax", "waiting") == [] and listed(hall, "tax", "all") == [case.id]


def test_the_desk_of_a_district_is_found_in_an_index(tmp_path: Path) -> None:
    asked: list[Any] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        asked.append((statement, values))

    with home(f"sqlite:///{tmp_path / 'plan.sqlite'}") as engine, Session(engine) as session:
        hall = open_hall(session)
        crowd(hall, 30)
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", note)
        assert len(listed(hall, "district", "waiting")) == 30
        event.remove(connection, "before_cursor_execute", note)
        statement, values = asked[-1]
        plan = " / ".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values))

    assert "SEARCH application USING INDEX ix_application_desk (state=? AND district=?)" in plan, plan
    assert "SCAN application" not in plan


def test_a_line_has_what_is_shown_of_a_case_and_asks_no_further(hall: Hall) -> None:
    """One question a case would be fifty a page."""
    crowd(hall, 2)
    who = reader(hall, "city")
    hall.session.expunge_all()

    line = cases_page(hall.session, who, "all", ANY).lines[0]

    assert line.case.firm_name and line.case.state
    with pytest.raises(InvalidRequestError, match="answers"):
        _ = line.case.answers
