"""Judges an .xlsx package by its directory and its small parts before anything parses it. Unpacks no sheet.

Runs in the child process (registry.sheets.child): what it reads is hostile until it has passed.
"""

import re
import struct
import zipfile
from io import BytesIO
from typing import NoReturn

from registry.sheets import limits

_DAMAGED = "文件已损坏或不完整，不是可读的 .xlsx (damaged or truncated)：请在 Excel 中打开并重新另存"
_END_OF_DIRECTORY = b"PK\x05\x06"
_ENCRYPTED = 0x1
_ACTIVE_PARTS = (
    ("vbaproject", "含宏 (VBA macros)：请另存为不含宏的 .xlsx"),
    ("xl/macrosheets/", "含宏表 (macro sheets)：请另存为不含宏的 .xlsx"),
    ("xl/externallinks/", "含指向其他文件的链接或 DDE (external links)：请在“数据—编辑链接”中断开链接后再存"),
    ("xl/connections", "含外部数据连接 (data connections)：请删除连接后再存"),
    ("xl/embeddings/", "含嵌入的文件或对象 (embedded objects)：请删除后再存"),
    ("xl/activex/", "含 ActiveX 控件 (ActiveX controls)：请删除后再存"),
)
_NESTED = (".zip", ".xlsx", ".xlsm", ".xls", ".docx", ".rar", ".7z", ".exe", ".dll", ".js", ".html")
_WORKBOOK = re.compile(rb"spreadsheetml\.sheet\.main\+xml")
_MACRO_ENABLED = re.compile(rb"macroEnabled", re.IGNORECASE)
_DECLARATIONS = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_DIMENSION = re.compile(rb"<(?:\w+:)?dimension\s[^>]*?ref\s*=\s*[\"']([^\"']*)[\"']")
_LAST_CELL = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})\Z")


class Unfit(Exception):
    """A workbook that must not be parsed; its text says why and what to do."""


def _refuse(message: str) -> NoReturn:
    raise Unfit(message)


def open_package(content: bytes) -> zipfile.ZipFile:
    """Return the package of a workbook that is safe to hand to the parser, under the child's own limits.

    Raises:
        Unfit: not a workbook, or one that is damaged, oversized, active or misleading.
    """
    _check_end(content)
    try:
        package = zipfile.ZipFile(BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, UnicodeError):
        _refuse(_DAMAGED)
    members = [member for member in package.infolist() if not member.is_dir()]
    _check_names([member.filename for member in package.infolist()])
    _check_sizes(members, len(content))
    _check_kind(package, members)
    for member in members:
        if member.filename.lower().endswith((".xml", ".rels", ".vml")):
            _check_prologue(package, member)
    return package


def read_part(package: zipfile.ZipFile, name: str | zipfile.ZipInfo, most_bytes: int) -> bytes:
    """Return the beginning of a part, at most so many bytes."""
    try:
        with package.open(name) as part:
            return part.read(most_bytes)
    except KeyError:
        return b""
    except Exception as error:
        # zlib.error derives from Exception alone, and a damaged package can raise nearly anything.
        raise Unfit(_DAMAGED) from error


def _check_end(content: bytes) -> None:
    """Check the end of the package: one archive, from the first byte to the last, with a bounded directory."""
    place = content.rfind(_END_OF_DIRECTORY)
    if not content.startswith(b"PK\x03\x04") or place < 0 or len(content) < place + 22:
        _refuse(_DAMAGED)
    total, directory_bytes, offset, comment_bytes = struct.unpack("<H2LH", content[place + 10 : place + 22])
    directory_end = place
    # Java programs that stream large lists always write the 64-bit record and its locator as well.
    if content[max(0, place - 76) : place].startswith(b"PK\x06\x06"):
        directory_end = place - 76
        total, directory_bytes, offset = struct.unpack("<3Q", content[place - 44 : place - 20])
    if total > limits.MEMBERS or directory_bytes > limits.DIRECTORY_BYTES:
        _refuse(f"压缩包内多于 {limits.MEMBERS:,} 个文件，不是普通的表格 (too many members)")
    if offset + directory_bytes != directory_end or place + 22 + comment_bytes != len(content):
        _refuse("压缩包前后夹带其他内容 (not a plain .xlsx)：请在 Excel 中打开并重新另存")


