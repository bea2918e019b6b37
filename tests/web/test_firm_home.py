"""The home of a firm: most urgent first, what each tier lacks, whose it is, and how little it asks of the database."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from clients import email_of
from desk import counted_queries
from firm_desk import FIRM, FOREIGN, FirmDesk, firm_desk_over
from make import code
from small_city import NOW
from sqlalchemy import select

from registry.domain.roles import Role
from registry.domain.trail import Doer
from registry.store.cases import Application
from registry.store.notices import Notice
from registry.store.papers import Report
from registry.store.people import Person
from registry.store.queries import firm_by_uscc
from registry.work.seat import grant


@pytest.fixture
def desk(city_file: Path, tmp_path: Path) -> Iterator[FirmDesk]:
    with firm_desk_over(city_file, tmp_path) as made:
        yield made


def person(session, who: str = "applicant") -> Person:
    return session.scalars(select(Person).where(Person.email == email_of(who))).one()


def firm_id(session, number: int = 1) -> int:
    found = firm_by_uscc(session, code(number))
    assert found is not None
    return found.id


def draft(session, tier: str = "little_giant", **changes) -> Application:
    values = {
        "firm_id": firm_id(session),
        "uscc": code(1),
        "firm_name": "青岛示例轴承有限公司",
        "district": "370285",
        "tier": tier,
        "kind": "new",
        "state": "draft",
        "round": 1,
        "version": 0,
        "answers": "{}",
        "filed_by": person(session).id,
        "filed_role": "applicant",
        "opened_at": NOW,
        "saved_at": NOW,
        "entered_at": NOW,
        "due_is_provisional": False,
    }
    row = Application(**(values | changes))
    session.add(row)
    session.flush()
    return row


def report(session, due_on: date) -> None:
    session.add(
        Report(
            firm_id=firm_id(session),
            code="B" * 26,
            reporter="王举报",
            contact_sealed="x",
            grounds="情况",
            state="asked",
            made_at=NOW,
            question="请说明",
            due_on=due_on,
            firm_reply="",
            finding="",
        )
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("address", ["/home", f"{FIRM}/home"])
def test_it_is_whole_in_both_languages(desk: FirmDesk, address: str, lang: str) -> None:
    page = desk.page(address, lang=lang)
    assert "青岛示例轴承有限公司" in page.text


def test_of_one_firm_the_first_page_is_its_home(desk: FirmDesk) -> None:
    page = desk.page("/home")
    for words in ("现在没有要办的事", "在梯度中的位置", "每一级还差什么", "还没有申报过", "还没有关于本企业的通知"):
        assert words in page.text
    # Two titles run, and days are counted from the day of the page.
    assert "有效期至 2028-04-09" in page.text and "还有 866 天" in page.text
    assert "有效期至 2028-10-16" in page.text
    assert "未持有 · 下一级" in page.text
    assert "规模以上工业企业：在库" in page.text
    for address in (f"{FIRM}/profile", f"{FIRM}/assessment", f"{FIRM}/evidence", FIRM, f"{FIRM}/people"):
        assert address in page.links
    assert f"{FIRM}/assessment?tier=little_giant&kind=new" in page.links


def test_what_is_lacking_leads_to_its_box_and_what_is_unknown_is_no_failure(desk: FirmDesk) -> None:
    page = desk.page("/home")
    assert "还缺信息" in page.text
    # The only shortfall of the next tier that is known of: the register has five self-developed of three.
    assert any(link.startswith(f"{FIRM}/profile/") and "#" in link for link in page.links)
    assert "企业信息中有 1 处数据对不上" in page.text


def test_tasks_stand_with_their_days_the_most_urgent_first(desk: FirmDesk) -> None:
    with desk.rows() as session:
        draft(session)
        report(session, date(2025, 11, 24))
        draft(
            session,
            "specialized",
            state="returned:district_review",
            due_on=date(2025, 11, 25),
            submitted_on=date(2025, 11, 1),
            reference="ZT20250000001",
            rule_set_id="specialized-2022",
            rule_set_digest="x",
            procedure_id="specialized-2022",
            procedure_digest="x",
        )
    page = desk.page("/home")
    assert "3 件，最急的在前" in page.text
    order = [
        page.text.index(words) for words in ("答复主管部门的核实", "补正退回的申报：专精特新", "继续填写申报：小巨人")
    ]
    assert order == sorted(order)
    assert "已过期 1 天" in page.text and "今天截止" in page.text and "不限日期" in page.text
    assert "区市主管部门退回补正" in page.text and "填报中" in page.text
    english = desk.page("/home", lang="en")
    assert "Returned for correction by the district bureau" in english.text


def test_the_newest_notices_about_this_firm_to_this_person_are_told(desk: FirmDesk) -> None:
    with desk.rows() as session:
        for number in range(7):
            told = json.dumps({"reference": f"ZT{number}", "title": ["公示中", "Made public"]})
            session.add(notice(session, "applicant", number, told))
        session.add(notice(session, "delegate", 9, "{}"))
    page = desk.page("/home")
    # Once more in the menu, which counts all of them.
    assert page.text.count("未读") == 5 + 1 and "通知 7 条未读" in page.text
    assert desk.page("/home", "delegate").text.count("未读") == 1 + 1


def notice(session, who: str, number: int, told: str) -> Notice:
    return Notice(
        person_id=person(session, who).id,
        firm_id=firm_id(session),
        template="case",
        told=told,
        address="",
        once=f"test:{number}",
        made_at=NOW,
    )


def test_who_acts_for_several_firms_chooses_one_first(desk: FirmDesk) -> None:
    with desk.rows() as session:
        second = firm_by_uscc(session, code(2))
        grant(session, person(session), Role.APPLICANT, firm=second, doer=Doer.program("tests"), now=NOW)
        draft(session)
    page = desk.page("/home")
    assert f"{FIRM}/home" in page.links and f"{FOREIGN}/home" in page.links
    assert "1 件申报在办理" in page.text and "没有在办的申报" in page.text
    assert "每一级还差什么" not in page.text
    assert desk.get(f"{FOREIGN}/home").status_code == 200


def test_a_delegate_has_the_home_and_nobody_else(desk: FirmDesk) -> None:
    page = desk.page("/home", "delegate")
    assert "受托代办" in page.text
    assert f"{FIRM}/people" not in page.links
    assert desk.get(f"{FIRM}/home", "delegate").status_code == 200
    assert desk.get(f"{FOREIGN}/home").status_code == 404
    assert desk.get(f"{FIRM}/home", "other_applicant").status_code == 404
    for staff in ("city", "district", "system_admin"):
        assert desk.get(f"{FIRM}/home", staff).status_code == 403
        assert desk.get("/home", staff).status_code == 200


@pytest.mark.parametrize("address", ["/home", f"{FIRM}/home"])
def test_it_asks_the_database_at_most_twelve_questions(desk: FirmDesk, address: str) -> None:
    with desk.rows() as session:
        draft(session, "innovative", kind="re_review")
        report(session, date(2025, 12, 1))
    desk.get(address)
    with counted_queries(desk.desk.app) as asked:
        assert desk.get(address).status_code == 200

    # Two of them find out who asks.
    assert len(asked) - 2 <= 12, "\n".join(asked)
