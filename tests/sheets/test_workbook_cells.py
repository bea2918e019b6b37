"""What stands in a real workbook: numbers as Excel shows them, dates of both calendars, formulas, merged cells."""

import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from make import code
from sheet_files import FIRM_HEADER, USCC, handmade, packed, sheet_xml, text_cell, write_xlsx

from registry.sheets.cells import Cell, Unusable
from registry.sheets.firm_rows import read_firms
from registry.sheets.table import column_letter, read_table


def cell_of(path: Path, number: Any, look: dict[str, Any] | None = None, **options: Any) -> Cell:
    """Return what one number becomes on its way through a workbook."""
    book = xlsxwriter.Workbook(str(path), options)
    page = book.add_worksheet()
    page.write_number(0, 0, number, book.add_format(look) if look else None)
    book.close()
    ((_, (cell,)),) = read_table(path).rows()
    return cell


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0.1 + 0.2, Decimal("0.3")),
        (61230000.1, Decimal("61230000.1")),
        (6123.45, Decimal("6123.45")),
        (1.005, Decimal("1.005")),
        (100 * 1.1, 110),
        (1 / 3, Decimal("0.333333333333333")),
        (5, 5),
        (-0.0, 0),
        (123456789012345, 123456789012345),
        (12345678.99, Decimal("12345678.99")),
        (9999999999999.99, Decimal("9999999999999.99")),
        (2.675 * 100, Decimal("267.5")),
        (4.35 * 100, 435),
        (1e-7, Decimal("1E-7")),
        (913702002645742016.0, Decimal("9.13702002645742E+17")),
    ],
)
def test_a_number_is_what_excel_shows_to_15_digits(number: float, shown: Cell, tmp_path: Path) -> None:
    cell = cell_of(tmp_path / "a.xlsx", number)

    assert (cell, type(cell)) == (shown, type(shown))


@pytest.mark.parametrize(
    "look",
    ["yyyy-mm-dd", 'yyyy"年"m"月"d"日"', "[$-804]yyyy/m/d", "yyyy/m/d h:mm", 14, 27, 31, 57],
)
def test_a_real_date_is_a_day_in_both_calendars(look: str | int, tmp_path: Path) -> None:
    assert cell_of(tmp_path / "a.xlsx", 45421, {"num_format": look}) == date(2024, 5, 9)
    assert cell_of(tmp_path / "b.xlsx", 45421 - 1462, {"num_format": look}, date_1904=True) == date(2024, 5, 9)


def test_a_time_of_day_is_no_date(tmp_path: Path) -> None:
    assert isinstance(cell_of(tmp_path / "a.xlsx", 0.5, {"num_format": "hh:mm"}), Unusable)


def test_a_number_that_is_none_is_unusable(tmp_path: Path) -> None:
    rows = f'<row r="1">{text_cell("A1", "uscc")}<c r="B1"><v>NaN</v></c><c r="C1"><v>inf</v></c></row>'
    path = tmp_path / "a.xlsx"
    path.write_bytes(packed(handmade(sheet=sheet_xml(rows))))
    ((_, cells),) = read_table(path).rows()

    assert [type(cell) for cell in cells[1:]] == [Unusable, Unusable]


def faults_of(path: Path) -> list[tuple[str, str]]:
    return [(fault.address, fault.message) for fault in read_firms(path).faults]


