"""Makes the files that the tests of sheets read: real ones, by the libraries that others would use."""

import os
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from make import code

from registry.domain.errors import Refused
from registry.sheets.firm_rows import read_firms

USCC = code(1)
FIRM_HEADER = ("统一社会信用代码", "企业名称", "区市", "行业代码")
TITLE_HEADER = (
    "统一社会信用代码",
    "企业名称",
    "区市",
    "梯度",
    "类型",
    "公告日期",
    "有效期至",
    "批次",
    "依据文件",
)
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0\x1f\x15\xc4\x89"
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2048
SCALE_HEADER = ("统一社会信用代码", "企业名称", "区市", "入库日期", "入库方式", "退库日期", "退库原因", "依据")


def write_xlsx(
    path: Path, rows: Iterable[Sequence[Any]], *, sheet: str = "工作表1", options: Mapping[str, Any] | None = None
) -> Path:
    """Write rows as Excel would hold them: numbers as numbers, days as real dates, text as text."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False, **(options or {})})
    page = book.add_worksheet(sheet)
    day_look = book.add_format({"num_format": "yyyy-mm-dd"})
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if isinstance(cell, date | datetime):
                page.write_datetime(row, column, cell, day_look)
            elif isinstance(cell, str):
                page.write_string(row, column, cell)
            elif cell is not None:
                page.write(row, column, cell)
    book.close()
    return path


def write_csv(path: Path, rows: Iterable[Sequence[str]], encoding: str = "utf-8-sig") -> Path:
    path.write_bytes("".join(",".join(row) + "\r\n" for row in rows).encode(encoding))
    return path


def packed(members: Mapping[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip archive with these members."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


_CONTENT_TYPES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
</Types>"""
_RELATIONS = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/>
</Relationships>"""
_WORKBOOK = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<sheets><sheet name="工作表1" sheetId="1" r:id="rId1"/></sheets></workbook>"""
SHEET_START = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
)


def text_cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def header_row() -> str:
    return f'<row r="1">{text_cell("A1", "uscc")}{text_cell("B1", "name")}</row>'


def firm_row(number: int = 2) -> str:
    return f'<row r="{number}">{text_cell(f"A{number}", USCC)}{text_cell(f"B{number}", "示例")}</row>'


def sheet_xml(rows: str, before: str = "", start: str = SHEET_START) -> str:
    return f"{start}{before}<sheetData>{rows}</sheetData></worksheet>"


def handmade(changes: Mapping[str, bytes | str | None] | None = None, **named: bytes | str) -> dict[str, bytes | str]:
    """Return the members of the smallest workbook with one good firm, changed; None leaves a member out."""
    members: dict[str, bytes | str] = {
        "[Content_Types].xml": named.get("content_types", _CONTENT_TYPES),
        "_rels/.rels": _RELATIONS.format(kind="officeDocument", target="xl/workbook.xml"),
        "xl/workbook.xml": named.get("workbook", _WORKBOOK),
        "xl/_rels/workbook.xml.rels": _RELATIONS.format(kind="worksheet", target="worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": named.get("sheet", sheet_xml(header_row() + firm_row())),
    }
    for name, content in (changes or {}).items():
        if content is None:
            del members[name]
        else:
            members[name] = content
    return members


def refusal(path: Path) -> str:
    """Return the words of the refusal, which must not cost ten seconds of anyone's processor."""
    before = os.times()
    with pytest.raises(Refused) as refused:
        read_firms(path)
    after = os.times()
    assert sum(after[:4]) - sum(before[:4]) < 10
    (fault,) = refused.value.faults

    assert path.name == fault.path
    assert "Traceback" not in fault.message
    return fault.message
