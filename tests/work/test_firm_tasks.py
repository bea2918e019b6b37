"""What a firm has to do, with its last day: at the line, before it, after it, and in which order."""

from datetime import date, timedelta

import pytest
from casework import Hall, open_hall, window
from sqlalchemy.orm import Session

from registry.domain.case_states import Action
from registry.store.cases import Application
from registry.store.papers import ChangeReport, Report, YearlyUpdate
from registry.store.recognitions import Ban, RevocationCase
from registry.store.records import record_of
from registry.work.firm_tasks import EXPIRES_SOON, Task, cases_under_way, life_of, tasks_of
from registry.work.next_rungs import titles_until


@pytest.fixture
def hall(session: Session) -> Hall:
    return open_hall(session)


def tasks(hall: Hall, on: date | None = None, *cases: Application) -> list[Task]:
    day = on or hall.now.date()
    life = life_of(hall.session, hall.firm.id, day)
    return tasks_of(hall.session, cases, life, titles_until(record_of(hall.session, hall.firm), day), day)


def told(hall: Hall, on: date | None = None, *cases: Application) -> list[tuple[str, date | None, int | None]]:
    return [(one.what, one.due, one.left) for one in tasks(hall, on, *cases)]


def add(hall: Hall, row) -> None:
    hall.session.add(row)
    hall.session.flush()


def report(hall: Hall, **changes) -> Report:
    values = {
        "firm_id": hall.firm.id,
        "code": "A" * 26,
        "reporter": "王举报",
        "contact_sealed": "x",
        "grounds": "情况",
        "state": "asked",
        "made_at": hall.now,
        "question": "请说明",
        "due_on": date(2026, 11, 20),
        "firm_reply": "",
        "finding": "",
    }
    return Report(**(values | changes))


def test_of_a_firm_without_anything_nothing_is_to_do(hall: Hall) -> None:
    assert told(hall) == []


def test_a_draft_is_finished_before_its_batch_closes(hall: Hall) -> None:
    case = hall.begin("specialized")
    assert told(hall, None, case) == [("draft", date(2026, 12, 31), 52)]
    assert told(hall, date(2026, 12, 31), case) == [("draft", date(2026, 12, 31), 0)]
    # No batch is open: no day is set. Nor is one where anything can be submitted at any time.
    assert told(hall, date(2027, 1, 1), case) == [("draft", None, None)]
    assert told(hall, date(2026, 10, 31), case) == [("draft", None, None)]
    assert told(hall, None, hall.begin("innovative")) == [("draft", None, None)]


def test_of_batches_those_of_its_kind_count_that_were_not_taken_back(hall: Hall) -> None:
    case = hall.begin("specialized")
    longer = window("specialized", closes_on=date(2027, 3, 1))
    longer.kind = "re_review"
    add(hall, longer)
    assert told(hall, None, case)[0][1] == date(2026, 12, 31)
    longer.kind = "new"
    hall.session.flush()
    assert told(hall, None, case)[0][1] == date(2027, 3, 1)
    longer.withdrawn_at, longer.withdrawn_by = hall.now, "test"
    hall.session.flush()
    assert told(hall, None, case)[0][1] == date(2026, 12, 31)


def test_a_title_that_ends_soon_is_to_be_re_reviewed_from_ninety_days_before(hall: Hall) -> None:
    hall.hold("specialized", valid_until=date(2027, 5, 19))
    first = date(2027, 5, 19) - timedelta(days=EXPIRES_SOON)
    assert "re_review" not in [one.what for one in tasks(hall, first - timedelta(days=1))]
    assert ("re_review", date(2027, 5, 19), 90) in told(hall, first)
    assert ("re_review", date(2027, 5, 19), 0) in told(hall, date(2027, 5, 19))
    assert "re_review" not in [one.what for one in tasks(hall, date(2027, 5, 20))]
    (task,) = [one for one in tasks(hall, first) if one.what == "re_review"]
    assert task.word == "specialized"


def test_who_applies_already_is_not_told_to(hall: Hall) -> None:
    hall.hold("specialized", valid_until=date(2026, 12, 1))
    case = hall.submitted("specialized", "re_review")
    assert told(hall, None, case) == []


