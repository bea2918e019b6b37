"""An innovative firm straight through: from the registration to a certificate that holds."""

import re
from pathlib import Path

from casework import good_firm
from evidence_files import pdf
from journeys import Typist, journey
from make import code
from playwright.sync_api import Browser
from served_city import PASSWORD

from registry.web.typed import typed_of

FIRM, USCC = "青岛示例密封件有限公司", code(7)
EMAIL = "first@example.com"


def test_an_innovative_firm_comes_from_registration_to_its_certificate(chromium: Browser, tmp_path: Path) -> None:
    with journey("innovative", tmp_path, chromium) as going:
        first = going.at().goes_to("/").presses("企业注册")
        first.writes("统一社会信用代码", USCC).writes("企业名称", FIRM).chooses("所在区市", "370285")
        first.writes("职务", "总经理").writes("姓名", "郑一鸣").writes("手机号码", "13905320001").writes("邮箱", EMAIL)
        first.writes("新密码", PASSWORD).writes("再填一次新密码", PASSWORD).presses("提交注册")
        first.sees("等待莱西市主管部门确认")

        official = going.at("district").goes_to("/home").presses("确认企业经办人").presses(FIRM)
        official.presses("确认 郑一鸣 代表").sees("已确认")

        first.goes_to("/home").sees(FIRM).presses("我的申报").presses("新申报")
        first.presses("开始填报：创新型中小企业")
        applies(first)
        reference = first.page.locator(".reference").inner_text()

        district = going.at("district").goes_to("/home").presses("案件办理").presses(FIRM)
        district.presses("受理").sees("审计报告2025.pdf").picks("审核通过，报市级").writes(
            "意见", "材料齐全，情况属实，同意上报"
        ).presses("确认办理")
        district.sees("市级实地抽查")

        going.hall.move(days=1)
        city = (
            going.at("city").goes_to("/home").presses("抽样").presses("核对并抽取").sees(reference).presses("抽取 1 件")
        )
        city.sees("重新抽取的结果一致").presses("录入结果").chooses("结果", "clear")
        city.writes("检查情况", "现场查看车间与研发台账，与申报一致").presses("提交结果")
        city.presses("案件办理").presses(FIRM).presses("抽查结束").picks("拟认定，公示")
        city.writes("意见", "符合创新型中小企业评价标准").presses("确认办理")
        city.presses("公示名单").presses("制作名单").presses("下一步：核对名单和末日").sees("2026年11月16日").presses(
            "确认公示 1 家"
        )
        city.sees(FIRM)
        going.at().goes_to("/").presses("公示公告").presses("名单").sees(FIRM)

        # Five working days from Tuesday 2026-11-10 on.
        going.hall.move_to(2026, 11, 17)
        city = (
            going.at("city")
            .goes_to("/home")
            .presses("公示名单")
            .presses("关于2026年度青岛市创新型")
            .presses("公示结束：先核对")
            .presses("确认公示结束 1 家")
        )
        city.goes_to("/home").presses("认定公告").presses("拟认定公告").writes("认定文号", "青工信发〔2026〕77号")
        city.writes("公告标题", "2026年第四批创新型中小企业名单").writes("意见", "公示无异议，予以认定").presses(
            "下一步：核对"
        )
        city.presses("确认认定并公告 1 家").sees("青工信发〔2026〕77号", FIRM)

        first = going.at().goes_to("/").presses("登录").writes("邮箱", EMAIL).writes("密码", PASSWORD).presses("登录")
        first.sees("创新型中小企业").presses("证书")
        paper = first.downloads("下载证书")
        assert paper.startswith(b"%PDF")
        number = re.search(r"QDCX\d{4}-\d{5}", first.page.locator("main").inner_text())
        assert number
        public = going.at().goes_to("/").presses("证书查验").writes("证书编号或查验码", number[0]).presses("查验")
        public.sees("证书有效", FIRM, "2029-11-16")


def applies(first: Typist) -> None:
    """Fill in the application page by page, check it, sign and submit."""
    answers = typed_of(good_firm())
    first.presses("基本情况")
    for _ in range(10):
        if "/part/" not in first.page.url:
            break
        first.fills_in(answers, then="保存并继续")
    first.sees("按现有数据，满足创新型中小企业的认定标准").presses("证明材料")
    first.attaches("选择文件", "审计报告2025.pdf", pdf()).writes("证明什么", "研发费用").writes(
        "所属年度", "2025"
    ).presses("上传").sees("审计报告2025.pdf")
    first.presses("我的申报").presses("创新型中小企业 · 首次申报").presses("核对、声明并提交")
    first.ticks("我已阅读并同意上述声明").writes("签署人姓名", "郑一鸣").presses("签署并提交").sees("已提交")
