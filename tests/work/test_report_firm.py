"""Reports 实名举报: by real name, the contact sealed, the firm asked without learning of whom, settled once."""

import json
from datetime import date
from typing import Any

import pytest
from casework import MONDAY, Hall, open_hall
from make import code
from people import PROGRAM, doer_of, firm_in
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.conflicts import TieKind
from registry.domain.errors import Barred, MoveNotAllowed, Refused
from registry.domain.lookup_codes import canonical
from registry.domain.trail import Tag
from registry.store.letters import Letter
from registry.store.notices import Notice
from registry.store.paper_lists import question_visible, questions_of_firm
from registry.store.papers import Report
from registry.store.trail import trail_page
from registry.work.declare_tie import declare
from registry.work.post import Post
from registry.work.report_firm import (
    ask_firm,
    public_firms,
    reply,
    report,
    report_by_code,
    settle_report,
    show_contact,
    was_heard,
)
from registry.work.seal import Keys, open_sealed

KEYS = Keys.parse(f"tests:{'A' * 43}=")
POST = Post(KEYS, "https://registry.example")
GOOD = {
    "uscc": code(1),
    "reporter": "宋举报",
    "contact": "13800138000",
    "grounds": "该企业 2025 年营业收入与纳税申报不一致，附申报表",
}


@pytest.fixture
def hall(session: Session) -> Hall:
    made = open_hall(session)
    made.hold("innovative")
    return made


def make(hall: Hall, **changes: str) -> Report:
    return report(hall.session, KEYS, **(GOOD | changes), doer=PROGRAM, now=hall.now, post=POST)


def ask(hall: Hall, row: Report, question: str = "请说明 2025 年营业收入的构成", who: str = "district") -> None:
    actor = hall.actor(who)
    ask_firm(hall.session, actor, actor.seats[0], row, question=question, now=hall.now, post=POST)


def answer(hall: Hall, row: Report, words: str = "收入已按权责发生制确认，详见说明", who: str = "applicant") -> None:
    actor = hall.actor(who)
    reply(hall.session, actor, actor.seats[0], row, words=words, now=hall.now, post=POST)


def settle(
    hall: Hall, row: Report, is_upheld: bool | None = True, finding: str = "经核实，情况属实", who: str = "district"
) -> None:
    actor = hall.actor(who)
    settle_report(
        hall.session, actor, actor.seats[0], row, is_upheld=is_upheld, finding=finding, now=hall.now, post=POST
    )


def everything_told(hall: Hall) -> str:
    """Return all that notices and mails say, and all that the trail holds."""
    notices = [one.told for one in hall.session.scalars(select(Notice))]
    letters = list(hall.session.scalars(select(Letter)))
    mails = [one.subject + open_sealed(KEYS, one.body_sealed or "", about=f"letter:{one.id}") for one in letters]
    trail = [f"{one.before}{one.after}{one.name}" for one in trail_page(hall.session, limit=1000)]
    return "\n".join([*notices, *mails, *trail])


def test_a_report_is_taken_with_its_contact_sealed_and_the_bureau_is_told(hall: Hall) -> None:
    row = make(hall)

    assert (row.state, row.firm_id, row.district) == ("open", hall.firm.id, hall.firm.district)
    assert canonical(row.code) == row.code
    assert "13800138000" not in row.contact_sealed
    told = hall.session.scalars(select(Notice).where(Notice.template == "report_made")).all()
    assert {one.person_id for one in told} == {hall.people["district"].id, hall.people["second_district"].id}
    assert report_by_code(hall.session, row.code) == (row, hall.firm)
    assert report_by_code(hall.session, "0" * 26) is None
    (entry,) = trail_page(hall.session, subject=f"report:{row.id}")
    assert entry.tag == Tag.REPORT_MADE and json.loads(entry.after or "") == {"firm": code(1)}


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("uscc", ""),
        ("uscc", code(1)[:-1] + "I"),
        ("uscc", code(7)),
        ("reporter", ""),
        ("reporter", "匿名"),
        ("reporter", "匿名群众"),
        ("reporter", "某某"),
        ("reporter", "王某"),
        ("reporter", "Anonymous"),
        ("reporter", "xxx"),
        ("reporter", "王"),
        ("reporter", "王2小"),
        ("reporter", "名" * 31),
        ("contact", ""),
        ("contact", "不便透露"),
        ("contact", "12345"),
        ("contact", "a@b"),
        ("contact", "1" * 101),
        ("grounds", ""),
        ("grounds", "一二三四五六七八九"),
        ("grounds", "长" * 2001),
    ],
)
def test_what_is_lacking_is_told_by_its_field_and_nothing_is_kept(hall: Hall, field: str, typed: str) -> None:
    with pytest.raises(Refused) as refused:
        make(hall, **{field: typed})

    assert [one.path for one in refused.value.faults] == [field]
    assert hall.session.scalars(select(Report)).all() == []


@pytest.mark.parametrize("ways", ["0532-85912345", "song@example.com", "+86 138 0013 8000"])
@pytest.mark.parametrize("name", ["宋举报", "欧阳小某人", "Li Ming"])
def test_telephones_addresses_and_names_of_all_kinds_will_do(hall: Hall, ways: str, name: str) -> None:
    assert make(hall, contact=ways, reporter=name, grounds="一二三四五六七八九十").id


