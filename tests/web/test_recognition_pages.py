"""Pages of recognition: a list weighed, looked at again, announced; certificates handed out; everybody verifies."""

import html
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from clients import sign_in_as
from make import code
from page_reader import Page
from recognition_town import DOCUMENT, MADE_PUBLIC_TO, TODAY, RecognitionTown, close_town, open_town
from sqlalchemy import select

from registry.domain.trail import Tag
from registry.store.cases import Application
from registry.store.firms import Firm
from registry.store.recognitions import Ban, CertificateLook
from registry.store.statements import Title
from registry.store.trail import trail_page
from registry.web import verify as verify_pages

NEW = "/announcements/new?tier=specialized"


@pytest.fixture
def town(city_file: Path, tmp_path: Path) -> Iterator[RecognitionTown]:
    made = open_town(city_file, tmp_path)
    yield made
    close_town(made)


def test_the_list_says_who_waits_and_leads_to_the_form(town: RecognitionTown) -> None:
    page = town.page("city", "/announcements")

    assert "专精特新中小企业 2 家" in page.text and "还没有发布过公告" in page.text
    assert NEW in page.links
    assert "Specialized SME" in town.page("city", "/announcements", lang="en").text


def test_only_the_city_announces(town: RecognitionTown) -> None:
    for who, status in {"district": 403, "statistician": 403, "applicant": 403, "anonymous": 303}.items():
        for address in ("/announcements", NEW):
            assert town.get(who, address).status_code == status, (who, address)
    assert town.post("district", NEW, **DOCUMENT, case=town.picks(), step="decided").status_code == 403
    assert town.count(Title) == town.count(Title)


def test_the_form_shows_who_can_be_recognised_and_who_cannot_and_why(town: RecognitionTown) -> None:
    with town.rows() as session:
        case = session.get_one(Application, int(town.picks()[1].split(":")[0]))
        session.add(
            Ban(
                firm_id=case.firm_id,
                uscc=case.uscc,
                first_day=TODAY,
                last_day=TODAY + timedelta(days=9),
                cause="false_data",
                source="test",
                made_at=town.now,
                made_by="test",
            )
        )
    page = town.page("city", NEW)

    assert "2 家等待公告，其中 1 家可以认定" in page.text
    assert f"禁止申报至 {TODAY + timedelta(days=9)}" in page.text
    boxes = page.all("input", type="checkbox")
    assert ["checked" in one for one in boxes] == [True, False]
    assert ["disabled" in one for one in boxes] == [False, True]
    assert f"（{MADE_PUBLIC_TO}）之后" in page.text
    english = town.page("city", NEW, lang="en")
    assert "No application up to" in english.text


def test_what_is_decided_is_shown_once_more_and_nothing_is_done_before(town: RecognitionTown) -> None:
    first, second = town.picks()
    before = town.count(Title)
    answer = town.post("city", NEW, **DOCUMENT, case=[first])
    page = Page(answer.text)

    assert answer.status_code == 200 and page.faults() == []
    assert "将认定 1 家专精特新中小企业" in page.text
    assert "2025-11-25 至 2028-11-24" in page.text
    assert "留在待公告环节的 1 家" in page.text
    assert [one["value"] for one in page.all("input", name="case")] == [first]
    assert page.value_of("number") == DOCUMENT["number"]
    assert town.count(Title) == before
    # Back to the form: what was typed is still there.
    again = Page(town.post("city", NEW, **DOCUMENT, case=[second], step="edit").text)
    assert again.value_of("title") == DOCUMENT["title"]
    assert ["checked" in one for one in again.all("input", type="checkbox")] == [False, True]


def test_the_announcement_is_made_and_shown_to_staff_and_to_everybody(town: RecognitionTown) -> None:
    answer = town.announce()
    row = town.announcement()
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/announcements/{row.id}")
    page = town.page("city", f"/announcements/{row.id}")
    for word in (DOCUMENT["title"], DOCUMENT["number"], "QDZT2025-00001", "QDZT2025-00002", code(1), row.digest):
        assert word in page.text, word
    public = town.page("anonymous", f"/public/announcements/{row.id}")
    for word in (DOCUMENT["title"], DOCUMENT["number"], "QDZT2025-00002", code(1), code(2)):
        assert word in public.text, word
    assert town.get("anonymous", f"/public/announcements/{row.id + 1}").status_code == 404
    assert town.page("anonymous", f"/public/announcements/{row.id}", lang="en").text.count("Specialized SME") == 1
    assert "暂无" in town.page("city", "/announcements").text
    assert "没有等待公告的企业" in town.page("city", NEW).text


