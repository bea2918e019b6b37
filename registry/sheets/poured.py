"""Pours rows into the empty sheets of a workbook that XlsxWriter made: its frame, our cells. Knows no list, no value.

XlsxWriter makes everything around the rows (styles, panes, filters, charts, print set-up); the rows come as XML, are
packed on a thread of their own, and are never in memory together.
"""

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from io import BytesIO
from typing import Any, BinaryIO, Self

import xlsxwriter  # type: ignore[import-untyped]

from registry.domain.errors import Refused
from registry.sheets import looks as all_looks
from registry.sheets.looks import Looks

Parts = dict[str, bytes]
Body = Callable[[Looks], Iterable[str]]
_KINDS = "[Content_Types].xml"
_ROWS = re.compile(r"<sheetData(?:/>|>(.*?)</sheetData>)", re.DOTALL)
_DIMENSION = re.compile(r"<dimension [^>]*>")
# Sheets shrink by a tenth more at twice the time above this level.
_LEVEL = 2
# Excel does not open every package with 64-bit headers, so that a part ends where they begin.
_PART_BYTES = 2**31 - 1


class Frame:
    """A workbook of XlsxWriter for what stands around the rows; leaving it makes its parts.

    Attributes:
        book: the workbook, to which sheets are added; they get no cells.
        parts: each part of the package by its name, once the frame was left.
    """

    def __init__(self, title: str = "", author: str = "", created: datetime = all_looks.NO_MOMENT) -> None:
        self._out = BytesIO()
        self.book: Any = xlsxwriter.Workbook(self._out, {"in_memory": True})
        self.parts: Parts = {}
        properties = {"created": created, "title": title, "author": author}
        self.book.set_properties({key: value for key, value in properties.items() if value})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *failure: object) -> None:
        if kind:
            return
        all_looks.register(self.book, self.book.worksheets()[0])
        self.book.close()
        with zipfile.ZipFile(self._out) as package:
            self.parts = {name: package.read(name) for name in package.namelist()}


def pour(out: BinaryIO, frame: Callable[[], Parts], bodies: Sequence[Body]) -> None:
    """Write a workbook: a frame with the rows of each of its sheets.

    Args:
        frame: the parts of the workbook with empty sheets; asked again after the rows, when it may know how many came.
        bodies: the rows of each sheet, in order.

    Raises:
        Refused: a sheet of 2 GiB, which says to take CSV.
    """
    before = frame()
    looks = _looks(before[_sheet_name(1)].decode())
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as package:
        _write(package, _KINDS, [before[_KINDS]])
        for number, body in enumerate(bodies, start=1):
            _write(package, _sheet_name(number), _around(body(looks), frame, _sheet_name(number)))
        written = {_KINDS, *map(_sheet_name, range(1, len(bodies) + 1))}
        for name, content in frame().items():
            if name not in written:
                _write(package, name, [content])


def _sheet_name(number: int) -> str:
    return f"xl/worksheets/sheet{number}.xml"


def _looks(first_sheet: str) -> Looks:
    rows = _ROWS.search(first_sheet)
    return all_looks.registered(rows[1] if rows and rows[1] else "")


def _around(rows: Iterable[str], frame: Callable[[], Parts], name: str) -> Iterator[bytes]:
    head, _, _ = _ROWS.split(frame()[name].decode(), maxsplit=1)
    yield f"{_DIMENSION.sub('', head, count=1)}<sheetData>".encode()
    for xml in rows:
        yield xml.encode()
    _, _, tail = _ROWS.split(frame()[name].decode(), maxsplit=1)
    yield f"</sheetData>{tail}".encode()


def _write(package: zipfile.ZipFile, name: str, pieces: Iterable[bytes]) -> None:
    """Write a part of the package; while one piece is packed the next is made."""
    total = 0
    packed: Future[int] | None = None
    with package.open(name, "w") as part, ThreadPoolExecutor(max_workers=1) as packer:
        for piece in pieces:
            total += len(piece)
            if total > _PART_BYTES:
                raise Refused.at("", "内容超过 2 GiB，.xlsx 放不下，请导出 CSV (too large for .xlsx)")
            if packed:
                packed.result()
            packed = packer.submit(part.write, piece)
        if packed:
            packed.result()
