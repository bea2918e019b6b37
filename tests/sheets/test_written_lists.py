"""What we write: the same bytes each time, exact numbers, real dates, a cover; and the copy that shows faults."""

import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sheet_files import FIRM_HEADER, USCC, write_csv, write_xlsx

from registry.domain.errors import Refused
from registry.sheets import limits
from registry.sheets.cells import Cell
from registry.sheets.firm_rows import read_firms
from registry.sheets.layout import CoverLine, ListColumn, Style
from registry.sheets.reading import write_faulted_copy
from registry.sheets.table import read_table
from registry.sheets.writing import Form, write_table

COLUMNS = [
    ListColumn("uscc", "统一社会信用代码", width=22),
    ListColumn("count", "数", Style.INTEGER),
    ListColumn("amount", "金额", Style.MONEY),
    ListColumn("share", "占比", Style.SHARE),
    ListColumn("day", "日期", Style.DATE),
    ListColumn("held", "是否"),
    ListColumn("text", "文字"),
]
ROW = (USCC, 12, Decimal("-1234567.80"), Decimal("0.125"), date(2024, 2, 29), True, '逗号,引号"换\n行')
COVER = [
    CoverLine("year", "年度", 2024),
    CoverLine("as_of", "截至", date(2024, 12, 31)),
    CoverLine("note", "口径", None),
]
FORMS: tuple[Form, ...] = ("csv", "xlsx", "json")


def written(form: Form, rows: Any = (ROW,)) -> bytes:
    buffer = BytesIO()
    write_table(buffer, form, "名单", COLUMNS, rows, COVER)
    return buffer.getvalue()


def test_csv_is_exact_and_begins_with_a_mark() -> None:
    assert (
        written("csv")
        == (
            "\ufeff统一社会信用代码,数,金额,占比,日期,是否,文字\r\n"
            f'{USCC},12,-1234567.80,0.125,2024-02-29,是,"逗号,引号""换\n行"\r\n'
        ).encode()
    )


def test_json_is_exact_with_the_cover_beside_the_rows() -> None:
    text = written("json").decode()

    assert json.loads(text) == {
        "year": 2024,
        "as_of": "2024-12-31",
        "note": None,
        "rows": [
            {
                "uscc": USCC,
                "count": 12,
                "amount": -1234567.8,
                "share": 0.125,
                "day": "2024-02-29",
                "held": True,
                "text": ROW[-1],
            }
        ],
    }
    assert '"amount": -1234567.80' in text
    assert json.loads(written("json", []))["rows"] == []


