"""The workbook of a firm's yearly figures: what the template holds is read back; every fault is told at its cell."""

from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter
from make import code
from sheet_files import write_xlsx

from registry.domain.errors import Refused
from registry.domain.facts import YEAR_FACTS
from registry.sheets.figures_rows import HEADINGS, UNITS, figures_layout, read_figures
from registry.sheets.layout import CoverLine
from registry.sheets.reading import Reading
from registry.sheets.table import read_table
from registry.sheets.writing import write_table

YEARS = (2025, 2024, 2023)
HEADER = ("指标", "单位", "2025年", "2024年", "2023年", "统一社会信用代码")
KNOWN = {
    2025: {
        "revenue": 123_456_789,
        "net_profit": -50_000_000,
        "employees": 120,
        "development_score": 6650,
        "digitally_transformed": True,
    },
    2023: {"revenue": 0, "digitally_transformed": False},
}


def template(path: Path, *, english: bool = False) -> Path:
    columns, rows = figures_layout(code(1), YEARS, KNOWN, english)
    write_table(path, "xlsx", "年度数据", columns, rows, [CoverLine("note", "说明", "只填年份列")])
    return path


def read(path: Path, uscc: str = code(1)) -> Reading[tuple[str, dict[int, int]]]:
    return read_figures(read_table(path), uscc, YEARS)


def of_rows(tmp_path: Path, *rows: tuple[object, ...], header: tuple[object, ...] = HEADER) -> Reading[object]:
    return read(write_xlsx(tmp_path / "figures.xlsx", [header, *rows]))  # type: ignore[return-value]


def figures(reading: Reading[object]) -> dict[str, dict[int, int]]:
    return dict(value for _number, value in reading.rows)  # type: ignore[misc]


def faults(reading: Reading[object]) -> list[tuple[str, str]]:
    return [(fault.address, fault.message) for fault in reading.faults]


@pytest.mark.parametrize("english", [False, True])
def test_the_template_reads_back_what_was_filled_in(tmp_path: Path, english: bool) -> None:
    reading = read(template(tmp_path / "figures.xlsx", english=english))

    assert reading.faults == []
    found = dict(value for _number, value in reading.rows)
    assert list(found) == list(YEAR_FACTS)
    for year in YEARS:
        assert {key: figures[year] for key, figures in found.items() if year in figures} == KNOWN.get(year, {})


def test_every_kind_of_figure_has_its_unit() -> None:
    assert {fact.kind for fact in YEAR_FACTS.values()} == set(UNITS)


def test_a_unit_says_how_money_is_read(tmp_path: Path) -> None:
    found = figures(
        of_rows(
            tmp_path,
            ("营业收入", "元", 12345.67, None, None, code(1)),
            ("资产总计", "亿元", 1.5, None, None, code(1)),
            ("负债合计", "万元", "1,234.5", None, None, code(1)),
        )
    )
    assert found == {
        "revenue": {2025: 1_234_567},
        "total_assets": {2025: 15_000_000_000},
        "total_liabilities": {2025: 1_234_500_000},
    }


def test_a_blank_cell_says_nothing_and_a_zero_is_zero(tmp_path: Path) -> None:
    found = figures(of_rows(tmp_path, ("营业收入", "万元", 0, None, "", code(1))))
    assert found == {"revenue": {2025: 0}}


def test_a_formula_counts_with_its_value_and_without_one_it_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "figures.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("年度数据")
    sheet.write_row(0, 0, HEADER)
    sheet.write_row(1, 0, ("营业收入", "万元"))
    sheet.write_formula(1, 2, "=3000+2000", None, 5000)
    sheet.write_formula(1, 3, "=1/0", None, "#DIV/0!")
    sheet.write_string(1, 5, code(1))
    book.close()

    reading = read(path)
    assert [fault.address for fault in reading.faults] == ["年度数据!D2"]
    path.unlink()
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("年度数据")
    sheet.write_row(0, 0, HEADER)
    sheet.write_row(1, 0, ("营业收入", "万元"))
    sheet.write_formula(1, 2, "=3000+2000", None, 5000)
    sheet.write_string(1, 5, code(1))
    book.close()
    assert figures(read(path)) == {"revenue": {2025: 5_000_000_000}}  # type: ignore[arg-type]


