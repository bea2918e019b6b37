"""Accounts and seats: who may open, close and change them, and what the pages say."""

import re

import pytest
from asked_of_rows import ties_of
from desk import Desk, Sit, counted_queries, entries, number_of, rows
from flask import Flask
from make import code
from page_reader import Page
from small_city import NOW
from sqlalchemy import select

from registry.domain.conflicts import TieKind
from registry.domain.roles import Role
from registry.domain.trail import Doer, Tag
from registry.store.letters import Letter
from registry.store.offices import OfficeRow, SeatRow
from registry.store.people import Person
from registry.store.sign_ins import FailedTries, Link, SignIn
from registry.work.declare_tie import declare
from registry.work.open_account import open_account
from registry.work.seat import grant
from registry.work.sign_in import Door, note_failure

NEW = {"email": "New.Person@example.com", "name": "新来 者", "language": "en"}


def office_number(desk_app: Flask, kind: str) -> int:
    with rows(desk_app) as session:
        return session.scalars(select(OfficeRow.id).where(OfficeRow.kind == kind).order_by(OfficeRow.id)).first() or 0


def names(page: Page) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/people/[0-9]+">([^<]+)</a>', page.source)


@pytest.fixture
def crowd(desk_app: Flask) -> None:
    with rows(desk_app) as session:
        office = session.scalars(select(OfficeRow).where(OfficeRow.district == "370214")).one()
        for number in range(120):
            row = open_account(
                session, email=f"crowd{number}@example.com", name=f"众人{number}", doer=Doer.program("tests"), now=NOW
            )
            grant(session, row, Role.DISTRICT_REVIEWER, office=office, doer=Doer.program("tests"), now=NOW)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_list_shows_accounts_with_their_seats(sit: Sit, lang: str) -> None:
    page = sit("system").ask("/people", lang=lang)

    assert names(page) == ["赵无席", "吴区审", "孙审计", "钱安全", "郑系统"]
    assert ("区市审核员" if lang == "zh" else "District reviewer") in page.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=区审", ["吴区审"]),
        ("q=REVIEW", ["吴区审"]),
        ("q=eviewer", []),
        ("q=%25", []),
        ("role=audit_admin", ["孙审计"]),
        ("role=audit_admin&q=吴", []),
        ("state=disabled", []),
        ("office=999999999999999", []),
        ("after=3", ["钱安全", "郑系统"]),
    ],
)
def test_the_list_is_narrowed(sit: Sit, query: str, found: list[str]) -> None:
    assert found == names(sit("system").ask(f"/people?{query}"))


def test_role_and_office_are_asked_of_one_seat(desk_app: Flask, sit: Sit) -> None:
    page = sit("security").ask(f"/people?office={office_number(desk_app, 'city')}&role=district_reviewer")

    assert names(page) == []


@pytest.mark.parametrize("query", ["role=king", "office=x", "after=-1", "state=asleep", "office=" + "9" * 30])
def test_what_cannot_be_meant_is_refused(sit: Sit, query: str) -> None:
    sit("system").ask(f"/people?{query}", 400)


def test_every_account_is_on_one_page_and_a_page_costs_the_same(desk_app: Flask, sit: Sit, crowd: None) -> None:
    desk, address, seen, costs = sit("system"), "/people", [], set()
    while address:
        with counted_queries(desk_app) as asked:
            page = desk.ask(address)
        costs.add(len(asked))
        seen += names(page)
        following = [one["href"] for one in page.all("a", rel="next")]
        address = following[0] if following else ""

    assert len(seen) == len(set(seen)) == 125
    assert max(costs) <= 8


