"""Which kinds of files are taken as evidence: their endings, how large each may be, what people call them. Data."""

from collections.abc import Mapping
from dataclasses import dataclass

MEBIBYTE = 2**20


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file.

    Attributes:
        words: what people call it, Chinese and English.
        endings: of its name, lower case; the first is the usual one.
        most_bytes: how large one may be.
        media_type: as which it is handed out.
        beginning: the bytes that every such file begins with.
    """

    key: str
    words: tuple[str, str]
    endings: tuple[str, ...]
    most_bytes: int
    media_type: str
    beginning: bytes


_OFFICE = "application/vnd.openxmlformats-officedocument."
_ZIP = b"PK\x03\x04"
KINDS: Mapping[str, FileKind] = {
    kind.key: kind
    for kind in (
        FileKind("pdf", ("PDF 文档", "PDF document"), ("pdf",), 20 * MEBIBYTE, "application/pdf", b"%PDF-"),
        FileKind("ofd", ("OFD 版式文件", "OFD document"), ("ofd",), 20 * MEBIBYTE, "application/ofd", _ZIP),
        FileKind("jpeg", ("JPEG 图片", "JPEG picture"), ("jpg", "jpeg"), 10 * MEBIBYTE, "image/jpeg", b"\xff\xd8\xff"),
        FileKind("png", ("PNG 图片", "PNG picture"), ("png",), 10 * MEBIBYTE, "image/png", b"\x89PNG\r\n\x1a\n"),
        FileKind(
            "xlsx", ("Excel 表格", "Excel workbook"), ("xlsx",), 10 * MEBIBYTE, f"{_OFFICE}spreadsheetml.sheet", _ZIP
        ),
        FileKind(
            "docx",
            ("Word 文档", "Word document"),
            ("docx",),
            10 * MEBIBYTE,
            f"{_OFFICE}wordprocessingml.document",
            _ZIP,
        ),
    )
}
# The largest file of any kind.
LARGEST_FILE = max(kind.most_bytes for kind in KINDS.values())
# What is sent at once, and how many files that may be.
LARGEST_UPLOAD = 20 * MEBIBYTE
MOST_AT_ONCE = 20
# Of one firm in all.
MOST_FILES = 200
MOST_BYTES = 500 * MEBIBYTE
_BY_ENDING: Mapping[str, FileKind] = {ending: kind for kind in KINDS.values() for ending in kind.endings}


class Unfit(Exception):
    """A file that is not taken; its text says why and what to do, 中文 (english)."""


def kind_of(ending: str) -> FileKind:
    """Return the kind that a name's ending stands for.

    Raises:
        Unfit: no such kind is taken.
    """
    found = _BY_ENDING.get(ending.lower())
    if found is None:
        taken = "、".join(f".{one}" for one in _BY_ENDING)
        raise Unfit(f"不收这类文件，只收 {taken} (files of this kind are not taken: see the list)")
    return found


def check_outside(kind: FileKind, size: int, beginning: bytes) -> None:
    """Check what can be seen without taking a file apart: its size and how it begins.

    Raises:
        Unfit: it is empty, too large, or something else than its name says.
    """
    if size == 0:
        raise Unfit("文件是空的，请重新选择 (the file is empty)")
    if size > kind.most_bytes:
        most = kind.most_bytes // MEBIBYTE
        raise Unfit(f"{kind.words[0]}不得大于 {most} MB，请压缩或拆分后再传 (at most {most} MB for this kind)")
    if not beginning.startswith(kind.beginning):
        raise Unfit(
            f"内容不是 {kind.words[0]}，请用原来的软件另存后再传，不要只改扩展名 "
            f"(it is no {kind.words[1]}, whatever its name says)"
        )
