"""Notices: told once, with their mail, to whoever acts for the firm; the words of every template in both languages."""

import ast
import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from casework import MONDAY, Hall, open_hall
from people import PROGRAM, company, home, person, seat
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import registry
from registry.domain.roles import Role
from registry.store.engine import writing
from registry.store.letters import Letter
from registry.store.notice_lists import notices_page, told_already, unread_of
from registry.store.notices import Notice
from registry.store.people import Person
from registry.work.join_firm import delegate
from registry.work.notice_words import TEMPLATES, words_of
from registry.work.notify import people_of_bureau, people_of_firm, people_of_office, tell
from registry.work.open_account import disable
from registry.work.post import Post
from registry.work.seal import Keys, open_sealed

POST = Post(Keys.parse(f"tests:{'A' * 43}="), "https://registry.example")
# One of everything that a notice may keep.
EVERYTHING: dict[str, Any] = {
    "firm": "青岛示例轴承有限公司",
    "reference": "ZT20260000001",
    "tier": "specialized",
    "kind": "new",
    "state": "stage:city_review",
    "due_on": "2026-11-23",
    "is_provisional": False,
    "title": ["市级审核", "City review"],
    "advice": ["请等待", "Please wait"],
    "seen": "correct",
    "opinion": "营业收入与审计报告不符",
    "parts": [{"part": "years.2025.revenue", "comment": "与审计报告不符"}, {"part": "evidence", "comment": ""}],
    "action": "resubmit",
    "by": "吴审核",
    "note": "请先看",
    "department": "tax",
    "count": 3,
    "is_late": True,
    "first_day": "2026-11-10",
    "last_day": "2026-11-16",
    "certificate": "QD-ZT-2026-0001",
    "valid_from": "2026-12-01",
    "valid_until": "2029-11-30",
    "announcement": "青工信字〔2026〕9号",
    "days": 30,
    "opens": "batch",
    "opens_on": "2026-11-01",
    "closes_on": "2026-12-31",
    "is_last_day": True,
    "year": 2027,
    "source": ["2号：每年 5 月 31 日前更新", "2号: by 31 May of every year"],
    "outcome": "still_qualified",
    "cause": "false_data",
    "facts": "年报数据与税务数据不一致",
    "hearing": "企业放弃听证",
    "document": "青工信罚〔2026〕1号",
    "on": "2026-11-20",
    "banned_until": "2029-11-20",
    "question": "请说明 2025 年研发费用的构成",
    "is_upheld": True,
    "finding": "经核实，情况属实",
    "happened_on": "2026-08-01",
    "reply": "变更后仍符合条件",
}


@pytest.fixture
def hall(session: Session) -> Hall:
    return open_hall(session)


def notices(session: Session, template: str | None = None) -> list[Notice]:
    query = select(Notice).order_by(Notice.id)
    return list(session.scalars(query.where(Notice.template == template) if template else query))


def body(letter: Letter) -> str:
    return open_sealed(POST.keys, letter.body_sealed or "", about=f"letter:{letter.id}")


def templates_told() -> set[str]:
    """Return every template that the program names where it tells somebody something."""
    found = set()
    for file in (Path(registry.__file__).parent).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            if name in ("tell", "_tell_firm", "_tell_bureau", "Due"):
                place = {"tell": 2, "Due": 0}.get(name, 3)
                word = node.args[place] if len(node.args) > place else None
                if isinstance(word, ast.Constant) and isinstance(word.value, str):
                    found.add(word.value)
    return found


def test_every_template_that_is_told_has_its_words() -> None:
    told = templates_told()

    assert {"case", "title_expiring", "report_question"} <= told
    assert told <= set(TEMPLATES)


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_speaks_both_languages_and_leaves_nothing_over(template: str) -> None:
    for told in ({}, EVERYTHING, {"firm": EVERYTHING["firm"]}, EVERYTHING | {"seen": "recognised", "outcome": ""}):
        text = words_of(template, told)
        for chinese, english in (text.subject, text.body):
            assert chinese and english and chinese != english
            assert not re.search(r"None|\{|\}|%\(|\[|\]|: :|：：|。。", chinese + english), (chinese, english)
            assert re.search("[一-鿿]", chinese)
        strange = [one for one in text.subject[1] + text.body[1] if "一" <= one <= "鿿"]
        given = json.dumps(told, ensure_ascii=False)
        assert all(one in given for one in strange), text.body[1]


