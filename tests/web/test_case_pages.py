"""The page of a case: what reviewers read and do there, what departments and auditors do not, and what it costs."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from case_town import OPINION, PEERS, CaseTown, actor_named, build_case_town, case_town_over, put_on_file
from casework import good_firm
from page_reader import Page
from sqlalchemy import select

from registry.domain.trail import Tag
from registry.store.cases import Application, CaseStep, ReturnedPart
from registry.store.examinations import Inquiry, Judgement, SampleDraw, SampleMember
from registry.store.firms import Firm
from registry.store.offices import OfficeRow
from registry.store.publicities import Objection, Publicity, PublicityEntry
from registry.store.trail import trail_page
from registry.work.apply import Submission, submit
from registry.work.case_guards import Given
from registry.work.case_steps import note_step
from registry.work.move_case import make_move
from registry.work.return_case import Part, return_case

Built = tuple[Path, dict[str, int], dict[str, int]]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build_case_town(tmp_path_factory.mktemp("cases") / "built.sqlite")


@pytest.fixture
def town(built: Built, tmp_path: Path) -> Iterator[CaseTown]:
    with case_town_over(built, tmp_path) as made:
        yield made


def offers(page: Page, name: str) -> list[str]:
    """Return the values of the boxes to tick of a name."""
    return [one["value"] for one in page.all("input", name=name) if one.get("type") in ("radio", "checkbox")]


def test_the_page_shows_facts_evidence_and_verdict_in_both_languages(town: CaseTown) -> None:
    page, english = town.page("district", "second_round"), town.page("district", "second_round", lang="en")

    assert page.faults() == [] and english.faults() == []
    for word in (
        "青岛示例轴承有限公司",
        "ZT20260000001",
        "区市初审",
        "第 2 轮",
        "2026-11-23",
        "测试district",
        "工信部企业〔2026〕2号",
        "specialized-2026",
        "近 2 年研发费用总额均不低于 100 万元",
        "2025年度审计报告.pdf",
        "创新型中小企业 至 2027-01-19",
    ):
        assert word in page.text, word
    assert "District first review" in english.text


def test_a_file_stands_by_the_criterion_it_is_for_and_new_ones_are_told(town: CaseTown) -> None:
    page = town.page("district", "second_round")
    criterion = page.source.split('id="c-rd_expense_and_share"')[1].split("</li>\n  <li")[0]
    loose = page.source.split("没有标明用途的证明材料")[1].split("</ul>")[0]

    assert "2025年度审计报告.pdf" in criterion and "/evidence/1" in criterion
    assert criterion.count("本轮新增") == 1
    assert criterion.index("研发费用辅助账.pdf") < criterion.index("本轮新增")
    assert "营业执照.pdf" in loose and "审计报告" not in loose


def test_what_changed_since_the_return_is_told_in_words_beside_what_was_asked(town: CaseTown) -> None:
    page = town.page("district", "second_round", "?only=changed")

    assert "只列出有变化的" in page.text
    assert "研发费用 300.00 万元 90.00 万元" in page.text
    assert "本轮改过" in page.text
    assert "上一轮退回：与审计报告附注的 300 万元不一致，请核对" in page.text
    assert "从业人员" not in page.source.split('id="facts"')[1].split('id="doubts"')[0]
    assert "从业人员" in town.page("district", "second_round").source.split('id="facts"')[1].split('id="doubts"')[0]


def test_what_differs_from_the_case_before_and_from_the_register_is_told(town: CaseTown) -> None:
    with town.rows() as session:
        firm = session.get_one(Firm, town.row("fresh").firm_id)
        firm.industry = "3452"
    page = town.page("district", "fresh", "?only=changed")

    assert "上次申报 ZT20260000001" in page.text
    assert "行业代码 3451 通用设备制造业 3451 通用设备制造业 3452 通用设备制造业 与培育库不同" in page.text
    assert "Ⅱ类知识产权数 4 3 – 与上次申报不同" in page.text


def test_facts_that_contradict_each_other_are_doubts(town: CaseTown) -> None:
    page = town.page("district", "fresh")
    doubts = page.source.split('id="doubts" open>')[1].split("</details>")[0]

    assert "疑点（1）" in page.text
    assert "自主研发Ⅰ类知识产权数" in doubts


def test_a_changed_rule_set_is_told(town: CaseTown) -> None:
    assert "请注意" not in town.page("district", "fresh").text
    with town.rows() as session:
        session.get_one(Application, town.cases["fresh"]).rule_set_digest = "sha256:other"
    assert "这套认定标准的内容改过" in town.page("district", "fresh").text


@pytest.mark.parametrize(
    ("who", "case", "status"),
    [
        ("district", "second_round", 200),
        ("city", "second_round", 200),
        ("statistician", "second_round", 200),
        ("other_district", "second_round", 404),
        ("other_district", "elsewhere", 200),
        ("district", "elsewhere", 404),
        ("district", "draft", 404),
        ("city", "draft", 404),
        ("ecology", "asked", 200),
        ("ecology", "second_round", 404),
        ("auditor", "second_round", 404),
        ("applicant", "second_round", 403),
    ],
)
def test_who_may_see_a_case(town: CaseTown, who: str, case: str, status: int) -> None:
    assert town.browser(who).get(town.address(case)).status_code == status
    town.cases["nowhere"] = 999
    assert town.browser(who).get(town.address("nowhere")).status_code in (404, 403)


@pytest.mark.parametrize("deed", ["move", "return", "judge"])
def test_a_case_out_of_reach_is_not_there_to_act_on_either(town: CaseTown, deed: str) -> None:
    boxes = {"action": "pass", "opinion": "同意", "part": "|evidence", "summary": "补", "note:evidence": "补"}
    boxes |= {"fact": "market_leader", "value": "yes", "reason": "因"}

    assert town.post("other_district", "second_round", deed, **boxes).status_code == 404
    assert town.post("statistician", "second_round", deed, **boxes).status_code == 403
    assert town.post("ecology", "asked", deed, **boxes).status_code == 403
    assert town.row("second_round").state == "stage:district_review"


def test_each_sees_what_he_can_do_and_who_is_tied_reads_why_not(town: CaseTown) -> None:
    page, tied, city = (town.page(who, "second_round") for who in ("district", "tied", "city"))

    assert offers(page, "action") == ["pass", "refuse"]
    assert "#return" in page.links and page.all("form", id="return")
    assert "即为本级决定，不能更改" in page.text
    assert "您须回避" in tied.text and offers(tied, "action") == [] and not tied.all("form", id="return")
    assert offers(tied, "part") == [] and not tied.all("textarea", name="reason")
    assert "您现在不需要办理本案" in city.text and offers(city, "action") == []
    barred = town.post("tied", "second_round", "move", action="pass", opinion="同意")
    assert barred.status_code == 403
    with town.rows() as session:
        assert trail_page(session, tag=Tag.DECISION_BARRED)[0].subject == f"application:{town.cases['second_round']}"


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


def test_similar_firms_are_ranked_and_named_within_reach(town: CaseTown) -> None:
    page, city = town.page("district", "second_round"), town.page("city", "second_round")

    # Six peers hold the title, one of them with the very same revenue; of firm 3, which applied, the trade is unknown.
    assert f"行业 3451 通用设备制造业 中持有或申报过专精特新中小企业的 {PEERS} 家企业，2025 年度" in page.text
    assert "营业收入 6,000.00 万元 第 3 / 7" in page.text
    # None of them states its share of the market.
    assert "全国市场占有率 15.0% 没有可比的" in page.text
    assert "青岛同行第2有限公司" in page.text and "青岛同行第1有限公司" not in page.text
    assert "青岛同行第1有限公司" in city.text


def test_a_department_reads_its_own_question_and_nothing_of_the_others(town: CaseTown) -> None:
    with town.rows() as session:
        row = session.scalars(select(Inquiry).where(Inquiry.department == "tax")).one()
        row.answer, row.opinion, row.answered_at = "adverse", "欠税情况不得外传", town.at
        row.answered_by = town.people["tax"]
    ecology, tax, district = (town.page(who, "asked") for who in ("ecology", "tax", "district"))

    assert ecology.faults() == []
    assert "欠税情况不得外传" in tax.text and "欠税情况不得外传" in district.text
    for word in ("欠税情况不得外传", "税务", OPINION[:20], "办理记录", "同类企业", "系统判定", "测试district"):
        assert word not in ecology.text, word
    assert "营业收入 6,000.00 万元" in ecology.text
    assert ecology.all("form", method="post") == [one for one in ecology.all("form") if one["action"] == "/sign-out"]
    assert all(not link.startswith("/evidence/") for link in ecology.links)


def test_an_auditor_reads_what_he_was_given_and_names_of_files_only(town: CaseTown) -> None:
    with town.rows() as session:
        office = session.scalars(select(OfficeRow).where(OfficeRow.kind == "auditor")).one()
        draw = SampleDraw(
            tier="specialized",
            stage="city_audit",
            level="city",
            share_percent=10,
            seed="0" * 32,
            digest="0" * 64,
            drawn_at=town.at,
            drawn_by="tests",
        )
        session.add(draw)
        session.flush()
        number = town.cases["second_round"]
        session.add(
            SampleMember(
                draw_id=draw.id,
                application_id=number,
                position=1,
                is_spared=False,
                is_drawn=True,
                auditor_id=office.id,
                finding="",
            )
        )
    page = town.page("auditor", "second_round")

    assert page.faults() == []
    assert "委托您的机构审计" in page.text and "2025年度审计报告.pdf" in page.text
    assert "只列出名称" in page.text
    assert all(not link.startswith("/evidence/") for link in page.links)
    assert "请按审计报告核对研发费用" not in page.text
    assert "抽中" in town.page("city", "second_round").text


def test_the_statistician_reads_names_of_files_he_may_not_open(town: CaseTown) -> None:
    page = town.page("statistician", "second_round")

    assert "2025年度审计报告.pdf" in page.text
    assert all(not link.startswith("/evidence/") for link in page.links)


def made_public(town: CaseTown, sealed: str) -> None:
    number = town.cases["second_round"]
    with town.rows() as session:
        case = session.get_one(Application, number)
        listed = Publicity(
            title="2026年第二批专精特新中小企业名单",
            tier="specialized",
            stage="district_publicity",
            level="district",
            district=case.district,
            first_day=town.at.date(),
            last_day=town.at.date(),
            is_provisional=False,
            days=5,
            unit="working_days",
            digest="0" * 64,
            made_at=town.at,
            made_by="tests",
        )
        session.add(listed)
        session.flush()
        session.add(
            PublicityEntry(
                publicity_id=listed.id,
                application_id=number,
                position=1,
                uscc=case.uscc,
                name=case.firm_name,
                district=case.district,
                kind="new",
            )
        )
        session.add(
            Objection(
                publicity_id=listed.id,
                application_id=number,
                code="A" * 26,
                objector="钱实名",
                contact_sealed=sealed,
                grounds="专利并非本企业所有",
                channel="online",
                made_at=town.at,
                taken_by="",
                reply="",
            )
        )


def test_publicity_and_objections_are_told_but_never_the_contact(town: CaseTown) -> None:
    made_public(town, "SEALED-13800000000")
    page = town.page("district", "second_round")

    assert page.faults() == []
    for word in ("公示：2026年第二批专精特新中小企业名单", "钱实名", "专利并非本企业所有", "尚未答复"):
        assert word in page.text
    assert "13800000000" not in page.source
    # Another office reads what is objected, not by whom.
    city = town.page("city", "second_round")
    assert "专利并非本企业所有" in city.text and "钱实名" not in city.text


def test_the_history_tells_who_did_what_and_what_was_asked(town: CaseTown) -> None:
    text = town.page("district", "second_round").text

    for word in (
        "退回补正 → 区市初审退回 测试district 区市审核员 请按审计报告核对研发费用。",
        "退回的内容： 2025年 研发费用、证明材料",
        "改动的内容： 2025年 研发费用",
        "签署人： 凌经办",
        "第 1 轮 2026-11-09 10:00",
        "退回 2025年 研发费用 与审计报告附注的 300 万元不一致，请核对",
    ):
        assert word in text, word


def test_the_page_asks_no_more_than_25_questions_however_long_the_history_and_the_files(town: CaseTown) -> None:
    made_public(town, "x")
    before = town.queries("district", "second_round")
    with town.rows() as session:
        case = session.get_one(Application, town.cases["second_round"])
        reviewer, applicant = (actor_named(session, town, who) for who in ("district", "applicant"))
        firm = session.get_one(Firm, case.firm_id)
        for place in range(40):
            put_on_file(session, firm, f"材料{place}.pdf", "研发费用")
            note_step(session, reviewer, reviewer.seats[0], case, action="remind", opinion=f"第{place}次", now=town.at)
        for _round in range(3):
            parts = [Part("facts.ip_class2", "核对"), Part("evidence", "补充")]
            return_case(session, reviewer, reviewer.seats, case, parts, opinion="请补正", now=town.at)
            submit(session, applicant, applicant.seats, case, Submission(good_firm(), "凌经办"), now=town.at)
    after = town.queries("district", "second_round")

    assert before == after
    assert after <= 25
    assert town.queries("city", "asked") <= 25 and town.queries("ecology", "asked") <= 15
    assert "材料39.pdf" in town.page("district", "second_round").text


def test_the_page_asks_no_more_than_25_questions_at_a_publicity_either(town: CaseTown) -> None:
    with town.rows() as session:
        case = session.get_one(Application, town.cases["asked"])
        for row in session.scalars(select(Inquiry).where(Inquiry.application_id == case.id)):
            row.answer, row.answered_at, row.answered_by = "clear", town.at, town.people["tax"]
        session.flush()
        reviewer = actor_named(session, town, "district")
        make_move(session, reviewer, reviewer.seats, case, "clear", Given(opinion="同意"), now=town.at)
    page = town.page("district", "asked")

    # To refuse on an objection is offered where one was upheld, and not before.
    assert page.text.count("还不能办理：尚未列入公示名单") == 1
    assert town.queries("district", "asked") <= 25


def test_looking_at_a_case_writes_nothing(town: CaseTown) -> None:
    browser = town.browser("district")
    with town.rows() as session:
        before = trail_page(session, limit=1)[0].seq
    for query in ("", "?only=changed", "?lang=en"):
        assert browser.get(town.address("second_round") + query).status_code == 200
    with town.rows() as session:
        assert trail_page(session, limit=1)[0].seq == before
    assert browser.get(town.address("second_round") + "?only=nonsense").status_code == 400
