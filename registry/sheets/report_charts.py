"""Native charts of a report's sheets, with their values kept for programs that do not reckon. Writes no cell."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from registry.sheets.cell_xml import printable
from registry.sheets.layout import Style, Written
from registry.sheets.report_parts import ChartSpec, ReportSheet
from registry.sheets.report_rows import Laid
from registry.sheets.streamed import yes_or_no

_TYPES: dict[str, dict[str, str]] = {
    "column": {"type": "column"},
    "stacked": {"type": "column", "subtype": "stacked"},
    "line": {"type": "line"},
    "bar": {"type": "bar"},
}
# Told apart also by who cannot see red or green (Okabe and Ito).
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#666666")
_MOVES_WITH_CELLS = 2
_WIDTH, _HEIGHT, _BAR_HEIGHT = 760, 380, 24
# A table wider than this, in characters, has its chart below, on the same printed page; a long one beside.
_BESIDE_WIDTH, _BELOW_ROWS = 60, 25
# XlsxWriter takes a title of this form for a reference to a cell.
_REFERENCE = re.compile(r"=?[^!]+![$]?[A-Z]+[$]?[0-9]+")


def add_chart(book: Any, worksheet: Any, sheet: ReportSheet, laid: Laid, widths: Sequence[int]) -> None:
    """Place the chart of a sheet beside its table, or below a wide one; none without rows."""
    if not sheet.chart or not sheet.rows:
        return
    spec = sheet.chart
    chart = book.add_chart(dict(_TYPES[spec.kind]))
    for at, key in enumerate(spec.series):
        chart.add_series(_series(worksheet.name, sheet, spec, laid, key, _COLOURS[at % len(_COLOURS)]))
    title = printable(spec.title)
    chart.set_title(
        {
            "name": title.replace("!", "！") if _REFERENCE.match(title) else title,
            "name_font": {"size": 13},
            "overlay": False,
        }
    )
    chart.set_legend({"none": True} if len(spec.series) == 1 else {"position": "bottom"})
    number_format = _number_format(sheet, spec)
    values = {"num_format": number_format, "major_gridlines": {"visible": True, "line": {"color": "#D9DDE3"}}}
    if spec.kind == "bar":
        # The first row stands on top, as in the table, and the numbers stay below.
        chart.set_y_axis({"reverse": True, "crossing": "max"})
        chart.set_x_axis(values)
    else:
        chart.set_y_axis(values)
    height = max(_HEIGHT, _BAR_HEIGHT * (len(sheet.rows) * len(spec.series) + 4)) if spec.kind == "bar" else _HEIGHT
    chart.set_size({"width": _WIDTH, "height": min(height, 4 * _HEIGHT)})
    if sum(widths) > _BESIDE_WIDTH and len(sheet.rows) <= _BELOW_ROWS:
        row, column = laid.end + 1, 0
        worksheet.fit_to_pages(1, 1)
    else:
        row, column = 1, len(sheet.columns) + 1
    options = {"description": printable(spec.alt_text, 2000), "object_position": _MOVES_WITH_CELLS}
    worksheet.insert_chart(row, column, chart, options)


def _series(name: str, sheet: ReportSheet, spec: ChartSpec, laid: Laid, key: str, colour: str) -> dict[str, Any]:
    place, along = sheet.place_of(key), sheet.place_of(spec.category)
    series: dict[str, Any] = {
        "name": [name, 0, place],
        "name_data": [printable(sheet.columns[place].heading)],
        "categories": [name, 1, along, laid.last - 1, along],
        "categories_data": [_category(row[along]) for row in sheet.rows],
        "values": [name, 1, place, laid.last - 1, place],
        "values_data": [_height(row[place]) for row in sheet.rows],
    }
    if spec.kind == "line":
        return series | {"line": {"color": colour, "width": 2.25}, "marker": {"type": "circle", "size": 5}}
    return series | {"fill": {"color": colour}, "gap": 60}


def _number_format(sheet: ReportSheet, spec: ChartSpec) -> str:
    styles = {sheet.columns[sheet.place_of(key)].style for key in spec.series}
    style = styles.pop() if len(styles) == 1 else Style.NUMBER
    return {Style.SHARE: "0%", Style.MONEY: "#,##0", Style.INTEGER: "#,##0"}.get(style, str(Style.NUMBER))


def _category(value: Written) -> str:
    shown = yes_or_no(value)
    return "" if shown is None else printable(shown.isoformat() if isinstance(shown, date) else str(shown))


def _height(value: Written) -> float | str:
    return float(value) if isinstance(value, int | Decimal) else ""
