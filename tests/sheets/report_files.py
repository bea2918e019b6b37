"""Writes the reports that tests look into, and reads them back by other means than those that wrote them."""

import re
import zipfile
from decimal import Decimal
from io import BytesIO
from typing import Any
from xml.parsers.expat import ParserCreate

from python_calamine import CalamineWorkbook

from registry.sheets.report import Report, write_report


def written(report: Report) -> bytes:
    buffer = BytesIO()
    write_report(buffer, report)
    return buffer.getvalue()


def parts_of(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(BytesIO(content)) as package:
        assert package.testzip() is None
        parts = {name: package.read(name).decode() for name in package.namelist()}
    for xml in parts.values():
        ParserCreate().Parse(xml, True)
    return parts


def sheet_of(content: bytes, number: int = 2) -> str:
    return parts_of(content)[f"xl/worksheets/sheet{number}.xml"]


def cells_of(content: bytes, index: int = 1) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(index).to_python()


def formulas(sheet: str) -> dict[str, tuple[str, Decimal]]:
    found = re.findall(r'<c r="([A-Z]+[0-9]+)"[^>]*><f>([^<]*)</f><v>([^<]*)</v></c>', sheet)
    assert len(found) == len(re.findall(r"<f[\s>]", sheet))
    return {place: (formula, Decimal(value)) for place, formula, value in found}
