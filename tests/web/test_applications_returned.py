"""A returned application: only what was returned is open, the reviewer's words beside it, and what changed is shown."""

import pytest
from application_town import (  # noqa: F401
    SIGNED,
    Bureau,
    Filer,
    fixture_built,
    fixture_bureau,
    fixture_filer,
    good_answers,
    hidden_of,
)
from make import code

from registry.store.cases import ApplicationRound
from registry.work.return_case import Part

REVENUE = "years.2025.revenue"


@pytest.fixture
def returned(bureau: Bureau, filer: Filer) -> int:
    """Submit an application and have it returned for a figure, a list and the evidence."""
    number = filer.begin(code(1), "innovative")
    filer.submit(number)
    bureau.act("district", number, "take_up")
    bureau.give_back(
        "district",
        number,
        Part(REVENUE, "与审计报告不一致"),
        Part("facts.awards", "请写明获奖日期"),
        Part("evidence", "请上传审计报告"),
        opinion="有三处不符，请核对。",
    )
    return number


def test_only_what_was_returned_is_open_with_the_reviewers_words(filer: Filer, returned: int) -> None:
    page = filer.get(f"/applications/{returned}")
    assert "区市主管部门退回补正" in page.text and "办理意见：有三处不符，请核对。" in page.text
    # Ten working days after Monday 2026-11-09.
    assert "期限：2026-11-23" in page.text
    assert "待补正 1 项" in page.text and "审核意见：请上传审计报告" in page.text
    parts = {link for link in page.links if "/part/" in link}
    assert {link.partition("#")[0].rsplit("/", 1)[1] for link in parts} == {"years", "titles"}

    years = filer.get(f"/applications/{returned}/part/years")
    boxes = {one["name"] for one in years.all("input") if one.get("name", "").startswith("years.")}
    assert boxes == {REVENUE} and "审核意见：与审计报告不一致" in years.text
    assert years.all("input", name=REVENUE)[0]["aria-describedby"] == f"{REVENUE}-hint"
    titles = filer.get(f"/applications/{returned}/part/titles")
    assert {one["name"].split("-")[0] for one in titles.all("select")} == {"facts.awards"}
    assert "审核意见：请写明获奖日期" in titles.text
    assert filer.client.get(f"/applications/{returned}/part/basic").location == f"/applications/{returned}"


def test_what_was_not_returned_stays_whatever_is_posted(bureau: Bureau, filer: Filer, returned: int) -> None:
    page = filer.get(f"/applications/{returned}/part/years")
    answer = filer.send_as(
        f"/applications/{returned}/part/years", hidden_of(page), **{REVENUE: "6100", "years.2024.revenue": "1"}
    )

    assert answer.status_code == 303
    answers = bureau.answers(returned)
    assert (answers[REVENUE], answers["years.2024.revenue"]) == ("6100", "5500")
    assert filer.send_as(f"/applications/{returned}/part/basic", hidden_of(page)).status_code in (303, 404, 409)
    assert bureau.answers(returned)["facts.industry"] == "3451"


def test_the_correction_shows_before_and_after_and_is_submitted_again(
    bureau: Bureau, filer: Filer, returned: int
) -> None:
    check = filer.get(f"/applications/{returned}/check")
    assert "还没有修改任何退回的内容" in check.text
    filer.save(returned, "years", {REVENUE: "6100"})
    awards = {"facts.awards-0.level": "provincial", "facts.awards-0.rank": "2", "facts.awards-0.on": "2025-03-01"}
    filer.save(returned, "titles", awards)
    assert filer.get(f"/applications/{returned}").text.count("已修改") == 2
    check = filer.get(f"/applications/{returned}/check")
    assert "2025年 营业收入 6000 万元 6100 万元" in check.text
    assert "科技奖励 没有 省级 第 2 名 2025-03-01" in check.text
    answer = filer.submit(returned)
    assert (answer.status_code, answer.location) == (303, f"/applications/{returned}/submitted")

    case = bureau.case(returned)
    assert (case.state, case.round, bureau.count(ApplicationRound)) == ("stage:district_review", 2, 2)
    assert "已重新提交" in filer.get(f"/applications/{returned}/submitted").text
    course = filer.get(f"/applications/{returned}")
    assert "补正后重新提交" in course.text and "第 1 次补正后提交" in course.text
    assert "6,100.00 万元" in filer.get(f"/applications/{returned}/print").text


def test_a_fault_in_a_correction_is_told_and_kept(bureau: Bureau, filer: Filer, returned: int) -> None:
    answer = filer.save(returned, "years", {REVENUE: "六千"})

    assert answer.status_code == 422 and "审核意见：与审计报告不一致" in answer.text
    assert bureau.answers(returned)[REVENUE] == "六千"
    check = filer.get(f"/applications/{returned}/check")
    assert "还有填写错误，改正后才能提交" in check.text


def test_a_correction_sent_twice_is_one_round(bureau: Bureau, filer: Filer, returned: int) -> None:
    filer.save(returned, "years", {REVENUE: "6100"})
    hidden = hidden_of(filer.get(f"/applications/{returned}/check"))
    answers = [filer.send_as(f"/applications/{returned}/submit", hidden, **SIGNED) for _time in range(2)]

    assert [one.location for one in answers] == [f"/applications/{returned}/submitted"] * 2
    assert (bureau.case(returned).round, bureau.count(ApplicationRound)) == (2, 2)


def test_a_form_of_an_earlier_round_is_stale(bureau: Bureau, filer: Filer, returned: int) -> None:
    hidden = hidden_of(filer.get(f"/applications/{returned}/part/years"))
    filer.save(returned, "years", {REVENUE: "6100"})
    filer.submit(returned)
    bureau.give_back("district", returned, Part(REVENUE, "仍不一致"))
    answer = filer.send_as(f"/applications/{returned}/part/years", hidden, **{REVENUE: "1"})

    assert answer.status_code == 409 and bureau.answers(returned)[REVENUE] == "6100"


def test_an_overdue_correction_says_so_and_is_still_taken(bureau: Bureau, filer: Filer, returned: int) -> None:
    bureau.clock.move(days=14)
    assert "已逾期" not in bureau.filer().get(f"/applications/{returned}").text
    bureau.clock.move(days=1)
    late = bureau.filer()
    assert "已逾期" in late.get(f"/applications/{returned}").text
    assert "已逾期" in late.get("/applications").text
    assert late.submit(returned).status_code == 303


def test_the_working_copy_is_marked_as_a_correction(filer: Filer, returned: int) -> None:
    filer.save(returned, "years", {REVENUE: "6100"})
    page = filer.get(f"/applications/{returned}/print")

    assert "补正稿，尚未提交" in page.text and "6,100.00 万元" in page.text


def test_the_rules_stay_those_of_the_first_submission(bureau: Bureau, filer: Filer, returned: int) -> None:
    assert "2026-11-09，标准以此日为准" in filer.get(f"/applications/{returned}").text
    assert bureau.case(returned).rule_set_id == "innovative-2022"
    assert good_answers()[REVENUE] == "6000"