def test_the_yearly_update_is_due_where_it_is_asked_for_and_a_title_is_held(hall: Hall) -> None:
    assert told(hall, date(2027, 3, 1)) == []
    hall.hold("specialized", valid_until=date(2028, 5, 19))
    assert told(hall, date(2026, 11, 9)) == []
    assert told(hall, date(2027, 3, 1)) == [("update", date(2027, 5, 31), 91)]
    assert told(hall, date(2027, 5, 31)) == [("update", date(2027, 5, 31), 0)]
    assert told(hall, date(2027, 6, 1)) == [("update", date(2027, 5, 31), -1)]
    add(
        hall,
        YearlyUpdate(
            firm_id=hall.firm.id,
            year=2027,
            number=1,
            firm="{}",
            due_on=date(2027, 5, 31),
            filed_at=hall.now,
            filed_by=hall.people["applicant"].id,
            signed_as="凌经办",
        ),
    )
    assert told(hall, date(2027, 6, 1)) == []
    assert (
        told(hall, date(2028, 3, 1)) == [("update", date(2028, 5, 31), 91), ("re_review", date(2028, 5, 19), 79)][::-1]
    )


def test_what_the_bureau_asks_after_a_report_is_to_be_answered_until_it_is(hall: Hall) -> None:
    row = report(hall)
    add(hall, row)
    assert told(hall) == [("report", date(2026, 11, 20), 11)]
    row.firm_reply = "说明如下"
    hall.session.flush()
    assert told(hall) == []
    row.firm_reply, row.state = "", "open"
    hall.session.flush()
    assert told(hall) == []


def test_a_revocation_that_is_proposed_is_to_be_replied_to(hall: Hall) -> None:
    row = RevocationCase(
        firm_id=hall.firm.id,
        uscc=hall.firm.uscc,
        name=hall.firm.name,
        tier="specialized",
        cause="false_data",
        facts="数据不实",
        state="proposed",
        proposed_at=hall.now,
        proposed_by=hall.people["district"].id,
        firm_reply="",
        hearing="",
        document="",
    )
    add(hall, row)
    assert [(one.what, one.word, one.due) for one in tasks(hall)] == [("revocation", "specialized", None)]
    row.firm_reply = "情况说明"
    hall.session.flush()
    assert told(hall) == []


def test_a_returned_case_comes_with_its_day_and_before_what_is_due_later(hall: Hall) -> None:
    case = hall.submitted("innovative")
    hall.act("district", case, "take_up")
    case.state, case.due_on = "returned:district_review", date(2026, 11, 23)
    hall.session.flush()
    add(hall, report(hall))
    draft = hall.begin("specialized")
    assert told(hall, None, case, draft) == [
        ("report", date(2026, 11, 20), 11),
        ("correct", date(2026, 11, 23), 14),
        ("draft", date(2026, 12, 31), 52),
    ]
    assert tasks(hall, None, case)[1].number == case.id


def test_bans_and_changes_are_told_while_they_bind_or_wait(hall: Hall) -> None:
    ban = Ban(
        firm_id=hall.firm.id,
        uscc=hall.firm.uscc,
        first_day=date(2026, 1, 1),
        last_day=date(2026, 11, 9),
        cause="",
        source="",
        made_at=hall.now,
        made_by="test",
    )
    add(hall, ban)
    assert life_of(hall.session, hall.firm.id, date(2026, 11, 9)).banned_to == date(2026, 11, 9)
    assert life_of(hall.session, hall.firm.id, date(2026, 11, 10)).banned_to is None
    assert life_of(hall.session, hall.firm.id, date(2025, 12, 31)).banned_to is None
    ban.lifted_at = hall.now
    change = ChangeReport(
        firm_id=hall.firm.id,
        kind="rename",
        happened_on=date(2026, 10, 1),
        due_on=date(2027, 1, 1),
        told="更名",
        reported_at=hall.now,
        reported_by=hall.people["applicant"].id,
        reply="",
    )
    add(hall, change)
    life = life_of(hall.session, hall.firm.id, date(2026, 11, 9))
    assert life.banned_to is None
    assert [(one.word, one.day) for one in life.changes] == [("rename", date(2026, 10, 1))]


def test_cases_under_way_are_counted_by_firm(hall: Hall) -> None:
    assert cases_under_way(hall.session, {hall.firm.id}) == {}
    case = hall.begin("specialized")
    hall.begin("innovative")
    assert cases_under_way(hall.session, {hall.firm.id, 999}) == {hall.firm.id: 2}
    hall.act("applicant", case, Action.WITHDRAW)
    assert cases_under_way(hall.session, {hall.firm.id}) == {hall.firm.id: 1}
