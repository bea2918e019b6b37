"""A specialized firm: returned and corrected, asked about, publicised twice with an objection, audited, approved."""

from dataclasses import replace
from pathlib import Path

import pytest
from casework import Hall, good_firm
from evidence_files import pdf
from journeys import Journey, journey
from playwright.sync_api import Browser

from registry.web.typed import typed_of

FIRM = "青岛示例轴承有限公司"
ASKED = "2025年研发费用与审计报告不一致，请更正"
DEPARTMENTS = ("ecology", "market", "emergency", "tax", "publicity")


@pytest.mark.long
def test_a_specialized_firm_is_returned_objected_to_audited_and_approved(chromium: Browser, tmp_path: Path) -> None:
    with journey("specialized", tmp_path, chromium, waits_at_the_district) as going:
        returns_a_criterion(going)
        corrects(going)
        sees_what_changed(going)
        asks_the_departments(going)
        is_objected_to(going)
        is_audited(going)
        is_judged_and_approved(going)


def waits_at_the_district(hall: Hall) -> None:
    """Submit a case in which one figure is wrong."""
    hall.hold("innovative")
    good = good_firm()
    wrong = replace(good, years={**good.years, 2025: {**good.years[2025], "rd_expense": 1_300_000_000}})
    hall.answers = typed_of(wrong)
    hall.submit(hall.begin("specialized"), wrong)


def returns_a_criterion(going: Journey) -> None:
    """The district chooses a criterion, of that one figure, and says what is wrong."""
    district = going.at("district").goes_to("/home").presses("案件办理").presses(FIRM).presses("受理")
    district.unfolds("退回此条：近 2 年研发费用").ticks("2025年 研发费用").writes("要企业补正什么", ASKED)
    district.writes("退回意见", "请按审计报告更正").presses("退回补正")


def corrects(going: Journey) -> None:
    """The firm finds on its home what was returned, changes that only, and submits again."""
    firm = going.at("applicant").goes_to("/home").presses("补正退回的申报：专精特新")
    firm.sees("请按审计报告更正").presses("年度数据").sees(ASKED)
    boxes = firm.page.locator("main form input:visible")
    assert [box.get_attribute("name") for box in boxes.all()] == ["years.2025.rd_expense"]
    firm.fills_in({"years.2025.rd_expense": "300"}, then="保存并继续").presses("核对并重新提交").sees("本次修改的内容")
    firm.ticks("我已阅读并同意上述声明").writes("签署人姓名", "凌经办").presses("重新提交").sees("已重新提交")


def sees_what_changed(going: Journey) -> None:
    """The reviewer finds the case again among those that wait, with what was changed, and passes it."""
    district = going.at("district").goes_to("/home").presses("案件办理").presses(FIRM).presses("只看有变化的")
    district.sees("1,300.00", "300.00")
    district.picks("初审通过").writes("意见", "研发费用已更正，同意").presses("确认办理").sees("征求部门意见")


def asks_the_departments(going: Journey) -> None:
    """The district asks five departments, each answers once, and the case goes on to the publicity."""
    district = going.at("district").goes_to("/home").presses("案件办理").presses(FIRM).presses("去办理")
    district.presses("就勾选的企业向各部门发函")
    for department in DEPARTMENTS:
        officer = going.at(department).goes_to("/inquiries").presses(FIRM)
        officer.chooses("答复", "clear").presses("提交答复")
    district.goes_to("/home").presses("案件办理").presses(FIRM).sees("无异议")
    district.writes("意见", "各部门均无异议").presses("无否定意见").sees("区市公示")


def is_objected_to(going: Journey) -> None:
    """A visitor objects by his real name on the public page; the objection is answered and the publicity closed."""
    district = going.at("district").goes_to("/home").presses("公示名单").presses("制作名单")
    district.presses("下一步：核对名单和末日").presses("确认公示 1 家")
    going.hall.move(days=1)
    visitor = going.at().goes_to("/").presses("公示公告").presses("专精特新").presses("提出异议")
    visitor.writes("姓名或单位名称", "王举报").writes("联系方式", "13905320009").writes(
        "异议内容和依据", "该企业2025年研发人员名单与社保不符，附名单"
    )
    visitor.attaches("证明材料", "名单.pdf", pdf()).presses("提交异议").sees("查询码")
    lookup = visitor.page.locator(".lookup-code").inner_text()

    district = going.at("district").goes_to("/home").presses("公示名单").presses("专精特新").presses("异议 1")
    district.sees("王举报", "研发人员名单与社保不符").picks("不成立").writes(
        "答复", "经核社保记录，研发人员 30 人属实"
    ).presses("提交答复")
    visitor = (
        going.at().goes_to("/").presses("公示公告").presses("查询异议答复").writes("查询码", lookup).presses("查询")
    )
    visitor.sees("研发人员 30 人属实")
    # Five working days from Monday 2026-11-09 on.
    going.hall.move_to(2026, 11, 16)
    closes(going, "district")


def is_audited(going: Journey) -> None:
    """The city draws the case and gives it to an auditor, who reports; the sample is settled."""
    city = going.at("city").goes_to("/home").presses("抽样").presses("核对并抽取").presses("抽取 1 件")
    city.chooses_first("第三方审计机构").presses("委托审计并通知")
    auditor = going.at("auditor").goes_to("/home").presses("审计任务").presses(FIRM).chooses("结果", "clear")
    auditor.writes("检查情况", "抽查研发费用辅助账与凭证，与申报一致").presses("提交结果")
    city.goes_to("/home").presses("案件办理").presses(FIRM).presses("审计结束").sees("市级审核")


def is_judged_and_approved(going: Journey) -> None:
    """The city judges what rules cannot, makes the firm public, and recognises it by an announcement."""
    city = going.at("city").goes_to("/home").presses("案件办理").presses(FIRM)
    city.picks("是", of="判断").writes("理由", "行业协会排名证明为全国第 3 位").presses("保存判断").sees(
        "行业协会排名证明"
    )
    city.picks("拟认定").writes("意见", "符合认定标准").presses("确认办理").sees("市级公示")
    city.goes_to("/home").presses("公示名单").presses("制作名单").presses("下一步：核对名单和末日").presses(
        "确认公示 1 家"
    )
    going.hall.move_to(2026, 11, 23)
    closes(going, "city")
    city = (
        going.at("city")
        .goes_to("/home")
        .presses("认定公告")
        .presses("拟认定公告")
        .writes("认定文号", "青工信发〔2026〕78号")
    )
    city.writes("公告标题", "2026年第二批专精特新中小企业名单").writes("意见", "公示无异议").presses("下一步：核对")
    city.presses("确认认定并公告 1 家").sees("青工信发〔2026〕78号")
    going.at("applicant").goes_to("/home").sees("专精特新", "有效期至 2029-11-22")


def closes(going: Journey, who: str) -> None:
    """Close a publicity that is over."""
    official = going.at(who).goes_to("/home").presses("公示名单").presses("专精特新").presses("公示结束：先核对")
    official.presses("确认公示结束 1 家")
