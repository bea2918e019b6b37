"""The end of a publicity: what may be closed and what not, firm by firm, and what an upheld objection leads to."""

from datetime import datetime
from typing import Any

import pytest
from casework import MONDAY, SHANGHAI, Hall, open_hall, tie
from publicity_cases import KEYS, list_of, waiting_case
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.errors import MoveNotAllowed
from registry.domain.trail import Doer, Tag
from registry.store.cases import Application
from registry.store.decisions import Decision
from registry.store.publicities import Objection, Publicity
from registry.store.publicity_lists import cases_of
from registry.store.trail import trail_page
from registry.work.close_publicity import close_cases, look, overview, uphold
from registry.work.object_to import object_to, reply_to
from registry.work.objection_words import read_objection

OVER = datetime(2026, 11, 14, 0, 0, tzinfo=SHANGHAI)
LAST_MOMENT = datetime(2026, 11, 13, 23, 59, 59, tzinfo=SHANGHAI)


@pytest.fixture
def hall(session: Session) -> Hall:
    return open_hall(session)


def closing(hall: Hall, who: str, listed: Publicity, *cases: Application, opinion: str = "公示无异议") -> Any:
    actor = hall.actor(who)
    numbers = [case.id for case in cases]
    return close_cases(hall.session, actor, actor.seats, listed, numbers, opinion=opinion, now=hall.now)


def looked(hall: Hall, who: str, listed: Publicity) -> list[str | None]:
    actor = hall.actor(who)
    numbers = [case.id for _entry, case in cases_of(hall.session, listed.id)]
    rows = look(hall.session, actor, actor.seats, listed, numbers, opinion="无", now=hall.now)
    return [line.against for line in rows]


def objected(hall: Hall, listed: Publicity, case: Application, who: str = "", *, is_upheld: bool = False) -> Objection:
    said = read_objection("王大明", "13812345678", "该企业营业收入与纳税申报不符")
    row = object_to(hall.session, listed, case, said, keys=KEYS, doer=Doer(None, ""), now=hall.now)
    if who:
        actor = hall.actor(who)
        reply_to(
            hall.session, actor, actor.seats, listed, case, row, reply="已核实完毕", is_upheld=is_upheld, now=hall.now
        )
    return row


def test_nothing_is_closed_before_the_last_day_is_over(hall: Hall) -> None:
    case = waiting_case(hall, 1)
    listed = list_of(hall, [case])
    hall.now = LAST_MOMENT
    (told,) = looked(hall, "city", listed)
    assert told is not None and "公示至 2026-11-13" in told
    assert [one for one, _why in closing(hall, "city", listed, case).refused] == [case]
    hall.now = OVER
    assert looked(hall, "city", listed) == [None]
    assert closing(hall, "city", listed, case).done == (case,)
    assert case.state == "stage:announcement"


def test_each_firm_is_closed_or_refused_for_itself(hall: Hall) -> None:
    cases = [waiting_case(hall, number) for number in (2, 3, 4, 5)]
    clear, open_one, also, tied = cases
    listed = list_of(hall, cases)
    objected(hall, listed, open_one)
    tie(hall.session, hall.people["city"], tied.uscc, MONDAY)
    hall.now = OVER
    told = looked(hall, "city", listed)
    came = closing(hall, "city", listed, *cases)

    assert came.done == (clear, also)
    refused = {case.id: why for case, why in came.refused}
    assert "1 条异议未答复" in refused[open_one.id]
    assert "利害关系" in refused[tied.id]
    assert [told[0], told[2]] == [None, None]
    assert told[1] == refused[open_one.id] and told[3] == refused[tied.id]
    assert [case.state for case in cases] == [
        "stage:announcement",
        "stage:publicity",
        "stage:announcement",
        "stage:publicity",
    ]
    (barred,) = trail_page(hall.session, tag=Tag.DECISION_BARRED)
    assert barred.subject == f"application:{tied.id}"
    again = closing(hall, "city", listed, clear)
    assert again.done == () and "已不在公示环节" in again.refused[0][1]


def test_all_that_stands_against_a_firm_is_told_in_both_languages(hall: Hall) -> None:
    case = waiting_case(hall, 1)
    listed = list_of(hall, [case])
    objected(hall, listed, case)
    (told,) = looked(hall, "city", listed)

    assert told == (
        "公示至 2026-11-13，次日起可办结；还有 1 条异议未答复 "
        "(the publicity lasts to the end of 2026-11-13; 1 objections are not answered)"
    )


