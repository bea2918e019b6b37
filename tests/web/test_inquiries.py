"""Departments are asked and answer by their pages; each sees what it was asked and answered, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from casework import ask_departments
from examination_desk import OTHER, Examined, build, checked, examined_over
from examined_cases import tie
from make import DISTRICT
from sqlalchemy import Select, select

from registry.store.cases import Application
from registry.store.examinations import Inquiry
from registry.web.inquiries import MOST
from registry.work.ask_departments import answer_inquiry


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("inquiries") / "built.sqlite")


@pytest.fixture
def desk(built: Path, tmp_path: Path) -> Iterator[Examined]:
    with examined_over(built, tmp_path) as made:
        yield made


def ask_all(desk: Examined) -> list[int]:
    """Ask about the three cases of the first district; return their numbers."""
    numbers = [case.id for case in desk.cases("inquiries", DISTRICT)]
    answer = desk.browser("district").post("/inquiries/to-ask", case=numbers)
    assert (answer.status_code, answer.location) == (303, "/inquiries/overview")
    return numbers


def answers(desk: Examined) -> dict[tuple[int, str], str | None]:
    with desk.rows() as session:
        return {(row.application_id, row.department): row.answer for row in session.scalars(select(Inquiry))}


def select_case(number: int) -> Select[Application]:
    return select(Application).where(Application.id == number)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_district_sees_what_it_will_ask_and_asks_it(desk: Examined, lang: str) -> None:
    browser = desk.browser("district", lang)
    page = browser.page("/inquiries/to-ask")
    mine, others = desk.cases("inquiries", DISTRICT), desk.cases("inquiries", OTHER)
    boxes = page.all("input", type="checkbox")
    assert [box["value"] for box in boxes] == [str(case.id) for case in mine]
    assert all("checked" in box for box in boxes)
    assert "2026-11-23" in page.text
    assert not any(case.firm_name in page.text for case in others)
    one = browser.page(f"/inquiries/to-ask?number={mine[1].id}")
    assert [box["value"] for box in one.all("input", type="checkbox")] == [str(mine[1].id)]

    done = browser.does("/inquiries/to-ask", case=[mine[0].id, mine[2].id])
    assert mine[0].firm_name in done.text and mine[1].firm_name not in done.text
    assert len(answers(desk)) == 10
    assert [box["value"] for box in browser.page("/inquiries/to-ask").all("input", type="checkbox")] == [
        str(mine[1].id)
    ]


def test_what_cannot_be_asked_is_not(desk: Examined) -> None:
    district, numbers = desk.browser("district"), ask_all(desk)
    (foreign,) = desk.cases("inquiries", OTHER)
    assert "请至少勾选一家企业" in checked(district.post("/inquiries/to-ask"), 422).text
    assert district.post("/inquiries/to-ask", case=foreign.id).status_code == 404
    again = checked(district.post("/inquiries/to-ask", case=numbers[0]), 409)
    assert "不能重复" in again.text
    assert district.post("/inquiries/to-ask", case="x").status_code == 400
    many = list(range(1, MOST + 2))
    assert "最多办理" in checked(district.post("/inquiries/to-ask", case=many), 400).text
    assert len(answers(desk)) == 15
    city = desk.browser("city")
    assert "由区市主管部门发函" in city.page("/inquiries/to-ask").text
    assert city.post("/inquiries/to-ask", case=foreign.id).status_code == 409
    for who in ("tax", "auditor", "applicant"):
        for address in ("/inquiries/to-ask", "/inquiries/overview"):
            assert desk.browser(who).get(address).status_code == 403


def test_none_is_asked_about_where_one_cannot(desk: Examined) -> None:
    numbers = [case.id for case in desk.cases("inquiries", DISTRICT)]
    with desk.hall() as hall:
        tie(hall, "district", hall.session.scalars(select_case(numbers[1])).one())
    district = desk.browser("district")
    page = district.page("/inquiries/to-ask")
    assert [box["value"] for box in page.all("input", type="checkbox")] == [str(numbers[0]), str(numbers[2])]
    assert "不在其中" in page.text and "须回避" in page.text
    assert district.post("/inquiries/to-ask", case=numbers).status_code == 403
    assert answers(desk) == {}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_officer_answers_for_one_firm(desk: Examined, lang: str) -> None:
    numbers = ask_all(desk)
    browser = desk.browser("tax", lang)
    listed = browser.page("/inquiries")
    assert [f"/inquiries/{one}" in listed.links for one in numbers] == [True] * 3
    address = f"/inquiries/{numbers[0]}"
    page = browser.page(address)
    case = desk.cases("inquiries", DISTRICT)[0]
    assert all(word in page.text for word in (case.firm_name, case.uscc, str(case.reference), "3451"))

    assert browser.does(address, answer="clear", opinion="").title
    assert answers(desk)[numbers[0], "tax"] == "clear"
    assert browser.page(address).all("select") == []
    again = checked(browser.post(address, answer="adverse", opinion="又有"), 409)
    assert ("您的部门已经答复过" if lang == "zh" else "Your department has answered") in again.text
    assert f"/inquiries/{numbers[0]}" in browser.page("/inquiries?tab=answered").links
    assert f"/inquiries/{numbers[0]}" not in browser.page("/inquiries").links


@pytest.mark.parametrize(
    ("lang", "boxes", "word"),
    [
        ("zh", {"answer": "adverse", "opinion": " "}, "请写明事由和依据"),
        ("en", {"answer": "adverse", "opinion": ""}, "An adverse opinion needs its grounds"),
        ("zh", {"answer": "", "opinion": "无"}, "请选择答复"),
        ("zh", {"answer": "maybe", "opinion": "无"}, "请选择答复"),
        ("zh", {"answer": "adverse", "opinion": "长" * 2001}, "不超过 2000 个字符"),
    ],
)
def test_what_is_wrong_stands_by_its_field_and_what_was_typed_stays(
    desk: Examined, lang: str, boxes: dict[str, str], word: str
) -> None:
    number = ask_all(desk)[0]
    page = checked(desk.browser("tax", lang).post(f"/inquiries/{number}", **boxes), 422)

    assert word in page.text
    assert boxes["opinion"].strip() in page.text
    assert set(answers(desk).values()) == {None}


def test_a_department_sees_its_own_cases_and_its_own_answer(desk: Examined) -> None:
    numbers = ask_all(desk)
    (foreign,) = desk.cases("inquiries", OTHER)
    ecology = desk.browser("ecology")
    assert ecology.does(f"/inquiries/{numbers[0]}", answer="adverse", opinion="2026年5月因排污被处罚")
    tax = desk.browser("tax")
    for address in (f"/inquiries/{numbers[0]}", "/inquiries", "/inquiries?tab=answered"):
        assert "排污" not in tax.page(address).text
    assert tax.get(f"/inquiries/{foreign.id}").status_code == 404
    assert tax.post(f"/inquiries/{foreign.id}", answer="clear", opinion="").status_code == 404
    assert tax.get("/inquiries/999999999").status_code == 404
    for who in ("district", "city", "auditor", "applicant"):
        assert desk.browser(who).get("/inquiries").status_code == 403
        assert desk.browser(who).get(f"/inquiries/{numbers[0]}").status_code == 403


def test_several_are_answered_after_they_were_shown(desk: Examined) -> None:
    numbers = ask_all(desk)
    tax = desk.browser("tax")
    tax.does(f"/inquiries/{numbers[2]}", answer="clear", opinion="")
    page = tax.page(f"/inquiries/answer?case={numbers[0]}&case={numbers[1]}&case={numbers[2]}")
    assert [one["value"] for one in page.all("input", name="case")] == [str(one) for one in numbers[:2]]
    assert "另有 1 家已经答复" in page.text
    whole = tax.page("/inquiries/answer?whole=1")
    assert [one["value"] for one in whole.all("input", name="case")] == [str(one) for one in numbers[:2]]
    assert answers(desk)[numbers[0], "tax"] is None

    assert "已答复 2 家企业" in tax.does("/inquiries/answer", case=numbers[:2]).text
    assert [answers(desk)[one, "tax"] for one in numbers] == ["clear"] * 3
    assert tax.post("/inquiries/answer", case=numbers[:1]).status_code == 409
    assert tax.post("/inquiries/answer").status_code == 400
    assert "没有可以答复" in tax.page("/inquiries/answer").text


def test_none_is_answered_where_one_was_answered_meanwhile_or_is_out_of_reach(desk: Examined) -> None:
    numbers = ask_all(desk)
    (foreign,) = desk.cases("inquiries", OTHER)
    tax = desk.browser("tax")
    assert tax.get(f"/inquiries/answer?case={foreign.id}").status_code == 404
    assert tax.post("/inquiries/answer", case=[*numbers, foreign.id]).status_code == 404
    with desk.hall() as hall:
        case = hall.session.scalars(select_case(numbers[2])).one()
        actor = hall.actor("tax")
        answer_inquiry(hall.session, actor, actor.seats, case, answer="clear", opinion="", now=hall.now)
    assert tax.post("/inquiries/answer", case=numbers).status_code == 409
    assert [answers(desk)[one, "tax"] for one in numbers] == [None, None, "clear"]


def test_whoever_is_tied_is_told_and_left_out(desk: Examined) -> None:
    numbers = ask_all(desk)
    with desk.hall() as hall:
        tie(hall, "tax", hall.session.scalars(select_case(numbers[0])).one())
    tax = desk.browser("tax")
    assert "您须回避" in tax.page(f"/inquiries/{numbers[0]}").text
    assert tax.post(f"/inquiries/{numbers[0]}", answer="clear", opinion="").status_code == 403
    page = tax.page(f"/inquiries/answer?case={numbers[0]}&case={numbers[1]}")
    assert [one["value"] for one in page.all("input", name="case")] == [str(numbers[1])]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_district_sees_every_answer_and_reminds(desk: Examined, lang: str) -> None:
    numbers = ask_all(desk)
    with desk.hall() as hall:
        case = hall.session.scalars(select_case(numbers[0])).one()
        for who in ("ecology", "market", "emergency", "tax", "publicity"):
            actor = hall.actor(who)
            said = "adverse" if who == "tax" else "clear"
            words = "有欠税" if who == "tax" else ""
            answer_inquiry(hall.session, actor, actor.seats, case, answer=said, opinion=words, now=hall.now)
        foreign = hall.session.scalars(select(Application).where(Application.district == OTHER)).one()
        actor = hall.actor("other_district")
        ask_departments(hall.session, actor, actor.seats, foreign, now=hall.now)
    page = desk.browser("district", lang).page("/inquiries/overview")
    assert "有欠税" in page.text
    assert [one["action"] for one in page.all("form", method="post") if "remind" in one["action"]] == [
        f"/cases/{one}/remind" for one in numbers[1:]
    ]
    assert f"/cases/{numbers[0]}" in page.links and f"/cases/{foreign.id}" not in page.links
    if lang == "zh":
        assert "已全部答复，有否定意见" in page.text and "0/5 已答复" in page.text
    assert f"/cases/{foreign.id}" in desk.browser("city", lang).page("/inquiries/overview").links


def test_a_case_that_went_elsewhere_asks_for_no_answer(desk: Examined) -> None:
    numbers = ask_all(desk)
    with desk.hall() as hall:
        case = hall.session.scalars(select_case(numbers[0])).one()
        case.state, case.closed_at = "ended:withdrawn", hall.now
    tax = desk.browser("tax")
    assert f"/inquiries/{numbers[0]}" not in tax.page("/inquiries").links
    assert "无需再答复" in tax.page(f"/inquiries/{numbers[0]}").text
    assert tax.post(f"/inquiries/{numbers[0]}", answer="clear", opinion="").status_code == 409


@pytest.mark.parametrize("address", ["/inquiries?tab=all", "/inquiries?after=x", "/inquiries/answer?case=x"])
def test_what_is_not_understood_is_said(desk: Examined, address: str) -> None:
    assert desk.browser("tax").get(address).status_code == 400
