"""Yearly figures by workbook on the pages: the template, what an upload would change, faults, and that none is kept."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter
from clients import token_of
from evidence_desk import BOUNDARY, part
from evidence_files import pdf
from firm_desk import FIRM, FOREIGN, FirmDesk, firm_desk_over
from make import code
from page_reader import Page
from python_calamine import CalamineWorkbook
from werkzeug.test import TestResponse

from registry.domain.trail import Tag
from registry.store.papers import Profile
from registry.web.figures_book import MOST_BYTES

ADDRESS = f"{FIRM}/profile/figures"


@pytest.fixture
def desk(city_file: Path, tmp_path: Path) -> Iterator[FirmDesk]:
    with firm_desk_over(city_file, tmp_path) as made:
        yield made


def upload(
    desk: FirmDesk,
    content: bytes | None,
    name: str = "figures.xlsx",
    *,
    address: str = ADDRESS,
    who: str = "applicant",
    lang: str = "zh",
) -> TestResponse:
    client = desk.client(who)
    sent = part("csrf_token", token_of(client).encode())
    if content is not None:
        sent += part("file", content, name)
    return desk.desk.send(client, sent + f"--{BOUNDARY}--\r\n".encode(), address, headers={"Accept-Language": lang})


def book(*rows: tuple[object, ...], years: tuple[str, ...] = ("2024年", "2023年", "2022年")) -> bytes:
    out = BytesIO()
    made = xlsxwriter.Workbook(out)
    sheet = made.add_worksheet("年度数据")
    for number, row in enumerate([("指标", "单位", *years, "统一社会信用代码"), *rows]):
        for place, cell in enumerate(row):
            if cell is not None:
                sheet.write(number, place, cell)
    made.close()
    return out.getvalue()


def rows_of(content: bytes, sheet: str = "年度数据") -> list[list[object]]:
    found: list[list[object]] = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_name(sheet).to_python()
    return found


def changed(template: bytes, **cells: object) -> bytes:
    """Return the template with some cells filled in, as `C2`."""
    header, *rows = rows_of(template)
    for address, value in cells.items():
        rows[int(address[1:]) - 2]["ABCDEF".index(address[0])] = value
    filled = [tuple(None if cell == "" else cell for cell in row) for row in rows]
    return book(*filled, years=tuple(str(one) for one in header[2:5]))


def page_of(answer: TestResponse, status: int = 200) -> Page:
    assert answer.status_code == status, answer.text[:3000]
    page = Page(answer.text)
    assert page.faults() == []
    return page


def kept(desk: FirmDesk) -> int:
    with desk.rows() as session:
        return session.query(Profile).count()


def test_the_template_comes_filled_in_with_what_is_known(desk: FirmDesk) -> None:
    before = len(desk.entries(Tag.DATA_EXPORTED))
    answer = desk.get(f"{FIRM}/profile/figures.xlsx")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f"attachment; filename=figures-{code(1)}.xlsx"
    assert CalamineWorkbook.from_filelike(BytesIO(answer.data)).sheet_names == ["说明", "年度数据"]
    rows = rows_of(answer.data)
    assert rows[0] == ["指标", "单位", "2024年", "2023年", "2022年", "统一社会信用代码"]
    assert rows[1] == ["营业收入", "万元", 5000, 5000, "", code(1)]
    assert rows[2] == ["主营业务收入", "万元", 4800, 4000, 3500, code(1)]
    assert len(rows) == 15
    assert "空白表示不修改" in str(rows_of(answer.data, "说明"))
    assert len(desk.entries(Tag.DATA_EXPORTED)) == before + 1


def test_uploading_the_template_as_it_was_changes_nothing(desk: FirmDesk) -> None:
    template = desk.get(f"{FIRM}/profile/figures.xlsx").data
    assert "没有改动" in page_of(upload(desk, template)).text
    assert kept(desk) == 0
    english = desk.get(f"{FIRM}/profile/figures.xlsx", lang="en").data
    assert page_of(upload(desk, english, lang="en")).title


def test_what_would_change_is_shown_old_and_new_and_kept_when_confirmed(desk: FirmDesk) -> None:
    template = desk.get(f"{FIRM}/profile/figures.xlsx").data
    page = page_of(upload(desk, changed(template, C2=5200.5, E2=3600, C3=None)))

    assert "尚未保存" in page.text
    assert "2024年 营业收入 5,000.00 万元 5,200.50 万元" in page.text
    assert "2022年 营业收入 未知 3,600.00 万元" in page.text
    # What does not fit is told before it is kept.
    assert "库中为 5,000.00 万元" in page.text
    assert kept(desk) == 0
    boxes = {one["name"]: one["value"] for one in page.all("input", type="hidden") if one["name"] != "csrf_token"}
    answer = desk.post(f"{FIRM}/profile/years", **boxes)
    assert (answer.status_code, answer.location) == (303, f"{FIRM}/profile")
    after = desk.boxes(f"{FIRM}/profile/years")
    assert (after["years.2024.revenue"], after["years.2022.revenue"]) == ("5200.5", "3600")
    # A blank cell said nothing: the figure is still what the register has.
    assert after["years.2024.main_revenue"] == "4800"


def test_a_fault_is_told_by_its_cell_and_nothing_is_taken(desk: FirmDesk) -> None:
    rows = (
        ("营业收入", "万元", 6000, "许多", None, code(1)),
        ("从业人员", "人", 12.5, None, None, code(1)),
    )
    page = page_of(upload(desk, book(*rows)), 422)
    assert "没有采用这份工作簿，现有数据未变" in page.text
    assert "年度数据!D2" in page.text and "许多" in page.text and "年度数据!C3" in page.text
    assert kept(desk) == 0
    assert desk.boxes(f"{FIRM}/profile/years")["years.2024.revenue"] == "5000"
    english = page_of(upload(desk, book(*rows), lang="en"), 422)
    assert "年度数据!D2" in english.text


def test_the_book_of_another_firm_or_year_is_not_taken(desk: FirmDesk) -> None:
    page = page_of(upload(desk, book(("营业收入", "万元", 6000, None, None, code(2)))), 422)
    assert "是另一家企业的表" in page.text
    late = book(("营业收入", "万元", 6000, None, None, code(1)), years=("2025年", "2024年", "2023年"))
    assert "不在可填年份内" in page_of(upload(desk, late), 422).text


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (None, "", "请选择要上传的工作簿"),
        (b"a,b\n", "figures.csv", "只接受 .xlsx 工作簿"),
        (pdf(), "figures.xlsx", "内容不是 .xlsx 工作簿"),
        (b"PK\x03\x04 broken", "figures.xlsx", "文件已损坏"),
        (b"", "figures.xlsx", "文件为空"),
    ],
)
def test_what_is_no_workbook_is_refused_in_words(desk: FirmDesk, content: bytes | None, name: str, told: str) -> None:
    assert told in page_of(upload(desk, content, name), 422).text
    assert kept(desk) == 0


def test_the_size_is_bounded(desk: FirmDesk) -> None:
    answer = upload(desk, b"PK\x03\x04" + bytes(MOST_BYTES + 300 * 1024))
    assert answer.status_code == 413
    assert "文件不能超过 5 MB" in answer.text
    # Just at the bound it is read, and found to be no workbook.
    assert upload(desk, b"PK\x03\x04" + bytes(MOST_BYTES - 4)).status_code == 422


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_is_whole_and_only_its_own_people_have_it(desk: FirmDesk, lang: str) -> None:
    desk.page(ADDRESS, lang=lang)
    desk.page(ADDRESS, "delegate", lang=lang)
    assert upload(desk, book(), address=f"{FOREIGN}/profile/figures", lang=lang).status_code == 404
    assert upload(desk, book(), who="other_applicant", lang=lang).status_code == 404
    assert upload(desk, book(), who="city", lang=lang).status_code == 403


def test_days_are_no_figures(desk: FirmDesk) -> None:
    out = BytesIO()
    made = xlsxwriter.Workbook(out)
    sheet = made.add_worksheet()
    sheet.write_row(0, 0, ("指标", "单位", "2024年", "统一社会信用代码"))
    sheet.write_row(1, 0, ("营业收入", "万元"))
    sheet.write_datetime(1, 2, date(2024, 1, 1), made.add_format({"num_format": "yyyy-mm-dd"}))
    sheet.write(1, 3, code(1))
    made.close()
    assert "应为数，现为日期" in page_of(upload(desk, out.getvalue()), 422).text
