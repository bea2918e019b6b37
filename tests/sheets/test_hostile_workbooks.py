"""Files that are not what they say, or that want to harm whoever opens them: each is refused in words, in time."""

import os
import struct
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from sheet_files import (
    OLD_OFFICE,
    PNG,
    SHEET_START,
    USCC,
    firm_row,
    handmade,
    header_row,
    packed,
    refusal,
    sheet_xml,
    text_cell,
)

from registry.domain.errors import Refused
from registry.sheets.firm_rows import read_firms

DTD_BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1 or str()};" * 10}">' for n in range(1, 10))
    + "]>"
)
XXE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
WORKSHEET = SHEET_START.split("?>\n")[1]


def test_the_smallest_handmade_workbook_is_read(tmp_path: Path) -> None:
    """The other tests change it in one point each, so it must be good itself."""
    path = tmp_path / "名单.xlsx"
    path.write_bytes(packed(handmade()))

    reading = read_firms(path)

    assert [(number, firm.uscc) for number, firm in reading.rows] == [(2, USCC)]
    assert reading.faults == []


def with_member(name: str, content: bytes | str = "x") -> bytes:
    return packed(handmade({name: content}))


def with_sheet(sheet: str) -> bytes:
    return packed(handmade(sheet=sheet))


def encrypted() -> bytes:
    content = bytearray(packed(handmade()))
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = -1
        while (place := content.find(mark, place + 1)) >= 0:
            content[place + flags] |= 1
    return bytes(content)


def overlapping() -> bytes:
    """Two entries of the directory that point at the same bytes."""
    members = {f"xl/media/image{number}.png": os.urandom(2000) for number in range(20)}
    content = bytearray(packed(handmade(members), zipfile.ZIP_STORED))
    places = []
    place = -1
    while (place := content.find(b"PK\x01\x02", place + 1)) >= 0:
        places.append(place)
    for place in places:
        content[place + 20 : place + 28] = struct.pack("<2L", 30_000, 30_000)
    return bytes(content)


def duplicate_member() -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in handmade().items():
            archive.writestr(name, content)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("xl/worksheets/sheet1.xml", sheet_xml(header_row()))
    return buffer.getvalue()


def broken_in_the_middle() -> bytes:
    content = bytearray(packed(handmade(sheet=sheet_xml(header_row() + "".join(map(firm_row, range(2, 3000)))))))
    middle = len(content) // 2
    content[middle : middle + 200] = bytes(200)
    return bytes(content)