def _check_names(names: list[str]) -> None:
    folded = [name.replace("\\", "/").lower() for name in names]
    for name, plain in zip(names, folded, strict=True):
        parts = plain.split("/")
        if plain.startswith("/") or ".." in parts or ":" in plain or not name.isprintable() or len(name) > 255:
            _refuse("压缩包内有指向包外的文件名 (unsafe member name)：不是 Excel 所存的 .xlsx")
        for mark, message in _ACTIVE_PARTS:
            if mark in plain:
                _refuse(message)
        if plain.endswith(_NESTED):
            _refuse("压缩包内还有其他文件 (nested archive or program)：请只上传表格本身")
    if len(set(folded)) != len(folded):
        _refuse("压缩包内有重名文件 (duplicate members)：请在 Excel 中打开并重新另存")


def _check_sizes(members: list[zipfile.ZipInfo], file_bytes: int) -> None:
    if len(members) > limits.MEMBERS:
        _refuse(f"压缩包内多于 {limits.MEMBERS:,} 个文件，不是普通的表格 (too many members)")
    if any(member.flag_bits & _ENCRYPTED for member in members):
        _refuse("文件已加密 (encrypted)：请取消密码后再存")
    # Members that share bytes let a small file claim a large one many times over.
    if sum(member.compress_size for member in members) > file_bytes:
        _refuse("压缩包内文件互相重叠 (overlapping members)：不是 Excel 所存的 .xlsx")
    too_large = sum(member.file_size for member in members) > limits.UNPACKED_BYTES
    for member in members:
        packed_too_well = member.file_size > limits.RATIO * max(1, member.compress_size)
        too_large |= member.file_size > limits.MEMBER_BYTES
        too_large |= packed_too_well and member.file_size > limits.RATIO_APPLIES_FROM_BYTES
    if too_large:
        _refuse(
            f"解压后过大（限 {limits.UNPACKED_BYTES // limits.MEBIBYTE} MiB，压缩比限 {limits.RATIO}）："
            "请删去多余的行列或拆成几份 (unpacks to too much)"
        )


def _check_kind(package: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> None:
    names = {member.filename for member in members}
    if "[Content_Types].xml" not in names:
        _refuse("不是 .xlsx 工作簿，只是改了扩展名的压缩包 (not a workbook)：请在 Excel 中另存为 .xlsx")
    kinds = read_part(package, "[Content_Types].xml", limits.SMALL_PART_BYTES)
    if _MACRO_ENABLED.search(kinds):
        _refuse("是启用宏的工作簿 (macro-enabled)：请另存为不含宏的 .xlsx")
    if not _WORKBOOK.search(kinds):
        _refuse("不是 .xlsx 工作簿 (not a workbook)：请在 Excel 中另存为 .xlsx")


def _check_prologue(package: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Check that a part declares no entities and, if it is a sheet, that it is not said to reach too far."""
    is_sheet = "worksheets/" in member.filename.lower()
    most = limits.PROLOGUE_BYTES if is_sheet or member.file_size > limits.SMALL_PART_BYTES else member.file_size
    head = read_part(package, member, most)
    # In UTF-16 the marks below would be spelled with zero bytes between them.
    if b"\0" in head[:256] or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        _refuse("工作簿内部编码不是 UTF-8 (not UTF-8 inside)：请在 Excel 中打开并重新另存")
    if has_declarations(head):
        _refuse("工作簿内含 DTD 或实体声明 (DTD or entities)：不是 Excel 所存的 .xlsx")
    stated = _DIMENSION.search(head) if is_sheet else None
    if stated:
        _check_dimension(stated.group(1).decode("ascii", "replace"))


def has_declarations(xml: bytes) -> bool:
    """Say whether a part declares a document type or entities, which Excel never does."""
    return b"<!" in xml and _DECLARATIONS.search(xml) is not None


def _check_dimension(reference: str) -> None:
    last = _LAST_CELL.match(reference.split(":")[-1].upper())
    if last is None:
        return
    columns = 0
    for letter in last.group(1):
        columns = columns * 26 + ord(letter) - ord("A") + 1
    if columns * int(last.group(2)) > limits.CELLS:
        _refuse(
            f"工作表伸展到 {last.group(0)}，太大 (the sheet reaches too far)：请删除表格右侧和下方的空白行列后重新保存"
        )
