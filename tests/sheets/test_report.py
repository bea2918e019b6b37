"""Reports: sums that agree with what is above them, nothing that runs, the same bytes, what staff expect to find."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from report_files import cells_of, formulas, parts_of, sheet_of, written

from registry.domain.errors import Refused
from registry.sheets import limits
from registry.sheets.layout import CoverLine, ListColumn, Style
from registry.sheets.report import ChartSpec, Report, ReportSheet, TotalRow, write_report, write_sheet

CREATED = datetime(2026, 1, 5, 8, 30, tzinfo=timezone(timedelta(hours=8)))
COLUMNS = [
    ListColumn("district", "区市"),
    ListColumn("tier", "梯度"),
    ListColumn("count", "数", Style.INTEGER),
    ListColumn("amount", "金额", Style.MONEY),
    ListColumn("share", "占比", Style.SHARE),
    ListColumn("day", "截至", Style.DATE),
]
ROWS = [
    ("市南区", "创新型", 12, Decimal("1234.50"), Decimal("0.125"), date(2025, 12, 31)),
    ("市南区", "专精特新", 5, Decimal("0.07"), Decimal(1) / 3, date(2025, 12, 31)),
    ("崂山区", "创新型", 30, None, Decimal(0), None),
]
TOTAL = TotalRow("合计", ("count", "amount"))
CHART = ChartSpec("column", "各区市", "district", ("count", "amount"), "柱形图：市南区最多")


def report_of(*sheets: ReportSheet, title: str = "年度统计", **more: Any) -> Report:
    cover = [CoverLine("as_of", "截至", date(2025, 12, 31)), CoverLine("digest", "标准摘要", "ab12")]
    return Report(title, cover, [("存量", "截至日在有效期内的称号数")], sheets, CREATED, **more)


def check_sums(sheet: str, cells: Sequence[Sequence[Any]]) -> int:
    """Reckon every formula again from the cells as another program reads them; subtotals leave subtotals out."""
    own = formulas(sheet)
    for formula, value in own.values():
        letter, first, last = re.fullmatch(r"SUBTOTAL\(109,([A-Z])([0-9]+):\1([0-9]+)\)", formula).groups()  # type: ignore[union-attr]
        above = [
            Decimal(str(cells[number - 1][ord(letter) - ord("A")] or 0))
            for number in range(int(first), int(last) + 1)
            if f"{letter}{number}" not in own
        ]
        assert abs(sum(above) - value) < Decimal("0.0001")
    return len(own)


def test_sums_are_formulas_whose_kept_values_are_the_sums() -> None:
    content = written(report_of(ReportSheet("存量", COLUMNS, ROWS, TOTAL)))
    sums = formulas(sheet_of(content))

    assert sums == {"C5": ("SUBTOTAL(109,C2:C4)", 47), "D5": ("SUBTOTAL(109,D2:D4)", Decimal("1234.57"))}
    assert cells_of(content)[4] == ["合计", "", 47, 1234.57, "", ""]


def test_subtotals_stand_below_their_rows_and_the_total_leaves_them_out() -> None:
    sheet = ReportSheet("存量", COLUMNS, ROWS, TOTAL, subtotal_by="district")
    content = written(report_of(sheet))
    xml = sheet_of(content)
    sums = formulas(xml)

    assert [row[0] for row in cells_of(content)] == [
        "区市",
        "市南区",
        "市南区",
        "市南区 小计",
        "崂山区",
        "崂山区 小计",
        "合计",
    ]
    assert sums["C4"] == ("SUBTOTAL(109,C2:C3)", 17)
    assert sums["C6"] == ("SUBTOTAL(109,C5:C5)", 30)
    assert sums["C7"] == ("SUBTOTAL(109,C2:C6)", 47)
    assert check_sums(xml, cells_of(content)) == 6
    assert re.findall(r'<row r="([0-9]+)" outlineLevel="1">', xml) == ["2", "3", "5"]


ROW = st.tuples(
    st.sampled_from(("甲", "乙", None, "=1+1")),
    st.integers(-(10**9), 10**9) | st.none(),
    st.decimals(-(10**9), 10**9, places=2, allow_nan=False) | st.none(),
)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(ROW, max_size=30), has_groups=st.booleans())
def test_any_rows_add_up(rows: list[Any], has_groups: bool) -> None:
    columns = [ListColumn("g", "组"), ListColumn("n", "数", Style.INTEGER), ListColumn("m", "金额", Style.MONEY)]
    sheet = ReportSheet("数", columns, rows, TotalRow("合计", ("n", "m")), subtotal_by="g" if has_groups else "")
    content = written(report_of(sheet))
    groups = 1 + sum(one[0] != other[0] for one, other in pairwise(rows)) if rows else 0

    count = check_sums(sheet_of(content), cells_of(content))

    assert count == (2 * (1 + groups * has_groups) if rows else 0)
    assert cells_of(content)[-1][1] == sum(row[1] or 0 for row in rows)


def test_a_sum_that_excel_cannot_hold_is_an_exact_text_and_no_formula() -> None:
    rows = [("甲", "乙", 1, Decimal("9999999999999999.99"), None, None), ("甲", "乙", 2, Decimal("0.02"), None, None)]
    content = written(report_of(ReportSheet("数", COLUMNS, rows, TOTAL)))

    assert list(formulas(sheet_of(content))) == ["C4"]
    assert cells_of(content)[3][3] == "10000000000000000.01"


def test_an_amount_kept_as_text_makes_its_sum_a_text_too() -> None:
    rows = [
        ("甲", "乙", 1, Decimal("9999999999999999.99"), None, None),
        ("甲", "乙", 1, Decimal("-9999999999999999.00"), None, None),
    ]
    content = written(report_of(ReportSheet("数", COLUMNS, rows, TOTAL)))

    assert list(formulas(sheet_of(content))) == ["C4"]
    assert cells_of(content)[3][3] == "0.99"


@pytest.mark.parametrize("value", ["1", True, date(2024, 1, 1)])
def test_what_is_no_number_is_not_summed(value: Any) -> None:
    with pytest.raises(ValueError, match="cannot be summed"):
        written(report_of(ReportSheet("数", COLUMNS, [("甲", "乙", value, None, None, None)], TOTAL)))


def test_a_share_that_has_no_end_is_a_number() -> None:
    assert cells_of(written(report_of(ReportSheet("数", COLUMNS, ROWS))))[2][4] == pytest.approx(1 / 3)


def test_a_sheet_as_csv_and_json_has_its_rows_without_sums() -> None:
    sheet = ReportSheet("存量", COLUMNS, ROWS, TOTAL, subtotal_by="district")
    as_csv, as_json = BytesIO(), BytesIO()
    write_sheet(as_csv, "csv", sheet)
    write_sheet(as_json, "json", sheet, report_of().cover)

    assert as_csv.getvalue().startswith(b"\xef\xbb\xbf")
    assert len(as_csv.getvalue().splitlines()) == 4
    read = json.loads(as_json.getvalue())
    assert (read["as_of"], [row["count"] for row in read["rows"]]) == ("2025-12-31", [12, 5, 30])


def test_the_same_report_gives_the_same_bytes(tmp_path: Path) -> None:
    report = report_of(ReportSheet("存量", COLUMNS, ROWS, TOTAL, chart=CHART), author="市级")
    write_report(tmp_path / "a.xlsx", report)

    assert (tmp_path / "a.xlsx").read_bytes() == written(report) == written(report)
    assert [tmp_path / "a.xlsx"] == list(tmp_path.iterdir())


def test_the_properties_state_the_moment_that_was_given() -> None:
    core = parts_of(written(report_of(title="年<度>", author="张&三")))["docProps/core.xml"]

    assert re.findall("<dcterms:created[^>]*>([^<]*)<", core) == ["2026-01-05T00:30:00Z"]
    assert "<dc:title>年&lt;度&gt;</dc:title>" in core
    assert "<dc:creator>张&amp;三</dc:creator>" in core
    with pytest.raises(ValueError, match="zone"):
        Report("a", [], [], [], datetime(2026, 1, 5))  # noqa: DTZ001 - what is tried


def test_staff_find_a_cover_panes_filters_formats_and_a_page_to_print() -> None:
    content = written(report_of(ReportSheet("存量", COLUMNS, ROWS, TOTAL, chart=CHART, note="口径见封面")))
    parts = parts_of(content)
    sheet = parts["xl/worksheets/sheet2.xml"]
    styles = parts["xl/styles.xml"]

    assert re.findall('<sheet name="([^"]*)"', parts["xl/workbook.xml"]) == ["封面", "存量"]
    assert [row[0] for row in cells_of(content, 0)] == [
        "年度统计",
        "",
        "截至",
        "标准摘要",
        "",
        "口径说明",
        "存量",
        "",
        "各表",
        "存量",
    ]
    assert cells_of(content, 0)[2][1] == date(2025, 12, 31)
    assert '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' in sheet
    assert '<autoFilter ref="A1:F4"/>' in sheet
    assert 'orientation="landscape"' in sheet
    assert '<pageSetUpPr fitToPage="1"/>' in sheet
    assert "&amp;L年度统计&amp;R存量" in sheet
    assert "&amp;P" in sheet
    assert (
        '<definedName name="_xlnm.Print_Titles" localSheetId="1">存量!$1:$1</definedName>' in parts["xl/workbook.xml"]
    )
    for style in (Style.MONEY, Style.DATE):
        assert f'formatCode="{style}"' in styles
    assert cells_of(content)[1] == ["市南区", "创新型", 12, 1234.5, 0.125, date(2025, 12, 31)]
    assert cells_of(content)[-1][0] == "口径见封面"


@pytest.mark.parametrize(
    ("kind", "element"),
    [
        ("column", 'barDir val="col"'),
        ("stacked", 'grouping val="stacked"'),
        ("line", "lineChart"),
        ("bar", 'barDir val="bar"'),
    ],
)
def test_charts_are_native_with_their_values_and_what_they_show(kind: Any, element: str) -> None:
    chart = ChartSpec(kind, "各区市", "district", ("count", "amount"), "图：“市南区”最多 <1>")
    parts = parts_of(written(report_of(ReportSheet("存量", COLUMNS, ROWS, TOTAL, chart=chart))))
    xml = parts["xl/charts/chart1.xml"]

    assert element in xml
    assert 'descr="图：“市南区”最多 &lt;1&gt;"' in parts["xl/drawings/drawing1.xml"]
    assert re.findall("<c:f>([^<]*)</c:f>", xml)[:3] == ["存量!$C$1", "存量!$A$2:$A$4", "存量!$C$2:$C$4"]
    assert re.findall("<c:v>([^<]*)</c:v>", xml)[:7] == ["数", "市南区", "市南区", "崂山区", "12.0", "5.0", "30.0"]
    assert "<a:t>各区市</a:t>" in xml


def test_a_sheet_without_rows_has_its_headings_and_no_chart() -> None:
    content = written(
        report_of(ReportSheet("空", COLUMNS, [], TOTAL, chart=CHART, note="无"), ReportSheet("没有列", [], []))
    )

    assert not [name for name in parts_of(content) if "chart" in name]
    assert formulas(sheet_of(content)) == {}
    assert cells_of(content)[:2] == [[column.heading for column in COLUMNS], ["合计", "", 0, 0, "", ""]]
    assert written(report_of())


def test_names_are_made_legal_and_unlike() -> None:
    asked = [
        "封面",
        "History",
        "a[b]:c*d?e/f\\g",
        "'引'",
        "长" * 50,
        "长" * 49,
        "长" * 40,
        "",
        " ",
        "a",
        "A",
        "𠮷" * 31,
        "a\x00b",
    ]
    content = written(report_of(*(ReportSheet(name, COLUMNS, ROWS, chart=CHART) for name in asked)))
    _, *names = CalamineWorkbook.from_filelike(BytesIO(content)).sheet_names

    assert len({name.casefold() for name in names} | {"封面"}) == len(asked) + 1
    for name in names:
        assert 0 < len(name.encode("utf-16-le")) <= 62
        assert not re.search(r"[\[\]:*?/\\\x00-\x1f]|^'|'$", name)
    assert names[9:11] == ["a", "A表"]


def test_what_is_named_must_be_there() -> None:
    for wrong in (
        {"total": TotalRow("合计", ("x",))},
        {"subtotal_by": "district"},
        {"subtotal_by": "district", "total": TOTAL, "chart": CHART},
        {"chart": ChartSpec("line", "t", "x", ("count",), "a")},
    ):
        with pytest.raises(ValueError):
            ReportSheet("数", COLUMNS, ROWS, **wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="of one key"):
        ReportSheet("数", [*COLUMNS, COLUMNS[0]], [])


def test_more_than_a_sheet_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    report = report_of(ReportSheet("存量", COLUMNS, ROWS * 10, TOTAL))
    written(report)
    monkeypatch.setattr(limits, "ROWS", 31)
    with pytest.raises(Refused, match="请导出 CSV"):
        written(report)


def test_a_path_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="无法写入"):
        write_report(tmp_path / "no" / "a.xlsx", report_of())


def test_the_moment_does_not_hang_on_the_zone_it_is_given_in() -> None:
    one = report_of()
    other = Report(one.title, one.cover, one.definitions, one.sheets, CREATED.astimezone(UTC))

    assert written(one) == written(other)
