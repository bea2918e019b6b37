"""Checks the structure of a PDF: one document, bounded, neither encrypted nor able to do anything. Shows none of it.

Names that act are looked for in every byte of the file and in every packed stream that may hold objects, whatever the
document's own directory says of them: readers differ in what they find, and none must find an action. Runs in the
child process (registry.evidence.child).
"""

import re
from collections.abc import Iterator

from registry.evidence.inflate import inflated
from registry.evidence.kinds import MEBIBYTE, Unfit
from registry.evidence.pdf_objects import MOST_BYTES, end_of_dictionary, skip_blank
from registry.evidence.polyglots import check_alone

_BLANK = b"\0\t\n\x0c\r "
_HEADER = re.compile(rb"%PDF-(?:1\.[0-7]|2\.0)[\r\n ]")
# What may stand after the end: padding of a printer's spool.
_MOST_PADDING = 1024
_MOST_OBJECTS = 200_000
_MOST_REVISIONS = 50
_MOST_ENTRIES = 1_000_000
# One stream, where it packs better than a page of text does, and all of them.
_STREAM_BYTES = 64 * MEBIBYTE
_ALL_BYTES = 384 * MEBIBYTE
_OBJECTS_BYTES = 16 * MEBIBYTE
_NAME = re.compile(rb"/([^\x00\t\n\x0c\r ()<>\[\]{}/%]{2,60})")
# A letter of a name may be written by its number; nobody does so but to hide it.
_HIDDEN_LETTER = re.compile(rb"#([46][1-9A-Fa-f]|[46]0|[57][0-9Aa]|[57]0|3[0-9])")
_FILES, _MEDIA = ("含嵌入的附件", "it holds embedded files"), ("含脚本或多媒体", "it holds a script or media")
_OTHERS = ("含打开其他文件的动作", "it opens other files")
_ACTIVE: dict[bytes, tuple[str, str]] = {
    b"JavaScript": ("含脚本 JavaScript", "it holds JavaScript"),
    b"Rendition": _MEDIA,
    b"RichMedia": _MEDIA,
    b"Launch": ("含启动外部程序的动作", "it launches programs"),
    b"EmbeddedFile": _FILES,
    b"EmbeddedFiles": _FILES,
    b"FileAttachment": _FILES,
    b"XFA": ("是动态表单 XFA", "it is an XFA form"),
    b"Encrypt": ("已加密或限制了权限", "it is encrypted or restricted"),
    b"SubmitForm": ("含提交表单的动作", "it submits a form"),
    b"ImportData": ("含导入数据的动作", "it imports data"),
    b"GoToR": _OTHERS,
    b"GoToE": _OTHERS,
}
# Too short to be looked for alone. A script needs no look of its own: the action that holds it names its kind.
_ACTIVE_SHORT = re.compile(rb"/(?:EF|AA)\s*(?:<<|[0-9]+\s+[0-9]+\s+R)")
_AT_OPENING = re.compile(rb"/OpenAction\s*(\[|<<|([0-9]{1,10})\s+[0-9]{1,5}\s+R)")
_OBJECT = re.compile(rb"(?<!end)obj(?![A-Za-z])")
_START = re.compile(rb"startxref\s+([0-9]{1,12})\s+%%EOF")
_PREVIOUS = re.compile(rb"/(?:Prev|XRefStm)\s+([0-9]{1,12})")
_SIZE = re.compile(rb"/Size\s+([0-9]{1,20})")
_DEEP = re.compile(rb"(?:\[\s*){200}|(?:<<\s*){200}")
_BROKEN = "结构不完整或不规范，请重新导出，或打开后“打印为 PDF” (malformed: export it anew, or print it to PDF)"


