"""What is done on the page of a case: taking up, passing on, visiting, returning, judging."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from case_offers import Built, offers
from case_town import OPINION, CaseTown, build_case_town, case_town_over
from page_reader import Page
from sqlalchemy import select

from registry.store.cases import CaseStep, ReturnedPart
from registry.store.examinations import Judgement


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build_case_town(tmp_path_factory.mktemp("cases") / "built.sqlite")


@pytest.fixture
def town(built: Built, tmp_path: Path) -> Iterator[CaseTown]:
    with case_town_over(built, tmp_path) as made:
        yield made


def test_an_outcome_that_lacks_something_says_what_instead_of_a_button(town: CaseTown) -> None:
    page = town.page("district", "asked")

    assert "还不能办理：还有部门未答复：生态环境" in page.text
    assert page.all("input", name="action") == []


def test_a_case_is_taken_up_and_passed_on_with_an_opinion(town: CaseTown) -> None:
    # The first reviewer examined this firm before: its re-review is for another.
    page = town.page("second_district", "fresh")
    assert page.value_of("action") == "take_up"
    version = page.value_of("version")
    taken = town.post("second_district", "fresh", "move", action="take_up", version=version)
    assert (taken.status_code, taken.location) == (303, town.address("fresh"))
    version = str(town.row("fresh").version)
    passed = town.post("second_district", "fresh", "move", action="recommend", opinion=OPINION, version=version)

    assert passed.status_code == 303
    assert town.row("fresh").state == "stage:city_sample"
    page = town.page("second_district", "fresh")
    assert OPINION in page.source
    assert "区市主管部门 District bureau" not in page.text and "区市主管部门：审核通过，报市级" in page.text


def test_without_an_opinion_the_page_comes_again_with_the_choice_kept(town: CaseTown) -> None:
    answer = town.post("district", "second_round", "move", action="refuse", opinion="  ")
    page = Page(answer.text)

    assert answer.status_code == 422 and page.faults() == []
    assert "请填写意见" in page.text and page.title.startswith("错误：")
    assert "checked" in page.all("input", value="refuse")[0]
    assert town.row("second_round").state == "stage:district_review"


def test_a_stale_look_answers_409_with_the_typed_opinion_kept(town: CaseTown) -> None:
    version = town.page("district", "second_round").value_of("version")
    first = town.post("second_district", "second_round", "move", action="inspect", opinion="到厂", version=version)
    assert first.status_code == 303
    answer = town.post("district", "second_round", "move", action="pass", opinion="材料齐全，同意", version=version)
    page = Page(answer.text)

    assert answer.status_code == 409 and page.faults() == []
    assert "没有办理" in page.text and "本案刚有变动" in page.text
    assert "材料齐全，同意" in page.source.split('name="opinion"')[1].split("</textarea>")[0]
    assert page.value_of("version") == str(int(version) + 1)
    assert town.row("second_round").state == "stage:district_review"
    again = town.post(
        "district", "second_round", "move", action="pass", opinion="材料齐全，同意", version=page.value_of("version")
    )
    assert again.status_code == 303 and town.row("second_round").state == "stage:inquiries"


def test_what_was_typed_is_shown_also_where_nothing_can_be_done_any_more(town: CaseTown) -> None:
    version = town.page("district", "second_round").value_of("version")
    town.post("district", "second_round", "move", action="refuse", opinion="不符合", version=version)
    answer = town.post(
        "second_district", "second_round", "move", action="pass", opinion="这句话要留着", version=version
    )

    assert answer.status_code == 409
    assert "这句话要留着" in Page(answer.text).text


@pytest.mark.parametrize("version", ["x", "-1", "99999999999"])
def test_a_version_that_is_none_is_a_stale_one(town: CaseTown, version: str) -> None:
    answer = town.post("district", "second_round", "move", action="pass", opinion="同意", version=version)

    assert answer.status_code == 409


@pytest.mark.parametrize(
    "action", ["submit", "withdraw", "resubmit", "ask", "recommend", "close", "return", "", "no_such"]
)
def test_nothing_else_is_done_by_a_bare_move(town: CaseTown, action: str) -> None:
    answer = town.post("district", "second_round", "move", action=action, opinion="同意")

    assert answer.status_code == 409
    assert town.row("second_round").version == 4


def test_a_visit_is_recorded_with_its_day_and_never_without_words(town: CaseTown) -> None:
    without = town.post("district", "second_round", "move", action="inspect", opinion="", visited_on="2026-11-10")
    later = town.post("district", "second_round", "move", action="inspect", opinion="到厂", visited_on="2026-11-13")
    assert (without.status_code, later.status_code) == (422, 422)
    assert "核查日期不能晚于今天" in later.text
    answer = town.post(
        "district", "second_round", "move", action="inspect", opinion="到厂查看", visited_on="2026-11-12"
    )

    assert answer.status_code == 303
    assert town.row("second_round").state == "stage:district_review"
    page = town.page("district", "second_round")
    assert "到厂查看" in page.text and "核查日期： 2026-11-12" in page.text


def test_a_case_is_returned_by_criterion_and_by_field(town: CaseTown) -> None:
    page = town.page("district", "second_round")
    assert "rd_expense_and_share|years.2024.rd_expense" in offers(page, "part")
    assert [one for one in offers(page, "part") if one.startswith("market_leader|")] == ["market_leader|evidence"]
    answer = town.post(
        "district",
        "second_round",
        "return",
        version=page.value_of("version"),
        part=["rd_expense_and_share|years.2024.rd_expense", "market_leader|evidence"],
        **{
            "why:rd_expense_and_share": "2024 年研发费用与汇算清缴不一致",
            "why:market_leader": "请补充行业协会证明",
            "note:facts.ip_class2": "请核对件数",
            "summary": "请按以下各项补正。",
        },
    )

    assert answer.status_code == 303
    row = town.row("second_round")
    assert (row.state, row.round) == ("returned:district_review", 2)
    with town.rows() as session:
        found = session.scalars(select(ReturnedPart).where(ReturnedPart.round == 2).order_by(ReturnedPart.part))
        told = [(one.part, one.criterion, one.comment) for one in found]
        step = session.scalars(select(CaseStep).order_by(CaseStep.id.desc())).first()
    assert told == [
        ("evidence", "market_leader", "请补充行业协会证明"),
        ("facts.ip_class2", "", "请核对件数"),
        ("years.2024.rd_expense", "rd_expense_and_share", "2024 年研发费用与汇算清缴不一致"),
    ]
    assert step is not None and step.opinion == "请按以下各项补正。"
    page = town.page("district", "second_round")
    assert "等待企业补正的内容" in page.text and "请核对件数" in page.text
    assert "还不能办理：补正期限至 2026-11-26，尚未逾期" in page.text


def test_what_is_not_corrected_in_time_is_closed_the_day_after(town: CaseTown) -> None:
    boxes = {"note:evidence": "补充", "summary": "请补正"}
    assert town.post("district", "second_round", "return", **boxes).status_code == 303
    due = town.row("second_round").due_on
    assert due is not None
    town.at = town.at.replace(month=due.month, day=due.day)
    assert town.post("district", "second_round", "move", action="lapse").status_code == 409
    town.at += timedelta(days=1)
    page = town.page("district", "second_round")
    assert page.value_of("action") == "lapse" and "已逾期" in page.text
    assert town.post("district", "second_round", "move", action="lapse").status_code == 303
    assert town.row("second_round").state == "ended:lapsed"
    closed = town.page("district", "second_round")
    assert "您现在不需要办理本案" in closed.text and closed.faults() == []


def returned(town: CaseTown, **boxes: Any) -> Page:
    answer = town.post("district", "second_round", "return", **boxes)
    assert answer.status_code == 422
    assert town.row("second_round").state == "stage:district_review"
    page = Page(answer.text)
    assert page.faults() == []
    return page


def test_a_return_that_lacks_something_comes_again_as_it_was_typed(town: CaseTown) -> None:
    page = returned(town, part="rd_expense_and_share|years.2024.rd_expense", summary="请补正")
    assert "3%：请写明要企业补正什么" in page.text and "#why-rd_expense_and_share" in page.links
    assert "checked" in page.all("input", value="rd_expense_and_share|years.2024.rd_expense")[0]
    page = returned(town, **{"why:rd_expense_and_share": "核对", "summary": "请补正"})
    assert (
        "请勾选要企业修改的内容" in page.text and "核对" in page.source.split('id="why-rd_expense_and_share"')[1][:200]
    )
    assert "至少选择一项" in returned(town, summary="请补正").text
    assert "请填写退回意见" in returned(town, **{"note:evidence": "补充"}).text
    assert "企业不能修改此项" in returned(town, **{"note:facts.banned_until": "改", "summary": "请补正"}).text
    assert "没有这一条款" in returned(town, part="x|evidence", **{"why:x": "改", "summary": "请补正"}).text


def test_a_judgement_changes_the_verdict_on_the_page_and_can_be_taken_back(town: CaseTown) -> None:
    page = town.page("district", "second_round")
    assert "待定" in page.source.split("系统判定")[1][:300]
    assert "企业自述 是 不作为判定依据 审核判断 尚未判断" in page.text
    answer = town.post(
        "district",
        "second_round",
        "judge",
        fact="market_leader",
        value="yes",
        reason="协会证明第三名",
        version=page.value_of("version"),
    )
    assert answer.status_code == 303
    page = town.page("second_district", "second_round")

    assert "满足" in page.source.split("系统判定")[1][:300] and "不满足" not in page.source.split("系统判定")[1][:300]
    assert "审核判断 是 理由 协会证明第三名 测试district" in page.text
    assert town.row("second_round").verdict == "met"
    town.post("second_district", "second_round", "judge", fact="market_leader", value="back", reason="证明已过期")
    assert town.row("second_round").verdict == "undetermined"
    with town.rows() as session:
        kept = [(one.value, one.reason) for one in session.scalars(select(Judgement).order_by(Judgement.id))]
    assert kept == [(True, "协会证明第三名"), (None, "证明已过期")]


def test_a_judgement_without_value_or_reason_or_of_another_fact_is_refused(town: CaseTown) -> None:
    boxes = {"fact": "market_leader", "value": "yes", "reason": "协会证明"}
    for wrong in ({"value": ""}, {"value": "maybe"}, {"reason": " "}, {"fact": "key_link"}, {"fact": "ip_class1"}):
        answer = town.post("district", "second_round", "judge", **(boxes | wrong))
        assert answer.status_code == 422, wrong
        assert Page(answer.text).faults() == []
    stale = town.post("district", "second_round", "judge", version="1", **boxes)
    assert stale.status_code == 409 and "协会证明" in stale.text
    at_city = town.post("city", "second_round", "judge", **boxes)
    assert at_city.status_code == 409
    assert town.row("second_round").verdict == "undetermined"
