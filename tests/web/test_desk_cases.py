"""The pages of the reviewers' desk: tabs, questions, pages, the workbook, saved filters, assigning, reminding."""

import json
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from case_crowd import another, crowd
from case_desk import Built, CaseDesk, build_case_desk, whole
from casework import Hall
from desk import counted_queries
from python_calamine import CalamineWorkbook

from registry.domain.trail import Tag
from registry.store.notices import SavedView

FORMULA = "=HYPERLINK(1)有限公司"


def fill(hall: Hall) -> None:
    """Two cases of the deeds here, one elsewhere, one of them named as a formula; 2 is taken up."""
    first, second = another(hall, 2), another(hall, 3, "specialized")
    another(hall, 4, district="370214")
    first.firm_name = FORMULA
    hall.act("district", second, "take_up")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build_case_desk(tmp_path_factory.mktemp("desk"), fill)


@pytest.fixture
def desk(built: Built, tmp_path: Path) -> Iterator[CaseDesk]:
    with built.opened(tmp_path) as made:
        yield made


def test_a_desk_shows_what_waits_where_it_is_and_by_when(desk: CaseDesk) -> None:
    page = desk.sit("district").ask("/cases")

    assert "待办 2 件 逾期 0 件 退回中 0 件 公示中 0 件 我承办的 1 件 全部在办 2 件 已办结 0 件" in page.text
    for word in (FORMULA, "CX20260000001", "待受理", "区市初审", "2026-11-23", "剩 10 个工作日", "90 分", "未分派"):
        assert word in page.text
    assert "/cases/1" in page.links and "/cases/3" not in page.links
    assert page.all("a", aria_current="page", href="/cases?tab=waiting")
    for box in page.all("input", type="checkbox", name="case"):
        assert box["value"] in ("1", "2")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("tab", ["waiting", "overdue", "returned", "publicity", "mine", "all", "closed"])
def test_every_tab_is_a_whole_page_full_or_empty(desk: CaseDesk, tab: str, lang: str) -> None:
    for who in ("district", "city", "statistician", "tax", "auditor"):
        desk.sit(who, lang).ask(f"/cases?tab={tab}")
        desk.sit(who, lang).ask(f"/cases?tab={tab}&q=没有这样的企业&sort=name")


def test_each_sees_his_own_and_a_foreign_number_is_not_there(desk: CaseDesk) -> None:
    assert "/cases/3" in desk.sit("other_district").ask("/cases").links
    for who in ("city", "statistician"):
        links = desk.sit(who).ask("/cases?tab=all").links
        assert {"/cases/1", "/cases/2", "/cases/3"} <= set(links)
    assert "这里还没有案件" in desk.sit("tax").ask("/cases?tab=all").text
    for who in ("applicant",):
        assert desk.sit(who).get("/cases").status_code == 403
    reviewer = desk.sit("district")
    assert reviewer.get("/cases/3/assign").status_code == 404
    for address in ("/cases/3/assign", "/cases/3/remind", "/cases/99/assign", "/cases/views/99/drop"):
        assert reviewer.post(address, handler="0").status_code == 404
    assert desk.sit("statistician").get("/cases/1/assign").status_code == 403


def test_who_only_looks_is_offered_nothing_to_do(desk: CaseDesk) -> None:
    page = desk.sit("statistician").ask("/cases?tab=all")

    assert "批量办理" not in page.text and page.all("input", type="checkbox") == []
    assert "区市" in page.text


@pytest.mark.parametrize(
    "query",
    [
        "tab=x",
        "tier=x",
        "kind=x",
        "district=x",
        "stage=x",
        "verdict=x",
        "handler=x",
        "sort=x",
        "since=2026-13-01",
        "due=1",
    ],
)
def test_a_question_that_cannot_be_meant_is_refused(desk: CaseDesk, query: str) -> None:
    assert desk.sit("city").get(f"/cases?{query}").status_code == 400


def test_the_list_is_narrowed_and_says_so(desk: CaseDesk) -> None:
    reviewer = desk.sit("city")
    page = reviewer.ask("/cases?tab=all&tier=specialized&stage=district_review&verdict=not_met&since=2026-11-09")
    assert "/cases/2" in page.links and "/cases/1" not in page.links
    assert "全部在办：共 1 件，本页 1 件" in page.text and "清除条件" in page.text
    assert "/cases?tier=specialized&stage=district_review&verdict=not_met&since=2026-11-09&tab=overdue" in page.links

    page = reviewer.ask("/cases?tab=all&due=2026-11-22")
    assert "没有符合条件的案件" in page.text


def test_a_page_asks_as_much_whatever_its_size(tmp_path: Path) -> None:
    asked = {}
    for size in (30, 300):
        folder = tmp_path / str(size)
        folder.mkdir()
        with build_case_desk(folder, partial(crowd, count=size)).opened(folder) as desk:
            reviewer = desk.sit("district")
            with counted_queries(desk.app) as queries:
                page = reviewer.ask("/cases")
            assert f"待办：共 {size} 件" in page.text
            asked[size] = len(queries)

    assert asked[30] == asked[300] <= 8


