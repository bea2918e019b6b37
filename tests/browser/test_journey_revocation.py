"""A title is revoked for false data after the firm was heard; its next application is refused while the ban lasts."""

from datetime import date
from pathlib import Path

from casework import Hall, good_firm
from journeys import journey
from make import code
from playwright.sync_api import Browser

from registry.work.enrol import enrol

FIRM = "青岛示例轴承有限公司"


def test_a_title_is_revoked_and_a_new_application_refused(chromium: Browser, tmp_path: Path) -> None:
    with journey("revocation", tmp_path, chromium, specialized_of_2024) as going:
        city = going.at("city").goes_to("/home").presses("撤销").presses("提出撤销").writes("统一社会信用代码", code(1))
        city.chooses("称号", "specialized").chooses("撤销原因", "false_data")
        city.writes("事实与依据", "2025年研发费用与纳税申报表相差 180 万元").presses("提出并告知企业")
        city.sees("须由另一位市级审核员决定")

        firm = going.at("applicant").goes_to("/home").presses("拟撤销").sees("相差 180 万元")
        firm.writes("陈述申辩", "差额系委托研发，附审计报告").presses("提交陈述申辩")

        going.hall.move(days=3)
        # The title is revoked while the firm has the last page of its next application before it.
        firm = going.at("applicant").goes_to("/home").presses("我的申报").presses("新申报")
        firm.presses("开始填报：创新型中小企业 首次申报").presses("核对、声明并提交")
        second = going.at("second_city").goes_to("/home").presses("撤销").presses(FIRM).sees("差额系委托研发")
        second.chooses("决定", "revoked").writes("听取", "11月12日当面听取，所附审计报告不支持其陈述")
        second.writes("决定文号", "青工信发〔2026〕81号").presses("作出决定并告知企业").sees("已撤销")

        firm.ticks("我已阅读并同意上述声明").writes("签署人姓名", "凌经办").presses("签署并提交").sees(
            "还没有提交", "2029-11-11"
        )
        firm.presses("通知").sees("撤销")
        firm.presses("我的申报").presses("新申报").sees("2029-11-11")


def specialized_of_2024(hall: Hall) -> None:
    """The books know the firm and its title."""
    enrol(hall.session, [good_firm()], now=hall.now, on=hall.now.date(), source="企业名单")
    hall.hold("specialized", date(2024, 5, 20))
