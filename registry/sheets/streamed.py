"""Rows of a list as worksheet XML, a thousand at a time, column by column: for lists of a million rows.

What a value becomes is said by `cell_xml`, one cell at a time. Here whole columns of values that are plainly harmless
take a shorter way to the very same cells; any other column goes there cell by cell. Keeps no row.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import islice
from operator import itemgetter
from typing import Any

from xlsxwriter.utility import xl_col_to_name  # type: ignore[import-untyped]

from registry.domain.errors import Refused
from registry.sheets import limits
from registry.sheets.cell_xml import EXACT_DIGITS, FIRST_DAY, cell, serial
from registry.sheets.layout import Style, Written
from registry.sheets.looks import Looks, look_of

_TOGETHER = 1024
_NOTHING = type(None)
_YES_OR_NO = ("否", "是")
_first, _last = itemgetter(0), itemgetter(-1)
# Blanks other than the space are not printable, and so are never plain.
_NOT_PLAIN_AT_FIRST = frozenset("=+-@＝＋－＠' ")
_BEYOND = 10**EXACT_DIGITS


class StreamedRows:
    """The rows of a list under way to a worksheet.

    Attributes:
        last: the number of the last row so far, from 1; the rows begin after the number given as `after`.
    """

    def __init__(self, styles: Sequence[Style], rows: Iterable[Sequence[Written]], after: int = 1) -> None:
        self.last = after
        self._rows = rows
        self._styles = [look_of(style) for style in styles]
        self._letters = [xl_col_to_name(place) for place in range(len(styles))]
        self._days = _Serials()

    def xml(self, looks: Looks, attributes: str = "") -> Iterator[str]:
        """Yield the rows' XML in pieces.

        Raises:
            Refused: more than a workbook can hold, which says to take CSV.
            ValueError: a row that is longer or shorter than the columns.
        """
        rows = iter(self._rows)
        opening = f'<row r="%s"{attributes}>'
        while values := self._next_values(rows):
            count = len(values) // len(self._styles)
            if self.last + count > limits.ROWS:
                raise Refused.at("", f"多于 {limits.ROWS:,} 行，.xlsx 放不下，请导出 CSV (too many rows for .xlsx)")
            numbers = list(map(str, range(self.last + 1, self.last + 1 + count)))
            pieces, parts = [opening], [numbers]
            for place in range(len(self._styles)):
                piece, more = self._column(place, values[place :: len(self._styles)], numbers, looks)
                pieces.append(piece)
                parts.extend(more)
            pieces.append("</row>")
            self.last += count
            yield "".join(map("".join(pieces).__mod__, zip(*parts, strict=True)))

    def _next_values(self, rows: Iterator[Sequence[Written]]) -> list[Written]:
        """Return the values of the next rows one after another; the rows themselves are let go at once."""
        width = len(self._styles)
        values: list[Written] = []
        for row in islice(rows, _TOGETHER):
            if len(row) != width:
                raise ValueError(f"a row of {len(row)} values in a list of {width} columns")
            values += row
        return values

    def _column(
        self, place: int, values: list[Written], numbers: list[str], looks: Looks
    ) -> tuple[str, list[list[str]]]:
        """Return a piece of the row's template, and the texts that its places take in each row."""
        kinds = set(map(type, values))
        has_gaps = _NOTHING in kinds
        kinds.discard(_NOTHING)
        if not kinds:
            return "", []
        present: list[Any] = [value for value in values if value is not None] if has_gaps else values
        look, letters = self._styles[place], self._letters[place]
        texts = self._plain(kinds, present) if len(kinds) == 1 else None
        if texts is None:
            return "%s", [
                [
                    cell(letters, int(number), yes_or_no(value), look, looks)
                    for number, value in zip(numbers, values, strict=True)
                ]
            ]
        kind = kinds.pop()
        if kind in (str, bool):
            piece = f'<c r="{letters}%s"{looks.of_text(look, False)} t="inlineStr"><is><t>%s</t></is></c>'
        else:
            own = looks.of_value(look_of(Style.DATE) if kind is date else look)
            piece = f'<c r="{letters}%s"{own}><v>%s</v></c>'
        if not has_gaps:
            return piece, [numbers, texts]
        each = iter(texts)
        return "%s", [
            [
                "" if value is None else piece % (number, next(each))
                for number, value in zip(numbers, values, strict=True)
            ]
        ]

    def _plain(self, kinds: set[type], values: list[Any]) -> list[str] | None:
        """Return what the cells of one kind hold, or None if any of them needs to be looked at by itself."""
        if kinds == {str}:
            return values if _are_plain(values) else None
        if kinds == {bool}:
            return list(map(_YES_OR_NO.__getitem__, values))
        if kinds == {int}:
            return list(map(str, values)) if max(values) < _BEYOND and min(values) > -_BEYOND else None
        if kinds == {Decimal}:
            texts = list(map(str, values))
            # Fifteen characters hold no more than fifteen digits; E, Infinity and NaN are left to others.
            return texts if max(map(len, texts)) <= EXACT_DIGITS and _are_digits("".join(texts)) else None
        if kinds == {date}:
            return list(map(self._days.__getitem__, values)) if min(values) >= FIRST_DAY else None
        return None


class _Serials(dict[date, str]):
    """The numbers of days, reckoned once each."""

    def __missing__(self, day: date) -> str:
        number = self[day] = str(serial(day))
        return number


def yes_or_no(value: Written) -> Written:
    """Return a truth value as lists show it."""
    return _YES_OR_NO[value] if isinstance(value, bool) else value


def _are_digits(joined: str) -> bool:
    return joined.isascii() and joined.replace(".", "").replace("-", "").isdigit()


def _are_plain(texts: list[str]) -> bool:
    """Say whether none of the texts needs an escape, a guard, its blanks kept, or a refusal."""
    joined = "".join(texts)
    return (
        joined.isprintable()
        and all(texts)
        and "&" not in joined
        and "<" not in joined
        and ">" not in joined
        and "_x" not in joined
        and _NOT_PLAIN_AT_FIRST.isdisjoint(map(_first, texts))
        and not (" " in joined and " " in map(_last, texts))
        and max(map(len, texts)) <= limits.CELL_CHARACTERS
    )