def test_the_list_itself_says_what_stands_against_whom(hall: Hall) -> None:
    cases = [waiting_case(hall, number, stage="district_publicity") for number in (2, 3, 4)]
    listed = list_of(hall, cases, who="district")
    objected(hall, listed, cases[1])
    objected(hall, listed, cases[2], "district", is_upheld=True)

    def told() -> list[str | None]:
        return [line.against for line in overview(hall.session, listed, hall.now.date())]

    running = "公示至 2026-11-13，次日起可办结"
    assert [str(one).startswith(running) for one in told()] == [True] * 3
    hall.now = OVER
    assert told()[0] is None
    assert "1 条异议未答复" in str(told()[1]) and "有成立的异议" in str(told()[2])
    assert closing(hall, "district", listed, *cases).done == (cases[0],)
    assert [line.has_gone for line in overview(hall.session, listed, hall.now.date())] == [True, False, False]


def test_what_is_not_on_the_list_is_not_closed_by_it(hall: Hall) -> None:
    case, other = waiting_case(hall, 1), waiting_case(hall, 2)
    listed, _other_list = list_of(hall, [case]), list_of(hall, [other])
    hall.now = OVER
    came = closing(hall, "city", listed, other)

    assert (came.done, came.refused) == ((), ())
    assert other.state == "stage:publicity"


def test_another_office_closes_nothing(hall: Hall) -> None:
    case = waiting_case(hall, 1)
    listed = list_of(hall, [case])
    hall.now = OVER
    for who in ("district", "other_district", "statistician"):
        came = closing(hall, who, listed, case)
        assert came.done == () and len(came.refused) == 1, who
    assert case.state == "stage:publicity"


def test_a_district_passes_on_what_nobody_objected_to(hall: Hall) -> None:
    case = waiting_case(hall, 1, stage="district_publicity")
    listed = list_of(hall, [case], who="district")
    hall.now = OVER
    assert closing(hall, "district", listed, case).done == (case,)

    assert case.state == "stage:city_audit"
    decision = hall.session.scalars(select(Decision)).one()
    assert (decision.level, decision.outcome, decision.matter_id) == ("district", "recommend", case.id)


def test_an_upheld_objection_is_decided_by_itself_where_the_stage_can(hall: Hall) -> None:
    case = waiting_case(hall, 1, stage="district_publicity")
    listed = list_of(hall, [case], who="district")
    actor = hall.actor("district")
    hall.now = LAST_MOMENT
    with pytest.raises(MoveNotAllowed, match="没有成立的异议"):
        uphold(hall.session, actor, actor.seats, listed, case, opinion="异议成立", now=hall.now)
    objected(hall, listed, case, "district", is_upheld=True)
    with pytest.raises(MoveNotAllowed, match="公示至"):
        uphold(hall.session, actor, actor.seats, listed, case, opinion="异议成立", now=hall.now)
    hall.now = OVER
    ((told, why),) = closing(hall, "district", listed, case).refused
    assert told is case and "有成立的异议" in why
    with pytest.raises(MoveNotAllowed, match="意见"):
        uphold(hall.session, actor, actor.seats, listed, case, opinion=" ", now=hall.now)
    uphold(hall.session, actor, actor.seats, listed, case, opinion="异议成立，不予通过", now=hall.now)
    assert case.state == "ended:refused"


def test_at_the_city_an_upheld_objection_is_decided_at_the_announcement(hall: Hall) -> None:
    case = waiting_case(hall, 1)
    listed = list_of(hall, [case])
    objected(hall, listed, case, "city", is_upheld=True)
    hall.now = OVER
    actor = hall.actor("city")
    with pytest.raises(MoveNotAllowed, match="在公告环节决定"):
        uphold(hall.session, actor, actor.seats, listed, case, opinion="异议成立", now=hall.now)
    assert closing(hall, "city", listed, case).done == (case,)


def test_an_objection_that_was_answered_keeps_nobody(hall: Hall) -> None:
    case = waiting_case(hall, 1, stage="district_publicity")
    listed = list_of(hall, [case], who="district")
    objected(hall, listed, case, "district", is_upheld=False)
    hall.now = OVER

    assert closing(hall, "district", listed, case).done == (case,)