def test_a_new_account_gets_a_mail_and_no_password(desk_app: Flask, sit: Sit) -> None:
    page = sit("system").does("/people/new", "/people/new", **NEW)

    assert "将发往 new.person@example.com" in page.text
    with rows(desk_app) as session:
        row = session.scalars(select(Person).where(Person.email == "new.person@example.com")).one()
        letter = session.scalars(select(Letter)).one()
        assert (row.name, row.language, row.password) == ("新来 者", "en", None)
        assert (letter.to, letter.state) == (row.email, "waiting")
    assert [one.tag for one in entries(desk_app, limit=2)] == [Tag.LINK_MADE, Tag.PERSON_CREATED]
    assert entries(desk_app, limit=1)[0].seat == "system_admin@office:1"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"email": ""}, "请填写邮箱"),
        ({"email": "x"}, "邮箱"),
        ({"email": "AUDIT@example.com"}, "这个邮箱已有账户"),
        ({"name": " "}, "请填写姓名"),
        ({"name": "x" * 61}, "1–60"),
        ({"language": "fr"}, "请选择邮件语言"),
    ],
)
def test_an_account_that_cannot_be_opened_says_why_by_the_box(
    desk_app: Flask, sit: Sit, changes: dict[str, str], fault: str
) -> None:
    page = sit("system").is_refused("/people/new", "/people/new", **(NEW | changes))

    (box,) = changes
    assert fault in page.text
    assert next(one for tag in ("input", "select") for one in page.all(tag, name=box))["aria-invalid"] == "true"
    with rows(desk_app) as session:
        assert session.scalars(select(Letter)).all() == []


def test_a_link_is_sent_anew_and_the_one_before_is_void(desk_app: Flask, sit: Sit) -> None:
    desk, number = sit("system"), number_of(desk_app, "nobody")
    desk.does(f"/people/{number}/link", "/people/new")
    desk.does(f"/people/{number}/link", "/people/new")

    with rows(desk_app) as session:
        links = session.scalars(select(Link).where(Link.person_id == number).order_by(Link.id)).all()
        assert [(one.purpose, one.used_at is None) for one in links] == [("welcome", False), ("welcome", True)]


def test_who_has_a_password_is_sent_a_link_to_choose_another(desk_app: Flask, sit: Sit) -> None:
    number = number_of(desk_app, "nobody")
    with rows(desk_app) as session:
        row = session.get_one(Person, number)
        row.password, row.password_set_at = "a hash", NOW
    sit("system").does(f"/people/{number}/link", "/people/new")

    with rows(desk_app) as session:
        assert session.scalars(select(Link.purpose)).all() == ["reset"]


def test_a_closed_account_is_out_at_once_and_gets_no_link(desk_app: Flask, sit: Sit) -> None:
    desk, reviewer, number = sit("system"), sit("reviewer"), number_of(desk_app, "reviewer")
    reviewer.ask("/ties")
    page = desk.does(f"/people/{number}/disable", f"/people/{number}")

    assert "账户已停用" in page.text
    assert reviewer.client.get("/ties").status_code == 303
    desk.is_refused(f"/people/{number}/disable", f"/people/{number}", 409)
    desk.is_refused(f"/people/{number}/link", f"/people/{number}", 409)
    assert names(desk.ask("/people?state=disabled")) == ["吴区审"]
    assert "账户已启用" in desk.does(f"/people/{number}/enable", f"/people/{number}").text


def test_nobody_closes_his_own_account(desk_app: Flask, sit: Sit) -> None:
    desk, number = sit("system"), number_of(desk_app, "system")

    assert "disable" not in desk.ask(f"/people/{number}").source
    desk.is_refused(f"/people/{number}/disable", "/people/new", 409)


