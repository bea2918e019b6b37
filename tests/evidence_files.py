"""Makes files that a firm may honestly upload, in code: none is kept as a binary. Each maker returns bytes."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence

import xlsxwriter

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R %s >>"
TEXT = b"BT /F1 12 Tf 72 720 Td (2024 annual report) Tj ET"


def stream(data: bytes, about: bytes = b"", *, packed: bool = True) -> bytes:
    """Return a stream of a PDF."""
    body = zlib.compress(data) if packed else data
    way = b"/Filter /FlateDecode " if packed else b""
    return b"<< %s%s/Length %d >>\nstream\n%s\nendstream" % (about, way, len(body), body)


def pdf(
    objects: Mapping[int, bytes] | None = None, *, catalog: bytes = b"", page: bytes = b"", trailer: bytes = b""
) -> bytes:
    """Return a PDF with a plain directory; the objects 1 to 4 are there unless others are given."""
    found = {
        1: b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: PAGE % page,
        4: stream(TEXT),
        **(objects or {}),
    }
    out, places = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), {}
    for number, body in found.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start, size = len(out), max(found) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        out += b"%010d 00000 %s \n" % (places.get(number, 0), b"n" if number in places else b"f")
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start)
    return bytes(out)


def pdf_revised(objects: Mapping[int, bytes] | None = None) -> bytes:
    """Return a PDF that was saved again on top of itself."""
    before = pdf()
    old = int(before.rpartition(b"startxref\n")[2].split()[0])
    body = (objects or {5: b"<< /Note (second) >>"})[5]
    start = len(before) + len(b"5 0 obj\n%s\nendobj\n" % body)
    told = (start - len(b"5 0 obj\n%s\nendobj\n" % body), old, start)
    return (
        before
        + b"5 0 obj\n%s\nendobj\n" % body
        + (b"xref\n5 1\n%010d 00000 n \ntrailer\n<< /Size 6 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % told)
    )


def pdf_packed(objects: Mapping[int, bytes] | None = None, catalog: bytes = b"", about: bytes = b"") -> bytes:
    """Return a PDF whose objects are packed in a stream and whose directory is one too, as Word and WPS write it."""
    inside = {
        1: b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: PAGE % b"",
        **(objects or {}),
    }
    pairs, bodies = b"", b""
    for number, body in inside.items():
        pairs += b"%d %d " % (number, len(bodies))
        bodies += body + b" "
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    four = len(out)
    out += b"4 0 obj\n%s\nendobj\n" % stream(TEXT)
    holder = len(out)
    told = b"/Type /ObjStm /N %d /First %d %s" % (len(inside), len(pairs), about)
    out += b"90 0 obj\n%s\nendobj\n" % stream(pairs + bodies, told)
    start = len(out)
    rows = [struct.pack(">BHB", 0, 0, 255)]
    for number in range(1, 92):
        if number in inside:
            rows.append(struct.pack(">BHB", 2, 90, list(inside).index(number)))
        else:
            place = {4: four, 90: holder, 91: start}.get(number)
            rows.append(struct.pack(">BHB", 1 if place else 0, place or 0, 0))
    told = b"/Type /XRef /Size 92 /W [1 2 1] /Root 1 0 R "
    out += b"91 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (stream(b"".join(rows), told), start)
    return bytes(out)


def chunk(name: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">L", len(body)) + name + body + struct.pack(">L", zlib.crc32(name + body))


def png(
    width: int = 40,
    height: int = 30,
    *,
    depth: int = 8,
    colour: int = 2,
    before: bytes = b"",
    data: bytes | None = None,
    stated: tuple[int, int] | None = None,
    interlaced: int = 0,
) -> bytes:
    """Return a PNG of one colour; `stated` sizes may lie."""
    bits = depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    rows = (b"\0" + bytes(-(-width * bits // 8))) * height if data is None else data
    head = struct.pack(">2L5B", *(stated or (width, height)), depth, colour, 0, 0, interlaced)
    palette = chunk(b"PLTE", bytes(range(12))) if colour == 3 else b""
    packed = zlib.compress(rows)
    parts = chunk(b"IHDR", head), before, palette, chunk(b"IDAT", packed[:50]), chunk(b"IDAT", packed[50:])
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")


def segment(marker: int, body: bytes) -> bytes:
    """Return a segment of a JPEG."""
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def jpeg(
    width: int = 40, height: int = 30, *, frame: int = 0xC0, notes: bytes = b"", scans: int = 1, after: bytes = b""
) -> bytes:
    """Return a JPEG that a walk through its segments finds whole; nobody draws it."""
    jfif = segment(0xE0, b"JFIF\0\x01\x01\x01\0\x48\0\x48\0\0")
    tables = segment(0xDB, b"\0" + bytes(range(1, 65))) + segment(0xC4, b"\0" + bytes(16))
    shape = segment(frame, struct.pack(">B2HB", 8, height, width, 1) + b"\x01\x11\0")
    scan = segment(0xDA, b"\x01\x01\0\0\x3f\0") + b"\x12\xff\0\x34\xff\xd0\x56"
    return b"\xff\xd8" + jfif + notes + tables + shape + scan * scans + b"\xff\xd9" + after


def archive(members: Mapping[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return buffer.getvalue()


def xlsx(*, rich: bool = False) -> bytes:
    """Return a workbook as a library writes it; a rich one has a chart, a picture, a link and a note."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet("研发费用")
    sheet.write_row(0, 0, ["年度", "研发费用"])
    sheet.write_row(1, 0, [2024, 3_000_000])
    sheet.write_formula(2, 1, '=SUM(B2:B2)&"|甲|"')
    if rich:
        sheet.write_url(3, 0, "https://www.example.com/公告", string="公告")
        sheet.write_comment(1, 1, "审计报告第 8 页")
        sheet.insert_image(4, 0, "章.png", {"image_data": io.BytesIO(png())})
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=研发费用!$B$2:$B$2"})
        sheet.insert_chart(8, 0, chart)
    book.close()
    return buffer.getvalue()


