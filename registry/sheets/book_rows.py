"""Reads the books: the lists of `import titles` and `import scale`. Derives no event; registry.work does that."""

from collections.abc import Callable, Hashable, Mapping
from datetime import date
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

from marshmallow import Schema, ValidationError, fields, post_load, validates_schema

from registry.domain.codes import ENTRY_WORDS, EXIT_REASONS, KIND_WORDS, TIER_WORDS
from registry.domain.facts import FIRST_YEAR, LAST_YEAR, Fact, Kind
from registry.domain.firms import ScaleRow, TitleRow
from registry.sheets.cells import Cell, Wrong, check_usable, is_blank
from registry.sheets.headings import SCALE_HEADINGS, TITLE_HEADINGS, list_column
from registry.sheets.reading import ListReader, Reading, add_repeats
from registry.sheets.table import read_table
from registry.sheets.values import DISTRICT, NAME, read_cell, read_day, read_uscc, read_word

BookRow = TypeVar("BookRow", TitleRow, ScaleRow)
_TEXT = Fact("text", Kind.TEXT, "文字", "Text")
_SHORT_TIERS = {"创新型": "innovative", "专精特新": "specialized", "小巨人": "little_giant", "规上": "above_scale"}


def _tier(cell: Cell) -> str:
    tier = read_word(TIER_WORDS, cell, _SHORT_TIERS)
    if tier == "above_scale":
        raise Wrong("规上企业不是梯度称号，请用规上名单导入 (above-scale belongs to `import scale`)")
    return tier


def _day(cell: Cell) -> date:
    day = read_day(cell)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Wrong(f"年份应在 {FIRST_YEAR}–{LAST_YEAR} 之间 (year out of range)")
    return day


class CellField(fields.Field[Any]):
    """A column of a book, read by one of the readers of cells."""

    def __init__(self, read: Callable[[Cell], Any], *, required: bool = False, load_default: Any = None) -> None:
        if required:
            super().__init__(required=True, error_messages={"required": "必填 (required)"})
        else:
            super().__init__(load_default=load_default)
        self._read = read

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            check_usable(value)
            return self._read(value)
        except Wrong as wrong:
            raise ValidationError(str(wrong)) from None


class _BookSchema(Schema):
    uscc = CellField(read_uscc, required=True)
    name = CellField(lambda cell: read_cell(NAME, cell), required=True)
    district = CellField(lambda cell: read_cell(DISTRICT, cell), required=True)
    source = CellField(lambda cell: read_cell(_TEXT, cell), load_default="")


class TitleSchema(_BookSchema):
    """A row of `import titles` (contract §3)."""

    tier = CellField(_tier, required=True)
    kind = CellField(lambda cell: read_word(KIND_WORDS, cell), required=True)
    recognised_on = CellField(_day, required=True)
    valid_until = CellField(_day)
    batch = CellField(lambda cell: read_cell(_TEXT, cell), load_default="")

    @validates_schema
    def _ends_after_it_begins(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["valid_until"] and data["valid_until"] < data["recognised_on"]:
            raise ValidationError("有效期至早于公告日期 (ends before it begins)", "valid_until")

    @post_load
    def _row(self, data: dict[str, Any], **kwargs: Any) -> TitleRow:
        return TitleRow(**data)


class ScaleSchema(_BookSchema):
    """A row of `import scale` (contract §3)."""

    entered_on = CellField(_day, required=True)
    entry = CellField(lambda cell: read_word(ENTRY_WORDS, cell), required=True)
    exited_on = CellField(_day)
    exit_reason = CellField(lambda cell: read_word(EXIT_REASONS, cell))

    @validates_schema
    def _leaves_after_it_enters(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["exited_on"] and data["exited_on"] < data["entered_on"]:
            raise ValidationError("退库日期早于入库日期 (left before it entered)", "exited_on")
        if data["exit_reason"] and not data["exited_on"]:
            raise ValidationError("有退库原因却没有退库日期 (reason without a day)", "exit_reason")

    @post_load
    def _row(self, data: dict[str, Any], **kwargs: Any) -> ScaleRow:
        return ScaleRow(**data)


def read_titles(path: Path | str) -> Reading[TitleRow]:
    """Read a list of titles, .xlsx or .csv, one row a title.

    Raises:
        Refused: the file as a whole cannot be read; faults of single cells are in the reading.
    """
    return _read_book(path, TitleSchema(), TITLE_HEADINGS, lambda row: (row.uscc, row.tier, row.recognised_on))


def read_scale(path: Path | str) -> Reading[ScaleRow]:
    """Read a list of stays among the above-scale firms, .xlsx or .csv, one row a stay.

    Raises:
        Refused: the file as a whole cannot be read; faults of single cells are in the reading.
    """
    return _read_book(path, ScaleSchema(), SCALE_HEADINGS, lambda row: (row.uscc, row.entered_on))


def _read_book(
    path: Path | str, schema: Schema, headings: Mapping[str, str], key_of: Callable[[BookRow], tuple[Hashable, ...]]
) -> Reading[BookRow]:
    required = {key: headings[key] for key, field in schema.fields.items() if field.required}
    reader = ListReader(read_table(path), list_column(headings), required)
    found: dict[tuple[Hashable, ...], dict[int, BookRow]] = {}
    for number, cells in reader.rows() if reader.has_uscc else ():
        stated = {column.key: cells[index] for index, column in reader.columns.items() if not is_blank(cells[index])}
        try:
            row: BookRow = schema.load(stated)
        except ValidationError as refused:
            for key, messages in refused.messages_dict.items():
                # A column that is missing altogether has its fault in the header row already.
                if (key, None) in reader.places:
                    reader.add(number, reader.place_of(key), stated.get(key, ""), "；".join(messages))
            continue
        found.setdefault(key_of(row), {})[number] = row
    for shared, rows in found.items():
        told = " ".join(map(str, shared))
        add_repeats(
            reader,
            [(number, told, row) for number, row in rows.items()],
            reader.place_of("uscc"),
            lambda numbers: f"第 {numbers} 行是同一条记录而内容不同，只能保留一行 (same key, other content)",
        )
    return reader.reading(sorted((entry for rows in found.values() for entry in rows.items()), key=itemgetter(0)))