def test_a_workbook_holds_numbers_and_real_dates(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_table(path, "xlsx", "名单", COLUMNS, [ROW], COVER)
    table = read_table(path)
    (_, header), (_, cells) = table.rows()

    assert (table.sheet, table.unread_sheets) == ("名单", ("说明",))
    assert header == [column.heading for column in COLUMNS]
    assert cells == [USCC, 12, Decimal("-1234567.8"), Decimal("0.125"), date(2024, 2, 29), "是", ROW[-1]]


def test_a_workbook_has_a_frozen_header_a_filter_and_a_cover() -> None:
    with zipfile.ZipFile(BytesIO(written("xlsx"))) as package:
        cover = package.read("xl/worksheets/sheet1.xml").decode()
        sheet = package.read("xl/worksheets/sheet2.xml").decode()
        workbook = package.read("xl/workbook.xml").decode()

    assert '<sheet name="说明"' in workbook
    assert "截至" in cover
    assert "2024" in cover
    assert '<pane ySplit="1" topLeftCell="A2"' in sheet
    assert '<autoFilter ref="A1:G2"/>' in sheet


@pytest.mark.parametrize("form", FORMS)
def test_the_same_rows_give_the_same_bytes(form: Form) -> None:
    assert written(form) == written(form)


def test_a_workbook_holds_no_trace_of_when_it_was_written() -> None:
    with zipfile.ZipFile(BytesIO(written("xlsx"))) as package:
        moments = re.findall(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]+Z", package.read("docProps/core.xml").decode())

        assert set(moments) == {"2000-01-01T00:00:00Z"}
        assert {member.date_time for member in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("form", FORMS)
def test_a_path_and_a_buffer_get_the_same_bytes(form: Form, tmp_path: Path) -> None:
    path = tmp_path / "名单"
    write_table(path, form, "名单", COLUMNS, [ROW], COVER)

    assert path.read_bytes() == written(form)
    assert [path] == list(tmp_path.iterdir())


@pytest.mark.parametrize("form", FORMS)
def test_a_list_that_fails_halfway_leaves_the_old_one(form: Form, tmp_path: Path) -> None:
    def rows() -> Iterator[Any]:
        yield ROW
        raise ZeroDivisionError

    path = tmp_path / "名单"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError):
        write_table(path, form, "名单", COLUMNS, rows())

    assert path.read_text() == "old"
    assert [path] == list(tmp_path.iterdir())


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("value", [0.5, float("nan"), b"x", ["x"]])
def test_a_value_that_is_not_exact_or_not_known_is_a_defect(form: Form, value: Any) -> None:
    with pytest.raises(TypeError, match="a list holds no"):
        written(form, [(USCC, value, None, None, None, None, None)])


def test_an_amount_too_long_for_excel_goes_as_text_and_comes_back_whole(tmp_path: Path) -> None:
    amount = Decimal("999999999999999.99")
    path = tmp_path / "a.xlsx"
    write_table(path, "xlsx", "名单", [ListColumn("uscc", "uscc", Style.MONEY)], [(amount,)])
    _, (_, (cell,)) = read_table(path).rows()

    assert cell == str(amount)


def test_a_day_before_excels_calendar_goes_as_text(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_table(path, "xlsx", "名单", [ListColumn("uscc", "uscc")], [(date(1898, 1, 1),), (date(1900, 3, 1),)])

    assert [cells for _, cells in read_table(path).rows()][1:] == [["1898-01-01"], [date(1900, 3, 1)]]


def test_a_moment_with_its_zone_goes_as_text(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_table(path, "xlsx", "名单", [ListColumn("uscc", "uscc")], [(datetime(2024, 5, 9, tzinfo=UTC),)])
    _, (_, (cell,)) = read_table(path).rows()

    assert cell == "2024-05-09T00:00:00+00:00"


def test_more_than_a_workbook_holds_is_refused_with_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused, match="请导出 CSV"):
        written("xlsx", [(USCC, None, None, None, None, None, "长" * 32_768)])
    assert written("csv", [(USCC, None, None, None, None, None, "长" * 32_768)])


@pytest.mark.parametrize("title", ["说明", "History", "a[b]:c*d?e/f\\g", "'引'", "长" * 50, "", "  "])
def test_any_title_gives_a_sheet(title: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_table(path, "xlsx", title, COLUMNS, [ROW], COVER)

    assert len(list(read_table(path).rows())) == 2


@pytest.mark.parametrize("text", ["\ud800", "a\x00b", "\x0b", "\uffff", "𠮷"])
def test_no_text_breaks_a_list(text: str, tmp_path: Path) -> None:
    for form in FORMS:
        path = tmp_path / f"a.{form}"
        write_table(path, form, "名单", [ListColumn("uscc", "uscc"), ListColumn("b", "b")], [(USCC, text)])
        if form == "xlsx":
            assert len(list(read_table(path).rows())) == 2


def test_a_path_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="无法写入"):
        write_table(tmp_path / "no" / "a.csv", "csv", "名单", COLUMNS, [ROW])


def test_a_device_is_written_to_and_not_replaced() -> None:
    write_table("/dev/null", "xlsx", "名单", COLUMNS, [ROW])

    assert not Path("/dev/null").is_file()


def test_rows_are_asked_for_when_they_are_due_and_never_gathered(tmp_path: Path) -> None:
    alive = 0
    most = 0

    class Row(tuple[Any, ...]):
        def __new__(cls, cells: Any) -> "Row":
            nonlocal alive, most
            alive += 1
            most = max(most, alive)
            return super().__new__(cls, cells)

        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    for form in FORMS:
        write_table(tmp_path / "a", form, "名单", COLUMNS, (Row(ROW) for _ in range(2000)))

    assert most < 5


FAULTY = [
    [*FIRM_HEADER, "2023年营业收入(万元)"],
    [USCC, "=甲", "市南", "3451", "-5"],
    [],
    ["坏", "乙", "火星", "3451", "+1"],
]


def copy_of(path: Path, copy: Path) -> list[tuple[int, list[Cell]]]:
    write_faulted_copy(read_firms(path), copy)
    return [(number, cells) for number, cells in read_table(copy).rows() if any(cells)]


def test_a_faulted_copy_keeps_every_cell_in_place_and_tells_each_rows_faults(tmp_path: Path) -> None:
    for path in (write_xlsx(tmp_path / "a.xlsx", FAULTY, sheet="企业"), write_csv(tmp_path / "a.csv", FAULTY)):
        (_, header), (first, row), (second, bad) = copy_of(path, tmp_path / f"b{path.suffix}")

        assert header == [*FAULTY[0], "校验结果"]
        assert (first, row[:5]) == (2, FAULTY[1])
        assert (second, bad[:5]) == (4, FAULTY[3])
        assert "E 不得小于 0" in str(row[5])
        assert "A 统一社会信用代码应为 18 位" in str(bad[5])
        assert "C 应为六位行政区划代码" in str(bad[5])


def test_a_faulted_copy_in_csv_runs_nothing_and_leaves_numbers_alone(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", FAULTY)
    write_faulted_copy(read_firms(path), tmp_path / "b.csv")
    text = (tmp_path / "b.csv").read_text("utf-8-sig")

    assert f"{USCC},'=甲,市南,3451,-5," in text
    assert "坏,乙,火星,3451,+1," in text


def test_a_faulted_copy_keeps_numbers_dates_and_error_values(tmp_path: Path) -> None:
    rows = [["uscc", "name", "成立日期", "employees@2023"], [USCC, "甲", date(2024, 5, 9), 3.5], [USCC, "乙", None, 1]]
    (_, _), (_, first), _ = copy_of(write_xlsx(tmp_path / "a.xlsx", rows), tmp_path / "b.xlsx")

    assert first[:4] == [USCC, "甲", date(2024, 5, 9), Decimal("3.5")]


def test_faults_of_the_header_stand_in_the_header_row(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [("uscc", "电话"), (USCC, "1")])
    (_, header), _ = copy_of(path, tmp_path / "b.csv")

    assert str(header[2]).startswith("校验结果：缺少必填的列“企业名称”")
    assert "B 未知的表头" in str(header[2])


def test_a_corrected_copy_can_be_imported_with_its_fault_column(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [("uscc", "name", "区市"), (USCC, "甲", "火星")])
    copy = tmp_path / "b.csv"
    write_faulted_copy(read_firms(path), copy)
    copy.write_text(copy.read_text("utf-8-sig").replace("火星,", "市南,"), encoding="utf-8")

    reading = read_firms(copy)
    write_faulted_copy(reading, tmp_path / "c.csv")

    assert reading.faults == []
    assert len(reading.rows) == 1
    assert (tmp_path / "c.csv").read_text("utf-8-sig").splitlines()[0] == "uscc,name,区市,校验结果"


def test_more_faults_than_a_cell_holds_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CELL_CHARACTERS", 10)
    _, (_, bad) = copy_of(write_csv(tmp_path / "a.csv", [("uscc", "name"), ("坏", "")]), tmp_path / "b.csv")

    assert len(str(bad[2])) == 10
