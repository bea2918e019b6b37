"""Judges a zip package, office document or OFD, by its directory, then unpacks it part by part. Within the child only.

One archive from the first byte to the last; plain files, each once, all inside; not too many, not too large.
"""

import re
import stat
import struct
import zipfile
from collections.abc import Iterator
from io import BytesIO

from registry.evidence.kinds import MEBIBYTE, Unfit

MOST_MEMBERS = 2_000
_DIRECTORY_BYTES = MEBIBYTE
_MEMBER_BYTES = 128 * MEBIBYTE
_UNPACKED_BYTES = 256 * MEBIBYTE
# As in registry.sheets.limits: repetitive sheets pack 30 to 60 to one; small members may pack as they like.
_RATIO = 100
_RATIO_FROM_BYTES = 4 * MEBIBYTE
_END_OF_DIRECTORY = b"PK\x05\x06"
_ENCRYPTED = 0x1
_DECLARED = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_LONGEST_PROLOGUE = 4096
_XML = (".xml", ".rels", ".vml", ".svg")
_DAMAGED = "文件损坏或不完整，请用原来的软件打开后另存 (damaged or cut off: save it anew)"
_OTHER = "文件前后夹带其他内容，请用原来的软件另存 (something else is hidden in it: save it anew)"


def open_package(content: bytes) -> zipfile.ZipFile:
    """Return a package whose members may be unpacked under the child's own limits.

    Raises:
        Unfit: damaged, oversized, misleading or encrypted.
    """
    _check_end(content)
    try:
        package = zipfile.ZipFile(BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, UnicodeError):
        raise Unfit(_DAMAGED) from None
    members = package.infolist()
    if not members or min(member.header_offset for member in members) != 0:
        raise Unfit(_OTHER)
    _check_names(members)
    _check_sizes([member for member in members if not member.is_dir()], len(content))
    return package


def parts(package: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """Yield every part with all it holds; its sum is checked, and an XML part declares nothing.

    Raises:
        Unfit: damaged, or XML with a document type, entities, or in an encoding that hides them.
    """
    for member in package.infolist():
        if member.is_dir():
            continue
        try:
            body = package.read(member)
        except Exception:
            # zlib.error derives from Exception alone, and a damaged package can raise nearly anything.
            raise Unfit(_DAMAGED) from None
        if member.filename.lower().endswith(_XML):
            check_xml(body)
        yield member.filename, body


def check_xml(body: bytes) -> None:
    """Check that a part is UTF-8 and declares neither a document type nor entities.

    Raises:
        Unfit: it is or does something else.
    """
    body = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    head = body[: body.find(b"?>", 0, _LONGEST_PROLOGUE) + 2] if body.startswith(b"<?xml") else body[:256]
    stated = re.search(rb"encoding\s*=\s*[\"']([^\"']*)", head)
    is_named = not stated or stated[1].lower() in (b"utf-8", b"utf8", b"us-ascii")
    # In another encoding the marks below would be spelled otherwise.
    if (body and not body.startswith(b"<")) or b"\0" in body[:256] or (body and len(head) < 2) or not is_named:
        raise Unfit("文件内部编码不是 UTF-8，请用原来的软件另存 (not UTF-8 inside: save it anew)")
    if b"<!" in body and _DECLARED.search(body):
        raise Unfit("文件内含 DTD 或实体声明，请用原来的软件另存 (DTD or entities inside: save it anew)")


def _check_end(content: bytes) -> None:
    """Check that the archive ends where the file does, and that its directory is bounded."""
    place = content.rfind(_END_OF_DIRECTORY)
    if place < 0 or len(content) < place + 22:
        raise Unfit(_DAMAGED)
    total, directory_bytes, offset, comment_bytes = struct.unpack("<H2LH", content[place + 10 : place + 22])
    directory_end = place
    # Programs that stream always write the 64-bit record and its locator as well.
    if content[max(0, place - 76) : place].startswith(b"PK\x06\x06"):
        directory_end = place - 76
        total, directory_bytes, offset = struct.unpack("<3Q", content[place - 44 : place - 20])
    if total > MOST_MEMBERS or directory_bytes > _DIRECTORY_BYTES:
        raise Unfit(f"压缩包内多于 {MOST_MEMBERS:,} 个文件，不是普通文档 (too many members)")
    if offset + directory_bytes != directory_end or place + 22 + comment_bytes != len(content) or comment_bytes:
        raise Unfit(_OTHER)


def _check_names(members: list[zipfile.ZipInfo]) -> None:
    folded = [member.orig_filename.replace("\\", "/").lower() for member in members]
    for member, name in zip(members, folded, strict=True):
        steps = name.rstrip("/").split("/")
        if "" in steps or ".." in steps or "." in steps or ":" in name or not name.isprintable() or len(name) > 255:
            raise Unfit("压缩包内有指向包外的文件名 (unsafe member name)")
        # A link is followed by who unpacks it; other systems than Unix say nothing of it.
        kind = stat.S_IFMT(member.external_attr >> 16) if member.create_system == 3 else 0
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise Unfit("压缩包内有链接或设备文件 (links or devices among its members)")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unfit("压缩方式不常见，请用原来的软件另存 (packed in a rare way: save it anew)")
    if len(set(folded)) != len(folded):
        raise Unfit("压缩包内有重名文件，请用原来的软件另存 (duplicate members: save it anew)")


def _check_sizes(members: list[zipfile.ZipInfo], file_bytes: int) -> None:
    if len(members) > MOST_MEMBERS:
        raise Unfit(f"压缩包内多于 {MOST_MEMBERS:,} 个文件，不是普通文档 (too many members)")
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise Unfit("文件已加密，请取消密码后再存 (encrypted: remove the password)")
    # Members that share bytes let a small file claim a large one many times over.
    if sum(member.compress_size for member in members) > file_bytes:
        raise Unfit("压缩包内文件互相重叠 (overlapping members)")
    too_large = sum(member.file_size for member in members) > _UNPACKED_BYTES
    for member in members:
        packs_too_well = member.file_size > _RATIO * max(1, member.compress_size)
        too_large |= member.file_size > _MEMBER_BYTES
        too_large |= packs_too_well and member.file_size > _RATIO_FROM_BYTES
    if too_large:
        raise Unfit(
            f"解压后过大（限 {_UNPACKED_BYTES // MEBIBYTE} MB，压缩比限 {_RATIO}），请精简或拆分 (unpacks to too much)"
        )
