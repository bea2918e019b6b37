"""Certificates on paper: PDF/A with the fonts in it, every name as it is, nothing of a name run, a QR that reads."""

import hashlib
import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from make import code
from pdf_reader import lines_of, objects, text_of
from qr_reader import modules_of, text_in

from registry.domain.errors import MoveNotAllowed
from registry.store.recognitions import Certificate
from registry.work import print_certificate as printing
from registry.work.glyphs import lacking, runs_of
from registry.work.print_certificate import Issuer, print_certificate, qr_of

URL = "https://zjtx.qingdao.example.cn"
# A millimetre in points.
MM = 72 / 25.4


def printed(name: str = "青岛示例海辰轴承有限公司", tier: str = "specialized", **changes: Any) -> bytes:
    certificate = Certificate(
        id=1,
        number="QDZT2026-00012",
        code="0123456789ABCDEFGHJKMNPQRS",
        firm_id=1,
        uscc=code(1),
        name=name,
        tier=tier,
        valid_from=date(2026, 11, 9),
        valid_until=date(2029, 11, 8),
        seal="0" * 64,
        issued_at=datetime(2026, 11, 9, 2, 0, 1, 234567, tzinfo=UTC),
    )
    told: dict[str, Any] = {
        "issuer": Issuer("青岛市工业和信息化局", "Qingdao Bureau"),
        "document": "青工信发〔2026〕12号",
        "announced_on": date(2026, 11, 9),
        "public_url": URL,
    }
    return print_certificate(certificate, **(told | changes))


def typesetters() -> list[str]:
    """Return the commands of the typesetters that this process started and that are still there."""
    found = []
    # All processes are looked at: a list of those of each thread loses some while a thread ends.
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            # The name may hold brackets and spaces; state and parent come after it.
            parent = (process / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[1]
            if int(parent) == os.getpid():
                found.append((process / "cmdline").read_text("utf-8"))
    return [command for command in found if "registry.work.typeset" in command]


def wait_for(is_so: Callable[[], bool], tries: int = 500) -> bool:
    for _ in range(tries):
        if is_so():
            return True
        time.sleep(0.01)
    return False


def test_everything_a_certificate_says_can_be_read_out_of_it() -> None:
    text = text_of(printed())
    for word in (
        "证书",
        "青岛示例海辰轴承有限公司",
        "青岛市专精特新中小企业",
        code(1),
        "QDZT2026-00012",
        "青工信发〔2026〕12号",
        "2026年11月9日 至 2029年11月8日",
        "发证机关",
        "青岛市工业和信息化局",
        f"{URL}/verify/0123456789ABCDEFGHJKMNPQRS",
    ):
        assert word in text, word
    assert "创新型中小企业" in text_of(printed(tier="innovative"))


def test_it_is_pdf_a_with_its_fonts_and_profile_inside() -> None:
    pdf = printed()
    parts = objects(pdf)
    whole = b"".join(parts.values())

    assert pdf.startswith(b"%PDF-1.7")
    for mark in (b"<pdfaid:part>2</pdfaid:part>", b"<pdfaid:conformance>B</pdfaid:conformance>", b"/GTS_PDFA1"):
        assert mark in whole, mark
    described = [body for body in parts.values() if b"/Type/FontDescriptor" in body.replace(b" ", b"")]
    assert len(described) == 2
    assert all(b"/FontFile3" in body for body in described)
    for never in (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/URI", b"/Encrypt", b"/AA"):
        assert never not in whole, never
    assert whole.count(b"/MediaBox") == 1


@pytest.mark.parametrize("rare", ["㛃", "𬭎", "鿏", "㐂", "䶮", "𫚭", "龘", "·", "（", "—", "Ⅱ", "é"])
def test_a_rare_character_is_printed_and_can_be_searched(rare: str) -> None:
    name = f"青岛{rare}示例有限公司"

    assert lacking(name) == ""
    assert name in text_of(printed(name))


def test_a_character_that_no_font_has_is_told_by_its_number() -> None:
    name = "青岛𠀀示例🏭有限公司"
    text = text_of(printed(name))

    assert lacking(name) == "𠀀🏭"
    assert runs_of("甲𠀀乙") == [("甲", True), ("U+20000", False), ("乙", True)]
    assert "U+20000" in text and "U+1F3ED" in text
    assert "名称中加框的编码是本证书字体未收录的字" in text
    assert "未收录" not in text_of(printed())


@pytest.mark.parametrize(
    "name",
    [
        '#image("/etc/passwd")',
        '#read("/etc/passwd")',
        '#import "@preview/x:1.0.0"',
        "*粗* _斜_ `原样` $x^2$",
        "= 标题 <标签> @引用 // 注释 /* 注释 */",
        "引号\"与'反斜杠\\n \\u{41}",
        "#set page(width: 1mm) ] } )",
        "{{ name }} ${name} %s",
    ],
)
def test_nothing_of_a_name_is_markup(name: str) -> None:
    pdf = printed(name)
    said = text_of(pdf)

    assert name.replace(" ", "") in said.replace(" ", "")
    assert b"/Subtype/Image" not in b"".join(objects(pdf).values()).replace(b" ", b"")
    assert "root:" not in said


@pytest.mark.parametrize("name", ["青岛示例" * 49 + "有限公司", "A" * 200, "Qingdao Example Co., Ltd. " * 8])
def test_a_name_of_200_characters_wraps_and_fits(name: str) -> None:
    lines = [line for line in lines_of(printed(name)) if 110 * MM < line.y < 155 * MM and len(line.text) > 3]

    assert len(lines) > 2
    assert name.replace(" ", "") in "".join(line.text for line in lines).replace(" ", "").replace("\u200b", "")
    # Every line stands in the middle: what has room on its left has it on its right.
    assert min(line.x for line in lines) >= 30 * MM


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", URL, "https://" + "a" * 40 + ".example.cn"])
def test_the_qr_reads_as_the_public_address(url: str) -> None:
    address = f"{url}/verify/0123456789ABCDEFGHJKMNPQRS"

    assert text_in(modules_of(qr_of(address), border=2)) == address


def test_the_same_certificate_gives_the_same_bytes() -> None:
    digests = {hashlib.sha256(printed()).hexdigest() for _ in range(2)}

    assert len(digests) == 1


def test_what_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "WALL_SECONDS", 0.001)
    with pytest.raises(MoveNotAllowed, match="被中止"):
        printed()


@pytest.mark.parametrize(
    "markup", ['#read("/etc/passwd")', '#image("../../../etc/passwd")', "#panic()", "#{ while true {} }"]
)
def test_the_typesetter_reads_no_file_and_ends(markup: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "certificate.typ"
    place.write_text(markup, "utf-8")
    given: Callable[[str], Path] = lambda _name: place  # noqa: E731
    monkeypatch.setattr(printing, "template_file", given)
    with pytest.raises(MoveNotAllowed):
        printed()


@pytest.mark.slow
def test_thirty_certificates_leave_no_memory_and_no_process_behind() -> None:
    def pages() -> int:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1])

    printed()
    before = pages()
    for number in range(30):
        printed(f"青岛第{number}示例有限公司")
    grown = (pages() - before) * os.sysconf("SC_PAGE_SIZE")

    assert grown < 8 * 1024 * 1024
    # The last one may still be ending.
    assert wait_for(lambda: not typesetters())