def test_every_fault_is_told_at_its_cell_with_what_is_expected(tmp_path: Path) -> None:
    reading = of_rows(
        tmp_path,
        ("营业收入", "万元", "很多", -1, 10**12, code(1)),
        ("从业人员", "人", 12.5, None, None, code(1)),
        ("研发费用", "美元", 1, None, None, code(1)),
        ("没有的指标", "万元", 1, None, None, code(1)),
        ("营业收入", "万元", 2, None, None, code(1)),
        ("资产总计", "万元", 3, None, None, code(2)),
        ("净利润", "万元", "-", None, None, ""),
        ("完成数字化转型", "是/否", "也许", None, None, code(1)),
    )
    told = faults(reading)
    assert [address for address, _message in told] == [
        "工作表1!C2",
        "工作表1!D2",
        "工作表1!E2",
        "工作表1!C3",
        "工作表1!B4",
        "工作表1!A5",
        "工作表1!A6",
        "工作表1!F7",
        "工作表1!C8",
        "工作表1!F8",
        "工作表1!C9",
    ]
    messages = dict(told)
    assert "number expected" in messages["工作表1!C2"]
    assert "不得小于 0" in messages["工作表1!D2"]
    assert "整数" in messages["工作表1!C3"]
    assert "万元、元 或 亿元" in messages["工作表1!B4"]
    assert "营业收入、主营业务收入" in messages["工作表1!A5"]
    assert "与第 2 行是同一指标" in messages["工作表1!A6"]
    assert code(1) in messages["工作表1!F7"]
    # Rows without a fault are still read; whoever keeps them asks for none at all.
    assert figures(reading) == {}


@pytest.mark.parametrize(
    ("header", "address"),
    [
        (("指标", "单位", "2022年", "2025年", "2024年", "统一社会信用代码"), "工作表1!C1"),
        (("指标", "单位", "备注", "2025年", "2024年", "统一社会信用代码"), "工作表1!C1"),
        (("指标", "单位", "2025年", "2025年", "2024年", "统一社会信用代码"), "工作表1!D1"),
        (("指标", "单位", "2025年", "2024年", "2023年", ""), "工作表1!1"),
        (("名称", "单位", "2025年", "2024年", "2023年", "统一社会信用代码"), "工作表1!A1"),
    ],
)
def test_a_header_that_is_none_of_the_template_takes_nothing(
    tmp_path: Path, header: tuple[str, ...], address: str
) -> None:
    reading = of_rows(tmp_path, ("营业收入", "万元", 1, 2, 3, code(1)), header=header)
    assert address in [fault.address for fault in reading.faults]
    assert reading.rows == []


def test_a_sheet_without_years_is_told(tmp_path: Path) -> None:
    reading = of_rows(tmp_path, ("营业收入", "万元", code(1)), header=("指标", "单位", "统一社会信用代码"))
    assert "2025年、2024年、2023年" in faults(reading)[0][1]


def test_years_may_be_numbers_and_order_is_free(tmp_path: Path) -> None:
    header = ("uscc", 2023, 2025, "indicator", "unit")
    found = figures(of_rows(tmp_path, (code(1), 1, 2, "revenue", "10,000 yuan"), header=header))
    assert found == {"revenue": {2023: 1_000_000, 2025: 2_000_000}}


def test_an_empty_book_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="表中没有内容"):
        read(write_xlsx(tmp_path / "figures.xlsx", []))


def test_the_same_figures_give_the_same_bytes() -> None:
    books = []
    for _time in range(2):
        out = BytesIO()
        columns, rows = figures_layout(code(1), YEARS, KNOWN)
        write_table(out, "xlsx", "年度数据", columns, rows)
        books.append(out.getvalue())
    assert books[0] == books[1]
    assert [column.heading for column in columns] == list(HEADER)
    assert {words[0] for words in HEADINGS.values()} <= set(HEADER)