HOSTILE_XLSX: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "文件为空"),
    "text": (lambda: b"uscc,name\r\n", "不是 .xlsx"),
    "html": (lambda: b"<html><table><tr><td>uscc</td></tr></table></html>", "不是 .xlsx"),
    "picture": (lambda: PNG * 50, "不是 .xlsx"),
    "picture_with_archive_behind": (lambda: PNG + packed(handmade()), "不是 .xlsx"),
    "only_the_signature": (lambda: b"PK\x03\x04", "损坏"),
    "encrypted_or_old": (lambda: OLD_OFFICE, "加密"),
    "truncated": (lambda: packed(handmade())[:-30], "损坏"),
    "half": (lambda: packed(handmade())[: len(packed(handmade())) // 2], "损坏"),
    "broken_in_the_middle": (broken_in_the_middle, "不是可读|损坏|中止"),
    "appended": (lambda: packed(handmade()) + b"<script>alert(1)</script>", "夹带"),
    "encrypted_members": (encrypted, "加密"),
    "overlapping": (overlapping, "重叠"),
    "duplicate": (duplicate_member, "重名"),
    "any_archive": (lambda: packed({"a.txt": "hello"}), "不是 .xlsx"),
    "document": (lambda: packed(handmade(content_types="<Types>wordprocessingml.document.main+xml</Types>")), "不是"),
    "macro_enabled": (
        lambda: packed(handmade(content_types="<Types>ms-excel.sheet.macroEnabled.main+xml</Types>")),
        "宏",
    ),
    "macros": (lambda: with_member("xl/vbaProject.bin"), "宏"),
    "macros_elsewhere": (lambda: with_member("xl/other/VBAPROJECT.BIN"), "宏"),
    "macro_sheet": (lambda: with_member("xl/macrosheets/sheet1.xml"), "宏"),
    "external_link": (lambda: with_member("xl/externalLinks/externalLink1.xml"), "链接"),
    "connection": (lambda: with_member("xl/connections.xml"), "连接"),
    "embedded": (lambda: with_member("xl/embeddings/oleObject1.bin"), "嵌入"),
    "activex": (lambda: with_member("xl/activeX/activeX1.bin"), "ActiveX"),
    "nested": (lambda: with_member("xl/media/more.zip", packed({"a": "b"})), "其他文件"),
    "program": (lambda: with_member("xl/media/run.EXE", b"MZ"), "其他文件"),
    "climbing_name": (lambda: with_member("../../evil.xml"), "包外"),
    "climbing_windows_name": (lambda: with_member("xl\\..\\..\\evil.xml"), "包外"),
    "absolute_name": (lambda: with_member("/etc/cron.d/evil"), "包外"),
    "drive_name": (lambda: with_member("C:/evil.xml"), "包外"),
    "right_to_left_name": (lambda: with_member("xl/\u202egpj.xml"), "包外"),
    "long_name": (lambda: with_member("xl/" + "a" * 4000 + ".xml"), "包外"),
    "many_members": (lambda: packed(handmade({f"xl/media/{n}.png": "" for n in range(1100)})), "多于"),
    "entities_in_the_sheet": (lambda: with_sheet(DTD_BOMB + WORKSHEET + "<sheetData/></worksheet>"), "DTD"),
    "outside_entity": (lambda: with_sheet(XXE + WORKSHEET + "<sheetData/></worksheet>"), "DTD"),
    "entities_in_the_workbook": (lambda: packed(handmade(workbook=DTD_BOMB + "<workbook/>")), "DTD"),
    "entities_in_the_strings": (lambda: with_member("xl/sharedStrings.xml", XXE + "<sst/>"), "DTD"),
    "entities_far_down": (
        lambda: with_sheet(sheet_xml(header_row(), before=f"<!--{'x' * 200_000}--><!DOCTYPE x []>")),
        "DTD|不是可读",
    ),
    "utf16_inside": (lambda: packed(handmade(workbook=XXE.encode("utf-16"))), "内部编码"),
    "no_workbook": (lambda: packed(handmade({"xl/workbook.xml": None})), "不是可读|没有可见"),
    "no_sheet": (lambda: packed(handmade({"xl/worksheets/sheet1.xml": None})), "不是可读|结构"),
    "dde": (
        lambda: with_sheet(
            sheet_xml(header_row() + '<row r="2"><c r="A2"><f>cmd|\' /C calc\'!A0</f><v>1</v></c></row>')
        ),
        "DDE",
    ),
    "far_cell": (
        lambda: with_sheet(sheet_xml(header_row(), before='<dimension ref="A1:XFD1048576"/>')),
        "伸展到 XFD1048576",
    ),
    "too_many_columns": (lambda: with_sheet(sheet_xml(f'<row r="1">{text_cell("NTP1", "x")}</row>')), "多于 300 列"),
}


@pytest.mark.parametrize("case", HOSTILE_XLSX)
def test_a_hostile_workbook_is_refused_in_words(case: str, tmp_path: Path) -> None:
    make, expected = HOSTILE_XLSX[case]
    path = tmp_path / "名单.xlsx"
    path.write_bytes(make())

    message = refusal(path)

    assert any(word in message for word in expected.split("|")), message


def test_a_far_cell_that_the_sheet_does_not_own_up_to_kills_only_the_child(tmp_path: Path) -> None:
    """Cells A1 and XFD1048576, and no dimension: legal, and the end of any process that parses it."""
    path = tmp_path / "名单.xlsx"
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    path.write_bytes(with_sheet(sheet_xml(header_row() + far)))

    assert "中止" in refusal(path)


@pytest.mark.slow
def test_a_gibibyte_of_shared_strings_in_one_mebibyte_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "名单.xlsx"
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in handmade().items():
            archive.writestr(name, content)
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            part.write(b"<sst><si><t>")
            for _ in range(1024):
                part.write(b"a" * 2**20)
            part.write(b"</t></si></sst>")
    path.write_bytes(buffer.getvalue())

    assert path.stat().st_size < 3 * 2**20
    assert "解压后过大" in refusal(path)


@pytest.mark.slow
def test_a_bomb_that_states_a_small_size_is_refused(tmp_path: Path) -> None:
    """The directory says 100 bytes; what unpacks is 300 MiB."""
    bomb = b'<?xml version="1.0"?><sst><si><t>' + b"a" * (300 * 2**20)
    content = bytearray(packed(handmade({"xl/sharedStrings.xml": bomb})))
    claimed = struct.pack("<L", 100)
    for mark, place_of_size in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = -1
        while (place := content.find(mark, place + 1)) >= 0:
            if struct.unpack("<L", content[place + place_of_size : place + place_of_size + 4])[0] == len(bomb):
                content[place + place_of_size : place + place_of_size + 4] = claimed
    path = tmp_path / "名单.xlsx"
    path.write_bytes(bytes(content))

    assert refusal(path)


@pytest.mark.slow
def test_one_long_string_used_a_million_times_is_refused(tmp_path: Path) -> None:
    """Kilobytes in the file, thirty gigabytes in the memory of whoever copies the string into each cell."""
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 200_000))
    strings = "<sst><si><t>" + os.urandom(16_000).hex() + "</t></si></sst>"
    path = tmp_path / "名单.xlsx"
    path.write_bytes(packed(handmade({"xl/sharedStrings.xml": strings}, sheet=sheet_xml(cells))))

    assert refusal(path)


@pytest.mark.slow
def test_a_million_rows_of_nothing_useful_are_refused_within_bounds(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(2, 1_048_577))
    path = tmp_path / "名单.xlsx"
    path.write_bytes(with_sheet(sheet_xml(header_row() + rows)))

    with pytest.raises(Refused, match="错误超过"):
        read_firms(path)


def test_a_million_styles_harm_nobody(tmp_path: Path) -> None:
    """Either answer will do, as long as it is one."""
    styles = (
        '<?xml version="1.0"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs>'
        + '<xf numFmtId="14" fontId="0"/>' * 1_000_000
        + "</cellXfs></styleSheet>"
    )
    path = tmp_path / "名单.xlsx"
    path.write_bytes(packed(handmade({"xl/styles.xml": styles})))

    try:
        assert len(read_firms(path).rows) == 1
    except Refused as refused:
        assert "解压后过大" in str(refused)


def test_a_64_bit_archive_as_java_programs_write_it_is_read(tmp_path: Path) -> None:
    content = packed(handmade())
    place = content.rfind(b"PK\x05\x06")
    total, size, offset = struct.unpack("<H2L", content[place + 10 : place + 20])
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, total, total, size, offset)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, place, 1)
    path = tmp_path / "名单.xlsx"
    path.write_bytes(content[:place] + record + locator + content[place:])

    assert len(read_firms(path).rows) == 1
