"""An innovative firm straight through: from the registration of its first representative to a certificate that holds."""

from pathlib import Path

from casework import good_firm
from journeys import journey
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
        answers = typed_of(good_firm())
        first.presses("企业基本情况")
        print(first.page.locator("main").inner_text())
