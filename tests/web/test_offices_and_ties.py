"""Offices, ties and groups: opened, closed, declared, and read in plain words."""

import pytest
from asked_of_rows import ties_of
from desk import Sit, counted_queries, entries, number_of, rows
from flask import Flask
from make import code
from small_city import NOW
from sqlalchemy import select

from registry.domain.trail import Doer, Tag
from registry.store.decisions import GroupMember
from registry.store.offices import OfficeRow
from registry.work.declare_tie import note_group

OFFICE = {"kind": "intermediary", "name": "示例代办有限公司", "name_en": "Example Agency", "uscc": code(901)}
TIE = {"uscc": code(1), "kind": "family", "ended_on": "", "note": "表兄任财务"}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("handle", ["system", "security"])
def test_the_offices_are_listed_with_their_seats(sit: Sit, handle: str, lang: str) -> None:
    page = sit(handle).ask("/offices", lang=lang)

    assert ("青岛市工业和信息化局" in page.text) == (lang == "zh")
    assert "示例会计师事务所" in page.text
    assert "/people?office=1" in page.links
    # Only who may open one has the form.
    assert bool(page.all("form", action="/offices", method="post")) == (handle == "system")


@pytest.mark.parametrize(
    ("query", "found"),
    [("q=会计", True), (f"q={code(900)[:8].lower()}", True), ("kind=auditor", True), ("kind=district", False)],
)
def test_the_offices_are_narrowed(sit: Sit, query: str, found: bool) -> None:
    assert found == ("示例会计师事务所" in sit("system").ask(f"/offices?{query}").text)


def test_an_office_is_opened_and_closed(desk_app: Flask, sit: Sit) -> None:
    desk = sit("system")
    assert "Example Agency" in desk.ask(desk.send("/offices", "/offices", **OFFICE).location, lang="en").text
    with rows(desk_app) as session:
        number = session.scalars(select(OfficeRow.id).where(OfficeRow.uscc == code(901))).one()
    page = desk.does(f"/offices/{number}/close", "/offices")

    assert "已关闭，席位不再有效" in page.text
    desk.is_refused(f"/offices/{number}/close", "/offices", 409)
    desk.is_refused("/offices/1/close", "/offices", 409)
    desk.is_refused("/offices/99999/close", "/offices", 404)
    assert [one.tag for one in entries(desk_app, tag="office", limit=2)] == [Tag.OFFICE_CLOSED, Tag.OFFICE_OPENED]


@pytest.mark.parametrize(
    ("changes", "box", "fault"),
    [
        ({"kind": ""}, "kind", "请选择类别"),
        ({"kind": "city"}, "kind", "请选择类别"),
        ({"name": ""}, "name", "请填写名称"),
        ({"uscc": "913702"}, "uscc", "18"),
        ({"uscc": code(900)}, "uscc", "已开立"),
    ],
)
def test_an_office_that_cannot_be_opened_says_why_by_the_box(
    sit: Sit, changes: dict[str, str], box: str, fault: str
) -> None:
    page = sit("system").is_refused("/offices", "/offices", **(OFFICE | changes))

    assert fault in page.text
    assert [one for tag in ("input", "select") for one in page.all(tag, name=box, aria_invalid="true")]


def test_offices_come_a_page_at_a_time(desk_app: Flask, sit: Sit) -> None:
    with rows(desk_app) as session:
        session.add_all(OfficeRow(kind="auditor", name=f"第{number}事务所", name_en="") for number in range(60))
    desk = sit("system")
    with counted_queries(desk_app) as asked:
        page = desk.ask("/offices")
    following = page.all("a", rel="next")[0]["href"]

    assert len(asked) <= 8
    assert "第59事务所" in desk.ask(following).text


