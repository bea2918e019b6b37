"""A firm's evidence on its page: uploading, listing, downloading, taking back; faults of the disk; the scanner."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from clients import token_of
from evidence_desk import ADDRESS, Desk, body_of, close_desk, open_desk, page_of
from evidence_files import HONEST, jpeg, pdf, png
from make import code

from registry.domain.trail import Tag
from registry.evidence import vault as vault_module
from registry.evidence.scan import Outcome, Scanned
from registry.web import evidence as pages

GOOD = ("审计报告.pdf", pdf())


@pytest.fixture
def desk(city_file: Path, tmp_path: Path) -> Iterator[Desk]:
    made = open_desk(city_file, tmp_path)
    yield made
    close_desk(made)


def test_the_page_says_before_what_is_taken_and_how_large(desk: Desk) -> None:
    client = desk.browser()
    page = page_of(client.get(ADDRESS, headers={"Accept-Language": "zh"}), 200)

    assert page.faults() == []
    for word in ("PDF 文档", ".docx", "每份不超过 20 MB", "每份不超过 10 MB", "一次最多 20 份", "还没有证明材料"):
        assert word in page.text
    (box,) = page.all("input", type="file")
    assert box["accept"] == ".pdf,.ofd,.jpg,.jpeg,.png,.xlsx,.docx"
    assert "multiple" in box
    firm = page_of(client.get(f"/firms/{code(1)}"), 200)
    assert ADDRESS in firm.links


def test_a_file_goes_in_is_listed_comes_out_the_same_and_is_taken_back(desk: Desk) -> None:
    client = desk.browser()
    answer = desk.upload(client, GOOD, criterion="研发费用", year="2024", note="第 8 页")
    assert (answer.status_code, answer.headers["Location"]) == (303, ADDRESS)
    (row,) = desk.rows()
    assert (row.name, row.kind, row.size, row.state, row.year) == ("审计报告.pdf", "pdf", len(pdf()), "clean", 2024)
    page = page_of(client.get(ADDRESS, headers={"Accept-Language": "zh"}), 200)
    assert page.faults() == []
    for word in ("已保存 1 份文件", "审计报告.pdf", "研发费用", "第 8 页"):
        assert word in page.text

    taken = client.get(f"/evidence/{row.id}")
    assert (taken.status_code, taken.data, taken.mimetype) == (200, pdf(), "application/pdf")
    name = quote("审计报告.pdf", safe="")
    assert taken.headers["Content-Disposition"] == f"attachment; filename=\"file.pdf\"; filename*=UTF-8''{name}"
    assert taken.headers["X-Content-Type-Options"] == "nosniff"
    assert taken.headers["Cache-Control"] == "no-store"
    policy = taken.headers["Content-Security-Policy"]
    assert policy == "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"
    (entry,) = desk.entries()
    assert (entry.tag, entry.subject) == (Tag.EVIDENCE_SEEN, f"firm:{code(1)}")
    assert client.head(f"/evidence/{row.id}").data == b""
    assert desk.entries()[0].seq == entry.seq

    gone = client.post(f"/evidence/{row.id}/remove", data={"csrf_token": token_of(client)})
    assert gone.status_code == 303
    assert client.get(f"/evidence/{row.id}").status_code == 404
    assert "还没有证明材料" in client.get(ADDRESS, headers={"Accept-Language": "zh"}).text
    assert desk.rows()[0].removed_by is not None
    assert desk.kept() == [row.sha256]


def test_reviewers_within_reach_look_and_nobody_else_does(desk: Desk) -> None:
    desk.upload(desk.browser(), GOOD)
    (row,) = desk.rows()
    seen = {"applicant": 200, "delegate": 200, "district": 200, "city": 200, "other_district": 404}
    seen |= {"other_applicant": 404, "statistician": 403, "auditor": 403, "system_admin": 403, "anonymous": 303}
    for who, status in seen.items():
        client = desk.browser(who)
        assert client.get(ADDRESS).status_code == status, who
        assert client.get(f"/evidence/{row.id}").status_code == status, who
    reviewer = desk.browser("district")
    page = page_of(reviewer.get(ADDRESS), 200)
    assert page.all("form", enctype="multipart/form-data") == []
    assert desk.upload(reviewer, GOOD).status_code == 403
    # The district's own words on it, and who uploaded.
    assert "测试 applicant" in page.text


def test_a_delegate_uploads_too_and_a_stranger_does_not(desk: Desk) -> None:
    assert desk.upload(desk.browser("delegate"), GOOD).status_code == 303
    assert desk.upload(desk.browser("other_applicant"), ("b.png", png())).status_code == 404
    assert [row.name for row in desk.rows()] == ["审计报告.pdf"]


@pytest.mark.slow
def test_every_honest_file_is_taken(desk: Desk) -> None:
    client = desk.browser()
    for what, (name, content) in HONEST.items():
        assert desk.upload(client, (name, content)).status_code == 303, what
    rows = desk.rows()
    assert len(rows) == len(HONEST)
    for row, (_name, content) in zip(rows, HONEST.values(), strict=True):
        assert client.get(f"/evidence/{row.id}").data == content


def test_of_several_files_the_good_ones_are_kept_and_each_other_is_told(desk: Desk) -> None:
    files = [("a.pdf", pdf()), ("b.exe", b"MZ"), ("c.png", pdf()), ("d.jpg", jpeg()), ("e.pdf", pdf())]
    page = page_of(desk.upload(desk.browser(), *files), 422)

    assert page.faults() == []
    assert [row.name for row in desk.rows()] == ["a.pdf", "d.jpg"]
    for word in (
        "有文件未被接收",
        "其余 2 份已保存",
        "b.exe：不收这类文件",
        "c.png：内容不是 PNG",
        "e.pdf：与已上传的“a.pdf”内容相同",
    ):
        assert word in page.text, word
    tags = [entry.tag for entry in desk.entries(5)]
    assert tags == [Tag.EVIDENCE_REFUSED] * 3 + [Tag.EVIDENCE_ADDED] * 2


def test_nothing_chosen_too_many_and_bad_words_are_told(desk: Desk) -> None:
    client = desk.browser()
    assert "请选择要上传的文件" in page_of(desk.upload(client), 422).text
    assert "请选择要上传的文件" in page_of(desk.upload(client, ("", b"")), 422).text
    many = [(f"{number}.pdf", pdf()) for number in range(21)]
    assert "一次最多上传 20 份" in page_of(desk.upload(client, *many), 422).text
    page = page_of(desk.upload(client, GOOD, year="去年", criterion="x" * 300), 422)
    assert "四位年份" in page.text and "不超过 200 字" in page.text
    assert (desk.rows(), desk.kept()) == ([], [])


def test_too_much_at_once_is_told_on_the_same_page(desk: Desk) -> None:
    page = page_of(desk.upload(desk.browser(), ("a.pdf", bytes(21 * 2**20))), 413)

    assert "合计 20 MB" in page.text and "均未保存" in page.text
    assert desk.kept() == []


def test_only_this_form_may_be_large(desk: Desk) -> None:
    client = desk.browser()
    body = body_of(token_of(client), [("a.pdf", bytes(2**20))])
    assert desk.send(client, body, "/account/contacts").status_code == 413


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize(("name", "call"), [("open", 1), ("fsync", 1), ("replace", 1), ("fsync", 2), ("fsync", 3)])
def test_a_fault_of_the_disk_leaves_no_row_and_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, name: str, call: int, number: int
) -> None:
    client, count, real = desk.browser(), [0], getattr(os, name)
    body = body_of(token_of(client), [GOOD])
    desk.vault.drafts()

    def fails(*args: Any, **told: Any) -> Any:
        inside = name != "open" or str(desk.vault.folder) in str(args[0])
        # Werkzeug's own unnamed file is opened in the same folder, and is not meant here.
        count[0] += inside and not (name == "open" and os.path.isdir(args[0]))
        if inside and count[0] == call:
            count[0] += 1
            raise OSError(number, os.strerror(number))
        return real(*args, **told)

    with monkeypatch.context() as patch:
        patch.setattr(vault_module.os, name, fails)
        page = page_of(desk.send(client, body), 503)
    assert "未保存" in page.text and "没有保存任何文件" in page.text
    assert str(desk.folder) not in page.source
    assert desk.rows() == []
    assert desk.send(client, body).status_code == 303
    assert len(desk.rows()) == 1


def test_a_disk_that_does_not_even_take_the_form_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    client = desk.browser()
    body = body_of(token_of(client), [GOOD])

    def full(*_args: Any, **_told: Any) -> Any:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr(vault_module.tempfile, "TemporaryFile", full)
        assert "未保存" in page_of(desk.send(client, body), 503).text
    assert (desk.rows(), desk.kept()) == ([], [])


def test_a_full_disk_is_told_and_recovers(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    client = desk.browser()
    with monkeypatch.context() as patch:
        patch.setattr(desk.vault, "_free_bytes", lambda _place: 5)
        assert "存储空间不足" in page_of(desk.upload(client, GOOD), 503).text
    assert desk.upload(client, GOOD).status_code == 303


def test_a_database_that_refuses_leaves_a_file_without_a_row_and_nothing_else(desk: Desk) -> None:
    client = desk.browser()
    desk.app.config["PROPAGATE_EXCEPTIONS"] = False
    body = body_of(token_of(client), [GOOD])
    with desk.app.app_context(), pages.db.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER no_more BEFORE INSERT ON trail BEGIN SELECT RAISE(ABORT, 'no more'); END"
        )
    assert desk.send(client, body).status_code == 500
    assert desk.rows() == []
    # Whole, and swept a day later.
    assert [desk.vault.verify(digest) for digest in desk.kept()] == [True]


@pytest.mark.parametrize("damage", ["gone", "changed"])
def test_a_file_that_is_gone_or_was_changed_is_not_handed_out(desk: Desk, damage: str) -> None:
    client = desk.browser()
    desk.upload(client, GOOD)
    (row,) = desk.rows()
    place = desk.vault.folder / row.sha256[:2] / row.sha256
    before = desk.entries()[0].seq
    if damage == "gone":
        place.unlink()
    else:
        place.write_bytes(b"%PDF-other")
    answer = client.get(f"/evidence/{row.id}", headers={"Accept-Language": "zh"})

    assert "缺失或已损坏" in page_of(answer, 409).text
    assert "attachment" not in answer.headers.get("Content-Disposition", "")
    assert desk.entries()[0].seq == before


@pytest.mark.parametrize(
    ("outcome", "state", "status"),
    [(Outcome.CLEAN, "clean", 200), (Outcome.FOUND, "refused", 409), (Outcome.UNSCANNED, "quarantined", 409)],
)
def test_where_a_scanner_is_set_up_a_file_waits_for_its_word(
    city_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outcome: Outcome, state: str, status: int
) -> None:
    desk = open_desk(city_file, tmp_path, clamd="127.0.0.1:1")
    monkeypatch.setattr(pages, "scan", lambda _address, _file: Scanned(outcome, "Eicar"))
    client = desk.browser()
    assert desk.upload(client, GOOD).status_code == 303
    (row,) = desk.rows()
    assert row.state == state
    assert client.get(f"/evidence/{row.id}").status_code == status
    # What waited is asked about again when the firm uploads something else.
    monkeypatch.setattr(pages, "scan", lambda _address, _file: Scanned(Outcome.CLEAN))
    desk.upload(client, ("b.png", png()))
    assert [row.state for row in desk.rows()] == ["clean" if state == "quarantined" else state, "clean"]
    close_desk(desk)


def test_a_scanner_that_is_not_there_lets_nothing_through(city_file: Path, tmp_path: Path) -> None:
    desk = open_desk(city_file, tmp_path, clamd="127.0.0.1:1")
    client = desk.browser()
    assert desk.upload(client, GOOD).status_code == 303
    assert [row.state for row in desk.rows()] == ["quarantined"]
    assert "等待安全检查" in client.get(ADDRESS, headers={"Accept-Language": "zh"}).text
    close_desk(desk)