def test_what_was_told_long_ago_is_still_said_somehow() -> None:
    assert words_of("no_more_known", {"firm": "甲公司"}).subject == ("有一条通知：甲公司", "There is news: 甲公司")


def test_somebody_is_told_once_and_gets_one_mail_in_his_language(hall: Hall) -> None:
    session, who = hall.session, hall.people["applicant"]
    who.language = "en"
    about: dict[str, Any] = {"once": "a:1", "address": "/applications/7", "now": MONDAY, "post": POST}
    first = tell(session, [who, who], "report_question", EVERYTHING, **about)
    second = tell(session, [who, hall.people["second_city"]], "report_question", EVERYTHING, **about)

    assert [len(first), len(second)] == [1, 1]
    assert [one.person_id for one in notices(session)] == [who.id, hall.people["second_city"].id]
    letters = list(session.scalars(select(Letter).where(Letter.subject.contains("bureau"))))
    (letter,) = letters
    assert letter.id == first[0].letter_id and letter.to == who.email and letter.state == "waiting"
    said = body(letter)
    assert said.startswith(f"{who.name},\n\nThe bureau asks your firm: 青岛示例轴承有限公司.")
    assert "https://registry.example/applications/7" in said and "2025 年研发费用" in said


def test_without_a_post_it_is_told_here_only(hall: Hall) -> None:
    tell(hall.session, [hall.people["city"]], "case", {}, once="a:1", now=MONDAY, post=None)

    assert [one.letter_id for one in notices(hall.session)] == [None]
    assert hall.session.scalar(select(func.count()).select_from(Letter)) == 0


def test_a_line_break_in_a_name_does_not_reach_the_head_of_a_mail(hall: Hall) -> None:
    told = {"firm": "甲\r\nBcc: all@example.com"}
    (row,) = tell(hall.session, [hall.people["city"]], "report_made", told, once="a:1", now=MONDAY, post=POST)
    letter = hall.session.get_one(Letter, row.letter_id)

    assert "\n" not in letter.subject and "\r" not in letter.subject
    assert len(letter.subject) <= 120


def test_nobody_is_told_whose_account_is_closed(hall: Hall) -> None:
    disable(hall.session, hall.people["applicant"], doer=PROGRAM, now=MONDAY)
    hall.session.refresh(hall.people["applicant"])

    assert people_of_firm(hall.session, hall.firm.id, MONDAY.date()) == []
    assert tell(hall.session, [hall.people["applicant"]], "case", {}, once="a", now=MONDAY, post=None) == []


@pytest.mark.parametrize(("day", "is_told"), [(date(2026, 11, 9), True), (date(2026, 11, 8), False)])
def test_an_intermediary_is_told_as_long_as_the_firm_delegates(hall: Hall, day: date, is_told: bool) -> None:
    agency = company(hall.session)
    agent = person(hall.session, "代办人")
    seat(hall.session, agent, Role.APPLICANT, agency)
    delegate(hall.session, hall.firm, agency, date(2026, 11, 9), doer=PROGRAM, now=MONDAY - timedelta(days=5))

    found = people_of_firm(hall.session, hall.firm.id, MONDAY.date() + (date(2026, 11, 9) - day))
    assert (agent in found) is is_told
    assert agent not in people_of_firm(hall.session, hall.firm.id)


def test_offices_are_found_by_role_and_place(hall: Hall) -> None:
    names = {key: one.id for key, one in hall.people.items()}
    session = hall.session

    def ids(people: list[Person]) -> set[int]:
        return {one.id for one in people}

    assert ids(people_of_office(session, Role.DEPARTMENT_OFFICER, department="tax")) == {names["tax"]}
    assert ids(people_of_office(session, Role.AUDITOR, office_id=hall.auditor.id)) == {names["auditor"]}
    assert ids(people_of_bureau(session, "370285")) == {names["district"], names["second_district"]}
    assert ids(people_of_bureau(session, None)) == {names["city"], names["second_city"]}
    # A district in which nobody sits yet.
    assert ids(people_of_bureau(session, "370202")) == {names["city"], names["second_city"]}