def test_a_seat_is_granted_and_ended(desk_app: Flask, sit: Sit) -> None:
    desk, number = sit("security"), number_of(desk_app, "nobody")
    boxes = {"role": "auditor", "office": office_number(desk_app, "auditor")}
    page = desk.does(f"/people/{number}/seats", f"/people/{number}", **boxes)
    assert "席位已授予" in page.text
    assert "示例会计师事务所" in page.text
    desk.is_refused(f"/people/{number}/seats", f"/people/{number}", 409, **boxes)
    with rows(desk_app) as session:
        seat = session.scalars(select(SeatRow.id).where(SeatRow.person_id == number)).one()
    assert "席位已收回" in desk.does(f"/seats/{seat}/end", f"/people/{number}").text

    desk.is_refused(f"/seats/{seat}/end", f"/people/{number}", 409)
    assert [one.tag for one in entries(desk_app, tag="seat", limit=2)] == [Tag.SEAT_ENDED, Tag.SEAT_GRANTED]


@pytest.mark.parametrize(
    ("boxes", "box", "fault"),
    [
        ({"role": "", "office": "1"}, "role", "请选择角色"),
        ({"role": "king", "office": "1"}, "role", "请选择角色"),
        ({"role": "auditor"}, "office", "请选择机构"),
        ({"role": "auditor", "office": "1"}, "office", "应在第三方审计机构任职"),
        ({"role": "auditor", "office": "99999"}, "office", "请选择机构"),
        ({"role": "statistician", "office": "1"}, None, ""),
        ({"role": "audit_admin", "office": "1"}, "role", "与现任席位互斥：区市审核员"),
    ],
)
def test_a_seat_that_does_not_fit_says_why_by_the_box(
    desk_app: Flask, sit: Sit, boxes: dict[str, str], box: str | None, fault: str
) -> None:
    desk, number = sit("security"), number_of(desk_app, "reviewer")
    if box is None:
        desk.does(f"/people/{number}/seats", f"/people/{number}", **boxes)
        return
    page = desk.is_refused(f"/people/{number}/seats", f"/people/{number}", **boxes)

    assert fault in page.text
    assert page.all("select", name=box)[0]["aria-invalid"] == "true"
    assert page.all("a", href=f"#{box}")


def test_nobody_grants_a_seat_to_himself(desk_app: Flask, sit: Sit) -> None:
    desk, number = sit("security"), number_of(desk_app, "security")
    boxes = {"role": "city_reviewer", "office": office_number(desk_app, "city")}

    assert not desk.ask(f"/people/{number}").all("form", action=f"/people/{number}/seats")
    desk.is_refused(f"/people/{number}/seats", f"/people/{number_of(desk_app, 'nobody')}", 409, **boxes)


def test_sessions_are_ended(desk_app: Flask, sit: Sit) -> None:
    desk, reviewer, number = sit("security"), sit("reviewer"), number_of(desk_app, "reviewer")
    page = desk.does(f"/people/{number}/sessions/end", f"/people/{number}")

    assert "已结束 1 个登录会话" in page.text
    assert reviewer.client.get("/ties").status_code == 303
    with rows(desk_app) as session:
        assert session.scalars(select(SignIn.ended_at).where(SignIn.person_id == number)).one() == NOW


def test_lost_factors_are_taken_away(desk_app: Flask, sit: Sit) -> None:
    desk, number = sit("security"), number_of(desk_app, "reviewer")
    with rows(desk_app) as session:
        row = session.get_one(Person, number)
        row.tf_totp_secret, row.totp_enrolled_at = "encrypted", NOW
    page = desk.does(f"/people/{number}/factors/renew", f"/people/{number}")

    assert "第二步验证已重置" in page.text
    with rows(desk_app) as session:
        assert session.get_one(Person, number).tf_totp_secret is None


def test_a_locked_account_is_unlocked_and_that_is_traced(desk_app: Flask, sit: Sit) -> None:
    desk, number = sit("security"), number_of(desk_app, "reviewer")
    with rows(desk_app) as session:
        for door in (Door.account("reviewer@example.com"), Door.codes(number)):
            while not note_failure(
                session, [door], tag=Tag.SESSION_REFUSED, subject="person:", doer=Doer(None, ""), now=NOW
            ):
                pass
    assert "登录已锁定至" in desk.ask(f"/people/{number}").text
    page = desk.does(f"/people/{number}/unlock", f"/people/{number}")

    assert "登录已锁定至" not in page.text
    with rows(desk_app) as session:
        assert session.scalars(select(FailedTries)).all() == []
    told = entries(desk_app, limit=1)[0]
    assert (told.tag, told.subject, told.after) == (Tag.PERSON_CHANGED, f"person:{number}", '{"unlocked":true}')