def test_a_tie_is_declared_by_whom_it_binds(desk_app: Flask, sit: Sit) -> None:
    page = sit("reviewer").does("/ties", "/ties", **TIE)

    assert "已申报" in page.text
    assert "须回避" in page.text
    assert "青岛示例轴承有限公司" in page.text
    with rows(desk_app) as session:
        assert [row.uscc for row in ties_of(session, number_of(desk_app, "reviewer"))] == [code(1)]
    told = entries(desk_app, limit=1)[0]
    assert (told.tag, told.seat) == (Tag.TIE_DECLARED, "district_reviewer@370202")
    sit("reviewer").is_refused("/ties", "/ties", 409, **TIE)


def test_a_tie_that_ended_long_ago_bars_no_more(sit: Sit) -> None:
    page = sit("reviewer").does("/ties", "/ties", **(TIE | {"kind": "former_employer", "ended_on": "2022-11-24"}))

    assert "已不再回避" in page.text


@pytest.mark.parametrize(
    ("changes", "box"),
    [
        ({"uscc": ""}, "uscc"),
        ({"uscc": "91"}, "uscc"),
        ({"kind": ""}, "kind"),
        ({"ended_on": "2025-11-26"}, "ended_on"),
        ({"ended_on": "gestern"}, "ended_on"),
        ({"note": "x" * 201}, "note"),
    ],
)
def test_a_tie_that_cannot_be_declared_says_why_by_the_box(sit: Sit, changes: dict[str, str], box: str) -> None:
    page = sit("reviewer").is_refused("/ties", "/ties", **(TIE | changes))

    tags = ("input", "select", "textarea")
    assert [one["name"] for tag in tags for one in page.all(tag, aria_invalid="true")] == [box]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_says_what_a_tie_bars(sit: Sit, lang: str) -> None:
    page = sit("reviewer").ask("/ties", lang=lang)

    assert ("离职后 3 年内" if lang == "zh" else "3 years") in page.text or lang == "en"


@pytest.mark.parametrize(("handle", "status"), [("system", 403), ("nobody", 403), ("audit", 403), ("reviewer", 200)])
def test_ties_are_for_those_who_decide(sit: Sit, handle: str, status: int) -> None:
    sit(handle).ask("/ties", status)


def test_a_firm_is_entered_into_a_group_and_then_into_another(desk_app: Flask, sit: Sit) -> None:
    desk, boxes = sit("security"), {"uscc": code(2), "group_name": "甲集团", "source": "2024年年报"}
    assert "已记入集团 甲集团" in desk.does("/groups", "/groups", **boxes).text
    page = desk.does("/groups", "/groups", **(boxes | {"group_name": "乙集团"}))

    assert "青岛同组有限公司" in page.text
    with rows(desk_app) as session:
        assert session.scalars(select(GroupMember.group_name)).all() == ["乙集团"]
    for changes in ({"uscc": "1"}, {"group_name": ""}, {"source": ""}):
        page = desk.is_refused("/groups", "/groups", **(boxes | changes))
        assert [one["name"] for one in page.all("input", aria_invalid="true")] == list(changes)


def test_groups_come_a_page_at_a_time_and_each_firm_once(desk_app: Flask, sit: Sit) -> None:
    with rows(desk_app) as session:
        for number in range(70):
            name = f"{'甲' if number % 2 else '乙'}集团"
            note_group(session, code(number), name, source="年报", doer=Doer.program("tests"), now=NOW)
    desk, address, seen = sit("security"), "/groups", []
    while address:
        with counted_queries(desk_app) as asked:
            page = desk.ask(address)
        assert len(asked) <= 8
        seen += [number for number in range(70) if code(number) in page.text]
        following = page.all("a", rel="next")
        address = following[0]["href"] if following else ""

    assert sorted(seen) == list(range(70))
    assert "没有符合条件的集团企业" in desk.ask("/groups?q=丙").text


@pytest.mark.parametrize("handle", ["system", "reviewer", "audit"])
def test_groups_are_for_the_security_administrator(sit: Sit, handle: str) -> None:
    sit(handle).ask("/groups", 403)