def test_a_firm_without_a_public_title_is_not_said_to_be_in_the_register(hall: Hall) -> None:
    firm_in(hall.session, 2, hall.firm.district, now=MONDAY)
    messages = []
    for number in (2, 9):
        with pytest.raises(Refused) as refused:
            make(hall, uscc=code(number))
        messages.append(refused.value.faults[0].message)

    assert messages[0] == messages[1]
    assert public_firms(hall.session, "轴承") == [hall.firm]
    assert public_firms(hall.session, "轴") == [] and public_firms(hall.session, "%%") == []


def test_the_firm_is_asked_within_ten_working_days_and_never_told_of_whom(hall: Hall) -> None:
    row = make(hall)
    ask(hall, row)

    assert (row.state, row.due_on) == ("asked", date(2026, 11, 23))
    (told,) = hall.session.scalars(select(Notice).where(Notice.template == "report_question")).all()
    assert told.person_id == hall.people["applicant"].id
    assert told.address == f"/firms/{code(1)}/questions/{row.id}"
    answer(hall, row)
    settle(hall, row)
    said = everything_told(hall)
    assert "宋举报" not in said and "13800138000" not in said
    # What was said is said; only who reported it is not.
    assert "营业收入的构成" in said and "情况属实" in said


@pytest.mark.parametrize("words", ["宋举报说你们收入不实，请说明", "太短"])
def test_a_question_that_names_the_reporter_or_asks_nothing_is_refused(hall: Hall, words: str) -> None:
    row = make(hall)
    with pytest.raises(Refused, match="question"):
        ask(hall, row, words)
    assert row.state == "open"


def test_the_firm_answers_once_also_late(hall: Hall) -> None:
    row = make(hall)
    with pytest.raises(MoveNotAllowed):
        answer(hall, row)
    ask(hall, row)
    with pytest.raises(MoveNotAllowed):
        ask(hall, row)
    with pytest.raises(Refused, match="words"):
        answer(hall, row, "好的")
    with pytest.raises(Barred):
        answer(hall, row, who="city")
    hall.move(days=30)
    answer(hall, row)
    with pytest.raises(MoveNotAllowed, match="已经答复过"):
        answer(hall, row)
    told = hall.session.scalars(select(Notice).where(Notice.template == "report_replied")).all()
    assert {one.person_id for one in told} == {hall.people["district"].id, hall.people["second_district"].id}


def test_nothing_is_upheld_before_the_firm_was_heard_or_its_time_was_over(hall: Hall) -> None:
    row = make(hall)
    with pytest.raises(MoveNotAllowed, match="核实"):
        settle(hall, row)
    ask(hall, row)
    # The last day is 2026-11-23: on it the firm may still answer.
    hall.move(days=14)
    assert hall.now.date() == row.due_on and not was_heard(row, hall.now)
    with pytest.raises(MoveNotAllowed, match="核实"):
        settle(hall, row)
    hall.move(days=1)
    assert was_heard(row, hall.now)
    settle(hall, row)
    assert (row.state, row.is_upheld) == ("settled", True)


def test_what_is_plainly_not_so_is_settled_at_once_and_the_firm_learns_nothing(hall: Hall) -> None:
    row = make(hall)
    settle(hall, row, is_upheld=False, finding="所述企业与被举报企业不符")

    assert hall.session.scalars(select(Notice).where(Notice.template == "report_settled")).all() == []
    assert questions_of_firm(hall.session, hall.firm.id) == []
    assert question_visible(hall.session, Report.id.is_not(None), row.id, hall.firm.id) is None
    with pytest.raises(MoveNotAllowed):
        settle(hall, row)
    with pytest.raises(MoveNotAllowed):
        ask(hall, row)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"is_upheld": None}, "is_upheld"),
        ({"finding": "属实"}, "finding"),
        ({"finding": "宋举报所说属实"}, "finding"),
    ],
)
def test_a_finding_is_asked_for_that_names_nobody(hall: Hall, changes: dict[str, Any], path: str) -> None:
    row = make(hall)
    with pytest.raises(Refused, match=path):
        settle(hall, row, **changes)
    assert row.state == "open"


def test_whoever_is_tied_to_the_firm_neither_asks_nor_settles(hall: Hall) -> None:
    row, who = make(hall), hall.people["district"]
    declare(
        hall.session,
        who.id,
        uscc=hall.firm.uscc,
        kind=TieKind.INTEREST,
        ended_on=None,
        note="",
        doer=doer_of(who),
        now=hall.now,
    )
    for deed in (ask, settle):
        with pytest.raises(Barred):
            deed(hall, row, **({"is_upheld": False} if deed is settle else {}))  # type: ignore[operator]
    assert row.state == "open"
    actor = hall.actor("district")
    with pytest.raises(Barred):
        show_contact(hall.session, KEYS, row, actor=actor, seat=actor.seats[0], now=hall.now)


def test_whoever_sees_the_contact_leaves_a_trace(hall: Hall) -> None:
    row = make(hall)
    actor = hall.actor("district")
    shown = show_contact(hall.session, KEYS, row, actor=actor, seat=actor.seats[0], now=hall.now)

    assert shown == "13800138000"
    (entry, *_rest) = trail_page(hall.session, subject=f"report:{row.id}")
    assert entry.tag == Tag.CONFIDENTIAL_REVEALED and entry.person_id == hall.people["district"].id
    assert shown not in (entry.after or "")