def test_the_list_comes_as_a_workbook_and_that_is_traced(town: RecognitionTown) -> None:
    town.announce()
    row = town.announcement()
    answer = town.get("city", f"/announcements/{row.id}.xlsx")

    assert answer.status_code == 200
    with ZipFile(BytesIO(answer.data)) as book:
        whole = "".join(book.read(name).decode("utf-8") for name in book.namelist() if name.endswith(".xml"))
    for word in (code(1), "QDZT2025-00001", "认定文号", DOCUMENT["number"]):
        assert word in html.unescape(whole), word
    with town.rows() as session:
        newest = trail_page(session, limit=1)[0]
    assert (newest.tag, newest.subject) == (Tag.DATA_EXPORTED, f"announcements/{row.id}.xlsx")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"number": ""}, "请填写认定文号"),
        ({"number": "号" * 61}, "请填写不超过 60 个字符"),
        ({"title": ""}, "请填写公告标题"),
        ({"opinion": ""}, "请填写认定意见"),
        ({"announced_on": ""}, "请填写公告日期"),
        ({"announced_on": "2025-13-01"}, "请按 2024-05-10 的格式填写日期"),
        ({"announced_on": str(TODAY + timedelta(days=1))}, "公告日期不能晚于今天"),
        ({"announced_on": str(MADE_PUBLIC_TO)}, "所选企业中有不能认定的"),
        ({"case": []}, "请至少选择一家企业"),
    ],
)
@pytest.mark.parametrize("step", ["", "decided"])
def test_what_is_wrong_is_told_by_its_field_and_nothing_is_done(
    town: RecognitionTown, changes: dict[str, object], word: str, step: str
) -> None:
    before = town.count(Title)
    answer = town.announce(step=step, **changes)
    page = Page(answer.text)

    if step == "decided" and changes == {"announced_on": str(MADE_PUBLIC_TO)}:
        assert answer.status_code == 409 and "有 2 家不能认定，未作任何办理" in page.text
    else:
        assert answer.status_code == 422 and word in page.text, page.text[:600]
    assert page.faults() == []
    assert town.count(Title) == before
    assert page.value_of("source") == ""


def test_what_changed_since_it_was_looked_at_is_not_decided(town: RecognitionTown) -> None:
    first, second = town.picks()
    stale = f"{second.split(':')[0]}:{int(second.split(':')[1]) - 1}"
    answer = town.announce(case=[first, stale])

    assert answer.status_code == 409 and "刚有变动" in answer.text
    assert town.post("city", NEW, **DOCUMENT, case=["1;drop"], step="decided").status_code == 400
    assert town.announce(case=["99999:1"]).status_code == 409
    again = town.announce()
    assert again.status_code == 303
    assert town.announce().status_code in (409, 422)


def test_a_firm_has_its_certificates_and_takes_them_as_pdf(town: RecognitionTown) -> None:
    town.announce()
    certificate = town.certificate()
    for who, status in {
        "applicant": 200,
        "delegate": 200,
        "district": 200,
        "city": 200,
        "other_applicant": 404,
        "other_district": 404,
        "auditor": 403,
        "anonymous": 303,
    }.items():
        assert town.get(who, f"/firms/{code(1)}/certificates").status_code == status, who
        assert town.get(who, f"/certificates/{certificate.id}.pdf").status_code == status, who
    page = town.page("applicant", f"/firms/{code(1)}/certificates")
    assert "QDZT2025-00002" in page.text and "有效" in page.text
    assert f"/certificates/{certificate.id}.pdf" in page.links
    assert f"/verify/{certificate.code}" in page.links
    pdf = town.get("applicant", f"/certificates/{certificate.id}.pdf")
    assert pdf.mimetype == "application/pdf" and pdf.data.startswith(b"%PDF-1.7")
    assert pdf.headers["Content-Disposition"].startswith('attachment; filename="QDZT2025-00002')
    with town.rows() as session:
        newest = trail_page(session, limit=1)[0]
    assert (newest.tag, newest.subject) == (Tag.DATA_EXPORTED, f"certificates/{certificate.id}.pdf")
    assert f"/firms/{code(1)}/certificates" in town.page("applicant", f"/firms/{code(1)}").links
    assert "还没有证书" not in page.text
    assert town.get("applicant", "/certificates/99999.pdf").status_code == 404


