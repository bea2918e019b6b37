"""A little giant: recommended by the district and the city, decided outside, imported from the published list."""

from datetime import date
from pathlib import Path

import pytest
from casework import Hall, good_firm
from journeys import journey
from make import code
from playwright.sync_api import Browser

from registry.web.typed import typed_of

FIRM, PUBLISHED = "青岛示例轴承有限公司", "青岛示例轴承股份有限公司"
LIST = "\r\n".join(
    (
        "统一社会信用代码,企业名称,区市,梯度,类型,公告日期",
        f"{code(1)},{PUBLISHED},370285,小巨人,首次,2026-12-04",
        f"{code(2)},青岛他处仪表有限公司,370285,小巨人,首次,2026-12-04",
    )
)


@pytest.mark.long
def test_a_little_giant_is_recommended_and_imported_from_the_list(chromium: Browser, tmp_path: Path) -> None:
    with journey("little_giant", tmp_path, chromium, submitted) as going:
        district = going.at("district").goes_to("/home").presses("案件办理").presses(FIRM).presses("受理")
        district.picks("审核通过").writes("意见", "产业链关键环节，同意上报").presses("确认办理")
        going.hall.move(days=2)
        city = going.at("city").goes_to("/home").presses("案件办理").presses(FIRM).sees("产业链关键环节，同意上报")
        city.picks("推荐上报").writes("意见", "符合条件，同意推荐").presses("确认办理").sees("省或部决定")
        going.at("applicant").goes_to("/home").presses("小巨人 · 首次").sees("已上报，等待决定")

        going.hall.move_to(2026, 12, 8)
        city = going.at("city").goes_to("/home").presses("外部决定").chooses("梯度", "little_giant")
        city.attaches("名单文件", "第八批小巨人.csv", LIST.encode()).presses("核对名单")
        city.sees("名单 2 家，其中 1 家在此申报", f"库中为 {FIRM}，名单为 {PUBLISHED}")
        city.writes("文号或名单名称", "工信部企业函〔2026〕400号").writes("标题", "第八批专精特新“小巨人”企业名单")
        city.writes_day("公布日期", "2026-12-04").chooses("名单是否完整", "yes").presses("确认导入").sees(
            "其中 1 家在此申报"
        )
        city.presses("企业名录").presses(PUBLISHED).sees("小巨人", "2029-12-03")
        going.at("applicant").goes_to("/home").sees("小巨人").presses("通知").sees("已认定")


def submitted(hall: Hall) -> None:
    """A specialized firm has applied."""
    hall.hold("specialized", date(2025, 3, 20))
    hall.answers = typed_of(good_firm())
    hall.submitted("little_giant")