def check_pdf(content: bytes) -> None:
    """Check a whole PDF.

    Raises:
        Unfit: says what is wrong with it.
    """
    if not _HEADER.match(content) or b"/Root" not in content:
        _refuse(_BROKEN)
    stripped = content.rstrip(_BLANK)
    if not stripped.endswith(b"%%EOF") or len(content) - len(stripped) > _MOST_PADDING:
        _refuse("结尾之后还有别的内容或不完整，请重新导出 (cut off, or something follows its end)")
    if _DEEP.search(content):
        _refuse(_BROKEN)
    check_alone(content)
    _check_names(content)
    _check_directory(content)
    objects: dict[int, list[bytes]] = {}
    for number, body in _check_streams(content):
        objects.setdefault(number, []).append(body)
    for text in (content, *(body for bodies in objects.values() for body in bodies)):
        _check_structure(_unhidden(text), content, objects)


def _refuse(reason: str) -> None:
    raise Unfit(f"PDF {reason}")


def _unhidden(text: bytes) -> bytes:
    if b"#" not in text:
        return text
    return _HIDDEN_LETTER.sub(lambda found: bytes([int(found[1], 16)]), text)


def _check_names(text: bytes) -> None:
    """Check every name of a text, the hidden ones too."""
    for found in _NAME.finditer(text):
        name = _unhidden(found[1]) if b"#" in found[1] else found[1]
        if name in _ACTIVE:
            chinese, english = _ACTIVE[name]
            _refuse(f"{chinese}，请“打印为 PDF”后再传 ({english}: print it to PDF)")


def _check_structure(text: bytes, content: bytes, objects: dict[int, list[bytes]]) -> None:
    if _ACTIVE_SHORT.search(text):
        _refuse(
            "含附件或自动执行的动作，请“打印为 PDF”后再传 (it holds attachments or acts by itself: print it to PDF)"
        )
    for found in _AT_OPENING.finditer(text):
        if found[1] == b"[":
            continue
        if found[1] == b"<<":
            actions = [text[found.start(1) : end_of_dictionary(text, found.start(1)) or found.end()]]
        else:
            actions = list(_objects_numbered(int(found[2]), content, objects))
        if not actions or not all(_only_goes_to_a_page(action) for action in actions):
            _refuse("打开时会执行动作，请“打印为 PDF”后再传 (it acts when opened: print it to PDF)")


def _only_goes_to_a_page(action: bytes) -> bool:
    plain = _unhidden(action).lstrip(_BLANK)
    return plain.startswith(b"[") or re.search(rb"/S\s*/GoTo(?![A-Za-z])", plain) is not None


def _objects_numbered(number: int, content: bytes, objects: dict[int, list[bytes]]) -> Iterator[bytes]:
    """Yield everything that a reader may find under a number, at most a page of each."""
    yield from objects.get(number, ())
    for found in re.finditer(rb"(?<![0-9])%d\s+[0-9]{1,5}\s+obj(.{0,4096})" % number, content, re.DOTALL):
        yield found[1].partition(b"endobj")[0]


def _check_directory(content: bytes) -> None:
    """Follow the directory from its end to its beginning: bounded, and never in a circle."""
    if len(re.findall(rb"startxref", content)) > _MOST_REVISIONS:
        _refuse(_BROKEN)
    if any(int(found[1]) > _MOST_ENTRIES for found in _SIZE.finditer(content)):
        _refuse("目录过大 (its directory is too large)")
    starts = _START.findall(content)
    if not starts:
        _refuse(_BROKEN)
    waiting, seen = [int(starts[-1])], set[int]()
    while waiting:
        place = waiting.pop()
        # A linearised document points to nothing from its first, partial directory.
        if place == 0 or place in seen:
            _refuse(_BROKEN)
        seen.add(place)
        head = content[place : place + 64].lstrip(_BLANK)
        if not head.startswith(b"xref") and not re.match(rb"[0-9]+\s+[0-9]+\s+obj", head):
            _refuse(_BROKEN)
        ends = content.find(b"startxref", place) if head.startswith(b"xref") else content.find(b"stream", place)
        begins = content.find(b"trailer", place, ends) if head.startswith(b"xref") else place
        if begins < 0 or ends < 0 or len(seen) > _MOST_REVISIONS:
            _refuse(_BROKEN)
        waiting += {int(one) for one in _PREVIOUS.findall(_unhidden(content[begins:ends]))}