def test_ties_are_shown_to_whoever_may_take_them_back_and_to_nobody_else(desk_app: Flask, sit: Sit) -> None:
    number = number_of(desk_app, "reviewer")
    with rows(desk_app) as session:
        doer = Doer(number, "吴区审")
        tie = declare(
            session, number, uscc=code(1), kind=TieKind.FAMILY, ended_on=None, note="表兄", doer=doer, now=NOW
        ).id
    assert "表兄" not in sit("system").ask(f"/people/{number}").text
    desk = sit("security")
    assert "表兄" in desk.ask(f"/people/{number}").text
    desk.is_refused(f"/people/{number + 1}/ties/{tie}/withdraw", f"/people/{number}", 404)
    page = desk.does(f"/people/{number}/ties/{tie}/withdraw", f"/people/{number}")

    assert "已撤回" in page.text
    with rows(desk_app) as session:
        assert ties_of(session, number) == []


RUN_ACCOUNTS = ("disable", "enable", "link")
RUN_SEATS = ("seats", "sessions/end", "factors/renew", "unlock", "ties/1/withdraw")


@pytest.mark.parametrize("handle", ["system", "security", "audit", "reviewer", "nobody"])
def test_each_administrator_sees_and_does_only_his_part(desk_app: Flask, sit: Sit, handle: str) -> None:
    desk, number = sit(handle), number_of(desk_app, "reviewer")
    if handle not in ("system", "security"):
        for address in ("/people", "/people/new", f"/people/{number}"):
            assert desk.client.get(address).status_code == 403
        return
    shown = {one["action"] for one in desk.ask(f"/people/{number}").all("form")}
    closed = RUN_SEATS if handle == "system" else RUN_ACCOUNTS

    assert not shown & {f"/people/{number}/{deed}" for deed in closed}
    for deed in closed:
        # The token is that of a page of one's own.
        seen = "/people/new" if handle == "system" else f"/people/{number}"
        assert desk.send(f"/people/{number}/{deed}", seen).status_code == 403


def test_nothing_is_done_without_the_token_of_a_form(desk_app: Flask, sit: Sit) -> None:
    number = number_of(desk_app, "reviewer")

    assert sit("system").client.post(f"/people/{number}/disable").status_code == 400
    with rows(desk_app) as session:
        assert session.get_one(Person, number).active


@pytest.mark.parametrize("number", ["999", "999999999999999999"])
def test_a_number_that_nobody_has_is_not_found(sit: Sit, number: str) -> None:
    sit("security").ask(f"/people/{number}", 404)
    assert sit("security").send(f"/seats/{number}/end", "/groups").status_code == 404
    assert sit("system").send(f"/people/{number}/disable", "/people/new").status_code == 404


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("handle", ["system", "security"])
def test_the_page_of_a_person_is_well_formed_and_cheap(desk_app: Flask, sit: Sit, handle: str, lang: str) -> None:
    desk: Desk = sit(handle)
    for one in ("reviewer", "nobody", handle):
        with counted_queries(desk_app) as asked:
            desk.ask(f"/people/{number_of(desk_app, one)}", lang=lang)
        assert len(asked) <= 10


def test_a_hostile_name_stays_a_name(desk_app: Flask, sit: Sit) -> None:
    page = sit("system").does("/people/new", "/people/new", **(NEW | {"name": "<script>alert(1)</script>"}))

    assert "<script>alert(1)" in page.text
    assert not page.all("script")
