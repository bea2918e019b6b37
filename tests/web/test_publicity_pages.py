"""Pages of publicities: an office makes a list, everybody reads it and may object, the office answers and closes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from evidence_desk import page_of
from evidence_files import pdf
from make import code
from publicity_pages import GOOD, Hall, close_hall, open_hall_of_pages
from read_pages import LIST, OBJECTING, read
from small_city import HOSTILE
from sqlalchemy import select

from registry.store.cases import Application
from registry.store.publicities import Publicity


@pytest.fixture
def hall(city_file: Path, tmp_path: Path) -> Iterator[Hall]:
    made = open_hall_of_pages(city_file, tmp_path)
    yield made
    close_hall(made)


def test_an_office_makes_a_list_in_three_steps(hall: Hall) -> None:
    city = hall.browser("city")
    page = read(hall, city, "/publicities")
    assert "共 3 家" in page.text
    (address,) = [link for link in page.links if "/publicities/new" in link]
    page = read(hall, city, address)
    assert page.value_of("title") == "关于2025年度青岛市创新型中小企业名单的公示"
    assert page.value_of("first_day") == "2025-11-25"
    assert [("checked" in box) for box in page.all("input", type="checkbox")] == [True] * 3

    boxes = {"tier": "innovative", "stage": "publicity", "district": "", "title": "名单", "first_day": "2025-12-29"}
    shown = hall.post(city, "/publicities/preview", **boxes, case=[hall.cases["city1"], hall.cases["city2"]])
    page = page_of(shown, 422)
    assert "2025-11-25 至 2025-12-25" in page.text and page.faults() == []
    boxes["first_day"] = "2025-11-29"
    shown = hall.post(city, "/publicities/preview", **boxes, case=[hall.cases["city1"], hall.cases["city2"]])
    page = page_of(shown, 200)
    assert page.faults() == []
    # From a Saturday on: Monday to Friday.
    assert "2025年12月5日" in page.text and "确认公示 2 家" in page.text and "示例第10" not in page.text
    with hall.rows() as session:
        assert session.scalars(select(Publicity)).all() == []
    again = hall.post(city, "/publicities/preview", **boxes, case=[hall.cases["city1"]], again="1")
    assert page_of(again, 200).value_of("title") == "名单"
    made = hall.post(city, "/publicities/new", **boxes, case=[hall.cases["city1"], hall.cases["city2"]])
    assert (made.status_code, made.headers["Location"]) == (303, "/publicities/1")
    page = read(hall, city, "/publicities/1")
    for word in (
        "名单",
        "尚未开始",
        "2025年11月29日 至 2025年12月5日",
        "已制作公示名单，共 2 家",
        "与制作时一致",
        "自公示首日起公开",
    ):
        assert word in page.text, word
    assert "共 1 家" in read(hall, city, "/publicities").text


def test_a_list_of_the_past_year_without_notice_is_told_as_provisional(hall: Hall) -> None:
    hall.at(2026, 12, 29)
    city = hall.browser("city")
    boxes = {"tier": "innovative", "stage": "publicity", "district": "", "title": "名单", "first_day": "2026-12-29"}
    page = page_of(hall.post(city, "/publicities/preview", **boxes, case=[hall.cases["city1"]]), 200)
    assert "2027年1月4日" in page.text and "暂定" in page.text
    hall.post(city, "/publicities/new", **boxes, case=[hall.cases["city1"]])
    hall.at(2027, 2, 1)
    for address in ("/publicities/1", LIST):
        assert "暂定" in read(hall, hall.browser("city"), address).text
    assert "公示中，截止日待定" in read(hall, hall.browser("city"), "/publicities").text


def test_what_is_wrong_with_a_list_is_told_by_its_field(hall: Hall) -> None:
    assert "请至少选择一家" in page_of(hall.make_list("city"), 422).text
    assert "请填写标题" in page_of(hall.make_list("city", "city1", title=" "), 422).text
    for day in ("", "昨天", "2025-11-24", "2025-12-26", "2025-02-30"):
        page = page_of(hall.make_list("city", "city1", first_day=day), 422)
        assert page.faults() == [] and "公示首日" in page.text
    # A case of another desk, and one that is nowhere.
    assert "已不在等待公示之列" in page_of(hall.make_list("city", "city1", "district1"), 422).text
    hall.cases["nowhere"] = 999_999
    assert "已不在等待公示之列" in page_of(hall.make_list("city", "nowhere"), 422).text
    with hall.rows() as session:
        assert session.scalars(select(Publicity)).all() == []
    assert hall.make_list("city", "city1").status_code == 303
    assert "已不在等待公示之列" in page_of(hall.make_list("city", "city1"), 422).text


def test_each_office_sees_its_own_and_nobody_else_any(hall: Hall) -> None:
    assert hall.make_list("city", "city1").status_code == 303
    assert hall.make_list("district", "district1").status_code == 303
    seen = {
        "city": (200, 200, 200),
        "district": (200, 404, 200),
        "other_district": (200, 404, 404),
        "applicant": (403, 403, 403),
        "statistician": (403, 403, 403),
        "department": (403, 403, 403),
        "auditor": (403, 403, 403),
        "anonymous": (303, 303, 303),
    }
    for who, statuses in seen.items():
        client = hall.browser(who)
        for address, status in zip(("/publicities", "/publicities/1", "/publicities/2"), statuses, strict=True):
            assert client.get(address).status_code == status, (who, address)
    assert hall.make_list("other_district", "city2").status_code == 404
    new = "/publicities/new?tier=specialized&stage=district_publicity&district=370285"
    assert hall.browser("other_district").get(new).status_code == 404


def test_everybody_reads_a_list_searches_it_and_takes_it_along(hall: Hall) -> None:
    hall.make_list("city", "city1", "city2", "city10", first_day="2025-11-26")
    stranger = hall.app.test_client()
    assert stranger.get(LIST).status_code == stranger.get(OBJECTING).status_code == 404
    assert stranger.get(f"{LIST}.csv").status_code == 404
    assert "现在没有公示" in read(hall, stranger, "/public/lists").text
    hall.at(2025, 11, 26, 0)
    for lang, words in (("zh", ("公示公告", "2025年11月26日 至 2025年12月2日", "市级")), ("en", ("26 November 2025",))):
        page = read(hall, stranger, "/public/lists", lang=lang)
        assert [word for word in words if word not in page.text] == []
        page = read(hall, stranger, LIST, lang=lang)
        assert code(1) in page.text and HOSTILE in page.text
        assert "<script>alert" not in page.source
    page = read(hall, stranger, f"{LIST}?q={code(10)}")
    assert code(10) in page.text and code(1) not in page.text
    assert "名单上没有这样的企业" in read(hall, stranger, f"{LIST}?q=没有").text
    assert hall.get(stranger, f"{LIST}?after=x").status_code == 400
    sheet = stranger.get(f"{LIST}.csv")
    assert sheet.mimetype == "text/csv" and len(sheet.data.decode("utf-8-sig").strip().splitlines()) == 4
    book = stranger.get(f"{LIST}.xlsx")
    assert book.data.startswith(b"PK") and "attachment" in book.headers["Content-Disposition"]
    assert stranger.get(f"{LIST}.exe").status_code == stranger.get("/public/lists/99.csv").status_code == 404
    before = hall.entries()[0].seq
    read(hall, stranger, "/objections")
    assert hall.entries()[0].seq == before


def test_a_letter_is_entered_by_the_office(hall: Hall) -> None:
    hall.make_list("city", "city1")
    city, place = hall.browser("city"), "/publicities/1/entries/1/objection"
    page = read(hall, city, place)
    assert page.value_of("received_on") == "2025-11-25"
    assert "请填写收到日期" in page_of(hall.upload(city, place, **GOOD, received_on=""), 422).text
    assert "公示期内" in page_of(hall.upload(city, place, **GOOD, received_on="2025-11-24"), 422).text
    assert "异议须实名" in page_of(hall.upload(city, place, received_on="2025-11-25"), 422).text
    made = hall.upload(city, place, [("来信.pdf", pdf())], **GOOD, received_on="2025-11-25")
    assert (made.status_code, made.headers["Location"]) == (303, "/publicities/1/objections/1")
    page = read(hall, city, "/publicities/1/objections/1", lang="en")
    assert "测试 city" in page.text and "来信.pdf" in page.text
    assert hall.objections()[0].channel == "office"


def test_the_office_closes_firm_by_firm_after_a_look(hall: Hall) -> None:
    hall.make_list("city", "city1", "city2", "city10")
    hall.upload(hall.app.test_client(), OBJECTING, **GOOD)
    city = hall.browser("city")
    page = read(hall, city, "/publicities/1")
    assert page.all("input", type="checkbox") == [] and "办结 示例" not in page.text
    hall.at(2025, 12, 2, 0)
    city = hall.browser("city")
    assert "公示期满，待办结" in read(hall, city, "/publicities").text
    page = read(hall, city, "/publicities/1")
    ticked = [box["value"] for box in page.all("input", type="checkbox")]
    assert len(ticked) == 2 and "还不能办结： 还有 1 条异议未答复" in page.text
    numbers = [hall.cases[key] for key in ("city1", "city2", "city10")]
    assert "请至少勾选一家" in page_of(hall.post(city, "/publicities/1/closing"), 422).text
    page = page_of(hall.post(city, "/publicities/1/closing", case=numbers, opinion="无异议"), 200)
    assert "将办结 2 家，1 家不能办结" in page.text and page.faults() == []
    assert hall.state("city1") == hall.state("city2") == "stage:publicity"
    done = hall.post(city, "/publicities/1/close", case=numbers, opinion="无异议")
    assert done.status_code == 303
    page = read(hall, city, "/publicities/1")
    assert "公示已结束：2 家；另有 1 家没有办理" in page.text
    states = sorted(hall.state(key) for key in ("city1", "city2", "city10"))
    assert states == ["stage:announcement", "stage:announcement", "stage:publicity"]
    assert hall.post(city, "/publicities/1/close").status_code == 422
    assert hall.post(hall.browser("district"), "/publicities/1/close", case=numbers).status_code == 404


def test_an_upheld_objection_ends_the_case_in_the_district(hall: Hall) -> None:
    hall.make_list("district", "district1")
    hall.upload(hall.app.test_client(), OBJECTING, **GOOD)
    district, place = hall.browser("district"), "/publicities/1/objections/1"
    hall.post(district, f"{place}/reply", reply="经核实，数据不符", is_upheld="yes")
    assert "公示期满后可以据此不予通过" in read(hall, district, place).text
    assert hall.post(district, f"{place}/refuse", opinion="异议成立").status_code == 409
    hall.at(2025, 12, 2, 0)
    district = hall.browser("district")
    assert "有成立的异议" in read(hall, district, "/publicities/1").text
    assert "请填写意见" in page_of(hall.post(district, f"{place}/refuse", opinion=" "), 422).text
    assert hall.post(district, f"{place}/refuse", opinion="异议成立，不予通过").status_code == 303
    assert hall.state("district1") == "ended:refused"
    assert "已办结" in read(hall, district, "/publicities").text
    with hall.rows() as session:
        assert session.get_one(Application, hall.cases["district1"]).closed_at is not None


def test_every_page_speaks_english_too(hall: Hall) -> None:
    hall.make_list("city", "city1")
    hall.upload(hall.app.test_client(), OBJECTING, **GOOD)
    city = hall.browser("city")
    new = "/publicities/new?tier=innovative&stage=publicity"
    for address in ("/publicities", new, "/publicities/1", "/publicities/1/objections/1", "/public/lists", LIST):
        read(hall, city, address, lang="en")
    for address in ("/publicities/1/entries/1/objection", OBJECTING, "/objections"):
        read(hall, city, address, lang="en")