def test_the_firm_reads_why_and_by_when_when_its_case_is_returned(hall: Hall) -> None:
    case = hall.submitted("innovative")
    hall.act("district", case, "take_up")
    hall.act("district", case, "return", opinion="研发费用与审计报告不符", details={"parts": ["years.2025.rd_expense"]})
    told = notices(hall.session)[-1]
    text = words_of(told.template, json.loads(told.told))

    assert told.person_id == hall.people["applicant"].id and told.address == f"/applications/{case.id}"
    assert text.subject[0].startswith("区市主管部门退回补正：")
    for word in ("研发费用与审计报告不符", f"请在 {case.due_on} 前办理", "2025 年研发费用"):
        assert word in text.body[0], text.body[0]
    assert "Returned for correction by the district bureau" in text.body[1]


def test_the_firm_is_not_told_of_the_inner_course_nor_of_a_good_opinion(hall: Hall) -> None:
    case = hall.submitted("innovative")
    hall.act("district", case, "take_up")
    before = len(notices(hall.session))
    hall.act("district", case, "recommend", opinion="内部意见")
    told = notices(hall.session)[before:]

    # From the district to the city: that is seen, the opinion is not.
    assert [json.loads(one.told)["seen"] for one in told] == ["city"]
    assert "内部意见" not in told[0].told


@pytest.mark.parametrize("action", ["resubmit", "withdraw"])
def test_whoever_has_the_case_is_told_when_it_comes_back(hall: Hall, action: str) -> None:
    case = hall.submitted("innovative")
    hall.act("district", case, "take_up")
    case.handler_id = hall.people["district"].id
    hall.session.flush()
    hall.act("district", case, "return", opinion="请补正")
    assert notices(hall.session, "came_back") == []
    if action == "resubmit":
        hall.submit(case)
    else:
        hall.act("applicant", case, "withdraw", opinion="")
    (told,) = notices(hall.session, "came_back")

    assert told.person_id == hall.people["district"].id and told.address == f"/cases/{case.id}"


def test_of_two_that_tell_the_same_at_once_one_does(own_url: str) -> None:
    with home(own_url) as engine:
        with writing(engine) as session:
            number = person(session).id
        ready = Barrier(4)

        def tell_it(_place: int) -> int:
            ready.wait()
            with writing(engine) as session:
                who = session.get_one(Person, number)
                return len(tell(session, [who], "case", {}, once="a:1", now=MONDAY, post=POST))

        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(tell_it, range(4)))
        with Session(engine) as session:
            counted = [session.scalar(select(func.count()).select_from(one)) for one in (Notice, Letter)]

    assert sorted(made) == [0, 0, 0, 1]
    assert counted == [1, 1]


def test_what_another_told_unseen_meanwhile_is_not_told_again(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the look before finds nothing, the database still refuses the second, and the deed goes on."""
    who = hall.people["city"]
    about: dict[str, Any] = {"once": "a:1", "now": MONDAY, "post": POST}
    tell(hall.session, [who], "case", {}, **about)
    looks = iter([False, True])
    monkeypatch.setattr("registry.work.notify._was_told", lambda *_asked: next(looks))

    assert tell(hall.session, [who], "case", {}, **about) == []
    assert hall.session.scalar(select(func.count()).select_from(Letter)) == 1
    hall.session.add(
        Letter(to="a@b.c", subject="x", state="waiting", written_at=MONDAY, due_at=MONDAY, tries=0, fault="")
    )
    hall.session.flush()


def test_a_person_pages_through_his_own_the_newest_first(hall: Hall) -> None:
    who, session = hall.people["city"], hall.session
    for number in range(5):
        tell(session, [who], "case", {}, once=f"a:{number}", now=MONDAY, post=None)
    tell(session, [hall.people["district"]], "case", {}, once="a:1", now=MONDAY, post=None)
    first = notices_page(session, who.id, limit=3)
    assert first.after is not None
    second = notices_page(session, who.id, after=first.after, limit=3)

    assert [one.notice.once for one in (*first.lines, *second.lines)] == ["a:4", "a:3", "a:2", "a:1", "a:0"]
    assert second.after is None
    first.lines[0].notice.read_at = MONDAY
    session.flush()
    assert unread_of(session, who.id) == 4
    assert len(notices_page(session, who.id, unread_only=True).lines) == 4
    assert told_already(session, ["a:1", "a:9"]) == {"a:1"}
