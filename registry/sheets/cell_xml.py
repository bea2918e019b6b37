"""What a value becomes inside a worksheet: the XML of one cell. The only place that writes a formula, and only a sum.

A text is always an inline string, whatever it begins with; nothing that a value holds reaches the XML unescaped.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from registry.domain.errors import Refused
from registry.sheets import limits
from registry.sheets.cells import Cell, Unusable
from registry.sheets.csv_text import guarded, is_live
from registry.sheets.layout import Style, Written
from registry.sheets.looks import MOMENT, Looks, look_of

EXACT_DIGITS = 15
# Excel's calendar has a day too many in February 1900; earlier days go as text.
FIRST_DAY = date(1900, 3, 1)
_DAY_ZERO = date(1899, 12, 30).toordinal()
# Beyond it a binary number is infinite.
_MOST_PLACES = 300
_DAY = timedelta(days=1)
_ESCAPE_ALIKE = re.compile("_(?=x[0-9a-fA-F]{4}_)")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_LINES = re.compile("[\t\r\n]+")


def row_of_cells(number: int, cells: Iterable[tuple[str, Cell | Written, str]], looks: Looks) -> str:
    """Return a row of single cells, each with the letters of its column, its value and its look."""
    body = "".join(cell(letters, number, value, look, looks) for letters, value, look in cells)
    return f'<row r="{number}">{body}</row>'


def cell(letters: str, number: int, value: Cell | Written, look: str, looks: Looks) -> str:
    """Return one cell, or nothing for no value.

    Raises:
        Refused: a text longer than a cell holds.
        TypeError: a value that is not exact or not known.
    """
    if value is None or value == "":
        return ""
    place = f'<c r="{letters}{number}"'
    if isinstance(value, bool):
        return f'{place}{looks.of_value(look)} t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | Decimal):
        figure = as_number(value)
        if figure is None:
            return f"{place}{_text(format(Decimal(value), 'f'), number, look, looks)}"
        return f"{place}{looks.of_value(look)}><v>{figure}</v></c>"
    if isinstance(value, datetime):
        if value.tzinfo is None and value.date() >= FIRST_DAY:
            return f"{place}{looks.of_day(look, MOMENT)}><v>{_serial_moment(value)}</v></c>"
    elif isinstance(value, date) and value >= FIRST_DAY:
        return f"{place}{looks.of_day(look, look_of(Style.DATE))}><v>{serial(value)}</v></c>"
    if isinstance(value, str):
        return f"{place}{_text(str.__str__(value), number, look, looks)}"
    if isinstance(value, Unusable):
        return f"{place}{_text(value.shown, number, look, looks)}"
    if isinstance(value, date):
        return f"{place}{_text(value.isoformat(), number, look, looks)}"
    raise TypeError(f"a list holds no {type(value).__name__}: money and shares are Decimal")


def sum_cell(letters: str, number: int, first: int, last: int, total: int | Decimal, look: str, looks: Looks) -> str:
    """Return a cell that adds what is above it, with the sum kept for programs that do not reckon.

    SUBTOTAL leaves other subtotals out, and rows that a filter hides. A sum that Excel cannot hold is a text.
    """
    figure = as_number(total)
    if figure is None:
        return cell(letters, number, total, look, looks)
    formula = f"SUBTOTAL(109,{letters}{first}:{letters}{last})"
    return f'<c r="{letters}{number}"{looks.of_value(look)}><f>{formula}</f><v>{figure}</v></c>'


def as_number(value: int | Decimal) -> str | None:
    """Return a number as a cell holds it; None where Excel, which keeps 15 digits, would change it in silence."""
    number = Decimal(value)
    if not number.is_finite():
        raise TypeError("a list holds no NaN and no infinity")
    if len(number.as_tuple().digits) > EXACT_DIGITS < len(number.normalize().as_tuple().digits):
        return None
    if number.adjusted() > _MOST_PLACES:
        return None
    return str(value) if type(value) is int else format(number, "f")


def serial(day: date) -> int:
    """Return the number by which Excel counts a day."""
    return day.toordinal() - _DAY_ZERO


def _serial_moment(moment: datetime) -> str:
    since_midnight = moment - moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return f"{serial(moment.date()) + since_midnight / _DAY:.15g}"


def _text(text: str, number: int, look: str, looks: Looks) -> str:
    if len(text) > limits.CELL_CHARACTERS:
        raise Refused.at(
            "",
            f"第 {number} 行有单元格超过 {limits.CELL_CHARACTERS:,} 字，.xlsx 放不下，请导出 CSV (cell too long)",
        )
    live = is_live(text)
    # A text that only looks guarded is guarded, because reading takes one apostrophe off.
    inner = escaped(text if live else guarded(text))
    keep = ' xml:space="preserve"' if inner[0].isspace() or inner[-1].isspace() else ""
    return f'{looks.of_text(look, live)} t="inlineStr"><is><t{keep}>{inner}</t></is></c>'


def escaped(text: str) -> str:
    """Return a text as XML holds it, with Excel's own `_x0000_` for characters that XML has none for."""
    # Halves of a character pair cannot be written as UTF-8.
    clean = text.encode("utf-8", "replace").decode("utf-8")
    clean = _NOT_IN_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", _ESCAPE_ALIKE.sub("_x005F_", clean))
    return clean.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def printable(text: str, most: int = 255) -> str:
    """Return a text in one line that XML can hold, for names, titles and properties, where Excel knows no escapes."""
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return _NOT_IN_XML.sub("\ufffd", _LINES.sub(" ", clean))[:most]
