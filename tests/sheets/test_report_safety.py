"""What a firm writes into a name stays a name in every place of a report: no formula but our sums, no link."""

import csv
import re
from datetime import UTC, datetime
from io import BytesIO, StringIO

import pytest
from report_files import cells_of, formulas, parts_of, written
from test_formula_injection import FORMULA_STARTS, PAYLOADS

from registry.sheets.csv_text import unguarded
from registry.sheets.layout import CoverLine, ListColumn, Style
from registry.sheets.report import ChartSpec, Report, ReportSheet, TotalRow, write_sheet

CREATED = datetime(2026, 1, 5, tzinfo=UTC)
MORE = (
    "<r></is></c><c r='Z9'><f>1+1</f><v>2</v></c><c><is></r>",
    "=Sheet1!$A$1",
    "a!A1",
    '&A&P&"x"',
    "\x00\x0b\x1f",
    "\ud800",
    "\ufffe\uffff",
    "_x0041_",
    "x" * 300,
    "&G",
)


def everywhere(payload: str) -> Report:
    columns = [ListColumn("a", payload), ListColumn("n", payload, Style.INTEGER), ListColumn("b", "乙")]
    rows = [(payload, 1, payload), (payload, 2, None), ("x", 3, payload)]
    chart = ChartSpec("bar", payload, "a", ("n",), payload)
    return Report(
        payload,
        [CoverLine("k", payload, payload)],
        [(payload, payload)],
        [
            ReportSheet(payload, columns, rows, TotalRow(payload, ("n",)), chart=chart, note=payload),
            ReportSheet(payload, columns, rows, TotalRow(payload, ("n",)), subtotal_by="a", note=payload),
        ],
        CREATED,
        payload,
    )


@pytest.mark.parametrize("payload", [*PAYLOADS, *MORE])
def test_nothing_runs_whatever_stands_wherever(payload: str) -> None:
    content = written(everywhere(payload))
    parts = parts_of(content)
    sheets = [xml for name, xml in parts.items() if name.startswith("xl/worksheets/sheet")]

    assert [len(formulas(xml)) for xml in sheets] == [0, 1, 3]
    for xml in sheets:
        assert not re.search(r"<hyperlink|t=\"str\"|<oleObject|<r>|<script", xml)
        for formula, _ in formulas(xml).values():
            assert re.fullmatch(r"SUBTOTAL\(109,B[0-9]+:B[0-9]+\)", formula)
    assert not [name for name in parts if "externalLink" in name or "connections" in name or name.endswith(".bin")]
    assert 'TargetMode="External"' not in "".join(parts.values())
    # What charts refer to: the headings, categories and values of their own sheet.
    references = re.findall(r"<c:f>(.*?)</c:f>", parts["xl/charts/chart1.xml"], re.DOTALL)
    assert [reference.rpartition("!")[2] for reference in references] == ["$B$1", "$A$2:$A$4", "$B$2:$B$4"]
    assert len({reference.rpartition("!")[0] for reference in references}) == 1


@pytest.mark.parametrize("payload", PAYLOADS)
def test_texts_come_back_as_they_were(payload: str) -> None:
    cells = cells_of(written(everywhere(payload)))
    # Line ends inside a cell are the reader's to fold.
    wanted = payload.replace("\r\n", "\n").replace("\r", "\n")

    for cell in (cells[0][0], cells[1][0], cells[1][2]):
        assert unguarded(cell).replace("\r\n", "\n").replace("\r", "\n") == wanted


@pytest.mark.parametrize("payload", [text for text in PAYLOADS if text[0] in FORMULA_STARTS])
def test_a_live_text_stays_a_text_when_it_is_edited(payload: str) -> None:
    parts = parts_of(written(everywhere(payload)))
    formats = re.findall(r"<xf [^>]*>", parts["xl/styles.xml"].partition("<cellXfs")[2])
    cells = re.findall(r'<c r="[AC][1-5]" s="([0-9]+)" t="inlineStr"', parts["xl/worksheets/sheet2.xml"])
    quoted = [cell for cell in cells if 'quotePrefix="1"' in formats[int(cell)]]

    # Two headings, two and three values less one harmless, the label: all but “x” and “乙”.
    assert len(cells) - len(quoted) == 2


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_sheet_as_csv_runs_nothing(payload: str) -> None:
    buffer = BytesIO()
    write_sheet(buffer, "csv", everywhere(payload).sheets[0])
    for line in csv.reader(StringIO(buffer.getvalue().decode("utf-8-sig"), newline=""), strict=True):
        for cell in line:
            assert not cell.lstrip(" \u00a0\u3000\ufeff\u200b").startswith(tuple(FORMULA_STARTS))