def test_a_name_that_the_font_lacks_a_character_of_is_told_of(town: RecognitionTown) -> None:
    with town.rows() as session:
        session.scalars(select(Firm).where(Firm.uscc == code(1))).one().name = "青岛𠀀示例有限公司"
    town.announce()
    page = town.page("applicant", f"/firms/{code(1)}/certificates")

    assert "证书字体没有“𠀀”" in page.text
    assert town.get("applicant", f"/certificates/{town.certificate().id}.pdf").data.startswith(b"%PDF-1.7")


def test_everybody_verifies_by_code_and_by_number(town: RecognitionTown) -> None:
    town.announce()
    certificate = town.certificate()
    typed = "-".join(certificate.code[at : at + 6] for at in range(0, 26, 6)).lower()
    for address in (
        f"/verify/{certificate.code}",
        f"/verify/{certificate.code.lower()}",
        f"/verify?q={typed}",
        "/verify?q=QDZT2025-00002",
        "/verify?q=%20qdzt2025-00002%20",
    ):
        page = town.page("anonymous", address)
        for word in ("有效", certificate.name, code(1), "专精特新中小企业", DOCUMENT["number"], "2028-11-24"):
            assert word in page.text, (address, word)
    assert "Specialized SME" in town.page("anonymous", f"/verify/{certificate.code}", lang="en").text
    assert town.count(CertificateLook) == 6
    # By its number nobody learns the code.
    by_number = town.get("anonymous", "/verify?q=QDZT2025-00002").text
    assert certificate.code not in by_number
    assert "凌" not in by_number and "测试" not in by_number
    browser = sign_in_as(town.app, "anonymous", town.now)
    assert browser.head(f"/verify/{certificate.code}").status_code == 200
    assert town.count(CertificateLook) == 7


def test_what_is_unknown_is_told_in_the_same_words_and_not_kept(town: RecognitionTown) -> None:
    town.announce()
    pages = []
    for unknown in ("0" * 26, "short", "🏭" * 40, "QDZT2025-00002", "x" * 5000, "a%20b"):
        page = town.page("anonymous", f"/verify/{unknown}", 404)
        assert "没有找到证书" in page.text
        pages.append(page.text)
    assert len(set(pages)) == 1
    assert "没有找到证书" in town.page("anonymous", "/verify?q=QDZT2025-00009", 404).text
    assert "证书查验" in town.page("anonymous", "/verify").text
    assert town.count(CertificateLook) == 0


def test_the_day_after_its_last_it_is_told_as_expired(town: RecognitionTown) -> None:
    town.announce()
    certificate = town.certificate()
    town.now += certificate.valid_until - TODAY
    assert "证书有效" in town.page("anonymous", f"/verify/{certificate.code}").text
    town.now += timedelta(days=1)
    page = town.page("anonymous", f"/verify/{certificate.code}")
    assert "已过期" in page.text and "有效期已于 2028-11-24 届满" in page.text


def test_a_certificate_changed_past_the_pages_is_not_confirmed(town: RecognitionTown) -> None:
    town.announce()
    certificate = town.certificate()
    with town.rows() as session:
        connection = session.connection()
        for rule in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'certificate'"
        ).scalars().all():  # fmt: skip
            connection.exec_driver_sql(f'DROP TRIGGER "{rule}"')
        connection.exec_driver_sql("UPDATE certificate SET name = '冒名有限公司' WHERE uscc = ?", (code(1),))
    page = town.page("anonymous", f"/verify/{certificate.code}")

    assert "无法证实" in page.text and "冒名有限公司" not in page.text
    assert "无法证实" in town.page("applicant", f"/firms/{code(1)}/certificates").text


def test_verifying_is_slowed_down(town: RecognitionTown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_pages, "PACE", "2 per minute")
    browser = sign_in_as(town.app, "anonymous", town.now)
    found = [browser.get(f"/verify/{'0' * 26}").status_code for _ in range(3)]

    assert found == [404, 404, 429]
    assert browser.get("/verify").status_code == 200
