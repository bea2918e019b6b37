"""Rows poured by the thousand come to the very cells that the slow way makes, and no text gets through as markup."""

import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.parsers.expat import ParserCreate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from registry.domain.errors import Refused
from registry.sheets import limits, poured, streamed
from registry.sheets.cells import Cell
from registry.sheets.layout import ListColumn, Style
from registry.sheets.poured import Frame
from registry.sheets.streamed import StreamedRows
from registry.sheets.writing import write_cells, write_table

# A library that writes strings for us once took these for rich text and let the markup through.
RICH = (
    "<r></is></c><c r='Z9'><f>1+1</f><v>2</v></c><c><is></r>",
    "<r><t>a</t></r>",
    "<r></r>",
)
NUMBERS = st.integers(-(10**17), 10**17) | st.decimals(-(10**17), 10**17, places=2, allow_nan=False)
DAYS = st.dates(date(1890, 1, 1), date(2199, 12, 31))
TEXTS = st.text(max_size=6) | st.sampled_from(
    ("青岛", "=1+1", "'=1", "a b", " a", "a ", "a&b", "_x0041_", "\ufffe", "<r></r>")
)
MOMENTS = st.datetimes(timezones=st.none() | st.just(UTC))
VALUES = st.none() | st.booleans() | NUMBERS | DAYS | TEXTS | MOMENTS
COLUMNS = st.one_of(
    *(st.lists(kind, min_size=5, max_size=5) for kind in (VALUES, TEXTS, NUMBERS, DAYS, st.booleans(), st.integers()))
)


def parts_of(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(BytesIO(content)) as package:
        assert package.testzip() is None
        parts = {name: package.read(name).decode() for name in package.namelist()}
    for xml in parts.values():
        ParserCreate().Parse(xml, True)
    return parts


def looks() -> Any:
    with Frame() as frame:
        frame.book.add_worksheet("a")
    return poured._looks(frame.parts["xl/worksheets/sheet1.xml"].decode())


LOOKS = looks()


def xml_of(styles: Sequence[Style], rows: Sequence[Sequence[Any]]) -> str:
    return "".join(StreamedRows(styles, rows).xml(LOOKS))


@settings(max_examples=150, deadline=None)
@given(columns=st.lists(COLUMNS, min_size=1, max_size=4), data=st.data())
def test_the_short_way_comes_to_the_same_cells(columns: list[list[Any]], data: st.DataObject) -> None:
    styles = data.draw(st.lists(st.sampled_from(Style), min_size=len(columns), max_size=len(columns)))
    rows = list(zip(*columns, strict=True))
    short = xml_of(styles, rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StreamedRows, "_plain", lambda self, kinds, values: None)
        slow = xml_of(styles, rows)

    assert short == slow


def test_plain_columns_do_take_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(streamed, "cell")
    rows = [("甲", 1, Decimal("2.50"), date(2024, 5, 9), True, None)] * 3 + [(None,) * 6]

    assert xml_of([Style.TEXT, Style.INTEGER, Style.MONEY, Style.DATE, Style.TEXT, Style.TEXT], rows).count("<c ") == 15


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(TEXTS.filter(bool), min_size=1, max_size=8))
def test_every_text_comes_back_from_a_well_formed_workbook(texts: list[str]) -> None:
    buffer = BytesIO()
    write_table(buffer, "xlsx", "名单", [ListColumn("a", "甲"), ListColumn("b", "乙")], [("x", text) for text in texts])
    parts = parts_of(buffer.getvalue())

    assert parts["xl/worksheets/sheet1.xml"].count("<is>") == 2 * len(texts) + 2


@pytest.mark.parametrize("text", RICH)
def test_no_text_passes_for_rich_text(text: str) -> None:
    as_list, as_copy = BytesIO(), BytesIO()
    write_table(as_list, "xlsx", text, [ListColumn("a", text), ListColumn("b", "乙")], [(text, "x")])
    rows: list[tuple[int, list[Cell]]] = [(1, [text, "x"]), (2, [text])]
    write_cells(as_copy, "xlsx", "a", rows)

    for buffer in (as_list, as_copy):
        sheet = parts_of(buffer.getvalue())["xl/worksheets/sheet1.xml"]
        assert not re.search(r"<f[ >]|<r>|Z9'>", sheet)
        assert (
            CalamineWorkbook.from_filelike(BytesIO(buffer.getvalue())).get_sheet_by_index(0).to_python()[0][0] == text
        )


@pytest.mark.parametrize("count", [0, 1, 1023, 1024, 1025, 3000])
def test_every_row_is_there_once_and_at_its_number(count: int) -> None:
    buffer = BytesIO()
    columns = [ListColumn("n", "数", Style.INTEGER), ListColumn("t", "文字"), ListColumn("g", "有时")]
    rows = ((number, f"第{number}", None if number % 3 else number) for number in range(count))
    write_table(buffer, "xlsx", "名单", columns, rows)
    sheet = parts_of(buffer.getvalue())["xl/worksheets/sheet1.xml"]
    _, *read = CalamineWorkbook.from_filelike(BytesIO(buffer.getvalue())).get_sheet_by_index(0).to_python()

    assert re.findall(r'<row r="([0-9]+)">', sheet) == [str(number) for number in range(1, count + 2)]
    assert read == [[number, f"第{number}", "" if number % 3 else number] for number in range(count)]
    assert f'<autoFilter ref="A1:C{count + 1}"/>' in sheet


def test_a_row_of_another_width_is_a_defect() -> None:
    for row in [(1,), (1, 2, 3)]:
        with pytest.raises(ValueError, match="in a list of 2 columns"):
            xml_of([Style.INTEGER, Style.INTEGER], [(1, 2), row, (1, 2)])


def test_more_rows_than_a_sheet_has_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(limits, "ROWS", 2000)
    columns = [ListColumn("n", "数", Style.INTEGER)]
    write_table(tmp_path / "a.xlsx", "xlsx", "名单", columns, ((n,) for n in range(1999)))
    with pytest.raises(Refused, match="请导出 CSV"):
        write_table(tmp_path / "a.xlsx", "xlsx", "名单", columns, ((n,) for n in range(2000)))
    with pytest.raises(Refused, match="请导出 CSV"):
        write_cells(tmp_path / "b.xlsx", "xlsx", "名单", [(2001, [1])])


def test_a_sheet_too_large_for_a_plain_package_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(poured, "_PART_BYTES", 50_000)

    def rows() -> Iterator[tuple[str]]:
        while True:
            yield ("甲" * 100,)

    with pytest.raises(Refused, match="请导出 CSV"):
        write_table(tmp_path / "a.xlsx", "xlsx", "名单", [ListColumn("n", "名")], rows())
    assert list(tmp_path.iterdir()) == []


def test_a_moment_keeps_its_time(tmp_path: Path) -> None:
    moment = datetime(2026, 1, 5, 8, 30, 15)  # noqa: DTZ001 - the times inside a workbook have no zone
    write_table(tmp_path / "a.xlsx", "xlsx", "名单", [ListColumn("t", "时")], [(moment,)])

    assert CalamineWorkbook.from_path(tmp_path / "a.xlsx").get_sheet_by_index(0).to_python()[1] == [moment]
