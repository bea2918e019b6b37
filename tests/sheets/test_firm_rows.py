"""Lists of firms: each row becomes a firm or a fault at its cell; nothing in between."""

from datetime import date
from pathlib import Path

import pytest
from make import code
from sheet_files import FIRM_HEADER, USCC, write_csv, write_xlsx

from registry.domain.errors import Refused
from registry.domain.firms import Firm
from registry.domain.periods import NEVER
from registry.sheets import limits
from registry.sheets.firm_rows import read_firms


def test_a_row_becomes_a_firm_with_facts_and_years(tmp_path: Path) -> None:
    header = [
        *FIRM_HEADER,
        "established_on",
        "拥有自主品牌",
        "禁止申报期满日",
        "研发机构级别",
        "主导产品全国市场占有率",
        "titles",
        "2023年营业收入(万元)",
        "revenue@2022",
        "2023年从业人员(人)",
        "2022年发展评价得分",
    ]
    row = [
        f" {USCC.lower()} ",
        "青岛示例轴承有限公司",
        "莱西",
        3451,
        date(2012, 5, 8),
        "是",
        "无",
        "省级",
        0.125,
        '[{"kind": "innovative", "from": "2023-03-20", "until": "2026-03-19"}]',
        6123.45,
        54000000.5,
        86,
        87.65,
    ]

    reading = read_firms(write_xlsx(tmp_path / "a.xlsx", [header, row]))

    assert reading.faults == []
    assert reading.rows == [
        (
            2,
            Firm(
                USCC,
                "青岛示例轴承有限公司",
                {
                    "district": "370285",
                    "industry": "3451",
                    "established_on": date(2012, 5, 8),
                    "own_brand": True,
                    "banned_until": NEVER,
                    "rd_institution": "provincial",
                    "market_share": 125 * 10**9,
                    "titles": ({"kind": "innovative", "from": date(2023, 3, 20), "until": date(2026, 3, 19)},),
                },
                {
                    2023: {"revenue": 6123450000, "employees": 86},
                    2022: {"revenue": 5400000050, "development_score": 8765},
                },
            ),
        )
    ]


def test_empty_cells_stay_unknown(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [(*FIRM_HEADER, "own_brand", "revenue@2023"), (USCC, "示例", "", " ", "", "")])

    ((_, firm),) = read_firms(path).rows
    assert (firm.facts, firm.years) == ({}, {})


def test_district_and_industry_may_be_absent_but_code_and_name_may_not(tmp_path: Path) -> None:
    assert len(read_firms(write_csv(tmp_path / "a.csv", [("uscc", "name"), (USCC, "示例")])).rows) == 1
    for header, key in ((("name",), "uscc"), (("uscc",), "name")):
        reading = read_firms(write_csv(tmp_path / "b.csv", [header, ("x",)]))

        assert f"({key})" in reading.faults[0].message
        assert reading.faults[0].row == 1
        assert not reading.header_is_good
        assert reading.rows == []


def test_a_row_without_code_or_name_is_a_fault_at_its_cell(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [FIRM_HEADER, ("", "示例", "", ""), (USCC, " ", "市南", "")])

    assert [(fault.address, fault.message) for fault in read_firms(path).faults] == [
        ("A2", "必填：统一社会信用代码 (required)"),
        ("B3", "必填：企业名称 (required)"),
    ]


def test_every_fault_of_a_row_is_told_with_sheet_row_column_header_and_value(tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "a.xlsx",
        [
            (*FIRM_HEADER, "成立日期", "2023年营业收入(万元)"),
            (USCC, "甲", "市南", "3451", "2024-02-30", "一百"),
            (code(2), "乙", "市南", "3451", "2024-02-29", "100"),
        ],
        sheet="企业",
    )

    reading = read_firms(path)

    assert [firm.name for _, firm in reading.rows] == ["乙"]
    assert [(one.sheet, one.row, one.column, one.header, one.value) for one in reading.faults] == [
        ("企业", 2, "E", "成立日期", "2024-02-30"),
        ("企业", 2, "F", "2023年营业收入(万元)", "一百"),
    ]
    assert str(reading.faults[0]) == "企业!E2: [成立日期] “2024-02-30”日历上没有这一天 (no such day)"


