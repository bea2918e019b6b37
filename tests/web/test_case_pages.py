"""The page of a case: what reviewers read and do there, what departments and auditors do not, and what it costs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from case_offers import Built, offers
from case_town import OPINION, PEERS, CaseTown, actor_named, build_case_town, case_town_over, put_on_file
from casework import drawn, good_firm
from sqlalchemy import select

from registry.domain.trail import Tag
from registry.store.cases import Application
from registry.store.examinations import Inquiry, SampleMember
from registry.store.firms import Firm
from registry.store.offices import OfficeRow
from registry.store.publicities import Objection, Publicity, PublicityEntry
from registry.store.trail import trail_page
from registry.work.apply import Submission, submit
from registry.work.case_guards import Given
from registry.work.case_steps import note_step
from registry.work.move_case import make_move
from registry.work.return_case import Part, return_case


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build_case_town(tmp_path_factory.mktemp("cases") / "built.sqlite")


@pytest.fixture
def town(built: Built, tmp_path: Path) -> Iterator[CaseTown]:
    with case_town_over(built, tmp_path) as made:
        yield made


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
        draw = drawn(session, "specialized", "city_audit", town.at)
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
    # Nor is he shown the way to remind those who were asked.
    way = f"/cases/{town.cases['asked']}/assign"
    assert way in town.page("district", "asked").links
    assert way not in town.page("statistician", "asked").links


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
