"""Times lists and reports beside XlsxWriter alone with the same cells: `python -m tests.bench.exports`.

Each measurement runs in a process of its own, so that its memory is its own too, and the two take turns, so that a busy
moment of the machine does not fall on one of them alone.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from registry.sheets.layout import CoverLine, ListColumn, Style, Written
from registry.sheets.report import ChartSpec, Report, ReportSheet, TotalRow, write_report
from registry.sheets.writing import write_table
from tests.bench.timing import Timed, repeat

FEW, MANY = 50_000, 1_000_000
_SHEETS, _SHEET_ROWS = 12, 2_000
_RUNS = 3
_MEBIBYTE = 2**20
_FIRST_DAY = date(2020, 1, 1)
COLUMNS = (
    ListColumn("uscc", "统一社会信用代码", width=22),
    ListColumn("name", "企业名称", width=36),
    ListColumn("district", "区市"),
    ListColumn("tier", "梯度"),
    ListColumn("day", "认定日期", Style.DATE),
    ListColumn("employees", "从业人员", Style.INTEGER),
    ListColumn("revenue", "营业收入", Style.MONEY),
    ListColumn("share", "研发占比", Style.SHARE),
    ListColumn("held", "有效"),
    ListColumn("reason", "理由"),
)
_SUMS = ("employees", "revenue")


def rows_of(count: int) -> Iterator[tuple[Written, ...]]:
    """Yield drawn rows of ten columns: texts, a day, numbers, a truth value, and every third reason missing."""
    days = [_FIRST_DAY + timedelta(days) for days in range(2_000)]
    for number in range(count):
        yield (
            f"91370200{number:010d}",
            f"青岛某某精密制造{number}有限公司",
            ("市南区", "市北区", "崂山区")[number % 3],
            "专精特新",
            days[number % 2_000],
            number % 3_000,
            Decimal(number * 137) / 100,
            Decimal(number % 1_000) / 1_000,
            number % 2 == 0,
            f"研发费用占比{number % 77}低于 3%" if number % 3 else None,
        )


def drawn_list(out: Path, count: int) -> None:
    """Draw the rows of a list and write nothing: the part of every other time that is not the writer's."""
    for _ in rows_of(count):
        pass


def ours_list(out: Path, count: int) -> None:
    """Write a list with its cover."""
    write_table(out, "xlsx", "名单", COLUMNS, rows_of(count), [CoverLine("as_of", "截至", date(2025, 12, 31))])


def bare_list(out: Path, count: int) -> None:
    """Write the same list by XlsxWriter."""
    book, formats = _bare_book(out)
    sheet = book.add_worksheet("名单")
    _bare_rows(sheet, formats, rows_of(count))
    book.close()


def ours_report(out: Path, count: int) -> None:
    """Write a report of sheets with sums and charts."""
    rows = list(rows_of(count))
    chart = ChartSpec("column", "从业人员", "uscc", ("employees",), "各企业从业人员")
    sheets = [
        ReportSheet(f"第{number}表", COLUMNS, rows, TotalRow("合计", _SUMS), chart=chart if number % 2 else None)
        for number in range(_SHEETS)
    ]
    cover = [CoverLine("as_of", "截至", date(2025, 12, 31))]
    write_report(out, Report("年度统计", cover, [("存量", "截至日有效")], sheets, datetime(2026, 1, 5, tzinfo=UTC)))


def bare_report(out: Path, count: int) -> None:
    """Write the same cells by XlsxWriter, without charts and cover."""
    rows = list(rows_of(count))
    book, formats = _bare_book(out)
    for number in range(_SHEETS):
        sheet = book.add_worksheet(f"第{number}表")
        _bare_rows(sheet, formats, iter(rows))
        for place, letter in ((5, "F"), (6, "G")):
            total = sum(row[place] for row in rows)  # type: ignore[misc]
            sheet.write_formula(count + 1, place, f"=SUBTOTAL(109,{letter}2:{letter}{count + 1})", None, float(total))
    book.close()


