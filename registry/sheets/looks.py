"""How cells of a workbook look, by name, and which number of `styles.xml` each look came to. Holds no value."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from registry.sheets.layout import Style

PLAIN, MOMENT = "plain", "moment"
HEADING, HEADING_OF_NUMBERS = "heading", "heading_of_numbers"
TITLE, LABEL, PROSE, NOTE = "title", "label", "prose", "note"
# No clock: the same rows give the same file.
NO_MOMENT = datetime(2000, 1, 1)  # noqa: DTZ001 - the times inside a workbook have no zone
# A text in a column of these stands beside numbers and takes no format of theirs.
_OF_NUMBERS = frozenset((Style.INTEGER, Style.MONEY, Style.NUMBER, Style.SHARE, Style.DATE))
_FORMATS: dict[str, dict[str, Any]] = {
    PLAIN: {},
    **{str(style.name): {"num_format": str(style)} for style in Style},
    MOMENT: {"num_format": "yyyy-mm-dd hh:mm:ss"},
    HEADING: {"bold": True, "bg_color": "#EEF2F6", "bottom": 1},
    TITLE: {"bold": True, "font_size": 14},
    LABEL: {"bold": True, "valign": "top"},
    PROSE: {"text_wrap": True, "valign": "top", "align": "left"},
    NOTE: {"italic": True, "font_color": "#4B5563"},
}
_FORMATS[HEADING_OF_NUMBERS] = _FORMATS[HEADING] | {"align": "right"}
# Days and moments among prose stand where prose does.
_PROSE_OF = {look: f"{PROSE}_{look}" for look in (Style.DATE.name, MOMENT)}
_FORMATS |= {own: _FORMATS[PROSE] | _FORMATS[look] for look, own in _PROSE_OF.items()}
_SUM = {"bold": True, "top": 1, "bg_color": "#F7F8FA"}
_FORMATS |= {f"sum_{style.name}": _SUM | {"num_format": str(style)} for style in Style}
_STYLE_OF_CELL = re.compile(r"<c r=\"A[0-9]+\" s=\"([0-9]+)\"/>")


def look_of(style: Style) -> str:
    """Return the look of a column's cells."""
    return str(style.name)


def heading_look_of(style: Style) -> str:
    """Return the look of a column's heading, which stands above its values."""
    return HEADING_OF_NUMBERS if style in _OF_NUMBERS else HEADING


def sum_look_of(style: Style) -> str:
    """Return the look of a column's cells in a row of sums."""
    return f"sum_{style.name}"


class Looks:
    """The looks of one workbook: for each, the attribute of a cell that asks for it."""

    def __init__(self, numbers: Mapping[tuple[str, bool], str]) -> None:
        self._attributes = {key: f' s="{number}"' if number != "0" else "" for key, number in numbers.items()}

    def of_value(self, look: str) -> str:
        """Return the attribute of a number or a day."""
        return self._attributes[look, False]

    def of_day(self, look: str, look_of_days: str) -> str:
        """Return the attribute of a day or a moment in a column of some look."""
        return self._attributes[_PROSE_OF[look_of_days] if look == PROSE else look_of_days, False]

    def of_text(self, look: str, is_live: bool) -> str:
        """Return the attribute of a text; a live one stays a text when someone edits its cell."""
        return self._attributes[PLAIN if look in _NUMBER_LOOKS else look, is_live]


_NUMBER_LOOKS = frozenset(look_of(style) for style in _OF_NUMBERS)
_ALL = tuple((look, quoted) for look in _FORMATS for quoted in (False, True))


def formats(book: Any, looks: Iterable[str]) -> dict[str, Any]:
    """Return formats of XlsxWriter, for whole columns."""
    return {look: book.add_format(_FORMATS[look]) for look in looks}


def register(book: Any, sheet: Any) -> None:
    """Write every look once down the first column of a sheet, for `registered` to find its number."""
    for row, (look, quoted) in enumerate(_ALL):
        properties = _FORMATS[look] | ({"quote_prefix": True} if quoted else {})
        sheet.write_blank(row, 0, None, book.add_format(properties))


def registered(rows_xml: str) -> Looks:
    """Return the looks of a workbook from the rows that `register` wrote into its first sheet."""
    return Looks(dict(zip(_ALL, _STYLE_OF_CELL.findall(rows_xml), strict=True)))