def relations(*rows: tuple[str, str, str]) -> str:
    """Return a part of relations: the last word of the type, the target, and the mode or nothing."""
    body = ""
    for number, (kind, target, mode) in enumerate(rows, 1):
        how = f' TargetMode="{mode}"' if mode else ""
        body += f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"{how}/>'
    return f'{_XML}<Relationships xmlns="{_RELATIONS}">{body}</Relationships>'


def docx(
    body: str = "<w:p><w:r><w:t>情况说明</w:t></w:r></w:p>",
    changes: Mapping[str, bytes | str] | None = None,
    links: Sequence[tuple[str, str, str]] = (),
    main: str = "wordprocessingml.document.main+xml",
) -> bytes:
    """Return a Word document."""
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    types = (
        f'{_XML}<Types xmlns="{_TYPES}"><Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/word/document.xml" '
        f'ContentType="application/vnd.openxmlformats-officedocument.{main}"/></Types>'
    )
    return archive(
        {
            "[Content_Types].xml": types,
            "_rels/.rels": relations(("officeDocument", "word/document.xml", "")),
            "word/document.xml": f'{_XML}<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>',
            "word/styles.xml": f'{_XML}<w:styles xmlns:w="{space}"/>',
            "word/_rels/document.xml.rels": relations(("styles", "styles.xml", ""), *links),
            "docProps/core.xml": f"{_XML}<coreProperties/>",
            **(changes or {}),
        }
    )


def ofd(changes: Mapping[str, bytes | str] | None = None, root: str = "Doc_0/Document.xml") -> bytes:
    """Return an OFD as an issuer of invoices writes it."""
    space = "http://www.ofdspec.org/2016"
    return archive(
        {
            "OFD.xml": (
                f'{_XML}<ofd:OFD xmlns:ofd="{space}" Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo/>'
                f"<ofd:DocRoot>{root}</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
            ),
            "Doc_0/Document.xml": f'{_XML}<ofd:Document xmlns:ofd="{space}"/>',
            "Doc_0/Pages/Page_0/Content.xml": f'{_XML}<ofd:Page xmlns:ofd="{space}"/>',
            "Doc_0/Res/image_0.png": png(),
            "Doc_0/Signs/Sign_0/Signature.xml": f'{_XML}<ofd:Signature xmlns:ofd="{space}"/>',
            "Doc_0/Signs/Sign_0/SignedValue.dat": b"0\x82",
            "Doc_0/Attachs/original_invoice.xml": f"{_XML}<eInvoice/>",
            **(changes or {}),
        }
    )


_EXIF = segment(0xE1, b"Exif\0\0MM\0\x2a" + bytes(40))
_LINK = b"/Annots [<< /Type /Annot /Subtype /Link /A << /S /URI /URI (https://www.example.com) >> >>]"
_HYPERLINK = ("hyperlink", "https://www.example.com/a?b=c&amp;d=e", "External")
# What must be taken: the name a firm gives it, and what it holds.
HONEST: dict[str, tuple[str, bytes]] = {
    "a plain pdf": ("审计报告.pdf", pdf()),
    "a pdf with links that opens at a page": ("营业执照.PDF", pdf(catalog=b"/OpenAction [3 0 R /Fit]", page=_LINK)),
    "a pdf that opens by an action": (
        "a.pdf",
        pdf({5: b"<< /S /GoTo /D [3 0 R /XYZ] >>"}, catalog=b"/OpenAction 5 0 R"),
    ),
    "a pdf of packed objects": ("专利证书 v1.2.pdf", pdf_packed()),
    "a packed pdf that opens by an action": (
        "b.pdf",
        pdf_packed({5: b"<< /S /GoTo /D [3 0 R /Fit] >>"}, catalog=b"/OpenAction 5 0 R"),
    ),
    "a pdf saved twice": ("合同（2024.12.31）.pdf", pdf_revised()),
    "a pdf with a font of Chinese letters": ("c.pdf.pdf", pdf({5: b"<< /BaseFont /#CB#CE#CC#E5 >>"})),
    "a pdf of a blank scan": ("d.pdf", pdf({5: stream(bytes(30_000_000), b"/Subtype /Image ")})),
    "a png": ("厂房.png", png()),
    "a png of a palette": ("p.png", png(depth=4, colour=3)),
    "a png of 16 bits": ("q.png", png(depth=16, colour=6, before=chunk(b"tEXt", b"Software\0scan"))),
    "an interlaced png": ("r.png", png(1, 1, interlaced=1, depth=1, colour=0, data=b"\0\0")),
    "a jpeg": ("设备.jpg", jpeg()),
    "a progressive jpeg": ("s.jpeg", jpeg(frame=0xC2, scans=4)),
    "a jpeg of a camera": ("t.JPG", jpeg(4000, 3000, notes=_EXIF + segment(0xFE, b"camera"))),
    "a workbook": ("研发费用.xlsx", xlsx()),
    "a rich workbook": ("u.xlsx", xlsx(rich=True)),
    "a document": ("情况说明.docx", docx()),
    "a document with a link and a field": (
        "v.docx",
        docx("<w:p><w:r><w:instrText> PAGE \\* MERGEFORMAT </w:instrText></w:r></w:p>", links=[_HYPERLINK]),
    ),
    "an ofd": ("发票.ofd", ofd()),
    "an ofd that names its root absolutely": ("w.ofd", ofd(root="/Doc_0/Document.xml")),
}