def _check_streams(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Go through every object that a stream belongs to; yield the objects that are packed in one, by their numbers."""
    left, structure = _ALL_BYTES, MOST_BYTES
    for count, found in enumerate(_OBJECT.finditer(content)):
        if count > _MOST_OBJECTS:
            _refuse("对象过多 (too many objects)")
        begins = skip_blank(content, found.end())
        if content[begins : begins + 2] != b"<<":
            continue
        ends = end_of_dictionary(content, begins)
        if ends is None:
            _refuse(_BROKEN)
            return
        structure -= ends - begins
        if structure < 0:
            _refuse("对象过多 (too many objects)")
        after = skip_blank(content, ends)
        if content[after : after + 6] != b"stream":
            continue
        place = after + 6
        place += 2 if content[place : place + 2] == b"\r\n" else 1
        about = _unhidden(content[begins:ends])
        holds_objects = re.search(rb"/First(?![A-Za-z])", about) is not None and b"/N" in about
        data, size = _unpacked(content, place, about, holds_objects, left)
        left -= size
        if holds_objects:
            _check_names(data)
            yield from _numbered(about, data)


def _unpacked(content: bytes, place: int, about: bytes, holds_objects: bool, left: int) -> tuple[bytes, int]:
    """Unpack a stream by deflate, if that is the way it was packed; objects may be packed in no other way."""
    stated = re.search(rb"/Filter\s*(\[[^\]]*\]|/[A-Za-z0-9]+|[0-9]+\s+[0-9]+\s+R)", about)
    ways = re.findall(rb"/([A-Za-z0-9]+)", stated[1]) if stated else []
    deflated = [way for way in ways if way in (b"FlateDecode", b"Fl")]
    if len(deflated) > 1 or len(ways) > 3:
        _refuse("内容经多重压缩 (packed several times over)")
    # Objects are packed by deflate alone, or not at all, and say so once and plainly: nobody writes them otherwise.
    if holds_objects and (b"/DecodeParms" in about or b"/DP" in about or about.count(b"/Filter") > 1):
        _refuse(_BROKEN)
    if holds_objects and b"/Filter" in about and (stated is None or len(ways) != 1 or not deflated):
        _refuse(_BROKEN)
    if not deflated or ways[0] != deflated[0]:
        ends = content.find(b"endstream", place)
        return (content[place:ends], 0) if holds_objects else (b"", 0)
    ends = content.find(b"endstream", place)
    packed = content[place : ends if ends >= 0 else len(content)]
    # Scans pack well; what packs better than a blank page does is made to fill memories.
    most = min(left, max(_STREAM_BYTES, 100 * len(packed)))
    if holds_objects:
        return inflated(content, min(left, _OBJECTS_BYTES), f"PDF {_BROKEN}", begins=place, keep=True)
    return inflated(packed, most, "", keep=False)


def _numbered(about: bytes, data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the objects of a stream: pairs of number and place come first, then the objects themselves."""
    first = re.search(rb"/First\s+([0-9]{1,9})(?!\s+[0-9]+\s+R)", about)
    if first is None:
        _refuse(_BROKEN)
        return
    begins = int(first[1])
    words = data[:begins].split()[: 2 * _MOST_OBJECTS]
    if not all(word.isdigit() and len(word) < 11 for word in words):
        _refuse(_BROKEN)
    numbers, places = words[::2], [int(word) for word in words[1::2]]
    for number, place, until in zip(numbers, places, [*places[1:], len(data)], strict=False):
        yield int(number), data[begins + place : begins + until if until > place else None]
