"""Names of files: what is put right, what is refused, how one is written into a header."""

from urllib.parse import unquote

import pytest

from registry.evidence.kinds import KINDS, LARGEST_UPLOAD, Unfit
from registry.evidence.names import LONGEST_NAME, content_disposition, read_name
from registry.store.evidence import EVIDENCE_KINDS, LARGEST_BYTES


@pytest.mark.parametrize(
    ("given", "name", "kind"),
    [
        ("审计报告 2024.pdf", "审计报告 2024.pdf", "pdf"),
        ("  a.PDF ", "a.PDF", "pdf"),
        ("全角\u3000空格.jpg", "全角 空格.jpg", "jpeg"),
        ("e\u0301te\u0301.jpeg", "été.jpeg", "jpeg"),
        ("合同.2024.12.31.docx", "合同.2024.12.31.docx", "docx"),
        ("执照.pdf.pdf", "执照.pdf", "pdf"),
        ("照片.jpeg.jpg", "照片.jpg", "jpeg"),
        ("𠮷野家（青岛）—①.xlsx", "𠮷野家（青岛）—①.xlsx", "xlsx"),
        ("a" * (LONGEST_NAME - 4) + ".ofd", "a" * (LONGEST_NAME - 4) + ".ofd", "ofd"),
    ],
)
def test_a_name_that_people_give_is_kept(given: str, name: str, kind: str) -> None:
    assert read_name(given) == (name, KINDS[kind])


@pytest.mark.parametrize("given", [None, "", "   ", ".pdf", "..pdf", "a/b.pdf", "a..pdf", "a\t.pdf", "a\u200b.pdf"])
def test_a_name_that_misleads_is_refused(given: str | None) -> None:
    with pytest.raises(Unfit):
        read_name(given)


@pytest.mark.parametrize("ending", ["exe", "js", "html", "docx", "zip", "php", "JPG"])
def test_two_endings_are_told(ending: str) -> None:
    with pytest.raises(Unfit, match="两个扩展名"):
        read_name(f"a.{ending}.pdf")


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("report.pdf", "report.pdf"),
        ("审计报告.pdf", "file.pdf"),
        ("été.jpg", "ete.jpg"),
        ('a"; x="b.pdf', "a__ x__b.pdf"),
    ],
)
def test_the_header_holds_the_whole_name_and_a_plain_one(name: str, plain: str) -> None:
    header = content_disposition(name)

    assert header.startswith(f'attachment; filename="{plain}"; ')
    assert unquote(header.partition("UTF-8''")[2]) == name
    assert header.isascii() and header.isprintable()


def test_the_database_and_the_kinds_say_the_same() -> None:
    assert set(KINDS) == set(EVIDENCE_KINDS)
    assert LARGEST_BYTES == max(kind.most_bytes for kind in KINDS.values()) <= LARGEST_UPLOAD