def test_a_formula_gives_the_value_that_excel_saved(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("工作表1")
    page.write_row(0, 0, [*FIRM_HEADER, "2023年营业收入(万元)"])
    page.write_row(1, 0, [USCC, "示例", "市南", "3451"])
    page.write_formula(1, 4, "=6000+123.45", None, 6123.45)
    book.close()

    ((_, firm),) = read_firms(path).rows
    assert firm.years[2023]["revenue"] == 6123450000


@pytest.mark.parametrize("error", ["#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?"])
def test_an_error_value_is_a_fault_and_not_unknown(error: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("工作表1")
    page.write_row(0, 0, [*FIRM_HEADER, "2023年营业收入(万元)"])
    page.write_row(1, 0, [USCC, "示例", "市南", "3451"])
    page.write_formula(1, 4, "=A1/0", None, error)
    book.close()

    ((address, message),) = faults_of(path)
    assert address == "工作表1!E2"
    assert error in message


@pytest.mark.parametrize("formula", ["<f>1+1</f>", '<f t="shared" si="0"/>', "<x:f>1+1</x:f>"])
def test_a_formula_that_was_never_computed_is_a_fault_and_not_unknown(formula: str, tmp_path: Path) -> None:
    """Programs write such files: Excel would compute on opening, we cannot."""
    rows = (
        f'<row r="1">{text_cell("A1", "uscc")}{text_cell("B1", "name")}{text_cell("C1", "employees@2023")}</row>'
        f'<row r="2">{text_cell("A2", USCC)}{text_cell("B2", "示例")}<c r="C2" s="0">{formula}</c></row>'
    )
    sheet = sheet_xml(rows).replace("<worksheet ", '<worksheet xmlns:x="urn:x" ')
    path = tmp_path / "a.xlsx"
    path.write_bytes(packed(handmade(sheet=sheet)))

    ((address, message),) = faults_of(path)
    assert address == "工作表1!C2"
    assert "没有计算结果" in message


def test_an_error_behind_empty_styled_cells_is_found_at_its_own_place(tmp_path: Path) -> None:
    rows = (
        f'<row r="1">{text_cell("A1", "uscc")}{text_cell("B1", "name")}{text_cell("D1", "employees@2023")}</row>'
        f'<row r="2">{text_cell("A2", USCC)}{text_cell("B2", "示例")}<c r="C2" s="1"/>'
        '<c r="D2" s="1" t="e"><v>#N/A</v></c></row>'
    )
    path = tmp_path / "a.xlsx"
    path.write_bytes(packed(handmade(sheet=sheet_xml(rows))))

    assert [address for address, _ in faults_of(path)] == ["工作表1!D2"]


def test_merged_cells_are_faults_where_they_hide_a_value(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("工作表1")
    page.write_row(0, 0, ["uscc", "name", "district"])
    page.write_row(1, 0, [USCC, "甲"])
    page.write_row(2, 0, ["91370285MA0000002X", "乙"])
    page.merge_range(1, 2, 2, 2, "市南区")
    book.close()

    told = faults_of(path)
    assert ("工作表1!C3", "是合并单元格的一部分 (part of a merged cell)：请取消合并并在每一格填写") in told
    assert "工作表1!C2" not in [address for address, _ in told]


def test_a_merged_header_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("工作表1")
    page.write_row(0, 0, ["uscc", "name"])
    page.merge_range(0, 2, 0, 3, "区市")
    page.write_row(1, 0, [USCC, "甲", "市南", "市北"])
    book.close()

    assert [address for address, _ in faults_of(path)] == ["工作表1!D1"]


def test_the_sheet_with_the_header_is_taken_and_the_others_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    for name, visible, rows in (
        ("说明", True, [["本表为企业名单"]]),
        ("隐藏", False, [["uscc", "name"], [USCC, "不读"]]),
        ("企业", True, [["name", " 统一社会\n信用代码 "], ["读", USCC]]),
        ("更多", True, [["uscc", "name"], [USCC, "不读"]]),
    ):
        page = book.add_worksheet(name)
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
        if not visible:
            page.hide()
    book.close()

    reading = read_firms(path)

    assert [(number, firm.name) for number, firm in reading.rows] == [(2, "读")]
    assert reading.table.sheet == "企业"
    assert reading.table.unread_sheets == ("说明", "更多")


def test_rows_and_columns_keep_their_places_around_empty_ones(tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "a.xlsx", [("", "uscc", "", "name"), (), ("", USCC, "", "甲"), ("",), ("", "坏", "", "乙")]
    )

    reading = read_firms(path)

    assert [number for number, _ in reading.rows] == [3]
    assert [fault.address for fault in reading.faults] == ["工作表1!B5"]
    assert reading.row_count == 2


def test_texts_with_entities_and_escapes_come_through(tmp_path: Path) -> None:
    name = "甲&<乙>\"丙\"'丁' _x0041_ 𠮷"
    path = write_xlsx(tmp_path / "a.xlsx", [("uscc", "name"), (USCC, name)])

    ((_, firm),) = read_firms(path).rows
    assert firm.name == name


def test_a_strange_file_name_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "$(touch x); 名 单 -rf '\".XLSX"
    path.write_bytes(packed(handmade()))

    assert len(read_firms(path).rows) == 1


def test_stored_members_and_comments_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(packed(handmade(), zipfile.ZIP_STORED))
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"made by hand"

    assert len(read_firms(path).rows) == 1


@pytest.mark.parametrize(("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (299, "KN"), (16383, "XFD")])
def test_columns_have_the_letters_of_excel(index: int, letters: str) -> None:
    assert column_letter(index) == letters


def test_five_thousand_rows_tell_every_planted_fault_at_its_cell(tmp_path: Path) -> None:
    planted = range(7, 5002, 111)
    rows = [[code(number), "示例", "市南", "3451", "一百" if number in planted else "100"] for number in range(2, 5002)]
    path = write_xlsx(tmp_path / "a.xlsx", [[*FIRM_HEADER, "2023年营业收入(万元)"], *rows])

    reading = read_firms(path)

    assert [fault.address for fault in reading.faults] == [f"工作表1!E{number}" for number in planted]
    assert len(reading.rows) == 5000 - len(planted)