def _bare_book(out: Path) -> tuple[Any, list[Any]]:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(str(out), options)
    return book, [book.add_format({"num_format": str(column.style)}) for column in COLUMNS]


def _bare_rows(sheet: Any, formats: list[Any], rows: Iterator[tuple[Written, ...]]) -> None:
    for place, column in enumerate(COLUMNS):
        sheet.write_string(0, place, column.heading)
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, place, value, formats[place])
            elif isinstance(value, bool):
                sheet.write_string(number, place, "是" if value else "否", formats[place])
            elif isinstance(value, int | Decimal):
                sheet.write_number(number, place, float(value), formats[place])
            elif isinstance(value, date):
                sheet.write_datetime(number, place, value, formats[place])


_DEEDS = {deed.__name__: deed for deed in (drawn_list, ours_list, bare_list, ours_report, bare_report)}


def main() -> None:
    """Measure everything and print it."""
    say = sys.stdout.write
    asked = [("list", FEW, True), ("report", _SHEET_ROWS, True), ("list", MANY, False)]
    say(f"\n{'exports (.xlsx)':<34}{'best s':>9}{'median s':>10}{'cpu s':>8}{'peak MiB':>10}\n")
    goals = []
    for kind, count, has_peer in asked:
        ours, bare = _measured(kind, count, has_peer)
        cells = f"{kind}, {_SHEETS if kind == 'report' else 1} × {count:,} × {len(COLUMNS)}"
        say(_line(cells, ours))
        if bare:
            say(_line("  the same cells, XlsxWriter", bare))
            goals.append((f"{kind} : XlsxWriter, time", ours.best / bare.best, 1.3, "×"))
        else:
            say(_line("  drawing these rows alone", _joined([_in_child("drawn_list", count) for _ in range(_RUNS)])))
            goals.append((f"list of {count:,} rows, time", ours.best, 12, "s"))
            goals.append((f"list of {count:,} rows, memory", ours.peak / _MEBIBYTE, 200, "MiB"))
    for what, measured, most, unit in goals:
        met = "met" if measured <= most else "NOT MET"
        say(f"{what:<34}{measured:>9,.2f} {unit:<4} ≤ {most:,} {unit}  {met}\n")


def _measured(kind: str, count: int, has_peer: bool) -> tuple[Timed, Timed | None]:
    ours, bare = [], []
    for _ in range(_RUNS):
        ours.append(_in_child(f"ours_{kind}", count))
        if has_peer:
            bare.append(_in_child(f"bare_{kind}", count))
    return _joined(ours), _joined(bare) if bare else None


def _joined(turns: list[Timed]) -> Timed:
    return Timed(
        [second for turn in turns for second in turn.seconds],
        [second for turn in turns for second in turn.cpu],
        turns[0].held,
        max(turn.peak for turn in turns),
    )


def _in_child(deed: str, count: int) -> Timed:
    command = [sys.executable, "-m", "tests.bench.exports", deed, str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{deed} failed:\n{done.stderr}")
    return Timed(**json.loads(done.stdout.splitlines()[-1]))


def _line(what: str, timed: Timed) -> str:
    peak = timed.peak / _MEBIBYTE
    return f"{what:<34}{timed.best:>9.2f}{timed.median:>10.2f}{min(timed.cpu):>8.2f}{peak:>10,.0f}\n"


def _once(deed: str, count: int) -> Timed:
    """Time one run in this process, warmed up by a short one."""
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "a.xlsx"
        _DEEDS[deed](out, 100)
        first = True

        def run(_: object) -> None:
            nonlocal first
            if not first:
                _DEEDS[deed](out, count)
            first = False

        return repeat(run, 1)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.stdout.write(json.dumps(asdict(_once(sys.argv[1], int(sys.argv[2])))))
    else:
        main()
