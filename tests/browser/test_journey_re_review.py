"""A re-review in the year of transition: a little giant of 2023 is judged as it was then."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from casework import Hall, good_firm
from journeys import journey
from playwright.sync_api import Browser
from sqlalchemy import select

from registry.store.cases import Application
from registry.work.enrol import enrol

FIRM = "青岛示例轴承有限公司"
ANNEX, WHY = "工信部企业〔2022〕63号 附件3", "117号：2026 年的复核仍按 63号附件3"
# What that annex asks for beside what every tier does.
FACTS = {"process_on_information_system": True, "system_certified": True, "own_brand": True, "key_field": True}


@pytest.mark.long
def test_a_little_giant_of_2023_is_reviewed_again_by_the_criteria_of_2022(chromium: Browser, tmp_path: Path) -> None:
    with journey("re_review", tmp_path, chromium, little_giant_of_2023) as going:
        firm = going.at("applicant").goes_to("/home").sees("2026-11-30").presses("开始复核申报：专精特新“小巨人”企业")
        firm.sees("已持有，有效至 2026-11-30").presses("开始填报：专精特新“小巨人”企业 复核申报")
        firm.sees(ANNEX, WHY).presses("核对、声明并提交")
        firm.ticks("我已阅读并同意上述声明").writes("签署人姓名", "凌经办").presses("签署并提交").sees("已提交")
        firm.presses("查看办理进度").sees(ANNEX, WHY)
        with going.hall.rows() as session:
            assert session.scalars(select(Application.rule_set_id)).all() == ["little_giant-2022"]

        district = going.at("district").goes_to("/home").presses("案件办理").presses(FIRM).sees(ANNEX, WHY)
        district.presses("受理").picks("审核通过").writes("意见", "持续符合，同意上报").presses("确认办理")
        city = going.at("city").goes_to("/home").presses("案件办理").presses(FIRM).sees(ANNEX, "持续符合，同意上报")
        city.picks("推荐上报").writes("意见", "同意推荐复核").presses("确认办理").sees("省或部决定")
        going.at("applicant").goes_to("/home").sees("已上报，等待决定")


def little_giant_of_2023(hall: Hall) -> None:
    """The books know the firm, and its title, which ends this month."""
    firm = good_firm(**FACTS)
    firm = replace(firm, years={year: {**figures, "rd_expense": 400_000_000} for year, figures in firm.years.items()})
    enrol(hall.session, [firm], now=hall.now, on=hall.now.date(), source="企业名单")
    hall.hold("innovative", date(2025, 3, 20))
    hall.hold("specialized", date(2025, 3, 20))
    hall.hold("little_giant", date(2023, 12, 1))