def test_an_unknown_column_stores_nothing_yet_the_other_cells_are_checked(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [("uscc", "name", "联系电话", "区市"), (USCC, "示例", "123", "火星")])

    reading = read_firms(path)

    assert [fault.address for fault in reading.faults] == ["C1", "D2"]
    assert reading.rows == []
    assert not reading.header_is_good


def test_the_same_figure_in_two_columns_is_a_fault(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "a.csv", [("uscc", "name", "revenue@2023", "2023年营业收入(万元)"), (USCC, "甲", "1", "2")]
    )

    reading = read_firms(path)

    ((address, message),) = [(fault.address, fault.message) for fault in reading.faults]
    assert reading.rows == []
    assert address == "D1"
    assert "与 C 列重复" in message


@pytest.mark.parametrize("rows", [[("uscc", "name", ""), (USCC, "甲", "x")], [("uscc", "name"), (USCC, "甲", "x")]])
def test_a_value_under_no_header_is_a_fault(rows: list[tuple[str, ...]], tmp_path: Path) -> None:
    (fault,) = read_firms(write_csv(tmp_path / "a.csv", rows)).faults

    assert fault.address == "C1"
    assert "第 2 行却有内容“x”" in fault.message


def test_a_header_that_is_not_in_the_first_row_says_where_it_is(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [("青岛市优质中小企业名单",), (), FIRM_HEADER, (USCC, "示例", "", "")])

    messages = [fault.message for fault in read_firms(path).faults]
    assert any("表头似在第 3 行" in message for message in messages)


def test_an_empty_first_row_is_told(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [(), FIRM_HEADER, (USCC, "示例")])

    assert "表头似在第 2 行" in read_firms(path).faults[0].message


def test_a_table_of_nothing_is_refused(tmp_path: Path) -> None:
    for path in (write_xlsx(tmp_path / "a.xlsx", []), write_csv(tmp_path / "a.csv", [], "utf-8-sig")):
        with pytest.raises(Refused, match="没有内容"):
            read_firms(path)


@pytest.mark.parametrize("second", ["甲", "乙"])
def test_the_same_firm_twice_is_a_fault_at_both_rows_even_if_equal(second: str, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "a.csv", [("uscc", "name"), (USCC, "甲"), (code(2), "丙"), (f" {USCC.lower()}", second)]
    )

    reading = read_firms(path)

    assert [fault.address for fault in reading.faults] == ["A2", "A4"]
    assert all("第 2、4 行" in fault.message for fault in reading.faults)
    assert [firm.name for _, firm in reading.rows] == ["丙"]


def test_short_csv_rows_and_blank_lines_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'uscc,name,区市,revenue@2023\n\n{USCC},甲\n,,,\n{code(2)},乙,市南,"1,234.50"', encoding="utf-8")

    reading = read_firms(path)

    assert [(number, firm.name) for number, firm in reading.rows] == [(3, "甲"), (5, "乙")]
    assert reading.rows[1][1].years[2023]["revenue"] == 123450


def test_what_equals_but_does_not_read_alike_is_not_mixed_up(tmp_path: Path) -> None:
    """1, 1.00 and TRUE are equal in Python; only two of them are a count, and a column remembers cells."""
    rows = [
        (code(1), "甲", 1),
        (code(2), "乙", True),
        (code(3), "丙", 1),
        (code(4), "丁", "1"),
        (code(5), "戊", "1.00"),
    ]

    reading = read_firms(write_xlsx(tmp_path / "a.xlsx", [("uscc", "name", "employees@2023"), *rows]))

    assert [fault.row for fault in reading.faults] == [3, 6]


def test_too_many_faults_are_refused_with_the_first_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FAULTS", 30)
    path = write_csv(tmp_path / "a.csv", [("uscc", "name"), *[("坏", "示例")] * 40])

    with pytest.raises(Refused) as refused:
        read_firms(path)

    assert len(refused.value.faults) == 21
    assert "已停止检查" in refused.value.faults[-1].message