def test_the_pages_follow_each_other_without_a_gap(tmp_path: Path) -> None:
    with build_case_desk(tmp_path, partial(crowd, count=120)).opened(tmp_path) as desk:
        reviewer, address, found = desk.sit("district"), "/cases?tab=all", []
        for _page in range(3):
            page = reviewer.ask(address)
            found += [one["value"] for one in page.all("input", type="checkbox", name="case")]
            address = next((one["href"] for one in page.all("a", rel="next")), "")

        assert address == "" and len(found) == 120 == len(set(found))


def test_the_workbook_has_every_line_and_no_formula_and_is_traced(desk: CaseDesk) -> None:
    answer = desk.sit("district").get("/cases/export.xlsx?tab=all&tier=innovative")
    assert answer.status_code == 200 and answer.mimetype.endswith("spreadsheetml.sheet")
    assert answer.headers["Content-Disposition"] == "attachment; filename=cases-all-2026-11-09.xlsx"
    book = CalamineWorkbook.from_filelike(BytesIO(answer.data))
    rows = book.get_sheet_by_name("全部在办").to_python()

    assert [row[0] for row in rows] == ["申报编号", "CX20260000001"]
    # The cell holds the text; were it a formula, what it comes to would be read, and nothing was worked out.
    assert rows[1][2] == FORMULA and rows[1][6] == "待受理" and rows[1][11:13] == [90, 90]
    with ZipFile(BytesIO(answer.data)) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())
    cover = {row[0]: row[1] for row in book.get_sheet_by_name("说明").to_python() if row}
    assert cover["梯度"] == "innovative" and cover["制表人"] == "测试district"
    (entry,) = desk.entries(tag=Tag.DATA_EXPORTED)
    assert entry.subject == "cases.xlsx" and json.loads(entry.after)["rows"] == 1


def test_a_filter_is_saved_shown_and_deleted(desk: CaseDesk) -> None:
    reviewer = desk.sit("district")
    query = "tab=mine&q=%E6%98%9F&due=2026-11-20"
    answer = reviewer.post(f"/cases/views?after=3~x&lang=en&{query}", name="急件")
    assert (answer.status_code, answer.location) == (303, f"/cases?{query}")
    page = reviewer.ask("/cases")
    assert f"/cases?{query}" in page.links and "“急件”" in page.text
    assert "急件" not in desk.sit("second_district").ask("/cases").text

    for boxes in ({"name": "急件"}, {"name": ""}, {"name": "字" * 31}):
        answer = reviewer.post(f"/cases/views?{query}", **boxes)
        assert answer.status_code == 422
        assert whole(answer).value_of("name") == boxes["name"]
    with desk.rows() as session:
        number = session.query(SavedView.id).scalar()
    assert desk.sit("second_district").post(f"/cases/views/{number}/drop").status_code == 404
    assert reviewer.post(f"/cases/views/{number}/drop").status_code == 303
    assert "急件" not in reviewer.ask("/cases").links


def test_a_case_is_assigned_with_a_note_and_the_colleague_finds_it(desk: CaseDesk) -> None:
    reviewer = desk.sit("district")
    page = reviewer.ask("/cases/1/assign")
    assert "测试second_district" in page.text and "测试city" not in page.text
    colleague = str(desk.people["second_district"])
    answer = reviewer.post("/cases/1/assign", handler=colleague, note="请先看")
    assert (answer.status_code, answer.location) == (303, "/cases/1")
    assert "/cases/1" in desk.sit("second_district").ask("/cases?tab=mine").links
    assert desk.case(1).handler_id == desk.people["second_district"]

    assert reviewer.post("/cases/1/assign", handler=colleague).status_code == 409
    answer = reviewer.post("/cases/1/assign", handler=str(desk.people["city"]), note="您好")
    assert answer.status_code == 422
    assert "请从列出的选项中选择" in whole(answer).text and "您好" in answer.text
    assert reviewer.post("/cases/1/assign", handler="0").status_code == 303
    assert desk.case(1).handler_id is None


def test_who_has_not_the_case_at_his_desk_reads_why(desk: CaseDesk) -> None:
    page = desk.sit("city").ask("/cases/1/assign")

    assert "不在您的办公台" in page.text and "测试district、测试second_district" in page.text


def test_a_reminder_goes_out_once_and_says_to_whom(desk: CaseDesk) -> None:
    reviewer = desk.sit("city")
    answer = reviewer.post("/cases/1/remind")
    assert (answer.status_code, answer.location) == (303, "/cases/1")
    assert reviewer.post("/cases/1/remind").status_code == 409
    assert "今天已经催办过" in reviewer.ask("/cases/1/assign").text
    (entry,) = desk.entries(tag=Tag.CASE_REMINDED)
    assert entry.person_id == desk.people["city"] and "测试second_district" in entry.after


def test_the_first_page_counts_what_is_on_the_desk(desk: CaseDesk) -> None:
    page = desk.sit("district").ask("/home")
    assert "待办案件 2 件 逾期案件（含等待企业和其他单位的） 0 件 我承办的案件 1 件" in page.text
    assert "/cases?tab=overdue" in page.links

    assert "待办案件" not in desk.sit("applicant").ask("/home").text
