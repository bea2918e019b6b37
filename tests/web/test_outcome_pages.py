"""Lists published outside, on the pages: chosen, compared, carried out; faults by cell; nobody else's file."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from casework import Hall
from hall_town import HallTown, Visitor, hall_town
from make import code
from sqlalchemy import select
from werkzeug.test import TestResponse

from registry.store.cases import Application
from registry.store.recognitions import Announcement

HEAD = "统一社会信用代码,企业名称,区市,梯度,类型,公告日期"
ROW = f"{code(1)},青岛改名轴承有限公司,370285,小巨人,首次,2026-11-09"
DOCUMENT = {"number": "工信部企业函〔2026〕400号", "title": "第八批名单", "decided_on": "2026-11-09", "closes": "yes"}


def _recommended(hall: Hall) -> None:
    hall.hold("specialized", date(2025, 3, 20))
    case = hall.submitted("little_giant")
    for who, action in (("district", "take_up"), ("district", "recommend"), ("city", "recommend")):
        hall.act(who, case, action)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[HallTown]:
    with hall_town(tmp_path, _recommended) as made:
        yield made


def compared(browser: Visitor, *rows: str, tier: str = "little_giant", name: str = "名单.csv") -> TestResponse:
    content = "\n".join((HEAD, *rows)).encode()
    return browser.post("/outcomes/compare", "/outcomes", tier=tier, file=(BytesIO(content), name))


def handed(answer: TestResponse) -> str:
    return answer.text.split('name="list" value="')[1].split('"')[0]


def test_a_list_is_compared_and_carried_out(town: HallTown) -> None:
    city = town.browser("city")
    assert "1 件等待结果" in city.get("/outcomes")
    answer = compared(city, ROW)
    assert answer.status_code == 200
    assert "库中为 青岛示例轴承有限公司，名单为 青岛改名轴承有限公司" in answer.text
    done = city.post("/outcomes", "/outcomes", list=handed(answer), **DOCUMENT)

    assert done.status_code == 303, done.text
    assert "其中 1 家在此申报" in city.get("/outcomes")
    with town.rows() as session:
        assert session.scalars(select(Application)).one().state == "ended:recognised"
        assert session.scalars(select(Announcement)).one().number == DOCUMENT["number"]
    twice = city.post("/outcomes", "/outcomes", list=handed(answer), **DOCUMENT)
    assert twice.status_code == 422 and "已经登记过" in twice.text


def test_faults_of_the_file_are_told_by_cell(town: HallTown) -> None:
    city = town.browser("city")
    answer = compared(city, ROW.replace("2026-11-09", "2026-13-09"))
    assert answer.status_code == 422 and "F2" in answer.text
    assert compared(city, name="名单.pdf").status_code == 422
    assert compared(city).status_code == 422
    assert city.post("/outcomes/compare", "/outcomes", tier="little_giant").status_code == 422


def test_a_list_is_carried_out_only_by_whoever_compared_it(town: HallTown) -> None:
    answer = compared(town.browser("city"), ROW)
    other = town.browser("second_city")
    assert other.post("/outcomes", "/outcomes", list=handed(answer), **DOCUMENT).status_code == 409
    assert other.post("/outcomes", "/outcomes", list="forged", **DOCUMENT).status_code == 409


def test_each_imports_the_lists_of_his_own_office(town: HallTown) -> None:
    assert "规模以上" not in town.browser("city").get("/outcomes").split("<form")[-1]
    answer = compared(town.browser("statistician"), ROW)
    assert answer.status_code == 422
    town.browser("district").get("/outcomes", 403)
