"""Somebody objects on the pages for everyone: what is taken, told and kept from others."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from evidence_desk import page_of
from evidence_files import pdf, png
from hostile_files import HOSTILE as HOSTILE_FILES
from make import code
from publicity_pages import GOOD, Hall, close_hall, open_hall_of_pages
from read_pages import LIST, OBJECTING, read
from sqlalchemy import select

from registry.domain.trail import Tag
from registry.store.publicities import ObjectionFile
from registry.web import taken_files


@pytest.fixture
def hall(city_file: Path, tmp_path: Path) -> Iterator[Hall]:
    made = open_hall_of_pages(city_file, tmp_path)
    yield made
    close_hall(made)


def test_somebody_objects_and_finds_the_answer_by_his_code(hall: Hall) -> None:
    hall.make_list("city", "city1")
    stranger = hall.app.test_client()
    page = read(hall, stranger, OBJECTING)
    assert "不告知企业" in page.text
    sent = hall.upload(stranger, OBJECTING, [("依据.pdf", pdf()), ("照片.png", png())], **GOOD)
    (row,) = hall.objections()
    assert (sent.status_code, sent.headers["Location"]) == (303, f"/objections/{row.code}")
    answer = hall.get(stranger, f"/objections/{row.code}")
    page = page_of(answer, 200)
    assert page.faults() == []
    assert "待答复" in page.text and "请记下查询码" in page.text
    assert (answer.headers["Cache-Control"], answer.headers["X-Robots-Tag"]) == ("no-store", "noindex")
    for secret in GOOD.values():
        assert secret not in page.source
    grouped = "-".join(row.code[start : start + 6] for start in range(0, 26, 6))
    assert grouped in page.text
    found = stranger.get(f"/objections?code=%20{grouped.lower()}%20")
    assert (found.status_code, found.headers["Location"]) == (303, f"/objections/{row.code}")
    assert "没有这个查询码" in page_of(hall.get(stranger, "/objections?code=0000"), 404).text
    assert stranger.get(f"/objections/{'0' * 26}").status_code == 404

    city = hall.browser("city")
    place = f"/publicities/1/objections/{row.id}"
    assert "1 条待答复" in read(hall, city, "/publicities").text
    page = read(hall, city, place)
    for word in ("王大明", GOOD["grounds"], "依据.pdf", "照片.png", "显示联系方式"):
        assert word in page.text, word
    assert "13812345678" not in page.source
    wrong = page_of(hall.post(city, f"{place}/reply", reply="经核实无误", is_upheld=""), 422)
    assert "请选择异议是否成立" in wrong.text and wrong.faults() == []
    assert "不少于 5 字" in page_of(hall.post(city, f"{place}/reply", reply="无", is_upheld="no"), 422).text
    done = hall.post(city, f"{place}/reply", reply="经核实，<b>数据一致</b>。", is_upheld="no")
    assert done.status_code == 303
    assert hall.post(city, f"{place}/reply", reply="再答复一次吧", is_upheld="yes").status_code == 409
    page = read(hall, stranger, f"/objections/{row.code}", lang="en")
    assert "经核实，<b>数据一致</b>。" in page.text and "<b>数据" not in page.source
    assert "经核实" in read(hall, city, place).text


def test_the_contact_is_shown_to_the_office_of_the_list_alone_and_traced(hall: Hall) -> None:
    hall.make_list("district", "district1")
    hall.upload(hall.app.test_client(), OBJECTING, [("依据.pdf", pdf())], **GOOD)
    (row,) = hall.objections()
    place = f"/publicities/1/objections/{row.id}"
    with hall.rows() as session:
        file_id = session.scalars(select(ObjectionFile.id)).one()
    district = hall.browser("district")
    page = page_of(hall.post(district, f"{place}/reveal"), 200)
    assert "13812345678" in page.text and "本次查看已记录" in page.text and page.faults() == []
    (entry,) = hall.entries()
    assert (entry.tag, entry.subject) == (Tag.CONFIDENTIAL_REVEALED, f"objection:{row.id}")
    assert "13812345678" not in str(entry)
    taken = district.get(f"{place}/files/{file_id}")
    assert (taken.status_code, taken.data, taken.mimetype) == (200, pdf(), "application/pdf")
    assert "sandbox" in taken.headers["Content-Security-Policy"]
    assert hall.entries()[0].tag == Tag.EVIDENCE_SEEN
    assert district.head(f"{place}/files/{file_id}").data == b""
    assert district.get(f"{place}/files/{file_id + 1}").status_code == 404

    # The city looks at a district's list, but not at who objected.
    city = hall.browser("city")
    page = read(hall, city, place)
    assert GOOD["grounds"] in page.text
    for secret in ("王大明", "13812345678", "依据.pdf"):
        assert secret not in page.source
    for address in (f"{place}/reveal", f"{place}/reply", f"{place}/refuse"):
        assert hall.post(city, address, reply="经核实无误", is_upheld="no", opinion="x").status_code in (403, 404, 409)
    assert city.get(f"{place}/files/{file_id}").status_code == 404
    assert city.get("/publicities/1/entries/1/objection").status_code == 404
    for who, status in (("other_district", 404), ("applicant", 403), ("anonymous", 303)):
        client = hall.browser(who)
        for address in (place, f"{place}/files/{file_id}", "/publicities/1/entries/1/objection"):
            assert client.get(address).status_code == status, (who, address)
    assert [one.reply for one in hall.objections()] == [""]


def test_the_firm_never_reads_who_objected(hall: Hall) -> None:
    hall.make_list("city", "city1")
    hall.upload(hall.app.test_client(), OBJECTING, **GOOD)
    applicant = hall.browser("applicant")
    number = hall.cases["city1"]
    for address in ("/home", f"/applications/{number}", LIST, f"/firms/{code(1)}", f"/firms/{code(1)}/evidence"):
        answer = hall.get(applicant, address)
        for secret in (*GOOD.values(), "王大明"):
            assert secret not in answer.text, address


def test_the_last_day_is_whole_and_at_midnight_it_is_over(hall: Hall) -> None:
    hall.make_list("city", "city1")
    hall.at(2025, 12, 1, 23, 59, 59)
    stranger = hall.app.test_client()
    assert "公示中，今天截止" in read(hall, stranger, LIST).text
    assert hall.upload(stranger, OBJECTING, **GOOD).status_code == 303
    hall.at(2025, 12, 2, 0)
    page = read(hall, stranger, LIST)
    assert "已结束" in page.text and OBJECTING not in page.links
    assert "公示已于 2025-12-01 结束" in read(hall, stranger, OBJECTING).text
    assert hall.upload(stranger, OBJECTING, **GOOD).status_code == 409
    assert len(hall.objections()) == 1


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("name", "", "异议须实名提出"),
        ("name", "匿名", "不会告知企业"),
        ("contact", "", "请填写电话、邮箱或通信地址"),
        ("grounds", "太短", "不少于 10 字"),
        ("grounds", "长" * 10_000, "不超过 5000 字"),
        ("grounds", "长" * 60_000, "不超过 10000 个字符"),
        ("name", "<script>alert(1)</script>" * 30, "不超过 500 个字符"),
    ],
)
def test_what_is_missing_or_too_long_is_told_and_the_rest_stays(hall: Hall, field: str, value: str, word: str) -> None:
    hall.make_list("city", "city1")
    page = page_of(hall.upload(hall.app.test_client(), OBJECTING, **(GOOD | {field: value})), 422)

    assert page.faults() == []
    assert word in page.text
    kept = {key: text for key, text in GOOD.items() if key != field}
    assert [key for key, text in kept.items() if text not in page.source] == []
    assert hall.objections() == []


def test_html_in_what_is_said_stays_text(hall: Hall) -> None:
    hall.make_list("city", "city1")
    grounds = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    assert hall.upload(hall.app.test_client(), OBJECTING, **(GOOD | {"grounds": grounds})).status_code == 303
    page = read(hall, hall.browser("city"), "/publicities/1/objections/1")
    assert grounds in page.text and "<script>alert" not in page.source and "<img src=x" not in page.source


def test_missing_boxes_and_a_missing_token_are_refused(hall: Hall) -> None:
    hall.make_list("city", "city1")
    stranger = hall.app.test_client()
    page = page_of(hall.post(stranger, OBJECTING), 422)
    assert page.faults() == [] and "异议须实名" in page.text
    assert stranger.post(OBJECTING, data=GOOD).status_code == 400
    assert hall.upload(stranger, "/public/lists/1/9/objection", **GOOD).status_code == 404
    assert hall.objections() == []


@pytest.mark.slow
def test_hostile_files_are_told_and_nothing_is_kept(hall: Hall) -> None:
    hall.make_list("city", "city1")
    stranger = hall.app.test_client()
    chosen = ("a zip bomb", "a pdf of a bomb", "a bomb of shared words", "laughs", "a script", "a macro workbook")
    for what in (*chosen, "a path up", "a page within a pdf", "an encrypted pdf", "an embedded file", "two endings"):
        answer = hall.upload(stranger, OBJECTING, [HOSTILE_FILES[what]()], **GOOD)
        assert "次数过多" not in answer.text
        assert answer.status_code in (413, 422), what
    assert hall.objections() == []
    assert [one for one in (hall.file.parent / "files").rglob("*") if one.is_file()] == []


def test_a_bad_file_is_told_by_name_and_the_words_stay(hall: Hall) -> None:
    hall.make_list("city", "city1")
    stranger = hall.app.test_client()
    page = page_of(hall.upload(stranger, OBJECTING, [("a.pdf", pdf()), ("b.exe", b"MZ")], **GOOD), 422)
    assert "b.exe：不收这类文件" in page.text and GOOD["grounds"] in page.text and page.faults() == []
    six = [(f"{number}.pdf", pdf()) for number in range(6)]
    assert "最多附 5 份文件" in page_of(hall.upload(stranger, OBJECTING, six, **GOOD), 422).text
    large = hall.upload(stranger, OBJECTING, [("a.pdf", bytes(21 * 2**20))], **GOOD)
    page = page_of(large, 413)
    assert "异议没有提交" in page.text and page.faults() == []
    assert hall.upload(stranger, "/public/lists/9/9/objection", [("a.pdf", bytes(21 * 2**20))]).status_code == 413
    assert hall.objections() == []


def test_where_a_scanner_is_set_up_nothing_unscanned_is_kept(
    city_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = open_hall_of_pages(city_file, tmp_path, clamd="127.0.0.1:1")
    hall.make_list("city", "city1")
    stranger = hall.app.test_client()
    page = page_of(hall.upload(stranger, OBJECTING, [("a.pdf", pdf())], **GOOD), 422)
    assert "暂时无法进行安全检查" in page.text
    found = taken_files.Outcome
    for outcome, status in ((found.FOUND, 422), (found.CLEAN, 303)):
        monkeypatch.setattr(taken_files, "scan", lambda _address, _file, outcome=outcome: _Scanned(outcome))
        assert hall.upload(stranger, OBJECTING, [("a.pdf", pdf())], **GOOD).status_code == status
    close_hall(hall)


class _Scanned:
    def __init__(self, outcome: object) -> None:
        self.outcome = outcome


def test_one_address_that_objects_without_end_is_stopped(hall: Hall) -> None:
    hall.make_list("city", "city1")
    stranger = hall.app.test_client()
    for _ in range(20):
        assert hall.upload(stranger, OBJECTING, **GOOD).status_code == 303
    page = page_of(hall.upload(stranger, OBJECTING, **GOOD), 422)
    assert "次数过多" in page.text
    hall.clock.move(minutes=16)
    assert hall.upload(stranger, OBJECTING, **GOOD).status_code == 303
