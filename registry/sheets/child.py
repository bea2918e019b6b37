"""Parses one workbook in a process of its own: bytes on standard input, JSON lines on standard output.

The parser kills its process on some legal files and can be made to ask for any amount of memory; here that
harms nobody. Run as `python -m registry.sheets.child`, never imported by the rest of the program.

The first line is `{"sheet", "others"}` or `{"refused": why}`; every other line is
`[row number, [cells]]`, and the last is `"end"`, without which the parent takes the child for dead.
A cell is text, a number of at most 15 significant digits, true or false, `{"day"}`, `{"moment"}` or `{"bad", "why"}`.
"""

import json
import math
import re
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import python_calamine

from registry.sheets import limits
from registry.sheets.headings import USCC_HEADINGS, plain
from registry.sheets.jail import confine
from registry.sheets.preflight import Unfit, has_declarations, open_package, read_part

_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*)(?<!/)>(.*?)</(?:\w+:)?c\s*>", re.DOTALL)
_REFERENCE = re.compile(rb"\br\s*=\s*[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_STATES_VALUE = re.compile(rb"<(?:\w+:)?(?:v|is)[\s/>]")
_IS_ERROR = re.compile(rb"\bt\s*=\s*[\"']e[\"']")
_STATED_ERROR = re.compile(rb"<(?:\w+:)?v\s*>([^<]*)<")
_DDE = re.compile(rb"<(?:\w+:)?f\b[^>]*>=?[^<\"&]*[\w)]\s*\|\s*['\w]")
# Row number, from 1, to (column, from 0, and the cell).
BadCells = dict[int, list[tuple[int, dict[str, str]]]]
_EXACT_FLOAT = 10.0**15


def main() -> int:
    """Read standard input, write the rows; exit 0 when the answer is complete."""
    confine(limits.CHILD_MEMORY_BYTES, limits.CHILD_CPU_SECONDS)
    out = sys.stdout
    try:
        for line in _answer(sys.stdin.buffer.read(limits.FILE_BYTES + 1)):
            out.write(json.dumps(line, ensure_ascii=False, separators=(",", ":"), default=_tagged) + "\n")
    except Unfit as unfit:
        out.write(json.dumps({"refused": str(unfit)}, ensure_ascii=False) + "\n")
    out.write('"end"\n')
    out.flush()
    return 0


def _answer(content: bytes) -> Iterator[Any]:
    package = open_package(content)
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(BytesIO(content))
        sheet, others = _chosen_sheet(workbook)
    except python_calamine.PasswordError:
        raise Unfit("文件已加密 (encrypted)：请取消密码后再存") from None
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise Unfit(f"不是可读的 .xlsx（{error}）(unreadable)：请在 Excel 中打开并重新另存") from None
    left = sheet.start[1] if sheet.start else 0
    bad = _bad_cells(package, sheet.name)
    _add_covered_cells(bad, sheet.merged_cell_ranges or ())
    yield {"sheet": sheet.name, "others": others}
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        row = [""] * left + [cell if type(cell) is str else _written(cell) for cell in cells]
        for column, cell in bad.get(number, ()):
            row.extend([""] * (column + 1 - len(row)))
            row[column] = cell
        while row and row[-1] == "":
            row.pop()
        if len(row) > limits.COLUMNS:
            raise Unfit(f"第 {number} 行多于 {limits.COLUMNS} 列 (too many columns)：请删除表格右侧多余的列")
        if row:
            yield [number, row]


def _chosen_sheet(workbook: Any) -> tuple[Any, list[str]]:
    """Return the first visible sheet whose first row names the credit code, or else the first one."""
    visible = [
        about.name
        for about in workbook.sheets_metadata
        if about.typ == python_calamine.SheetTypeEnum.WorkSheet
        and about.visible == python_calamine.SheetVisibleEnum.Visible
    ][: limits.SHEETS]
    if not visible:
        raise Unfit("工作簿内没有可见的工作表 (no visible sheet)")
    first = None
    for name in visible:
        sheet = workbook.get_sheet_by_name(name)
        header: list[Any] = next(sheet.iter_rows(), [])
        if any(isinstance(cell, str) and plain(cell) in USCC_HEADINGS for cell in header):
            return sheet, [other for other in visible if other != name]
        first = first or sheet
    return first, visible[1:]


def _written(cell: Any) -> Any:
    """Return a number as Excel shows it, to 15 significant digits; leave the rest to `_tagged`."""
    if type(cell) is not float:
        return cell
    if cell.is_integer() and -_EXACT_FLOAT < cell < _EXACT_FLOAT:
        return int(cell)
    if not math.isfinite(cell):
        return {"bad": str(cell), "why": "不是数 (not a number)"}
    shown = float(f"{cell:.15g}")
    return int(shown) if shown.is_integer() and -_EXACT_FLOAT < shown < _EXACT_FLOAT else shown


def _tagged(value: object) -> dict[str, str]:
    if isinstance(value, datetime):
        return {"moment": value.isoformat(sep=" ", timespec="seconds")}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return {"bad": str(value), "why": "是时间而不是日期 (a time of day)"}


def _add_covered_cells(bad: BadCells, merged: Any) -> None:
    """Mark the cells that a merged cell covers: they look filled to a person and are empty to a program."""
    rows_left = limits.MERGED_ROWS
    for (first_row, first_column), (last_row, last_column) in merged:
        rows_left -= last_row - first_row + 1
        if rows_left < 0:
            raise Unfit("合并单元格过多 (too many merged cells)：请取消合并并在每一行填写")
        cell = {"bad": "", "why": "是合并单元格的一部分 (part of a merged cell)：请取消合并并在每一格填写"}
        for row in range(first_row, last_row + 1):
            columns = range(first_column, min(last_column + 1, limits.COLUMNS))
            bad.setdefault(row + 1, []).extend(
                (column, cell) for column in columns if (row, column) != (first_row, first_column)
            )


def _bad_cells(package: zipfile.ZipFile, sheet_name: str) -> BadCells:
    """Find the cells that the parser gives as empty though they are not: errors, and formulas never computed."""
    xml = read_part(package, _sheet_part(package, sheet_name), limits.MEMBER_BYTES)
    if has_declarations(xml):
        raise Unfit("工作簿内含 DTD 或实体声明 (DTD or entities)：不是 Excel 所存的 .xlsx")
    found: BadCells = {}
    # Most lists have neither; finding that out must not cost what parsing them costs.
    if not any(mark in xml for mark in (b"<f", b":f", b'"e"', b"'e'")):
        return found
    if _DDE.search(xml):
        raise Unfit("公式调用外部程序 (DDE)：请删除该公式后再存")
    for match in _CELL.finditer(xml):
        attributes, inside = match.groups()
        is_error = _IS_ERROR.search(attributes)
        if not is_error and (_STATES_VALUE.search(inside) or not _FORMULA.search(inside)):
            continue
        where = _REFERENCE.search(attributes)
        stated = _STATED_ERROR.search(inside)
        shown = stated.group(1).decode("utf-8", "replace") if stated else "(公式)"
        why = (
            f"公式结果为错误值 {shown} (an error value)"
            if is_error
            else "公式没有计算结果 (formula not computed)：请在 Excel 中打开并保存一次"
        )
        if where is None:
            raise Unfit(f"表中有单元格：{why}")
        column = 0
        for letter in where.group(1):
            column = column * 26 + letter - ord("A") + 1
        if column <= limits.COLUMNS:
            found.setdefault(int(where.group(2)), []).append((column - 1, {"bad": shown, "why": why}))
    return found


def _sheet_part(package: zipfile.ZipFile, sheet_name: str) -> str:
    """Return the name of the part that holds a sheet."""
    names = {name.lower(): name for name in package.namelist()}
    workbook = _small_part(package, names, "xl/workbook.xml")
    relations = _small_part(package, names, "xl/_rels/workbook.xml.rels")
    sheets = (node for node in workbook.iter() if node.tag.endswith("}sheet") and node.get("name") == sheet_name)
    identifier = next((value for node in sheets for key, value in node.items() if key.endswith("}id")), "")
    target = next((node.get("Target", "") for node in relations if node.get("Id") == identifier), "")
    part = names.get((target if target.startswith("/") else f"/xl/{target}")[1:].lower())
    if part is None:
        raise Unfit("工作簿结构不完整 (sheet part missing)：请在 Excel 中打开并重新另存")
    return part


def _small_part(package: zipfile.ZipFile, names: dict[str, str], name: str) -> ElementTree.Element:
    try:
        # Declarations were refused when the package was opened, so nothing expands here.
        return ElementTree.fromstring(read_part(package, names.get(name, name), limits.SMALL_PART_BYTES))  # noqa: S314
    except ElementTree.ParseError:
        raise Unfit("工作簿结构不完整 (unreadable workbook part)：请在 Excel 中打开并重新另存") from None


if __name__ == "__main__":
    sys.exit(main())
